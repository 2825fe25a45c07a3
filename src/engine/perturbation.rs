//! The perturbation made visible.

use crate::{
    attacks::{Norm, ThreatModel},
    protocol::Picture,
};

/// The largest factor a perturbation is multiplied by: with it, one step of an 8-bit channel
/// (1/255) already fills half the range.
pub const MAX_MAGNIFICATION: f32 = 127.5;

/// The factor with which a change of `epsilon` (pixel units, 0 to 1) reaches from mid-grey to black
/// or white: 0.5 / epsilon, at most [`MAX_MAGNIFICATION`].
pub fn magnification(epsilon: f32) -> f32 {
    if epsilon > 0.0 { (0.5 / epsilon).min(MAX_MAGNIFICATION) } else { MAX_MAGNIFICATION }
}

/// The factor for a threat model's perturbations of pictures of so many numbers. In Linf it is
/// [`magnification`]. An L2 perturbation spread evenly would change each number by epsilon over the
/// root of their count; gradients are uneven, so what reaches black or white is four times that.
pub fn run_magnification(threat: &ThreatModel, numbers: usize) -> f32 {
    match threat.norm() {
        Norm::Linf => magnification(threat.epsilon()),
        Norm::L2 => magnification(4.0 * threat.epsilon() / (numbers as f32).sqrt()),
    }
}

/// `0.5 + magnification * (adversarial - clean)`, rounded to 8 bits, from the adversarial numbers
/// [3, height, width], row-major.
pub fn magnified(clean: &Picture, adversarial: &[f32], magnification: f32) -> Picture {
    let plane = clean.rgb.len() / 3;
    let mut rgb = vec![0; clean.rgb.len()];
    for (channel, values) in adversarial.chunks_exact(plane.max(1)).take(3).enumerate() {
        let pixels = rgb.chunks_exact_mut(3).zip(clean.rgb.chunks_exact(3));
        for ((pixel, clean), value) in pixels.zip(values) {
            let change = value - f32::from(clean[channel]) / 255.0;
            // The cast clips to 0 to 255.
            pixel[channel] = ((change * magnification + 0.5) * 255.0).round() as u8;
        }
    }
    Picture { width: clean.width, height: clean.height, rgb }
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
    fn in_l2_four_times_the_even_change_fills_the_range() {
        let threat = |norm, epsilon| ThreatModel::new(norm, epsilon).unwrap();
        assert_eq!(run_magnification(&threat(Norm::L2, 5.0), 10_000), 0.5 / 0.2);
        assert_eq!(run_magnification(&threat(Norm::L2, 0.0), 10_000), MAX_MAGNIFICATION);
        assert_eq!(run_magnification(&threat(Norm::Linf, 0.1), 10_000), magnification(0.1));
    }

    #[test]
    fn changes_are_shown_around_grey() {
        let clean = Picture { width: 2, height: 1, rgb: vec![0, 51, 102, 255, 204, 153] };
        // Reds, greens, blues.
        let adversarial = [0.0, 1.0, 0.1, 0.8, 0.4, 0.7];
        let found = magnified(&clean, &adversarial, 2.0);
        assert_eq!((found.width, found.height), (2, 1));
        let exact = [0.5, 0.3, 0.5, 0.5, 0.5, 0.7].map(|value: f32| value * 255.0);
        for (found, exact) in found.rgb.iter().zip(exact) {
            assert!((f32::from(*found) - exact).abs() < 0.51, "{found} {exact}");
        }
        assert_eq!(magnified(&clean, &adversarial, 100.0).rgb[1], 0);
    }

    #[test]
    fn small_and_no_epsilon_stay_finite() {
        assert!((magnification(1.0 / 255.0) - MAX_MAGNIFICATION).abs() < 1e-3);
        assert_eq!(magnification(1e-6), MAX_MAGNIFICATION);
        assert_eq!(magnification(0.0), MAX_MAGNIFICATION);
    }
}
