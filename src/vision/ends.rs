//! The two ends that the networks here have in common: normalised pixels go in, and one linear
//! layer reads the averages of the last channels.

use burn::Tensor;
use burn::tensor::{Device, TensorData};

use super::{ModelSpec, PixelTensor};
use crate::weights::{Archive, Error};

/// `(x - mean) / std` of each channel.
#[derive(Clone, Debug)]
pub struct Normalisation {
    /// [1, 3, 1, 1]
    mean: Tensor<4>,
    /// [1, 3, 1, 1]
    inverse_std: Tensor<4>,
}

impl Normalisation {
    pub fn new(spec: &ModelSpec, device: &Device) -> Self {
        let channel = |values: [f32; 3]| {
            Tensor::from_data(TensorData::new(values.to_vec(), [1, 3, 1, 1]), device)
        };
        Self { mean: channel(spec.mean), inverse_std: channel(spec.std.map(|std| 1.0 / std)) }
    }

    /// Pictures [n, 3, h, w] as a network wants them.
    pub fn forward(&self, pixels: &PixelTensor) -> Tensor<4> {
        (pixels.inner().clone() - self.mean.clone()) * self.inverse_std.clone()
    }
}

/// Global average pooling, then a linear layer.
#[derive(Clone, Debug)]
pub struct PooledLinear {
    /// [features, classes]
    weight: Tensor<2>,
    /// [1, classes]
    bias: Tensor<2>,
}

impl PooledLinear {
    /// The layer that `name` holds, as [classes, features] and [classes].
    ///
    /// # Errors
    /// Those of [`Archive::tensor`].
    pub fn load(
        archive: &Archive,
        name: &str,
        features: usize,
        classes: usize,
        device: &Device,
    ) -> Result<Self, Error> {
        let weight = archive.tensor(&format!("{name}.weight"), &[classes, features])?;
        let bias = archive.tensor(&format!("{name}.bias"), &[classes])?;
        let weight = Tensor::<2>::from_data(TensorData::new(weight, [classes, features]), device);
        let bias = Tensor::from_data(TensorData::new(bias, [1, classes]), device);
        Ok(Self { weight: weight.transpose(), bias })
    }

    /// Channels [n, features, h, w] to logits [n, classes].
    pub fn forward(&self, x: Tensor<4>) -> Tensor<2> {
        average(x).matmul(self.weight.clone()) + self.bias.clone()
    }
}

/// The mean [n, channels] of each plane of [n, channels, h, w].
pub fn average(x: Tensor<4>) -> Tensor<2> {
    let [n, channels, height, width] = x.dims();
    x.reshape([n, channels, height * width]).mean_dim(2).reshape([n, channels])
}
