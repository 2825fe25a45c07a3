//! `x * sigmoid(x)`, the activation of EfficientNet (called swish there), as one operation with
//! one pass over memory in each direction.
//!
//! It keeps its input for the backward step. That is the output of a convolution, which is kept
//! anyway, so the operation costs no memory beyond its own output.

mod autodiff;
mod cpu;
mod portable;

use burn::Tensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};

/// The two computations that a device provides. The bodies given here are made of burn's
/// operations and serve any device.
pub trait SiluKernels: Backend {
    /// `x * sigmoid(x)`.
    fn forward(x: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::forward::<Self>(x)
    }

    /// The gradient with respect to `x`, given the one with respect to the output.
    fn input_gradient(gradient: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self> {
        portable::input_gradient::<Self>(gradient, x)
    }
}

impl SiluKernels for burn::backend::Flex {
    fn forward(x: FloatTensor<Self>) -> FloatTensor<Self> {
        cpu::forward(x)
    }

    fn input_gradient(gradient: FloatTensor<Self>, x: FloatTensor<Self>) -> FloatTensor<Self> {
        cpu::input_gradient(gradient, x)
    }
}

#[cfg(feature = "webgpu")]
impl SiluKernels for burn::backend::Cube {}

/// The operation as burn's dispatch sees it, on a device or on that device with autodiff.
#[backend_extension(Flex, Cube: cfg(feature = "webgpu"), Autodiff)]
pub trait SiluOps: Backend {
    /// `x * sigmoid(x)`.
    fn silu(x: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl SiluOps for burn::backend::Flex {
    fn silu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::forward(x)
    }
}

#[cfg(feature = "webgpu")]
impl SiluOps for burn::backend::Cube {
    fn silu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::forward(x)
    }
}

/// `x * sigmoid(x)` of each value; a tensor of the same shape.
pub fn silu(x: Tensor<4>) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::silu(x.into_dispatch()))
}

#[cfg(test)]
mod tests {
    use burn::backend::Flex;
    use burn::backend::flex::FlexTensor;
    use burn::tensor::{Device, TensorData};

    use super::*;

    /// From far below to far above where f32's exponential ends, dense around 0.
    fn points() -> Vec<f32> {
        let far = [-f32::MAX, -1e4, -120.0, -88.5, -87.3, 87.3, 88.5, 120.0, 1e4, 1e30];
        (-2000..=2000).map(|i| i as f32 * 0.01).chain(far).collect()
    }

    fn tensor(values: &[f32]) -> FlexTensor {
        FlexTensor::from_data(TensorData::new(values.to_vec(), [values.len()]))
    }

    fn values(tensor: FlexTensor) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    fn sigmoid(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }

    fn assert_close(found: &[f32], expected: impl Fn(f64) -> f64, what: &str) {
        for (&found, x) in found.iter().zip(points()) {
            let expected = expected(f64::from(x));
            let error = (f64::from(found) - expected).abs();
            let allowed = 1e-6 * expected.abs() + 1e-7;
            assert!(error <= allowed, "{what} at {x}: {found} {expected}");
        }
    }

    #[test]
    fn both_kernels_follow_the_definition() {
        let (x, ones) = (points(), vec![1.0; points().len()]);
        let forward = |x: f64| x * sigmoid(x);
        let slope = |x: f64| sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x)));
        assert_close(&values(cpu::forward(tensor(&x))), forward, "cpu");
        let gradient = cpu::input_gradient(tensor(&ones), tensor(&x));
        assert_close(&values(gradient), slope, "cpu gradient");
        assert_close(&values(portable::forward::<Flex>(tensor(&x))), forward, "portable");
        let gradient = portable::input_gradient::<Flex>(tensor(&ones), tensor(&x));
        assert_close(&values(gradient), slope, "portable gradient");
    }

    #[test]
    fn nan_stays_nan() {
        assert!(values(cpu::forward(tensor(&[f32::NAN, 1.0])))[0].is_nan());
        let gradient = cpu::input_gradient(tensor(&[1.0, f32::NAN]), tensor(&[f32::NAN, 1.0]));
        assert!(values(gradient).into_iter().all(f32::is_nan));
    }

    #[test]
    fn autodiff_multiplies_by_the_slope() {
        let x = Tensor::<4>::from_data([[[[0.0_f32, 2.0]]]], &Device::flex()).autodiff();
        let x = x.require_grad();
        let gradients = (silu(x.clone()) * 3.0).sum().backward();
        let found: Vec<f32> = x.grad(&gradients).unwrap().into_data().try_to_vec().unwrap();
        let slope = sigmoid(2.0) * (1.0 + 2.0 * (1.0 - sigmoid(2.0)));
        assert!((found[0] - 1.5).abs() < 1e-6 && (f64::from(found[1]) - 3.0 * slope).abs() < 1e-5);
    }
}
