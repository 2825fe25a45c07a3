/// How many numbers along the last axis share a scale where numbers are packed in blocks.
pub const BLOCK: usize = 32;
/// What is taken from an int4 as stored, so that it can be negative.
pub const INT4_ZERO: i8 = 8;

/// How large the whole numbers are that a matrix is packed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bits {
    /// -8 to 7; what is packed here never is -8.
    Four,
    /// -128 to 127; what is packed here never is -128.
    Eight,
}

/// A matrix as it is stored: whole numbers, and a scale for each [`BLOCK`] of them along a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Packed {
    pub bits: Bits,
    /// Row-major, one number each, [rows, columns].
    pub numbers: Vec<i8>,
    /// What the numbers of a block are multiplied by, row-major, [rows, columns / 32]. Finite.
    pub scales: Vec<f32>,
}

impl Bits {
    /// How many bytes that many numbers are stored in; an even count, if they are two in a byte.
    pub fn bytes_of(self, numbers: u64) -> u64 {
        match self {
            Self::Four => numbers / 2,
            Self::Eight => numbers,
        }
    }

    /// The numbers of some bytes as stored.
    pub fn numbers(self, bytes: &[u8]) -> Vec<i8> {
        match self {
            Self::Eight => bytes.iter().map(|byte| byte.cast_signed()).collect(),
            Self::Four => {
                let halves = bytes.iter().flat_map(|byte| [byte & 0xf, byte >> 4]);
                halves.map(|half| half.cast_signed() - INT4_ZERO).collect()
            }
        }
    }
}
