//! A model from its files.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};

use super::{checks, labels, problem::about};
use crate::{
    protocol::{Localised, ModelSummary, Problem, ProblemKind, Tier},
    vision::{Classifier, Detected, ModelSpec, Network, PixelTensor},
    weights::{
        self, Architecture, Archive, Location, Manifest, ModelEntry, Padding, can_normalise,
        verify_sha256,
    },
};

/// The id under which a learner's own file answers. There is one at a time.
pub const OWN_MODEL: &str = "own";

/// Mean and standard deviation of ImageNet's channels, in pixel units, which torchvision's and
/// most of timm's weights were trained with.
const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];
const USUAL_INPUT_SIZE: usize = 224;

/// A model that is ready.
pub struct Model {
    /// What computes.
    pub network: Network,
    /// What the page shows of it, labels included.
    pub summary: ModelSummary,
}

impl Classifier for Model {
    fn logits(&self, pixels: &PixelTensor) -> Tensor<2> {
        self.network.logits(pixels)
    }

    fn input_size(&self) -> usize {
        self.network.input_size()
    }

    fn num_classes(&self) -> usize {
        self.network.num_classes()
    }

    fn name(&self) -> &str {
        self.network.name()
    }
}

/// Reads the manifest.
///
/// # Errors
/// [`ProblemKind::BrokenManifest`], also if a model was made for a side that no request can have.
pub fn manifest(json: &str) -> Result<Manifest, Problem> {
    let manifest = Manifest::parse(json).map_err(about("manifest.json"))?;
    match manifest.models.iter().find(|entry| !is_side(entry.input_size)) {
        None => Ok(manifest),
        Some(ModelEntry { id, input_size, .. }) => {
            let detail = format!("model `{id}`: `input_size` is {input_size}");
            Err(Problem::new(ProblemKind::BrokenManifest, "manifest.json", detail))
        }
    }
}

/// What the page shows of a model of the manifest. Whether its weights are cached, its labels and
/// its accuracy are in other files.
pub fn summary(entry: &ModelEntry) -> ModelSummary {
    ModelSummary {
        id: entry.id.clone(),
        title: title(&entry.id, &entry.title),
        tier: tier(entry.tier),
        input_size: entry.input_size as u32,
        labels: Localised::default(),
        bytes: entry.weights.bytes,
        licence: entry.licence.clone(),
        cached: false,
        not_kept: false,
        pinned: entry.weights.sha256.is_some(),
        accuracy: None,
        metrics: entry.metrics.clone(),
    }
}

/// A title of the manifest's; what has no English one is called by its id.
pub fn title(id: &str, titles: &BTreeMap<String, String>) -> Localised<String> {
    let title = |language: &str| titles.get(language).cloned();
    Localised { en: title("en").unwrap_or_else(|| id.to_owned()), vi: title("vi") }
}

/// Where the manifest says that something comes from.
pub fn tier(tier: weights::Tier) -> Tier {
    match tier {
        weights::Tier::BuiltIn => Tier::BuiltIn,
        weights::Tier::Hub => Tier::Hub,
    }
}

/// The tensors of a file that the manifest names. Its hash is checked first, if it is known.
///
/// # Errors
/// A wrong hash or a broken file; each names `file`.
pub fn archive(location: &Location, file: &str, bytes: Vec<u8>) -> Result<Archive, Problem> {
    check_hash(location, file, &bytes)?;
    Archive::parse(bytes).map_err(about(file))
}

/// Checks that a file is the one that the manifest names, if its hash is known.
///
/// # Errors
/// A wrong hash, naming `file`.
pub fn check_hash(location: &Location, file: &str, bytes: &[u8]) -> Result<(), Problem> {
    match &location.sha256 {
        Some(expected) => Ok(verify_sha256(file, bytes, expected)?),
        None => Ok(()),
    }
}

/// The network of a manifest's entry from its tensors.
///
/// # Errors
/// Tensors that are not the network's; the problem names `file`.
pub fn network(
    entry: &ModelEntry,
    file: &str,
    archive: &Archive,
    device: &Device,
) -> Result<Network, Problem> {
    let spec = ModelSpec {
        names: entry.names,
        padding: entry.padding,
        mean: entry.mean,
        std: entry.std,
        num_classes: entry.num_classes,
        input_size: entry.input_size,
        name: entry.id.clone(),
    };
    Network::load(entry.architecture, archive, &spec, device).map_err(about(file))
}

