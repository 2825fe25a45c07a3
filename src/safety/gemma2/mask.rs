use burn::Tensor;
use burn::tensor::{Device, TensorData};

use super::order::Order;
use crate::safety::Config;

/// Added to the score of what may not be seen. Not infinity: a row of padding sees nothing at all,
/// and its weights would be no numbers.
const HIDDEN: f32 = -1e30;

/// Which positions of a batch are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Padding {
    length: usize,
    /// Row by row.
    read: Vec<bool>,
}

impl Padding {
    /// Rows of `length` positions, one after the other: true is read. None if they are not whole
    /// rows, or one of them reads nothing.
    pub fn new(read: Vec<bool>, length: usize) -> Option<Self> {
        let whole = length > 0 && !read.is_empty() && read.len().is_multiple_of(length);
        let padding = Self { length, read };
        (whole && padding.rows().all(|row| row.contains(&true))).then_some(padding)
    }

    /// Of each row the last position that is read. Where the padding is on the right, that is the
    /// sum of the row's mask minus one; it is each row's own, never another's.
    pub fn last(&self) -> Vec<usize> {
        self.rows().map(|row| row.iter().rposition(|&read| read).unwrap_or(0)).collect()
    }

    fn rows(&self) -> impl ExactSizeIterator<Item = &[bool]> {
        self.read.chunks_exact(self.length.max(1))
    }
}

/// What is added to the scores of the layers, made once for each window there is.
pub struct Masks<'a> {
    padding: Option<&'a Padding>,
    order: &'a Order,
    /// Query heads that share a key head.
    group: usize,
    device: &'a Device,
    /// By window and first query.
    made: Vec<((Option<usize>, usize), Tensor<4>)>,
}

impl<'a> Masks<'a> {
    /// For tokens in some order, of which the earlier ones are all read.
    pub fn new(
        config: &Config,
        padding: Option<&'a Padding>,
        order: &'a Order,
        device: &'a Device,
    ) -> Self {
        let group = config.heads / config.kv_heads;
        Self { padding, order, group, device, made: Vec::new() }
    }

    /// [n, 1, group * (length - from), before + length] of a window, for the queries of the positions
    /// from the one of index `from` on; n is 1 without padding.
    pub fn of(&mut self, window: Option<usize>, from: usize) -> Tensor<4> {
        // A window that reaches everything is none.
        let window = window.filter(|&window| window < self.order.reach());
        if let Some((_, mask)) = self.made.iter().find(|(known, _)| *known == (window, from)) {
            return mask.clone();
        }
        let mask = self.make(window, from);
        self.made.push(((window, from), mask.clone()));
        mask
    }

    fn make(&self, window: Option<usize>, from: usize) -> Tensor<4> {
        let (before, length, keys) = (self.order.before(), self.order.length(), self.order.total());
        let all_read = vec![true; length];
        let rows: Vec<&[bool]> = match self.padding {
            Some(padding) => padding.rows().collect(),
            None => vec![&all_read],
        };
        let mut values = Vec::with_capacity(rows.len() * (length - from) * keys);
        for read in &rows {
            for query in before + from..keys {
                values.extend((0..keys).map(|key| {
                    let new = key.checked_sub(before);
                    let is_read = new.is_none_or(|new| read.get(new).copied().unwrap_or(false));
                    if is_read && self.order.sees(query, key, window) { 0.0 } else { HIDDEN }
                }));
            }
        }
        let data = TensorData::new(values, [rows.len(), 1, length - from, keys]);
        Tensor::<4>::from_data(data, self.device).repeat_dim(2, self.group)
    }
}
