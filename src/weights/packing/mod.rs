//! How a network's published files, in bf16 and of any size, become one file of int8 and int4.
//!
//! Nothing here reads or writes: a [`Plan`] says beforehand which bytes of which file are needed and
//! where in the packed file they end up, a [`Slab`] at a time. So packing can stop after any slab and
//! go on another day, and neither file is ever in memory.

mod index;
mod pieces;
mod plan;
mod quantise;
mod slab;

pub use index::Index;
pub use pieces::{PIECE_BYTES, Pieces};
pub use plan::{Plan, Wanted};
pub use slab::{SLAB_BYTES, Slab};
