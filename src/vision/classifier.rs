use burn::Tensor;

use super::PixelTensor;

/// A network that sorts pictures into classes.
///
/// Normalisation is part of it: what goes in are pixels in [0, 1], so that an attack's epsilon
/// means the same for every model.
pub trait Classifier {
    /// Unnormalised log-probabilities [n, classes] of the pictures [n, 3, h, w].
    ///
    /// Differentiable with respect to the pixels if they are [tracked](PixelTensor::tracked); the
    /// weights never are.
    fn logits(&self, pixels: &PixelTensor) -> Tensor<2>;

    /// Side of the square that the network was trained for, in pixels.
    fn input_size(&self) -> usize;

    /// Number of classes.
    fn num_classes(&self) -> usize;

    /// What to call it in messages.
    fn name(&self) -> &str;
}
