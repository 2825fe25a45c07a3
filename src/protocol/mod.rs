//! What crosses between the page and the engine. Data only: no logic, no browser, no burn.
//!
//! The page posts a [`ToEngine`], the engine answers with any number of [`FromEngine`]: first
//! [`FromEngine::Hello`] when its module runs, then for each job some [`FromEngine::Progress`] and
//! exactly one [`FromEngine::Done`] or [`FromEngine::Failed`].

mod attack;
mod device;
mod import;
mod model;
mod picture;
mod problem;
mod run;
mod safety;

pub use attack::*;
pub use device::*;
pub use import::*;
pub use model::*;
pub use picture::*;
pub use problem::*;
pub use run::*;
pub use safety::*;

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
    /// Start an iterative attack that stays in the engine between requests; at most eight do, and
    /// one more ends the oldest. Loads the model if needed. Answer: [`Response::RunOpened`].
    OpenRun(RunRequest),
    /// Go on with a run for at most so many steps, over its restarts. Reports [`Progress::Step`] for
    /// each `every`th step (0: none), with the perturbation if wanted. Cancelled, the run stays where
    /// it is. An engine that was started anew has lost its runs: [`ProblemKind::UnknownRun`]. A loss
    /// that is not a number is [`ProblemKind::NotFinite`]; the run keeps its last good step.
    /// Answer: [`Response::RunAdvanced`].
    AdvanceRun { run: RunId, steps: u32, every: u32, perturbation: bool },
    /// What a run has come to so far. It stays. Answer: [`Response::RunFinished`].
    FinishRun { run: RunId },
    /// End a run, known or not. Answer: [`Response::Nothing`].
    CloseRun { run: RunId },
    /// Send a picture through a file format or another size. Answer: [`Response::Picture`].
    RoundTrip { picture: Picture, trip: Trip },
    /// Look for the smallest epsilon that flips a picture, by bisection. Reports
    /// [`Progress::Tried`]. Answer: [`Response::SmallestEpsilon`].
    SmallestEpsilon(SmallestEpsilonRequest),
    /// The guards there are, finished imports among them. Answer: [`Response::Guards`].
    ListGuards,
    /// Fetch (or take from the cache), check and unpack a guard of the manifest, or open an imported
    /// one. Reports [`Progress::Bytes`], or [`Progress::Layers`] for an imported one.
    /// Answer: [`Response::Guard`].
    LoadGuard { guard: String },
    /// Remove a guard's weights from this browser's cache, or an import, finished or not. Answer:
    /// [`Response::Nothing`].
    ForgetGuard { guard: String },
    /// What is imported, and what an import would need. Answer: [`Response::Imports`].
    ReportImports,
    /// Bring a large guard in, packed on the way. Cancelled, it stays where it is, and the same request
    /// goes on from there. It needs no [`Request::Start`], and is best asked of an engine that has
    /// nothing else to do. Reports [`Progress::Import`]. Answer: [`Response::Nothing`].
    ImportGuard(ImportRequest),
    /// Compare a finished import with its checksums. It needs no [`Request::Start`] either. Reports
    /// [`Progress::Import`]. Answer: [`Response::Nothing`], or [`ProblemKind::DamagedImport`].
    CheckGuard { guard: String },
    /// Judge an exchange by some policies. Reports [`Progress::Judged`] for each. Loads the guard if
    /// needed, as do all that follow but the last. Answer: [`Response::Judged`].
    Judge(JudgeRequest),
    /// Judge many exchanges. Reports [`Progress::Exchange`] for each. Answer:
    /// [`Response::JudgedMany`].
    JudgeMany(JudgeManyRequest),
    /// Several texts in one batch, read at each other's ends. Answer: [`Response::Batch`].
    JudgeBatch(BatchRequest),
    /// A prompt with its parts and tokens. Answer: [`Response::Prompt`].
    InspectPrompt(InspectRequest),
    /// Which tokens decide. Answer: [`Response::Explained`].
    Explain(ExplainRequest),
    /// Replace words until the verdict turns. Reports [`Progress::Swap`] for each.
    /// Answer: [`Response::Flipped`].
    Flip(FlipRequest),
    /// Disguise a text. Answer: [`Response::Text`].
    Convert { text: String, converter: Converter },
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
    RunOpened(RunOpened),
    RunAdvanced {
        run: RunId,
        /// All steps of all restarts are made, or the attack stopped early.
        finished: bool,
    },
    RunFinished(Box<RunOutcome>),
    SmallestEpsilon(SmallestEpsilon),
    Guards(Vec<GuardSummary>),
    Guard(Box<GuardSummary>),
    Imports(Box<ImportReport>),
    Judged(Judged),
    JudgedMany(Vec<Judged>),
    Batch(BatchReport),
    Prompt(PromptReport),
    Explained(Box<Explanation>),
    Flipped(Box<Flipped>),
    Text(String),
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
    /// One more step of a run.
    Step(RunStep),
    /// One more epsilon of a search.
    Tried(EpsilonTried),
    /// What one more policy comes to.
    Judged(Judgement),
    /// So many layers of a large guard are loaded, or done with a text.
    Layers { done: usize, total: usize },
    /// What one more exchange of many comes to; `index` counts from 0 in the request's order.
    Exchange { index: usize, judged: Judged },
    /// One more replaced token.
    Swap(Swap),
    /// How far an import or its check is.
    Import(ImportProgress),
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
