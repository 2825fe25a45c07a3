use burn::backend::ops::{ConvOptions, ConvTransposeOptions};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, TensorMetadata};
use burn::tensor::{Shape, Slice};

use super::geometry::{Activation, Axis, Geometry};

fn dims<B: Backend>(tensor: &FloatTensor<B>) -> [usize; 4] {
    let shape = tensor.shape();
    [shape[0], shape[1], shape[2], shape[3]]
}

/// Whether the convolution is a matrix product over the channels of each pixel.
fn is_pointwise(weight: [usize; 4], geometry: Geometry) -> bool {
    weight[2..] == [1, 1] && geometry.stride == 1 && geometry.groups == 1
}

/// `activation(conv(x, weight) + bias)` out of burn's operations.
pub fn forward<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    geometry: Geometry,
) -> FloatTensor<B> {
    let [n, inputs, height, width] = dims::<B>(&x);
    let [outputs, _, kernel_height, kernel_width] = dims::<B>(&weight);
    let y = if is_pointwise(dims::<B>(&weight), geometry) {
        let weight = B::float_reshape(weight, Shape::new([1, outputs, inputs]));
        let weight = B::float_expand(weight, Shape::new([n, outputs, inputs]));
        let x = B::float_reshape(x, Shape::new([n, inputs, height * width]));
        let y = B::float_matmul(weight, x);
        let bias = B::float_reshape(bias, Shape::new([1, outputs, 1]));
        let y = B::float_add(y, B::float_expand(bias, y_shape(n, outputs, height * width)));
        B::float_reshape(y, Shape::new([n, outputs, height, width]))
    } else {
        let rows = geometry.axis(height, kernel_height);
        let columns = geometry.axis(width, kernel_width);
        let x = pad::<B>(x, rows, columns);
        let options = ConvOptions::new([geometry.stride; 2], [0, 0], [1, 1], geometry.groups);
        B::conv2d(x, weight, Some(bias), options)
    };
    match geometry.activation {
        Activation::Identity => y,
        Activation::Relu6 => B::float_clamp(y, 0.0.into(), 6.0.into()),
    }
}

/// The gradient with respect to the input of [`forward`] out of burn's operations.
pub fn input_gradient<B: Backend>(
    gradient: FloatTensor<B>,
    output: FloatTensor<B>,
    weight: FloatTensor<B>,
    geometry: Geometry,
    [height, width]: [usize; 2],
) -> FloatTensor<B> {
    let gradient = match geometry.activation {
        Activation::Identity => gradient,
        Activation::Relu6 => B::float_mul(gradient, inside_relu6::<B>(output)),
    };
    let [n, outputs, _, _] = dims::<B>(&gradient);
    let [_, inputs, kernel_height, kernel_width] = dims::<B>(&weight);
    if is_pointwise(dims::<B>(&weight), geometry) {
        let weight = B::float_reshape(weight, Shape::new([1, outputs, inputs]));
        let weight = B::float_swap_dims(weight, 1, 2);
        let weight = B::float_expand(weight, Shape::new([n, inputs, outputs]));
        let gradient = B::float_reshape(gradient, Shape::new([n, outputs, height * width]));
        let gradient = B::float_matmul(weight, gradient);
        return B::float_reshape(gradient, Shape::new([n, inputs, height, width]));
    }
    let rows = geometry.axis(height, kernel_height);
    let columns = geometry.axis(width, kernel_width);
    // The kernel's reach may leave pixels at the end that no output has seen; those get zeros.
    let beyond = |axis: Axis| {
        (axis.before + axis.input).saturating_sub((axis.output - 1) * axis.stride + axis.kernel)
    };
    let options = ConvTransposeOptions::new(
        [geometry.stride; 2],
        [0, 0],
        [beyond(rows), beyond(columns)],
        [1, 1],
        geometry.groups,
    );
    let whole = B::conv_transpose2d(gradient, weight, None, options);
    let channels = dims::<B>(&whole)[1];
    B::float_slice(
        whole,
        &[
            Slice::from(0..n),
            Slice::from(0..channels),
            Slice::from(rows.before..rows.before + height),
            Slice::from(columns.before..columns.before + width),
        ],
    )
}

fn y_shape(n: usize, channels: usize, pixels: usize) -> Shape {
    Shape::new([n, channels, pixels])
}

/// 1 where ReLU6 passes its input on, 0 where it is flat. At 0 and 6 themselves the gradient is 0.
fn inside_relu6<B: Backend>(output: FloatTensor<B>) -> FloatTensor<B> {
    // sign(y) is 0 or 1 because y >= 0, and sign(6 - y) likewise.
    let below = B::float_sign(output.clone());
    let above = B::float_sign(B::float_add_scalar(B::float_neg(output), 6.0.into()));
    B::float_mul(below, above)
}

fn pad<B: Backend>(x: FloatTensor<B>, rows: Axis, columns: Axis) -> FloatTensor<B> {
    let [n, channels, height, width] = dims::<B>(&x);
    let (top, bottom) = (rows.before, rows.after());
    let (left, right) = (columns.before, columns.after());
    if top + bottom + left + right == 0 {
        return x;
    }
    let shape = Shape::new([n, channels, top + height + bottom, left + width + right]);
    let zeros = B::float_zeros(shape, &x.device(), x.dtype().into());
    let inside = [
        Slice::from(0..n),
        Slice::from(0..channels),
        Slice::from(top..top + height),
        Slice::from(left..left + width),
    ];
    B::float_slice_assign(zeros, &inside, x)
}
