use std::ops::Range;
use std::rc::Rc;

use safetensors::tensor::Dtype;

use super::floats::Floats;
use super::packed::{BLOCK, Bits, Packed};
use super::{Error, Header, ReadAt, Stored};

/// The tensors of a safetensors file, read one at a time, or some rows of one, as f32.
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
    file: Rc<dyn ReadAt>,
    header: Header,
}

/// How a tensor is read.
struct Layout<'a> {
    name: &'a str,
    numbers: &'a Stored,
    form: Form<'a>,
    /// Of the tensor, not of what is stored.
    elements: usize,
}

enum Form<'a> {
    Floats,
    Whole {
        bits: Bits,
        scales: &'a Stored,
        /// How many numbers a scale is for.
        shared_by: usize,
    },
}

impl Archive {
    /// A file that is in memory.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Error> {
        Self::open(Rc::new(bytes))
    }

    /// Reads a file's header and checks it against itself and against the file's length. Tensors are
    /// read when they are asked for.
    ///
    /// # Errors
    /// [`Error::Truncated`] if the file ends before its header says so; [`Error::Header`] if there
    /// is no header, or it is too long, or offsets overlap, leave gaps or do not agree with shapes,
    /// or bytes are left over; [`Error::Read`].
    pub fn open(file: Rc<dyn ReadAt>) -> Result<Self, Error> {
        let header = Header::read(&*file)?;
        Ok(Self { file, header })
    }

    /// Whether there is a tensor of that name.
    pub fn contains(&self, name: &str) -> bool {
        self.header.get(name).is_some()
    }

    /// The shape of a tensor, if there is one of that name.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.header.get(name).map(|stored| stored.shape.as_slice())
    }

    /// An entry of the file's own description (`__metadata__`).
    pub fn description(&self, key: &str) -> Option<&str> {
        self.header.description(key)
    }

    /// The values of a tensor, row-major.
    ///
    /// # Errors
    /// [`Error::MissingTensor`] (also for the scale of whole numbers), [`Error::Shape`] if the shape
    /// is not `shape`, [`Error::NumberType`], [`Error::NotFinite`], [`Error::Read`].
    pub fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let layout = self.layout(name, shape)?;
        let mut values = Vec::with_capacity(layout.elements);
        self.extend(&mut values, &layout, 0..layout.elements)?;
        Ok(values)
    }

    /// Some rows of a matrix of `shape`, one after the other, in the order in which they are asked
    /// for. No others are read.
    ///
    /// # Errors
    /// Those of [`Self::tensor`]; [`Error::Row`] if the matrix has no such row.
    pub fn rows(&self, name: &str, shape: [usize; 2], rows: &[u32]) -> Result<Vec<f32>, Error> {
        let [count, columns] = shape;
        let layout = self.layout(name, &shape)?;
        if let Some(&row) = rows.iter().find(|&&row| row as usize >= count) {
            return Err(Error::Row { tensor: name.to_owned(), row, rows: count });
        }
        let mut values = Vec::with_capacity(rows.len() * columns);
        for run in rows.chunk_by(|row, next| row.checked_add(1) == Some(*next)) {
            if let Some(&first) = run.first() {
                let start = first as usize * columns;
                self.extend(&mut values, &layout, start..start + run.len() * columns)?;
            }
        }
        Ok(values)
    }

    /// A matrix of `shape` as it is stored, in blocks of 32, or none if it is stored as floats or its
    /// rows are no whole blocks. The scale of a row is repeated for each of its blocks.
    ///
    /// # Errors
    /// Those of [`Self::tensor`], of which [`Error::NotFinite`] names the scales.
    pub fn packed(&self, name: &str, shape: [usize; 2]) -> Result<Option<Packed>, Error> {
        let layout = self.layout(name, &shape)?;
        let Form::Whole { bits, scales, shared_by } = layout.form else { return Ok(None) };
        if !shape[1].is_multiple_of(BLOCK) {
            return Ok(None);
        }
        let numbers = bits.numbers(&self.bytes(layout.numbers, 0..layout.numbers.bytes)?);
        let stored = self.floats(&scale_of(name), scales, 0..layout.elements / shared_by)?;
        if let Some(position) = stored.iter().position(|scale| !scale.is_finite()) {
            return Err(Error::NotFinite { tensor: scale_of(name), position });
        }
        let repeated = shared_by / BLOCK;
        let scales = stored.into_iter().flat_map(|scale| std::iter::repeat_n(scale, repeated));
        Ok(Some(Packed { bits, numbers, scales: scales.collect() }))
    }

    fn stored(&self, name: &str) -> Result<&Stored, Error> {
        let missing = || Error::MissingTensor { tensor: name.to_owned() };
        self.header.get(name).ok_or_else(missing)
    }

    /// A tensor that is stored in that shape.
    fn stored_as(&self, name: &str, shape: &[usize]) -> Result<&Stored, Error> {
        let stored = self.stored(name)?;
        if stored.shape == shape {
            return Ok(stored);
        }
        Err(Error::Shape {
            tensor: name.to_owned(),
            expected: shape.to_vec(),
            found: stored.shape.clone(),
        })
    }

    /// How a tensor of that shape is stored.
    fn layout<'a>(&'a self, name: &'a str, shape: &[usize]) -> Result<Layout<'a>, Error> {
        let dtype = self.stored(name)?.dtype;
        let (numbers, bits) = match dtype {
            Dtype::I8 => (self.stored_as(name, shape)?, Bits::Eight),
            Dtype::U8 => (self.stored_as(name, &packed_in_half(name, shape, dtype)?)?, Bits::Four),
            _ => {
                let numbers = self.stored_as(name, shape)?;
                let elements = size(name, shape)?;
                return Ok(Layout { name, numbers, form: Form::Floats, elements });
            }
        };
        let elements = size(name, shape)?;
        let scale = scale_of(name);
        let of_blocks = blocks(shape).filter(|shape| {
            bits == Bits::Four || self.shape(&scale).is_some_and(|found| found == shape.as_slice())
        });
        let of_rows = [shape.first().copied().unwrap_or(1)];
        let scales = self.stored_as(&scale, of_blocks.as_deref().unwrap_or(&of_rows))?;
        let count: usize = scales.shape.iter().product();
        let shared_by = (elements / count.max(1)).max(1);
        Ok(Layout { name, numbers, form: Form::Whole { bits, scales, shared_by }, elements })
    }

    /// Appends the values of some elements; those of a tensor of whole numbers begin and end with a
    /// scale's.
    fn extend(
        &self,
        values: &mut Vec<f32>,
        layout: &Layout,
        elements: Range<usize>,
    ) -> Result<(), Error> {
        let (name, first, before) = (layout.name, elements.start, values.len());
        match layout.form {
            Form::Floats => values.extend(self.floats(name, layout.numbers, elements)?),
            Form::Whole { bits, scales, shared_by } => {
                let Range { start, end } = elements;
                let range = bits.bytes_of(start as u64)..bits.bytes_of(end as u64);
                let numbers = bits.numbers(&self.bytes(layout.numbers, range)?);
                let range = start / shared_by..end / shared_by;
                let scales = self.floats(&scale_of(name), scales, range)?;
                for (numbers, scale) in numbers.chunks(shared_by).zip(scales) {
                    values.extend(numbers.iter().map(|&number| f32::from(number) * scale));
                }
            }
        }
        let added = values.get(before..).unwrap_or_default();
        match added.iter().position(|value| !value.is_finite()) {
            Some(position) => {
                Err(Error::NotFinite { tensor: name.to_owned(), position: first + position })
            }
            None => Ok(()),
        }
    }

    /// Some elements of a tensor that is stored as floating-point numbers.
    fn floats(
        &self,
        name: &str,
        stored: &Stored,
        elements: Range<usize>,
    ) -> Result<Vec<f32>, Error> {
        let floats = Floats::of(stored.dtype).ok_or_else(|| number_type(name, stored.dtype))?;
        let size = floats.bytes() as u64;
        let range = elements.start as u64 * size..elements.end as u64 * size;
        Ok(floats.decode(&self.bytes(stored, range)?))
    }

    /// Some bytes of a tensor.
    fn bytes(&self, stored: &Stored, range: Range<u64>) -> Result<Vec<u8>, Error> {
        let length = usize::try_from(range.end - range.start);
        let length = length.map_err(|_| Error::Header("a tensor is too large".to_owned()))?;
        self.file.read_at(stored.start + range.start, length)
    }
}

