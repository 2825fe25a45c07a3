//! A guard model and what can be done with its verdicts: lesson 1's instruments.
//!
//! Modules without Leptos are plain data and functions, tested natively.

pub mod counts;
pub mod draft;
pub mod examples;
pub mod influence;
pub mod large;
pub mod levels;
pub mod measured;
pub mod pieces;
pub mod pipeline;
pub mod rules;
pub mod text;

#[cfg(feature = "page")]
mod attempts_panel;
#[cfg(feature = "page")]
mod bugs_panel;
#[cfg(feature = "page")]
mod fields;
#[cfg(feature = "page")]
mod flip_panel;
#[cfg(feature = "page")]
mod model;
#[cfg(feature = "page")]
mod pipeline_panel;
#[cfg(feature = "page")]
mod policies_panel;
#[cfg(feature = "page")]
mod prompt_panel;
#[cfg(feature = "page")]
mod state;
#[cfg(feature = "page")]
mod text_panel;
#[cfg(feature = "page")]
mod threshold_panel;
#[cfg(feature = "page")]
mod verdict_view;
#[cfg(feature = "page")]
mod view;
#[cfg(feature = "page")]
mod words;

#[cfg(feature = "page")]
pub use large::KeptImports;
#[cfg(feature = "page")]
pub use state::{is_fetched, use_drafts, use_guard_list};
#[cfg(feature = "page")]
pub use view::Guard;
