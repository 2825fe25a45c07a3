use burn::tensor::quantization::{QuantScheme, QuantStore, QuantValue, ScaleDtype};
use burn::tensor::{Bytes, DType, TensorData};

use crate::weights::{BLOCK, Bits, Packed};

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

#[cfg(test)]
mod tests {
    use burn::Tensor;
    use burn::tensor::{Device, Tolerance};

    use super::*;

    /// Two rows of 64 numbers, and what they stand for.
    fn example(bits: Bits, most: i8) -> (Packed, Vec<f32>) {
        let number =
            |index: usize| (index * 7 % 15) as i8 - 7 + if index == 40 { most - 7 } else { 0 };
        let numbers: Vec<i8> = (0..128).map(number).map(|it| it.clamp(-most, most)).collect();
        let scales = vec![0.5, 0.25, 2.0, -1.5];
        let value = |(index, &number): (usize, &i8)| f32::from(number) * scales[index / 32];
        let values = numbers.iter().enumerate().map(value).collect();
        (Packed { bits, numbers, scales }, values)
    }

    #[test]
    fn a_product_with_it_is_that_with_what_it_stands_for() {
        let device = Device::flex();
        for (bits, most) in [(Bits::Four, 7), (Bits::Eight, 127)] {
            let (packed, values) = example(bits, most);
            let shape = [2, 64];
            let weight = Tensor::<2>::from_data(quantised(&packed, shape), &device);
            let plain = Tensor::<2>::from_data(TensorData::new(values, shape), &device);
            let x: Vec<f32> = (0..192).map(|index| (index as f32 * 0.37).sin()).collect();
            let x = Tensor::<2>::from_data(TensorData::new(x, [3, 64]), &device);
            let found = weight.matmul(x.clone().transpose()).into_data();
            let expected = plain.matmul(x.transpose()).into_data();
            found.assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-4));
        }
    }
}
