use burn::Tensor;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Bool, Device, Int, TensorData};

use super::{Error, Goal};

/// What an attack raises for the true label, or lowers for its target. Each is a function of one
/// picture's logits `z` and its label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Minus the log-softmax at the label.
    CrossEntropy,
    /// The best other logit minus the label's (Carlini and Wagner, "Towards Evaluating the
    /// Robustness of Neural Networks", 2017): positive if and only if another label wins.
    Margin,
    /// The margin over `z_1 - z_3`, the first minus the third of the sorted logits, which makes it
    /// blind to their scale (Croce and Hein, "Reliable Evaluation of Adversarial Robustness", 2020).
    /// For a target `t` it is `(z_y - z_t) / (z_1 - (z_3 + z_4) / 2)`, where `y` is what the model
    /// says of the clean picture.
    Dlr,
}

impl Loss {
    /// How many classes it needs.
    fn classes(self, targeted: bool) -> usize {
        match self {
            Self::CrossEntropy => 1,
            Self::Margin => 2,
            Self::Dlr if targeted => 4,
            Self::Dlr => 3,
        }
    }

    pub(super) fn check(self, goal: &Goal, classes: usize) -> Result<(), Error> {
        let needed = self.classes(goal.is_targeted());
        if classes < needed {
            return Err(Error::Classes { loss: self, needed, found: classes });
        }
        Ok(())
    }
}

/// What DLR divides by never falls below this, as in the authors' code.
const DLR_EPSILON: f32 = 1e-12;

/// Cross-entropy of each picture [n]: minus the log-softmax of `logits` [n, classes] at its label.
///
/// Taken on logits because a softmax that has saturated has no gradient left.
///
/// # Errors
/// [`Error::LabelCount`], [`Error::Label`].
pub fn cross_entropy(logits: &Tensor<2>, labels: &[usize]) -> Result<Tensor<1>, Error> {
    Ok(cross_entropy_at(logits, indices(logits, labels)?))
}

/// [`Loss::Margin`] of each picture [n].
///
/// # Errors
/// [`Error::LabelCount`], [`Error::Label`], [`Error::Classes`].
pub fn margin(logits: &Tensor<2>, labels: &[usize]) -> Result<Tensor<1>, Error> {
    let indices = indices(logits, labels)?;
    Loss::Margin.check(&Goal::Untargeted(labels.to_vec()), logits.dims()[1])?;
    Ok(margin_at(logits, indices))
}

/// [`Loss::Dlr`] of each picture [n] for its label.
///
/// # Errors
/// [`Error::LabelCount`], [`Error::Label`], [`Error::Classes`].
pub fn dlr(logits: &Tensor<2>, labels: &[usize]) -> Result<Tensor<1>, Error> {
    let indices = indices(logits, labels)?;
    Loss::Dlr.check(&Goal::Untargeted(labels.to_vec()), logits.dims()[1])?;
    Ok(dlr_at(logits, indices))
}

/// [`Loss::Dlr`] of each picture [n] for a target, with the label it is to be moved away from.
///
/// # Errors
/// [`Error::LabelCount`], [`Error::Label`], [`Error::Classes`].
pub fn targeted_dlr(
    logits: &Tensor<2>,
    labels: &[usize],
    targets: &[usize],
) -> Result<Tensor<1>, Error> {
    let (labels, goals) = (indices(logits, labels)?, indices(logits, targets)?);
    Loss::Dlr.check(&Goal::Targeted(targets.to_vec()), logits.dims()[1])?;
    Ok(targeted_dlr_at(logits, labels, goals))
}

/// A loss and a goal with their labels on the device, so that no step uploads them again.
#[derive(Clone, Debug)]
pub struct Objective {
    loss: Loss,
    direction: f32,
    targeted: bool,
    /// The goal's labels [n, 1].
    labels: Tensor<2, Int>,
    /// What the model says of the clean pictures [n, 1], where the loss depends on it.
    sources: Option<Tensor<2, Int>>,
}

impl Objective {
    /// `clean_logits` is asked for the logits [n, classes] of the clean pictures, without a graph,
    /// if the loss depends on them.
    ///
    /// # Errors
    /// [`Error::LabelCount`], [`Error::Label`], [`Error::Classes`].
    pub fn new(
        loss: Loss,
        goal: &Goal,
        [pictures, classes]: [usize; 2],
        device: &Device,
        clean_logits: impl FnOnce() -> Tensor<2>,
    ) -> Result<Self, Error> {
        goal.check(pictures, classes)?;
        loss.check(goal, classes)?;
        let targeted = goal.is_targeted();
        let sources = (loss == Loss::Dlr && targeted).then(|| clean_logits().argmax(1));
        let labels = upload(goal.labels(), device);
        Ok(Self { loss, direction: goal.direction(), targeted, labels, sources })
    }

