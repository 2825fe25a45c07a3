//! 1 x 1 convolutions: a matrix product over the channels of each pixel.

use super::product::Packed;
use super::relu6::{Bounds, Gate};

/// One picture `x` [in, pixels] to `y` [out, pixels], with weights [out, in].
pub fn forward(x: &[f32], weights: &Packed, bias: &[f32], bounds: Bounds, y: &mut [f32]) {
    let pixels = y.len() / bias.len();
    weights.multiply(
        pixels,
        |channel, first, block| {
            block.copy_from_slice(&x[channel * pixels + first..][..block.len()]);
        },
        |channel, first, block| {
            let bias = bias[channel];
            for (y, sum) in y[channel * pixels + first..].iter_mut().zip(block) {
                *y = bounds.clip(sum + bias);
            }
        },
    );
}

/// One picture's gradient `g` [out, pixels] behind the output `y` to `dx` [in, pixels], with
/// weights [in, out].
pub fn input_gradient(g: &[f32], y: &[f32], gate: Gate, weights: &Packed, dx: &mut [f32]) {
    let pixels = g.len() / weights.depth();
    weights.multiply(
        pixels,
        |channel, first, block| {
            let from = channel * pixels + first;
            let to = from + block.len();
            gate.pass(&g[from..to], &y[from..to], block);
        },
        |channel, first, block| {
            dx[channel * pixels + first..][..block.len()].copy_from_slice(block);
        },
    );
}
