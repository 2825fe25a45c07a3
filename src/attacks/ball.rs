use burn::Tensor;

use super::{Norm, ThreatModel};
use crate::vision::PixelTensor;

/// Where an attack may go: the threat model's ball around the clean pictures, inside [0, 1].
#[derive(Clone, Debug)]
pub struct Ball {
    clean: Tensor<4>,
    threat: ThreatModel,
}

impl Ball {
    /// The ball around pictures [n, 3, h, w] without a graph.
    pub fn new(clean: &PixelTensor, threat: ThreatModel) -> Self {
        Self { clean: clean.inner().clone(), threat }
    }

    /// The clean pictures [n, 3, h, w].
    pub fn clean(&self) -> &Tensor<4> {
        &self.clean
    }

    /// The nearest point of the ball, then clipped to [0, 1]. Clipping moves each value towards the
    /// clean picture, which lies inside, so the result is in the ball too.
    pub fn project(&self, x: Tensor<4>) -> PixelTensor {
        let (clean, epsilon) = (self.clean.clone(), self.threat.epsilon());
        PixelTensor::clamp_from(match self.threat.norm() {
            Norm::Linf => x.max_pair(clean.clone() - epsilon).min_pair(clean + epsilon),
            Norm::L2 => {
                let delta = x - clean.clone();
                // A zero perturbation is left as it is.
                let length = length(delta.clone()).clamp_min(f32::MIN_POSITIVE);
                let scale = (length.recip() * epsilon).clamp_max(1.0);
                clean + delta * scale
            }
        })
    }

    /// The direction [n, 3, h, w] of length 1 in the ball's norm along which a linear function with
    /// this gradient grows fastest: its sign for Linf, the gradient over its length for L2. Zero
    /// where the gradient is.
    pub fn steepest(&self, gradient: Tensor<4>) -> Tensor<4> {
        match self.threat.norm() {
            Norm::Linf => gradient.sign(),
            Norm::L2 => {
                // Squares of small gradients vanish in f32, so they are made large first.
                let largest = largest(gradient.clone()).clamp_min(f32::MIN_POSITIVE);
                let gradient = gradient / largest;
                let length = length(gradient.clone()).clamp_min(f32::MIN_POSITIVE);
                gradient / length
            }
        }
    }
}

/// The sum of absolute values of each picture, [n, 1, 1, 1].
pub fn l1(x: Tensor<4>) -> Tensor<4> {
    let (n, x) = rows(x.abs());
    x.sum_dim(1).reshape([n, 1, 1, 1])
}

/// The Euclidean length of each picture, [n, 1, 1, 1].
fn length(x: Tensor<4>) -> Tensor<4> {
    let (n, x) = rows(x.clone() * x);
    x.sum_dim(1).sqrt().reshape([n, 1, 1, 1])
}

/// The largest absolute value of each picture, [n, 1, 1, 1].
fn largest(x: Tensor<4>) -> Tensor<4> {
    let (n, x) = rows(x.abs());
    x.max_dim(1).reshape([n, 1, 1, 1])
}

/// Each picture as a row.
fn rows(x: Tensor<4>) -> (usize, Tensor<2>) {
    let [n, channels, height, width] = x.dims();
    (n, x.reshape([n, channels * height * width]))
}
