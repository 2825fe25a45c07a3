//! Convolutions from a file of weights, with the batch norm after them folded in.

use burn::tensor::Device;

use super::conv::{Activation, FrozenConv2d, Geometry};
use crate::weights::{Archive, Error, Padding};

/// Where a convolution and the batch norm after it are kept.
pub struct ConvName {
    pub conv: String,
    /// None where none ever follows: the convolution then has a bias.
    pub norm: Option<String>,
}

impl ConvName {
    /// A convolution with a batch norm, or with a bias where one has been folded already.
    pub fn with_norm(conv: impl Into<String>, norm: impl Into<String>) -> Self {
        Self { conv: conv.into(), norm: Some(norm.into()) }
    }
}

/// A convolution as its network describes it.
#[derive(Clone, Copy)]
pub struct Layer {
    inputs: usize,
    outputs: usize,
    kernel: usize,
    stride: usize,
    depthwise: bool,
    activation: Activation,
}

impl Layer {
    /// `kernel` x `kernel` over all channels.
    pub fn dense(inputs: usize, outputs: usize, kernel: usize, stride: usize) -> Self {
        let activation = Activation::Identity;
        Self { inputs, outputs, kernel, stride, depthwise: false, activation }
    }

    /// 1 x 1.
    pub fn pointwise(inputs: usize, outputs: usize) -> Self {
        Self::dense(inputs, outputs, 1, 1)
    }

    /// `kernel` x `kernel` on each channel.
    pub fn depthwise(channels: usize, kernel: usize, stride: usize) -> Self {
        Self { depthwise: true, ..Self::dense(channels, channels, kernel, stride) }
    }

    /// The same, followed by an activation.
    pub fn then(self, activation: Activation) -> Self {
        Self { activation, ..self }
    }
}

/// Reads the convolutions of one network.
pub struct Loader<'a> {
    pub archive: &'a Archive,
    pub padding: Padding,
    /// Added to a variance in batch norm.
    pub norm_epsilon: f64,
    pub device: &'a Device,
}

impl Loader<'_> {
    /// One convolution.
    ///
    /// # Errors
    /// Those of [`Archive::tensor`]; [`Error::NotFinite`] also if folding a batch norm makes a
    /// weight infinite.
    pub fn conv(&self, name: &ConvName, layer: Layer) -> Result<FrozenConv2d, Error> {
        let Layer { inputs, outputs, kernel, stride, depthwise, activation } = layer;
        let (inputs, groups) = if depthwise { (1, outputs) } else { (inputs, 1) };
        let shape = [outputs, inputs, kernel, kernel];
        let tensor = format!("{}.weight", name.conv);
        let mut weight = self.archive.tensor(&tensor, &shape)?;
        let bias = format!("{}.bias", name.conv);
        let has_bias = self.archive.contains(&bias) || name.norm.is_none();
        let mut bias =
            if has_bias { self.archive.tensor(&bias, &[outputs])? } else { vec![0.0; outputs] };
        if let Some(norm) = &name.norm
            && (self.has_norm(norm) || !has_bias)
        {
            self.fold_norm(norm, &mut weight, &mut bias)?;
        }
        if let Some(position) = weight.iter().chain(&bias).position(|value| !value.is_finite()) {
            return Err(Error::NotFinite { tensor, position });
        }
        let geometry = Geometry { stride, padding: self.padding, groups, activation };
        Ok(FrozenConv2d::new(weight, shape, bias, geometry, self.device))
    }

    fn has_norm(&self, norm: &str) -> bool {
        let part = |part: &str| self.archive.contains(&format!("{norm}.{part}"));
        part("weight") || part("running_var")
    }

    /// Batch norm is `gamma * (y - mean) / sqrt(var + epsilon) + beta`, which is the convolution
    /// with each output channel's weights and bias scaled, and the bias shifted.
    fn fold_norm(&self, norm: &str, weight: &mut [f32], bias: &mut [f32]) -> Result<(), Error> {
        let outputs = bias.len();
        let part = |part: &str| self.archive.tensor(&format!("{norm}.{part}"), &[outputs]);
        let (gamma, beta) = (part("weight")?, part("bias")?);
        let (mean, variance) = (part("running_mean")?, part("running_var")?);
        let rows = weight.chunks_exact_mut(weight.len() / outputs);
        for (channel, (row, bias)) in rows.zip(bias).enumerate() {
            let deviation = (f64::from(variance[channel]) + self.norm_epsilon).sqrt();
            let scale = f64::from(gamma[channel]) / deviation;
            for weight in row {
                *weight = (f64::from(*weight) * scale) as f32;
            }
            let shifted = (f64::from(*bias) - f64::from(mean[channel])) * scale;
            *bias = (shifted + f64::from(beta[channel])) as f32;
        }
        Ok(())
    }
}