/// How many numbers a tensor has.
fn size(name: &str, shape: &[usize]) -> Result<usize, Error> {
    let size = shape.iter().try_fold(1_usize, |size, &side| size.checked_mul(side));
    size.ok_or_else(|| Error::Header(format!("tensor `{name}` is too large")))
}

/// The name of the tensor with the scales of another.
fn scale_of(name: &str) -> String {
    format!("{name}.scale")
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

fn number_type(name: &str, found: Dtype) -> Error {
    Error::NumberType { tensor: name.to_owned(), found: found.to_string() }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use half::{bf16, f16};

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

    /// A file that remembers what was read of it.
    #[derive(Debug)]
    struct Watched {
        bytes: Vec<u8>,
        reads: RefCell<Vec<Range<u64>>>,
    }

    impl ReadAt for Watched {
        fn len(&self) -> u64 {
            ReadAt::len(&self.bytes)
        }

        fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
            self.reads.borrow_mut().push(offset..offset + length as u64);
            self.bytes.read_at(offset, length)
        }
    }

    #[test]
    fn only_the_rows_that_are_asked_for_are_read() {
        // Row n of each matrix is filled with n, or in blocks with n + 1 times the row's scale.
        let header = r#"{"f":{"dtype":"F32","shape":[4,32],"data_offsets":[0,512]},
            "q":{"dtype":"U8","shape":[4,16],"data_offsets":[512,576]},
            "q.scale":{"dtype":"F16","shape":[4,1],"data_offsets":[576,584]}}"#;
        let rows = [0_u8, 1, 2, 3];
        let mut data: Vec<u8> = rows.iter().flat_map(|&n| floats(&[f32::from(n); 32])).collect();
        data.extend(rows.iter().flat_map(|n| [(n + 9) * 0x11; 16]));
        data.extend(
            [1.0, 10.0, 100.0, 1000.0].iter().flat_map(|&s| f16::from_f32(s).to_le_bytes()),
        );
        let bytes = file(header, &data);
        let begin = bytes.len() as u64 - 584;
        let watched = Rc::new(Watched { bytes, reads: RefCell::default() });
        let archive = Archive::open(Rc::clone(&watched) as Rc<dyn ReadAt>).unwrap();
        assert!(watched.reads.borrow().iter().all(|read| read.end <= begin));

        watched.reads.take();
        let values = archive.rows("f", [4, 32], &[3, 1, 2]).unwrap();
        assert_eq!([values[0], values[32], values[95]], [3.0, 1.0, 2.0]);
        assert_eq!(watched.reads.take(), [begin + 384..begin + 512, begin + 128..begin + 384]);

        let values = archive.rows("q", [4, 32], &[2, 2]).unwrap();
        assert_eq!(values, [300.0; 64]);
        let row = begin + 544..begin + 560;
        let scale = begin + 580..begin + 582;
        assert_eq!(watched.reads.take(), [row.clone(), scale.clone(), row, scale]);

        assert!(archive.rows("q", [4, 32], &[]).unwrap().is_empty());
        let error = archive.rows("q", [4, 32], &[1, 4]).unwrap_err();
        assert_eq!(error, Error::Row { tensor: "q".into(), row: 4, rows: 4 });
        assert!(matches!(archive.rows("q", [4, 64], &[0]), Err(Error::Shape { .. })));
        assert!(matches!(archive.rows("p", [4, 32], &[0]), Err(Error::MissingTensor { .. })));
    }

    #[test]
    fn a_row_that_is_not_finite_is_named_by_its_place_in_the_matrix() {
        let header = r#"{"w":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#;
        let archive = Archive::parse(file(header, &floats(&[1.0, 2.0, 3.0, f32::NAN]))).unwrap();
        assert_eq!(archive.rows("w", [2, 2], &[0]).unwrap(), [1.0, 2.0]);
        let error = archive.rows("w", [2, 2], &[0, 0, 1]).unwrap_err();
        assert_eq!(error, Error::NotFinite { tensor: "w".into(), position: 3 });
    }

    #[test]
    fn matrices_are_handed_out_as_they_are_stored() {
        let bytes = [[0x0f; 16], [0x79; 16]].concat();
        let int4 = packed("U8", &[1, 32], &bytes, "F16", &[1, 2]);
        let matrix = int4.packed("w", [1, 64]).unwrap().unwrap();
        assert_eq!((matrix.bits, matrix.scales), (Bits::Four, vec![1.0, 2.0]));
        assert_eq!((&matrix.numbers[..2], &matrix.numbers[62..]), (&[7, -8][..], &[1, -1][..]));
        let int8 = packed("I8", &[2, 64], &[0x81; 128], "F32", &[2, 2]);
        let matrix = int8.packed("w", [2, 64]).unwrap().unwrap();
        assert_eq!((matrix.bits, matrix.numbers), (Bits::Eight, vec![-127; 128]));
        assert_eq!(matrix.scales, [1.0, 2.0, 3.0, 4.0]);
        let of_rows = packed("I8", &[2, 64], &[1; 128], "F32", &[2]);
        let matrix = of_rows.packed("w", [2, 64]).unwrap().unwrap();
        assert_eq!(matrix.scales, [1.0, 1.0, 2.0, 2.0]);
        let narrow = packed("I8", &[2, 16], &[1; 32], "F32", &[2]);
        assert_eq!(narrow.packed("w", [2, 16]), Ok(None));
        let header = r#"{"w":{"dtype":"F32","shape":[1,32],"data_offsets":[0,128]}}"#;
        let plain = Archive::parse(file(header, &floats(&[1.0; 32]))).unwrap();
        assert_eq!(plain.packed("w", [1, 32]), Ok(None));
        assert!(matches!(plain.packed("w", [2, 16]), Err(Error::Shape { .. })));
    }

    proptest::proptest! {
        #[test]
        fn packed_numbers_come_back(
            numbers in proptest::collection::vec(proptest::num::u8::ANY, 4 * BLOCK),
        ) {
            let scale = |position: usize| (position / BLOCK + 1) as f32;
            let int8 = packed("I8", &[2, 2 * BLOCK], &numbers, "F16", &[2, 2]);
            let all = int8.tensor("w", &[2, 2 * BLOCK]).unwrap();
            let second = int8.rows("w", [2, 2 * BLOCK], &[1, 0]).unwrap();
            proptest::prop_assert_eq!(&second[..2 * BLOCK], &all[2 * BLOCK..]);
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
                    let _ = archive.rows(name, [2, 1], &[1]);
                    let _ = archive.packed(name, [2, 1]);
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
                if let [rows, columns] = asked[..] {
                    let _ = archive.rows("w", [rows, columns], &[0, 1, 39]);
                    let _ = archive.packed("w", [rows, columns]);
                }
            }
        }
    }
}
