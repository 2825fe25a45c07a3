use burn::Tensor;

/// Keys and values of one layer, each [n, kv_heads, length, head_dim].
#[derive(Clone, Debug)]
pub struct Seen {
    pub keys: Tensor<4>,
    pub values: Tensor<4>,
}

/// What the layers keep of a text, so that what follows it can be computed alone.
#[derive(Clone, Debug)]
pub struct Cache {
    layers: Vec<Seen>,
    length: usize,
}

impl Cache {
    /// An empty one for so many layers, of a text of so many tokens.
    pub fn with_capacity(length: usize, layers: usize) -> Self {
        Self { layers: Vec::with_capacity(layers), length }
    }

    /// Adds the next layer's.
    pub fn push(&mut self, seen: Seen) {
        self.layers.push(seen);
    }

    /// Number of tokens.
    pub fn length(&self) -> usize {
        self.length
    }

    /// A layer's keys and values for so many rows.
    pub fn layer(&self, layer: usize, rows: usize) -> Option<Seen> {
        let Seen { keys, values } = self.layers.get(layer)?.clone();
        Some(if rows == 1 {
            Seen { keys, values }
        } else {
            Seen { keys: keys.repeat_dim(0, rows), values: values.repeat_dim(0, rows) }
        })
    }
}
