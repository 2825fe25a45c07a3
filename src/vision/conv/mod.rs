//! A convolution with frozen weights, bias and activation, and a fast gradient for its input.
//!
//! An attack differentiates with respect to pixels and never with respect to weights. Burn's own
//! convolution keeps what it needs for all three gradients and computes the input's by a general
//! transposed convolution; this one is a single operation with only the input's gradient: a matrix
//! product with the transposed weights for a 1 x 1 kernel, and a sum over the few taps that reach
//! a pixel for a depthwise one.
//!
//! Bias and ReLU6 belong to the operation because memory traffic, not arithmetic, is what most
//! layers of a mobile network cost.

mod autodiff;
mod cpu;
mod geometry;
mod portable;

use burn::Tensor;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::{Device, TensorData};

pub use geometry::{Activation, Geometry};

/// The two computations that a device provides. The bodies given here are made of burn's
/// operations and serve any device.
pub trait FrozenConvKernels: Backend {
    /// The output [n, out, h', w'] of `x` [n, in, h, w].
    fn forward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        geometry: Geometry,
    ) -> FloatTensor<Self> {
        portable::forward::<Self>(x, weight, bias, geometry)
    }

    /// The gradient with respect to an input of `size` [h, w], given the one with respect to the
    /// output, and the output itself.
    fn input_gradient(
        gradient: FloatTensor<Self>,
        output: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        geometry: Geometry,
        size: [usize; 2],
    ) -> FloatTensor<Self> {
        portable::input_gradient::<Self>(gradient, output, weight, geometry, size)
    }
}

impl FrozenConvKernels for burn::backend::Flex {
    fn forward(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        geometry: Geometry,
    ) -> FloatTensor<Self> {
        cpu::forward(x, weight, bias, geometry)
    }

    fn input_gradient(
        gradient: FloatTensor<Self>,
        output: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        geometry: Geometry,
        size: [usize; 2],
    ) -> FloatTensor<Self> {
        cpu::input_gradient(gradient, output, weight, geometry, size)
    }
}

#[cfg(feature = "webgpu")]
impl FrozenConvKernels for burn::backend::Cube {}

/// The operation as burn's dispatch sees it, on a device or on that device with autodiff.
#[backend_extension(Flex, Cube: cfg(feature = "webgpu"), Autodiff)]
pub trait FrozenConvOps: Backend {
    /// `activation(conv(x, weight) + bias)`.
    fn frozen_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        geometry: Geometry,
    ) -> FloatTensor<Self>;
}

impl FrozenConvOps for burn::backend::Flex {
    fn frozen_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        geometry: Geometry,
    ) -> FloatTensor<Self> {
        Self::forward(x, weight, bias, geometry)
    }
}

#[cfg(feature = "webgpu")]
impl FrozenConvOps for burn::backend::Cube {
    fn frozen_conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        geometry: Geometry,
    ) -> FloatTensor<Self> {
        Self::forward(x, weight, bias, geometry)
    }
}

/// A two-dimensional convolution whose weights never change.
#[derive(Clone, Debug)]
pub struct FrozenConv2d {
    weight: Tensor<4>,
    bias: Tensor<1>,
    geometry: Geometry,
}

impl FrozenConv2d {
    /// A layer from `weight` [out, in / groups, k, k] and `bias` [out], both row-major.
    ///
    /// # Panics
    /// If the numbers of values do not agree with `shape`.
    pub fn new(
        weight: Vec<f32>,
        shape: [usize; 4],
        bias: Vec<f32>,
        geometry: Geometry,
        device: &Device,
    ) -> Self {
        let device = device.clone().inner();
        let outputs = bias.len();
        assert_eq!(shape[0], outputs, "one bias for each output channel");
        Self {
            weight: Tensor::from_data(TensorData::new(weight, shape), &device),
            bias: Tensor::from_data(TensorData::new(bias, [outputs]), &device),
            geometry,
        }
    }

    /// Input [n, in, h, w] to output [n, out, h', w'], differentiable in the input only.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        Tensor::from_dispatch(Dispatch::frozen_conv2d(
            x.into_dispatch(),
            self.weight.clone().into_dispatch(),
            self.bias.clone().into_dispatch(),
            self.geometry,
        ))
    }
}

