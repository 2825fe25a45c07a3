use std::ops::Range;

use half::{bf16, f16};
use safetensors::tensor::{Dtype, Metadata, TensorInfo};

use super::Error;

/// How many numbers along the last axis share a scale where numbers are packed in blocks.
const BLOCK: usize = 32;
/// What is taken from an int4 as stored, so that it can be negative.
const INT4_ZERO: i8 = 8;

/// The tensors of a safetensors file, read one at a time as f32.
///
/// Numbers are stored as F32, F16, BF16, or as whole numbers that are multiplied by those of a
/// tensor `<name>.scale` (F32 or F16), in one of three forms, which the scale's shape and the
/// numbers' type tell apart:
/// - I8 with one scale for each index of the first axis;
/// - I8 with one scale for each 32 numbers along the last axis: [rows, columns / 32];
/// - U8 with the same scales, holding two numbers each, [rows, columns / 2]: the lower four bits are
///   the first number plus 8, the upper four the second.
#[derive(Debug)]
pub struct Archive {
    bytes: Vec<u8>,
    metadata: Metadata,
    /// Where the header ends and the tensors' bytes begin.
    data: usize,
}

impl Archive {
    /// Checks a file's header against itself and against the file's length.
    ///
    /// # Errors
    /// [`Error::Truncated`] if the file ends before its header says so; [`Error::Header`] if there
    /// is no header, or offsets overlap, leave gaps or do not agree with shapes, or bytes are left
    /// over.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Error> {
        let found = bytes.len() as u64;
        let Some((length, rest)) = bytes.split_first_chunk::<8>() else {
            return Err(Error::Truncated { expected: 8, found });
        };
        let length = u64::from_le_bytes(*length);
        let truncated = Error::Truncated { expected: length.saturating_add(8), found };
        let Ok(length) = usize::try_from(length) else { return Err(truncated) };
        let Some(header) = rest.get(..length) else { return Err(truncated) };
        let metadata: Metadata =
            serde_json::from_slice(header).map_err(|error| Error::Header(error.to_string()))?;

        let present = (rest.len() - length) as u64;
        let promised = metadata.data_len() as u64;
        if promised > present {
            let expected = promised.saturating_add(found - present);
            return Err(Error::Truncated { expected, found });
        }
        if promised < present {
            let extra = present - promised;
            return Err(Error::Header(format!("{extra} bytes belong to no tensor")));
        }
        let data = 8 + length;
        Ok(Self { bytes, metadata, data })
    }

    /// Whether there is a tensor of that name.
    pub fn contains(&self, name: &str) -> bool {
        self.metadata.info(name).is_some()
    }

    /// The shape of a tensor, if there is one of that name.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.metadata.info(name).map(|info| info.shape.as_slice())
    }

    /// An entry of the file's own description (`__metadata__`).
    pub fn description(&self, key: &str) -> Option<&str> {
        self.metadata.metadata().as_ref()?.get(key).map(String::as_str)
    }

    /// The values of a tensor, row-major.
    ///
    /// # Errors
    /// [`Error::MissingTensor`] (also for the scale of int8 values), [`Error::Shape`] if the shape
    /// is not `shape`, [`Error::NumberType`], [`Error::NotFinite`].
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let info = self.info(name)?;
        let values = match info.dtype {
            Dtype::I8 => {
                let bytes = self.stored(name, shape)?;
                let numbers = bytes.iter().map(|byte| byte.cast_signed());
                self.scaled(name, shape, numbers)?
            }
            Dtype::U8 => {
                let bytes = self.stored(name, &packed_in_half(name, shape, info.dtype)?)?;
                let numbers = bytes.iter().flat_map(|byte| [byte & 0xf, byte >> 4]);
                let numbers = numbers.map(|number| number.cast_signed() - INT4_ZERO);
                self.scaled(name, shape, numbers)?
            }
            _ => self.floats(name, shape)?,
        };
        match values.iter().position(|value| !value.is_finite()) {
            Some(position) => Err(Error::NotFinite { tensor: name.to_owned(), position }),
            None => Ok(values),
        }
    }

    fn info(&self, name: &str) -> Result<&TensorInfo, Error> {
        let missing = || Error::MissingTensor { tensor: name.to_owned() };
        self.metadata.info(name).ok_or_else(missing)
    }

    /// The bytes of a tensor that is stored in that shape.
    fn stored(&self, name: &str, shape: &[usize]) -> Result<&[u8], Error> {
        let info = self.info(name)?;
        if info.shape != shape {
            return Err(Error::Shape {
                tensor: name.to_owned(),
                expected: shape.to_vec(),
                found: info.shape.clone(),
            });
        }
        let (start, end) = info.data_offsets;
        let range: Range<usize> = self.data + start..self.data + end;
        self.bytes
            .get(range)
            .ok_or_else(|| Error::Header(format!("tensor `{name}` lies outside the file")))
    }

    /// A tensor that is stored as floating-point numbers.
    fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let dtype = self.info(name)?.dtype;
        let bytes = self.stored(name, shape)?;
        match dtype {
            Dtype::F32 => Ok(elements(bytes, f32::from_le_bytes)),
            Dtype::F16 => Ok(elements(bytes, |b| f16::from_le_bytes(b).to_f32())),
            Dtype::BF16 => Ok(elements(bytes, |b| bf16::from_le_bytes(b).to_f32())),
            other => Err(number_type(name, other)),
        }
    }

    /// A tensor's whole numbers, each times the scale of its row or block.
    fn scaled(
        &self,
        name: &str,
        shape: &[usize],
        numbers: impl Iterator<Item = i8>,
    ) -> Result<Vec<f32>, Error> {
        let scale = format!("{name}.scale");
        let of_rows = [shape.first().copied().unwrap_or(1)];
        let in_halves = self.info(name)?.dtype == Dtype::U8;
        let of_blocks = blocks(shape).filter(|shape| {
            in_halves || self.shape(&scale).is_some_and(|found| found == shape.as_slice())
        });
        let scales = self.floats(&scale, of_blocks.as_deref().unwrap_or(&of_rows))?;
        let size: usize = shape.iter().product();
        let shared_by = (size / scales.len().max(1)).max(1);
        let mut values = Vec::with_capacity(size);
        for (position, number) in numbers.enumerate() {
            let scale = scales.get(position / shared_by).copied().unwrap_or(0.0);
            values.push(f32::from(number) * scale);
        }
        Ok(values)
    }
}

