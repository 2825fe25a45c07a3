use serde::{Deserialize, Serialize};

use super::Picture;

/// One label and the model's confidence in it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Index into the model's labels.
    pub label: usize,
    /// Softmax probability, 0 to 1.
    pub confidence: f32,
}

/// What a model says of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// The five best labels (or all, if there are fewer), best first.
    pub top: Vec<Score>,
    /// The time of the forward pass with its read-back, in milliseconds.
    pub milliseconds: f64,
}

/// The logits of a picture, and the gradient of the loss with respect to its pixels in [0, 1].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Derivative {
    /// One a class.
    pub logits: Vec<f32>,
    /// [3, height, width], row-major.
    pub gradient: Vec<f32>,
}

/// What the attacker wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Goal {
    /// Any label but this one; without one, any but the model's own prediction.
    Untargeted { label: Option<usize> },
    /// This label.
    Targeted { label: usize },
}

/// One FGSM step on a square picture.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AttackRequest {
    pub model: String,
    pub picture: Picture,
    pub goal: Goal,
    /// Linf radius in pixel units, 0 to 1.
    pub epsilon: f32,
}

/// FGSM along one gradient at many sizes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SweepRequest {
    pub model: String,
    pub picture: Picture,
    pub goal: Goal,
    /// Linf radii in pixel units, 0 to 1, ascending.
    pub epsilons: Vec<f32>,
}

/// What the model says at one epsilon of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepPoint {
    /// Linf radius in pixel units.
    pub epsilon: f32,
    /// Confidence in the label that the attack moves away from (untargeted) or towards (targeted).
    pub confidence: f32,
    /// The best label there.
    pub best: Score,
}

/// How far the adversarial picture is from the original, in pixel units.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Largest change of any channel of any pixel, 0 to 1.
    pub linf: f32,
    /// Euclidean length over all channels of all pixels.
    pub l2: f32,
    /// Peak signal-to-noise ratio in decibels; none if nothing changed.
    pub psnr: Option<f32>,
}

/// How an attack ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// The best label is no longer the one the attack moved away from.
    Fooled,
    /// The best label is the target.
    HitTarget,
    /// The best label changed, but not to the target.
    MissedTarget,
    /// The best label is still the one it was.
    Resisted,
    /// The model was already wrong (or already said the target) before anything was changed.
    NothingToDo,
}

/// The result of one FGSM step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AttackOutcome {
    pub verdict: Verdict,
    /// The label that the attack moved away from or towards.
    pub label: usize,
    pub original: Classification,
    /// Of the adversarial picture as computed, before any rounding.
    pub adversarial: Classification,
    /// Of [`Self::picture`], which is what a PNG can hold.
    pub rounded: Classification,
    /// The adversarial picture rounded to 8 bits.
    pub picture: Picture,
    /// `0.5 + magnification * (adversarial - original)`, rounded to 8 bits.
    pub perturbation: Picture,
    /// The factor the perturbation was multiplied by.
    pub magnification: f32,
    pub change: Change,
    /// Cross-entropy on the logits with respect to [`Self::label`], before and after.
    pub loss: [f32; 2],
    /// The time of the forward and backward pass, the step, its read-back and the measuring of
    /// [`Self::change`], in milliseconds.
    pub milliseconds: f64,
}
