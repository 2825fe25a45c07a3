use burn::Tensor;
use burn::tensor::activation::sigmoid;

use super::scaling::Stage;
use super::{Activated, EfficientNetVariant};
use crate::vision::conv::FrozenConv2d;
use crate::vision::ends::average;
use crate::vision::loader::{ConvName, Layer, Loader};
use crate::vision::silu::silu;
use crate::weights::Error;

/// What a block is built from.
#[derive(Clone, Copy, Debug)]
pub struct BlockShape {
    pub stage: Stage,
    /// Channels that enter.
    pub inputs: usize,
    pub stride: usize,
}

/// Expand (1 x 1), filter (k x k depthwise), weigh the channels, project (1 x 1, linear), and add
/// where shapes allow. The blocks of the first stage do not expand.
#[derive(Clone, Debug)]
pub struct Block {
    expand: Option<Activated>,
    depthwise: Activated,
    squeeze_excite: Option<SqueezeExcite>,
    project: FrozenConv2d,
    residual: bool,
}

impl Block {
    /// The block that timm keeps under `name`.
    ///
    /// # Errors
    /// Those of [`Loader::conv`].
    pub fn load(
        loader: &Loader<'_>,
        name: &str,
        shape: BlockShape,
        variant: EfficientNetVariant,
    ) -> Result<Self, Error> {
        let BlockShape { stage, inputs, stride } = shape;
        let hidden = inputs * stage.expansion;
        let conv = |conv: &str, norm: usize| {
            ConvName::with_norm(format!("{name}.{conv}"), format!("{name}.bn{norm}"))
        };
        let (expand, depthwise, project) = if stage.expansion == 1 {
            (None, conv("conv_dw", 1), conv("conv_pw", 2))
        } else {
            (Some(conv("conv_pw", 1)), conv("conv_dw", 2), conv("conv_pwl", 3))
        };
        let expand = match expand {
            Some(expand) => {
                let layer = Layer::pointwise(inputs, hidden);
                Some(Activated::load(loader, &expand, layer, variant)?)
            }
            None => None,
        };
        let layer = Layer::depthwise(hidden, stage.kernel, stride);
        let depthwise = Activated::load(loader, &depthwise, layer, variant)?;
        let squeeze_excite = if variant.is_lite() {
            None
        } else {
            Some(SqueezeExcite::load(loader, &format!("{name}.se"), hidden, inputs / 4)?)
        };
        let project = loader.conv(&project, Layer::pointwise(hidden, stage.channels))?;
        let residual = stride == 1 && inputs == stage.channels;
        Ok(Self { expand, depthwise, squeeze_excite, project, residual })
    }

    /// [n, inputs, h, w] to [n, outputs, h', w'].
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let shortcut = self.residual.then(|| x.clone());
        let x = match &self.expand {
            Some(expand) => expand.forward(x),
            None => x,
        };
        let x = self.depthwise.forward(x);
        let x = match &self.squeeze_excite {
            Some(squeeze_excite) => squeeze_excite.forward(x),
            None => x,
        };
        let x = self.project.forward(x);
        match shortcut {
            Some(shortcut) => x + shortcut,
            None => x,
        }
    }
}

/// Each channel times a weight between 0 and 1 that two small layers compute from all channels'
/// averages: Hu, Shen and Sun, "Squeeze-and-Excitation Networks" (2018).
#[derive(Clone, Debug)]
struct SqueezeExcite {
    reduce: FrozenConv2d,
    expand: FrozenConv2d,
}

impl SqueezeExcite {
    fn load(
        loader: &Loader<'_>,
        name: &str,
        channels: usize,
        reduced: usize,
    ) -> Result<Self, Error> {
        let conv = |conv: &str| ConvName { conv: format!("{name}.{conv}"), norm: None };
        Ok(Self {
            reduce: loader.conv(&conv("conv_reduce"), Layer::pointwise(channels, reduced))?,
            expand: loader.conv(&conv("conv_expand"), Layer::pointwise(reduced, channels))?,
        })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let [n, channels, _, _] = x.dims();
        let averages = average(x.clone()).reshape([n, channels, 1, 1]);
        let weights = self.expand.forward(silu(self.reduce.forward(averages)));
        x * sigmoid(weights)
    }
}
