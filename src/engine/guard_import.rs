//! A guard from its files.

use std::rc::Rc;

use burn::tensor::Device;

use super::{
    gpu_faults::{self, Trying},
    guard_packing::{CONFIG, TOKENIZER, WEIGHTS},
    import::{archive, check_hash, tier, title},
    import_state::State,
    problem::about,
    question,
};
use crate::{
    protocol::{DeviceKind, GuardSize, GuardSummary, Problem, ProblemKind, Tier},
    safety::{self, Config, Guard, Placement, Policy, Source, Tokenizer},
    weights::{Archive, GuardEntry, ReadAt},
};

/// A guard that is ready.
#[derive(Debug)]
pub struct LoadedGuard {
    /// What judges.
    pub guard: Guard,
    /// What the page shows of it.
    pub summary: GuardSummary,
}

/// What the page shows of a guard of the manifest. Whether its weights are cached, its size and how
/// good it is are in other files.
pub fn summary(entry: &GuardEntry) -> GuardSummary {
    GuardSummary {
        id: entry.id.clone(),
        title: title(&entry.id, &entry.title),
        tier: tier(entry.tier),
        bytes: entry.weights.bytes,
        licence: entry.licence.clone(),
        cached: false,
        not_kept: false,
        pinned: entry.weights.sha256.is_some(),
        context: entry.context,
        size: None,
        policies: Policy::defaults().into_iter().map(question::shown_policy).collect(),
        metrics: None,
        metrics_file: entry.metrics.clone(),
    }
}

/// What the page shows of a finished import.
pub fn summary_of_import(id: &str, state: &State, config: &Config) -> GuardSummary {
    GuardSummary {
        id: id.to_owned(),
        title: state.label.title.clone(),
        tier: Tier::OwnFile,
        bytes: state.bytes,
        licence: state.label.licence.clone(),
        cached: true,
        not_kept: false,
        pinned: false,
        context: state.label.context.min(config.max_positions),
        size: Some(size(config)),
        policies: Policy::defaults().into_iter().map(question::shown_policy).collect(),
        metrics: None,
        metrics_file: None,
    }
}

/// The files of an imported guard.
pub struct Imported<'a> {
    pub config: &'a [u8],
    pub tokenizer: &'a [u8],
    /// The packed weights, which are read when they are needed.
    pub weights: Rc<dyn ReadAt>,
    pub context: usize,
}

/// An imported guard. On a GPU its weights stay packed; a CPU reads each matrix when its layer runs.
/// `told` hears how many layers are ready, and can stop the work with a problem.
///
/// # Errors
/// Files that are damaged or do not belong together, a device that fails, or that of `told`.
pub async fn imported(
    files: Imported<'_>,
    device_kind: DeviceKind,
    device: &Device,
    mut told: impl AsyncFnMut(usize) -> Result<(), Problem>,
) -> Result<Guard, Problem> {
    let broken = |error| Problem::new(ProblemKind::UnreadableFile, CONFIG, error);
    let config = config(CONFIG, str::from_utf8(files.config).map_err(broken)?)?;
    let tokenizer = Tokenizer::parse(files.tokenizer).map_err(about(TOKENIZER))?;
    let archive = Archive::open(files.weights).map_err(about(WEIGHTS))?;
    let placement = match device_kind {
        DeviceKind::WebGpu => Placement::Packed,
        DeviceKind::Cpu => Placement::Streamed,
    };
    let archive = Rc::new(archive);
    let mut load = async |placement| {
        let source = Source::new(&config, &archive, placement, device);
        let told = async |layers| match gpu_faults::take() {
            Some(fault) => Err(Stopped::Told(fault)),
            None => told(layers).await.map_err(Stopped::Told),
        };
        Guard::load(&source, tokenizer.clone(), files.context, told).await
    };
    let trying = Trying::begin();
    let mut loaded = load(placement).await;
    drop(trying);
    if let Err(Stopped::Wrong(safety::Error::WrongProduct)) = loaded {
        // What the device cannot multiply packed it can multiply unpacked, if more slowly. That it refused
        // to is dealt with thereby.
        drop(gpu_faults::take());
        loaded = load(Placement::Streamed).await;
    }
    loaded.map_err(|stopped| match stopped {
        Stopped::Told(problem) => problem,
        Stopped::Wrong(error) => about(WEIGHTS)(error),
    })
}

/// Why an imported guard is not there.
enum Stopped {
    Wrong(safety::Error),
    Told(Problem),
}

impl From<safety::Error> for Stopped {
    fn from(error: safety::Error) -> Self {
        Self::Wrong(error)
    }
}

/// A guard's configuration.
///
/// # Errors
/// One that cannot be used, or that is another network's; the problem names `file`.
pub fn config(file: &str, json: &str) -> Result<Config, Problem> {
    Config::parse(json).map_err(about(file))
}

/// How large the network of a configuration is.
pub fn size(config: &Config) -> GuardSize {
    GuardSize {
        vocabulary: config.vocabulary,
        hidden_size: config.hidden,
        layers: config.layers(),
        parameters: config.parameters(),
    }
}

/// A guard's tokenizer. Its hash is checked first, if it is known.
///
/// # Errors
/// A wrong hash, or a tokenizer that cannot be used; the problem names `file`.
pub fn tokenizer(entry: &GuardEntry, file: &str, bytes: &[u8]) -> Result<Tokenizer, Problem> {
    check_hash(&entry.tokenizer, file, bytes)?;
    Tokenizer::parse(bytes).map_err(about(file))
}

