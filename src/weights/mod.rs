//! What a model's files say: the manifest, tensors in safetensors, int8 and int4 unpacking, hashes.
//!
//! Nothing here knows a network or a device: bytes go in, checked names, shapes and finite f32
//! values come out, from a file in memory or one that is read a range at a time ([`ReadAt`]).
//! [`packing`] goes the other way. Every file is untrusted.

mod archive;
mod error;
mod floats;
mod hash;
mod header;
mod manifest;
mod packed;
pub mod packing;
mod read_at;

pub use archive::Archive;
pub use error::Error;
pub use hash::{sha256, verify_sha256};
pub use header::{Header, Stored};
pub use manifest::{
    Architecture, GuardEntry, Location, Manifest, ModelEntry, Names, Padding, Tier, can_normalise,
};
pub use packed::{BLOCK, Bits, Packed};
pub use read_at::ReadAt;
