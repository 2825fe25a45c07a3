use burn::Tensor;
use burn::tensor::quantization::{QuantScheme, QuantStore, QuantValue, ScaleDtype};
use burn::tensor::{Bytes, DType, Device, TensorData};

use super::linear::Linear;
use crate::safety::Error;
use crate::safety::guard::read;
use crate::weights::{BLOCK, Bits, Packed};

/// How far a device's product with a packed matrix may be from what it should be, relative to its largest value.
const TOLERANCE: f32 = 1e-3;

/// A matrix of that shape as burn keeps quantised ones: words of eight int4 or four int8, the first in
/// the lowest bits, and behind them the scales.
pub fn quantised(packed: &Packed, shape: [usize; 2]) -> TensorData {
    let (value, bits) = match packed.bits {
        Bits::Four => (QuantValue::Q4S, 4),
        Bits::Eight => (QuantValue::Q8S, 8),
    };
    let mask = (1 << bits) - 1;
    let word = |numbers: &[i8]| {
        let places = numbers.iter().enumerate();
        places.fold(0, |word, (place, &number)| {
            word | ((i32::from(number).cast_unsigned() & mask) << (bits * place))
        })
    };
    let numbers = packed.numbers.chunks(32 / bits).map(word);
    let scales = packed.scales.iter().map(|scale| scale.to_bits());
    let words: Vec<u32> = numbers.chain(scales).collect();
    let scheme = QuantScheme::default()
        .with_value(value)
        .with_store(QuantStore::PackedU32(0))
        .per_block([BLOCK as u8], ScaleDtype::F32);
    TensorData::from_bytes(Bytes::from_elems(words), shape, DType::QFloat(scheme))
}

/// Outputs, inputs and positions of the products that are tried: devices choose another way to multiply for one
/// position, for many, and for a matrix as wide as ShieldGemma's.
const TRIED: [[usize; 3]; 3] = [[96, 160, 1], [96, 160, 300], [2304, 2304, 24]];
/// Of how many outputs the product is compared.
const COMPARED: usize = 96;

/// Multiplies matrices packed in either way on the device, as the network does, and compares with the same by
/// hand.
///
/// # Errors
/// [`Error::WrongProduct`], [`Error::Device`].
pub async fn check(device: &Device) -> Result<(), Error> {
    for (bits, most) in [(Bits::Four, 7), (Bits::Eight, 127)] {
        for [outputs, inputs, positions] in TRIED {
            let number = |index: usize| ((index * 37 % (2 * most + 1)) as i32 - most as i32) as i8;
            let blocks = outputs * inputs / BLOCK;
            let packed = Packed {
                bits,
                numbers: (0..outputs * inputs).map(number).collect(),
                scales: (0..blocks).map(|block| 0.01 * (block % 7) as f32).collect(),
            };
            let x: Vec<f32> =
                (0..positions * inputs).map(|index| (index as f32 * 0.7).sin()).collect();
            let linear = Linear::of_packed(&packed, [outputs, inputs], device);
            let data = TensorData::new(x.clone(), [1, positions, inputs]);
            let found = read(linear.forward(Tensor::from_data(data, device))?).await?;
            if !is_product(&found, &x, &packed, [outputs, inputs]) {
                return Err(Error::WrongProduct);
            }
        }
    }
    Ok(())
}

/// Whether `found` [positions, outputs] is `x` [positions, inputs] times the matrix, in [`COMPARED`] outputs.
fn is_product(found: &[f32], x: &[f32], packed: &Packed, [outputs, inputs]: [usize; 2]) -> bool {
    let rows = packed.numbers.chunks(inputs).zip(packed.scales.chunks(inputs / BLOCK));
    let (mut largest, mut worst) = (0f32, 0f32);
    for (output, (numbers, scales)) in rows.enumerate().step_by(outputs / COMPARED) {
        let blocks = numbers.chunks(BLOCK).zip(scales);
        let weights: Vec<f32> = blocks
            .flat_map(|(block, scale)| block.iter().map(move |&n| f32::from(n) * scale))
            .collect();
        for (x, found) in x.chunks(inputs).zip(found.chunks(outputs)) {
            let expected: f32 = x.iter().zip(&weights).map(|(x, weight)| x * weight).sum();
            // Not a number is far from everything.
            let difference = found.get(output).map_or(f32::INFINITY, |found| found - expected);
            let difference = if difference.is_nan() { f32::INFINITY } else { difference.abs() };
            (largest, worst) = (largest.max(expected.abs()), worst.max(difference));
        }
    }
    found.len() * inputs == x.len() * outputs && worst <= TOLERANCE * largest
}
