//! Gemma 2 (arXiv 2408.00118), up to the last hidden state: the logits of a whole vocabulary are
//! nobody's concern here.
//!
//! The weights are frozen: a gradient flows through them to the embedded tokens, never into them.

mod attention;
mod block;
mod cache;
mod embedding;
mod linear;
mod mask;
mod math;
mod norm;
mod order;
mod packed;
mod rotary;
mod source;

use burn::Tensor;
use burn::tensor::{Device, Int, TensorData};

use self::attention::Context;
use self::block::Block;
use self::cache::Seen;
use self::embedding::Embedding;
use self::mask::Masks;
use self::norm::RmsNorm;
use self::order::Order;
use self::rotary::Rotation;
use super::checkpoint::check_architecture;
use super::{Config, Error};

pub use self::cache::Cache;
pub use self::mask::Padding;
pub use self::math::soft_cap;
pub use self::source::{Placement, Source};

/// The network with its weights.
#[derive(Clone, Debug)]
pub struct Gemma2 {
    config: Config,
    placement: Placement,
    embedding: Embedding,
    blocks: Vec<Block>,
    norm: RmsNorm,
    device: Device,
}

impl Gemma2 {
    /// Builds the network from weights with Transformers' tensor names.
    ///
    /// # Errors
    /// [`Error::Architecture`] if the tensors are those of Gemma 1 or 3, and whatever
    /// [`Archive::tensor`](crate::weights::Archive::tensor) finds wrong with one of them.
    pub fn load(source: &Source) -> Result<Self, Error> {
        let mut network = Self::without_layers(source)?;
        for layer in 0..source.config.layers() {
            network.blocks.push(Block::load(layer, source)?);
        }
        Ok(network)
    }

    /// The same, layer by layer: the next one is read once the device has the last, so that no more
    /// than one waits on its way there. `told` hears how many are loaded, and can stop the work with an
    /// error.
    ///
    /// # Errors
    /// Those of [`Self::load`], [`Error::WrongProduct`] if the device cannot be trusted with packed weights,
    /// [`Error::Device`], or that of `told`.
    pub async fn load_by_layers<E: From<Error>>(
        source: &Source<'_>,
        mut told: impl AsyncFnMut(usize) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut network = Self::without_layers(source)?;
        if source.placement == Placement::Packed {
            packed::check(&source.device).await?;
        }
        for layer in 0..source.config.layers() {
            network.blocks.push(Block::load(layer, source)?);
            network.norm.settle().await?;
            told(layer + 1).await?;
        }
        Ok(network)
    }

