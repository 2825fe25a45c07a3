//! What a model's files say: the manifest, tensors in safetensors, int8 and int4 unpacking, hashes.
//!
//! Nothing here knows a network or a device: bytes go in, checked names, shapes and finite f32
//! values come out. Every file is untrusted.

mod archive;
mod error;
mod hash;
mod manifest;

pub use archive::Archive;
pub use error::Error;
pub use hash::verify_sha256;
pub use manifest::{
    Architecture, GuardEntry, Location, Manifest, ModelEntry, Names, Padding, Tier, can_normalise,
};