/// A learner's own safetensors file: MobileNetV2 with torchvision's or timm's tensor names, or an
/// EfficientNet with timm's, and any number of classes.
///
/// The file's own description may hold `mean` and `std` (JSON arrays of three numbers), `padding`
/// (`same` or `symmetric`), `input_size` and `labels` (as in a labels file); what is not there is
/// ImageNet's mean and standard deviation, symmetric padding and 224 pixels. `imagenet_labels`
/// name the classes of a file with as many of them; otherwise they are numbered.
///
/// # Errors
/// A broken file, a description that cannot be read, or tensors that are not the network's.
pub fn own_model(
    file: &str,
    bytes: Vec<u8>,
    imagenet_labels: Option<&Localised<Vec<String>>>,
    device: &Device,
) -> Result<Model, Problem> {
    let size = bytes.len() as u64;
    let archive = Archive::parse(bytes).map_err(about(file))?;
    let (architecture, spec) = own_spec(file, &archive)?;
    let num_classes = spec.num_classes;
    let network = Network::load(architecture, &archive, &spec, device).map_err(about(file))?;
    let labels = match (archive.description("labels"), imagenet_labels) {
        (Some(json), _) => labels::parse(file, json, num_classes)
            .map_err(|problem| Problem { kind: ProblemKind::BrokenWeights, ..problem })?,
        (None, Some(names)) if names.en.len() == num_classes => names.clone(),
        _ => labels::numbered(num_classes),
    };
    let summary = ModelSummary {
        id: OWN_MODEL.to_owned(),
        title: Localised { en: file.to_owned(), vi: None },
        tier: Tier::OwnFile,
        input_size: network.input_size() as u32,
        labels,
        bytes: size,
        licence: String::new(),
        cached: false,
        not_kept: false,
        pinned: false,
        accuracy: None,
        metrics: None,
    };
    Ok(Model { network, summary })
}

fn own_spec(file: &str, archive: &Archive) -> Result<(Architecture, ModelSpec), Problem> {
    let Some(Detected { architecture, names, num_classes: num_classes @ 1.. }) =
        Network::detect(archive)
    else {
        let detail = "its tensors are not those of a MobileNetV2 by torchvision or timm, nor of an \
                      EfficientNet-B0 to B4 or Lite0 by timm";
        let detail = match missing_classifier(archive) {
            Some(tensor) => format!("{detail}: `{tensor}` is missing, or of another shape"),
            None => detail.to_owned(),
        };
        return Err(Problem::new(ProblemKind::WrongTensors, file, detail));
    };
    let described = Description { file, archive };
    let mean = described.json::<[f32; 3]>("mean")?.unwrap_or(IMAGENET_MEAN);
    let std = described.json::<[f32; 3]>("std")?.unwrap_or(IMAGENET_STD);
    if !can_normalise(&mean, &std) {
        return Err(described.broken("`mean` or `std` cannot normalise anything"));
    }
    let padding = match archive.description("padding") {
        None | Some("symmetric") => Padding::Symmetric,
        Some("same") => Padding::Same,
        Some(other) => return Err(described.broken(format!("`padding` is `{other}`"))),
    };
    let input_size = match described.json::<usize>("input_size")? {
        None => USUAL_INPUT_SIZE,
        Some(size) if is_side(size) => size,
        Some(size) => return Err(described.broken(format!("`input_size` is {size}"))),
    };
    let name = file.to_owned();
    let spec = ModelSpec { names, padding, mean, std, num_classes, input_size, name };
    Ok((architecture, spec))
}

/// Of a file that begins as a network the tensor that it should end with.
fn missing_classifier(archive: &Archive) -> Option<&'static str> {
    [("features.0.0.weight", "classifier.1.weight"), ("conv_stem.weight", "classifier.weight")]
        .into_iter()
        .find_map(|(first, last)| archive.contains(first).then_some(last))
}

fn is_side(size: usize) -> bool {
    u32::try_from(size).is_ok_and(checks::is_side)
}

/// A file's description of itself (safetensors' `__metadata__`).
struct Description<'a> {
    file: &'a str,
    archive: &'a Archive,
}

