//! The sizes of a Gemma 2, as Transformers writes them down in `config.json`.

use serde::Deserialize;

use super::Error;

/// No size in a configuration is larger: Gemma's vocabulary is a quarter of it.
const LARGEST: usize = 1 << 20;
/// Where the configuration of an old file says nothing of the rotation.
const USUAL_ROPE_THETA: f64 = 10_000.0;

/// The sizes and constants of one network.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Number of tokens.
    pub vocabulary: usize,
    /// Length of the vector that stands for a token.
    pub hidden: usize,
    /// Length of the vector between the two layers of an MLP.
    pub intermediate: usize,
    /// Number of query heads; a multiple of [`Self::kv_heads`].
    pub heads: usize,
    /// Number of key and value heads.
    pub kv_heads: usize,
    /// Length of the vector of one head; even.
    pub head_dim: usize,
    /// The most tokens that the network was made for.
    pub max_positions: usize,
    /// Added to a mean square in a norm.
    pub norm_epsilon: f64,
    /// Base of the rotation's wavelengths.
    pub rope_theta: f64,
    /// Scores are divided by the root of this.
    pub query_pre_attn_scalar: f64,
    /// Soft limit of the scores, if there is one.
    pub attention_cap: Option<f64>,
    /// Soft limit of the logits, if there is one.
    pub final_cap: Option<f64>,
    /// Of each layer how many tokens it looks back, itself counted; none looks at all of them.
    pub windows: Vec<Option<usize>>,
}

/// The file's own names. Fields that are not named here change nothing in a forward pass.
#[derive(Deserialize)]
struct File {
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    num_key_value_heads: usize,
    head_dim: usize,
    max_position_embeddings: usize,
    rms_norm_eps: f64,
    rope_theta: Option<f64>,
    rope_parameters: Option<Rope>,
    rope_scaling: Option<serde_json::Value>,
    query_pre_attn_scalar: f64,
    attn_logit_softcapping: Option<f64>,
    final_logit_softcapping: Option<f64>,
    sliding_window: Option<usize>,
    layer_types: Option<Vec<LayerType>>,
    hidden_activation: Option<String>,
    #[serde(default)]
    attention_bias: bool,
    tie_word_embeddings: Option<bool>,
    use_bidirectional_attention: Option<bool>,
}

#[derive(Deserialize)]
struct Rope {
    rope_theta: Option<f64>,
    rope_type: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LayerType {
    SlidingAttention,
    FullAttention,
}

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// [`Error::Architecture`] if its `model_type` is not `gemma2`; [`Error::Config`] if it is no
    /// JSON, lacks a size, or holds a value that is out of range or that is not computed here.
    pub fn parse(json: &str) -> Result<Self, Error> {
        let value: serde_json::Value = serde_json::from_str(json).map_err(unreadable)?;
        match value.get("model_type").and_then(serde_json::Value::as_str) {
            Some("gemma2") => {}
            Some(other) => return Err(Error::Architecture { found: other.to_owned() }),
            None => return Err(Error::Config("it has no `model_type`".to_owned())),
        }
        let file: File = serde_json::from_value(value).map_err(unreadable)?;
        file.check().map_err(Error::Config)?;
        Ok(file.config())
    }

    /// Number of layers.
    pub fn layers(&self) -> usize {
        self.windows.len()
    }

    /// Number of weights; the embedding counts once, for the output has no other.
    pub fn parameters(&self) -> u64 {
        let (hidden, heads) = (self.hidden as u64, self.heads as u64);
        let (kv_heads, head_dim) = (self.kv_heads as u64, self.head_dim as u64);
        let attention = 2 * hidden * head_dim * (heads + kv_heads);
        let mlp = 3 * hidden * self.intermediate as u64;
        let norms = 4 * hidden;
        self.vocabulary as u64 * hidden + self.layers() as u64 * (attention + mlp + norms) + hidden
    }
}

