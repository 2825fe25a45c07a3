//! Which tensors a Gemma 2 has, by Transformers' names, and how they are packed.

use super::{Config, Error};
use crate::weights::packing::{Plan, Wanted};
use crate::weights::{Bits, Header};

/// What goes with every copy of Gemma's weights, and of what is made of them.
pub const NOTICE: &str = "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms";

/// How the published files of a Gemma 2 become one packed file: matrices as int4, the embedding as
/// int8, norms as f32. What else the files hold is left out, among it an output layer, which is the
/// embedding once more.
///
/// # Errors
/// [`Error::Architecture`] if the tensors are those of Gemma 1 or 3, and those of [`Plan::new`] where
/// they are not the configuration's.
pub fn packing_plan(config: &Config, sources: &[(String, Header)]) -> Result<Plan, Error> {
    check_architecture(|name| sources.iter().any(|(_, header)| header.get(name).is_some()))?;
    let description = [
        ("format", "int4 and int8 in blocks of 32 with scales in f16"),
        ("notice", NOTICE),
        ("changes", "The matrices were packed as int4, the embedding as int8."),
    ];
    Ok(Plan::new(sources, &tensors(config), &description)?)
}

/// Gemma 1 has two norms a layer, Gemma 3 has norms inside the attention.
///
/// # Errors
/// [`Error::Architecture`] if a file that has these tensors is one of theirs.
pub fn check_architecture(contains: impl Fn(&str) -> bool) -> Result<(), Error> {
    let has = |name: &str| contains(&format!("model.layers.0.{name}.weight"));
    let found = if has("self_attn.q_norm") {
        "gemma3"
    } else if has("post_attention_layernorm") && !has("pre_feedforward_layernorm") {
        "gemma"
    } else {
        return Ok(());
    };
    Err(Error::Architecture { found: found.to_owned() })
}

