use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::Error;

/// The version of the manifest's form that is read here.
const VERSION: u32 = 1;

/// Every model that the page knows beforehand: `models/manifest.json`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Manifest {
    version: u32,
    /// The models in the order in which they are offered.
    pub models: Vec<ModelEntry>,
    /// The guards, likewise.
    #[serde(default)]
    pub guards: Vec<GuardEntry>,
}

/// One model of the manifest. Fields that are not named here are ignored.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ModelEntry {
    /// Unique in the manifest.
    pub id: String,
    /// By language code; there is always `en`.
    pub title: BTreeMap<String, String>,
    pub tier: Tier,
    pub architecture: Architecture,
    pub names: Names,
    /// Side of the square that the model was trained for, in pixels.
    pub input_size: usize,
    /// Subtracted from each channel of a picture in [0, 1].
    pub mean: [f32; 3],
    /// Each channel is then divided by this.
    pub std: [f32; 3],
    pub padding: Padding,
    pub num_classes: usize,
    /// Where the labels are, relative to the manifest: lists of names by language code.
    pub labels: String,
    pub weights: Location,
    /// SPDX identifier.
    pub licence: String,
    /// Where the model card is, relative to the manifest.
    pub card: Option<String>,
    /// Where `metrics.json` is, relative to the manifest.
    pub metrics: Option<String>,
}

/// One guard of the manifest: a Gemma 2 that judges texts. Fields that are not named here are ignored.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct GuardEntry {
    /// Unique in the manifest, among the models too.
    pub id: String,
    /// By language code; there is always `en`.
    pub title: BTreeMap<String, String>,
    pub tier: Tier,
    /// Where its `config.json` is, relative to the manifest.
    pub config: String,
    /// Its `tokenizer.json`.
    pub tokenizer: Location,
    /// The file of weights; where it is hosted in pieces, what it would be as a whole.
    pub weights: Location,
    /// Where its `pieces.json` is, relative to the manifest, if it is hosted in pieces.
    pub pieces: Option<String>,
    /// The most tokens that it was trained to read.
    pub context: usize,
    /// SPDX identifier, or the name of the terms.
    pub licence: String,
    /// Where the model card is, relative to the manifest.
    pub card: Option<String>,
    /// Where `metrics.json` is, relative to the manifest.
    pub metrics: Option<String>,
}

/// Where a model's weights come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Shipped with the page.
    BuiltIn,
    /// On a public model hub.
    Hub,
}

/// The networks there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    MobilenetV2,
    EfficientnetB0,
    EfficientnetB1,
    EfficientnetB2,
    EfficientnetB3,
    EfficientnetB4,
    EfficientnetLite0,
}

/// Whose tensor names a file of weights uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// `features.1.conv.0.0.weight`
    Torchvision,
    /// `blocks.0.0.conv_dw.weight`
    Timm,
}

/// How a convolution with stride 2 treats the border, for which frameworks differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// TensorFlow's "SAME": the output has `ceil(input / stride)` pixels, and the odd pixel of
    /// padding comes after.
    Same,
    /// PyTorch's usual `kernel / 2` on both sides.
    Symmetric,
}

/// A large file.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Location {
    /// Relative to the manifest, or absolute.
    pub url: String,
    /// Size of the file.
    pub bytes: u64,
    /// Whether [`Self::bytes`] is exact and not an estimate.
    #[serde(default = "exact")]
    pub bytes_exact: bool,
    /// In hexadecimal, where the file is known beforehand.
    pub sha256: Option<String>,
}

fn exact() -> bool {
    true
}

/// Whether pixels minus `mean`, divided by `std`, are numbers: both are finite, and so is the inverse
/// of `std`, which is positive.
pub fn can_normalise(mean: &[f32; 3], std: &[f32; 3]) -> bool {
    mean.iter().all(|mean| mean.is_finite())
        && std.iter().all(|std| std.is_finite() && *std > 0.0 && (1.0 / std).is_finite())
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// [`Error::Manifest`] if it is no JSON of this form, or an id appears twice, a size, class
    /// count, context or standard deviation is not positive, a hash is not 64 hexadecimal digits, or
    /// the names are not read for the architecture.
    pub fn parse(json: &str) -> Result<Self, Error> {
        let manifest: Self =
            serde_json::from_str(json).map_err(|error| Error::Manifest(error.to_string()))?;
        if manifest.version != VERSION {
            let found = manifest.version;
            return Err(Error::Manifest(format!("version {found} where {VERSION} is read")));
        }
        let mut seen = HashSet::new();
        for model in &manifest.models {
            if !seen.insert(&model.id) {
                return Err(Error::Manifest(format!("model `{}` appears twice", model.id)));
            }
            model
                .check()
                .map_err(|what| Error::Manifest(format!("model `{}`: {what}", model.id)))?;
        }
        for guard in &manifest.guards {
            if !seen.insert(&guard.id) {
                return Err(Error::Manifest(format!("guard `{}` appears twice", guard.id)));
            }
            guard
                .check()
                .map_err(|what| Error::Manifest(format!("guard `{}`: {what}", guard.id)))?;
        }
        Ok(manifest)
    }

    /// The model with that id.
    pub fn get(&self, id: &str) -> Option<&ModelEntry> {
        self.models.iter().find(|model| model.id == id)
    }

    /// The guard with that id.
    pub fn guard(&self, id: &str) -> Option<&GuardEntry> {
        self.guards.iter().find(|guard| guard.id == id)
    }
}

