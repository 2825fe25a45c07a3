use burn::Tensor;

use super::ball::{Ball, l1};

/// How a step follows from the gradients so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UpdateRule {
    /// One step along the gradient: its sign for Linf, the gradient over its length for L2. With a
    /// random start this is PGD (Madry et al., "Towards Deep Learning Models Resistant to
    /// Adversarial Attacks", 2018), without it BIM (Kurakin, Goodfellow and Bengio, "Adversarial
    /// Examples in the Physical World", 2017).
    Gradient,
    /// A step along the sum of past gradients, each divided by its mean absolute value, the sum
    /// multiplied by `decay` at each step: MI-FGSM (Dong et al., "Boosting Adversarial Attacks with
    /// Momentum", 2018).
    Momentum {
        /// Not negative; 1 in the paper.
        decay: f32,
    },
    /// Adam (Kingma and Ba, 2015) on the perturbation, with the step size as its learning rate.
    Adam,
}

/// Adam's decay rates of the two moments, and what it adds to the root of the second.
const BETA: [f32; 2] = [0.9, 0.999];
const ADAM_EPSILON: f32 = 1e-8;

/// A rule with what it remembers of the gradients so far.
#[derive(Clone, Debug)]
pub enum Update {
    Gradient,
    Momentum { decay: f32, sum: Option<Tensor<4>> },
    Adam { moments: Option<[Tensor<4>; 2]>, steps: i32 },
}

impl Update {
    pub fn new(rule: UpdateRule) -> Self {
        match rule {
            UpdateRule::Gradient => Self::Gradient,
            UpdateRule::Momentum { decay } => Self::Momentum { decay, sum: None },
            UpdateRule::Adam => Self::Adam { moments: None, steps: 0 },
        }
    }

    /// The displacement [n, 3, h, w] in steps, for the gradient of what is to grow.
    pub fn direction(&mut self, ball: &Ball, gradient: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Gradient => ball.steepest(gradient),
            Self::Momentum { decay, sum } => {
                let [_, channels, height, width] = gradient.dims();
                let mean = l1(gradient.clone()) / (channels * height * width) as f32;
                let normalised = gradient / mean.clamp_min(f32::MIN_POSITIVE);
                let total = match sum.take() {
                    Some(sum) => sum * *decay + normalised,
                    None => normalised,
                };
                *sum = Some(total.clone());
                ball.steepest(total)
            }
            Self::Adam { moments, steps } => {
                let [first, second] = moments.take().unwrap_or_else(|| {
                    let zeros = gradient.zeros_like();
                    [zeros.clone(), zeros]
                });
                let square = gradient.clone() * gradient.clone();
                let first = first * BETA[0] + gradient * (1.0 - BETA[0]);
                let second = second * BETA[1] + square * (1.0 - BETA[1]);
                *steps += 1;
                let [bias_1, bias_2] = BETA.map(|beta| 1.0 - beta.powi(*steps));
                let root = (second.clone() / bias_2).sqrt() + ADAM_EPSILON;
                let direction = first.clone() / bias_1 / root;
                *moments = Some([first, second]);
                direction
            }
        }
    }
}
