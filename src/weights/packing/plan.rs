use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::json;

use super::slab::{Part, SLAB_BYTES, Slab, Target};
use crate::weights::floats::Floats;
use crate::weights::packed::{BLOCK, Bits};
use crate::weights::{Error, Header, Stored, sha256};

/// A tensor that the packed file shall have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name, in the source and in the packed file.
    pub name: String,
    pub shape: Vec<usize>,
    /// As what a matrix is packed; without, as f32.
    pub bits: Option<Bits>,
}

/// Which bytes of which source become what, and where in the packed file that lies.
///
/// The packed file is a safetensors file: its header comes first, then for each tensor its numbers
/// and its scales, in the order in which the sources have them.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    header: Vec<u8>,
    bytes: u64,
    slabs: Vec<Slab>,
}

/// A wanted tensor in a source.
struct Found<'a> {
    source: usize,
    stored: &'a Stored,
    wanted: &'a Wanted,
    floats: Floats,
}

impl Plan {
    /// Finds all wanted tensors in the sources, each of which has a name for messages. What else the
    /// sources have is left out. `description` is put into the packed file's own (`__metadata__`).
    ///
    /// # Errors
    /// [`Error::MissingTensor`]; [`Error::Doubled`] if two sources have one; [`Error::Shape`];
    /// [`Error::NoFloats`] if one is stored as anything but bf16, f16 or f32; [`Error::Columns`] if
    /// the rows of a matrix are no whole blocks, or longer than a slab.
    pub fn new(
        sources: &[(String, Header)],
        wanted: &[Wanted],
        description: &[(&str, &str)],
    ) -> Result<Self, Error> {
        Self::in_slabs_of(SLAB_BYTES, sources, wanted, description)
    }

    fn in_slabs_of(
        limit: usize,
        sources: &[(String, Header)],
        wanted: &[Wanted],
        description: &[(&str, &str)],
    ) -> Result<Self, Error> {
        let mut found = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            found.push(find(limit, sources, wanted)?);
        }
        found.sort_by_key(|found| (found.source, found.stored.start));
        let description: BTreeMap<_, _> = description.iter().copied().collect();
        let mut layout = Layout::new(description);
        let targets: Vec<_> = found.iter().map(|found| layout.place(found.wanted)).collect();
        let (header, bytes) = layout.finish();
        let mut slabs = Slabs { limit, all: Vec::new() };
        for (found, target) in found.iter().zip(targets) {
            slabs.add(found, target.after(header.len() as u64));
        }
        Ok(Self { header, bytes, slabs: slabs.all })
    }

    /// What the packed file begins with, at offset 0.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// How long the packed file is.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What has to be read and packed, in any order. Here it is that in which the sources have it.
    pub fn slabs(&self) -> &[Slab] {
        &self.slabs
    }

    /// SHA-256, in hexadecimal, of the header and of where the slabs lie: with the same one, packing
    /// goes on where it stopped, as long as the sources hold the same numbers.
    pub fn digest(&self) -> String {
        let mut text = self.header.clone();
        for Slab { source, start, length, .. } in &self.slabs {
            text.extend(format!("\n{source} {start} {length}").into_bytes());
        }
        sha256(&text)
    }
}

fn find<'a>(
    limit: usize,
    sources: &'a [(String, Header)],
    wanted: &'a Wanted,
) -> Result<Found<'a>, Error> {
    let name = &wanted.name;
    let tensor = || name.clone();
    let mut having = sources.iter().enumerate().filter_map(|(source, (file, header))| {
        header.get(name).map(|stored| (source, file, stored))
    });
    let Some((source, file, stored)) = having.next() else {
        return Err(Error::MissingTensor { tensor: tensor() });
    };
    if let Some((_, other, _)) = having.next() {
        let files = [file.clone(), other.clone()];
        return Err(Error::Doubled { tensor: tensor(), files });
    }
    if stored.shape != wanted.shape {
        let (expected, found) = (wanted.shape.clone(), stored.shape.clone());
        return Err(Error::Shape { tensor: tensor(), expected, found });
    }
    let Some(floats) = Floats::of(stored.dtype) else {
        return Err(Error::NoFloats { tensor: tensor(), found: stored.dtype.to_string() });
    };
    let found = Found { source, stored, wanted, floats };
    if found.fits(limit) {
        Ok(found)
    } else {
        let columns = wanted.shape.last().copied().unwrap_or(1);
        Err(Error::Columns { tensor: tensor(), columns })
    }
}

