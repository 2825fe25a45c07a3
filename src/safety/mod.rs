//! Guards: small language models that say whether a text violates a policy written in words.
//!
//! An exchange and a policy become a [`Prompt`], the prompt becomes tokens, and [`Gemma2`] and
//! [`YesNo`] turn these into two logits, of which the probability of a violation is made. A
//! [`Guard`] puts it all together. [`saliency`] asks which tokens decide, [`flip`] which would turn
//! the verdict; [`converters`] disguise a text and [`normalise`] undoes it.

mod candidates;
mod config;
pub mod converters;
mod error;
pub mod flip;
mod gemma2;
mod guard;
pub mod normalise;
mod policy;
mod prompt;
mod prompts;
mod question;
pub mod saliency;
mod template;
mod tokenizer;
mod yes_no;

pub use config::Config;
pub use error::Error;
pub use gemma2::{Cache, Gemma2, Padding, Placement, Source, soft_cap};
pub use guard::{Guard, Heard, Judgement};
pub use policy::Policy;
pub use prompt::{Prompt, Token};
pub use prompts::Prompts;
pub use question::{Caution, Question};
pub use template::{Exchange, Part, PartKind, UseCase, parts};
pub use tokenizer::{ControlTokens, Piece, Tokenizer};
pub use yes_no::{Logits, YesNo};
