//! Whether the device computes what it should, and how fast.

use burn::tensor::{Device, Tensor, TensorData};

use super::{
    classify::read,
    observer::Clock,
    problem::unreadable,
    reference::{Block, Computed, Probe},
};
use crate::{
    protocol::{DeviceKind, Problem, ProblemKind, SelfCheck},
    vision::conv::{Activation, FrozenConv2d, Geometry},
    weights::Padding,
};

/// Channels and side of the probe that is compared: small, because the reference is slow.
const COMPARED: (usize, usize) = (8, 8);
/// Channels and side of the probe that is timed: two middle layers of MobileNetV2 at 224 pixels, so
/// that a GPU's fixed costs weigh about as much as they will.
const TIMED: (usize, usize) = (96, 28);

/// What is accepted of a device: rounding, in another order than the reference's. GPUs may also
/// fuse or approximate (WGSL, section 15.7.4).
fn tolerance(kind: DeviceKind) -> f32 {
    match kind {
        DeviceKind::Cpu => 1e-4,
        DeviceKind::WebGpu => 1e-3,
    }
}

/// Compares two blocks of MobileNetV2's layers, forward and backward, with plain loops, and times
/// larger ones once they have been compiled.
///
/// # Errors
/// [`ProblemKind::SelfCheckFailed`] with the error found if the device computes wrongly, or a
/// device that does not answer.
pub async fn run(device: &Device, kind: DeviceKind, clock: Clock) -> Result<SelfCheck, Problem> {
    let tolerance = tolerance(kind);
    let compared = Probe::new(COMPARED.0, COMPARED.1);
    let error = difference(&compute(&compared, device).await?, &compared.compute());
    let timed = Probe::new(TIMED.0, TIMED.1);
    let mut check = SelfCheck { error, tolerance, milliseconds: 0.0 };
    if !check.passed() {
        let detail = format!("relative error {error:.1e}, where {tolerance:.0e} is accepted");
        return Err(Problem::new(ProblemKind::SelfCheckFailed, name(kind), detail));
    }
    let layers = Layers::of(&timed, device);
    layers.compute(&timed, device).await?;
    let start = clock();
    layers.compute(&timed, device).await?;
    check.milliseconds = clock() - start;
    Ok(check)
}

fn name(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Cpu => "CPU",
        DeviceKind::WebGpu => "WebGPU",
    }
}

/// A probe's blocks as layers on a device.
struct Layers(Vec<FrozenConv2d>);

impl Layers {
    fn of(probe: &Probe, device: &Device) -> Self {
        Self(probe.blocks.iter().flat_map(|block| layers(block, device)).collect())
    }

    async fn compute(&self, probe: &Probe, device: &Device) -> Result<Computed, Problem> {
        let (channels, side) = (probe.channels, probe.side);
        let input = tensor(&probe.input, channels, side, device).autodiff().require_grad();
        let output = self.0.iter().fold(input.clone(), |x, layer| layer.forward(x));
        let direction = tensor(&probe.direction, channels, side.div_ceil(2), device).autodiff();
        let gradients = (output.clone() * direction).sum().backward();
        let gradient = input.grad(&gradients).ok_or_else(|| unreadable("there is no gradient"))?;
        Ok(Computed { output: read(output.inner()).await?, gradient: read(gradient).await? })
    }
}

async fn compute(probe: &Probe, device: &Device) -> Result<Computed, Problem> {
    Layers::of(probe, device).compute(probe, device).await
}

fn layers(block: &Block, device: &Device) -> [FrozenConv2d; 2] {
    let channels = block.channels;
    let depthwise = Geometry {
        stride: block.stride,
        padding: Padding::Symmetric,
        groups: channels,
        activation: Activation::Relu6,
    };
    let pointwise =
        Geometry { stride: 1, groups: 1, activation: Activation::Identity, ..depthwise };
    [
        FrozenConv2d::new(
            block.depthwise.clone(),
            [channels, 1, 3, 3],
            block.depthwise_bias.clone(),
            depthwise,
            device,
        ),
        FrozenConv2d::new(
            block.pointwise.clone(),
            [channels, channels, 1, 1],
            block.pointwise_bias.clone(),
            pointwise,
            device,
        ),
    ]
}

fn tensor(values: &[f32], channels: usize, side: usize, device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values.to_vec(), [1, channels, side, side]), device)
}

/// The larger of the two relative errors. NaN if anything is not finite or missing.
fn difference(found: &Computed, expected: &Computed) -> f32 {
    let output = relative_error(&found.output, &expected.output);
    let gradient = relative_error(&found.gradient, &expected.gradient);
    if output.is_nan() || gradient.is_nan() { f32::NAN } else { output.max(gradient) }
}

/// The largest difference, relative to the largest entry expected.
fn relative_error(found: &[f32], expected: &[f32]) -> f32 {
    if found.len() != expected.len() || !found.iter().all(|value| value.is_finite()) {
        return f32::NAN;
    }
    let largest = expected.iter().fold(0.0, |largest: f32, value| largest.max(value.abs()));
    let differences = found.iter().zip(expected).map(|(f, e)| (f - e).abs());
    differences.fold(0.0, f32::max) / largest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::{block_on, ticking_clock};

    #[test]
    fn the_cpu_passes() {
        let check = block_on(run(&Device::flex(), DeviceKind::Cpu, ticking_clock)).unwrap();
        assert!(check.passed(), "{check:?}");
        assert!(check.milliseconds > 0.0);
    }

    #[test]
    fn wrong_results_are_seen() {
        let right = Probe::new(4, 6).compute();
        let shifted =
            Computed { output: right.output.iter().map(|v| v + 0.1).collect(), ..right.clone() };
        assert!(difference(&shifted, &right) > 1e-3);
        let zeros = Computed { gradient: vec![0.0; right.gradient.len()], ..right.clone() };
        assert_eq!(difference(&zeros, &right), 1.0);
        let broken = Computed { output: vec![f32::NAN; right.output.len()], ..right.clone() };
        assert!(difference(&broken, &right).is_nan());
        assert!(difference(&Computed { output: vec![], ..right.clone() }, &right).is_nan());
    }
}
