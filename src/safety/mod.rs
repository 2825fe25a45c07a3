//! Guards: small language models that say whether a text violates a policy written in words.
//!
//! An exchange and a policy become a [`Prompt`], the prompt becomes tokens, and [`Gemma2`] and
//! [`YesNo`] turn these into two logits, of which the probability of a violation is made. A
//! [`Guard`] puts it all together. [`saliency`] asks which tokens decide, [`flip`] which would turn
//! the verdict; [`converters`] disguise a text and [`normalise`] undoes it.
//!
//! [`Config`] and [`packing_plan`] say what a network's files have to hold; they need nothing that
//! computes, and are there without the feature `core`.

mod checkpoint;
mod config;
mod error;

#[cfg(feature = "core")]
mod candidates;
#[cfg(feature = "core")]
pub mod converters;
#[cfg(feature = "core")]
pub mod flip;
#[cfg(feature = "core")]
mod gemma2;
#[cfg(feature = "core")]
mod guard;
#[cfg(feature = "core")]
pub mod normalise;
#[cfg(feature = "core")]
mod policy;
#[cfg(feature = "core")]
mod prompt;
#[cfg(feature = "core")]
mod prompts;
#[cfg(feature = "core")]
mod question;
#[cfg(feature = "core")]
pub mod saliency;
#[cfg(feature = "core")]
mod template;
#[cfg(feature = "core")]
mod tokenizer;
mod unfit_words;
#[cfg(feature = "core")]
mod yes_no;

pub use checkpoint::{NOTICE, packing_plan};
pub use config::Config;
pub use error::Error;
#[cfg(feature = "core")]
pub use gemma2::{Cache, Gemma2, Padding, Placement, Source, soft_cap};
#[cfg(feature = "core")]
pub use guard::{Guard, Heard, Judgement};
#[cfg(feature = "core")]
pub use policy::Policy;
#[cfg(feature = "core")]
pub use prompt::{Prompt, Token};
#[cfg(feature = "core")]
pub use prompts::Prompts;
#[cfg(feature = "core")]
pub use question::{Caution, Question};
#[cfg(feature = "core")]
pub use template::{Exchange, Part, PartKind, UseCase, parts};
#[cfg(feature = "core")]
pub use tokenizer::{ControlTokens, Piece, Tokenizer};
#[cfg(feature = "core")]
pub use yes_no::{Logits, YesNo};
