//! Reproducible noise: the same seed gives the same start on every device.

use super::{Norm, ThreatModel};

/// SplitMix64 (Steele, Lea and Flood, 2014): a counter and a hash of it.
struct SplitMix64(u64);

const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

fn hash(counter: u64) -> u64 {
    let z = counter.wrapping_add(GOLDEN_GAMMA);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl SplitMix64 {
    /// A stream of its own for each picture of each restart.
    fn new(seed: u64, restart: usize, picture: usize) -> Self {
        let restarted = hash(hash(seed).wrapping_add(restart as u64));
        Self(hash(restarted.wrapping_add(picture as u64)))
    }

    fn next(&mut self) -> u64 {
        let number = hash(self.0);
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        number
    }

    /// Evenly distributed in [-1, 1), exact in f32.
    fn signed(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    /// Evenly distributed in (0, 1].
    fn positive(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// Two normally distributed numbers (Box and Muller, 1958).
    fn normal_pair(&mut self) -> [f64; 2] {
        let radius = (-2.0 * self.positive().ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * self.positive()).sin_cos();
        [radius * cos, radius * sin]
    }
}

/// Where a start lies relative to the clean pictures: one perturbation of `size` values for each
/// picture, evenly distributed in the threat model's ball (in L2: by volume).
pub fn start_noise(
    threat: ThreatModel,
    seed: u64,
    restart: usize,
    pictures: usize,
    size: usize,
) -> Vec<f32> {
    let epsilon = threat.epsilon();
    let mut noise = Vec::with_capacity(pictures * size);
    for picture in 0..pictures {
        let mut numbers = SplitMix64::new(seed, restart, picture);
        match threat.norm() {
            Norm::Linf => noise.extend((0..size).map(|_| epsilon * numbers.signed())),
            Norm::L2 => {
                let pairs = (0..size.div_ceil(2)).flat_map(|_| numbers.normal_pair());
                let direction: Vec<f64> = pairs.collect();
                let direction = &direction[..size];
                let length = direction.iter().map(|d| d * d).sum::<f64>().sqrt();
                // The share of a ball's volume inside a radius grows with its power `size`.
                let radius = f64::from(epsilon) * numbers.positive().powf(1.0 / size as f64);
                let scale = if length > 0.0 { radius / length } else { 0.0 };
                noise.extend(direction.iter().map(|d| (d * scale) as f32));
            }
        }
    }
    noise
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threat(norm: Norm, epsilon: f32) -> ThreatModel {
        ThreatModel::new(norm, epsilon).unwrap()
    }

    #[test]
    fn the_hash_is_splitmix64() {
        // The first outputs of the reference implementation for the seed 1234567.
        let mut numbers = SplitMix64(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973];
        assert_eq!([numbers.next(), numbers.next()], expected);
    }

    #[test]
    fn linf_fills_the_cube_evenly() {
        let noise = start_noise(threat(Norm::Linf, 0.1), 3, 0, 1, 100_000);
        assert!(noise.iter().all(|d| d.abs() <= 0.1));
        let mean = noise.iter().map(|&d| f64::from(d)).sum::<f64>() / 1e5;
        let square = noise.iter().map(|&d| f64::from(d) * f64::from(d)).sum::<f64>() / 1e5;
        // A uniform distribution on [-a, a] has variance a^2 / 3.
        assert!(mean.abs() < 1e-3 && (square - 0.01 / 3.0).abs() < 5e-5, "{mean} {square}");
    }

    #[test]
    fn l2_fills_the_ball_by_volume() {
        // In two dimensions half of the area lies inside the radius over the root of 2.
        let noise = start_noise(threat(Norm::L2, 2.0), 5, 0, 20_000, 2);
        let lengths: Vec<f32> = noise.chunks(2).map(|d| d[0].hypot(d[1])).collect();
        assert!(lengths.iter().all(|length| *length <= 2.0 + 1e-6));
        let inside = lengths.iter().filter(|length| **length < std::f32::consts::SQRT_2).count();
        assert!((inside as f64 / 2e4 - 0.5).abs() < 0.02, "{inside}");
        let right = noise.chunks(2).filter(|d| d[0] > 0.0).count();
        assert!((right as f64 / 2e4 - 0.5).abs() < 0.02, "{right}");
    }

    #[test]
    fn seeds_restarts_and_pictures_differ_and_repeat() {
        let draw = |seed, restart| start_noise(threat(Norm::L2, 1.0), seed, restart, 2, 5);
        assert_eq!(draw(1, 0), draw(1, 0));
        assert_ne!(draw(1, 0), draw(2, 0));
        assert_ne!(draw(1, 0), draw(1, 1));
        let both = draw(1, 0);
        assert_ne!(both[..5], both[5..]);
    }
}
