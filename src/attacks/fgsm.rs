//! The fast gradient sign method: Goodfellow, Shlens and Szegedy, "Explaining and Harnessing
//! Adversarial Examples" (2015). One step of `epsilon` along the sign of the loss's gradient.

use burn::Tensor;

use super::{Error, Goal, Norm, ThreatModel, cross_entropy};
use crate::vision::{Classifier, PixelTensor};

/// The direction that FGSM walks along, whatever epsilon is.
#[derive(Clone, Debug)]
pub struct FgsmGradient {
    /// Gradient of the loss with respect to the pixels [n, 3, h, w].
    pub gradient: Tensor<4>,
    /// The sign of the step [n, 3, h, w]: -1, 0 or 1, towards the goal.
    pub sign: Tensor<4>,
    /// Cross-entropy [n] of the clean pictures with respect to the goal's labels.
    pub loss: Tensor<1>,
    /// Logits [n, classes] of the clean pictures.
    pub logits: Tensor<2>,
}

/// What FGSM made of a batch.
#[derive(Clone, Debug)]
pub struct Fgsm {
    /// The pictures after the step.
    pub adversarial: PixelTensor,
    /// The sign of the step [n, 3, h, w]: -1, 0 or 1.
    pub sign: Tensor<4>,
    /// Cross-entropy [n] of the clean pictures with respect to the goal's labels.
    pub loss: Tensor<1>,
    /// Logits [n, classes] of the clean pictures.
    pub logits: Tensor<2>,
}

/// The optimal step of a model that is linear around the pictures: `clip(x + epsilon * sign(g))`,
/// with the gradient `g` of the cross-entropy, or of its negative if the goal is targeted.
///
/// # Errors
/// [`Error::Norm`] unless the norm is Linf, and those of [`fgsm_gradient`].
pub fn fgsm(
    model: &dyn Classifier,
    pixels: &PixelTensor,
    goal: &Goal,
    threat: &ThreatModel,
) -> Result<Fgsm, Error> {
    check_norm(threat)?;
    let FgsmGradient { sign, loss, logits, .. } = fgsm_gradient(model, pixels, goal)?;
    let adversarial = fgsm_at(pixels, &sign, threat)?;
    Ok(Fgsm { adversarial, sign, loss, logits })
}

/// The gradient that FGSM needs, from one forward and one backward pass.
///
/// # Errors
/// [`Error::LabelCount`], [`Error::Label`], [`Error::NoGradient`].
pub fn fgsm_gradient(
    model: &dyn Classifier,
    pixels: &PixelTensor,
    goal: &Goal,
) -> Result<FgsmGradient, Error> {
    goal.check(pixels.dims()[0], model.num_classes())?;
    let tracked = pixels.tracked();
    let logits = model.logits(&tracked);
    let loss = cross_entropy(&logits, goal.labels())?;
    let no_gradient = || Error::NoGradient { model: model.name().to_owned() };
    if !loss.is_tracked() {
        return Err(no_gradient());
    }
    // The pictures do not see each other, so the sum has each one's own gradient.
    let gradients = loss.clone().sum().backward();
    let gradient = tracked.gradient(&gradients).ok_or_else(no_gradient)?;
    let sign = gradient.clone().sign().mul_scalar(goal.direction());
    Ok(FgsmGradient { gradient, sign, loss: loss.inner(), logits: logits.inner() })
}

/// The step of one epsilon along a sign [n, 3, h, w], clipped to [0, 1].
///
/// # Errors
/// [`Error::Norm`] unless the norm is Linf, [`Error::Shape`] if the sign is of another batch.
pub fn fgsm_at(
    pixels: &PixelTensor,
    sign: &Tensor<4>,
    threat: &ThreatModel,
) -> Result<PixelTensor, Error> {
    check_norm(threat)?;
    if sign.dims() != pixels.dims() {
        return Err(Error::Shape { expected: pixels.dims(), found: sign.dims() });
    }
    let step = sign.clone().mul_scalar(threat.epsilon());
    Ok(PixelTensor::clamp_from(pixels.untracked().inner().clone() + step))
}

fn check_norm(threat: &ThreatModel) -> Result<(), Error> {
    match threat.norm() {
        Norm::Linf => Ok(()),
        norm => Err(Error::Norm { attack: "FGSM", norm }),
    }
}
