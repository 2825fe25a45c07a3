use burn::Tensor;
use burn::tensor::{Device, TensorData};

use super::conv::{Activation, FrozenConv2d, Geometry};
use super::{Classifier, PixelTensor};
use crate::weights::{Archive, Error, Names, Padding};

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

/// What a file of weights does not say about its network.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSpec {
    /// What to call it in messages.
    pub name: String,
    pub names: Names,
    pub padding: Padding,
    /// Subtracted from each channel of a picture in [0, 1].
    pub mean: [f32; 3],
    /// Each channel is then divided by this; not zero.
    pub std: [f32; 3],
    pub num_classes: usize,
    /// Side of the square that the network was trained for, in pixels.
    pub input_size: usize,
}

/// MobileNetV2 with width 1.0 (Sandler et al., 2018), for pictures of any size and any number of
/// classes, with batch norm folded into the convolutions.
#[derive(Clone, Debug)]
pub struct MobileNetV2 {
    spec: ModelSpec,
    mean: Tensor<4>,
    inverse_std: Tensor<4>,
    stem: FrozenConv2d,
    blocks: Vec<InvertedResidual>,
    head: FrozenConv2d,
    /// [1280, classes]
    classifier_weight: Tensor<2>,
    /// [1, classes]
    classifier_bias: Tensor<2>,
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
pub fn detect_names(archive: &Archive) -> Option<(Names, usize)> {
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
        let device = device.clone().inner();
        let loader = Loader { archive, padding: spec.padding, device: &device };
        let names = TensorNames(spec.names);
        let stem = loader.conv(&names.stem(), Kind::Dense { inputs: 3, stride: 2 }, STEM)?;

        let mut blocks = Vec::new();
        let mut channels = STEM;
        for (stage, &(expansion, outputs, repeats, stride)) in STAGES.iter().enumerate() {
            for repeat in 0..repeats {
                let names = names.block(stage, repeat, blocks.len());
                let stride = if repeat == 0 { stride } else { 1 };
                let hidden = channels * expansion;
                let expand = match &names.expand {
                    Some(name) => {
                        Some(loader.conv(name, Kind::Pointwise { inputs: channels }, hidden)?)
                    }
                    None => None,
                };
                blocks.push(InvertedResidual {
                    expand,
                    depthwise: loader.conv(&names.depthwise, Kind::Depthwise { stride }, hidden)?,
                    project: loader.conv(
                        &names.project,
                        Kind::Linear { inputs: hidden },
                        outputs,
                    )?,
                    residual: stride == 1 && channels == outputs,
                });
                channels = outputs;
            }
        }
        let head = loader.conv(&names.head(), Kind::Pointwise { inputs: channels }, HEAD)?;

        let classes = spec.num_classes;
        let weight = archive.tensor(&format!("{}.weight", names.classifier()), &[classes, HEAD])?;
        let bias = archive.tensor(&format!("{}.bias", names.classifier()), &[classes])?;
        let weight = Tensor::<2>::from_data(TensorData::new(weight, [classes, HEAD]), &device);
        let channel = |values: [f32; 3]| {
            Tensor::from_data(TensorData::new(values.to_vec(), [1, 3, 1, 1]), &device)
        };
        Ok(Self {
            mean: channel(spec.mean),
            inverse_std: channel(spec.std.map(|std| 1.0 / std)),
            stem,
            blocks,
            head,
            classifier_weight: weight.transpose(),
            classifier_bias: Tensor::from_data(TensorData::new(bias, [1, classes]), &device),
            spec: spec.clone(),
        })
    }

    /// The averaged features [n, 1280] that the classifier reads.
    fn embed(&self, pixels: &PixelTensor) -> Tensor<2> {
        let x = (pixels.inner().clone() - self.mean.clone()) * self.inverse_std.clone();
        let x = self.blocks.iter().fold(self.stem.forward(x), |x, block| block.forward(x));
        let x = self.head.forward(x);
        let [n, channels, height, width] = x.dims();
        x.reshape([n, channels, height * width]).mean_dim(2).reshape([n, channels])
    }
}