/// The shape of the scales of a tensor in blocks, if its last axis can be divided into such.
fn blocks(shape: &[usize]) -> Option<Vec<usize>> {
    let (last, others) = shape.split_last()?;
    (*last > 0 && last.is_multiple_of(BLOCK)).then(|| [others, &[last / BLOCK]].concat())
}

/// The shape in which a tensor of int4 is stored.
fn packed_in_half(name: &str, shape: &[usize], dtype: Dtype) -> Result<Vec<usize>, Error> {
    match shape.split_last() {
        Some((last, others)) if blocks(shape).is_some() => Ok([others, &[last / 2]].concat()),
        _ => Err(number_type(name, dtype)),
    }
}

fn elements<const N: usize>(bytes: &[u8], decode: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|&chunk| decode(chunk)).collect()
}

fn number_type(name: &str, found: Dtype) -> Error {
    Error::NumberType { tensor: name.to_owned(), found: found.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with the given header and tensor bytes.
    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(data);
        bytes
    }

    fn floats(values: &[f32]) -> Vec<u8> {
        values.iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    const TWO: &str = r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;

    #[test]
    fn every_number_type_is_read() {
        let header = r#"{"__metadata__":{"padding":"same"},
            "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
            "b":{"dtype":"F16","shape":[1],"data_offsets":[8,10]},
            "c":{"dtype":"BF16","shape":[1],"data_offsets":[10,12]},
            "d":{"dtype":"I8","shape":[2,2],"data_offsets":[12,16]},
            "d.scale":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}"#;
        let mut data = floats(&[1.5, -2.0]);
        data.extend(f16::from_f32(0.25).to_le_bytes());
        data.extend(bf16::from_f32(-3.0).to_le_bytes());
        data.extend([1u8, 0xff, 127, 0x81]);
        data.extend(floats(&[0.5, 2.0]));
        let archive = Archive::parse(file(header, &data)).unwrap();
        assert_eq!(archive.tensor("a", &[2]).unwrap(), [1.5, -2.0]);
        assert_eq!(archive.tensor("b", &[1]).unwrap(), [0.25]);
        assert_eq!(archive.tensor("c", &[1]).unwrap(), [-3.0]);
        assert_eq!(archive.tensor("d", &[2, 2]).unwrap(), [0.5, -0.5, 254.0, -254.0]);
        assert_eq!(archive.description("padding"), Some("same"));
        assert_eq!(archive.shape("d"), Some([2, 2].as_slice()));
        assert!(!archive.contains("e"));
    }

    #[test]
    fn a_truncated_file_says_how_long_it_should_be() {
        let whole = file(TWO, &floats(&[1.0, 2.0]));
        let length = whole.len() as u64;
        assert!(Archive::parse(whole.clone()).is_ok());
        for cut in 0..whole.len() {
            let error = Archive::parse(whole[..cut].to_vec()).unwrap_err();
            assert!(matches!(error, Error::Truncated { .. }), "{cut}: {error}");
        }
        let error = Archive::parse(whole[..whole.len() - 1].to_vec()).unwrap_err();
        assert_eq!(error, Error::Truncated { expected: length, found: length - 1 });
    }

    #[test]
    fn a_header_that_lies_about_lengths_is_refused() {
        let data = floats(&[1.0, 2.0]);
        for (header, kind) in [
            (r#"{"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, "shape beyond offsets"),
            (r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "gap"),
            (r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[8,4]}}"#, "backwards"),
            (
                r#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},
                    "v":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
                "overlap",
            ),
            (
                r#"{"w":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,
                "overflow",
            ),
            (r#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "bytes left over"),
            (r#"{"w":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, "number type"),
            ("[]", "no object"),
        ] {
            let error = Archive::parse(file(header, &data)).unwrap_err();
            assert!(matches!(error, Error::Header(_)), "{kind}: {error}");
        }
        let mut beyond = file(TWO, &data);
        beyond[..8].copy_from_slice(&u64::MAX.to_le_bytes());
        let error = Archive::parse(beyond).unwrap_err();
        assert!(matches!(error, Error::Truncated { expected: u64::MAX, .. }), "{error}");
    }

    #[test]
    fn wrong_tensors_are_named() {
        let archive = Archive::parse(file(TWO, &floats(&[1.0, f32::NAN]))).unwrap();
        let missing = archive.tensor("v", &[2]).unwrap_err();
        assert_eq!(missing, Error::MissingTensor { tensor: "v".into() });
        let shape = archive.tensor("w", &[1, 2]).unwrap_err();
        assert_eq!(
            shape,
            Error::Shape { tensor: "w".into(), expected: vec![1, 2], found: vec![2] }
        );
        let finite = archive.tensor("w", &[2]).unwrap_err();
        assert_eq!(finite, Error::NotFinite { tensor: "w".into(), position: 1 });
        let infinite = Archive::parse(file(TWO, &floats(&[f32::INFINITY, 0.0]))).unwrap();
        assert!(matches!(infinite.tensor("w", &[2]), Err(Error::NotFinite { position: 0, .. })));
    }

    #[test]
    fn int8_needs_its_scale_and_other_number_types_are_refused() {
        let header = r#"{"w":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}"#;
        let archive = Archive::parse(file(header, &[1, 2])).unwrap();
        let error = archive.tensor("w", &[2]).unwrap_err();
        assert_eq!(error, Error::MissingTensor { tensor: "w.scale".into() });
        let header = r#"{"w":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#;
        let archive = Archive::parse(file(header, &[0; 8])).unwrap();
        assert!(matches!(archive.tensor("w", &[1]), Err(Error::NumberType { .. })));
    }

    /// A file with one packed tensor of `shape` stored as `stored`, and its scales.
    fn packed(
        dtype: &str,
        stored: &[usize],
        bytes: &[u8],
        scale: &str,
        scales: &[usize],
    ) -> Archive {
        let numbers: usize = scales.iter().product();
        let scale_bytes: Vec<u8> = match scale {
            "F16" => (1..=numbers).flat_map(|n| f16::from_f32(n as f32).to_le_bytes()).collect(),
            _ => (1..=numbers).flat_map(|n| (n as f32).to_le_bytes()).collect(),
        };
        let (middle, end) = (bytes.len(), bytes.len() + scale_bytes.len());
        let header = serde_json::json!({
            "w": {"dtype": dtype, "shape": stored, "data_offsets": [0, middle]},
            "w.scale": {"dtype": scale, "shape": scales, "data_offsets": [middle, end]},
        });
        Archive::parse(file(&header.to_string(), &[bytes, &scale_bytes].concat())).unwrap()
    }

    #[test]
    fn blocks_have_their_own_scales() {
        for scale in ["F32", "F16"] {
            // Two rows of two blocks, each number 1 or -1: what is read are the scales.
            let ones = packed("I8", &[2, 64], &[[1; 64], [0xff; 64]].concat(), scale, &[2, 2]);
            let values = ones.tensor("w", &[2, 64]).unwrap();
            let blocks: Vec<f32> = values.chunks(BLOCK).map(|block| block[31]).collect();
            assert_eq!(blocks, [1.0, 2.0, -3.0, -4.0]);
        }
        let rows = packed("I8", &[2, 64], &[1; 128], "F32", &[2]);
        assert_eq!(rows.tensor("w", &[2, 64]).unwrap()[63..65], [1.0, 2.0]);
    }

    #[test]
    fn int4_are_two_in_a_byte_the_lower_bits_first() {
        let bytes = [[0x0f; 16], [0x79; 16]].concat();
        let archive = packed("U8", &[1, 32], &bytes, "F32", &[1, 2]);
        let values = archive.tensor("w", &[1, 64]).unwrap();
        assert_eq!(values[..4], [7.0, -8.0, 7.0, -8.0]);
        assert_eq!(values[62..], [2.0, -2.0]);
        assert!(matches!(archive.tensor("w", &[1, 32]), Err(Error::Shape { .. })));
        assert!(matches!(archive.tensor("w", &[1, 40]), Err(Error::NumberType { .. })));
        let rows = packed("U8", &[1, 32], &bytes, "F32", &[1]);
        assert!(matches!(rows.tensor("w", &[1, 64]), Err(Error::Shape { .. })));
    }

    proptest::proptest! {
        #[test]
        fn packed_numbers_come_back(
            numbers in proptest::collection::vec(proptest::num::u8::ANY, 4 * BLOCK),
        ) {
            let scale = |position: usize| (position / BLOCK + 1) as f32;
            let int8 = packed("I8", &[2, 2 * BLOCK], &numbers, "F16", &[2, 2]);
            for (position, value) in int8.tensor("w", &[2, 2 * BLOCK]).unwrap().iter().enumerate() {
                let number = f32::from(numbers[position].cast_signed());
                proptest::prop_assert_eq!(*value, number * scale(position));
            }
            let int4 = packed("U8", &[2, 2 * BLOCK], &numbers, "F32", &[2, 4]);
            for (position, value) in int4.tensor("w", &[2, 4 * BLOCK]).unwrap().iter().enumerate() {
                let number = numbers[position / 2] >> (4 * (position % 2)) & 0xf;
                proptest::prop_assert_eq!(*value, (f32::from(number) - 8.0) * scale(position));
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(
            header in 0u8..32,
            bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..256),
        ) {
            // A length that is inside the file more often than not: others are refused at once.
            let length = u64::from(header).to_le_bytes();
            let _ = Archive::parse([&length, bytes.as_slice()].concat());
            let _ = Archive::parse(bytes);
        }

        #[test]
        fn arbitrary_headers_never_panic(header in r#"[\{\}\[\]":,a-zF0-9]{0,80}"#) {
            let _ = Archive::parse(file(&header, &[]));
        }

        #[test]
        fn damaged_files_never_panic(
            changes in proptest::collection::vec((0usize..90, proptest::num::u8::ANY), 1..6),
            cut in 0usize..90,
        ) {
            let mut bytes = file(
                r#"{"w":{"dtype":"I8","shape":[2,1],"data_offsets":[0,2]},"w.scale":{"dtype":"F32","shape":[2],"data_offsets":[2,10]}}"#,
                &[1, 2, 0, 0, 128, 63, 0, 0, 128, 63],
            );
            for (position, value) in changes {
                bytes[position] = value;
            }
            bytes.truncate(bytes.len() - cut.min(bytes.len()) * usize::from(cut > 45));
            if let Ok(archive) = Archive::parse(bytes) {
                for name in ["w", "w.scale"] {
                    let _ = archive.tensor(name, &[2]);
                    let _ = archive.tensor(name, &[2, 1]);
                }
            }
        }

        #[test]
        fn damaged_blocks_never_panic(
            dtype in "I8|U8|F16|I4",
            stored in proptest::collection::vec(0usize..40, 0..3),
            scales in proptest::collection::vec(0usize..40, 0..3),
            asked in proptest::collection::vec(0usize..80, 0..3),
        ) {
            let numbers = stored.iter().product::<usize>() * if dtype == "F16" { 2 } else { 1 };
            let end = numbers + 4 * scales.iter().product::<usize>();
            let header = serde_json::json!({
                "w": {"dtype": dtype, "shape": stored, "data_offsets": [0, numbers]},
                "w.scale": {"dtype": "F32", "shape": scales, "data_offsets": [numbers, end]},
            });
            if let Ok(archive) = Archive::parse(file(&header.to_string(), &vec![1; end])) {
                let _ = archive.tensor("w", &asked);
                let _ = archive.tensor("w", &stored);
            }
        }
    }
}
