use serde::{Deserialize, Serialize};

use super::{Change, Classification, Goal, Picture, Score, Verdict};

/// Names an iterative attack for as long as the page lives; chosen by the page.
pub type RunId = u32;

/// How the size of a change is measured, in pixel units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Norm {
    /// The largest change of any number.
    #[default]
    Linf,
    /// The Euclidean length over all numbers.
    L2,
}

/// How an iterative attack takes its steps. FGSM is [`Self::Bim`] with one step of epsilon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// Steps along the gradient from the picture itself (arXiv 1607.02533).
    Bim,
    /// The same, usually from a random start (arXiv 1706.06083).
    #[default]
    Pgd,
    /// Steps along a sum of past gradients (arXiv 1710.06081).
    MiFgsm,
    /// The change as a variable that Adam optimises, projected after every step.
    AdamOnDelta,
}

/// What an attack drives up (or, towards a target, down).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Loss {
    #[default]
    CrossEntropy,
    /// The lead of the best other logit (arXiv 1608.04644).
    Margin,
    /// Difference of logits ratio (arXiv 2003.01690).
    Dlr,
}

/// How to attack. Checked by the engine.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttackSettings {
    pub method: Method,
    pub loss: Loss,
    pub norm: Norm,
    /// Radius in pixel units: Linf 0 to 1, L2 any finite number that is not negative.
    pub epsilon: f32,
    /// In pixel units; for Adam its learning rate.
    pub step_size: f32,
    /// Of each restart, 1 to 1000.
    pub steps: u32,
    pub random_start: bool,
    pub seed: u32,
    /// 1 to 10.
    pub restarts: u32,
    /// Stop as soon as the goal is reached.
    pub early_stop: bool,
}

/// An iterative attack on a square picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRequest {
    pub run: RunId,
    pub model: String,
    pub picture: Picture,
    pub goal: Goal,
    pub settings: AttackSettings,
}

/// Something odd about settings or picture that does not stop the attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Caution {
    StepAboveEpsilon,
    EpsilonZero,
    /// The target is what the model says already.
    AlreadyThere,
    /// The label to lead away from is not what the model says.
    AlreadyWrong,
}

/// A run before its first step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunOpened {
    pub run: RunId,
    /// The label that the attack moves away from or towards.
    pub label: usize,
    pub original: Classification,
    /// Of the original picture.
    pub loss: f32,
    pub cautions: Vec<Caution>,
}

/// A run after one of its steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunStep {
    pub run: RunId,
    /// From 0.
    pub restart: u32,
    /// From 1 within the restart.
    pub step: u32,
    pub loss: f32,
    /// The best labels, best first.
    pub top: Vec<Score>,
    /// Whether the goal is reached at this step.
    pub reached: bool,
    /// The change so far, `0.5 + magnification * change`, if asked for.
    pub perturbation: Option<Picture>,
    /// The factor the perturbation was multiplied by.
    pub magnification: f32,
}

/// What a run has come to, at its best restart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunOutcome {
    pub run: RunId,
    pub verdict: Verdict,
    /// The label that the attack moved away from or towards.
    pub label: usize,
    /// The best restart, from 0.
    pub restart: u32,
    /// Steps made in it.
    pub steps: u32,
    /// Before and after.
    pub loss: [f32; 2],
    /// Of the adversarial picture as computed, before any rounding.
    pub adversarial: Classification,
    /// Of [`Self::picture`].
    pub rounded: Classification,
    /// The adversarial picture rounded to 8 bits.
    pub picture: Picture,
    /// `0.5 + magnification * (adversarial - original)`, rounded to 8 bits.
    pub perturbation: Picture,
    pub magnification: f32,
    pub change: Change,
    pub flags: Vec<HonestyFlag>,
    /// Of all steps so far.
    pub milliseconds: f64,
}

/// A reason to doubt the attack rather than to trust the model (arXiv 2003.01690).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HonestyFlag {
    ZeroGradient,
    OutputsLookLikeProbabilities,
    NoGrowthWithEpsilon,
    RandomBeatsSteps,
}

/// A way for a picture to go and come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trip {
    Png,
    Jpeg {
        /// 1 to 100.
        quality: u8,
    },
    /// To a square of this side in pixels, and back.
    Resize {
        side: u32,
    },
}

/// The search for the smallest epsilon at which an attack flips a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SmallestEpsilonRequest {
    pub model: String,
    pub picture: Picture,
    /// The right label; without one, the model's own prediction.
    pub label: Option<usize>,
    /// Its epsilon is the largest tried; its step size belongs to that epsilon and shrinks with it.
    pub settings: AttackSettings,
    /// In the unit of epsilon.
    pub tolerance: f32,
}

/// One epsilon of a search.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpsilonTried {
    pub epsilon: f32,
    pub flipped: bool,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SmallestEpsilon {
    /// The label that had to be given up.
    pub label: usize,
    /// None if the largest epsilon did not do it.
    pub smallest: Option<f32>,
    /// The model did not say the label to begin with.
    pub already_wrong: bool,
    pub flags: Vec<HonestyFlag>,
}
