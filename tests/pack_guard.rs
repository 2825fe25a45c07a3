//! The packing of a guard's published files, as `cargo xtask import` runs it.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use half::bf16;
use resilient_ai::weights::packing::Pieces;
use resilient_ai::weights::{Archive, Manifest};
use serde_json::{Value, json};

const HIDDEN: usize = 224;
/// The embedding has more bytes than are packed at a time.
const VOCABULARY: usize = 40_000;
const SHARDS: [&str; 2] = ["model-1-of-2.safetensors", "model-2-of-2.safetensors"];
const LAST: &str = "model.norm.weight";

/// A folder with the files of a small Gemma 2, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("resilient-ai-{name}-{}", std::process::id()));
        fs::create_dir_all(folder.join("source")).unwrap();
        let folder = Self(folder);
        folder.write("config.json", &config().to_string());
        folder.write("tokenizer.json", r#"{"model": {"vocab": {"<bos>": 2, "Yes": 3, "No": 4}}}"#);
        let mut shards = [Vec::new(), Vec::new()];
        let mut weight_map = serde_json::Map::new();
        for (name, shape) in tensors() {
            let shard = usize::from(shape[0] != VOCABULARY);
            weight_map.insert(name.clone(), json!(SHARDS[shard]));
            shards[shard].push((name, shape));
        }
        folder
            .write("model.safetensors.index.json", &json!({"weight_map": weight_map}).to_string());
        for (file, tensors) in SHARDS.iter().zip(&shards) {
            fs::write(folder.source(file), shard(tensors)).unwrap();
        }
        folder
    }

    fn source(&self, file: &str) -> PathBuf {
        self.0.join("source").join(file)
    }

    fn target(&self, file: &str) -> PathBuf {
        self.0.join("shieldgemma").join(file)
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.source(file), text).unwrap();
    }

    /// Whether it was packed, and what was said.
    fn pack(&self) -> (bool, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_pack_guard"))
            .args([self.0.join("source"), self.0.join("shieldgemma")])
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// What is said where packing must not succeed.
    fn refused(&self) -> String {
        let (packed, said) = self.pack();
        assert!(!packed && !self.target("").exists(), "{said}");
        said
    }

    /// Puts a number in the place of the last one of a shard, unnoticed.
    fn set_last(&self, value: f32) {
        let path = self.source(SHARDS[1]);
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let end = bytes.len() - 2;
        bytes[end..].copy_from_slice(&bf16::from_f32(value).to_le_bytes());
        fs::write(&path, bytes).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    }

    /// The packed weights, put together from their pieces.
    fn weights(&self) -> Vec<u8> {
        let pieces = fs::read_to_string(self.target("pieces.json")).unwrap();
        let pieces = Pieces::parse(&pieces).unwrap();
        let mut whole = Vec::new();
        for piece in 0..pieces.count() {
            let bytes = fs::read(self.target(&Pieces::name("model.safetensors", piece))).unwrap();
            pieces.verify("model.safetensors", piece, &bytes).unwrap();
            let range = pieces.range(piece);
            assert_eq!(bytes.len() as u64, range.end - range.start);
            whole.extend(bytes);
        }
        whole
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn config() -> Value {
    json!({
        "model_type": "gemma2", "vocab_size": VOCABULARY, "hidden_size": HIDDEN,
        "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2,
        "num_key_value_heads": 1, "head_dim": 32, "max_position_embeddings": 128,
        "rms_norm_eps": 1e-6, "query_pre_attn_scalar": 32, "sliding_window": 16
    })
}

fn tensors() -> Vec<(String, Vec<usize>)> {
    let layer = |part: &str| format!("model.layers.0.{part}.weight");
    let mut tensors = vec![("model.embed_tokens.weight".to_owned(), vec![VOCABULARY, HIDDEN])];
    for (part, rows, columns) in [
        ("self_attn.q_proj", 64, HIDDEN),
        ("self_attn.k_proj", 32, HIDDEN),
        ("self_attn.v_proj", 32, HIDDEN),
        ("self_attn.o_proj", HIDDEN, 64),
        ("mlp.gate_proj", 64, HIDDEN),
        ("mlp.up_proj", 64, HIDDEN),
        ("mlp.down_proj", HIDDEN, 64),
    ] {
        tensors.push((layer(part), vec![rows, columns]));
    }
    for part in ["input", "post_attention", "pre_feedforward", "post_feedforward"] {
        tensors.push((layer(&format!("{part}_layernorm")), vec![HIDDEN]));
    }
    tensors.push((LAST.to_owned(), vec![HIDDEN]));
    tensors
}

/// A file in bf16; the number at a place depends on the place alone.
fn shard(tensors: &[(String, Vec<usize>)]) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    let mut data = Vec::new();
    for (name, shape) in tensors {
        let start = data.len();
        for place in 0..shape.iter().product::<usize>() {
            let value = (place as u32).wrapping_mul(2_654_435_761) >> 8;
            let value = value as f32 / (1 << 24) as f32 - 0.5;
            data.extend(bf16::from_f32(value).to_le_bytes());
        }
        let entry = json!({"dtype": "BF16", "shape": shape, "data_offsets": [start, data.len()]});
        header.insert(name.clone(), entry);
    }
    let header = Value::Object(header).to_string();
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data].concat()
}

