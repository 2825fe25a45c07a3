use half::f16;

use crate::weights::packed::{BLOCK, Bits, INT4_ZERO};

/// A step of int4 is coarse: it often pays to cut a block's largest numbers off so that the others
/// fall on a finer grid. These are the parts of the whole range that are tried.
const RANGES: [f32; 5] = [1.0, 0.94, 0.88, 0.82, 0.76];
/// Adding and taking away one and a half times 2^23 rounds to a whole number, ties to even, in two
/// instructions on every processor.
const ROUNDING: f32 = 12_582_912.0;
/// Sums that are kept at a time.
const LANES: usize = 8;

/// Numbers and scales as they are stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quantised {
    pub numbers: Vec<u8>,
    /// F16, one for each block.
    pub scales: Vec<u8>,
}

/// Packs whole blocks of finite numbers; what is no whole block at the end is left out.
///
/// A scale is rounded to f16 before it is used, so that what is stored is what was reckoned with.
///
/// # Errors
/// The block that has a number too large for a scale in f16.
pub fn quantise(bits: Bits, values: &[f32]) -> Result<Quantised, usize> {
    let (blocks, _) = values.as_chunks::<BLOCK>();
    let mut packed = Quantised {
        numbers: Vec::with_capacity(values.len()),
        scales: Vec::with_capacity(2 * blocks.len()),
    };
    for (position, block) in blocks.iter().enumerate() {
        let scale = match bits {
            Bits::Four => finest_scale(block),
            Bits::Eight => scale_of(largest(block) / bits.limit()),
        };
        if !scale.is_finite() {
            return Err(position);
        }
        packed.scales.extend(scale.to_le_bytes());
        let numbers = numbers(block, scale.to_f32(), bits.limit());
        match bits {
            Bits::Four => packed.numbers.extend(in_halves(&numbers)),
            Bits::Eight => packed.numbers.extend(numbers.map(i8::cast_unsigned)),
        }
    }
    Ok(packed)
}

impl Bits {
    /// The largest number that is used, so that as many are below zero as above.
    fn limit(self) -> f32 {
        match self {
            Self::Four => 7.0,
            Self::Eight => 127.0,
        }
    }
}

/// Of the scales that are tried for a block of int4 the one with the least squared error.
fn finest_scale(block: &[f32; BLOCK]) -> f16 {
    let limit = Bits::Four.limit();
    let whole = largest(block) / limit;
    let mut best = (scale_of(whole), f32::INFINITY);
    for range in RANGES {
        let scale = scale_of(range * whole);
        let error = squared_error(block, scale.to_f32(), limit);
        if error < best.1 {
            best = (scale, error);
        }
    }
    best.0
}

fn scale_of(step: f32) -> f16 {
    f16::from_f32(step)
}

fn largest(block: &[f32; BLOCK]) -> f32 {
    block.iter().fold(0.0, |largest, value| largest.max(value.abs()))
}

fn squared_error(block: &[f32; BLOCK], scale: f32, limit: f32) -> f32 {
    let inverse = inverse(scale);
    let mut sums = [0.0; LANES];
    let (rows, _) = block.as_chunks::<LANES>();
    for row in rows {
        for (sum, value) in sums.iter_mut().zip(row) {
            let error = value - nearest(value * inverse, limit) * scale;
            *sum += error * error;
        }
    }
    sums.iter().sum()
}

fn numbers(block: &[f32; BLOCK], scale: f32, limit: f32) -> [i8; BLOCK] {
    let inverse = inverse(scale);
    block.map(|value| nearest(value * inverse, limit) as i8)
}

/// A block of zeros, or of numbers next to it, has scale 0.
fn inverse(scale: f32) -> f32 {
    if scale > 0.0 { 1.0 / scale } else { 0.0 }
}

/// The whole number nearest to `x` within the limit.
fn nearest(x: f32, limit: f32) -> f32 {
    (x.clamp(-limit, limit) + ROUNDING) - ROUNDING
}

