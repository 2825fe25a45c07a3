//! The points of a sweep, and where the attack begins to succeed.

use crate::protocol::{Goal, SweepPoint};

/// Adds a point that has just come. A sweep that is done again after its engine stopped begins anew
/// at the smallest epsilon: what was there from this point on gives way.
pub fn join(points: &mut Vec<SweepPoint>, point: SweepPoint) {
    points.retain(|old| old.epsilon < point.epsilon);
    points.push(point);
}

/// What an attack at one epsilon has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointOutcome {
    /// The model says what it said of the original picture.
    Holds,
    /// It says something else, but not the target.
    Missed,
    /// The attack has what it wants.
    Succeeds,
}

/// The outcome for a model that says `best`, and `original` of the original picture. `label` is the
/// one moved away from or towards.
pub fn outcome(best: usize, goal: Goal, label: usize, original: usize) -> PointOutcome {
    if succeeded(best, goal, label) {
        PointOutcome::Succeeds
    } else if matches!(goal, Goal::Targeted { .. }) && best != original {
        PointOutcome::Missed
    } else {
        PointOutcome::Holds
    }
}

/// Whether an attack has what it wants of a model that says `best`. `label` is the one moved away
/// from or towards.
pub fn succeeded(best: usize, goal: Goal, label: usize) -> bool {
    match goal {
        Goal::Untargeted { .. } => best != label,
        Goal::Targeted { .. } => best == label,
    }
}

/// The first point at which the attack has what it wants.
pub fn flip(points: &[SweepPoint], goal: Goal, label: usize) -> Option<&SweepPoint> {
    points.iter().find(|point| succeeded(point.best.label, goal, label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Score;

    fn point(epsilon: f32, best: usize) -> SweepPoint {
        SweepPoint { epsilon, confidence: 0.5, best: Score { label: best, confidence: 0.5 } }
    }

    #[test]
    fn the_flip_is_the_first_success() {
        let points = [point(0.0, 1), point(0.1, 1), point(0.2, 3)];
        let away = Goal::Untargeted { label: None };
        assert_eq!(flip(&points, away, 1), Some(&points[2]));
        assert_eq!(flip(&points, Goal::Targeted { label: 3 }, 3), Some(&points[2]));
        assert_eq!(flip(&points, Goal::Targeted { label: 4 }, 4), None);
    }

    #[test]
    fn another_label_than_the_target_is_a_miss() {
        let (away, towards) = (Goal::Untargeted { label: None }, Goal::Targeted { label: 3 });
        assert_eq!(outcome(1, towards, 3, 1), PointOutcome::Holds);
        assert_eq!(outcome(2, towards, 3, 1), PointOutcome::Missed);
        assert_eq!(outcome(3, towards, 3, 1), PointOutcome::Succeeds);
        assert_eq!(outcome(1, away, 1, 1), PointOutcome::Holds);
        assert_eq!(outcome(2, away, 1, 1), PointOutcome::Succeeds);
        // Away from a label that the model came to only on the way: there is no target to miss.
        assert_eq!(outcome(2, Goal::Untargeted { label: Some(2) }, 2, 1), PointOutcome::Holds);
    }

    #[test]
    fn a_sweep_that_begins_anew_draws_no_point_twice() {
        let mut points = Vec::new();
        for epsilon in [0.0, 0.1, 0.2, 0.0, 0.1] {
            join(&mut points, point(epsilon, 1));
        }
        let epsilons: Vec<_> = points.iter().map(|point| point.epsilon).collect();
        assert_eq!(epsilons, [0.0, 0.1]);
        join(&mut points, point(0.1, 7));
        assert_eq!(points.len(), 2);
        assert_eq!(points[1].best.label, 7);
    }
}
