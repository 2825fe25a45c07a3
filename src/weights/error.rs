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
    /// Two files have a tensor of the same name.
    #[error("tensor `{tensor}` is in `{}` and in `{}`", files[0], files[1])]
    Doubled { tensor: String, files: [String; 2] },
    /// What should be packed is not stored as floating-point numbers; `found` is safetensors' name.
    #[error("tensor `{tensor}` is stored as {found}, where BF16, F16 or F32 is needed")]
    NoFloats { tensor: String, found: String },
    /// The rows of a matrix cannot be packed.
    #[error(
        "tensor `{tensor}` has rows of {columns} numbers: they have to be a multiple of 32 and few \
         enough for a row to be packed at a time"
    )]
    Columns { tensor: String, columns: usize },
    /// A tensor whose block from `position` on, counted row-major, has a number that is too large to be
    /// packed.
    #[error(
        "tensor `{tensor}` holds a value that is too large, at position {position} or soon after"
    )]
    TooLarge { tensor: String, position: usize },
    /// The index of a network in several files is no JSON of its form, or makes no sense.
    #[error("the index cannot be read: {0}")]
    Index(String),
    /// A file that the index names is not there.
    #[error("`{file}` is missing, which the index names")]
    MissingFile { file: String },
    /// A file has not the tensor that the index says it has.
    #[error("`{file}` has no tensor `{tensor}`, which the index says it has")]
    NotInFile { tensor: String, file: String },
    /// What says of which pieces a file is made is no JSON of its form, or contradicts itself.
    #[error("the list of pieces cannot be read: {0}")]
    Pieces(String),
}
