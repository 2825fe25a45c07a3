use burn::Tensor;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, TensorData};

use super::Error;

/// Cross-entropy of each picture [n]: minus the log-softmax of `logits` [n, classes] at its label.
///
/// Taken on logits because a softmax that has saturated has no gradient left.
///
/// # Errors
/// [`Error::LabelCount`], [`Error::Label`].
pub fn cross_entropy(logits: &Tensor<2>, labels: &[usize]) -> Result<Tensor<1>, Error> {
    let [pictures, classes] = logits.dims();
    super::Goal::Targeted(labels.to_vec()).check(pictures, classes)?;
    let indices: Vec<i32> = labels.iter().map(|&label| label as i32).collect();
    let device = logits.device().inner();
    let indices = Tensor::<2, Int>::from_data(TensorData::new(indices, [pictures, 1]), &device);
    let chosen = log_softmax(logits.clone(), 1).gather(1, indices);
    Ok(chosen.neg().reshape([pictures]))
}
