use std::fmt;

use serde::{Deserialize, Serialize};

/// Brings a large guard's files into this browser.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ImportRequest {
    /// The id that it gets.
    pub guard: String,
    /// Absolute address of the folder that holds `manifest.json`.
    pub models_url: String,
    pub source: ImportSource,
    /// Whether what there is of another import may go; without it that is
    /// [`ProblemKind::OtherImport`](super::ProblemKind::OtherImport).
    pub start_over: bool,
}

/// Where an import reads from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ImportSource {
    /// The files that the learner picked. They travel beside the message, which no data can hold them.
    Picked,
    /// The publisher's repository on the hub.
    Hub { token: AccessToken },
    /// The pieces that the site itself has.
    Site,
}

/// The learner's own access token for the hub. It is in memory only, and never printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccessToken(pub String);

impl fmt::Debug for AccessToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AccessToken(…)")
    }
}

/// Where an import came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportedFrom {
    Picked,
    Hub,
    Site,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProgress {
    pub step: ImportStep,
    pub begun: Begun,
    /// Bytes of what [`Self::step`] goes through.
    pub done: u64,
    pub total: u64,
}

/// What an import is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportStep {
    /// Reads the source's files and packs them.
    Packing,
    /// Fetches pieces that are packed already.
    Copying,
    /// Reads what is kept, for its checksums.
    Checking,
}

/// Where an import began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Begun {
    /// There was nothing.
    Afresh,
    /// It goes on where it stopped.
    Resumed,
    /// There was an import of something else, or one that cannot be gone on with.
    Over,
}

/// What there is to know before an import.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportReport {
    /// The id that an import gets.
    pub guard: String,
    /// What this browser keeps, finished or not.
    pub kept: Vec<KeptImport>,
    /// How many bytes the site's own pieces have, if it has any.
    pub site: Option<u64>,
    /// Why nothing can be kept here.
    pub forbidden: Option<super::Problem>,
    /// Bytes that this browser still has room for, as it says; none where it says nothing.
    pub free: Option<u64>,
}

/// An import in this browser's storage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptImport {
    pub guard: String,
    pub title: super::Localised<String>,
    pub from: ImportedFrom,
    /// What it takes up, in bytes.
    pub bytes: u64,
    /// Bytes of the source that are done, and of how many.
    pub done: u64,
    pub total: u64,
    /// Whether it can be used.
    pub complete: bool,
    /// Whether it is being written just now, in this tab or another one.
    pub in_use: bool,
}
