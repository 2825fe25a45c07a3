//! The published files, before a byte of weights is read.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::time::SystemTime;

use resilient_ai::safety::{Config, packing_plan};
use resilient_ai::weights::packing::{Index, Plan};
use resilient_ai::weights::{Header, ReadAt};
use serde::Deserialize;

use crate::{Outcome, about};

const INDEX: &str = "model.safetensors.index.json";
/// Where a small network has its weights, which then needs no index.
const WHOLE: &str = "model.safetensors";

/// What every guard's tokenizer has to know.
const WORDS: [&str; 3] = ["<bos>", "Yes", "No"];

/// A folder with a Gemma 2 that can be packed.
pub struct Source {
    pub plan: Plan,
    pub config: Config,
    /// `config.json` and `tokenizer.json`, as they are.
    pub config_json: Vec<u8>,
    pub tokenizer_json: Vec<u8>,
    files: Vec<File>,
    /// Name, length and time of change of each file: whether it is still the same one.
    pub identity: Vec<(String, u64, u64)>,
}

impl Source {
    /// Checks everything that can be known without reading weights.
    pub fn open(folder: &Path) -> Outcome<Self> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map_err(about(&path))
        };
        let config_json = read("config.json")?;
        let config_path = folder.join("config.json");
        let text = std::str::from_utf8(&config_json).map_err(about(&config_path))?;
        let config = Config::parse(text).map_err(about(&config_path))?;
        let tokenizer_json = read("tokenizer.json")?;
        check_tokenizer(&tokenizer_json, &config).map_err(about(&folder.join("tokenizer.json")))?;

        let index = match fs::read_to_string(folder.join(INDEX)) {
            Ok(json) => Some(Index::parse(&json).map_err(about(&folder.join(INDEX)))?),
            Err(_) if folder.join(WHOLE).exists() => None,
            Err(error) => return Err(about(&folder.join(INDEX))(error)),
        };
        let names = index.as_ref().map_or(vec![WHOLE], Index::files);
        if let Some(index) = &index {
            let present = names.iter().filter(|name| folder.join(name).exists()).copied();
            index.check_files(present).map_err(about(folder))?;
        }
        let mut files = Vec::new();
        let mut identity = Vec::new();
        let mut headers = Vec::new();
        for name in names {
            let path = folder.join(name);
            let file = File::open(&path).map_err(about(&path))?;
            headers.push((name.to_owned(), Header::read(&file).map_err(about(&path))?));
            identity.push((name.to_owned(), file.len(), changed(&file)));
            files.push(file);
        }
        if let Some(index) = &index {
            index.check(&headers).map_err(about(folder))?;
        }
        let plan = packing_plan(&config, &headers).map_err(about(folder))?;
        Ok(Self { plan, config, config_json, tokenizer_json, files, identity })
    }

    /// Some bytes of one of the files with weights.
    pub fn read(&self, file: usize, start: u64, length: usize) -> Outcome<Vec<u8>> {
        let name = self.identity.get(file).map_or("", |(name, ..)| name);
        let opened = self.files.get(file).ok_or_else(|| format!("there is no file {file}"))?;
        opened.read_at(start, length).map_err(|error| format!("{name}: {error}"))
    }

    /// The name of one of the files with weights.
    pub fn name(&self, file: usize) -> &str {
        self.identity.get(file).map_or("", |(name, ..)| name)
    }
}

/// When a file was changed last, in seconds, where that is known.
fn changed(file: &File) -> u64 {
    let time = file.metadata().and_then(|metadata| metadata.modified()).ok();
    let since = time.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    since.map_or(0, |since| since.as_secs())
}

#[derive(Deserialize)]
struct Tokenizer {
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: BTreeMap<String, usize>,
}

/// Whether a tokenizer can be the network's: it is read in full where it is used.
fn check_tokenizer(json: &[u8], config: &Config) -> Outcome<()> {
    let Tokenizer { model: Model { vocab } } =
        serde_json::from_slice(json).map_err(|error| error.to_string())?;
    if let Some(word) = WORDS.iter().find(|word| !vocab.contains_key(**word)) {
        return Err(format!("it has no token `{word}`"));
    }
    match vocab.iter().find(|(_, id)| **id >= config.vocabulary) {
        Some((token, id)) => Err(format!(
            "token `{token}` is number {id}, and the network has {}",
            config.vocabulary
        )),
        None => Ok(()),
    }
}
