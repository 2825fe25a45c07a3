/// Why a manifest or a file of weights cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The manifest is no JSON, lacks a field, or holds a value that makes no sense.
    #[error("the manifest cannot be read: {0}")]
    Manifest(String),
    /// The file is shorter than its own header says; both sizes are in bytes.
    #[error("the file ends after {found} bytes where its header promises {expected}")]
    Truncated { expected: u64, found: u64 },
    /// The bytes are there, but could not be read.
    #[error("reading failed: {0}")]
    Read(String),
    /// The header is no safetensors header, or contradicts itself or the file.
    #[error("the safetensors header is wrong: {0}")]
    Header(String),
    /// A tensor is stored as numbers that are not read here; `found` is safetensors' name of them.
    #[error("tensor `{tensor}` is stored as {found}, which is none of F32, F16, BF16, I8 and U8")]
    NumberType { tensor: String, found: String },
    /// No tensor of that name.
    #[error("tensor `{tensor}` is missing")]
    MissingTensor { tensor: String },
    /// A tensor of another shape than the network's, which is `expected`.
    #[error("tensor `{tensor}` has shape {found:?} where {expected:?} is needed")]
    Shape { tensor: String, expected: Vec<usize>, found: Vec<usize> },
    /// A row of a matrix that has only `rows`.
    #[error("tensor `{tensor}` has no row {row}: there are {rows}")]
    Row { tensor: String, row: u32, rows: usize },
    /// A tensor with NaN or infinity in it, first at `position` counted row-major.
    #[error("tensor `{tensor}` holds a value that is not finite, at position {position}")]
    NotFinite { tensor: String, position: usize },
    /// The file is not the one that was named; both hashes are SHA-256 in hexadecimal.
    #[error("`{file}` has SHA-256 {found} where {expected} is expected")]
    Hash { file: String, expected: String, found: String },
}
