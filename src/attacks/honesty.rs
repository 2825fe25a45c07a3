//! Is an evaluation honest? Signs that an attack failed for another reason than a robust model,
//! after AutoAttack's checks (Croce and Hein, 2020) and the advice of Carlini et al., "On Evaluating
//! Adversarial Robustness" (2019).
//!
//! A flag is a reason to look, not a verdict; no flag is no proof.

use super::{PictureReport, Proportion};

/// A reason to doubt an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub enum Flag {
    /// The loss was flat where an attack asked for its slope: it could not have found anything
    /// better.
    ZeroGradients {
        /// The pictures concerned.
        pictures: Vec<usize>,
    },
    /// What should be logits are numbers from 0 to 1 that sum to 1. A softmax taken twice is nearly
    /// flat, and its gradient vanishes where the model is sure.
    Probabilities,
    /// A larger epsilon gave no more success, though there were pictures left. It allows all that
    /// the smaller one does, so the attack does not make use of it.
    NoGrowth { from: SweepResult, to: SweepResult },
    /// Noise alone succeeded where the attack failed.
    RandomBeatsAttack {
        /// The pictures concerned.
        pictures: Vec<usize>,
    },
}

/// How an attack fared at one epsilon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SweepResult {
    /// In pixel units.
    pub epsilon: f32,
    pub success: Proportion,
}

/// How far a row of probabilities may be from a sum of 1.
const SUM_TOLERANCE: f32 = 1e-3;

/// Pictures on which a gradient was zero and which were not fooled.
pub fn zero_gradients(pictures: &[PictureReport]) -> Option<Flag> {
    let pictures = positions(pictures, |p| p.zero_gradients > 0 && !p.reached);
    (!pictures.is_empty()).then_some(Flag::ZeroGradients { pictures })
}

/// Whether all rows of `logits` [n, classes], row-major, could be probabilities. Not asked of a
/// single class, nor of no rows.
pub fn probabilities(logits: &[f32], classes: usize) -> Option<Flag> {
    let (rows, rest) = (logits.chunks_exact(classes.max(1)), logits.len() % classes.max(1));
    let fits = |row: &[f32]| {
        row.iter().all(|value| (0.0..=1.0).contains(value))
            && (row.iter().sum::<f32>() - 1.0).abs() < SUM_TOLERANCE
    };
    let suspicious = classes > 1 && rest == 0 && !logits.is_empty() && rows.into_iter().all(fits);
    suspicious.then_some(Flag::Probabilities)
}

/// The first fall of success from one epsilon to the next; if there is none, the whole sweep if its
/// last epsilon succeeds no more often than its first positive one and not always. Epsilons ascend,
/// and all are tried on the same pictures.
pub fn no_growth(sweep: &[SweepResult]) -> Option<Flag> {
    let successes = |result: &SweepResult| result.success.successes;
    let fall = sweep.windows(2).find(|pair| successes(&pair[1]) < successes(&pair[0]));
    if let Some(&[from, to]) = fall {
        return Some(Flag::NoGrowth { from, to });
    }
    let from = *sweep.iter().find(|result| result.epsilon > 0.0)?;
    let to = *sweep.last()?;
    let flat = to.epsilon > from.epsilon && successes(&to) == successes(&from);
    (flat && successes(&to) < to.success.trials).then_some(Flag::NoGrowth { from, to })
}

/// Pictures that a start fooled and the attack did not.
pub fn random_beats_attack(pictures: &[PictureReport]) -> Option<Flag> {
    let pictures = positions(pictures, |p| p.reached_at_start && !p.reached);
    (!pictures.is_empty()).then_some(Flag::RandomBeatsAttack { pictures })
}

fn positions(pictures: &[PictureReport], fits: impl Fn(&PictureReport) -> bool) -> Vec<usize> {
    let fitting = pictures.iter().enumerate().filter(|(_, picture)| fits(picture));
    fitting.map(|(position, _)| position).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(reached: bool, at_start: bool, zero_gradients: usize) -> PictureReport {
        PictureReport {
            loss: 1.0,
            prediction: 0,
            reached,
            reached_at_start: at_start,
            restart: 0,
            steps: 10,
            zero_gradients,
            finite: true,
        }
    }

    #[test]
    fn flat_losses_are_flagged_where_the_attack_failed() {
        let pictures = [picture(false, false, 0), picture(false, false, 3), picture(true, true, 3)];
        assert_eq!(zero_gradients(&pictures), Some(Flag::ZeroGradients { pictures: vec![1] }));
        assert_eq!(zero_gradients(&pictures[..1]), None);
    }

    #[test]
    fn probabilities_are_told_from_logits() {
        assert_eq!(probabilities(&[0.25, 0.75, 1.0, 0.0], 2), Some(Flag::Probabilities));
        assert_eq!(probabilities(&[0.25, 0.75, 1.5, -0.5], 2), None);
        assert_eq!(probabilities(&[0.2, 0.7, 1.0, 0.0], 2), None);
        assert_eq!(probabilities(&[f32::NAN, 1.0], 2), None);
        for (logits, classes) in [(vec![], 2), (vec![1.0], 1), (vec![1.0], 0), (vec![1.0], 2)] {
            assert_eq!(probabilities(&logits, classes), None, "{logits:?} {classes}");
        }
    }

    fn sweep(points: &[(f32, usize)]) -> Vec<SweepResult> {
        let point = |&(epsilon, successes)| {
            let success = Proportion { successes, trials: 10 };
            SweepResult { epsilon, success }
        };
        points.iter().map(point).collect()
    }

    /// The epsilons between which growth is missed.
    fn missed(points: &[(f32, usize)]) -> Option<(f32, f32)> {
        match no_growth(&sweep(points)) {
            Some(Flag::NoGrowth { from, to }) => Some((from.epsilon, to.epsilon)),
            other => {
                assert_eq!(other, None);
                None
            }
        }
    }

    #[test]
    fn success_has_to_grow_with_epsilon() {
        assert_eq!(missed(&[(0.0, 1), (0.01, 3), (0.02, 3), (0.03, 7)]), None);
        assert_eq!(missed(&[(0.0, 1), (0.01, 3), (0.02, 2), (0.03, 7)]), Some((0.01, 0.02)));
        assert_eq!(missed(&[(0.0, 1), (0.01, 3), (0.02, 3), (0.03, 3)]), Some((0.01, 0.03)));
        // Where all are fooled there is nothing left to gain.
        assert_eq!(missed(&[(0.0, 1), (0.01, 10), (0.02, 10)]), None);
        assert_eq!(missed(&[(0.0, 1), (0.01, 3)]), None);
        assert_eq!(missed(&[]), None);
    }

    #[test]
    fn noise_should_not_beat_the_attack() {
        let pictures = [picture(true, true, 0), picture(false, true, 0), picture(false, false, 0)];
        let found = random_beats_attack(&pictures);
        assert_eq!(found, Some(Flag::RandomBeatsAttack { pictures: vec![1] }));
        assert_eq!(random_beats_attack(&pictures[2..]), None);
    }
}
