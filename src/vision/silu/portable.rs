use burn::backend::Backend;
use burn::backend::tensor::FloatTensor;

/// `x * sigmoid(x)` out of burn's operations.
pub fn forward<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    B::float_mul(x.clone(), B::sigmoid(x))
}

/// The gradient with respect to `x` out of burn's operations: with `s = sigmoid(x)`, the slope is
/// `s + x * s * (1 - s)`.
pub fn input_gradient<B: Backend>(gradient: FloatTensor<B>, x: FloatTensor<B>) -> FloatTensor<B> {
    let s = B::sigmoid(x.clone());
    let rest = B::float_add_scalar(B::float_neg(s.clone()), 1.0.into());
    let bend = B::float_mul(x, B::float_mul(s.clone(), rest));
    B::float_mul(gradient, B::float_add(s, bend))
}
