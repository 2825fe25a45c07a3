//! Logits as confidences and losses, on numbers that have been read back.

use std::cmp::Ordering;

use crate::protocol::Score;

/// How many labels a classification lists.
pub const TOP: usize = 5;

/// The natural logarithm of the sum of exponentials, without overflow.
fn log_sum_exp(logits: &[f32]) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    largest + logits.iter().map(|logit| (logit - largest).exp()).sum::<f32>().ln()
}

/// Softmax probability of `label`, 0 to 1; 0 for a label that is not there.
pub fn confidence(logits: &[f32], label: usize) -> f32 {
    logits.get(label).map_or(0.0, |logit| (logit - log_sum_exp(logits)).exp())
}

/// Cross-entropy of the logits with respect to `label`, in nats; infinite for a label that is not
/// there.
pub fn cross_entropy(logits: &[f32], label: usize) -> f32 {
    logits.get(label).map_or(f32::INFINITY, |logit| log_sum_exp(logits) - logit)
}

/// The [`TOP`] best labels, or all if there are fewer, best first. The lower label wins a tie.
pub fn top(logits: &[f32]) -> Vec<Score> {
    let normaliser = log_sum_exp(logits);
    let mut labels: Vec<usize> = (0..logits.len()).collect();
    let best_first = |a: &usize, b: &usize| -> Ordering {
        logits[*b].total_cmp(&logits[*a]).then_with(|| a.cmp(b))
    };
    if labels.len() > TOP {
        labels.select_nth_unstable_by(TOP, best_first);
        labels.truncate(TOP);
    }
    labels.sort_unstable_by(best_first);
    labels
        .into_iter()
        .map(|label| Score { label, confidence: (logits[label] - normaliser).exp() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidences_are_a_softmax() {
        let logits = [1.0, 2.0, 3.0_f32];
        let total: f32 = (0..3).map(|label| confidence(&logits, label)).sum();
        assert!((total - 1.0).abs() < 1e-6);
        assert!((confidence(&logits, 2) - 0.665_240_94).abs() < 1e-6);
        assert!((cross_entropy(&logits, 2) - 0.407_605_95).abs() < 1e-6);
        assert_eq!(confidence(&logits, 3), 0.0);
    }

    #[test]
    fn large_logits_do_not_overflow() {
        assert_eq!(confidence(&[1000.0, 0.0], 0), 1.0);
        assert_eq!(cross_entropy(&[1000.0, 0.0], 1), 1000.0);
    }

    #[test]
    fn the_five_best_come_first() {
        let logits = [0.0, 7.0, 3.0, 7.0, -1.0, 5.0, 6.0];
        let labels: Vec<usize> = top(&logits).iter().map(|score| score.label).collect();
        assert_eq!(labels, [1, 3, 6, 5, 2]);
        assert_eq!(top(&[2.0, 1.0]).len(), 2);
        assert!(top(&[]).is_empty());
    }
}
