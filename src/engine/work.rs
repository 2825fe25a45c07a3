//! What a job computes with.

use burn::tensor::Device;

use super::observer::{Clock, Observer};

/// The device to compute on, the one to tell, and the time.
pub struct Work<'a, O: Observer> {
    pub device: &'a Device,
    pub observer: &'a O,
    pub clock: Clock,
}