impl Found<'_> {
    /// How many elements may not be torn apart: a row of a matrix that is packed.
    fn unit(&self) -> usize {
        let columns = self.wanted.shape.last().copied().unwrap_or(1);
        if self.wanted.bits.is_some() { columns.max(1) } else { 1 }
    }

    /// Whether rows are whole blocks, one at least goes into a slab, and all can be counted.
    fn fits(&self, limit: usize) -> bool {
        let counted =
            self.wanted.shape.iter().try_fold(1_usize, |all, side| all.checked_mul(*side));
        let whole = self.wanted.bits.is_none()
            || self.wanted.shape.last().is_some_and(|columns| columns.is_multiple_of(BLOCK));
        counted.is_some() && whole && self.unit() <= limit / self.floats.bytes()
    }
}

/// The packed file's tensors, placed one after the other.
struct Layout {
    header: serde_json::Map<String, serde_json::Value>,
    end: u64,
}

impl Layout {
    fn new(description: BTreeMap<&str, &str>) -> Self {
        let mut header = serde_json::Map::new();
        header.insert("__metadata__".to_owned(), json!(description));
        Self { header, end: 0 }
    }

    /// Places a tensor; offsets count from the end of the header.
    fn place(&mut self, wanted: &Wanted) -> Target {
        let Wanted { name, shape, bits } = wanted;
        let last_by = |divisor: usize| {
            let mut shape = shape.clone();
            if let Some(last) = shape.last_mut() {
                *last /= divisor;
            }
            shape
        };
        match bits {
            None => Target::Floats { offset: self.tensor(name.clone(), "F32", shape, 4) },
            Some(bits) => {
                let numbers = match bits {
                    Bits::Four => self.tensor(name.clone(), "U8", &last_by(2), 1),
                    Bits::Eight => self.tensor(name.clone(), "I8", shape, 1),
                };
                let scales = self.tensor(format!("{name}.scale"), "F16", &last_by(BLOCK), 2);
                Target::Packed { bits: *bits, numbers, scales }
            }
        }
    }

    fn tensor(&mut self, name: String, dtype: &str, shape: &[usize], size: u64) -> u64 {
        let elements: u64 = shape.iter().map(|&side| side as u64).product();
        let start = self.end;
        self.end += elements * size;
        let entry = json!({"dtype": dtype, "shape": shape, "data_offsets": [start, self.end]});
        self.header.insert(name, entry);
        start
    }

    /// The header's bytes and the whole file's length.
    fn finish(self) -> (Vec<u8>, u64) {
        let mut json = serde_json::Value::Object(self.header).to_string();
        let padded = json.len().next_multiple_of(8);
        let _ = write!(json, "{:1$}", "", padded - json.len());
        let header = [&(padded as u64).to_le_bytes(), json.as_bytes()].concat();
        let bytes = header.len() as u64 + self.end;
        (header, bytes)
    }
}

impl Target {
    /// The place of what lies `elements` further on in the same tensor.
    fn further(self, elements: u64) -> Self {
        match self {
            Self::Floats { offset } => Self::Floats { offset: offset + 4 * elements },
            Self::Packed { bits, numbers, scales } => Self::Packed {
                bits,
                numbers: numbers + bits.bytes_of(elements),
                scales: scales + 2 * (elements / BLOCK as u64),
            },
        }
    }

