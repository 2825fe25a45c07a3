//! The probability of a violation from two logits (`YesNoProbability` in the original).
//!
//! The logits of a whole vocabulary at every position, (1, 512, 256000), are 524 MB in f32. Of these
//! two are read: hence one hidden state for each row, and two rows of the embedding.

use burn::Tensor;

use super::Error;
use super::gemma2::{Gemma2, soft_cap};

/// The output layer, reduced to two words.
#[derive(Clone, Debug)]
pub struct YesNo {
    /// [hidden, 2]: the embeddings of “Yes” and of “No”.
    words: Tensor<2>,
    cap: Option<f64>,
}

/// The logits of the two answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Logits {
    pub yes: f32,
    pub no: f32,
}

impl YesNo {
    /// The two tokens are below the vocabulary's size.
    ///
    /// # Errors
    /// Those of [`Gemma2::rows`].
    pub fn new(network: &Gemma2, yes: u32, no: u32) -> Result<Self, Error> {
        let words = network.rows(&[yes, no])?.transpose();
        Ok(Self { words, cap: network.config().final_cap })
    }

    /// The two logits [n, 2] without the soft-cap, from the hidden states [n, length, hidden] at one
    /// position of each row: its own last one.
    pub fn raw(&self, hidden: Tensor<3>, last: &[usize]) -> Tensor<2> {
        let [_, _, size] = hidden.dims();
        let states = last.iter().enumerate().map(|(row, &position)| {
            let state = hidden.clone().narrow(0, row, 1).narrow(1, position, 1);
            state.reshape([1, size])
        });
        Tensor::<2>::cat(states.collect(), 0).matmul(self.words.clone())
    }

    /// The two logits [n, 2] with the soft-cap.
    pub fn logits(&self, hidden: Tensor<3>, last: &[usize]) -> Tensor<2> {
        self.capped(self.raw(hidden, last))
    }

    /// The soft-cap alone.
    pub fn capped(&self, raw: Tensor<2>) -> Tensor<2> {
        soft_cap(raw, self.cap)
    }
}

impl Logits {
    /// Softmax over the two: the probability of “Yes”, 0 to 1.
    pub fn p_yes(self) -> f32 {
        let gap = f64::from(self.yes) - f64::from(self.no);
        (1.0 / (1.0 + (-gap).exp())) as f32
    }

    /// Whether both are numbers.
    pub fn are_finite(self) -> bool {
        self.yes.is_finite() && self.no.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probability_is_a_softmax_over_two() {
        let p = |yes, no| Logits { yes, no }.p_yes();
        assert_eq!(p(3.0, 3.0), 0.5);
        assert!((p(1.0, 0.0) - 0.731_058_6).abs() < 1e-7);
        assert_eq!((p(1000.0, 0.0), p(0.0, 1000.0)), (1.0, 0.0));
    }
}
