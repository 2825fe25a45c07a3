//! EfficientNet-B0 to B4 (Tan and Le, 2019) and Lite0, with timm's tensor names.
//!
//! The Lite network has ReLU6 where the others have SiLU, and no squeeze-and-excitation.

mod block;
mod detect;
mod scaling;

use burn::Tensor;
use burn::tensor::Device;

use super::conv::{Activation, FrozenConv2d};
use super::ends::{Normalisation, PooledLinear};
use super::loader::{ConvName, Layer, Loader};
use super::silu::silu;
use super::{Classifier, ModelSpec, PixelTensor};
use crate::weights::{Archive, Error, Padding};
use block::{Block, BlockShape};
use scaling::Sizes;

pub use detect::detect;

/// The sizes there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EfficientNetVariant {
    B0,
    B1,
    B2,
    B3,
    B4,
    /// Without squeeze-and-excitation, and with ReLU6 for SiLU, which survive int8 better.
    Lite0,
}

impl EfficientNetVariant {
    fn is_lite(self) -> bool {
        self == Self::Lite0
    }
}

/// An EfficientNet for pictures of any size and any number of classes, with batch norm folded
/// into the convolutions.
#[derive(Clone, Debug)]
pub struct EfficientNet {
    spec: ModelSpec,
    normalisation: Normalisation,
    stem: Activated,
    blocks: Vec<Block>,
    head: Activated,
    classifier: PooledLinear,
}

impl EfficientNet {
    /// Builds the network on a device from a file of weights: f32, f16, bf16 or int8 with scales,
    /// with batch norm (which is folded) or with biases in its place.
    ///
    /// # Errors
    /// Whatever [`Archive::tensor`] finds wrong with one of the tensors;
    /// [`Error::NotFinite`] also if folding a batch norm makes a weight infinite.
    pub fn load(
        variant: EfficientNetVariant,
        archive: &Archive,
        spec: &ModelSpec,
        device: &Device,
    ) -> Result<Self, Error> {
        let device = &device.clone().inner();
        let padding = spec.padding;
        let loader = Loader { archive, padding, norm_epsilon: norm_epsilon(padding), device };
        let sizes = Sizes::of(variant);
        let stem = ConvName::with_norm("conv_stem", "bn1");
        let stem = Activated::load(&loader, &stem, Layer::dense(3, sizes.stem, 3, 2), variant)?;

        let mut blocks = Vec::new();
        let mut inputs = sizes.stem;
        for (index, stage) in sizes.stages.iter().enumerate() {
            for repeat in 0..stage.repeats {
                let stride = if repeat == 0 { stage.stride } else { 1 };
                let shape = BlockShape { stage: *stage, inputs, stride };
                let name = format!("blocks.{index}.{repeat}");
                blocks.push(Block::load(&loader, &name, shape, variant)?);
                inputs = stage.channels;
            }
        }
        let head = ConvName::with_norm("conv_head", "bn2");
        let head = Activated::load(&loader, &head, Layer::pointwise(inputs, sizes.head), variant)?;
        let classes = spec.num_classes;
        let classifier = PooledLinear::load(archive, "classifier", sizes.head, classes, device)?;
        let normalisation = Normalisation::new(spec, device);
        Ok(Self { normalisation, stem, blocks, head, classifier, spec: spec.clone() })
    }
}

/// What is added to a variance in batch norm. Weights that came from TensorFlow have its padding
/// and its epsilon; those trained in PyTorch have PyTorch's.
fn norm_epsilon(padding: Padding) -> f64 {
    match padding {
        Padding::Same => 1e-3,
        Padding::Symmetric => 1e-5,
    }
}

impl Classifier for EfficientNet {
    fn logits(&self, pixels: &PixelTensor) -> Tensor<2> {
        let x = self.stem.forward(self.normalisation.forward(pixels));
        let x = self.blocks.iter().fold(x, |x, block| block.forward(x));
        self.classifier.forward(self.head.forward(x))
    }

    fn input_size(&self) -> usize {
        self.spec.input_size
    }

    fn num_classes(&self) -> usize {
        self.spec.num_classes
    }

    fn name(&self) -> &str {
        &self.spec.name
    }
}

/// A convolution and its variant's activation.
#[derive(Clone, Debug)]
struct Activated {
    conv: FrozenConv2d,
    /// Whether SiLU follows; ReLU6 is part of the convolution.
    silu: bool,
}

impl Activated {
    fn load(
        loader: &Loader<'_>,
        name: &ConvName,
        layer: Layer,
        variant: EfficientNetVariant,
    ) -> Result<Self, Error> {
        let silu = !variant.is_lite();
        let layer = if silu { layer } else { layer.then(Activation::Relu6) };
        Ok(Self { conv: loader.conv(name, layer)?, silu })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let x = self.conv.forward(x);
        if self.silu { silu(x) } else { x }
    }
}
