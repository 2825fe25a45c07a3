use serde::{Deserialize, Serialize};

/// What went wrong, to what, and the technical detail. The page says what can be done about it, in
/// the learner's language, by [`ProblemKind`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{kind:?}: {subject}: {detail}")]
pub struct Problem {
    pub kind: ProblemKind,
    /// The file, model, tensor or device it happened to.
    pub subject: String,
    /// The cause in English, for a person who wants to report it.
    pub detail: String,
}

impl Problem {
    /// A problem of `kind` that happened to `subject` because of `detail`.
    pub fn new(kind: ProblemKind, subject: impl Into<String>, detail: impl ToString) -> Self {
        Self { kind, subject: subject.into(), detail: detail.to_string() }
    }
}

/// The kinds of problem that a person can do something different about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProblemKind {
    /// The file is no picture, or of a format that is not read here.
    NotAPicture,
    /// The file begins as a picture and then ends or is damaged.
    BrokenPicture,
    /// More pixels than a phone can hold.
    PictureTooLarge,
    /// The picture is not square, or of a side that the model cannot take.
    PictureShape,
    /// The model is not in the manifest.
    UnknownModel,
    /// The manifest or a model's labels cannot be read.
    BrokenManifest,
    /// The weights are cut short or their header lies.
    BrokenWeights,
    /// The weights are not the ones the manifest names.
    WrongHash,
    /// A tensor is missing, misnamed or misshapen.
    WrongTensors,
    /// The weights hold NaN or infinity.
    NotFinite,
    /// No connection, and the file is not in the cache.
    Offline,
    /// The server answered with an error.
    Refused,
    /// The browser has no room, or forbids storage. What was loaded still works until the page closes.
    StorageFull,
    /// There is no WebGPU, or no adapter.
    NoWebGpu,
    /// The GPU was taken away.
    DeviceLost,
    /// The device computes wrong results.
    SelfCheckFailed,
    /// An attack's numbers make no sense (epsilon outside 0 to 1, a label that is not there).
    BadRequest,
    /// The model has no label of that name.
    NoSuchLabel,
    /// The engine has no such iterative attack, because it was started anew.
    UnknownRun,
    /// The learner cancelled.
    Cancelled,
    /// The engine stopped without a word and was started again.
    EngineStopped,
    /// A mistake of ours.
    Internal,
    /// The engine's module came, but does not run.
    EngineNotStarted,
    /// The browser cannot run modules in workers.
    TooOldBrowser,
    /// The file has more bytes than any model that is read here.
    ModelTooLarge,
    /// There is nothing but space in a text.
    EmptyText,
    /// A policy is so long that no text has room beside it.
    PolicyTooLong,
    /// The use case reads a response, and there is none.
    MissingResponse,
    /// The tokenizer cannot be read, or does not know a token that is needed, Yes or No among them.
    WrongTokenizer,
    /// The configuration is that of another network, which the detail names.
    WrongArchitecture,
    /// A tensor of a guard is missing or misshapen: the weights are not its configuration's.
    WrongGuardTensors,
    /// A guard's weights, logits or gradient hold NaN or infinity.
    GuardNotFinite,
    /// The guard is so large that its weights stay packed, and no gradient flows through them.
    NoGradient,
    /// The browser has no private file system, or forbids it.
    NoPrivateFiles,
    /// Another tab has the file open.
    OpenElsewhere,
    /// There is less room than an import needs, or it ran out; the detail has both sizes.
    NoRoom,
    /// The hub wants another token, or the licence to be accepted first.
    TokenRefused,
    /// A file of a model is not among those that were picked, or not where it should be.
    MissingFile,
    /// A file that was picked or fetched for an import is not of its form, or cannot be read.
    UnreadableFile,
    /// What was kept of an import is not what was written.
    DamagedImport,
    /// What is kept of an import was made from other files; the detail says how much that is.
    OtherImport,
    /// The GPU has no room for what was asked.
    OutOfGpuMemory,
}
