use half::{bf16, f16};
use safetensors::tensor::Dtype;

/// The forms in which floating-point numbers are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floats {
    F32,
    F16,
    Bf16,
}

impl Floats {
    /// The form that a file's type of numbers is, if they are floats that are read here.
    pub fn of(dtype: Dtype) -> Option<Self> {
        match dtype {
            Dtype::F32 => Some(Self::F32),
            Dtype::F16 => Some(Self::F16),
            Dtype::BF16 => Some(Self::Bf16),
            _ => None,
        }
    }

    /// How many bytes a number has.
    pub fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }

    /// The numbers of some bytes as stored, little-endian; what is no whole number is left out.
    pub fn decode(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::F32 => elements(bytes, f32::from_le_bytes),
            Self::F16 => elements(bytes, |b| f16::from_le_bytes(b).to_f32()),
            Self::Bf16 => elements(bytes, |b| bf16::from_le_bytes(b).to_f32()),
        }
    }
}

fn elements<const N: usize>(bytes: &[u8], decode: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|&chunk| decode(chunk)).collect()
}
