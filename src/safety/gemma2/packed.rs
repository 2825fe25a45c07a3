use burn::Tensor;
use burn::tensor::quantization::{QuantScheme, QuantStore, QuantValue, ScaleDtype};
use burn::tensor::{Bytes, DType, Device, TensorData};

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

/// Multiplies matrices packed in either way on the device, and compares with the same by hand: a shader
/// that does not compile says nothing in a browser, and computes nonsense.
///
/// # Errors
/// [`Error::WrongProduct`], [`Error::Device`].
pub async fn check(device: &Device) -> Result<(), Error> {
    let (outputs, inputs, columns) = (96, 160, 24);
    for (bits, most) in [(Bits::Four, 7), (Bits::Eight, 127)] {
        let number = |index: usize| ((index * 37 % (2 * most + 1)) as i32 - most as i32) as i8;
        let packed = Packed {
            bits,
            numbers: (0..outputs * inputs).map(number).collect(),
            scales: (0..outputs * inputs / BLOCK).map(|block| 0.01 * (block % 7) as f32).collect(),
        };
        let x: Vec<f32> = (0..inputs * columns).map(|index| (index as f32 * 0.7).sin()).collect();
        let mut expected = Vec::with_capacity(outputs * columns);
        for numbers in packed.numbers.chunks(inputs).zip(packed.scales.chunks(inputs / BLOCK)) {
            let (numbers, scales) = numbers;
            let weights = numbers.chunks(BLOCK).zip(scales);
            let weights: Vec<f32> = weights
                .flat_map(|(block, scale)| block.iter().map(move |&n| f32::from(n) * scale))
                .collect();
            expected.extend((0..columns).map(|column| {
                let x = x.iter().skip(column).step_by(columns);
                weights.iter().zip(x).map(|(weight, x)| weight * x).sum::<f32>()
            }));
        }
        let weight = Tensor::<2>::from_data(quantised(&packed, [outputs, inputs]), device);
        let x = Tensor::<2>::from_data(TensorData::new(x, [inputs, columns]), device);
        let found = read(weight.matmul(x)).await?;
        let largest = expected.iter().fold(0f32, |largest, value| largest.max(value.abs()));
        let right =
            |(found, expected): (&f32, &f32)| (found - expected).abs() <= TOLERANCE * largest;
        if found.len() != expected.len() || !found.iter().zip(&expected).all(right) {
            return Err(Error::WrongProduct);
        }
    }
    Ok(())
}
