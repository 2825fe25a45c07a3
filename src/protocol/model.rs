use serde::{Deserialize, Serialize};

/// Where a model comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Shipped with the page.
    BuiltIn,
    /// On a public model hub, fetched on request.
    Hub,
    /// A file that the learner picked.
    OwnFile,
}

/// A text in the languages it is known in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Localised<T> {
    pub en: T,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vi: Option<T>,
}

/// What the page shows of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModelSummary {
    pub id: String,
    pub title: Localised<String>,
    pub tier: Tier,
    /// Side of the square that the model was made for, in pixels.
    pub input_size: u32,
    /// Names of the classes, in the order of the logits; empty until the model is loaded.
    pub labels: Localised<Vec<String>>,
    /// Size of the weights as fetched.
    pub bytes: u64,
    pub licence: String,
    /// Whether the weights are in this browser's cache.
    pub cached: bool,
    /// Whether the browser would not keep the weights when they were fetched: it has no room, or
    /// forbids storage.
    pub not_kept: bool,
    /// Whether the weights' hash is known beforehand and was or will be checked.
    pub pinned: bool,
    /// Accuracy on the model's own validation set, 0 to 1, where it was measured.
    pub accuracy: Option<f32>,
    /// Where the measurements are, relative to the manifest, if there are any.
    pub metrics: Option<String>,
}