/// A guard from its weights. Their hash is checked first, if it is known.
///
/// # Errors
/// A wrong hash, a broken file, tensors that are not the configuration's, a tokenizer that knows more
/// tokens than the network; the problem names `file`.
pub fn guard(
    entry: &GuardEntry,
    config: &Config,
    tokenizer: Tokenizer,
    file: &str,
    bytes: Vec<u8>,
    device: &Device,
) -> Result<Guard, Problem> {
    let archive = archive(&entry.weights, file, bytes)?;
    Guard::new(config, tokenizer, archive, entry.context, device).map_err(about(file))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        engine::{
            import::manifest,
            testing::{guard_config, guard_file, guard_weights},
        },
        protocol::{ProblemKind, Tier},
        weights,
    };

    fn entry() -> GuardEntry {
        let file = serde_json::json!({"url": "g/file", "bytes": 7, "sha256": null});
        let manifest = serde_json::json!({"version": 1, "models": [], "guards": [{
            "id": "g", "title": {"en": "G"}, "tier": "built_in", "config": "g/config.json",
            "tokenizer": file, "weights": file, "context": 512, "licence": "Apache-2.0"
        }]});
        manifest_of(&manifest.to_string())
    }

    fn manifest_of(json: &str) -> GuardEntry {
        manifest(json).unwrap().guards.remove(0)
    }

    fn build(entry: &GuardEntry, weights: Vec<u8>) -> Result<Guard, Problem> {
        let config = config("g/config.json", &guard_config())?;
        let tokenizer = tokenizer(entry, "g/tokenizer.json", &guard_file("tokenizer"))?;
        guard(entry, &config, tokenizer, "g/model", weights, &Device::flex())
    }

    #[test]
    fn a_guard_comes_of_its_files() {
        let entry = entry();
        let guard = build(&entry, guard_weights()).unwrap();
        assert_eq!(guard.context(), 512);
        let size = size(guard.config());
        assert_eq!((size.vocabulary, size.layers), (607, 2));
        let summary = summary(&entry);
        assert_eq!((summary.tier, summary.bytes, summary.pinned), (Tier::BuiltIn, 7, false));
        assert_eq!(summary.policies.len(), 4);
    }

    #[test]
    fn whatever_is_wrong_names_its_file() {
        let entry = entry();
        let problem = build(&entry, guard_weights()[..900].to_vec()).unwrap_err();
        assert_eq!((problem.kind, &problem.subject[..]), (ProblemKind::BrokenWeights, "g/model"));
        let other = guard_config().replace("\"gemma2\"", "\"gemma3_text\"");
        let problem = config("g/config.json", &other).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::WrongArchitecture);
        assert!(problem.detail.contains("gemma3_text"), "{}", problem.detail);
        assert_eq!(config("c", "{").unwrap_err().kind, ProblemKind::BrokenManifest);
        let problem = tokenizer(&entry, "g/tokenizer.json", b"{}").unwrap_err();
        assert_eq!(problem.kind, ProblemKind::WrongTokenizer);
        assert_eq!(problem.subject, "g/tokenizer.json");
        let larger = guard_config().replace("\"hidden_size\":32", "\"hidden_size\":64");
        let config = config("g/config.json", &larger).unwrap();
        let tokenizer = tokenizer(&entry, "t", &guard_file("tokenizer")).unwrap();
        let wrong = guard(&entry, &config, tokenizer, "g/model", guard_weights(), &Device::flex());
        assert_eq!(wrong.unwrap_err().kind, ProblemKind::WrongGuardTensors);
    }

    #[test]
    fn hashes_are_checked_first() {
        let mut entry = entry();
        entry.tokenizer.sha256 = Some("0".repeat(64));
        let problem = tokenizer(&entry, "t", b"{}").unwrap_err();
        assert_eq!((problem.kind, &problem.subject[..]), (ProblemKind::WrongHash, "t"));
        entry.tokenizer.sha256 = None;
        entry.weights.sha256 = Some("0".repeat(64));
        assert_eq!(build(&entry, vec![1; 7]).unwrap_err().kind, ProblemKind::WrongHash);
    }

    #[test]
    fn the_built_in_guards_are_the_files_that_the_manifest_names() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let read = |file: &str| std::fs::read(folder.join(file)).unwrap();
        let manifest = manifest(&String::from_utf8(read("manifest.json")).unwrap()).unwrap();
        let built_in = manifest.guards.iter().filter(|entry| entry.tier == weights::Tier::BuiltIn);
        for entry in built_in {
            for location in [&entry.weights, &entry.tokenizer] {
                assert_eq!(read(&location.url).len() as u64, location.bytes, "{}", entry.id);
                assert!(location.sha256.is_some(), "{}", entry.id);
            }
            let json = String::from_utf8(read(&entry.config)).unwrap();
            let config = config(&entry.config, &json).unwrap();
            let tokenizer =
                tokenizer(entry, &entry.tokenizer.url, &read(&entry.tokenizer.url)).unwrap();
            let (file, bytes) = (&entry.weights.url, read(&entry.weights.url));
            let guard = guard(entry, &config, tokenizer, file, bytes, &Device::flex()).unwrap();
            assert_eq!(guard.context(), entry.context);
        }
    }
}
