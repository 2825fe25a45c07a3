//! The files under `tests/golden`.

use burn::Tensor;
use burn::tensor::{Device, TensorData};
use resilient_ai::vision::PixelTensor;
use safetensors::SafeTensors;

/// One golden file.
pub struct Golden(Vec<u8>);

impl Golden {
    pub fn open(name: &str) -> Self {
        let path = format!("{}/tests/golden/{name}.safetensors", env!("CARGO_MANIFEST_DIR"));
        Self(std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}")))
    }

    fn bytes(&self, name: &str) -> (Vec<usize>, Vec<u8>) {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let view = file.tensor(name).unwrap();
        (view.shape().to_vec(), view.data().to_vec())
    }

    /// An F32 tensor's values.
    pub fn floats(&self, name: &str) -> Vec<f32> {
        let (_, bytes) = self.bytes(name);
        bytes.as_chunks().0.iter().map(|&b| f32::from_le_bytes(b)).collect()
    }

    /// An I64 tensor's values.
    pub fn labels(&self, name: &str) -> Vec<usize> {
        let (_, bytes) = self.bytes(name);
        bytes.as_chunks().0.iter().map(|&b| i64::from_le_bytes(b) as usize).collect()
    }

    /// An I8 tensor's values.
    pub fn signs(&self, name: &str) -> Vec<f32> {
        self.bytes(name).1.into_iter().map(|byte| f32::from(byte.cast_signed())).collect()
    }

    /// An entry of the file's own description.
    pub fn description(&self, key: &str) -> String {
        let (_, metadata) = SafeTensors::read_metadata(&self.0).unwrap();
        metadata.metadata().as_ref().unwrap()[key].clone()
    }

    /// A picture stored as U8 [3, h, w].
    pub fn pixels(&self, name: &str, device: &Device) -> PixelTensor {
        let (shape, bytes) = self.bytes(name);
        let values: Vec<f32> = bytes.into_iter().map(|byte| f32::from(byte) / 255.0).collect();
        let data = TensorData::new(values, [1, shape[0], shape[1], shape[2]]);
        PixelTensor::clamp_from(Tensor::from_data(data, device))
    }
}
