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

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;

    /// Pictures of one value, with a loss and a success each.
    fn candidate<const N: usize>(pixel: f32, states: [(f32, bool); N]) -> Candidate {
        let device = Device::flex();
        let column =
            |values: Vec<f32>| Tensor::<2>::from_data(TensorData::new(values, [N, 1]), &device);
        let zeros = column(vec![0.0; N]);
        Candidate {
            x: PixelTensor::clamp_from(Tensor::full([N, 3, 1, 1], pixel, &device)),
            loss: column(states.iter().map(|state| state.0).collect()),
            prediction: zeros.clone(),
            reached: column(states.iter().map(|state| f32::from(u8::from(state.1))).collect())
                .greater_elem(0.5),
            restart: zeros.clone(),
            steps: zeros,
        }
    }

    fn better<const N: usize>(
        new: [(f32, bool); N],
        old: [(f32, bool); N],
        direction: f32,
    ) -> Vec<bool> {
        let mask = candidate(0.0, new).is_better_than(&candidate(0.0, old), direction);
        mask.float().into_data().try_to_vec::<f32>().unwrap().iter().map(|v| *v > 0.5).collect()
    }

    #[test]
    fn success_comes_before_the_loss() {
        let new = [(1.0, true), (3.0, false), (3.0, true), (1.0, false), (f32::NAN, true)];
        let old = [(2.0, false), (2.0, true), (2.0, true), (2.0, false), (2.0, true)];
        assert_eq!(better(new, old, 1.0), [true, false, true, false, false]);
        assert_eq!(better(new, old, -1.0), [true, false, false, true, false]);
    }

    #[test]
    fn pictures_are_replaced_one_by_one() {
        let old = candidate(0.25, [(1.0, false), (2.0, false)]);
        let new = candidate(0.75, [(3.0, true), (1.0, false)]);
        let best = old.clone().replaced_where(new.is_better_than(&old, 1.0), new);
        let values = |tensor: Tensor<2>| tensor.into_data().try_to_vec::<f32>().unwrap();
        assert_eq!(values(best.loss), [3.0, 2.0]);
        assert_eq!(values(best.reached.float()), [1.0, 0.0]);
        let x = best.x.inner().clone().reshape([2, 3]);
        assert_eq!(values(x), [0.75, 0.75, 0.75, 0.25, 0.25, 0.25]);
    }
}
