//! The perturbation made visible.

/// The largest factor a perturbation is multiplied by: with it, one step of an 8-bit channel
/// (1/255) already fills half the range.
pub const MAX_MAGNIFICATION: f32 = 127.5;

/// The factor with which a change of `epsilon` (pixel units, 0 to 1) reaches from mid-grey to black
/// or white: 0.5 / epsilon, at most [`MAX_MAGNIFICATION`].
pub fn magnification(epsilon: f32) -> f32 {
    if epsilon > 0.0 { (0.5 / epsilon).min(MAX_MAGNIFICATION) } else { MAX_MAGNIFICATION }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epsilon_fills_the_range() {
        assert_eq!(magnification(0.1) * 0.1, 0.5);
        assert_eq!(magnification(1.0), 0.5);
    }

    #[test]
    fn small_and_no_epsilon_stay_finite() {
        assert!((magnification(1.0 / 255.0) - MAX_MAGNIFICATION).abs() < 1e-3);
        assert_eq!(magnification(1e-6), MAX_MAGNIFICATION);
        assert_eq!(magnification(0.0), MAX_MAGNIFICATION);
    }
}
