//! Counting over the learner's own pictures: who holds up to which epsilon, and how sure that is.

use crate::protocol::SmallestEpsilon;

/// What became of one picture under one model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// The model was wrong from the start.
    AlreadyWrong,
    /// It flips from this epsilon on, in pixel units.
    FlipsAt(f32),
    /// It holds up to the largest epsilon that was tried.
    Holds,
    /// The model has no label for what the picture shows, so that it can be neither right nor wrong.
    NoPart,
}

impl Found {
    pub fn of(search: &SmallestEpsilon) -> Self {
        match search.smallest {
            _ if search.already_wrong => Self::AlreadyWrong,
            Some(epsilon) => Self::FlipsAt(epsilon),
            None => Self::Holds,
        }
    }

    /// Whether the picture is still right at an epsilon.
    fn holds_at(self, epsilon: f32) -> bool {
        match self {
            Self::AlreadyWrong => false,
            Self::FlipsAt(flip) => epsilon < flip,
            Self::Holds => true,
            Self::NoPart => false,
        }
    }

    /// Whether the picture counts for the model.
    pub fn counts(self) -> bool {
        self != Self::NoPart
    }
}

/// How many of the pictures are still right at an epsilon, in pixel units.
pub fn standing(found: &[Found], epsilon: f32) -> usize {
    found.iter().filter(|found| found.holds_at(epsilon)).count()
}

/// The share of pictures that are still right, from 0 to `largest` (pixel units), as the corners of
/// a staircase.
pub fn staircase(found: &[Found], largest: f32) -> Vec<[f32; 2]> {
    if found.is_empty() {
        return Vec::new();
    }
    let share = |epsilon| standing(found, epsilon) as f32 / found.len() as f32;
    let mut flips: Vec<f32> = found
        .iter()
        .filter_map(|found| match found {
            Found::FlipsAt(epsilon) => Some(*epsilon),
            Found::AlreadyWrong | Found::Holds | Found::NoPart => None,
        })
        .collect();
    flips.sort_by(f32::total_cmp);
    flips.dedup();
    let mut corners = vec![[0.0, share(0.0)]];
    corners.extend(flips.into_iter().map(|epsilon| [epsilon, share(epsilon)]));
    corners.push([largest, share(largest)]);
    corners
}

/// Wilson's 95 % interval of the share `count` of `n`; 0 to 1 without any.
pub fn wilson(count: usize, n: usize) -> [f32; 2] {
    if n == 0 {
        return [0.0, 1.0];
    }
    let (z, n) = (1.959_964_f64, n as f64);
    let share = count as f64 / n;
    let middle = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    [(((middle - half) / scale).max(0.0)) as f32, (((middle + half) / scale).min(1.0)) as f32]
}

/// The time that is left, in milliseconds, if the rest goes as what is done; none before anything is.
pub fn time_left(done: usize, total: usize, elapsed: f64) -> Option<f64> {
    (done > 0).then(|| elapsed / done as f64 * total.saturating_sub(done) as f64)
}

/// A time to wait as a person says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    Seconds(u64),
    Minutes(u64),
}

impl Wait {
    /// Rounded up: seconds up to a minute and a half, then minutes.
    pub fn of(milliseconds: f64) -> Self {
        let seconds = (milliseconds / 1000.0).ceil();
        if seconds <= 90.0 {
            Self::Seconds(seconds as u64)
        } else {
            Self::Minutes((seconds / 60.0).ceil() as u64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Found::{AlreadyWrong, FlipsAt, Holds};

    #[test]
    fn what_was_wrong_from_the_start_never_counts_as_right() {
        let found = [AlreadyWrong, FlipsAt(0.5), Holds];
        assert_eq!(
            (standing(&found, 0.0), standing(&found, 0.5), standing(&found, 9.0)),
            (2, 1, 1)
        );
    }

    #[test]
    fn the_staircase_descends_at_each_flip() {
        let stairs = staircase(&[FlipsAt(0.5), AlreadyWrong, FlipsAt(0.25), FlipsAt(0.5)], 1.0);
        assert_eq!(stairs, [[0.0, 0.75], [0.25, 0.5], [0.5, 0.0], [1.0, 0.0]]);
        assert!(staircase(&[], 1.0).is_empty());
    }

    #[test]
    fn a_search_is_one_of_three_things() {
        let search = |smallest, already_wrong| SmallestEpsilon {
            label: 0,
            smallest,
            already_wrong,
            flags: Vec::new(),
        };
        assert_eq!(Found::of(&search(Some(0.0), true)), AlreadyWrong);
        assert_eq!(Found::of(&search(Some(0.1), false)), FlipsAt(0.1));
        assert_eq!(Found::of(&search(None, false)), Holds);
    }

    /// The figures of the lesson's own exercise.
    #[test]
    fn the_interval_is_wilsons() {
        let close = |[low, high]: [f32; 2], expected: [f32; 2]| {
            (low - expected[0]).abs() < 5e-4 && (high - expected[1]).abs() < 5e-4
        };
        assert!(close(wilson(135, 200), [0.607, 0.736]));
        assert!(close(wilson(20, 20), [0.839, 1.0]));
        assert_eq!(wilson(0, 0), [0.0, 1.0]);
    }

    #[test]
    fn the_rest_is_expected_to_go_as_the_beginning() {
        assert_eq!(time_left(0, 5, 900.0), None);
        assert_eq!(time_left(2, 6, 1000.0), Some(2000.0));
        assert_eq!(time_left(6, 6, 1000.0), Some(0.0));
        assert_eq!(Wait::of(1200.0), Wait::Seconds(2));
        assert_eq!(Wait::of(91_000.0), Wait::Minutes(2));
    }
}
