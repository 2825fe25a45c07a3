//! A prediction as a job.

use burn::tensor::{Device, Tensor};

use super::{checks, observer::Observer, problem::unreadable, scores, work::Work};
use crate::{
    protocol::{Classification, Picture, Problem, ProblemKind, Score, Stage},
    vision::{Classifier, PixelTensor},
};

/// What a model says of one picture.
pub struct Prediction {
    /// One a class.
    pub logits: Vec<f32>,
    /// The time of the forward pass with its read-back.
    pub milliseconds: f64,
}

impl Prediction {
    /// The best label.
    pub fn best(&self) -> Score {
        let best = scores::top(&self.logits).into_iter().next();
        best.unwrap_or(Score { label: 0, confidence: 0.0 })
    }

    /// The best labels and the time.
    pub fn classification(&self) -> Classification {
        Classification { top: scores::top(&self.logits), milliseconds: self.milliseconds }
    }
}

/// Classifies a picture.
///
/// # Errors
/// A picture that no model takes ([`checks::model_input`]), cancellation, a device that fails.
pub async fn classify<O: Observer>(
    work: &Work<'_, O>,
    model: &dyn Classifier,
    picture: &Picture,
) -> Result<Classification, Problem> {
    let pixels = pixels(picture, work.device)?;
    work.observer.begin(Stage::Predicting).await?;
    Ok(predict(work, model, &pixels).await?.classification())
}

/// A model's input [1, 3, side, side] from a picture, checked.
///
/// # Errors
/// Those of [`checks::model_input`].
pub fn pixels(picture: &Picture, device: &Device) -> Result<PixelTensor, Problem> {
    checks::model_input(picture)?;
    let side = picture.width as usize;
    Ok(PixelTensor::from_rgb(&picture.rgb, side, side, device)?)
}

/// Runs the model on one picture [1, 3, h, w] and reads the logits back.
///
/// # Errors
/// Those of [`read_logits`].
pub async fn predict<O: Observer>(
    work: &Work<'_, O>,
    model: &dyn Classifier,
    pixels: &PixelTensor,
) -> Result<Prediction, Problem> {
    let start = (work.clock)();
    let logits = read_logits(model, model.logits(pixels)).await?;
    Ok(Prediction { logits, milliseconds: (work.clock)() - start })
}

/// Reads a model's logits back.
///
/// # Errors
/// [`ProblemKind::NotFinite`] naming the model if they are no numbers (finite weights can still
/// overflow), or a device that fails.
pub async fn read_logits(model: &dyn Classifier, logits: Tensor<2>) -> Result<Vec<f32>, Problem> {
    let logits = read(logits).await?;
    if logits.iter().all(|logit| logit.is_finite()) {
        Ok(logits)
    } else {
        let detail = "its logits are not finite";
        Err(Problem::new(ProblemKind::NotFinite, model.name(), detail))
    }
}

/// Reads a tensor back, row-major.
///
/// # Errors
/// A device that fails.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, Problem> {
    let data = tensor.into_data_async().await.map_err(unreadable)?;
    data.try_to_vec().map_err(|error| unreadable(format!("{error:?}")))
}
