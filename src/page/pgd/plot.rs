//! Where things lie in a chart: axes, lines, bars. Nothing here knows what they mean.

/// The chart's own coordinates; it is scaled as a whole.
pub const WIDTH: f32 = 360.0;
/// The rectangle of the lines within them; [`Plot::height`] sets its lower edge.
pub const LEFT: f32 = 46.0;
pub const RIGHT: f32 = WIDTH - 12.0;
pub const TOP: f32 = 12.0;
/// From the lower edge of the lines to that of the chart.
pub const FOOT: f32 = 36.0;

/// A range of values and those of them that get a tick.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    pub low: f32,
    pub high: f32,
    pub ticks: Vec<f32>,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stroke {
    #[default]
    Solid,
    Dashed,
    /// Of something that is over.
    Faint,
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Which of the things compared it is about, from 0.
    pub series: usize,
    pub stroke: Stroke,
    /// From left to right.
    pub points: Vec<[f32; 2]>,
    /// Whether the value stays until the next point, as in a staircase.
    pub stairs: bool,
    /// Whether each point gets a mark.
    pub marked: bool,
}

/// A range of values at one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    pub series: usize,
    pub x: f32,
    pub low: f32,
    pub high: f32,
}

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    pub height: f32,
    pub x: Axis,
    pub y: Axis,
    pub lines: Vec<Line>,
    pub bars: Vec<Bar>,
}

impl Axis {
    /// An axis with ticks at round values, at most about `most` of them.
    pub fn round(low: f32, high: f32, most: usize) -> Self {
        let high = if high > low { high } else { low + 1.0 };
        let step = round_step((high - low) / most.max(1) as f32);
        let (first, last) = ((low / step).ceil() as i64, (high / step).floor() as i64);
        let ticks = (first..=last).map(|place| place as f32 * step).collect();
        Self { low, high, ticks }
    }

    /// An axis of whole numbers: none of its ticks lies between two of them.
    pub fn counts(low: f32, high: f32, most: usize) -> Self {
        let mut axis = Self::round(low, high, most);
        axis.ticks.retain(|tick| tick.fract() == 0.0);
        axis
    }

    /// Shares from 0 to 1.
    pub fn shares() -> Self {
        Self { low: 0.0, high: 1.0, ticks: vec![0.0, 0.25, 0.5, 0.75, 1.0] }
    }

