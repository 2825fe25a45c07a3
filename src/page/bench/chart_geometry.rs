//! Where things lie in the sweep's chart: confidence (upwards) against epsilon (to the right).

use super::epsilon;
use crate::protocol::SweepPoint;

/// Width of the chart in its own coordinates; it is scaled as a whole.
pub const WIDTH: f32 = 360.0;
/// Height of the chart.
pub const HEIGHT: f32 = 210.0;
/// Left edge of the curve's rectangle: epsilon 0.
pub const LEFT: f32 = 44.0;
/// Right edge of the curve's rectangle: the largest epsilon.
pub const RIGHT: f32 = WIDTH - 14.0;
/// Upper edge of the curve's rectangle: confidence 1.
pub const TOP: f32 = 16.0;
/// Lower edge of the curve's rectangle: confidence 0.
pub const BOTTOM: f32 = HEIGHT - 38.0;

/// Levels of 1/255 that get a tick.
pub const LEVEL_TICKS: [f32; 5] = [0.0, 8.0, 16.0, 24.0, 32.0];
/// Confidences that get a tick.
pub const CONFIDENCE_TICKS: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// The abscissa of an epsilon in pixel units.
pub fn x(epsilon: f32) -> f32 {
    let fraction = epsilon::levels(epsilon::clamped(epsilon)) / epsilon::MAX_LEVELS;
    LEFT + fraction * (RIGHT - LEFT)
}

/// The ordinate of a confidence, 0 to 1; NaN lies at the bottom.
pub fn y(confidence: f32) -> f32 {
    let fraction = if confidence.is_finite() { confidence.clamp(0.0, 1.0) } else { 0.0 };
    BOTTOM - fraction * (BOTTOM - TOP)
}

/// The curve through the points as an SVG path; empty without points.
pub fn path(points: &[SweepPoint]) -> String {
    let mut path = String::new();
    for (index, point) in points.iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        path.push_str(&format!("{command}{:.1} {:.1}", x(point.epsilon), y(point.confidence)));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Score;

    fn point(levels: f32, confidence: f32, best: usize) -> SweepPoint {
        let best = Score { label: best, confidence };
        SweepPoint { epsilon: epsilon::from_levels(levels), confidence, best }
    }

    #[test]
    fn the_corners_are_the_corners() {
        assert_eq!((x(0.0), y(0.0)), (LEFT, BOTTOM));
        assert!((x(epsilon::from_levels(32.0)) - RIGHT).abs() < 1e-3);
        assert_eq!(y(1.0), TOP);
        assert_eq!(y(f32::NAN), BOTTOM);
    }

    #[test]
    fn a_path_has_one_command_a_point() {
        assert_eq!(path(&[]), "");
        let drawn = path(&[point(0.0, 1.0, 0), point(32.0, 0.0, 1)]);
        assert_eq!(drawn, format!("M{LEFT:.1} {TOP:.1}L{RIGHT:.1} {BOTTOM:.1}"));
    }
}
