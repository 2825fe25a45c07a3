use burn::Tensor;
use burn::tensor::activation::softmax;

use super::cache::Seen;
use super::linear::Linear;
use super::math::soft_cap;
use super::rotary::Rotation;
use super::source::Source;
use crate::safety::Error;

/// What a layer needs besides its input.
pub struct Context<'a> {
    pub rotation: &'a Rotation,
    /// [n or 1, 1, group * wanted, past + length]
    pub mask: Tensor<4>,
    /// What comes before.
    pub past: Option<Seen>,
    /// The first position whose output is wanted.
    pub from: usize,
}

/// Grouped-query attention (arXiv 2305.13245): several heads of queries share one of keys and
/// values.
#[derive(Clone, Debug)]
pub struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    heads: usize,
    kv_heads: usize,
    head_dim: usize,
    /// What the scores are multiplied by.
    scale: f64,
    cap: Option<f64>,
}

impl Attention {
    /// The attention that `name` holds.
    ///
    /// # Errors
    /// Those of [`Source::linear`].
    pub fn load(name: &str, source: &Source) -> Result<Self, Error> {
        let config = source.config;
        let (heads, kv_heads, head_dim) = (config.heads, config.kv_heads, config.head_dim);
        let linear =
            |part: &str, inputs, outputs| source.linear(&format!("{name}.{part}"), inputs, outputs);
        Ok(Self {
            query: linear("q_proj", config.hidden, heads * head_dim)?,
            key: linear("k_proj", config.hidden, kv_heads * head_dim)?,
            value: linear("v_proj", config.hidden, kv_heads * head_dim)?,
            output: linear("o_proj", heads * head_dim, config.hidden)?,
            heads,
            kv_heads,
            head_dim,
            scale: config.query_pre_attn_scalar.powf(-0.5),
            cap: config.attention_cap,
        })
    }

    /// [n, length, hidden] to [n, wanted, hidden], and all keys and values there are now, those of the
    /// past in front.
    ///
    /// # Errors
    /// Those of [`Linear::forward`].
    pub fn forward(&self, x: Tensor<3>, context: Context) -> Result<(Tensor<3>, Seen), Error> {
        let Context { rotation, mask, past, from } = context;
        let [rows, length, _] = x.dims();
        let wanted = length - from;
        let (heads, kv_heads, size) = (self.heads, self.kv_heads, self.head_dim);
        let split = |x: Tensor<3>, heads| -> Tensor<4> {
            let [_, length, _] = x.dims();
            x.reshape([rows, length, heads, size]).swap_dims(1, 2)
        };
        let query = self.query.forward(x.clone().narrow(1, from, wanted))?;
        let query = rotation.forward(split(query, heads), from);
        let mut keys = rotation.forward(split(self.key.forward(x.clone())?, kv_heads), 0);
        let mut values = split(self.value.forward(x)?, kv_heads);
        if let Some(past) = past {
            keys = Tensor::cat(vec![past.keys, keys], 2);
            values = Tensor::cat(vec![past.values, values], 2);
        }
        // The heads of a group lie one after the other, and so become the rows of one product.
        let group = heads / kv_heads;
        let query = query.reshape([rows, kv_heads, group * wanted, size]) * self.scale;
        let scores = soft_cap(query.matmul(keys.clone().swap_dims(2, 3)), self.cap);
        let weights = softmax(scores + mask, 3);
        let y: Tensor<4> = weights.matmul(values.clone()).reshape([rows, heads, wanted, size]);
        let y = y.swap_dims(1, 2).reshape([rows, wanted, heads * size]);
        Ok((self.output.forward(y)?, Seen { keys, values }))
    }
}
