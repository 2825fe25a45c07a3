//! What crosses between the page and the engine. Data only: no logic, no browser, no burn.
//!
//! The page posts a [`ToEngine`], the engine answers with any number of [`FromEngine`]: first
//! [`FromEngine::Hello`] when its module runs, then for each job some [`FromEngine::Progress`] and
//! exactly one [`FromEngine::Done`] or [`FromEngine::Failed`].

mod attack;
mod device;
mod model;
mod picture;
mod problem;

pub use attack::*;
pub use device::*;
pub use model::*;
pub use picture::*;
pub use problem::*;

use serde::{Deserialize, Serialize};

/// Names a job for as long as the page lives.
pub type JobId = u32;

/// A message from the page to the engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ToEngine {
    /// Do this; answer with the same id.
    Run { job: JobId, request: Request },
    /// Stop that job between two of its steps. It then fails with [`ProblemKind::Cancelled`].
    Cancel { job: JobId },
}

/// A message from the engine to the page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum FromEngine {
    /// The module runs and listens. Nothing is to be posted before this.
    Hello,
    /// How far a job is.
    Progress { job: JobId, progress: Progress },
    /// A job's result; its last message.
    Done { job: JobId, response: Response },
    /// Why a job has no result; its last message.
    Failed { job: JobId, problem: Problem },
    /// The GPU was taken away. The engine is of no more use: start another one.
    DeviceLost { reason: String },
}

/// What the page can ask for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Open the device, check it against the CPU and time it. The first request of a fresh engine.
    /// `models_url` is the absolute address of the folder that holds `manifest.json`.
    /// Answer: [`Response::Started`].
    Start { models_url: String },
    /// Read an image file: upright, flattened on white, at most [`MAX_PICTURE_SIDE`] wide and high.
    /// Answer: [`Response::Picture`].
    Decode {
        name: String,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Cut a square out of a picture and resample it to `size` by `size`.
    /// Answer: [`Response::Picture`].
    Crop { picture: Picture, crop: Crop, size: u32 },
    /// Write a picture as an 8-bit PNG. Answer: [`Response::File`].
    EncodePng { picture: Picture },
    /// The models there are. Answer: [`Response::Models`].
    ListModels,
    /// Fetch (or take from the cache), check and unpack a model of the manifest.
    /// Reports [`Progress::Bytes`]. Answer: [`Response::Model`].
    LoadModel { model: String },
    /// Load a safetensors file that the learner picked. Answer: [`Response::Model`].
    LoadOwnModel {
        file: String,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Remove a model's weights from this browser's cache. Answer: [`Response::Nothing`].
    ForgetModel { model: String },
    /// Classify a square picture (any side that is a multiple of 32, from 32 to 320).
    /// Loads the model if needed. Answer: [`Response::Classified`].
    Classify { model: String, picture: Picture },
    /// The logits and the loss's gradient themselves, for those who want the numbers. The loss is the
    /// cross-entropy with respect to `label`. Answer: [`Response::Differentiated`].
    Differentiate { model: String, picture: Picture, label: usize },
    /// One FGSM step. Answer: [`Response::Attacked`].
    Attack(AttackRequest),
    /// FGSM at many epsilons along the same gradient. Reports [`Progress::Point`] for each epsilon.
    /// Answer: [`Response::Swept`].
    Sweep(SweepRequest),
}

/// What a job comes to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Response {
    Nothing,
    Started(DeviceReport),
    Picture(Picture),
    File {
        name: String,
        mime: String,
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    Models(Vec<ModelSummary>),
    Model(ModelSummary),
    Classified(Classification),
    Differentiated(Derivative),
    Attacked(Box<AttackOutcome>),
    Swept(Vec<SweepPoint>),
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Progress {
    /// Bytes fetched, and how many there will be if the server said so.
    Bytes { done: u64, total: Option<u64> },
    /// A step of work has begun.
    Stage(Stage),
    /// One more point of a sweep.
    Point(SweepPoint),
}

/// What an engine is doing. The page has a sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    OpeningDevice,
    CheckingDevice,
    Fetching,
    Unpacking,
    Predicting,
    Differentiating,
}