    /// The place in the file of what lies there after a header.
    fn after(self, header: u64) -> Self {
        match self {
            Self::Floats { offset } => Self::Floats { offset: offset + header },
            Self::Packed { bits, numbers, scales } => {
                Self::Packed { bits, numbers: numbers + header, scales: scales + header }
            }
        }
    }
}

/// Slabs as they are filled, each with at most `limit` bytes.
struct Slabs {
    limit: usize,
    all: Vec<Slab>,
}

impl Slabs {
    /// Cuts a tensor into parts, the first of which fills the last slab up where it can.
    fn add(&mut self, found: &Found, target: Target) {
        let (unit, size) = (found.unit(), found.floats.bytes());
        let total: usize = found.wanted.shape.iter().product();
        let mut first = 0;
        while first < total {
            let start = found.stored.start + first as u64 * size as u64;
            let room = self.room(found.source, start);
            let units = (room / (unit * size)).min((total - first) / unit);
            if units == 0 {
                let slab = Slab { source: found.source, start, length: 0, parts: Vec::new() };
                self.all.push(slab);
                continue;
            }
            let part = Part {
                tensor: found.wanted.name.clone(),
                floats: found.floats,
                first,
                elements: units * unit,
                target: target.further(first as u64),
            };
            first += part.elements;
            if let Some(slab) = self.all.last_mut() {
                slab.length += part.bytes();
                slab.parts.push(part);
            }
        }
    }

