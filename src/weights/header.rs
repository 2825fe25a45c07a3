use std::collections::BTreeMap;

use safetensors::tensor::Dtype;
use serde::Deserialize;

use super::{Error, ReadAt};

/// The longest header that is read, in bytes. That of a network of a thousand tensors has some
/// hundred thousand.
const LONGEST: u64 = 100_000_000;
/// How many bytes say how long the header is.
const LENGTH: usize = 8;

/// Where a safetensors file keeps which tensor. The file may be larger than memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    tensors: BTreeMap<String, Stored>,
    description: BTreeMap<String, String>,
}

/// How one tensor is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// Of its first byte, from the beginning of the file.
    pub start: u64,
    /// How many bytes it has.
    pub bytes: u64,
}

#[derive(Deserialize)]
struct File {
    #[serde(rename = "__metadata__", default)]
    description: BTreeMap<String, String>,
    #[serde(flatten)]
    tensors: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    dtype: Dtype,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

impl Header {
    /// How many bytes of JSON come after a file's first eight.
    ///
    /// # Errors
    /// [`Error::Header`] if they are more than any header has.
    pub fn length_of(first: [u8; LENGTH]) -> Result<usize, Error> {
        let length = u64::from_le_bytes(first);
        let too_long =
            || Error::Header(format!("it has {length} bytes, where {LONGEST} at most are read"));
        let short = (length <= LONGEST).then_some(length);
        short.and_then(|length| usize::try_from(length).ok()).ok_or_else(too_long)
    }

    /// Checks a header against itself and against the length of its file.
    ///
    /// # Errors
    /// [`Error::Truncated`] if the file ends before the header says so; [`Error::Header`] if it is
    /// none, or offsets overlap, leave gaps or do not agree with shapes, or bytes are left over.
    pub fn parse(json: &[u8], file_bytes: u64) -> Result<Self, Error> {
        let file: File =
            serde_json::from_slice(json).map_err(|error| Error::Header(error.to_string()))?;
        let data = (LENGTH + json.len()) as u64;
        let mut entries: Vec<_> = file.tensors.into_iter().collect();
        entries.sort_by_key(|(_, entry)| entry.data_offsets);
        let mut tensors = BTreeMap::new();
        let mut end = data;
        for (name, entry) in entries {
            let wrong = |what: &str| Error::Header(format!("tensor `{name}` {what}"));
            let (from, to) = entry.data_offsets;
            let bytes = size(&entry).ok_or_else(|| wrong("has no size in whole bytes"))?;
            let start = data.checked_add(from);
            if start != Some(end) {
                return Err(wrong("does not begin where the one before it ends"));
            }
            if to.checked_sub(from) != Some(bytes) {
                return Err(wrong("has another size than its shape"));
            }
            let start = end;
            end = start.checked_add(bytes).ok_or_else(|| wrong("ends beyond any file"))?;
            tensors.insert(name, Stored { dtype: entry.dtype, shape: entry.shape, start, bytes });
        }
        if end > file_bytes {
            return Err(Error::Truncated { expected: end, found: file_bytes });
        }
        if end < file_bytes {
            let extra = file_bytes - end;
            return Err(Error::Header(format!("{extra} bytes belong to no tensor")));
        }
        Ok(Self { tensors, description: file.description })
    }

    /// Reads a file's header and nothing else of it.
    ///
    /// # Errors
    /// Those of [`Self::length_of`], [`Self::parse`] and [`ReadAt::read_at`].
    pub fn read(file: &dyn ReadAt) -> Result<Self, Error> {
        let found = file.len();
        let Ok(first) = <[u8; LENGTH]>::try_from(file.read_at(0, LENGTH)?) else {
            return Err(Error::Truncated { expected: LENGTH as u64, found });
        };
        let expected = u64::from_le_bytes(first).saturating_add(LENGTH as u64);
        if expected > found {
            return Err(Error::Truncated { expected, found });
        }
        Self::parse(&file.read_at(LENGTH as u64, Self::length_of(first)?)?, found)
    }

    /// A tensor's place, if there is one of that name.
    pub fn get(&self, name: &str) -> Option<&Stored> {
        self.tensors.get(name)
    }

    /// All tensors in the order of their names.
    pub fn tensors(&self) -> impl Iterator<Item = (&str, &Stored)> {
        self.tensors.iter().map(|(name, stored)| (name.as_str(), stored))
    }

    /// An entry of the file's own description (`__metadata__`).
    pub fn description(&self, key: &str) -> Option<&str> {
        self.description.get(key).map(String::as_str)
    }
}

/// How many bytes a tensor of that shape has, if they are whole.
fn size(entry: &Entry) -> Option<u64> {
    let mut bits = entry.dtype.bitsize() as u64;
    for &side in &entry.shape {
        bits = bits.checked_mul(side as u64)?;
    }
    bits.is_multiple_of(8).then_some(bits / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_be_larger_than_four_gigabytes() {
        let json = br#"{"a":{"dtype":"BF16","shape":[5000000,500],"data_offsets":[0,5000000000]},
            "b":{"dtype":"F32","shape":[],"data_offsets":[5000000000,5000000004]}}"#;
        let data = 8 + json.len() as u64;
        let header = Header::parse(json, data + 5_000_000_004).unwrap();
        let b = header.get("b").unwrap();
        assert_eq!((b.start, b.bytes), (data + 5_000_000_000, 4));
        assert_eq!(header.tensors().count(), 2);
        let error = Header::parse(json, data + 4_999_999_999).unwrap_err();
        assert!(matches!(error, Error::Truncated { .. }), "{error}");
    }

    #[test]
    fn a_header_of_gigabytes_is_not_read() {
        assert_eq!(Header::length_of(100_000_000_u64.to_le_bytes()), Ok(100_000_000));
        let error = Header::length_of(100_000_001_u64.to_le_bytes()).unwrap_err();
        assert!(error.to_string().contains("100000001"), "{error}");
    }
}
