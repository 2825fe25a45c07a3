use std::rc::Rc;

use burn::tensor::Device;

use super::linear::Linear;
use super::norm::RmsNorm;
use crate::safety::{Config, Error};
use crate::weights::Archive;

/// Where the weights are while the network is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// On the device, as f32. Gradients flow.
    Unpacked,
    /// On the device as they are stored, int4 or int8 in blocks of 32, and unpacked inside each
    /// product. The embedding stays in the file.
    Packed,
    /// In the file: each matrix is read when its layer runs, and let go afterwards. Any device can
    /// hold that, and any device is slow at it.
    Streamed,
}

/// Weights on their way into a network.
pub struct Source<'a> {
    pub config: &'a Config,
    pub archive: &'a Rc<Archive>,
    pub placement: Placement,
    /// Never one that tracks gradients: weights are frozen.
    pub device: Device,
}

impl<'a> Source<'a> {
    /// The weights of a file, for a device.
    pub fn new(
        config: &'a Config,
        archive: &'a Rc<Archive>,
        placement: Placement,
        device: &Device,
    ) -> Self {
        Self { config, archive, placement, device: device.clone().inner() }
    }

    /// The matrix that `name` holds, as [outputs, inputs].
    ///
    /// # Errors
    /// Those of [`Archive::tensor`]; of a streamed one that it is missing or of another shape.
    pub fn linear(&self, name: &str, inputs: usize, outputs: usize) -> Result<Linear, Error> {
        let (name, shape) = (format!("{name}.weight"), [outputs, inputs]);
        let device = &self.device;
        match self.placement {
            Placement::Unpacked => Linear::unpacked(self.archive, &name, shape, device),
            Placement::Packed => Linear::packed(self.archive, &name, shape, device),
            Placement::Streamed => Linear::streamed(Rc::clone(self.archive), name, shape, device),
        }
    }

    /// The norm that `name` holds.
    ///
    /// # Errors
    /// Those of [`Archive::tensor`].
    pub fn norm(&self, name: &str) -> Result<RmsNorm, Error> {
        RmsNorm::load(name, self.config, self.archive, &self.device)
    }
}
