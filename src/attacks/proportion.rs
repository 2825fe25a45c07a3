/// How many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proportion {
    pub successes: usize,
    /// At least as many as successes.
    pub trials: usize,
}

/// Bounds of a proportion, each from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// Standard deviations of a normal distribution that hold 95 % of it.
const Z_95: f64 = 1.959_963_984_540_054;

impl Proportion {
    /// Counts the true ones.
    pub fn of(results: impl IntoIterator<Item = bool>) -> Self {
        results.into_iter().fold(Self { successes: 0, trials: 0 }, |so_far, success| Self {
            successes: so_far.successes + usize::from(success),
            trials: so_far.trials + 1,
        })
    }

    /// From 0 to 1; none of no trials.
    pub fn rate(self) -> Option<f64> {
        (self.trials > 0).then(|| self.successes as f64 / self.trials as f64)
    }

    /// The 95 % interval of the true rate (Wilson, 1927), which unlike the usual one stays between
    /// 0 and 1 and has a width even where all or none succeed. All of 0 to 1 of no trials.
    pub fn wilson_95(self) -> Interval {
        let Some(rate) = self.rate() else { return Interval { low: 0.0, high: 1.0 } };
        let (n, square) = (self.trials as f64, Z_95 * Z_95);
        let scale = 1.0 + square / n;
        let centre = rate + square / (2.0 * n);
        let half = Z_95 * (rate * (1.0 - rate) / n + square / (4.0 * n * n)).sqrt();
        let bound = |value: f64| (value / scale).clamp(0.0, 1.0);
        Interval { low: bound(centre - half), high: bound(centre + half) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_lie_z_deviations_from_what_was_seen() {
        for (successes, trials) in [(5, 10), (1, 3), (300, 550), (549, 550)] {
            let proportion = Proportion { successes, trials };
            let (rate, Interval { low, high }) =
                (successes as f64 / trials as f64, proportion.wilson_95());
            assert!(low < rate && rate < high);
            for bound in [low, high] {
                let deviation = (bound * (1.0 - bound) / trials as f64).sqrt();
                let found = (rate - bound).abs() / deviation;
                assert!((found - 1.96).abs() < 1e-3, "{successes}/{trials}: {found}");
            }
        }
    }

    #[test]
    fn none_and_all_have_a_width_too() {
        let interval = |successes, trials| Proportion { successes, trials }.wilson_95();
        let none = interval(0, 10);
        assert!(none.low == 0.0 && (none.high - 0.277_533).abs() < 1e-5, "{none:?}");
        let all = interval(10, 10);
        assert!(all.high > 1.0 - 1e-9 && (all.low - 0.722_467).abs() < 1e-5, "{all:?}");
        assert_eq!(interval(0, 0), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn results_are_counted() {
        let proportion = Proportion::of([true, false, true, true]);
        assert_eq!(proportion, Proportion { successes: 3, trials: 4 });
        assert_eq!(proportion.rate(), Some(0.75));
        assert_eq!(Proportion::of([]).rate(), None);
    }
}
