//! What an attack made of a picture, as the learner sees it.

use super::{
    classify::{Prediction, pixels, predict},
    observer::Observer,
    work::Work,
};
use crate::{
    attacks,
    protocol::{Change, Picture, Problem},
    vision::{Classifier, PixelTensor},
};

/// An adversarial picture, and what the model says of it.
pub struct Judgement {
    /// Of the picture as computed.
    pub computed: Prediction,
    /// Of the picture rounded to 8 bits.
    pub rounded: Prediction,
    /// Rounded to 8 bits.
    pub picture: Picture,
    /// `0.5 + magnification * (adversarial - clean)`, rounded to 8 bits.
    pub perturbation: Picture,
}

/// Has the model look at an adversarial picture [1, 3, h, w], as computed and rounded to 8 bits.
///
/// # Errors
/// A model whose logits are no numbers, cancellation, a device that fails.
pub async fn judge<O: Observer>(
    work: &Work<'_, O>,
    model: &dyn Classifier,
    clean: &PixelTensor,
    adversarial: &PixelTensor,
    magnification: f32,
) -> Result<Judgement, Problem> {
    let computed = predict(work, model, adversarial).await?;
    let picture = to_picture(adversarial).await?;
    work.observer.pause().await?;
    let rounded = predict(work, model, &pixels(&picture, work.device)?).await?;
    let magnified = (adversarial.inner().clone() - clean.inner().clone()) * magnification + 0.5;
    let perturbation = to_picture(&PixelTensor::clamp_from(magnified)).await?;
    Ok(Judgement { computed, rounded, picture, perturbation })
}

/// How far apart two pictures [1, 3, h, w] are.
///
/// # Errors
/// A device that fails.
pub async fn measure(before: &PixelTensor, after: &PixelTensor) -> Result<Change, Problem> {
    let changes = attacks::Change::measure(before, after).await?;
    let none = attacks::Change { linf: 0.0, l2: 0.0, psnr: None };
    let attacks::Change { linf, l2, psnr } = changes.into_iter().next().unwrap_or(none);
    Ok(Change { linf, l2, psnr })
}

async fn to_picture(pixels: &PixelTensor) -> Result<Picture, Problem> {
    let [_, _, height, width] = pixels.dims();
    let rgb = pixels.to_rgb().await?;
    Ok(Picture { width: width as u32, height: height as u32, rgb })
}