    fn without_layers(source: &Source) -> Result<Self, Error> {
        check_architecture(|name| source.archive.contains(name))?;
        Ok(Self {
            config: source.config.clone(),
            placement: source.placement,
            embedding: Embedding::load(source)?,
            blocks: Vec::with_capacity(source.config.layers()),
            norm: source.norm("model.norm")?,
            device: source.device.clone(),
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

    /// Where its weights are.
    pub fn placement(&self) -> Placement {
        self.placement
    }

    /// The rows [n, hidden] of the embedding, which is also the output layer's.
    ///
    /// # Errors
    /// Those of [`Archive::rows`](crate::weights::Archive::rows), where the embedding stays in the file.
    pub fn rows(&self, tokens: &[u32]) -> Result<Tensor<2>, Error> {
        self.embedding.rows(tokens)
    }

    /// The whole embedding [vocabulary, hidden].
    ///
    /// # Errors
    /// [`Error::NoGradient`] if it stays in the file.
    pub fn embedding(&self) -> Result<&Tensor<2>, Error> {
        match &self.embedding {
            Embedding::Resident(embedding) => Ok(embedding),
            Embedding::Stored { .. } => Err(Error::NoGradient),
        }
    }

    /// What an entry of the embedding is multiplied by on its way in.
    pub fn embedding_scale(&self) -> f64 {
        (self.config.hidden as f64).sqrt()
    }

    /// The first layer's input [n, length, hidden] for `n` rows of `length` tokens, one after the
    /// other. Each token is below the vocabulary's size.
    ///
    /// # Errors
    /// Those of [`Self::rows`].
    pub fn embed(&self, tokens: &[u32], length: usize) -> Result<Tensor<3>, Error> {
        let rows = tokens.len() / length.max(1);
        let embedded = self.rows(tokens)? * self.embedding_scale();
        Ok(embedded.reshape([rows, length, self.config.hidden]))
    }

    /// The last hidden states [n, length, hidden] after the last norm.
    ///
    /// `past` holds what comes before, the same for every row and without padding; `padding` says
    /// which of the new positions are read, and none that all are.
    ///
    /// # Errors
    /// Those of [`Archive::tensor`](crate::weights::Archive::tensor), where the weights stay in the file; so too for all that follow.
    pub fn hidden(
        &self,
        embedded: Tensor<3>,
        padding: Option<&Padding>,
        past: Option<&Cache>,
    ) -> Result<Tensor<3>, Error> {
        let (x, _) = self.run(embedded, padding, past, 0)?;
        Ok(self.norm.forward(x))
    }

    /// The same without a past, layer by layer: `told` hears how many are done, and can stop the work with
    /// an error.
    ///
    /// # Errors
    /// As [`Self::hidden`], or that of `told`.
    pub async fn hidden_by_layers<E: From<Error>>(
        &self,
        embedded: Tensor<3>,
        padding: Option<&Padding>,
        told: impl AsyncFnMut(usize) -> Result<(), E>,
    ) -> Result<Tensor<3>, E> {
        let [_, length, _] = embedded.dims();
        let x = self.through(embedded, padding, &Order::line(0, length), told).await?;
        Ok(self.norm.forward(x))
    }

    /// The last hidden state [n, 1, hidden] of the last position alone. Of the others, the last layer
    /// computes no more than keys and values.
    ///
    /// # Errors
    /// As [`Self::hidden`].
    pub fn last_hidden(
        &self,
        embedded: Tensor<3>,
        past: Option<&Cache>,
    ) -> Result<Tensor<3>, Error> {
        let [_, length, _] = embedded.dims();
        let (x, _) = self.run(embedded, None, past, length.saturating_sub(1))?;
        Ok(self.norm.forward(x))
    }

    /// The keys and values of a text [1, length, hidden] that others begin with.
    ///
    /// # Errors
    /// As [`Self::hidden`].
    pub fn prefix(&self, embedded: Tensor<3>) -> Result<Cache, Error> {
        let [_, length, _] = embedded.dims();
        Ok(self.run(embedded, None, None, length.saturating_sub(1))?.1)
    }

    /// The last hidden states [n, 1, hidden] at the ends of `n` texts that begin with the same
    /// `shared` tokens, in one pass through each layer: `embedded` [1, length, hidden] is the
    /// beginning and then the `rests`, of so many tokens each (at least one). `told` hears how many layers
    /// are done, and can stop the work with an error.
    ///
    /// # Errors
    /// As [`Self::hidden`], or that of `told`.
    pub async fn ends<E: From<Error>>(
        &self,
        embedded: Tensor<3>,
        shared: usize,
        rests: &[usize],
        told: impl AsyncFnMut(usize) -> Result<(), E>,
    ) -> Result<Tensor<3>, E> {
        let order = Order::branches(shared, rests);
        let x = self.through(embedded, None, &order, told).await?;
        let mut end = shared;
        let ends: Vec<i32> = rests
            .iter()
            .map(|rest| {
                end += rest;
                end as i32 - 1
            })
            .collect();
        let ends = Tensor::<1, Int>::from_data(TensorData::new(ends, [rests.len()]), &self.device);
        let x = x.select(1, ends).reshape([rests.len(), 1, self.config.hidden]);
        Ok(self.norm.forward(x))
    }

    /// All layers, one after the other, without a past.
    async fn through<E: From<Error>>(
        &self,
        embedded: Tensor<3>,
        padding: Option<&Padding>,
        order: &Order,
        mut told: impl AsyncFnMut(usize) -> Result<(), E>,
    ) -> Result<Tensor<3>, E> {
        let mut pass = Pass::new(self, padding, order);
        let mut x = embedded;
        for (layer, block) in self.blocks.iter().enumerate() {
            (x, _) = block.forward(x, pass.context(layer, None, 0))?;
            told(layer + 1).await?;
        }
        Ok(x)
    }

    /// All layers; the last one computes its output from the position `wanted` on.
    fn run(
        &self,
        embedded: Tensor<3>,
        padding: Option<&Padding>,
        past: Option<&Cache>,
        wanted: usize,
    ) -> Result<(Tensor<3>, Cache), Error> {
        let [rows, length, _] = embedded.dims();
        let order = Order::line(past.map_or(0, Cache::length), length);
        let mut pass = Pass::new(self, padding, &order);
        let mut cache = Cache::with_capacity(order.total(), self.blocks.len());
        let mut x = embedded;
        for (layer, block) in self.blocks.iter().enumerate() {
            let from = if layer + 1 == self.blocks.len() { wanted } else { 0 };
            let past = past.and_then(|past| past.layer(layer, rows));
            let (y, seen) = block.forward(x, pass.context(layer, past, from))?;
            x = y;
            cache.push(seen);
        }
        Ok((x, cache))
    }
}

/// What the layers of one pass share.
struct Pass<'a> {
    config: &'a Config,
    rotation: Rotation,
    masks: Masks<'a>,
}

impl<'a> Pass<'a> {
    fn new(network: &'a Gemma2, padding: Option<&'a Padding>, order: &'a Order) -> Self {
        let (config, device) = (&network.config, &network.device);
        let rotation = Rotation::new(config, order.positions(), device);
        Self { config, rotation, masks: Masks::new(config, padding, order, device) }
    }

    /// What a layer needs to compute its output from the position `from` on.
    fn context(&mut self, layer: usize, past: Option<Seen>, from: usize) -> Context<'_> {
        let window = self.config.windows.get(layer).copied().flatten();
        Context { rotation: &self.rotation, mask: self.masks.of(window, from), past, from }
    }
}
