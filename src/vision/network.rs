use burn::Tensor;
use burn::tensor::Device;

use super::{
    Classifier, EfficientNet, EfficientNetVariant, MobileNetV2, ModelSpec, PixelTensor,
    efficientnet, mobilenet_v2,
};
use crate::weights::{Architecture, Archive, Error, Names};

/// A network of any of the architectures there are.
#[derive(Clone, Debug)]
pub enum Network {
    MobileNetV2(MobileNetV2),
    EfficientNet(EfficientNet),
}

/// What a file's tensors say about their network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detected {
    pub architecture: Architecture,
    pub names: Names,
    pub num_classes: usize,
}

impl Network {
    /// Builds the network on a device from a file of weights. EfficientNet is read by timm's
    /// names, whatever `spec` says.
    ///
    /// # Errors
    /// Those of [`MobileNetV2::load`] and [`EfficientNet::load`].
    pub fn load(
        architecture: Architecture,
        archive: &Archive,
        spec: &ModelSpec,
        device: &Device,
    ) -> Result<Self, Error> {
        let variant = match architecture {
            Architecture::MobilenetV2 => {
                return MobileNetV2::load(archive, spec, device).map(Self::MobileNetV2);
            }
            Architecture::EfficientnetB0 => EfficientNetVariant::B0,
            Architecture::EfficientnetB1 => EfficientNetVariant::B1,
            Architecture::EfficientnetB2 => EfficientNetVariant::B2,
            Architecture::EfficientnetB3 => EfficientNetVariant::B3,
            Architecture::EfficientnetB4 => EfficientNetVariant::B4,
            Architecture::EfficientnetLite0 => EfficientNetVariant::Lite0,
        };
        EfficientNet::load(variant, archive, spec, device).map(Self::EfficientNet)
    }

    /// Which network a file holds, by the names and shapes of a few of its tensors; none if it is
    /// none of those that are known. That the rest is there too only loading will tell.
    pub fn detect(archive: &Archive) -> Option<Detected> {
        if let Some((variant, num_classes)) = efficientnet::detect(archive) {
            let architecture = match variant {
                EfficientNetVariant::B0 => Architecture::EfficientnetB0,
                EfficientNetVariant::B1 => Architecture::EfficientnetB1,
                EfficientNetVariant::B2 => Architecture::EfficientnetB2,
                EfficientNetVariant::B3 => Architecture::EfficientnetB3,
                EfficientNetVariant::B4 => Architecture::EfficientnetB4,
                EfficientNetVariant::Lite0 => Architecture::EfficientnetLite0,
            };
            return Some(Detected { architecture, names: Names::Timm, num_classes });
        }
        let (names, num_classes) = mobilenet_v2::detect(archive)?;
        Some(Detected { architecture: Architecture::MobilenetV2, names, num_classes })
    }

    fn classifier(&self) -> &dyn Classifier {
        match self {
            Self::MobileNetV2(network) => network,
            Self::EfficientNet(network) => network,
        }
    }
}

impl Classifier for Network {
    fn logits(&self, pixels: &PixelTensor) -> Tensor<2> {
        self.classifier().logits(pixels)
    }

    fn input_size(&self) -> usize {
        self.classifier().input_size()
    }

    fn num_classes(&self) -> usize {
        self.classifier().num_classes()
    }

    fn name(&self) -> &str {
        self.classifier().name()
    }
}
