//! Reasons to doubt an attack on one picture.

use crate::{
    attacks::{PictureReport, honesty},
    protocol::HonestyFlag,
};

/// What is suspicious about a model's logits, whatever attacks it.
pub fn of_logits(logits: &[f32]) -> Option<HonestyFlag> {
    honesty::probabilities(logits, logits.len()).map(|_| HonestyFlag::OutputsLookLikeProbabilities)
}

/// What is suspicious about an attack's result.
pub fn of_report(pictures: &[PictureReport]) -> impl Iterator<Item = HonestyFlag> {
    let flat = honesty::zero_gradients(pictures).map(|_| HonestyFlag::ZeroGradient);
    let beaten = honesty::random_beats_attack(pictures).map(|_| HonestyFlag::RandomBeatsSteps);
    flat.into_iter().chain(beaten)
}