/// Every tensor of the network.
fn tensors(config: &Config) -> Vec<Wanted> {
    let matrix = |name: String, rows, columns, bits| {
        let name = format!("{name}.weight");
        Wanted { name, shape: vec![rows, columns], bits: Some(bits) }
    };
    let norm = |name: String| {
        let name = format!("{name}.weight");
        Wanted { name, shape: vec![config.hidden], bits: None }
    };
    let hidden = config.hidden;
    let queries = config.heads * config.head_dim;
    let keys = config.kv_heads * config.head_dim;
    let embedding = "model.embed_tokens".to_owned();
    let mut tensors = vec![matrix(embedding, config.vocabulary, hidden, Bits::Eight)];
    for layer in 0..config.layers() {
        let name = |part: &str| format!("model.layers.{layer}.{part}");
        for (part, rows, columns) in [
            ("self_attn.q_proj", queries, hidden),
            ("self_attn.k_proj", keys, hidden),
            ("self_attn.v_proj", keys, hidden),
            ("self_attn.o_proj", hidden, queries),
            ("mlp.gate_proj", config.intermediate, hidden),
            ("mlp.up_proj", config.intermediate, hidden),
            ("mlp.down_proj", hidden, config.intermediate),
        ] {
            tensors.push(matrix(name(part), rows, columns, Bits::Four));
        }
        for part in [
            "input_layernorm",
            "post_attention_layernorm",
            "pre_feedforward_layernorm",
            "post_feedforward_layernorm",
        ] {
            tensors.push(norm(name(part)));
        }
    }
    tensors.push(norm("model.norm".to_owned()));
    tensors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights;

    fn config() -> Config {
        let json = serde_json::json!({
            "model_type": "gemma2", "vocab_size": 96, "hidden_size": 64, "intermediate_size": 128,
            "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
            "head_dim": 32, "max_position_embeddings": 64, "rms_norm_eps": 1e-6,
            "query_pre_attn_scalar": 32, "sliding_window": 16
        });
        Config::parse(&json.to_string()).unwrap()
    }

    /// The header of a file in bf16 with those tensors.
    fn header(tensors: &[Wanted]) -> Header {
        let mut end = 0;
        let mut json = serde_json::Map::new();
        for Wanted { name, shape, .. } in tensors {
            let start = end;
            end += 2 * shape.iter().product::<usize>();
            let entry =
                serde_json::json!({"dtype": "BF16", "shape": shape, "data_offsets": [start, end]});
            json.insert(name.clone(), entry);
        }
        let json = serde_json::to_vec(&json).unwrap();
        Header::parse(&json, (8 + json.len() + end) as u64).unwrap()
    }

    fn plan(tensors: &[Wanted]) -> Result<Plan, Error> {
        packing_plan(&config(), &[("model.safetensors".to_owned(), header(tensors))])
    }

    #[test]
    fn every_weight_is_packed_once() {
        let all = tensors(&config());
        let weights: usize = all.iter().map(|w| w.shape.iter().product::<usize>()).sum();
        assert_eq!(weights as u64, config().parameters());
        let whole = plan(&all).unwrap();
        let mut more = all.clone();
        let embedding = all[0].clone();
        more.push(Wanted { name: "lm_head.weight".to_owned(), ..embedding });
        let with_head = plan(&more).unwrap();
        assert_eq!((with_head.bytes(), with_head.header()), (whole.bytes(), whole.header()));
        let read: usize = whole.slabs().iter().map(|slab| slab.length).sum();
        assert_eq!(read, 2 * weights);
        let text = String::from_utf8_lossy(whole.header());
        assert!(text.contains("ai.google.dev/gemma/terms"), "{text}");
    }

    #[test]
    fn a_real_one_is_as_large_as_it_is() {
        let json = serde_json::json!({
            "model_type": "gemma2", "vocab_size": 256_000, "hidden_size": 2304,
            "intermediate_size": 9216, "num_hidden_layers": 26, "num_attention_heads": 8,
            "num_key_value_heads": 4, "head_dim": 256, "max_position_embeddings": 8192,
            "rms_norm_eps": 1e-6, "query_pre_attn_scalar": 256, "sliding_window": 4096
        });
        let config = Config::parse(&json.to_string()).unwrap();
        let sources = [("model.safetensors".to_owned(), header(&tensors(&config)))];
        let plan = packing_plan(&config, &sources).unwrap();
        let embedding = 256_000 * 2304;
        let matrices = 26 * (3 * 9216 * 2304 + 2304 * 256 * (8 + 4 + 4 + 8));
        let norms = (26 * 4 + 1) * 2304;
        let expected = embedding * 34 / 32 + matrices * 18 / 32 + norms * 4;
        assert_eq!(plan.bytes(), plan.header().len() as u64 + expected);
    }

    #[test]
    fn other_networks_and_incomplete_ones_are_named() {
        let all = tensors(&config());
        let without = |part: &str| -> Vec<Wanted> {
            all.iter().filter(|wanted| !wanted.name.contains(part)).cloned().collect()
        };
        let error = plan(&without("feedforward_layernorm")).unwrap_err();
        assert_eq!(error, Error::Architecture { found: "gemma".to_owned() });
        let mut third = all.clone();
        let name = "model.layers.0.self_attn.q_norm.weight".to_owned();
        third.push(Wanted { name, shape: vec![32], bits: None });
        let error = plan(&third).unwrap_err();
        assert_eq!(error, Error::Architecture { found: "gemma3".to_owned() });
        let tensor = "model.layers.1.mlp.up_proj.weight".to_owned();
        let error = plan(&without("layers.1.mlp.up_proj")).unwrap_err();
        assert_eq!(error, weights::Error::MissingTensor { tensor: tensor.clone() }.into());
        let mut other = all.clone();
        other.iter_mut().filter(|w| w.name == tensor).for_each(|w| w.shape = vec![64, 128]);
        assert!(matches!(plan(&other), Err(Error::Weights(weights::Error::Shape { .. }))));
    }
}