    /// The loss [n], which an untargeted attack raises and a targeted one lowers.
    pub fn loss(&self, logits: &Tensor<2>) -> Tensor<1> {
        match (self.loss, &self.sources) {
            (Loss::CrossEntropy, _) => cross_entropy_at(logits, self.labels.clone()),
            (Loss::Margin, _) => margin_at(logits, self.labels.clone()),
            (Loss::Dlr, None) => dlr_at(logits, self.labels.clone()),
            (Loss::Dlr, Some(sources)) => {
                targeted_dlr_at(logits, sources.clone(), self.labels.clone())
            }
        }
    }

    /// 1 if the loss is to rise, -1 if it is to fall.
    pub fn direction(&self) -> f32 {
        self.direction
    }

    /// Whether a prediction [n, 1] is what the attacker wants.
    pub fn reached(&self, prediction: Tensor<2, Int>) -> Tensor<2, Bool> {
        let hit = prediction.equal(self.labels.clone());
        if self.targeted { hit } else { hit.bool_not() }
    }
}

/// Checked labels [n, 1] on the logits' device.
fn indices(logits: &Tensor<2>, labels: &[usize]) -> Result<Tensor<2, Int>, Error> {
    let [pictures, classes] = logits.dims();
    Goal::Targeted(labels.to_vec()).check(pictures, classes)?;
    Ok(upload(labels, &logits.device().inner()))
}

fn upload(labels: &[usize], device: &Device) -> Tensor<2, Int> {
    let labels: Vec<i32> = labels.iter().map(|&label| label as i32).collect();
    let shape = [labels.len(), 1];
    Tensor::from_data(TensorData::new(labels, shape), device)
}

fn cross_entropy_at(logits: &Tensor<2>, labels: Tensor<2, Int>) -> Tensor<1> {
    column(log_softmax(logits.clone(), 1).gather(1, labels).neg())
}

fn margin_at(logits: &Tensor<2>, labels: Tensor<2, Int>) -> Tensor<1> {
    let others = without(detached(logits), labels.clone()).argmax(1);
    column(at(logits, others) - at(logits, labels))
}

fn dlr_at(logits: &Tensor<2>, labels: Tensor<2, Int>) -> Tensor<1> {
    let [first, _, third, _] = best_four(logits);
    let margin = margin_at(logits, labels);
    margin / (column(at(logits, first) - at(logits, third)) + DLR_EPSILON)
}

fn targeted_dlr_at(
    logits: &Tensor<2>,
    labels: Tensor<2, Int>,
    targets: Tensor<2, Int>,
) -> Tensor<1> {
    let [first, _, third, fourth] = best_four(logits);
    let middle = (at(logits, third) + at(logits, fourth)) / 2.0;
    let scale = column(at(logits, first) - middle) + DLR_EPSILON;
    column(at(logits, labels) - at(logits, targets)) / scale
}

/// One logit of each picture [n, 1].
fn at(logits: &Tensor<2>, indices: Tensor<2, Int>) -> Tensor<2> {
    logits.clone().gather(1, indices)
}

/// Where the four largest logits are, each [n, 1]; with three classes the last one is one of them
/// again. Found one after the other, because a sort leaves the GPU.
fn best_four(logits: &Tensor<2>) -> [Tensor<2, Int>; 4] {
    let mut rest = detached(logits);
    std::array::from_fn(|_| {
        let best = rest.clone().argmax(1);
        rest = without(rest.clone(), best.clone());
        best
    })
}

/// Logits without a graph, for questions that have no gradient.
fn detached(logits: &Tensor<2>) -> Tensor<2> {
    if logits.is_autodiff() { logits.clone().inner() } else { logits.clone() }
}

/// The logits with one of each picture taken out of the running. The lowest finite number does it,
/// since shaders may take infinities for granted not to occur.
fn without(logits: Tensor<2>, taken: Tensor<2, Int>) -> Tensor<2> {
    let [pictures, classes] = logits.dims();
    let columns = Tensor::<1, Int>::arange(0..classes as i64, &logits.device());
    let columns = columns.reshape([1, classes]).expand([pictures, classes]);
    let mask = columns.equal(taken.expand([pictures, classes]));
    logits.mask_fill(mask, f32::MIN)
}

fn column(values: Tensor<2>) -> Tensor<1> {
    let [pictures, _] = values.dims();
    values.reshape([pictures])
}
