//! The convolution on the CPU, with kernels that work on slices of f32.
//!
//! Written as plain loops over fixed-size blocks, which the compiler turns into the machine's
//! vector instructions, wasm's among them. Everything is in NCHW order, one picture at a time.

mod dense;
mod depthwise;
mod phases;
mod pointwise;
mod product;
mod relu6;
mod taps;

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::tensor::TensorData;

use super::portable;
use super::{Activation, Geometry};
use relu6::{Bounds, Gate};

/// What is needed of a layer's shape.
struct Shape {
    inputs: usize,
    outputs: usize,
    kernel: [usize; 2],
    geometry: Geometry,
}

enum Kind {
    Pointwise,
    Depthwise,
    Dense,
    /// Anything else: groups of several channels.
    Other,
}

impl Shape {
    fn new(weight: &FlexTensor, geometry: Geometry) -> Self {
        let shape = weight.layout().shape();
        let inputs = shape[1] * geometry.groups;
        Self { inputs, outputs: shape[0], kernel: [shape[2], shape[3]], geometry }
    }

    fn kind(&self) -> Kind {
        let Geometry { stride, groups, .. } = self.geometry;
        match (self.kernel, groups) {
            ([1, 1], 1) if stride == 1 => Kind::Pointwise,
            (_, 1) => Kind::Dense,
            _ if groups == self.inputs && groups == self.outputs => Kind::Depthwise,
            _ => Kind::Other,
        }
    }
}

/// `activation(conv(x, weight) + bias)`.
pub fn forward(
    x: FloatTensor<Flex>,
    weight: FloatTensor<Flex>,
    bias: FloatTensor<Flex>,
    geometry: Geometry,
) -> FloatTensor<Flex> {
    let layer = Shape::new(&weight, geometry);
    let (x, weight, bias) = (x.to_contiguous(), weight.to_contiguous(), bias.to_contiguous());
    let (Some(values), Some(w), Some(b)) =
        (x.as_slice::<f32>(), weight.as_slice::<f32>(), bias.as_slice::<f32>())
    else {
        return portable::forward::<Flex>(x, weight, bias, geometry);
    };
    let shape = x.layout().shape();
    let (n, height, width) = (shape[0], shape[2], shape[3]);
    let rows = geometry.axis(height, layer.kernel[0]);
    let columns = geometry.axis(width, layer.kernel[1]);
    let bounds = match geometry.activation {
        Activation::Identity => Bounds::NONE,
        Activation::Relu6 => Bounds::RELU6,
    };
    let mut y = vec![0.0; n * layer.outputs * rows.output * columns.output];
    let pictures = values
        .chunks_exact(layer.inputs * height * width)
        .zip(y.chunks_exact_mut(layer.outputs * rows.output * columns.output));
    match layer.kind() {
        Kind::Pointwise => {
            let weights = product::Packed::rows(w, layer.outputs, layer.inputs);
            pictures.for_each(|(x, y)| pointwise::forward(x, &weights, b, bounds, y));
        }
        Kind::Depthwise => {
            let mut scratch = depthwise::Forward::new(rows, columns);
            pictures.for_each(|(x, y)| scratch.run(x, w, b, bounds, y));
        }
        Kind::Dense => {
            let taps = layer.inputs * layer.kernel[0] * layer.kernel[1];
            let weights = product::Packed::rows(w, layer.outputs, taps);
            let mut scratch = dense::Forward::new(layer.inputs, rows, columns);
            pictures.for_each(|(x, y)| scratch.run(x, &weights, b, bounds, y));
        }
        Kind::Other => return portable::forward::<Flex>(x, weight, bias, geometry),
    }
    tensor(y, [n, layer.outputs, rows.output, columns.output])
}

/// The gradient with respect to the input of [`forward`].
pub fn input_gradient(
    gradient: FloatTensor<Flex>,
    output: FloatTensor<Flex>,
    weight: FloatTensor<Flex>,
    geometry: Geometry,
    size: [usize; 2],
) -> FloatTensor<Flex> {
    let layer = Shape::new(&weight, geometry);
    let gradient = gradient.to_contiguous();
    let (output, weight) = (output.to_contiguous(), weight.to_contiguous());
    let (Some(g), Some(y), Some(w)) =
        (gradient.as_slice::<f32>(), output.as_slice::<f32>(), weight.as_slice::<f32>())
    else {
        return portable::input_gradient::<Flex>(gradient, output, weight, geometry, size);
    };
    let n = gradient.layout().shape()[0];
    let [height, width] = size;
    let rows = geometry.axis(height, layer.kernel[0]);
    let columns = geometry.axis(width, layer.kernel[1]);
    let gate = match geometry.activation {
        Activation::Identity => Gate::Open,
        Activation::Relu6 => Gate::Relu6,
    };
    let mut dx = vec![0.0; n * layer.inputs * height * width];
    let outputs = layer.outputs * rows.output * columns.output;
    let pictures = g
        .chunks_exact(outputs)
        .zip(y.chunks_exact(outputs))
        .zip(dx.chunks_exact_mut(layer.inputs * height * width));
    match layer.kind() {
        Kind::Pointwise => {
            let weights = product::Packed::columns(w, layer.outputs, layer.inputs);
            pictures.for_each(|((g, y), dx)| {
                pointwise::input_gradient(g, y, gate, &weights, dx);
            });
        }
        Kind::Depthwise => {
            let mut scratch = depthwise::InputGradient::new(rows, columns);
            pictures.for_each(|((g, y), dx)| scratch.run(g, y, gate, w, dx));
        }
        Kind::Dense => {
            let taps = layer.inputs * layer.kernel[0] * layer.kernel[1];
            let weights = product::Packed::columns(w, layer.outputs, taps);
            let mut scratch = dense::InputGradient::new(layer.inputs, rows, columns);
            pictures.for_each(|((g, y), dx)| scratch.run(g, y, gate, &weights, dx));
        }
        Kind::Other => {
            return portable::input_gradient::<Flex>(gradient, output, weight, geometry, size);
        }
    }
    tensor(dx, [n, layer.inputs, height, width])
}

fn tensor(values: Vec<f32>, shape: [usize; 4]) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
