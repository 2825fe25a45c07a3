//! Where this engine computes: WebGPU in the build that has it, the CPU in the other.

use burn::tensor::Device;

use crate::protocol::{DeviceKind, Problem};

/// A device that is ready, and what it says of itself.
pub struct OpenDevice {
    /// What tensors are made on.
    pub device: Device,
    /// Which of the two it is.
    pub kind: DeviceKind,
    /// The adapter's own words; empty on the CPU.
    pub adapter: String,
    /// Limits by WebGPU's names, in its units; empty on the CPU.
    pub limits: Vec<(String, u64)>,
}

/// Opens the CPU.
///
/// # Errors
/// None.
#[cfg(not(feature = "webgpu"))]
pub async fn open() -> Result<OpenDevice, Problem> {
    Ok(OpenDevice {
        device: Device::flex(),
        kind: DeviceKind::Cpu,
        adapter: String::new(),
        limits: Vec::new(),
    })
}

/// Opens the GPU. If it is lost later, the page is told.
///
/// # Errors
/// [`crate::protocol::ProblemKind::NoWebGpu`] if the browser has no WebGPU, or no adapter, or
/// refuses the device.
#[cfg(feature = "webgpu")]
pub async fn open() -> Result<OpenDevice, Problem> {
    use std::sync::Arc;

    use super::{adapter, gpu_faults, post};
    use crate::protocol::ProblemKind;

    // burn panics where there is no adapter.
    let adapter = adapter::probe().await?;
    let (device, setup) = Device::wgpu_options()
        .init_with_setup_async()
        .await
        .map_err(|error| Problem::new(ProblemKind::NoWebGpu, &adapter.description, error))?;
    // In place of one that panics at everything.
    setup.device.on_uncaptured_error(Arc::new(|error: wgpu::Error| gpu_faults::hear(&error)));
    setup.device.set_device_lost_callback(|reason, message| {
        post::last_word_device_lost(format!("{reason:?}: {message}"));
    });
    Ok(OpenDevice {
        device,
        kind: DeviceKind::WebGpu,
        adapter: adapter.description,
        limits: adapter.limits,
    })
}
