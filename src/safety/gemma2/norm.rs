use burn::Tensor;
use burn::tensor::{Device, TensorData};

use crate::safety::{Config, Error};
use crate::weights::Archive;

/// `x / sqrt(mean(x^2) + epsilon) * (1 + weight)` over the last axis.
#[derive(Clone, Debug)]
pub struct RmsNorm {
    /// `1 + weight`, [1, 1, hidden]
    gain: Tensor<3>,
    epsilon: f64,
}

impl RmsNorm {
    /// The norm that `name` holds.
    ///
    /// # Errors
    /// Those of [`Archive::tensor`].
    pub fn load(
        name: &str,
        config: &Config,
        archive: &Archive,
        device: &Device,
    ) -> Result<Self, Error> {
        let size = config.hidden;
        let mut gain = archive.tensor(&format!("{name}.weight"), &[size])?;
        gain.iter_mut().for_each(|weight| *weight += 1.0);
        let gain = Tensor::from_data(TensorData::new(gain, [1, 1, size]), device);
        Ok(Self { gain, epsilon: config.norm_epsilon })
    }

    /// Waits until the device has it, and with it all that was sent there before.
    ///
    /// # Errors
    /// [`Error::Device`].
    pub async fn settle(&self) -> Result<(), Error> {
        let gain = self.gain.clone().into_data_async().await;
        gain.map(drop).map_err(|error| Error::Device(error.to_string()))
    }

    /// [n, length, hidden] to the same.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let mean_square = (x.clone() * x.clone()).mean_dim(2);
        x / (mean_square + self.epsilon).sqrt() * self.gain.clone()
    }
}
