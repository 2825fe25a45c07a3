use burn::Tensor;
use burn::tensor::Device;

use super::conv::{Activation, FrozenConv2d};
use super::ends::{Normalisation, PooledLinear};
use super::loader::{ConvName, Layer, Loader};
use super::{Classifier, ModelSpec, PixelTensor};
use crate::weights::{Archive, Error, Names};

/// Expansion, output channels, repeats, stride of the first repeat: table 2 of Sandler et al.,
/// "MobileNetV2: Inverted Residuals and Linear Bottlenecks" (2018).
const STAGES: [(usize, usize, usize, usize); 7] = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
];
/// Channels after the first convolution.
const STEM: usize = 32;
/// Channels that the classifier reads.
const HEAD: usize = 1280;
/// What both torchvision and timm add to a variance in batch norm.
const BATCH_NORM_EPSILON: f64 = 1e-5;

/// MobileNetV2 with width 1.0 (Sandler et al., 2018), for pictures of any size and any number of
/// classes, with batch norm folded into the convolutions.
#[derive(Clone, Debug)]
pub struct MobileNetV2 {
    spec: ModelSpec,
    normalisation: Normalisation,
    stem: FrozenConv2d,
    blocks: Vec<InvertedResidual>,
    head: FrozenConv2d,
    classifier: PooledLinear,
}

/// Expand (1 x 1), filter (3 x 3 depthwise), project (1 x 1, linear), and add where shapes allow.
#[derive(Clone, Debug)]
struct InvertedResidual {
    expand: Option<FrozenConv2d>,
    depthwise: FrozenConv2d,
    project: FrozenConv2d,
    residual: bool,
}

impl InvertedResidual {
    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let shortcut = self.residual.then(|| x.clone());
        let x = match &self.expand {
            Some(expand) => expand.forward(x),
            None => x,
        };
        let x = self.project.forward(self.depthwise.forward(x));
        match shortcut {
            Some(shortcut) => x + shortcut,
            None => x,
        }
    }
}

/// Whose tensor names a file uses, if it is a MobileNetV2 at all, and how many classes it has.
pub fn detect(archive: &Archive) -> Option<(Names, usize)> {
    // An EfficientNet by timm's names begins and ends alike, but filters 5 x 5 here.
    if let Some([.., 5, 5]) = archive.shape("blocks.2.0.conv_dw.weight") {
        return None;
    }
    [Names::Torchvision, Names::Timm].into_iter().find_map(|names| {
        let layers = TensorNames(names);
        archive.shape(&format!("{}.weight", layers.stem().conv))?;
        match archive.shape(&format!("{}.weight", layers.classifier()))? {
            [classes, HEAD] => Some((names, *classes)),
            _ => None,
        }
    })
}

impl MobileNetV2 {
    /// Builds the network on a device from a file of weights: f32, f16, bf16 or int8 with scales,
    /// with batch norm (which is folded) or with biases in its place.
    ///
    /// # Errors
    /// Whatever [`Archive::tensor`] finds wrong with one of the tensors;
    /// [`Error::NotFinite`] also if folding a batch norm makes a weight infinite.
    pub fn load(archive: &Archive, spec: &ModelSpec, device: &Device) -> Result<Self, Error> {
        let device = &device.clone().inner();
        let padding = spec.padding;
        let loader = Loader { archive, padding, norm_epsilon: BATCH_NORM_EPSILON, device };
        let names = TensorNames(spec.names);
        let relu6 = |layer: Layer| layer.then(Activation::Relu6);
        let stem = loader.conv(&names.stem(), relu6(Layer::dense(3, STEM, 3, 2)))?;

        let mut blocks = Vec::new();
        let mut channels = STEM;
        for (stage, &(expansion, outputs, repeats, stride)) in STAGES.iter().enumerate() {
            for repeat in 0..repeats {
                let names = names.block(stage, repeat, blocks.len());
                let stride = if repeat == 0 { stride } else { 1 };
                let hidden = channels * expansion;
                let expand = relu6(Layer::pointwise(channels, hidden));
                let depthwise = relu6(Layer::depthwise(hidden, 3, stride));
                blocks.push(InvertedResidual {
                    expand: match &names.expand {
                        Some(name) => Some(loader.conv(name, expand)?),
                        None => None,
                    },
                    depthwise: loader.conv(&names.depthwise, depthwise)?,
                    project: loader.conv(&names.project, Layer::pointwise(hidden, outputs))?,
                    residual: stride == 1 && channels == outputs,
                });
                channels = outputs;
            }
        }
        let head = loader.conv(&names.head(), relu6(Layer::pointwise(channels, HEAD)))?;
        let classes = spec.num_classes;
        let classifier = PooledLinear::load(archive, names.classifier(), HEAD, classes, device)?;
        let normalisation = Normalisation::new(spec, device);
        Ok(Self { normalisation, stem, blocks, head, classifier, spec: spec.clone() })
    }
}

impl Classifier for MobileNetV2 {
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

struct BlockNames {
    /// None where nothing is expanded.
    expand: Option<ConvName>,
    depthwise: ConvName,
    project: ConvName,
}

/// The layers' names in one of the two libraries.
#[derive(Clone, Copy)]
struct TensorNames(Names);

impl TensorNames {
    fn stem(self) -> ConvName {
        match self.0 {
            Names::Torchvision => consecutive("features.0", 0),
            Names::Timm => ConvName::with_norm("conv_stem", "bn1"),
        }
    }

    fn head(self) -> ConvName {
        match self.0 {
            Names::Torchvision => consecutive("features.18", 0),
            Names::Timm => ConvName::with_norm("conv_head", "bn2"),
        }
    }

    fn classifier(self) -> &'static str {
        match self.0 {
            Names::Torchvision => "classifier.1",
            Names::Timm => "classifier",
        }
    }

    /// `stage` and `repeat` count as in the paper's table from 0, `index` counts all blocks.
    fn block(self, stage: usize, repeat: usize, index: usize) -> BlockNames {
        let expands = STAGES[stage].0 != 1;
        match self.0 {
            Names::Torchvision => {
                let block = format!("features.{}.conv", index + 1);
                let first = usize::from(expands);
                BlockNames {
                    expand: expands.then(|| consecutive(&format!("{block}.0"), 0)),
                    depthwise: consecutive(&format!("{block}.{first}"), 0),
                    project: consecutive(&block, first + 1),
                }
            }
            Names::Timm => {
                let block = format!("blocks.{stage}.{repeat}");
                let name = |conv: &str, norm: usize| {
                    ConvName::with_norm(format!("{block}.{conv}"), format!("{block}.bn{norm}"))
                };
                if expands {
                    BlockNames {
                        expand: Some(name("conv_pw", 1)),
                        depthwise: name("conv_dw", 2),
                        project: name("conv_pwl", 3),
                    }
                } else {
                    BlockNames {
                        expand: None,
                        depthwise: name("conv_dw", 1),
                        project: name("conv_pw", 2),
                    }
                }
            }
        }
    }
}

/// torchvision keeps a norm as the child after its convolution.
fn consecutive(parent: &str, child: usize) -> ConvName {
    ConvName::with_norm(format!("{parent}.{child}"), format!("{parent}.{}", child + 1))
}
