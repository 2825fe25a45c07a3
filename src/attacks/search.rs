use super::Error;

/// A search for the smallest epsilon that flips a picture, by bisection.
///
/// An attack that fails at one epsilon and succeeds at a smaller one breaks the order that
/// bisection relies on; what is found flips in any case, and is then an upper bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpsilonSearch {
    low: f32,
    high: f32,
    tolerance: f32,
}

/// What a search has found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpsilonBracket {
    /// The largest epsilon that was tried without success below the one that flips; none if all
    /// that were tried flip.
    pub resists: Option<f32>,
    /// The smallest epsilon that was seen to flip; none if the largest does not.
    pub flips: Option<f32>,
}

impl EpsilonSearch {
    /// From `low` to `high`, until what resists and what flips are at most `tolerance` apart; all
    /// in pixel units.
    ///
    /// # Errors
    /// [`Error::Search`] unless `0 <= low <= high`, the tolerance is positive, and all are finite.
    pub fn new(low: f32, high: f32, tolerance: f32) -> Result<Self, Error> {
        if 0.0 <= low && low <= high && high.is_finite() && tolerance > 0.0 {
            Ok(Self { low, high, tolerance })
        } else {
            Err(Error::Search { low, high, tolerance })
        }
    }

    /// The most epsilons that [`Self::run`] tries.
    pub fn most_tries(&self) -> usize {
        let halvings = ((self.high - self.low) / self.tolerance).log2().ceil();
        2 + halvings.max(0.0) as usize
    }

    /// Asks `flips` at the smaller end, at the larger one, and then between.
    ///
    /// # Errors
    /// The first that `flips` returns.
    pub async fn run<E>(
        &self,
        mut flips: impl AsyncFnMut(f32) -> Result<bool, E>,
    ) -> Result<EpsilonBracket, E> {
        let (mut low, mut high) = (self.low, self.high);
        if flips(low).await? {
            return Ok(EpsilonBracket { resists: None, flips: Some(low) });
        }
        if !flips(high).await? {
            return Ok(EpsilonBracket { resists: Some(high), flips: None });
        }
        while high - low > self.tolerance {
            let middle = low + (high - low) / 2.0;
            // Neighbours in f32 have nothing between them.
            if middle <= low || middle >= high {
                break;
            }
            if flips(middle).await? {
                high = middle;
            } else {
                low = middle;
            }
        }
        Ok(EpsilonBracket { resists: Some(low), flips: Some(high) })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use proptest::prelude::*;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("nothing here waits"),
        }
    }

    /// Searches for a threshold, and counts the tries.
    fn search(search: EpsilonSearch, threshold: f32) -> (EpsilonBracket, usize) {
        let mut tries = 0;
        let found = block_on(search.run(async |epsilon| {
            tries += 1;
            Ok::<bool, Infallible>(epsilon >= threshold)
        }));
        let Ok(found) = found;
        (found, tries)
    }

    proptest! {
        #[test]
        fn the_threshold_is_bracketed(threshold in -0.1f32..1.1, tolerance in 1e-5f32..0.5) {
            let interval = EpsilonSearch::new(0.0, 1.0, tolerance).unwrap();
            let (found, tries) = search(interval, threshold);
            prop_assert!(tries <= interval.most_tries());
            prop_assert!(found.resists.is_none_or(|resists| resists < threshold));
            prop_assert!(found.flips.is_none_or(|flips| flips >= threshold));
            match (found.resists, found.flips) {
                (Some(resists), Some(flips)) => prop_assert!(flips - resists <= tolerance),
                (None, flips) => prop_assert_eq!(flips, Some(0.0)),
                (resists, None) => prop_assert_eq!(resists, Some(1.0)),
            }
        }
    }

    #[test]
    fn a_tolerance_below_the_numbers_own_ends() {
        let (found, tries) = search(EpsilonSearch::new(0.0, 1.0, 1e-30).unwrap(), 0.3);
        assert!(found.flips >= Some(0.3) && found.flips < Some(0.3001));
        assert!(tries < 200);
    }

    #[test]
    fn errors_end_the_search() {
        let search = EpsilonSearch::new(0.0, 1.0, 0.1).unwrap();
        assert_eq!(block_on(search.run(async |_| Err::<bool, _>("cancelled"))), Err("cancelled"));
    }

    #[test]
    fn nonsense_is_refused() {
        for (low, high, tolerance) in [
            (-0.1, 1.0, 0.1),
            (0.5, 0.4, 0.1),
            (0.0, f32::INFINITY, 0.1),
            (0.0, f32::NAN, 0.1),
            (0.0, 1.0, 0.0),
            (0.0, 1.0, f32::NAN),
        ] {
            let found = EpsilonSearch::new(low, high, tolerance);
            assert!(matches!(found, Err(Error::Search { .. })), "{low} {high} {tolerance}");
        }
    }
}
