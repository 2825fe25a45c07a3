//! Attacks on a [`Classifier`](crate::vision::Classifier): what an attacker may do
//! ([`ThreatModel`]), what it wants ([`Goal`]), how it gets there ([`fgsm`]), and how far that is
//! from the original ([`Change`]).

mod change;
mod error;
mod fgsm;
mod goal;
mod loss;
mod threat;

pub use change::Change;
pub use error::Error;
pub use fgsm::{Fgsm, FgsmGradient, fgsm, fgsm_at, fgsm_gradient};
pub use goal::Goal;
pub use loss::cross_entropy;
pub use threat::{Norm, ThreatModel};