#[cfg(test)]
mod tests {
    use burn::backend::Flex;
    use burn::backend::flex::FlexTensor;
    use proptest::prelude::*;

    use super::geometry::Axis;
    use super::*;
    use crate::weights::Padding;

    #[derive(Clone, Debug)]
    struct Case {
        n: usize,
        inputs: usize,
        outputs: usize,
        kernel: usize,
        size: [usize; 2],
        geometry: Geometry,
    }

    impl Case {
        fn axes(&self) -> [Axis; 2] {
            self.size.map(|input| self.geometry.axis(input, self.kernel))
        }

        fn weight_shape(&self) -> [usize; 4] {
            [self.outputs, self.inputs / self.geometry.groups, self.kernel, self.kernel]
        }

        fn x_shape(&self) -> [usize; 4] {
            [self.n, self.inputs, self.size[0], self.size[1]]
        }

        fn y_shape(&self) -> [usize; 4] {
            let [rows, columns] = self.axes();
            [self.n, self.outputs, rows.output, columns.output]
        }

        /// Calls `visit` with the positions in x, weight and y of every product of the sum that
        /// defines a convolution.
        fn products(&self, mut visit: impl FnMut(usize, usize, usize)) {
            let [rows, columns] = self.axes();
            let [_, per_group, _, _] = self.weight_shape();
            let outputs_per_group = self.outputs / self.geometry.groups;
            let inside = |axis: Axis, output: usize, tap: usize| {
                (output * axis.stride + tap).checked_sub(axis.before).filter(|&i| i < axis.input)
            };
            for picture in 0..self.n {
                for out in 0..self.outputs {
                    for (oy, ox) in pairs(rows.output, columns.output) {
                        let y = ((picture * self.outputs + out) * rows.output + oy)
                            * columns.output
                            + ox;
                        for member in 0..per_group {
                            let input = out / outputs_per_group * per_group + member;
                            for (ky, kx) in pairs(self.kernel, self.kernel) {
                                let (Some(iy), Some(ix)) =
                                    (inside(rows, oy, ky), inside(columns, ox, kx))
                                else {
                                    continue;
                                };
                                let x = ((picture * self.inputs + input) * rows.input + iy)
                                    * columns.input
                                    + ix;
                                let weight = ((out * per_group + member) * self.kernel + ky)
                                    * self.kernel
                                    + kx;
                                visit(x, weight, y);
                            }
                        }
                    }
                }
            }
        }

        /// The output by definition.
        fn forward(&self, x: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f32> {
            let shape = self.y_shape();
            let plane = shape[2] * shape[3];
            let mut y: Vec<f64> = (0..shape.iter().product())
                .map(|i| f64::from(bias[i / plane % self.outputs]))
                .collect();
            self.products(|i, w, o| y[o] += f64::from(x[i]) * f64::from(weight[w]));
            let relu6 = self.geometry.activation == Activation::Relu6;
            y.iter().map(|&y| (if relu6 { y.clamp(0.0, 6.0) } else { y }) as f32).collect()
        }

        /// The input's gradient by definition.
        fn input_gradient(&self, gradient: &[f32], y: &[f32], weight: &[f32]) -> Vec<f32> {
            let mut dx = vec![0.0f64; self.x_shape().iter().product()];
            let relu6 = self.geometry.activation == Activation::Relu6;
            self.products(|i, w, o| {
                if !relu6 || (y[o] > 0.0 && y[o] < 6.0) {
                    dx[i] += f64::from(gradient[o]) * f64::from(weight[w]);
                }
            });
            dx.into_iter().map(|dx| dx as f32).collect()
        }
    }

    fn pairs(a: usize, b: usize) -> impl Iterator<Item = (usize, usize)> {
        (0..a).flat_map(move |i| (0..b).map(move |j| (i, j)))
    }