impl ModelEntry {
    fn check(&self) -> Result<(), &'static str> {
        check_name(&self.id, &self.title)?;
        if self.input_size == 0 || self.num_classes == 0 {
            return Err("input_size and num_classes must be positive");
        }
        if !can_normalise(&self.mean, &self.std) {
            return Err("mean and std must be finite, and std positive and not too small");
        }
        if self.architecture != Architecture::MobilenetV2 && self.names != Names::Timm {
            return Err("an EfficientNet is read by timm's names only");
        }
        self.weights.check()
    }
}

impl GuardEntry {
    fn check(&self) -> Result<(), &'static str> {
        check_name(&self.id, &self.title)?;
        if self.context == 0 {
            return Err("context must be positive");
        }
        self.tokenizer.check()?;
        self.weights.check()
    }
}

impl Location {
    fn check(&self) -> Result<(), &'static str> {
        match &self.sha256 {
            Some(hash) if hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Err("sha256 is not 64 hexadecimal digits")
            }
            _ => Ok(()),
        }
    }
}

fn check_name(id: &str, title: &BTreeMap<String, String>) -> Result<(), &'static str> {
    if id.is_empty() {
        return Err("its id is empty");
    }
    if title.contains_key("en") { Ok(()) } else { Err("it has no English title") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(changes: &[(&str, serde_json::Value)]) -> serde_json::Value {
        let mut entry = serde_json::json!({
            "id": "a", "title": {"en": "A", "vi": "A"}, "tier": "built_in",
            "architecture": "mobilenet_v2", "names": "timm", "input_size": 224,
            "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "padding": "same", "num_classes": 5,
            "labels": "a/labels.json",
            "weights": {"url": "a/model.safetensors", "bytes": 7, "sha256": null},
            "licence": "MIT", "card": null, "metrics": null, "a field of tomorrow": 1
        });
        for (key, value) in changes {
            entry[*key] = value.clone();
        }
        entry
    }

    fn parse(models: Vec<serde_json::Value>) -> Result<Manifest, Error> {
        Manifest::parse(&serde_json::json!({"version": 1, "models": models}).to_string())
    }

    #[test]
    fn a_good_manifest_is_read() {
        let manifest = parse(vec![entry(&[])]).unwrap();
        let model = manifest.get("a").unwrap();
        assert_eq!(model.names, Names::Timm);
        assert_eq!(model.padding, Padding::Same);
        assert_eq!(model.architecture, Architecture::MobilenetV2);
        assert!(model.weights.bytes_exact && model.weights.sha256.is_none());
        assert_eq!(manifest.get("b"), None);
    }

    #[test]
    fn bad_values_are_named() {
        use serde_json::json;
        for (change, part) in [
            (("std", json!([0.5, 0.0, 0.5])), "std"),
            (("std", json!([0.5, 1e-40, 0.5])), "std"),
            (("num_classes", json!(0)), "num_classes"),
            (("names", json!("keras")), "keras"),
            (("title", json!({"vi": "A"})), "English"),
            (("weights", json!({"url": "u", "bytes": 1, "sha256": "12"})), "sha256"),
            (("architecture", json!("efficientnet_b9")), "efficientnet_b9"),
        ] {
            let error = parse(vec![entry(&[change])]).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let lite = |names| [("architecture", json!("efficientnet_lite0")), ("names", json!(names))];
        assert!(parse(vec![entry(&lite("timm"))]).is_ok());
        let error = parse(vec![entry(&lite("torchvision"))]).unwrap_err();
        assert!(error.to_string().contains("timm"), "{error}");
        let error = parse(vec![entry(&[]), entry(&[])]).unwrap_err().to_string();
        assert!(error.contains("twice"), "{error}");
        assert!(Manifest::parse("{").is_err());
        assert!(Manifest::parse(r#"{"version": 2, "models": []}"#).is_err());
    }

    #[test]
    fn guards_stand_beside_the_models() {
        use serde_json::json;
        let guard = |changes: &[(&str, serde_json::Value)]| {
            let file = json!({"url": "g/f", "bytes": 7, "sha256": null});
            let mut guard = json!({
                "id": "g", "title": {"en": "G"}, "tier": "built_in", "config": "g/config.json",
                "tokenizer": file, "weights": file, "context": 512, "licence": "Apache-2.0"
            });
            for (key, value) in changes {
                guard[*key] = value.clone();
            }
            let manifest = json!({"version": 1, "models": [entry(&[])], "guards": [guard]});
            Manifest::parse(&manifest.to_string())
        };
        let manifest = guard(&[]).unwrap();
        assert_eq!(manifest.guard("g").unwrap().context, 512);
        assert_eq!(manifest.guard("g").unwrap().pieces, None);
        let in_pieces = guard(&[("pieces", json!("g/pieces.json"))]).unwrap();
        assert_eq!(in_pieces.guards[0].pieces.as_deref(), Some("g/pieces.json"));
        assert_eq!((manifest.guard("a"), manifest.get("g")), (None, None));
        for (change, part) in [
            (("context", json!(0)), "context"),
            (("id", json!("a")), "twice"),
            (("title", json!({"vi": "G"})), "English"),
            (("tokenizer", json!({"url": "u", "bytes": 1, "sha256": "g".repeat(64)})), "sha256"),
            (("config", json!(null)), "string"),
        ] {
            let error = guard(&[change]).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
