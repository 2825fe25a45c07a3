use super::{Error, Warning};
use crate::vision::PixelTensor;

/// Where an attack is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// From 0.
    pub restart: usize,
    /// Updates made in this restart: 0 at its start, the configured steps at its end.
    pub step: usize,
}

/// What is to leave the device at a step, in one go. `true` is [`Self::Values`], `false`
/// [`Self::Nothing`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readback {
    Nothing,
    /// What the model says.
    Values,
    /// That, and the pictures it says it of.
    ValuesAndPixels,
}

impl From<bool> for Readback {
    fn from(values: bool) -> Self {
        if values { Self::Values } else { Self::Nothing }
    }
}

/// One step's pictures, before its update, and what was read back of them.
#[derive(Clone, Debug)]
pub struct StepReport {
    pub position: Position,
    /// The pictures [n, 3, h, w], on the device.
    pub pixels: PixelTensor,
    /// What the model says of them, if the step was to be read back.
    pub values: Option<Vec<StepValues>>,
}

/// What a model says of one picture under attack.
#[derive(Clone, Debug, PartialEq)]
pub struct StepValues {
    /// The attack's loss, raised if untargeted and lowered if targeted.
    pub loss: f32,
    /// The best label.
    pub prediction: usize,
    /// Whether the prediction is what the attacker wants.
    pub reached: bool,
    /// One a class.
    pub logits: Vec<f32>,
    /// The picture [3, h, w], row-major, if it was asked for.
    pub pixels: Option<Vec<f32>>,
}

/// What an attack made of a batch.
#[derive(Clone, Debug)]
pub struct AttackReport {
    /// The pictures after the attack [n, 3, h, w]: for each the last of its best restart, which is
    /// one that reached the goal if any did, and of those the one furthest in the loss.
    pub adversarial: PixelTensor,
    /// One for each picture.
    pub pictures: Vec<PictureReport>,
    /// How far the attack went; unless cancelled, the last restart's end.
    pub position: Position,
    pub ending: Ending,
    pub warnings: Vec<Warning>,
}

/// What an attack made of one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PictureReport {
    /// The attack's loss at the end, raised if untargeted and lowered if targeted.
    pub loss: f32,
    /// The best label at the end.
    pub prediction: usize,
    /// Whether that is what the attacker wants.
    pub reached: bool,
    /// Whether a start was already: the clean picture, or noise alone.
    pub reached_at_start: bool,
    /// The restart that this is from.
    pub restart: usize,
    /// Updates made in that restart.
    pub steps: usize,
    /// How many of all restarts' gradients were zero throughout.
    pub zero_gradients: usize,
    /// False if a loss or a gradient was not a finite number. The picture is then the last one
    /// before that.
    pub finite: bool,
}

/// Why an attack ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All steps were made.
    Finished,
    /// Every picture had reached the goal, and the attack was to stop early.
    Early,
    /// The loss or the gradient of every picture still at work was not a finite number.
    NotFinite,
    /// The observer wanted no more.
    Cancelled,
}

impl AttackReport {
    /// The error that some pictures ran into, if any; the others are as if it had not been.
    pub fn error(&self) -> Option<Error> {
        let broken = self.pictures.iter().enumerate().filter(|(_, picture)| !picture.finite);
        let pictures: Vec<usize> = broken.map(|(index, _)| index).collect();
        (!pictures.is_empty()).then_some(Error::NotFinite { pictures })
    }
}
