//! Whose turn it is: the models take their steps one after another, a few at a time, so that all
//! are seen to move and a pause is answered soon.

/// How long a model may have the engine before it is the next one's turn, in milliseconds.
const TURN: f64 = 250.0;

/// The most steps of a turn, so that nothing jumps.
const MOST: u32 = 8;

/// How long a picture of the change may stand before a new one is drawn, in milliseconds.
const PICTURE_AGE: f64 = 400.0;

/// What a model's attack needs next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it takes no part, failed, or is done.
    #[default]
    Nothing,
    /// To be opened in the engine.
    Opening,
    /// More steps.
    Steps,
    /// Its outcome.
    Outcome,
}

/// The next model that needs something, after the `last` one that got it, in a circle.
pub fn next(needs: &[Need], last: Option<usize>) -> Option<usize> {
    let first = last.map_or(0, |last| last + 1);
    (first..first + needs.len())
        .map(|place| place % needs.len())
        .find(|&place| needs[place] != Need::Nothing)
}

/// How many steps a turn takes, if one takes so many milliseconds; one, if that is not known yet.
pub fn steps_of_a_turn(step: Option<f64>) -> u32 {
    match step {
        Some(step) if step > 0.0 => (TURN / step).clamp(1.0, f64::from(MOST)) as u32,
        _ => 1,
    }
}

/// Whether the next step is to bring a picture of the change, the last one being so old.
pub fn wants_picture(age: f64) -> bool {
    age >= PICTURE_AGE
}

#[cfg(test)]
mod tests {
    use super::*;
    use Need::{Nothing, Opening, Outcome, Steps};

    #[test]
    fn everybody_has_a_turn_and_the_done_are_passed_over() {
        assert_eq!(next(&[Opening, Opening, Opening], None), Some(0));
        assert_eq!(next(&[Steps, Steps, Steps], Some(0)), Some(1));
        assert_eq!(next(&[Steps, Nothing, Steps], Some(0)), Some(2));
        assert_eq!(next(&[Steps, Nothing, Outcome], Some(2)), Some(0));
        assert_eq!(next(&[Nothing, Steps, Nothing], Some(1)), Some(1));
        assert_eq!(next(&[Nothing; 3], Some(1)), None);
        assert_eq!(next(&[], None), None);
    }

    #[test]
    fn a_turn_is_short_whatever_a_step_costs() {
        assert_eq!(steps_of_a_turn(None), 1);
        assert_eq!(steps_of_a_turn(Some(900.0)), 1);
        assert_eq!(steps_of_a_turn(Some(100.0)), 2);
        assert_eq!(steps_of_a_turn(Some(1.0)), MOST);
        assert_eq!(steps_of_a_turn(Some(0.0)), 1);
    }
}
