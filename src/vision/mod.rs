//! Pictures and the networks that classify them.
//!
//! A picture file becomes an [`RgbPicture`], a batch of pictures a [`PixelTensor`], and a
//! [`Classifier`] turns pixels into logits. Normalisation and padding are a model's own business.

mod classifier;
pub mod conv;
mod efficientnet;
mod ends;
mod error;
mod loader;
mod mobilenet_v2;
mod network;
pub mod picture;
mod pixels;
mod silu;
mod spec;

pub use classifier::Classifier;
pub use efficientnet::{EfficientNet, EfficientNetVariant};
pub use error::Error;
pub use mobilenet_v2::MobileNetV2;
pub use network::{Detected, Network};
pub use picture::RgbPicture;
pub use pixels::PixelTensor;
pub use spec::ModelSpec;
