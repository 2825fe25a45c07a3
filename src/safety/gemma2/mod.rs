//! Gemma 2 (arXiv 2408.00118), up to the last hidden state: the logits of a whole vocabulary are
//! nobody's concern here.
//!
//! The weights are frozen: a gradient flows through them to the embedded tokens, never into them.

mod attention;
mod block;
mod cache;
mod linear;
mod mask;
mod math;
mod norm;
mod rotary;

use burn::Tensor;
use burn::tensor::{Device, Int, TensorData};

use self::attention::Context;
use self::block::Block;
use self::mask::Masks;
use self::norm::RmsNorm;
use self::rotary::Rotation;
use super::checkpoint::check_architecture;
use super::{Config, Error};
use crate::weights::Archive;

pub use self::cache::Cache;
pub use self::mask::Padding;
pub use self::math::soft_cap;

/// The network with its weights on a device.
#[derive(Clone, Debug)]
pub struct Gemma2 {
    config: Config,
    /// [vocabulary, hidden]
    embedding: Tensor<2>,
    blocks: Vec<Block>,
    norm: RmsNorm,
    device: Device,
}

impl Gemma2 {
    /// Builds the network on a device from a file of weights with Transformers' tensor names.
    ///
    /// # Errors
    /// [`Error::Architecture`] if the tensors are those of Gemma 1 or 3, and whatever
    /// [`Archive::tensor`] finds wrong with one of them.
    pub fn load(config: &Config, archive: &Archive, device: &Device) -> Result<Self, Error> {
        check_architecture(|name| archive.contains(name))?;
        let device = &device.clone().inner();
        let shape = [config.vocabulary, config.hidden];
        let embedding = archive.tensor("model.embed_tokens.weight", &shape)?;
        let mut blocks = Vec::with_capacity(config.layers());
        for layer in 0..config.layers() {
            blocks.push(Block::load(config, layer, archive, device)?);
        }
        Ok(Self {
            embedding: Tensor::from_data(TensorData::new(embedding, shape), device),
            blocks,
            norm: RmsNorm::load("model.norm", config, archive, device)?,
            config: config.clone(),
            device: device.clone(),
        })
    }

    /// Its sizes and constants.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// What it computes on.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The rows [n, hidden] of the embedding, which is also the output layer's.
    pub fn rows(&self, tokens: &[u32]) -> Tensor<2> {
        self.embedding.clone().select(0, self.indices(tokens))
    }

    /// The whole embedding [vocabulary, hidden].
    pub fn embedding(&self) -> &Tensor<2> {
        &self.embedding
    }

    /// What an entry of the embedding is multiplied by on its way in.
    pub fn embedding_scale(&self) -> f64 {
        (self.config.hidden as f64).sqrt()
    }

    /// The first layer's input [n, length, hidden] for `n` rows of `length` tokens, one after the
    /// other. Each token is below the vocabulary's size.
    pub fn embed(&self, tokens: &[u32], length: usize) -> Tensor<3> {
        let rows = tokens.len() / length.max(1);
        let embedded = self.rows(tokens) * self.embedding_scale();
        embedded.reshape([rows, length, self.config.hidden])
    }

    /// The last hidden states [n, length, hidden] after the last norm.
    ///
    /// `past` holds what comes before, the same for every row and without padding; `padding` says
    /// which of the new positions are read, and none that all are.
    pub fn hidden(
        &self,
        embedded: Tensor<3>,
        padding: Option<&Padding>,
        past: Option<&Cache>,
    ) -> Tensor<3> {
        let (x, _) = self.run(embedded, padding, past, 0);
        self.norm.forward(x)
    }

    /// The last hidden state [n, 1, hidden] of the last position alone. Of the others, the last layer
    /// computes no more than keys and values.
    pub fn last_hidden(&self, embedded: Tensor<3>, past: Option<&Cache>) -> Tensor<3> {
        let [_, length, _] = embedded.dims();
        let (x, _) = self.run(embedded, None, past, length.saturating_sub(1));
        self.norm.forward(x)
    }

    /// The keys and values of a text [1, length, hidden] that others begin with.
    pub fn prefix(&self, embedded: Tensor<3>) -> Cache {
        let [_, length, _] = embedded.dims();
        self.run(embedded, None, None, length.saturating_sub(1)).1
    }

    /// All layers; the last one computes its output from the position `wanted` on.
    fn run(
        &self,
        embedded: Tensor<3>,
        padding: Option<&Padding>,
        past: Option<&Cache>,
        wanted: usize,
    ) -> (Tensor<3>, Cache) {
        let [rows, length, _] = embedded.dims();
        let before = past.map_or(0, Cache::length);
        let rotation = Rotation::new(&self.config, before, length, &self.device);
        let mut masks = Masks::new(&self.config, padding, before, length, &self.device);
        let mut cache = Cache::with_capacity(before + length, self.blocks.len());
        let mut x = embedded;
        for (layer, block) in self.blocks.iter().enumerate() {
            let from = if layer + 1 == self.blocks.len() { wanted } else { 0 };
            let past = past.and_then(|past| past.layer(layer, rows));
            let window = self.config.windows.get(layer).copied().flatten();
            let context = Context { rotation: &rotation, mask: masks.of(window, from), past, from };
            let (y, seen) = block.forward(x, context);
            x = y;
            cache.push(seen);
        }
        (x, cache)
    }

    fn indices(&self, tokens: &[u32]) -> Tensor<1, Int> {
        let tokens: Vec<i32> = tokens.iter().map(|&token| token.cast_signed()).collect();
        let count = tokens.len();
        Tensor::from_data(TensorData::new(tokens, [count]), &self.device)
    }
}
