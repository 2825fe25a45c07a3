use std::rc::Rc;

use burn::Tensor;
use burn::tensor::{Device, TensorData};

use super::packed::quantised;
use crate::safety::Error;
use crate::weights::{Archive, Packed};

/// A matrix without a bias.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Weight,
    outputs: usize,
}

#[derive(Clone, Debug)]
enum Weight {
    /// [inputs, outputs], f32.
    Unpacked(Tensor<2>),
    /// [outputs, inputs], quantised.
    Packed(Tensor<2>),
    /// Read whenever it is needed, as [outputs, inputs].
    Streamed { archive: Rc<Archive>, name: String, inputs: usize, device: Device },
}

impl Linear {
    /// One whose weight is on the device as f32.
    ///
    /// # Errors
    /// Those of [`Archive::tensor`].
    pub fn unpacked(
        archive: &Archive,
        name: &str,
        shape: [usize; 2],
        device: &Device,
    ) -> Result<Self, Error> {
        let [outputs, _] = shape;
        let weight = TensorData::new(archive.tensor(name, &shape)?, shape);
        let weight = Tensor::<2>::from_data(weight, device).transpose();
        Ok(Self { weight: Weight::Unpacked(weight), outputs })
    }

    /// One whose weight is on the device as it is stored, or as f32 where that is how it is stored.
    ///
    /// # Errors
    /// Those of [`Archive::packed`] and [`Archive::tensor`].
    pub fn packed(
        archive: &Archive,
        name: &str,
        shape: [usize; 2],
        device: &Device,
    ) -> Result<Self, Error> {
        match archive.packed(name, shape)? {
            Some(packed) => Ok(Self::of_packed(&packed, shape, device)),
            None => Self::unpacked(archive, name, shape, device),
        }
    }

    /// One of which nothing but the packed matrix is there.
    pub fn of_packed(packed: &Packed, shape: [usize; 2], device: &Device) -> Self {
        let weight = Tensor::from_data(quantised(packed, shape), device);
        Self { weight: Weight::Packed(weight), outputs: shape[0] }
    }

    /// One that stays where it is.
    ///
    /// # Errors
    /// If it is missing, or not of that shape as far as the header says.
    pub fn streamed(
        archive: Rc<Archive>,
        name: String,
        [outputs, inputs]: [usize; 2],
        device: &Device,
    ) -> Result<Self, Error> {
        // One row, so that a file of another network is refused now and not halfway through.
        archive.rows(&name, [outputs, inputs], &[0])?;
        let device = device.clone();
        Ok(Self { weight: Weight::Streamed { archive, name, inputs, device }, outputs })
    }

    /// [n, length, inputs] to [n, length, outputs].
    ///
    /// # Errors
    /// Those of [`Archive::tensor`], where the matrix is read now.
    pub fn forward(&self, x: Tensor<3>) -> Result<Tensor<3>, Error> {
        let [rows, length, inputs] = x.dims();
        // As one product: a batch of products would repeat the matrix.
        let x = x.reshape([rows * length, inputs]);
        let y = match &self.weight {
            Weight::Unpacked(weight) => x.matmul(weight.clone()),
            // Not turned over itself: some devices would have to quantise it anew for that.
            Weight::Packed(weight) => weight.clone().matmul(x.transpose()).transpose(),
            Weight::Streamed { archive, name, inputs, device } => {
                let shape = [self.outputs, *inputs];
                let weight = TensorData::new(archive.tensor(name, &shape)?, shape);
                x.matmul(Tensor::<2>::from_data(weight, device).transpose())
            }
        };
        Ok(y.reshape([rows, length, self.outputs]))
    }
}