#[test]
fn what_is_interrupted_goes_on_and_comes_to_the_same() {
    let folder = Folder::new("interrupted");
    folder.set_last(f32::NAN);
    let said = folder.refused();
    assert!(said.contains(SHARDS[1]) && said.contains(LAST) && said.contains("223"), "{said}");
    folder.set_last(0.25);
    let (packed, said) = folder.pack();
    assert!(packed && said.contains("Going on: 2 of 3"), "{said}");
    let resumed = folder.weights();
    let (packed, said) = folder.pack();
    assert!(packed && !said.contains("Going on"), "{said}");
    assert!(resumed == folder.weights(), "packed in one go, it is another file");

    let archive = Archive::parse(resumed).unwrap();
    assert!(archive.description("notice").unwrap().contains("Gemma Terms of Use"));
    assert_eq!(archive.tensor(LAST, &[HIDDEN]).unwrap()[HIDDEN - 1], 0.25);
    let rows = [0, 39_999];
    let shape = [VOCABULARY, HIDDEN];
    let values = archive.rows("model.embed_tokens.weight", shape, &rows).unwrap();
    // As the shards were filled: 0 comes first, and numbers are off by half a step of 1 / 254.
    assert!((values[0] + 0.5).abs() < 1.0 / 500.0, "{}", values[0]);

    let entry: Value =
        serde_json::from_slice(&fs::read(folder.target("guard.json")).unwrap()).unwrap();
    let manifest = json!({"version": 1, "models": [], "guards": [entry]});
    let manifest = Manifest::parse(&manifest.to_string()).unwrap();
    let guard = manifest.guard("shieldgemma").unwrap();
    assert_eq!(guard.pieces.as_deref(), Some("shieldgemma/pieces.json"));
    assert_eq!(guard.licence, "Gemma Terms of Use");
    let mut files: Vec<_> = fs::read_dir(folder.target(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let expected = ["CARD.md", "NOTICE", "config.json", "guard.json", "model.safetensors.000"];
    assert_eq!(files[..5], expected);
    assert_eq!(files[5..], ["pieces.json", "tokenizer.json"]);
}

#[test]
fn what_cannot_be_packed_is_refused_before_any_weights_are_read() {
    let folder = Folder::new("refused");
    let write_config = |name: &str, value: Value| {
        let mut config = config();
        config[name] = value;
        folder.write("config.json", &config.to_string());
    };
    write_config("model_type", json!("gemma"));
    let said = folder.refused();
    assert!(said.contains("config.json") && said.contains("`gemma`"), "{said}");
    write_config("num_hidden_layers", json!(2));
    let said = folder.refused();
    assert!(said.contains("model.layers.1.") && said.contains("missing"), "{said}");
    folder.write("config.json", &config().to_string());

    let tokenizer = fs::read(folder.source("tokenizer.json")).unwrap();
    folder.write("tokenizer.json", r#"{"model": {"vocab": {"<bos>": 2, "Yes": 3}}}"#);
    let said = folder.refused();
    assert!(said.contains("tokenizer.json") && said.contains("`No`"), "{said}");
    fs::write(folder.source("tokenizer.json"), tokenizer).unwrap();

    let shard = folder.source(SHARDS[1]);
    let whole = fs::read(&shard).unwrap();
    fs::write(&shard, &whole[..whole.len() - 1]).unwrap();
    let said = folder.refused();
    assert!(said.contains(SHARDS[1]) && said.contains("ends after"), "{said}");
    fs::remove_file(&shard).unwrap();
    let said = folder.refused();
    assert!(said.contains(SHARDS[1]) && said.contains("missing"), "{said}");
    fs::remove_file(folder.source("model.safetensors.index.json")).unwrap();
    assert!(folder.refused().contains("model.safetensors.index.json"));
    assert!(!folder.0.join("shieldgemma.unfinished").exists());
}

#[test]
fn a_folder_with_something_else_is_not_written_over() {
    let folder = Folder::new("elsewhere");
    fs::create_dir_all(folder.target("")).unwrap();
    fs::write(folder.target("diary.txt"), "mine").unwrap();
    let (packed, said) = folder.pack();
    assert!(!packed && said.contains("something else"), "{said}");
    assert!(folder.target("diary.txt").exists());
}
