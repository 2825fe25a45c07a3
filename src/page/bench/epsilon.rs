//! Epsilon as a person reads it: n/255 in pixel units, or on the [-1, 1] scale.

/// The largest n that the slider goes to.
pub const MAX_LEVELS: f32 = 32.0;

/// One step of the slider, in levels of 1/255.
pub const LEVEL_STEP: f32 = 0.25;

/// The epsilons of the original notebook, on its [-1, 1] scale.
pub const PRESETS: [f32; 3] = [0.01, 0.1, 0.2];

/// Where a sweep looks, in levels of 1/255: densely where labels flip, coarsely where they have.
const SWEEP_LEVELS: [f32; 15] =
    [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 26.0, 32.0];

/// How many levels of an 8-bit channel (n of n/255) an epsilon in pixel units is.
pub fn levels(epsilon: f32) -> f32 {
    epsilon * 255.0
}

/// The epsilon in pixel units, 0 to 1, of n levels.
pub fn from_levels(levels: f32) -> f32 {
    levels / 255.0
}

/// What an epsilon in pixel units is on the [-1, 1] scale, which is twice as wide.
pub fn on_signed_scale(epsilon: f32) -> f32 {
    epsilon * 2.0
}

/// The epsilon in pixel units of one on the [-1, 1] scale.
pub fn from_signed_scale(epsilon: f32) -> f32 {
    epsilon / 2.0
}

/// Whether two epsilons are the same for a person: within a fiftieth of a level.
pub fn same(a: f32, b: f32) -> bool {
    (levels(a) - levels(b)).abs() < 0.02
}

/// What the slider can hold: finite, from 0 to [`MAX_LEVELS`] levels.
pub fn clamped(epsilon: f32) -> f32 {
    if epsilon.is_finite() { epsilon.clamp(0.0, from_levels(MAX_LEVELS)) } else { 0.0 }
}

/// The epsilons of a sweep, in pixel units, ascending from 0 to the slider's end.
pub fn sweep() -> Vec<f32> {
    SWEEP_LEVELS.iter().copied().map(from_levels).collect()
}

/// How many decimals a number needs to be right to half a unit of the last of `most` of them.
pub fn decimals(value: f64, most: usize) -> usize {
    let tolerance = 0.5 / 10f64.powf(most as f64);
    let enough = |&decimals: &usize| {
        let scale = 10f64.powf(decimals as f64);
        ((value * scale).round() / scale - value).abs() < tolerance
    };
    (0..most).find(enough).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_originals_smallest_preset_is_a_little_over_one_level() {
        assert!((levels(from_signed_scale(PRESETS[0])) - 1.275).abs() < 1e-5);
        assert!((levels(from_signed_scale(PRESETS[2])) - 25.5).abs() < 1e-4);
    }

    #[test]
    fn both_scales_lead_back() {
        for n in 0..=32 {
            let epsilon = from_levels(n as f32);
            assert!((levels(epsilon) - n as f32).abs() < 1e-4);
            assert!(same(from_signed_scale(on_signed_scale(epsilon)), epsilon));
        }
    }

    #[test]
    fn a_sweep_ascends_from_zero_to_the_sliders_end() {
        let epsilons = sweep();
        assert_eq!(epsilons[0], 0.0);
        assert!(epsilons.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(same(epsilons[epsilons.len() - 1], from_levels(MAX_LEVELS)));
    }

    #[test]
    fn no_decimal_is_written_in_vain() {
        assert_eq!(decimals(2.000_001, 1), 0);
        assert_eq!(decimals(1.275, 1), 1);
        assert_eq!(decimals(0.01, 4), 2);
        assert_eq!(decimals(0.015_69, 4), 4);
    }

    #[test]
    fn nonsense_from_a_link_becomes_an_epsilon() {
        assert_eq!(clamped(f32::NAN), 0.0);
        assert_eq!(clamped(-1.0), 0.0);
        assert_eq!(clamped(9.0), from_levels(MAX_LEVELS));
    }
}
