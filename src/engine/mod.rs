//! The worker's side: device, model store, jobs.
//!
//! What needs no browser (queue, verdicts, checks, attacks and judgements as jobs) compiles and is tested
//! natively; the rest is there with the feature `engine`. The build with `webgpu` computes on the
//! GPU, the one without on the CPU.

pub mod attack;
pub mod checks;
pub mod classify;
pub mod flags;
pub mod flip;
pub mod gpu_faults;
pub mod guard_import;
pub mod guard_packing;
pub mod import;
pub mod import_state;
pub mod judge;
pub mod judgement;
pub mod labels;
pub mod metrics;
pub mod newest;
pub mod observer;
pub mod perturbation;
pub mod pictures;
pub mod problem;
pub mod question;
pub mod queue;
pub mod ranges;
pub mod reference;
pub mod resume;
pub mod run;
pub mod runs;
pub mod scores;
pub mod self_check;
pub mod settings;
pub mod shelf;
pub mod smallest_epsilon;
pub mod verdict;
pub mod work;

#[cfg(feature = "webgpu")]
mod adapter;
#[cfg(feature = "engine")]
mod answers;
#[cfg(feature = "engine")]
mod cache;
#[cfg(feature = "engine")]
mod device;
#[cfg(feature = "engine")]
mod fetch;
#[cfg(feature = "engine")]
mod guard_list;
#[cfg(all(feature = "engine", feature = "guard"))]
mod guard_sources;
#[cfg(all(feature = "engine", feature = "guard"))]
mod guard_store;
#[cfg(feature = "engine")]
mod host;
#[cfg(all(feature = "engine", feature = "guard"))]
mod import_store;
#[cfg(all(feature = "engine", feature = "guard"))]
mod imports;
#[cfg(feature = "engine")]
mod jobs;
#[cfg(feature = "engine")]
mod kept_guards;
#[cfg(feature = "engine")]
mod model_store;
#[cfg(feature = "engine")]
mod post;
#[cfg(all(feature = "engine", feature = "guard"))]
mod private_file;
#[cfg(feature = "engine")]
mod private_files;
#[cfg(feature = "engine")]
mod site_files;
#[cfg(feature = "engine")]
#[cfg_attr(not(feature = "guard"), path = "no_texts.rs")]
mod texts;
#[cfg(feature = "engine")]
mod worker;

#[cfg(test)]
mod testing;

#[cfg(feature = "engine")]
pub use worker::start;