impl Classifier for MobileNetV2 {
    fn logits(&self, pixels: &PixelTensor) -> Tensor<2> {
        self.embed(pixels).matmul(self.classifier_weight.clone()) + self.classifier_bias.clone()
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

/// What a convolution does in this network.
#[derive(Clone, Copy)]
enum Kind {
    /// 3 x 3 over all channels, then ReLU6.
    Dense { inputs: usize, stride: usize },
    /// 3 x 3 on each channel, then ReLU6.
    Depthwise { stride: usize },
    /// 1 x 1, then ReLU6.
    Pointwise { inputs: usize },
    /// 1 x 1 and nothing after it.
    Linear { inputs: usize },
}

/// Reads convolutions from a file.
struct Loader<'a> {
    archive: &'a Archive,
    padding: Padding,
    device: &'a Device,
}

impl Loader<'_> {
    fn conv(&self, name: &ConvName, kind: Kind, outputs: usize) -> Result<FrozenConv2d, Error> {
        let (inputs, kernel, stride, groups, activation) = match kind {
            Kind::Dense { inputs, stride } => (inputs, 3, stride, 1, Activation::Relu6),
            Kind::Depthwise { stride } => (1, 3, stride, outputs, Activation::Relu6),
            Kind::Pointwise { inputs } => (inputs, 1, 1, 1, Activation::Relu6),
            Kind::Linear { inputs } => (inputs, 1, 1, 1, Activation::Identity),
        };
        let shape = [outputs, inputs, kernel, kernel];
        let tensor = format!("{}.weight", name.conv);
        let mut weight = self.archive.tensor(&tensor, &shape)?;
        let bias = format!("{}.bias", name.conv);
        let has_bias = self.archive.contains(&bias);
        let mut bias =
            if has_bias { self.archive.tensor(&bias, &[outputs])? } else { vec![0.0; outputs] };
        if self.has_norm(name) || !has_bias {
            self.fold_norm(&name.norm, &mut weight, &mut bias)?;
        }
        if let Some(position) = weight.iter().chain(&bias).position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { tensor, position });
        }
        let geometry = Geometry { stride, padding: self.padding, groups, activation };
        Ok(FrozenConv2d::new(weight, shape, bias, geometry, self.device))
    }

    fn has_norm(&self, name: &ConvName) -> bool {
        let part = |part: &str| self.archive.contains(&format!("{}.{part}", name.norm));
        part("weight") || part("running_var")
    }

    /// Batch norm is `gamma * (y - mean) / sqrt(var + epsilon) + beta`, which is the convolution
    /// with each output channel's weights and bias scaled, and the bias shifted.
    fn fold_norm(&self, norm: &str, weight: &mut [f32], bias: &mut [f32]) -> Result<(), Error> {
        let outputs = bias.len();
        let part = |part: &str| self.archive.tensor(&format!("{norm}.{part}"), &[outputs]);
        let (gamma, beta) = (part("weight")?, part("bias")?);
        let (mean, variance) = (part("running_mean")?, part("running_var")?);
        let rows = weight.chunks_exact_mut(weight.len() / outputs);
        for (channel, (row, bias)) in rows.zip(bias).enumerate() {
            let deviation = (f64::from(variance[channel]) + BATCH_NORM_EPSILON).sqrt();
            let scale = f64::from(gamma[channel]) / deviation;
            for weight in row {
                *weight = (f64::from(*weight) * scale) as f32;
            }
            let shifted = (f64::from(*bias) - f64::from(mean[channel])) * scale;
            *bias = (shifted + f64::from(beta[channel])) as f32;
        }
        Ok(())
    }
}

/// Where a convolution and the batch norm after it are kept.
struct ConvName {
    conv: String,
    norm: String,
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
            Names::Timm => ConvName { conv: "conv_stem".into(), norm: "bn1".into() },
        }
    }

    fn head(self) -> ConvName {
        match self.0 {
            Names::Torchvision => consecutive("features.18", 0),
            Names::Timm => ConvName { conv: "conv_head".into(), norm: "bn2".into() },
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
                let name = |conv: &str, norm: usize| ConvName {
                    conv: format!("{block}.{conv}"),
                    norm: format!("{block}.bn{norm}"),
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
    ConvName { conv: format!("{parent}.{child}"), norm: format!("{parent}.{}", child + 1) }
}
