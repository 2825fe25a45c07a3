//! Attacks on a [`Classifier`](crate::vision::Classifier): what an attacker may do
//! ([`ThreatModel`]), what it wants ([`Goal`]), how it gets there (one step: [`fgsm`]; many:
//! [`Attack`]), how far that is from the original ([`Change`]), what it says about a model's
//! robustness ([`Proportion`], [`EpsilonSearch`]), and whether to believe it ([`honesty`]).

mod attack;
mod ball;
mod change;
mod config;
mod error;
mod fgsm;
mod goal;
pub mod honesty;
mod loss;
mod observer;
mod proportion;
mod random;
mod report;
mod running;
mod search;
mod state;
mod threat;
mod update;

pub use attack::Attack;
pub use change::Change;
pub use config::{AttackConfig, Warning};
pub use error::Error;
pub use fgsm::{Fgsm, FgsmGradient, fgsm, fgsm_at, fgsm_gradient};
pub use goal::Goal;
pub use loss::{Loss, cross_entropy, dlr, margin, targeted_dlr};
pub use observer::{AttackObserver, Unobserved};
pub use proportion::{Interval, Proportion};
pub use report::{AttackReport, Ending, PictureReport, Position, Readback, StepReport, StepValues};
pub use running::Running;
pub use search::{EpsilonBracket, EpsilonSearch};
pub use threat::{Norm, ThreatModel};
pub use update::UpdateRule;
