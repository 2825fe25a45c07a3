//! What an attack knows of each picture, on the device: columns [n, 1].

use burn::Tensor;
use burn::tensor::{Bool, Device};

use super::Error;
use super::loss::Objective;
use crate::vision::PixelTensor;

/// What the model says of the pictures of one step.
pub struct Evaluation {
    pub loss: Tensor<2>,
    pub prediction: Tensor<2>,
    pub reached: Tensor<2, Bool>,
}

impl Evaluation {
    /// Of logits [n, classes] without a graph.
    pub fn new(objective: &Objective, logits: &Tensor<2>) -> Self {
        let [pictures, _] = logits.dims();
        let prediction = logits.clone().argmax(1);
        Self {
            loss: objective.loss(logits).reshape([pictures, 1]),
            reached: objective.reached(prediction.clone()),
            prediction: prediction.float(),
        }
    }
}

/// Pictures with what the model says of them and where they come from.
#[derive(Clone)]
pub struct Candidate {
    /// [n, 3, h, w]
    pub x: PixelTensor,
    pub loss: Tensor<2>,
    pub prediction: Tensor<2>,
    pub reached: Tensor<2, Bool>,
    pub restart: Tensor<2>,
    pub steps: Tensor<2>,
}

impl Candidate {
    /// The other's pictures where the mask says so.
    pub fn replaced_where(self, mask: Tensor<2, Bool>, other: Self) -> Self {
        let pick = |a: Tensor<2>, b: Tensor<2>| a.mask_where(mask.clone(), b);
        let reached = pick(self.reached.float(), other.reached.float()).greater_elem(0.5);
        Self {
            loss: pick(self.loss, other.loss),
            prediction: pick(self.prediction, other.prediction),
            reached,
            restart: pick(self.restart, other.restart),
            steps: pick(self.steps, other.steps),
            x: self.x.replaced_where(mask, &other.x),
        }
    }

    /// Success comes first, then the loss in the attack's direction. A loss that is no number is
    /// never better.
    pub fn is_better_than(&self, other: &Self, direction: f32) -> Tensor<2, Bool> {
        let (reached, before) = (self.reached.clone(), other.reached.clone());
        let first = reached.clone().bool_and(before.clone().bool_not());
        let further = (self.loss.clone() * direction).greater(other.loss.clone() * direction);
        first.bool_or(reached.equal(before).bool_and(further))
    }
}

/// Counters and marks.
pub struct Tally {
    /// In this restart.
    pub broken: Tensor<2, Bool>,
    /// Updates in this restart.
    pub steps: Tensor<2>,
    /// Over all restarts.
    pub ever_broken: Tensor<2, Bool>,
    /// Over all restarts.
    pub zero_gradients: Tensor<2>,
    /// Over all restarts.
    pub reached_at_start: Tensor<2, Bool>,
}

impl Tally {
    pub fn new(pictures: usize, device: &Device) -> Self {
        let zeros = Tensor::<2>::zeros([pictures, 1], device);
        let never = zeros.clone().greater_elem(0.5);
        Self {
            broken: never.clone(),
            steps: zeros.clone(),
            ever_broken: never.clone(),
            zero_gradients: zeros,
            reached_at_start: never,
        }
    }

    /// A new restart.
    pub fn begin(&mut self) {
        self.steps = self.steps.zeros_like();
        self.broken = self.steps.clone().greater_elem(0.5);
    }

    pub fn mark_broken(&mut self, broken: Tensor<2, Bool>) {
        self.broken = self.broken.clone().bool_or(broken);
        self.ever_broken = self.ever_broken.clone().bool_or(self.broken.clone());
    }

    pub fn mark_reached_at_start(&mut self, reached: Tensor<2, Bool>) {
        self.reached_at_start = self.reached_at_start.clone().bool_or(reached);
    }

    pub fn count_zero_gradients(&mut self, zero: Tensor<2, Bool>, idle: Tensor<2, Bool>) {
        let counted = zero.bool_and(idle.bool_not()).float();
        self.zero_gradients = self.zero_gradients.clone() + counted;
    }

    pub fn count_steps(&mut self, moved: Tensor<2, Bool>) {
        self.steps = self.steps.clone() + moved.float();
    }
}

/// Reads columns in one go, as one array for each picture.
///
/// # Errors
/// [`Error::Device`].
pub async fn read_rows<const N: usize>(columns: [Tensor<2>; N]) -> Result<Vec<[f32; N]>, Error> {
    let data = Tensor::cat(Vec::from(columns), 1).into_data_async().await;
    let values: Vec<f32> = data
        .map_err(|error| Error::Device(error.to_string()))?
        .try_to_vec()
        .map_err(|error| Error::Device(format!("{error:?}")))?;
    let (rows, _) = values.as_chunks::<N>();
    Ok(rows.to_vec())
}
