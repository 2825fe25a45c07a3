use serde::{Deserialize, Serialize};

/// Where an engine computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceKind {
    Cpu,
    WebGpu,
}

/// What an engine found out about its device when it started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceReport {
    pub kind: DeviceKind,
    /// The adapter's own words (vendor, architecture, description), empty on the CPU.
    pub adapter: String,
    /// Limits by WebGPU's names, in its units; empty on the CPU.
    pub limits: Vec<(String, u64)>,
    pub self_check: SelfCheck,
}

/// A small convolution and its gradient, computed here and on the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfCheck {
    /// Largest difference from the CPU's output and gradient, relative to the largest entry.
    pub error: f32,
    /// What is still accepted.
    pub tolerance: f32,
    /// The time of one warm forward and backward pass, in milliseconds.
    pub milliseconds: f64,
}

impl SelfCheck {
    /// Whether the device computes what the CPU computes. NaN does not pass.
    pub fn passed(&self) -> bool {
        self.error <= self.tolerance
    }
}
