//! The goal for each model, and who has reached it. Labels go from model to model by their names.

use crate::page::link::GoalLink;
use crate::protocol::{Goal, Localised, Verdict};

/// The place of a label of one model among the labels of another; none if the other lacks it.
pub fn translated(
    label: usize,
    from: &Localised<Vec<String>>,
    to: &Localised<Vec<String>>,
) -> Option<usize> {
    let name = from.en.get(label)?;
    to.en.iter().position(|other| other == name)
}

/// The goal for the model with the labels `to`; `from` are those that the link's goal is about.
///
/// # Errors
/// The label that the model does not have.
pub fn goal_for(
    goal: GoalLink,
    from: &Localised<Vec<String>>,
    to: &Localised<Vec<String>>,
) -> Result<Goal, usize> {
    let known = |label| translated(label, from, to).ok_or(label);
    Ok(match goal {
        GoalLink::Away => Goal::Untargeted { label: None },
        GoalLink::AwayFrom(label) => Goal::Untargeted { label: Some(known(label)?) },
        GoalLink::Towards(label) => Goal::Targeted { label: known(label)? },
    })
}

/// What an attack has done to a model that said `before` of the original and says `after` now.
pub fn verdict(goal: Goal, before: usize, after: usize) -> Verdict {
    match goal {
        Goal::Untargeted { label } if label.is_some_and(|label| label != before) => {
            Verdict::NothingToDo
        }
        Goal::Untargeted { .. } if after != before => Verdict::Fooled,
        Goal::Targeted { label } if label == before => Verdict::NothingToDo,
        Goal::Targeted { label } if after == label => Verdict::HitTarget,
        Goal::Targeted { .. } if after != before => Verdict::MissedTarget,
        Goal::Untargeted { .. } | Goal::Targeted { .. } => Verdict::Resisted,
    }
}

/// Whether the attacker has what was wanted.
pub fn succeeded(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fooled | Verdict::HitTarget)
}

/// What a trip through a file did to an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Survival {
    /// It succeeded before and after.
    Survived,
    /// It succeeded before and no longer.
    Lost,
    /// It succeeds only after.
    Gained,
    /// It did not succeed before or after.
    NothingToLose,
}

impl Survival {
    /// From what the attack had done before and after the trip.
    pub fn of(before: Verdict, after: Verdict) -> Self {
        match (succeeded(before), succeeded(after)) {
            (true, true) => Self::Survived,
            (true, false) => Self::Lost,
            (false, true) => Self::Gained,
            (false, false) => Self::NothingToLose,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(names: &[&str]) -> Localised<Vec<String>> {
        Localised { en: names.iter().map(|&name| name.to_owned()).collect(), vi: None }
    }

    #[test]
    fn a_label_keeps_its_name_and_not_its_number() {
        let (flowers, others) = (labels(&["daisy", "tulips"]), labels(&["tulips", "cat"]));
        assert_eq!(
            goal_for(GoalLink::Towards(1), &flowers, &others),
            Ok(Goal::Targeted { label: 0 })
        );
        assert_eq!(goal_for(GoalLink::AwayFrom(0), &flowers, &others), Err(0));
        assert_eq!(goal_for(GoalLink::AwayFrom(9), &flowers, &flowers), Err(9));
        let away = Ok(Goal::Untargeted { label: None });
        assert_eq!(goal_for(GoalLink::Away, &flowers, &others), away);
    }

    #[test]
    fn being_wrong_before_is_no_success() {
        let from_one = Goal::Untargeted { label: Some(1) };
        assert_eq!(verdict(from_one, 2, 3), Verdict::NothingToDo);
        assert_eq!(verdict(from_one, 1, 3), Verdict::Fooled);
        assert_eq!(verdict(Goal::Untargeted { label: None }, 1, 1), Verdict::Resisted);
    }

    #[test]
    fn a_target_is_hit_missed_or_out_of_reach() {
        let to_four = Goal::Targeted { label: 4 };
        assert_eq!(verdict(to_four, 1, 4), Verdict::HitTarget);
        assert_eq!(verdict(to_four, 1, 3), Verdict::MissedTarget);
        assert_eq!(verdict(to_four, 1, 1), Verdict::Resisted);
        assert_eq!(verdict(to_four, 4, 4), Verdict::NothingToDo);
    }

    #[test]
    fn only_a_success_can_survive() {
        use Verdict::{Fooled, MissedTarget, Resisted};
        assert_eq!(Survival::of(Fooled, Fooled), Survival::Survived);
        assert_eq!(Survival::of(Fooled, Resisted), Survival::Lost);
        assert_eq!(Survival::of(Resisted, Fooled), Survival::Gained);
        assert_eq!(Survival::of(MissedTarget, Resisted), Survival::NothingToLose);
    }
}
