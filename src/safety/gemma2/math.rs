//! The two curves of Gemma 2 that are made of the hyperbolic tangent.

use std::f64::consts::FRAC_2_PI;

use burn::Tensor;

/// Beyond it, the tangent is 1 in f32. Some shader compilers make it of exponentials, which overflow
/// far out.
const FLAT: f64 = 10.0;

/// `cap * tanh(x / cap)`: `x` where it is small, and never beyond `cap`.
pub fn soft_cap<const D: usize>(x: Tensor<D>, cap: Option<f64>) -> Tensor<D> {
    match cap {
        Some(cap) => tanh(x / cap) * cap,
        None => x,
    }
}

/// The tanh form of GELU, which is the one that Gemma was trained with:
/// `x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))`.
pub fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let inner = (x.clone() * x.clone() * 0.044_715 + 1.0) * x.clone() * FRAC_2_PI.sqrt();
    (tanh(inner) + 1.0) * x * 0.5
}

fn tanh<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    x.clamp(-FLAT, FLAT).tanh()
}
