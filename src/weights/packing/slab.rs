use super::quantise::quantise;
use crate::weights::Error;
use crate::weights::floats::Floats;
use crate::weights::packed::{BLOCK, Bits};

/// The most bytes of a source that are needed at a time.
pub const SLAB_BYTES: usize = 16 << 20;

/// Bytes of a source that are packed at a time: rows of one tensor or of several that lie one after
/// the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Slab {
    /// Which of the sources.
    pub source: usize,
    /// Of the first byte, from the beginning of the source.
    pub start: u64,
    /// How many bytes, at most [`SLAB_BYTES`].
    pub length: usize,
    pub(super) parts: Vec<Part>,
}

/// What a slab has of one tensor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    pub tensor: String,
    pub floats: Floats,
    /// Counted row-major in the tensor.
    pub first: usize,
    pub elements: usize,
    pub target: Target,
}

/// Where in the packed file the elements of a part belong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Target {
    /// As F32.
    Floats { offset: u64 },
    /// As whole numbers in blocks.
    Packed { bits: Bits, numbers: u64, scales: u64 },
}

impl Slab {
    /// How many bytes of the packed file [`Self::pack`] comes to.
    pub fn packed_bytes(&self) -> u64 {
        self.parts.iter().map(Part::packed_bytes).sum()
    }

    /// What the packed file holds of the slab's bytes: each with its offset from the file's beginning.
    ///
    /// # Errors
    /// [`Error::Truncated`] if `bytes` are not [`Self::length`]; [`Error::NotFinite`] and
    /// [`Error::TooLarge`] with the tensor and the place in it.
    pub fn pack(&self, bytes: &[u8]) -> Result<Vec<(u64, Vec<u8>)>, Error> {
        if bytes.len() != self.length {
            let (expected, found) = (self.length as u64, bytes.len() as u64);
            return Err(Error::Truncated { expected, found });
        }
        let mut packed = Vec::with_capacity(2 * self.parts.len());
        let mut rest = bytes;
        for part in &self.parts {
            let (own, others) = rest.split_at_checked(part.bytes()).unwrap_or((rest, &[]));
            rest = others;
            part.pack(own, &mut packed)?;
        }
        Ok(packed)
    }
}

impl Part {
    pub fn bytes(&self) -> usize {
        self.elements * self.floats.bytes()
    }

    fn packed_bytes(&self) -> u64 {
        let elements = self.elements as u64;
        match self.target {
            Target::Floats { .. } => 4 * elements,
            Target::Packed { bits, .. } => bits.bytes_of(elements) + 2 * (elements / BLOCK as u64),
        }
    }

    fn pack(&self, bytes: &[u8], packed: &mut Vec<(u64, Vec<u8>)>) -> Result<(), Error> {
        let values = self.floats.decode(bytes);
        if let Some(position) = values.iter().position(|value| !value.is_finite()) {
            let position = self.first + position;
            return Err(Error::NotFinite { tensor: self.tensor.clone(), position });
        }
        match self.target {
            Target::Floats { offset } => {
                packed
                    .push((offset, values.iter().flat_map(|value| value.to_le_bytes()).collect()));
            }
            Target::Packed { bits, numbers, scales } => {
                let quantised = quantise(bits, &values).map_err(|block| {
                    let position = self.first + block * BLOCK;
                    Error::TooLarge { tensor: self.tensor.clone(), position }
                })?;
                packed.push((numbers, quantised.numbers));
                packed.push((scales, quantised.scales));
            }
        }
        Ok(())
    }
}
