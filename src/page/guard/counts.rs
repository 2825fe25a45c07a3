//! What a threshold does to a labelled set: who is caught, who is missed, and at what cost.

/// A text's P(Yes), and whether it violates what it was judged by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    pub p_yes: f32,
    pub violates: bool,
}

/// The four things that can happen, counted. A text is flagged if P(Yes) is at least the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Violates, and is flagged.
    pub caught: usize,
    /// Violates, and is let through.
    pub missed: usize,
    /// Violates nothing, and is flagged.
    pub alarms: usize,
    /// Violates nothing, and is let through.
    pub passed: usize,
}

impl Counts {
    /// The counts at a threshold.
    pub fn at(texts: &[Scored], threshold: f32) -> Self {
        let mut counts = Self::default();
        for text in texts {
            let count = match (text.violates, text.p_yes >= threshold) {
                (true, true) => &mut counts.caught,
                (true, false) => &mut counts.missed,
                (false, true) => &mut counts.alarms,
                (false, false) => &mut counts.passed,
            };
            *count += 1;
        }
        counts
    }

    /// The share of the flagged that deserve it; none if nothing is flagged.
    pub fn precision(self) -> Option<f32> {
        share(self.caught, self.caught + self.alarms)
    }

    /// The share of the violating that are flagged; none if nothing violates.
    pub fn recall(self) -> Option<f32> {
        share(self.caught, self.caught + self.missed)
    }

    /// The harmonic mean of the two; none if nothing violates and nothing is flagged.
    pub fn f1(self) -> Option<f32> {
        share(2 * self.caught, 2 * self.caught + self.missed + self.alarms)
    }

    /// The share of the harmless that are flagged; none if nothing is harmless.
    pub fn alarm_rate(self) -> Option<f32> {
        share(self.alarms, self.alarms + self.passed)
    }

    /// What the mistakes cost together.
    pub fn cost(self, prices: Prices) -> f64 {
        self.missed as f64 * prices.miss + self.alarms as f64 * prices.alarm
    }
}

fn share(part: usize, whole: usize) -> Option<f32> {
    (whole > 0).then(|| part as f32 / whole as f32)
}

/// What a mistake costs, in whatever unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    pub miss: f64,
    pub alarm: f64,
}

/// The thresholds that differ in what they do: one between any two neighbouring P(Yes), one below
/// all and one above all, ascending.
pub fn thresholds(texts: &[Scored]) -> Vec<f32> {
    let mut values: Vec<f32> = texts.iter().map(|text| text.p_yes).collect();
    values.sort_by(f32::total_cmp);
    values.dedup();
    let between = values.windows(2).map(|pair| match pair {
        // Where nothing fits between two, the upper one is flagged by itself.
        [low, high] => ((low + high) / 2.0).clamp(low.next_up(), *high),
        _ => 0.0,
    });
    let mut thresholds = vec![0.0];
    thresholds.extend(between);
    thresholds.extend(values.last().map(|last| ((last + 1.0) / 2.0).max(last.next_up())));
    thresholds
}

/// The threshold whose counts have the highest worth, and these; of equals the lowest one. None
/// without texts.
pub fn best(texts: &[Scored], worth: &dyn Fn(Counts) -> f64) -> Option<(f32, Counts)> {
    let mut best: Option<(f32, Counts, f64)> = None;
    for threshold in thresholds(texts) {
        let counts = Counts::at(texts, threshold);
        let worth = worth(counts);
        if !texts.is_empty() && best.is_none_or(|(_, _, most)| worth > most) {
            best = Some((threshold, counts, worth));
        }
    }
    best.map(|(threshold, counts, _)| (threshold, counts))
}

/// Recall and precision at every threshold that flags something, by rising recall.
pub fn curve(texts: &[Scored]) -> Vec<[f32; 2]> {
    let point = |threshold: f32| {
        let counts = Counts::at(texts, threshold);
        Some([counts.recall()?, counts.precision()?])
    };
    thresholds(texts).into_iter().rev().filter_map(point).collect()
}

/// The area under the precision-recall curve, as a sum of steps; none if nothing violates.
pub fn area(texts: &[Scored]) -> Option<f32> {
    if !texts.iter().any(|text| text.violates) {
        return None;
    }
    let mut before = 0.0;
    let mut area = 0.0;
    for [recall, precision] in curve(texts) {
        area += (recall - before) * precision;
        before = recall;
    }
    Some(area)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lesson's exercise on paper.
    fn exercise() -> Vec<Scored> {
        let violating = [0.90, 0.62, 0.41, 0.15].map(|p_yes| Scored { p_yes, violates: true });
        let harmless = [0.70, 0.33, 0.20, 0.10, 0.05, 0.02];
        let harmless = harmless.map(|p_yes| Scored { p_yes, violates: false });
        violating.into_iter().chain(harmless).collect()
    }

    #[test]
    fn the_lessons_table_comes_out() {
        let texts = exercise();
        let row = |threshold| {
            let counts = Counts::at(&texts, threshold);
            (counts.caught, counts.missed, counts.alarms)
        };
        assert_eq!([0.8, 0.5, 0.3, 0.1].map(row), [(1, 3, 0), (2, 2, 1), (3, 1, 2), (4, 0, 4)]);
        let counts = Counts::at(&texts, 0.3);
        assert_eq!((counts.precision(), counts.recall()), (Some(0.6), Some(0.75)));
        assert!((counts.f1().unwrap() - 2.0 / 3.0).abs() < 1e-6);
        assert_eq!(counts.alarm_rate(), Some(2.0 / 6.0));
    }

    #[test]
    fn prices_decide_on_the_threshold() {
        let texts = exercise();
        let cheapest = |prices| best(&texts, &|counts: Counts| -counts.cost(prices)).unwrap();
        let (low, counts) = cheapest(Prices { miss: 5.0, alarm: 1.0 });
        assert_eq!((counts.missed, counts.cost(Prices { miss: 5.0, alarm: 1.0 })), (0, 3.0));
        assert!(low > 0.1 && low <= 0.15);
        let (high, counts) = cheapest(Prices { miss: 1.0, alarm: 5.0 });
        assert_eq!(counts.alarms, 0);
        assert!(high > 0.7 && high <= 0.9);
    }

    #[test]
    fn the_area_is_average_precision() {
        let expected = 0.25 * (1.0 + 2.0 / 3.0 + 3.0 / 4.0 + 4.0 / 7.0);
        assert!((area(&exercise()).unwrap() - expected).abs() < 1e-6);
        let sorted = [0.9, 0.1].map(|p_yes| Scored { p_yes, violates: p_yes > 0.5 });
        assert_eq!(area(&sorted), Some(1.0));
        assert_eq!(area(&[Scored { p_yes: 0.3, violates: false }]), None);
        assert_eq!(curve(&sorted).last(), Some(&[1.0, 0.5]));
    }

    #[test]
    fn equal_and_extreme_scores_have_their_thresholds() {
        let texts = [1.0, 1.0, 0.0].map(|p_yes| Scored { p_yes, violates: p_yes > 0.5 });
        let thresholds = thresholds(&texts);
        assert_eq!(thresholds.len(), 3);
        assert_eq!(Counts::at(&texts, thresholds[2]).caught, 0);
        assert_eq!(Counts::at(&texts, thresholds[1]).caught, 2);
        assert_eq!(Counts::at(&texts, thresholds[0]).alarms, 1);
        assert_eq!(best(&[], &|_| 0.0), None);
        let nothing = Counts::default();
        assert_eq!((nothing.precision(), nothing.recall(), nothing.f1()), (None, None, None));
    }
}
