use burn::Tensor;

use super::attention::{Attention, Context};
use super::cache::Seen;
use super::linear::Linear;
use super::math::gelu;
use super::norm::RmsNorm;
use super::source::Source;
use crate::safety::Error;

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
    /// Those of [`Source::linear`] and [`Source::norm`].
    pub fn load(layer: usize, source: &Source) -> Result<Self, Error> {
        let config = source.config;
        let name = |part: &str| format!("model.layers.{layer}.{part}");
        let norm = |part: &str| source.norm(&name(part));
        let mlp = |part: &str, inputs, outputs| {
            source.linear(&name(&format!("mlp.{part}")), inputs, outputs)
        };
        Ok(Self {
            before_attention: norm("input_layernorm")?,
            attention: Attention::load(&name("self_attn"), source)?,
            after_attention: norm("post_attention_layernorm")?,
            before_mlp: norm("pre_feedforward_layernorm")?,
            gate: mlp("gate_proj", config.hidden, config.intermediate)?,
            up: mlp("up_proj", config.hidden, config.intermediate)?,
            down: mlp("down_proj", config.intermediate, config.hidden)?,
            after_mlp: norm("post_feedforward_layernorm")?,
        })
    }

    /// As [`Attention::forward`], for the whole layer.
    ///
    /// # Errors
    /// Those of [`Linear::forward`].
    pub fn forward(&self, x: Tensor<3>, context: Context) -> Result<(Tensor<3>, Seen), Error> {
        let from = context.from;
        let y = self.before_attention.forward(x.clone());
        let (y, seen) = self.attention.forward(y, context)?;
        let [_, wanted, _] = y.dims();
        let x = x.narrow(1, from, wanted) + self.after_attention.forward(y);
        let y = self.before_mlp.forward(x.clone());
        let y = gelu(self.gate.forward(y.clone())?) * self.up.forward(y)?;
        let x = x + self.after_mlp.forward(self.down.forward(y)?);
        Ok((x, seen))
    }
}
