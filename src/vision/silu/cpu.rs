//! The activation on the CPU, as loops without calls, which the compiler turns into the machine's
//! vector instructions.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;
use burn::tensor::TensorData;

use super::portable;

/// `x * sigmoid(x)`.
pub fn forward(x: FloatTensor<Flex>) -> FloatTensor<Flex> {
    let x = x.to_contiguous();
    let Some(values) = x.as_slice::<f32>() else {
        return portable::forward::<Flex>(x);
    };
    let y: Vec<f32> = values.iter().map(|&x| x * sigmoid(x)).collect();
    FlexTensor::from_data(TensorData::new(y, x.layout().shape().clone()))
}

/// The gradient with respect to `x`.
pub fn input_gradient(gradient: FloatTensor<Flex>, x: FloatTensor<Flex>) -> FloatTensor<Flex> {
    let (gradient, x) = (gradient.to_contiguous(), x.to_contiguous());
    let (Some(g), Some(values)) = (gradient.as_slice::<f32>(), x.as_slice::<f32>()) else {
        return portable::input_gradient::<Flex>(gradient, x);
    };
    let slope = |x: f32| {
        let s = sigmoid(x);
        s + x * s * (1.0 - s)
    };
    let dx: Vec<f32> = g.iter().zip(values).map(|(&g, &x)| g * slope(x)).collect();
    FlexTensor::from_data(TensorData::new(dx, x.layout().shape().clone()))
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// `e^x` within two units in the last place between -87 and 88.3; below, the value there, and
/// above, infinity.
///
/// With `x = n ln 2 + r` and `|r| <= ln 2 / 2` it is `2^n e^r`: the first factor is an exponent
/// written into a float's bits, the second the series of the exponential up to the seventh power,
/// whose next term is below `5e-9`.
#[inline(always)]
fn exp(x: f32) -> f32 {
    /// Adding it rounds to an integer, which then stands in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    /// The upper bits of ln 2, so that `n` times it is exact, and the rest.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    // Comparisons that let NaN through, and are one vector instruction each in wasm.
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 89.0 { 89.0 } else { x };
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let mut series = 1.0 / 5040.0;
    for factorial in [720.0, 120.0, 24.0, 6.0, 2.0, 1.0, 1.0] {
        series = series * r + 1.0 / factorial;
    }
    let exponent = rounded.to_bits().wrapping_sub(ROUND.to_bits()).wrapping_add(127) << 23;
    series * f32::from_bits(exponent)
}
