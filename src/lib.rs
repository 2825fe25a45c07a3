//! Resilient AI: a codelab on attacks, defences and alignment that runs in the browser.
//!
//! # The map of the house
//!
//! | room | what happens there | who it knows |
//! |---|---|---|
//! | [`protocol`] | what crosses between page and engine: requests, events, pictures, problems | nobody |
//! | [`weights`] | manifest, safetensors, packing, hashes | nobody |
//! | [`vision`] | models, preprocessing, pictures, the `Classifier` trait | `weights` |
//! | [`attacks`] | threat model, goals, FGSM, the PGD family, how far and how sure | `vision`, through `Classifier` |
//! | [`safety`] | Gemma 2, its tokenizer and prompts, a policy in words as a verdict | `weights` |
//! | [`lessons`] | the course as data | nobody |
//! | `engine` | the worker: device, model store, jobs | everything but `page` and `lessons` |
//! | `page` | what a person sees | `lessons`, `protocol` |
//!
//! The page never computes and the engine never draws. `vision`, `attacks`, `safety` and `weights`
//! run natively under `cargo test`, and unchanged in the worker.

#[cfg(feature = "core")]
pub mod attacks;
#[cfg(feature = "core")]
pub mod engine;
pub mod lessons;
#[cfg(any(feature = "page", test))]
pub mod page;
pub mod protocol;
#[cfg(feature = "weights")]
pub mod safety;
#[cfg(feature = "core")]
pub mod vision;
#[cfg(feature = "weights")]
pub mod weights;
