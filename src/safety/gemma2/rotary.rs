use burn::Tensor;
use burn::tensor::{Device, TensorData};

use crate::safety::Config;

/// Rotary position embedding (arXiv 2104.09864) for some positions, in the form that pairs each
/// entry of a vector's first half with one of its second.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// [1, 1, length, head_dim / 2]
    cosine: Tensor<4>,
    /// [1, 1, length, head_dim / 2]
    sine: Tensor<4>,
}

impl Rotation {
    /// The rotation of some positions.
    pub fn new(config: &Config, positions: &[usize], device: &Device) -> Self {
        let (length, half) = (positions.len(), config.head_dim / 2);
        let mut cosine = Vec::with_capacity(length * half);
        let mut sine = Vec::with_capacity(length * half);
        for &position in positions {
            for pair in 0..half {
                let exponent = 2.0 * pair as f64 / config.head_dim as f64;
                let angle = position as f64 / config.rope_theta.powf(exponent);
                cosine.push(angle.cos() as f32);
                sine.push(angle.sin() as f32);
            }
        }
        let shape = [1, 1, length, half];
        let tensor = |values| Tensor::from_data(TensorData::new(values, shape), device);
        Self { cosine: tensor(cosine), sine: tensor(sine) }
    }

    /// Rotates the vectors [n, heads, length, head_dim] of the positions from the one of index `from`
    /// on.
    pub fn forward(&self, x: Tensor<4>, from: usize) -> Tensor<4> {
        let [_, _, length, size] = x.dims();
        let of = |angles: &Tensor<4>| angles.clone().narrow(2, from, length);
        let (cosine, sine) = (of(&self.cosine), of(&self.sine));
        let first = x.clone().narrow(3, 0, size / 2);
        let second = x.narrow(3, size / 2, size / 2);
        let rotated_first = first.clone() * cosine.clone() - second.clone() * sine.clone();
        let rotated_second = second * cosine + first * sine;
        Tensor::cat(vec![rotated_first, rotated_second], 3)
    }
}
