//! What a person sees: the course's frame, the lessons and the bench. It never computes.
//!
//! Modules without Leptos are plain data and functions, tested natively.

pub mod engine_state;
pub mod fill;
pub mod lang;
pub mod link;
pub mod numbers;
pub mod problem_text;
pub mod record;
pub mod scheduler;
pub mod text;

#[cfg(test)]
mod catalogue_check;

pub mod bench;
pub mod guard;
pub mod pgd;

#[cfg(feature = "page")]
mod aside;
#[cfg(feature = "page")]
mod course_store;
#[cfg(feature = "page")]
pub mod engine_client;
#[cfg(feature = "page")]
mod files;
#[cfg(feature = "page")]
mod gpu_probe;
#[cfg(feature = "page")]
mod machine;
#[cfg(feature = "page")]
pub mod place;
#[cfg(feature = "page")]
mod problem_note;
#[cfg(feature = "page")]
pub mod storage;
#[cfg(feature = "page")]
mod thrown;
#[cfg(feature = "page")]
mod view;
#[cfg(feature = "page")]
mod worker;

#[cfg(feature = "page")]
pub use view::start;