impl Description<'_> {
    fn json<T: serde::de::DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.archive.description(key) else { return Ok(None) };
        let read = serde_json::from_str(text).map(Some);
        read.map_err(|error| self.broken(format!("`{key}`: {error}")))
    }

    fn broken(&self, detail: impl std::fmt::Display) -> Problem {
        let detail = format!("the file's description is wrong: {detail}");
        Problem::new(ProblemKind::BrokenWeights, self.file, detail)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::engine::{
        attack::derivative,
        classify::classify,
        testing::{Recorder, block_on, plain, safetensors, work},
    };

    type Tensors = Vec<(String, Vec<usize>, Vec<f32>)>;

    /// A MobileNetV2 by timm's names with biases and no batch norm, whose answer is the last layer's
    /// bias: every class gets its own number.
    fn constant_network(classes: usize) -> Tensors {
        let mut tensors = Tensors::new();
        let mut add = |name: String, shape: &[usize]| {
            let outputs = shape[0];
            let size = shape.iter().product();
            tensors.push((format!("{name}.weight"), shape.to_vec(), vec![0.0; size]));
            let bias = (0..outputs).map(|output| output as f32).collect();
            tensors.push((format!("{name}.bias"), vec![outputs], bias));
        };
        add("conv_stem".to_owned(), &[32, 3, 3, 3]);
        let mut inputs = 32;
        let stages =
            [(1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)];
        for (stage, (expansion, outputs, repeats)) in stages.into_iter().enumerate() {
            for repeat in 0..repeats {
                let (block, hidden) = (format!("blocks.{stage}.{repeat}"), inputs * expansion);
                if expansion > 1 {
                    add(format!("{block}.conv_pw"), &[hidden, inputs, 1, 1]);
                }
                add(format!("{block}.conv_dw"), &[hidden, 1, 3, 3]);
                let project = if expansion > 1 { "conv_pwl" } else { "conv_pw" };
                add(format!("{block}.{project}"), &[outputs, hidden, 1, 1]);
                inputs = outputs;
            }
        }
        add("conv_head".to_owned(), &[1280, 320, 1, 1]);
        add("classifier".to_owned(), &[classes, 1280]);
        tensors
    }

    fn own(bytes: Vec<u8>, imagenet: Option<&Localised<Vec<String>>>) -> Result<Model, Problem> {
        own_model("mine.safetensors", bytes, imagenet, &Device::flex())
    }

    fn refused(bytes: Vec<u8>) -> (ProblemKind, String) {
        let problem = own(bytes, None).map(|_| ()).unwrap_err();
        assert_eq!(problem.subject, "mine.safetensors");
        (problem.kind, problem.detail)
    }

    #[test]
    fn an_own_file_is_understood_by_itself() {
        let model = own(safetensors(&constant_network(3), &[]), None).unwrap();
        assert_eq!(model.summary.id, OWN_MODEL);
        assert_eq!(model.summary.title.en, "mine.safetensors");
        assert_eq!(model.summary.labels.en, ["class 0", "class 1", "class 2"]);
        assert_eq!(model.summary.input_size, 224);
        let device = Device::flex();
        let recorder = Recorder::patient();
        let picture = plain(32, [9, 9, 9]);
        let work = work(&device, &recorder);
        let said = classify(&work, &model.network, &picture);
        let labels: Vec<usize> =
            block_on(said).unwrap().top.iter().map(|score| score.label).collect();
        assert_eq!(labels, [2, 1, 0]);
    }

    #[test]
    fn an_own_file_may_describe_itself() {
        let description = [
            ("mean", "[0.5, 0.5, 0.5]"),
            ("std", "[0.5, 0.5, 0.5]"),
            ("padding", "same"),
            ("input_size", "96"),
            ("labels", r#"["rose", "tulip"]"#),
        ];
        let model = own(safetensors(&constant_network(2), &description), None).unwrap();
        assert_eq!(model.summary.input_size, 96);
        assert_eq!(model.summary.labels.en, ["rose", "tulip"]);
    }

    #[test]
    fn imagenet_labels_need_as_many_classes() {
        let imagenet = Localised { en: vec!["tench".to_owned(), "shark".to_owned()], vi: None };
        let named = own(safetensors(&constant_network(2), &[]), Some(&imagenet)).unwrap();
        assert_eq!(named.summary.labels, imagenet);
        let other = own(safetensors(&constant_network(3), &[]), Some(&imagenet)).unwrap();
        assert_eq!(other.summary.labels.en[0], "class 0");
    }

    #[test]
    fn wrong_descriptions_are_named() {
        for (key, text) in [
            ("mean", "grey"),
            ("std", "[0, 1, 1]"),
            ("std", "[1e-40, 1, 1]"),
            ("padding", "valid"),
            ("input_size", "7"),
            ("input_size", "100"),
            ("input_size", "352"),
            ("labels", r#"["rose"]"#),
        ] {
            let (kind, detail) = refused(safetensors(&constant_network(2), &[(key, text)]));
            assert_eq!(kind, ProblemKind::BrokenWeights, "{key}: {detail}");
        }
    }

    #[test]
    fn other_files_are_refused() {
        assert_eq!(refused(b"short".to_vec()).0, ProblemKind::BrokenWeights);
        let other = vec![("w".to_owned(), vec![1], vec![1.0])];
        assert_eq!(refused(safetensors(&other, &[])).0, ProblemKind::WrongTensors);
        let mut missing = constant_network(2);
        missing.retain(|(name, ..)| name != "blocks.3.1.conv_dw.weight");
        let (kind, detail) = refused(safetensors(&missing, &[]));
        assert_eq!(kind, ProblemKind::WrongTensors);
        assert!(detail.contains("blocks.3.1.conv_dw.weight"), "{detail}");
        let mut renamed = constant_network(2);
        let last = renamed.iter_mut().find(|(name, ..)| name == "classifier.weight").unwrap();
        last.0 = "fc.weight".to_owned();
        let (kind, detail) = refused(safetensors(&renamed, &[]));
        assert_eq!(kind, ProblemKind::WrongTensors);
        assert!(detail.contains("`classifier.weight`"), "{detail}");
        let mut broken = constant_network(2);
        broken[4].2[0] = f32::NAN;
        assert_eq!(refused(safetensors(&broken, &[])).0, ProblemKind::NotFinite);
    }

    #[test]
    fn weights_that_overflow_are_no_prediction() {
        let mut tensors = constant_network(2);
        // The features are biases from 0 to 6; two rows of the largest number overflow on them.
        let (.., weights) =
            tensors.iter_mut().find(|(name, ..)| name == "classifier.weight").unwrap();
        weights.fill(f32::MAX);
        let model = own(safetensors(&tensors, &[]), None).unwrap();
        let (device, recorder) = (Device::flex(), Recorder::patient());
        let (work, picture) = (work(&device, &recorder), plain(32, [9, 9, 9]));
        let classified = block_on(classify(&work, &model.network, &picture)).unwrap_err();
        let differentiated = block_on(derivative(&work, &model.network, &picture, 0)).unwrap_err();
        for problem in [classified, differentiated] {
            assert_eq!(problem.kind, ProblemKind::NotFinite);
            assert_eq!(problem.subject, "mine.safetensors");
        }
    }

    /// A manifest of one model.
    fn listed(input_size: usize) -> String {
        serde_json::json!({"version": 1, "models": [{
            "id": "a", "title": {"en": "A", "vi": "B"}, "tier": "hub",
            "architecture": "mobilenet_v2", "names": "timm", "input_size": input_size,
            "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "padding": "same",
            "num_classes": 2, "labels": "a/labels.json", "licence": "MIT",
            "weights": {"url": "a.safetensors", "bytes": 7, "sha256": "0".repeat(64)}
        }]})
        .to_string()
    }

    #[test]
    fn the_hash_is_checked_before_anything_else() {
        let manifest = manifest(&listed(224)).unwrap();
        let entry = &manifest.models[0];
        let problem = archive(&entry.weights, "a.safetensors", vec![1; 7]).unwrap_err();
        assert_eq!(problem.kind, ProblemKind::WrongHash);
        assert_eq!(problem.subject, "a.safetensors");
        let summary = summary(entry);
        assert_eq!(summary.title.vi.as_deref(), Some("B"));
        assert_eq!((summary.tier, summary.bytes, summary.pinned), (Tier::Hub, 7, true));
    }

    #[test]
    fn a_model_is_made_for_a_side_that_can_be_asked_for() {
        for input_size in [16, 100, 352, usize::MAX] {
            let problem = manifest(&listed(input_size)).unwrap_err();
            assert_eq!(problem.kind, ProblemKind::BrokenManifest, "{input_size}");
            assert!(problem.detail.contains(&input_size.to_string()), "{}", problem.detail);
        }
        assert_eq!(manifest("<!doctype html>").unwrap_err().kind, ProblemKind::BrokenManifest);
    }

    #[test]
    fn the_built_in_models_are_the_files_that_the_manifest_names() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
        let read = |file: &str| std::fs::read(folder.join(file)).unwrap();
        let json = String::from_utf8(read("manifest.json")).unwrap();
        let manifest = manifest(&json).unwrap();
        let built_in = manifest.models.iter().filter(|entry| entry.tier == weights::Tier::BuiltIn);
        assert!(built_in.clone().count() > 0);
        for entry in built_in {
            let bytes = read(&entry.weights.url);
            assert_eq!(bytes.len() as u64, entry.weights.bytes, "{}", entry.id);
            assert!(entry.weights.sha256.is_some(), "{}", entry.id);
            let archive = archive(&entry.weights, &entry.weights.url, bytes).unwrap();
            network(entry, &entry.weights.url, &archive, &Device::flex()).unwrap();
            let json = String::from_utf8(read(&entry.labels)).unwrap();
            labels::parse(&entry.labels, &json, entry.num_classes).unwrap();
        }
    }
}
