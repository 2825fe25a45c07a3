//! Convolutions over all channels with a kernel of several taps.

use super::phases::Phases;
use super::product::Packed;
use super::relu6::{Bounds, Gate};
use crate::vision::conv::geometry::Axis;

/// One channel's plane and the tap of its kernel, for each column of the weights.
fn taps(inputs: usize, rows: Axis, columns: Axis, phases: &Phases) -> Vec<(usize, usize)> {
    (0..inputs * rows.kernel * columns.kernel)
        .map(|tap| {
            let (row, column) = (tap / columns.kernel % rows.kernel, tap % columns.kernel);
            (tap / columns.kernel / rows.kernel, phases.offset(row, column))
        })
        .collect()
}

/// The forward pass, with its scratch memory.
pub struct Forward {
    planes: Vec<Phases>,
    taps: Vec<(usize, usize)>,
    rows: Axis,
    columns: Axis,
}

impl Forward {
    pub fn new(inputs: usize, rows: Axis, columns: Axis) -> Self {
        let taps = taps(inputs, rows, columns, &Phases::new(rows, columns, 0));
        let planes = (0..inputs).map(|_| Phases::new(rows, columns, 0)).collect();
        Self { planes, taps, rows, columns }
    }

    /// One picture `x` [in, h, w] to `y` [out, h', w'], with weights [out, in * taps].
    pub fn run(
        &mut self,
        x: &[f32],
        weights: &Packed,
        bias: &[f32],
        bounds: Bounds,
        y: &mut [f32],
    ) {
        let size = self.rows.input * self.columns.input;
        for (plane, x) in self.planes.iter_mut().zip(x.chunks_exact(size)) {
            plane.fill(x);
        }
        let (height, width) = (self.rows.output, self.columns.output);
        for row in 0..height {
            weights.multiply(
                width,
                |tap, first, block| {
                    let (channel, offset) = self.taps[tap];
                    let plane = &self.planes[channel];
                    let from = offset + row * plane.width + first;
                    block.copy_from_slice(&plane.values()[from..from + block.len()]);
                },
                |channel, first, block| {
                    let bias = bias[channel];
                    let to = (channel * height + row) * width + first;
                    for (y, sum) in y[to..].iter_mut().zip(block) {
                        *y = bounds.clip(sum + bias);
                    }
                },
            );
        }
    }
}

/// The backward pass to the input, with its scratch memory.
pub struct InputGradient {
    planes: Vec<Phases>,
    taps: Vec<(usize, usize)>,
    rows: Axis,
    columns: Axis,
}

impl InputGradient {
    pub fn new(inputs: usize, rows: Axis, columns: Axis) -> Self {
        let Forward { planes, taps, rows, columns } = Forward::new(inputs, rows, columns);
        Self { planes, taps, rows, columns }
    }

    /// One picture's gradient `g` [out, h', w'] behind the output `y` to `dx` [in, h, w], with
    /// weights [in * taps, out].
    pub fn run(&mut self, g: &[f32], y: &[f32], gate: Gate, weights: &Packed, dx: &mut [f32]) {
        let (height, width) = (self.rows.output, self.columns.output);
        for plane in &mut self.planes {
            plane.values_mut().fill(0.0);
        }
        for row in 0..height {
            weights.multiply(
                width,
                |channel, first, block| {
                    let from = (channel * height + row) * width + first;
                    let to = from + block.len();
                    gate.pass(&g[from..to], &y[from..to], block);
                },
                |tap, first, block| {
                    let (channel, offset) = self.taps[tap];
                    let plane = &mut self.planes[channel];
                    let to = offset + row * plane.width + first;
                    for (value, sum) in plane.values_mut()[to..].iter_mut().zip(block) {
                        *value += sum;
                    }
                },
            );
        }
        let size = self.rows.input * self.columns.input;
        for (plane, dx) in self.planes.iter().zip(dx.chunks_exact_mut(size)) {
            plane.copy_to(dx);
        }
    }
}
