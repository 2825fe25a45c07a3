//! Convolutions of each channel with a kernel of its own.

use super::phases::Phases;
use super::relu6::{Bounds, Gate};
use super::taps::{self, Tap};
use crate::vision::conv::geometry::Axis;

/// The forward pass, with its scratch memory.
pub struct Forward {
    input: Phases,
    sums: Vec<f32>,
    output_width: usize,
    offsets: Vec<usize>,
}

impl Forward {
    pub fn new(rows: Axis, columns: Axis) -> Self {
        let input = Phases::new(rows, columns, 0);
        let offsets = (0..rows.kernel * columns.kernel)
            .map(|tap| input.offset(tap / columns.kernel, tap % columns.kernel))
            .collect();
        let sums = vec![0.0; input.span()];
        Self { input, sums, output_width: columns.output, offsets }
    }

    /// One picture `x` [channels, h, w] to `y` [channels, h', w'], with weights [channels, taps].
    pub fn run(&mut self, x: &[f32], weight: &[f32], bias: &[f32], bounds: Bounds, y: &mut [f32]) {
        let channels = bias.len();
        let planes = x.chunks_exact(x.len() / channels).zip(y.chunks_exact_mut(y.len() / channels));
        let weights = weight.chunks_exact(self.offsets.len());
        let mut taps: Vec<Tap> = Vec::with_capacity(self.offsets.len());
        for (((x, y), weights), &bias) in planes.zip(weights).zip(bias) {
            self.input.fill(x);
            taps.clear();
            taps.extend(self.offsets.iter().copied().zip(weights.iter().copied()));
            taps::sum(self.input.values(), &taps, bias, &mut self.sums);
            let rows = self.sums.chunks(self.input.width);
            for (y, sums) in y.chunks_exact_mut(self.output_width).zip(rows) {
                for (y, &sum) in y.iter_mut().zip(sums) {
                    *y = bounds.clip(sum);
                }
            }
        }
    }
}

/// The backward pass to the input, with its scratch memory.
///
/// Pixel `i` of the input, at `i + before = stride * a + r`, gets `weight[t]` of the gradient at
/// `a - t / stride` for each tap `t` with `t % stride == r`: for each remainder a small
/// convolution with stride 1.
pub struct InputGradient {
    /// The gradient with zeros around, in rows as long as those of `input`.
    gradient: Vec<f32>,
    /// Zeros before the gradient's first row and column.
    lead: [usize; 2],
    input: Phases,
    rows: Axis,
    columns: Axis,
}

impl InputGradient {
    pub fn new(rows: Axis, columns: Axis) -> Self {
        let lead = [(rows.kernel - 1) / rows.stride, (columns.kernel - 1) / columns.stride];
        let input = Phases::new(rows, columns, lead[1]);
        let gradient = vec![0.0; (input.height + lead[0]) * input.width];
        Self { gradient, lead, input, rows, columns }
    }

    /// One picture's gradient `g` [channels, h', w'] behind the output `y` to `dx` [channels, h,
    /// w], with weights [channels, taps].
    pub fn run(&mut self, g: &[f32], y: &[f32], gate: Gate, weight: &[f32], dx: &mut [f32]) {
        let plane = self.rows.output * self.columns.output;
        let planes = g.chunks_exact(plane).zip(y.chunks_exact(plane));
        let weights = weight.chunks_exact(self.rows.kernel * self.columns.kernel);
        let dx = dx.chunks_exact_mut(self.rows.input * self.columns.input);
        for (((g, y), weights), dx) in planes.zip(weights).zip(dx) {
            self.take(g, y, gate);
            self.spread(weights);
            self.input.copy_to(dx);
        }
    }

    fn take(&mut self, g: &[f32], y: &[f32], gate: Gate) {
        let columns = self.columns.output;
        let rows = self.gradient.chunks_exact_mut(self.input.width).skip(self.lead[0]);
        let lines = g.chunks_exact(columns).zip(y.chunks_exact(columns));
        for (row, (g, y)) in rows.zip(lines) {
            gate.pass(g, y, &mut row[self.lead[1]..self.lead[1] + columns]);
        }
    }

    fn spread(&mut self, weights: &[f32]) {
        let (row_stride, column_stride) = (self.rows.stride, self.columns.stride);
        let mut taps: Vec<Tap> = Vec::with_capacity(weights.len());
        for remainder in 0..row_stride * column_stride {
            let (top, left) = (remainder / column_stride, remainder % column_stride);
            taps.clear();
            for row in (top..self.rows.kernel).step_by(row_stride) {
                for column in (left..self.columns.kernel).step_by(column_stride) {
                    let up = self.lead[0] - row / row_stride;
                    let back = self.lead[1] - column / column_stride;
                    let weight = weights[row * self.columns.kernel + column];
                    taps.push((up * self.input.width + back, weight));
                }
            }
            taps::sum(&self.gradient, &taps, 0.0, self.input.part_mut(remainder));
        }
    }
}
