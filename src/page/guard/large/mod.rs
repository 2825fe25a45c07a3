//! ShieldGemma 2B itself: how it comes into this browser, and how it goes again.

pub mod text;

#[cfg(feature = "page")]
mod delete;
#[cfg(feature = "page")]
mod kept;
#[cfg(feature = "page")]
mod panel;
#[cfg(feature = "page")]
mod state;
#[cfg(feature = "page")]
mod ways;

#[cfg(feature = "page")]
pub use kept::KeptImports;
#[cfg(feature = "page")]
pub use panel::LargePanel;