    /// How far along the axis a value lies, 0 to 1; what is no number lies at its beginning.
    fn fraction(&self, value: f32) -> f32 {
        let fraction = (value - self.low) / (self.high - self.low);
        if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below `least`.
fn round_step(least: f32) -> f32 {
    let power = 10f32.powf(least.max(f32::MIN_POSITIVE).log10().floor());
    let step = [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power);
    step.into_iter().find(|step| *step >= least * 0.999).unwrap_or(10.0 * power)
}

/// The range of some values, which begins at 0 unless they fall below; none of them is 0 to 1.
pub fn range(values: impl Iterator<Item = f32>) -> [f32; 2] {
    let finite = values.filter(|value| value.is_finite());
    let [low, high] = finite.fold([0f32, 0.0], |[low, high], it| [low.min(it), high.max(it)]);
    if high > low { [low, high] } else { [low, low + 1.0] }
}

impl Plot {
    /// The lower edge of the lines.
    pub fn bottom(&self) -> f32 {
        self.height - FOOT
    }

    /// The abscissa of a value.
    pub fn at_x(&self, value: f32) -> f32 {
        LEFT + self.x.fraction(value) * (RIGHT - LEFT)
    }

    /// The ordinate of a value.
    pub fn at_y(&self, value: f32) -> f32 {
        self.bottom() - self.y.fraction(value) * (self.bottom() - TOP)
    }

    /// A line as an SVG path; empty without points.
    pub fn path(&self, line: &Line) -> String {
        let mut path = String::new();
        for (place, [x, y]) in line.points.iter().enumerate() {
            let (x, y) = (self.at_x(*x), self.at_y(*y));
            path.push_str(&match (place, line.stairs) {
                (0, _) => format!("M{x:.1} {y:.1}"),
                (_, true) => format!("H{x:.1}V{y:.1}"),
                (_, false) => format!("L{x:.1} {y:.1}"),
            });
        }
        path
    }

    /// The marks of a line as one SVG path: disc, square or triangle, by its series.
    pub fn marks(&self, line: &Line) -> String {
        let mark = |&[x, y]: &[f32; 2]| {
            let (x, y) = (self.at_x(x), self.at_y(y));
            match line.series % 3 {
                0 => format!("M{:.1} {y:.1}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z", x - 3.5),
                1 => format!("M{:.1} {:.1}h6.4v6.4h-6.4z", x - 3.2, y - 3.2),
                _ => format!("M{x:.1} {:.1}l4.2 7.4h-8.4z", y - 4.6),
            }
        };
        line.points.iter().filter(|_| line.marked).map(mark).collect()
    }

    /// A bar with its two ends as an SVG path.
    pub fn bar(&self, bar: &Bar) -> String {
        // Side by side, so that one does not hide another.
        let x = self.at_x(bar.x) + (bar.series as f32 - 1.0) * 2.5;
        let (low, high) = (self.at_y(bar.low), self.at_y(bar.high));
        format!("M{:.1} {high:.1}h6M{x:.1} {high:.1}V{low:.1}M{:.1} {low:.1}h6", x - 3.0, x - 3.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot() -> Plot {
        let (x, y) = (Axis::round(0.0, 20.0, 5), Axis::shares());
        Plot { height: 200.0, x, y, lines: Vec::new(), bars: Vec::new() }
    }

    #[test]
    fn ticks_are_round_and_within_the_axis() {
        assert_eq!(Axis::round(0.0, 20.0, 5).ticks, [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(Axis::round(0.0, 350.0, 5).ticks, [0.0, 100.0, 200.0, 300.0]);
        assert_eq!(Axis::round(-1.0, 3.0, 4).ticks, [-1.0, 0.0, 1.0, 2.0, 3.0]);
        assert_eq!(Axis::round(2.0, 2.0, 4).high, 3.0);
        assert_eq!(Axis::counts(0.0, 4.0, 8).ticks, [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(Axis::counts(0.0, 1.0, 5).ticks, [0.0, 1.0]);
        assert_eq!(Axis::counts(0.0, 350.0, 5).ticks, [0.0, 100.0, 200.0, 300.0]);
        let tenths = Axis::round(0.0, 1.0, 10).ticks;
        assert_eq!(tenths.len(), 11);
    }

    #[test]
    fn the_corners_are_the_corners() {
        let plot = plot();
        assert_eq!((plot.at_x(0.0), plot.at_x(20.0)), (LEFT, RIGHT));
        assert_eq!((plot.at_y(0.0), plot.at_y(1.0)), (plot.bottom(), TOP));
        assert_eq!((plot.at_x(99.0), plot.at_y(f32::NAN)), (RIGHT, plot.bottom()));
    }

    #[test]
    fn a_line_goes_from_point_to_point_or_by_stairs() {
        let mut line = Line { points: vec![[0.0, 1.0], [20.0, 0.0]], ..Line::default() };
        let plot = plot();
        assert_eq!(
            plot.path(&line),
            format!("M{LEFT:.1} {TOP:.1}L{RIGHT:.1} {:.1}", plot.bottom())
        );
        line.stairs = true;
        assert_eq!(
            plot.path(&line),
            format!("M{LEFT:.1} {TOP:.1}H{RIGHT:.1}V{:.1}", plot.bottom())
        );
        assert_eq!(plot.marks(&line), "");
        line.marked = true;
        assert_eq!(plot.marks(&line).matches('M').count(), 2);
        assert_eq!(plot.path(&Line::default()), "");
    }

    #[test]
    fn a_range_holds_zero_and_leaves_out_what_is_no_number() {
        assert_eq!(range([2.0, f32::NAN, 5.0].into_iter()), [0.0, 5.0]);
        assert_eq!(range([-2.0, 1.0].into_iter()), [-2.0, 1.0]);
        assert_eq!(range([].into_iter()), [0.0, 1.0]);
    }
}
