//! Iterative attacks on up to three models side by side: lesson 2b's instruments.
//!
//! Modules without Leptos are plain data and functions, tested natively.

pub mod aim;
pub mod history;
pub mod metrics;
pub mod plot;
pub mod settings;
pub mod svg;
pub mod tally;
pub mod text;
pub mod truth;
pub mod turns;

#[cfg(feature = "page")]
mod attack_panel;
#[cfg(feature = "page")]
pub(super) mod chart;
#[cfg(feature = "page")]
mod controls;
#[cfg(feature = "page")]
mod epsilon_field;
#[cfg(feature = "page")]
mod goal_field;
#[cfg(feature = "page")]
mod lane_card;
#[cfg(feature = "page")]
mod models_panel;
#[cfg(feature = "page")]
pub(super) mod number_field;
#[cfg(feature = "page")]
mod outcome_view;
#[cfg(feature = "page")]
mod own_panel;
#[cfg(feature = "page")]
mod robust_panel;
#[cfg(feature = "page")]
mod settings_panel;
#[cfg(feature = "page")]
mod setup;
#[cfg(feature = "page")]
mod state;
#[cfg(feature = "page")]
mod step_field;
#[cfg(feature = "page")]
pub(super) mod table;
#[cfg(feature = "page")]
mod training_panel;
#[cfg(feature = "page")]
mod transfer_panel;
#[cfg(feature = "page")]
mod trip_panel;
#[cfg(feature = "page")]
mod view;
#[cfg(feature = "page")]
mod words;

#[cfg(feature = "page")]
pub use view::Pgd;