impl File {
    fn check(&self) -> Result<(), String> {
        let sizes = [
            ("vocab_size", self.vocab_size, LARGEST),
            ("hidden_size", self.hidden_size, LARGEST),
            ("intermediate_size", self.intermediate_size, LARGEST),
            ("num_hidden_layers", self.num_hidden_layers, 1 << 10),
            ("num_attention_heads", self.num_attention_heads, 1 << 10),
            ("num_key_value_heads", self.num_key_value_heads, 1 << 10),
            ("head_dim", self.head_dim, 1 << 12),
            ("max_position_embeddings", self.max_position_embeddings, LARGEST),
            ("sliding_window", self.sliding_window.unwrap_or(1), LARGEST),
        ];
        if let Some((name, size, _)) =
            sizes.into_iter().find(|(_, size, largest)| !(1..=*largest).contains(size))
        {
            return Err(format!("`{name}` is {size}"));
        }
        if !self.num_attention_heads.is_multiple_of(self.num_key_value_heads) {
            return Err("`num_attention_heads` is no multiple of `num_key_value_heads`".to_owned());
        }
        if !self.head_dim.is_multiple_of(2) {
            return Err(format!("`head_dim` is {}, which is odd", self.head_dim));
        }
        let constants = [
            ("rms_norm_eps", Some(self.rms_norm_eps)),
            ("rope_theta", Some(self.rope_theta())),
            ("query_pre_attn_scalar", Some(self.query_pre_attn_scalar)),
            ("attn_logit_softcapping", self.attn_logit_softcapping),
            ("final_logit_softcapping", self.final_logit_softcapping),
        ];
        for (name, constant) in constants {
            // As the devices see it.
            let constant = constant.unwrap_or(1.0) as f32;
            if !(constant.is_finite() && constant > 0.0) {
                return Err(format!("`{name}` is {constant}"));
            }
        }
        if self.layer_types.as_ref().is_some_and(|types| types.len() != self.num_hidden_layers) {
            return Err("`layer_types` has not one entry a layer".to_owned());
        }
        if self.sliding_window.is_none() && self.slides().any(|slides| slides) {
            return Err("`sliding_window` is missing".to_owned());
        }
        let rope_type = self.rope_parameters.as_ref().and_then(|rope| rope.rope_type.as_deref());
        let activation = self.hidden_activation.as_deref();
        let is_null = |value: &serde_json::Value| value.is_null();
        for (name, usual) in [
            ("rope_type", rope_type.is_none_or(|kind| kind == "default")),
            ("rope_scaling", self.rope_scaling.as_ref().is_none_or(is_null)),
            ("hidden_activation", activation.is_none_or(|name| name == "gelu_pytorch_tanh")),
            ("attention_bias", !self.attention_bias),
            ("tie_word_embeddings", self.tie_word_embeddings != Some(false)),
            ("use_bidirectional_attention", self.use_bidirectional_attention != Some(true)),
        ] {
            if !usual {
                return Err(format!("`{name}` is not as in Gemma 2"));
            }
        }
        Ok(())
    }

    fn rope_theta(&self) -> f64 {
        let newer = self.rope_parameters.as_ref().and_then(|rope| rope.rope_theta);
        newer.or(self.rope_theta).unwrap_or(USUAL_ROPE_THETA)
    }

    /// Of each layer whether it looks at a window only: where nothing is said, the first and every
    /// other.
    fn slides(&self) -> impl Iterator<Item = bool> {
        (0..self.num_hidden_layers).map(|layer| match &self.layer_types {
            Some(types) => types.get(layer) == Some(&LayerType::SlidingAttention),
            None => layer.is_multiple_of(2),
        })
    }

    fn config(&self) -> Config {
        Config {
            vocabulary: self.vocab_size,
            hidden: self.hidden_size,
            intermediate: self.intermediate_size,
            heads: self.num_attention_heads,
            kv_heads: self.num_key_value_heads,
            head_dim: self.head_dim,
            max_positions: self.max_position_embeddings,
            norm_epsilon: self.rms_norm_eps,
            rope_theta: self.rope_theta(),
            query_pre_attn_scalar: self.query_pre_attn_scalar,
            attention_cap: self.attn_logit_softcapping,
            final_cap: self.final_logit_softcapping,
            windows: self.slides().map(|slides| self.sliding_window.filter(|_| slides)).collect(),
        }
    }
}

