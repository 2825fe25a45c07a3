use burn::Tensor;
use burn::tensor::Device;

use super::attention::{Attention, Context};
use super::cache::Seen;
use super::linear::Linear;
use super::math::gelu;
use super::norm::RmsNorm;
use crate::safety::{Config, Error};
use crate::weights::Archive;

/// One layer: attention and an MLP, each with a norm before and after it, and added to its input.
#[derive(Clone, Debug)]
pub struct Block {
    before_attention: RmsNorm,
    attention: Attention,
    after_attention: RmsNorm,
    before_mlp: RmsNorm,
    gate: Linear,
    up: Linear,
    down: Linear,
    after_mlp: RmsNorm,
}

impl Block {
    /// The layer of that number.
    ///
    /// # Errors
    /// Those of [`Archive::tensor`].
    pub fn load(
        config: &Config,
        layer: usize,
        archive: &Archive,
        device: &Device,
    ) -> Result<Self, Error> {
        let name = |part: &str| format!("model.layers.{layer}.{part}");
        let norm = |part: &str| RmsNorm::load(&name(part), config, archive, device);
        let mlp = |part: &str, inputs, outputs| {
            Linear::load(&name(&format!("mlp.{part}")), inputs, outputs, archive, device)
        };
        Ok(Self {
            before_attention: norm("input_layernorm")?,
            attention: Attention::load(&name("self_attn"), config, archive, device)?,
            after_attention: norm("post_attention_layernorm")?,
            before_mlp: norm("pre_feedforward_layernorm")?,
            gate: mlp("gate_proj", config.hidden, config.intermediate)?,
            up: mlp("up_proj", config.hidden, config.intermediate)?,
            down: mlp("down_proj", config.intermediate, config.hidden)?,
            after_mlp: norm("post_feedforward_layernorm")?,
        })
    }

    /// As [`Attention::forward`], for the whole layer.
    pub fn forward(&self, x: Tensor<3>, context: Context) -> (Tensor<3>, Seen) {
        let from = context.from;
        let y = self.before_attention.forward(x.clone());
        let (y, seen) = self.attention.forward(y, context);
        let [_, wanted, _] = y.dims();
        let x = x.narrow(1, from, wanted) + self.after_attention.forward(y);
        let y = self.before_mlp.forward(x.clone());
        let y = gelu(self.gate.forward(y.clone())) * self.up.forward(y);
        let x = x + self.after_mlp.forward(self.down.forward(y));
        (x, seen)
    }
}
