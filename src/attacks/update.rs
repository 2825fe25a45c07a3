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
    /// Its steps are about as long in every pixel, which in L2 is not the steepest way.
    Adam,
}

/// Adam's decay rates of the two moments, and what it adds to the root of the second.
const BETA: [f32; 2] = [0.9, 0.999];
const ADAM_EPSILON: f32 = 1e-8;

/// A rule with what it remembers of the gradients so far.
#[derive(Clone, Debug)]
pub struct Update {
    rule: UpdateRule,
    /// Updates made.
    steps: i32,
    /// The sum of past gradients, or Adam's first moment.
    first: Option<Tensor<4>>,
    /// Adam's second moment.
    second: Option<Tensor<4>>,
}

impl Update {
    pub fn new(rule: UpdateRule) -> Self {
        Self { rule, steps: 0, first: None, second: None }
    }

    /// The displacement [n, 3, h, w] in steps, for the gradient of what is to grow.
    pub fn direction(&mut self, ball: &Ball, gradient: Tensor<4>) -> Tensor<4> {
        self.steps += 1;
        match self.rule {
            UpdateRule::Gradient => ball.steepest(gradient),
            UpdateRule::Momentum { decay } => ball.steepest(self.accumulate(gradient, decay)),
            UpdateRule::Adam => self.adam(gradient),
        }
    }

    fn accumulate(&mut self, gradient: Tensor<4>, decay: f32) -> Tensor<4> {
        let [_, channels, height, width] = gradient.dims();
        let mean = l1(gradient.clone()) / (channels * height * width) as f32;
        let normalised = gradient / mean.clamp_min(f32::MIN_POSITIVE);
        let sum = match self.first.take() {
            Some(sum) => sum * decay + normalised,
            None => normalised,
        };
        self.first.insert(sum).clone()
    }

    fn adam(&mut self, gradient: Tensor<4>) -> Tensor<4> {
        let square = gradient.clone() * gradient.clone();
        let [first, second] =
            [(self.first.take(), gradient, BETA[0]), (self.second.take(), square, BETA[1])].map(
                |(moment, new, beta)| {
                    let moment = moment.unwrap_or_else(|| new.zeros_like());
                    moment * beta + new * (1.0 - beta)
                },
            );
        let [bias_1, bias_2] = BETA.map(|beta| 1.0 - beta.powi(self.steps));
        let root = (self.second.insert(second).clone() / bias_2).sqrt() + ADAM_EPSILON;
        self.first.insert(first).clone() / bias_1 / root
    }
}
