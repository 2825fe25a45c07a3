//! How an attack ended, in one word.

use crate::{
    attacks,
    protocol::{Goal, Verdict},
};

/// The label that an attack moves away from or towards: the goal's own, or, where it names none,
/// the model's prediction (so that nothing about the true label leaks into the attack).
pub fn attacked_label(goal: Goal, prediction: usize) -> usize {
    match goal {
        Goal::Untargeted { label } => label.unwrap_or(prediction),
        Goal::Targeted { label } => label,
    }
}

/// The goal of an attack on one picture, with the label that it is about.
pub fn attack_goal(goal: Goal, label: usize) -> attacks::Goal {
    match goal {
        Goal::Untargeted { .. } => attacks::Goal::Untargeted(vec![label]),
        Goal::Targeted { .. } => attacks::Goal::Targeted(vec![label]),
    }
}

/// Compares the best label before (`original`) and after (`adversarial`) with what was wanted.
pub fn verdict(goal: Goal, original: usize, adversarial: usize) -> Verdict {
    let label = attacked_label(goal, original);
    match goal {
        Goal::Untargeted { .. } if original != label => Verdict::NothingToDo,
        Goal::Untargeted { .. } if adversarial != label => Verdict::Fooled,
        Goal::Targeted { .. } if original == label => Verdict::NothingToDo,
        Goal::Targeted { .. } if adversarial == label => Verdict::HitTarget,
        Goal::Targeted { .. } if adversarial != original => Verdict::MissedTarget,
        _ => Verdict::Resisted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untargeted() {
        let from_truth = Goal::Untargeted { label: Some(1) };
        assert_eq!(verdict(from_truth, 1, 2), Verdict::Fooled);
        assert_eq!(verdict(from_truth, 1, 1), Verdict::Resisted);
        assert_eq!(verdict(from_truth, 0, 2), Verdict::NothingToDo);
    }

    #[test]
    fn without_a_label_the_prediction_is_attacked() {
        let goal = Goal::Untargeted { label: None };
        assert_eq!(attacked_label(goal, 3), 3);
        assert_eq!(verdict(goal, 3, 4), Verdict::Fooled);
        assert_eq!(verdict(goal, 3, 3), Verdict::Resisted);
    }

    #[test]
    fn targeted() {
        let goal = Goal::Targeted { label: 4 };
        assert_eq!(verdict(goal, 1, 4), Verdict::HitTarget);
        assert_eq!(verdict(goal, 1, 2), Verdict::MissedTarget);
        assert_eq!(verdict(goal, 1, 1), Verdict::Resisted);
        assert_eq!(verdict(goal, 4, 1), Verdict::NothingToDo);
    }
}
