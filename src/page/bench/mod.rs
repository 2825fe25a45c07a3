//! The bench: a picture, a model, an attack, and what comes of it.
//!
//! Modules without Leptos are plain data and functions, tested natively.

pub mod chart_geometry;
pub mod crop_geometry;
pub mod epsilon;
pub mod labels;
pub mod model_choice;
pub mod photos;
pub mod pixels;
pub mod sweep_points;
pub mod text;
pub mod verdict;

#[cfg(feature = "page")]
mod attack_panel;
#[cfg(feature = "page")]
pub(super) mod before_after;
#[cfg(feature = "page")]
mod camera;
#[cfg(feature = "page")]
pub(super) mod canvas;
#[cfg(feature = "page")]
mod crop_editor;
#[cfg(feature = "page")]
mod epsilon_panel;
#[cfg(feature = "page")]
pub(super) mod file_button;
#[cfg(feature = "page")]
pub(super) mod given_files;
#[cfg(feature = "page")]
mod goal_panel;
#[cfg(feature = "page")]
pub(super) mod job;
#[cfg(feature = "page")]
mod look;
#[cfg(feature = "page")]
mod model_panel;
#[cfg(feature = "page")]
mod own_picture;
#[cfg(feature = "page")]
pub(super) mod picture_panel;
#[cfg(feature = "page")]
mod png_panel;
#[cfg(feature = "page")]
pub(super) mod prediction_bars;
#[cfg(feature = "page")]
mod prediction_panel;
#[cfg(feature = "page")]
pub(super) mod progress_line;
#[cfg(feature = "page")]
pub(super) mod square_view;
#[cfg(feature = "page")]
pub(super) mod state;
#[cfg(feature = "page")]
mod summary;
#[cfg(feature = "page")]
mod sweep_chart;
#[cfg(feature = "page")]
mod sweep_panel;
#[cfg(feature = "page")]
mod view;
#[cfg(feature = "page")]
pub(super) mod words;

#[cfg(feature = "page")]
pub use state::{use_model_list, use_own_picture};
#[cfg(feature = "page")]
pub use view::Bench;