/// Two int4 in a byte, the first in the lower bits.
fn in_halves(numbers: &[i8; BLOCK]) -> [u8; BLOCK / 2] {
    std::array::from_fn(|pair| {
        let half = |number: i8| (number + INT4_ZERO).cast_unsigned();
        half(numbers[2 * pair]) | half(numbers[2 * pair + 1]) << 4
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The values that come out, block by block with their scales.
    fn unpacked(bits: Bits, packed: &Quantised) -> Vec<(f32, Vec<f32>)> {
        let numbers = bits.numbers(&packed.numbers);
        let (scales, _) = packed.scales.as_chunks::<2>();
        let scales = scales.iter().map(|&scale| f16::from_le_bytes(scale).to_f32());
        let blocks = numbers.chunks(BLOCK).zip(scales);
        blocks
            .map(|(block, scale)| (scale, block.iter().map(|&n| f32::from(n) * scale).collect()))
            .collect()
    }

    #[test]
    fn a_block_by_hand() {
        // 1 / 127 in f16 is 0.00787353515625, and 0.25 is 31.75 of these.
        let mut block = [0.0; BLOCK];
        (block[0], block[1], block[2]) = (1.0, -1.0, 0.25);
        let packed = quantise(Bits::Eight, &block).unwrap();
        assert_eq!(packed.scales, f16::from_f32(0.007_873_535).to_le_bytes());
        assert_eq!(packed.numbers[..4], [127, 0x81, 32, 0]);
        // With 7 as the largest, a step is 1; halves are rounded to even.
        let mut block = [0.0; BLOCK];
        (block[0], block[1], block[2], block[3]) = (7.0, -3.0, 2.5, -6.0);
        for place in (4..BLOCK).step_by(2) {
            block[place] = 1.0;
        }
        let packed = quantise(Bits::Four, &block).unwrap();
        assert_eq!(packed.scales, f16::ONE.to_le_bytes());
        assert_eq!(packed.numbers[..3], [0x5f, 0x2a, 0x89]);
    }

    #[test]
    fn zeros_stay_zeros_and_what_f16_cannot_scale_is_told() {
        for bits in [Bits::Four, Bits::Eight] {
            let packed = quantise(bits, &[0.0; BLOCK]).unwrap();
            assert_eq!(unpacked(bits, &packed), [(0.0, vec![0.0; BLOCK])]);
            let tiny = unpacked(bits, &quantise(bits, &[1e-30; BLOCK]).unwrap());
            assert_eq!(tiny[0].1, [0.0; BLOCK]);
            let mut values = [1.0; 2 * BLOCK];
            values[40] = -1e9;
            assert_eq!(quantise(bits, &values), Err(1));
        }
    }

    #[test]
    fn trying_several_scales_pays_for_int4() {
        // Sums of uniform numbers are close to normal ones.
        let mut state = 1_u32;
        let mut uniform = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        };
        let values: Vec<f32> = (0..400 * BLOCK).map(|_| (0..12).map(|_| uniform()).sum()).collect();
        let root_mean_square = |errors: &[f32]| {
            (errors.iter().map(|e| f64::from(e * e)).sum::<f64>() / errors.len() as f64).sqrt()
        };
        let error_of = |scale: &dyn Fn(&[f32; BLOCK]) -> f16| {
            let (blocks, _) = values.as_chunks::<BLOCK>();
            let errors = blocks.iter().flat_map(|block| {
                let scale = scale(block).to_f32();
                let numbers = numbers(block, scale, 7.0);
                (0..BLOCK).map(move |i| block[i] - f32::from(numbers[i]) * scale)
            });
            root_mean_square(&errors.collect::<Vec<_>>()) / root_mean_square(&values)
        };
        let plain = error_of(&|block| scale_of(largest(block) / 7.0));
        let tried = error_of(&finest_scale);
        eprintln!("relative error of int4: {plain} plain, {tried} tried");
        assert!(tried < 0.95 * plain, "{tried} {plain}");
    }

    fn block() -> impl Strategy<Value = Vec<f32>> {
        let exponent = -12_i32..8;
        let values = prop::collection::vec(-1.0_f32..=1.0, BLOCK);
        (exponent, values).prop_map(|(exponent, values)| {
            values.into_iter().map(|value| value * 2.0_f32.powi(exponent)).collect()
        })
    }

    proptest! {
        #[test]
        fn int8_is_off_by_half_a_step_at_most(values in block()) {
            let packed = quantise(Bits::Eight, &values).unwrap();
            let (scale, unpacked) = unpacked(Bits::Eight, &packed).remove(0);
            // Rounded to f16, a scale may be too small for the largest number by one part in 2048, or
            // where f16 grows coarse by half of its smallest step.
            let rounding = 127.0 * (scale / 2048.0).max(2.0_f32.powi(-25));
            for (value, unpacked) in values.iter().zip(unpacked) {
                prop_assert!((value - unpacked).abs() <= 0.501 * scale + rounding, "{} {}", value, unpacked);
            }
        }

        #[test]
        fn int4_is_off_by_half_a_step_unless_cut_off(values in block()) {
            let packed = quantise(Bits::Four, &values).unwrap();
            let (scale, unpacked) = unpacked(Bits::Four, &packed).remove(0);
            for (value, unpacked) in values.iter().zip(&unpacked) {
                let cut = (value.abs() - 7.0 * scale).max(0.0);
                prop_assert!((value - unpacked).abs() <= 0.501 * scale + cut);
            }
            let block: &[f32; BLOCK] = values.as_slice().try_into().unwrap();
            let plain = scale_of(largest(block) / 7.0).to_f32();
            let error = squared_error(block, scale, 7.0);
            prop_assert!(error <= squared_error(block, plain, 7.0));
        }

        #[test]
        fn packing_again_changes_nothing(values in block()) {
            let packed = quantise(Bits::Eight, &values).unwrap();
            let (scale, again) = unpacked(Bits::Eight, &packed).remove(0);
            // Below, f16 is coarse.
            prop_assume!(scale >= f16::MIN_POSITIVE.to_f32());
            prop_assert_eq!(quantise(Bits::Eight, &again).unwrap().numbers, packed.numbers);
        }
    }
}
