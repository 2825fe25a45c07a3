use burn::Tensor;
use burn::tensor::{Device, TensorData};

use crate::safety::Error;
use crate::weights::Archive;

/// A matrix without a bias.
#[derive(Clone, Debug)]
pub struct Linear {
    /// [inputs, outputs]
    weight: Tensor<2>,
}

impl Linear {
    /// The layer that `name` holds, as [outputs, inputs].
    ///
    /// # Errors
    /// Those of [`Archive::tensor`].
    pub fn load(
        name: &str,
        inputs: usize,
        outputs: usize,
        archive: &Archive,
        device: &Device,
    ) -> Result<Self, Error> {
        let shape = [outputs, inputs];
        let weight = archive.tensor(&format!("{name}.weight"), &shape)?;
        let weight = Tensor::<2>::from_data(TensorData::new(weight, shape), device);
        Ok(Self { weight: weight.transpose() })
    }

    /// [n, length, inputs] to [n, length, outputs].
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [rows, length, inputs] = x.dims();
        let [_, outputs] = self.weight.dims();
        // As one product: a batch of products would repeat the matrix.
        let y = x.reshape([rows * length, inputs]).matmul(self.weight.clone());
        y.reshape([rows, length, outputs])
    }
}