    fn case() -> impl Strategy<Value = Case> {
        let kind = prop_oneof![
            (1usize..20).prop_map(|c| (c, c, true)),
            (1usize..20, 1usize..20).prop_map(|(i, o)| (i, o, false)),
        ];
        let kernel = prop_oneof![Just(1usize), Just(3), Just(5)];
        let padding = prop_oneof![Just(Padding::Same), Just(Padding::Symmetric)];
        let activation = prop_oneof![Just(Activation::Identity), Just(Activation::Relu6)];
        (1usize..3, kind, kernel, 1usize..4, [1usize..18, 1usize..18], padding, activation)
            .prop_map(
                |(n, (inputs, outputs, depthwise), kernel, stride, size, padding, activation)| {
                    let groups = if depthwise { inputs } else { 1 };
                    let geometry = Geometry { stride, padding, groups, activation };
                    Case { n, inputs, outputs, kernel, size, geometry }
                },
            )
    }

    /// Numbers in [-1, 1) from a seed.
    fn numbers(seed: u32, shape: &[usize]) -> Vec<f32> {
        let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
        (0..shape.iter().product())
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    fn primitive<const D: usize>(values: &[f32], shape: [usize; D]) -> FlexTensor {
        FlexTensor::from_data(TensorData::new(values.to_vec(), shape))
    }

    fn values(tensor: FlexTensor) -> Vec<f32> {
        tensor.into_data().try_to_vec().unwrap()
    }

    fn assert_close(found: &[f32], expected: &[f32], what: &str) {
        assert_eq!(found.len(), expected.len(), "{what}");
        for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
            let scale = expected.abs().max(1.0);
            assert!((found - expected).abs() <= 1e-4 * scale, "{what} [{i}]: {found} {expected}");
        }
    }

    proptest! {
        #[test]
        fn both_kernels_follow_the_definition(case in case(), seed: u32) {
            let x = numbers(seed, &case.x_shape());
            let weight = numbers(seed ^ 1, &case.weight_shape());
            let bias: Vec<f32> = numbers(seed ^ 2, &[case.outputs]).iter().map(|b| 4.0 * b).collect();
            let expected = case.forward(&x, &weight, &bias);
            let tensors = || (
                primitive(&x, case.x_shape()),
                primitive(&weight, case.weight_shape()),
                primitive(&bias, [case.outputs]),
            );
            let (tx, tw, tb) = tensors();
            assert_close(&values(cpu::forward(tx, tw, tb, case.geometry)), &expected, "cpu");
            let (tx, tw, tb) = tensors();
            let portable = portable::forward::<Flex>(tx, tw, tb, case.geometry);
            assert_close(&values(portable), &expected, "portable");

            let gradient = numbers(seed ^ 3, &case.y_shape());
            let expected_dx = case.input_gradient(&gradient, &expected, &weight);
            let tensors = || (
                primitive(&gradient, case.y_shape()),
                primitive(&expected, case.y_shape()),
                primitive(&weight, case.weight_shape()),
            );
            let (tg, ty, tw) = tensors();
            let dx = cpu::input_gradient(tg, ty, tw, case.geometry, case.size);
            assert_close(&values(dx), &expected_dx, "cpu gradient");
            let (tg, ty, tw) = tensors();
            let dx = portable::input_gradient::<Flex>(tg, ty, tw, case.geometry, case.size);
            assert_close(&values(dx), &expected_dx, "portable gradient");
        }
    }

    #[test]
    fn autodiff_reaches_the_input_and_nothing_else() {
        let device = Device::flex();
        let geometry = Geometry {
            stride: 1,
            padding: Padding::Symmetric,
            groups: 1,
            activation: Activation::Identity,
        };
        let layer = FrozenConv2d::new(vec![2.0, 3.0], [1, 2, 1, 1], vec![1.0], geometry, &device);
        let plain = Tensor::<4>::ones([1, 2, 2, 2], &device);
        assert!(!layer.forward(plain.clone()).is_autodiff());
        let x = plain.autodiff().require_grad();
        let y = layer.forward(x.clone());
        let gradients = (y.clone() * y).sum().backward();
        let gradient: Vec<f32> = x.grad(&gradients).unwrap().into_data().try_to_vec().unwrap();
        // d/dx of (2a + 3b + 1)^2 at a = b = 1 is 12 * (2, 3).
        assert_eq!(gradient, [24.0, 24.0, 24.0, 24.0, 36.0, 36.0, 36.0, 36.0]);
        assert!(!layer.weight.is_require_grad());
    }
}