    /// How many bytes of a source, from `start` on, the last slab can still take.
    fn room(&self, source: usize, start: u64) -> usize {
        match self.all.last() {
            Some(slab) if slab.source == source && slab.start + slab.length as u64 == start => {
                self.limit - slab.length
            }
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use half::{bf16, f16};
    use proptest::prelude::*;

    use super::super::quantise::quantise;
    use super::*;
    use crate::weights::Archive;

    /// A tensor of a source, with its numbers as they are stored.
    #[derive(Clone, Debug)]
    struct Tensor {
        name: String,
        dtype: &'static str,
        shape: Vec<usize>,
        bytes: Vec<u8>,
    }

    impl Tensor {
        fn new(name: &str, dtype: &'static str, shape: &[usize], values: &[f32]) -> Self {
            let bytes = match dtype {
                "BF16" => values.iter().flat_map(|&v| bf16::from_f32(v).to_le_bytes()).collect(),
                "F16" => values.iter().flat_map(|&v| f16::from_f32(v).to_le_bytes()).collect(),
                _ => values.iter().flat_map(|v| v.to_le_bytes()).collect(),
            };
            Self { name: name.to_owned(), dtype, shape: shape.to_vec(), bytes }
        }

        fn wanted(&self, bits: Option<Bits>) -> Wanted {
            Wanted { name: self.name.clone(), shape: self.shape.clone(), bits }
        }

        fn values(&self) -> Vec<f32> {
            let floats = match self.dtype {
                "BF16" => Floats::Bf16,
                "F16" => Floats::F16,
                _ => Floats::F32,
            };
            floats.decode(&self.bytes)
        }
    }

    /// A safetensors file.
    fn file(tensors: &[Tensor]) -> Vec<u8> {
        let mut json = serde_json::Map::new();
        let mut data = Vec::new();
        for Tensor { name, dtype, shape, bytes } in tensors {
            let offsets = [data.len(), data.len() + bytes.len()];
            let entry = json!({"dtype": dtype, "shape": shape, "data_offsets": offsets});
            json.insert(name.clone(), entry);
            data.extend(bytes);
        }
        let json = serde_json::to_vec(&json).unwrap();
        [&(json.len() as u64).to_le_bytes(), json.as_slice(), &data].concat()
    }

    fn headers(files: &[Vec<u8>]) -> Vec<(String, Header)> {
        let header = |file: &Vec<u8>| Header::read(file).unwrap();
        files.iter().enumerate().map(|(n, file)| (format!("shard {n}"), header(file))).collect()
    }

    /// Packs one slab into the packed file. Each byte is written once.
    fn write(packed: &mut [Option<u8>], slab: &Slab, files: &[Vec<u8>]) {
        let start = slab.start as usize;
        let bytes = &files[slab.source][start..start + slab.length];
        for (offset, bytes) in slab.pack(bytes).unwrap() {
            for (place, byte) in packed[offset as usize..].iter_mut().zip(bytes) {
                assert_eq!(place.replace(byte), None);
            }
        }
    }

    fn whole(plan: &Plan, files: &[Vec<u8>], order: &[usize]) -> Vec<u8> {
        let mut packed = vec![None; plan.bytes() as usize];
        for (place, &byte) in packed.iter_mut().zip(plan.header()) {
            *place = Some(byte);
        }
        for &slab in order {
            write(&mut packed, &plan.slabs()[slab], files);
        }
        packed.into_iter().collect::<Option<_>>().expect("a byte was never written")
    }

    /// What `quantise` makes of a matrix, as numbers again.
    fn requantised(bits: Bits, values: &[f32]) -> Vec<f32> {
        let packed = quantise(bits, values).unwrap();
        let numbers = bits.numbers(&packed.numbers);
        let scales = Floats::F16.decode(&packed.scales);
        let scaled = |(place, &number): (usize, &i8)| f32::from(number) * scales[place / BLOCK];
        numbers.iter().enumerate().map(scaled).collect()
    }

    fn tensor() -> impl Strategy<Value = (Tensor, Option<Bits>)> {
        let dtype = prop_oneof![Just("BF16"), Just("F16"), Just("F32")];
        let bits = prop_oneof![Just(None), Just(Some(Bits::Four)), Just(Some(Bits::Eight))];
        (dtype, bits, 1_usize..6, 1_usize..4).prop_flat_map(|(dtype, bits, rows, blocks)| {
            let shape = match bits {
                Some(_) => vec![rows, blocks * BLOCK],
                None => vec![7 * rows],
            };
            let values = prop::collection::vec(-2.0_f32..2.0, shape.iter().product::<usize>());
            values.prop_map(move |values| (Tensor::new("", dtype, &shape, &values), bits))
        })
    }

    /// Two files with some tensors, of which each third is not wanted.
    fn sources() -> impl Strategy<Value = (Vec<Vec<u8>>, Vec<Tensor>, Vec<Wanted>)> {
        let tensors = prop::collection::vec((tensor(), any::<bool>()), 2..12);
        tensors.prop_map(|tensors| {
            let mut files = [Vec::new(), Vec::new()];
            let (mut all, mut wanted) = (Vec::new(), Vec::new());
            for (number, ((mut tensor, bits), second)) in tensors.into_iter().enumerate() {
                tensor.name = format!("tensor {}", 100 - number);
                files[usize::from(second)].push(tensor.clone());
                if number % 3 != 2 {
                    wanted.push(tensor.wanted(bits));
                    all.push(tensor);
                }
            }
            (files.iter().map(|tensors| file(tensors)).collect(), all, wanted)
        })
    }

    proptest! {
        #[test]
        fn a_packed_file_is_what_its_tensors_are_packed_one_by_one(
            (files, tensors, wanted) in sources(),
            limit in 384_usize..4000,
            seed in any::<u64>(),
        ) {
            let sources = headers(&files);
            let plan =
                Plan::in_slabs_of(limit, &sources, &wanted, &[("notice", "take care")]).unwrap();
            let in_order: Vec<usize> = (0..plan.slabs().len()).collect();
            let mut shuffled = in_order.clone();
            shuffled.sort_by_key(|&slab| (slab as u64 + 1).wrapping_mul(seed | 1));
            let packed = whole(&plan, &files, &in_order);
            prop_assert_eq!(&packed, &whole(&plan, &files, &shuffled));

            let archive = Archive::open(Rc::new(packed)).unwrap();
            prop_assert_eq!(archive.description("notice"), Some("take care"));
            for (tensor, wanted) in tensors.iter().zip(&wanted) {
                let values = archive.tensor(&tensor.name, &tensor.shape).unwrap();
                let expected = match wanted.bits {
                    Some(bits) => requantised(bits, &tensor.values()),
                    None => tensor.values(),
                };
                prop_assert_eq!(values, expected);
                if let [rows, columns] = tensor.shape[..] {
                    let matrix = archive.packed(&tensor.name, [rows, columns]).unwrap();
                    prop_assert_eq!(matrix.map(|matrix| matrix.bits), wanted.bits);
                }
            }
        }

        #[test]
        fn slabs_are_whole_rows_of_what_is_wanted_and_read_it_once(
            (files, tensors, wanted) in sources(),
            limit in 384_usize..4000,
        ) {
            let sources = headers(&files);
            let plan = Plan::in_slabs_of(limit, &sources, &wanted, &[]).unwrap();
            let mut expected = std::collections::BTreeSet::new();
            for tensor in &tensors {
                for (source, (_, header)) in sources.iter().enumerate() {
                    if let Some(stored) = header.get(&tensor.name) {
                        expected.extend((stored.start..stored.start + stored.bytes).map(|b| (source, b)));
                    }
                }
            }
            for slab in plan.slabs() {
                prop_assert!((1..=limit).contains(&slab.length));
                prop_assert_eq!(slab.length, slab.parts.iter().map(Part::bytes).sum::<usize>());
                for byte in slab.start..slab.start + slab.length as u64 {
                    prop_assert!(expected.remove(&(slab.source, byte)));
                }
                for part in &slab.parts {
                    let wanted = wanted.iter().find(|wanted| wanted.name == part.tensor).unwrap();
                    let row = wanted.bits.map_or(1, |_| wanted.shape[1]);
                    prop_assert!(part.first.is_multiple_of(row) && part.elements.is_multiple_of(row));
                }
            }
            prop_assert!(expected.is_empty());
            let packed: u64 = plan.slabs().iter().map(Slab::packed_bytes).sum();
            prop_assert_eq!(plan.header().len() as u64 + packed, plan.bytes());
        }
    }

    #[test]
    fn what_cannot_be_packed_is_named() {
        let matrix = Tensor::new("m", "F32", &[2, 32], &[1.0; 64]);
        let both = matrix.wanted(Some(Bits::Four));
        let plan = |files: &[Vec<Tensor>], wanted: Wanted| {
            let files: Vec<_> = files.iter().map(|tensors| file(tensors)).collect();
            Plan::new(&headers(&files), &[wanted], &[]).map(|_| ())
        };
        let one = vec![matrix.clone()];
        assert_eq!(plan(&[one.clone(), vec![]], both.clone()), Ok(()));
        let files = ["shard 0".to_owned(), "shard 1".to_owned()];
        let doubled = Error::Doubled { tensor: "m".into(), files };
        assert_eq!(plan(&[one.clone(), one.clone()], both.clone()), Err(doubled));
        let missing = Error::MissingTensor { tensor: "m".into() };
        assert_eq!(plan(&[vec![]], both.clone()), Err(missing));
        let shape = Wanted { shape: vec![1, 64], ..both.clone() };
        assert!(matches!(plan(&[one], shape), Err(Error::Shape { .. })));
        let whole = Tensor { dtype: "I32", ..matrix.clone() };
        let no_floats = Error::NoFloats { tensor: "m".into(), found: "I32".into() };
        assert_eq!(plan(&[vec![whole]], both), Err(no_floats));
        let narrow = Tensor::new("m", "F32", &[2, 31], &[1.0; 62]);
        let columns = Error::Columns { tensor: "m".into(), columns: 31 };
        assert_eq!(plan(&[vec![narrow.clone()]], narrow.wanted(Some(Bits::Eight))), Err(columns));
        assert_eq!(plan(&[vec![narrow.clone()]], narrow.wanted(None)), Ok(()));
        let long =
            Tensor { bytes: vec![0; 4 << 23], ..Tensor::new("m", "F32", &[1, 1 << 23], &[]) };
        let wanted = long.wanted(Some(Bits::Four));
        assert!(matches!(plan(&[vec![long]], wanted), Err(Error::Columns { .. })));
    }

    #[test]
    fn a_number_that_is_none_is_named_with_its_place_in_the_tensor() {
        let mut values = vec![1.0; 4 * 32];
        values[100] = f32::NAN;
        let tensor = Tensor::new("m", "BF16", &[4, 32], &values);
        let files = [file(std::slice::from_ref(&tensor))];
        let wanted = [tensor.wanted(Some(Bits::Four))];
        let plan = Plan::in_slabs_of(128, &headers(&files), &wanted, &[]).unwrap();
        let pack = |slab: &Slab| {
            let start = slab.start as usize;
            slab.pack(&files[0][start..start + slab.length])
        };
        assert_eq!(plan.slabs().len(), 2);
        assert!(pack(&plan.slabs()[0]).is_ok());
        let error = pack(&plan.slabs()[1]).unwrap_err();
        assert_eq!(error, Error::NotFinite { tensor: "m".into(), position: 100 });
        let error = plan.slabs()[0].pack(&[0; 127]).unwrap_err();
        assert_eq!(error, Error::Truncated { expected: 128, found: 127 });
    }

    #[test]
    fn a_number_beyond_f16_is_named() {
        let mut values = vec![1.0; 64];
        values[40] = 1e30;
        let tensor = Tensor::new("m", "BF16", &[2, 32], &values);
        let files = [file(std::slice::from_ref(&tensor))];
        let plan = Plan::new(&headers(&files), &[tensor.wanted(Some(Bits::Eight))], &[]).unwrap();
        let slab = &plan.slabs()[0];
        let error = slab.pack(&files[0][slab.start as usize..]).unwrap_err();
        assert_eq!(error, Error::TooLarge { tensor: "m".into(), position: 32 });
    }

    #[test]
    fn a_digest_tells_plans_apart() {
        let tensor = Tensor::new("m", "BF16", &[2, 32], &[1.0; 64]);
        let other = Tensor { name: "n".to_owned(), ..tensor.clone() };
        let digest = |tensors: &[Tensor], bits, notice| {
            let sources = headers(&[file(tensors)]);
            let wanted = [tensor.wanted(Some(bits))];
            Plan::new(&sources, &wanted, &[("notice", notice)]).unwrap().digest()
        };
        let one = digest(std::slice::from_ref(&tensor), Bits::Four, "a");
        assert_eq!(one, digest(std::slice::from_ref(&tensor), Bits::Four, "a"));
        assert_ne!(one, digest(std::slice::from_ref(&tensor), Bits::Eight, "a"));
        assert_ne!(one, digest(std::slice::from_ref(&tensor), Bits::Four, "b"));
        assert_ne!(one, digest(&[other, tensor.clone()], Bits::Four, "a"));
    }

    #[test]
    fn a_matrix_by_hand() {
        // Row 0: a step of 1. Row 1: zeros. As int4 twice 7 and -7 in turn, which no scale betters.
        let first = [7.0, -7.0].repeat(16);
        let tensor = Tensor::new("m", "BF16", &[2, 32], &[first, vec![0.0; 32]].concat());
        let files = [file(std::slice::from_ref(&tensor))];
        let plan = Plan::new(&headers(&files), &[tensor.wanted(Some(Bits::Four))], &[]).unwrap();
        let slab = &plan.slabs()[0];
        let start = slab.start as usize;
        let packed = slab.pack(&files[0][start..start + slab.length]).unwrap();
        let header = plan.header().len() as u64;
        let numbers = [[0x1f; 16], [0x88; 16]].concat();
        assert_eq!(packed, [(header, numbers), (header + 32, vec![0x00, 0x3c, 0, 0])]);
        assert_eq!(plan.bytes(), header + 36);
        assert_eq!(header % 8, 0);
    }
}