fn unreadable(error: serde_json::Error) -> Error {
    Error::Config(error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// That of shieldgemma-2b, with some changes.
    fn parse(changes: &[(&str, Value)]) -> Result<Config, Error> {
        let mut file = json!({
            "model_type": "gemma2", "vocab_size": 256_000, "hidden_size": 2304,
            "intermediate_size": 9216, "num_hidden_layers": 26, "num_attention_heads": 8,
            "num_key_value_heads": 4, "head_dim": 256, "max_position_embeddings": 8192,
            "rms_norm_eps": 1e-6, "rope_theta": 10_000.0, "query_pre_attn_scalar": 256,
            "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0,
            "sliding_window": 4096, "hidden_activation": "gelu_pytorch_tanh",
            "attention_bias": false, "a field of tomorrow": 1
        });
        for (key, value) in changes {
            file[*key] = value.clone();
        }
        Config::parse(&file.to_string())
    }

    #[test]
    fn the_original_is_read() {
        let config = parse(&[]).unwrap();
        assert_eq!(config.parameters(), 2_614_341_888);
        assert_eq!(config.windows[..3], [Some(4096), None, Some(4096)]);
        assert_eq!(config.attention_cap, Some(50.0));
        let newer = json!({"rope_theta": 500.0, "rope_type": "default"});
        let newer = parse(&[("rope_parameters", newer), ("final_logit_softcapping", Value::Null)]);
        let newer = newer.unwrap();
        assert_eq!((newer.rope_theta, newer.final_cap), (500.0, None));
        let types = json!(["full_attention", "sliding_attention"]);
        let types = parse(&[("layer_types", types), ("num_hidden_layers", json!(2))]).unwrap();
        assert_eq!(types.windows, [None, Some(4096)]);
    }

    #[test]
    fn other_networks_are_named() {
        for other in ["gemma", "gemma3_text", "llama"] {
            let error = parse(&[("model_type", json!(other))]).unwrap_err();
            assert_eq!(error, Error::Architecture { found: other.to_owned() });
            assert!(error.to_string().contains(other));
        }
    }

    #[test]
    fn bad_values_are_named() {
        for (name, value) in [
            ("vocab_size", json!(0)),
            ("hidden_size", json!(1_u64 << 40)),
            ("intermediate_size", json!(-1)),
            ("num_attention_heads", json!(6)),
            ("head_dim", json!(255)),
            ("rms_norm_eps", json!(0.0)),
            ("rope_theta", json!(1e39)),
            ("query_pre_attn_scalar", json!("many")),
            ("attn_logit_softcapping", json!(-50)),
            ("sliding_window", Value::Null),
            ("layer_types", json!(["full_attention"])),
            ("layer_types", json!(["a circle"])),
            ("rope_scaling", json!({"rope_type": "yarn"})),
            ("hidden_activation", json!("relu")),
            ("tie_word_embeddings", json!(false)),
            ("model_type", Value::Null),
        ] {
            let error = parse(&[(name, value.clone())]).unwrap_err();
            assert!(matches!(error, Error::Config(_)), "{name}: {error}");
            let text = error.to_string();
            let named = text.contains(name) || text.contains("invalid") || text.contains("unknown");
            assert!(named, "{name}: {text}");
        }
        assert!(matches!(Config::parse("{"), Err(Error::Config(_))));
        assert!(matches!(Config::parse(r#"{"model_type": "gemma2"}"#), Err(Error::Config(_))));
    }

    proptest::proptest! {
        #[test]
        fn any_json_never_panics(text in r#"[\{\}\[\]":,a-z_0-9.-]{0,80}"#) {
            let _ = Config::parse(&text);
        }
    }
}
