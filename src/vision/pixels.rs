use burn::Tensor;
use burn::tensor::{Bool, Device, Gradients, TensorData};

use super::Error;

/// A batch of pictures: f32 [n, 3, h, w], every value in [0, 1]. The only thing attacks see.
#[derive(Clone, Debug)]
pub struct PixelTensor(Tensor<4>);

impl PixelTensor {
    /// Pictures of one size from 8-bit RGB, rows from the top, three bytes a pixel, one picture
    /// after the other; how many there are follows from the number of bytes.
    ///
    /// # Errors
    /// [`Error::PictureBytes`] unless the bytes make at least one whole picture.
    pub fn from_rgb(
        rgb: &[u8],
        height: usize,
        width: usize,
        device: &Device,
    ) -> Result<Self, Error> {
        let wrong = Error::PictureBytes { width, height, found: rgb.len() };
        let plane = match height.checked_mul(width) {
            Some(plane) if plane > 0 => plane,
            _ => return Err(wrong),
        };
        if rgb.is_empty() || !rgb.len().is_multiple_of(3 * plane) {
            return Err(wrong);
        }
        let mut values = vec![0.0; rgb.len()];
        for (picture, planes) in rgb.chunks_exact(3 * plane).zip(values.chunks_exact_mut(3 * plane))
        {
            for (channel, values) in planes.chunks_exact_mut(plane).enumerate() {
                for (value, pixel) in values.iter_mut().zip(picture.chunks_exact(3)) {
                    *value = f32::from(pixel[channel]) / 255.0;
                }
            }
        }
        let shape = [rgb.len() / (3 * plane), 3, height, width];
        Ok(Self(Tensor::from_data(TensorData::new(values, shape), device)))
    }

    /// The nearest pictures to a tensor [n, 3, h, w]: values outside [0, 1] are clipped.
    pub fn clamp_from(tensor: Tensor<4>) -> Self {
        Self(tensor.clamp(0.0, 1.0))
    }

    /// The other's pictures where the mask [n, 1] says so; both are of one shape.
    pub fn replaced_where(self, mask: Tensor<2, Bool>, other: &Self) -> Self {
        let [n, ..] = self.dims();
        Self(self.0.mask_where(mask.reshape([n, 1, 1, 1]), other.0.clone()))
    }

    /// The values [n, 3, h, w].
    pub fn inner(&self) -> &Tensor<4> {
        &self.0
    }

    /// Number of pictures, channels (3), height, width.
    pub fn dims(&self) -> [usize; 4] {
        self.0.dims()
    }

    /// The same pixels as the leaf of a new graph: what is computed from them can be
    /// differentiated with respect to them, once, with [`Self::gradient`].
    pub fn tracked(&self) -> Self {
        Self(self.untracked().0.autodiff().require_grad())
    }

    /// The same pixels without any graph.
    pub fn untracked(&self) -> Self {
        if self.0.is_autodiff() { Self(self.0.clone().inner()) } else { self.clone() }
    }

    /// The gradient [n, 3, h, w] with respect to these pixels, if they are
    /// [tracked](Self::tracked) and took part in what was differentiated.
    pub fn gradient(&self, gradients: &Gradients) -> Option<Tensor<4>> {
        self.0.grad(gradients)
    }

    /// The pictures rounded to 8 bits, in the form that [`Self::from_rgb`] takes.
    ///
    /// # Errors
    /// [`Error::Device`] if the device does not answer.
    pub async fn to_rgb(&self) -> Result<Vec<u8>, Error> {
        let [n, channels, height, width] = self.dims();
        let data = self.untracked().0.into_data_async().await;
        let values: Vec<f32> = data
            .map_err(|error| Error::Device(error.to_string()))?
            .try_to_vec()
            .map_err(|error| Error::Device(format!("{error:?}")))?;
        let plane = height * width;
        let mut rgb = vec![0; n * channels * plane];
        for (picture, planes) in
            rgb.chunks_exact_mut(channels * plane).zip(values.chunks_exact(channels * plane))
        {
            for (channel, values) in planes.chunks_exact(plane).enumerate() {
                for (value, pixel) in values.iter().zip(picture.chunks_exact_mut(channels)) {
                    pixel[channel] = (value * 255.0).round() as u8;
                }
            }
        }
        Ok(rgb)
    }
}
