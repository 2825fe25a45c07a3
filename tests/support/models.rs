//! Small models whose best attacks are known.

use burn::Tensor;
use burn::tensor::{Device, TensorData};
use resilient_ai::vision::{Classifier, PixelTensor};

/// `logits = x W + b` on the flattened pixels, or `tanh(x W) V + b` if there is a second layer.
pub struct SmallModel {
    weight: Tensor<2>,
    second: Option<Tensor<2>>,
    bias: Tensor<2>,
    classes: usize,
}

impl SmallModel {
    /// A linear model with `weight` [pixels, classes], row-major.
    pub fn linear(weight: Vec<f32>, bias: Vec<f32>, device: &Device) -> Self {
        let classes = bias.len();
        let pixels = weight.len() / classes;
        Self {
            weight: Tensor::from_data(TensorData::new(weight, [pixels, classes]), device),
            second: None,
            bias: Tensor::from_data(TensorData::new(bias, [1, classes]), device),
            classes,
        }
    }

    /// A smooth model with `weight` [pixels, hidden] and `second` [hidden, classes].
    pub fn smooth(weight: Vec<f32>, second: Vec<f32>, classes: usize, device: &Device) -> Self {
        let hidden = second.len() / classes;
        let pixels = weight.len() / hidden;
        Self {
            weight: Tensor::from_data(TensorData::new(weight, [pixels, hidden]), device),
            second: Some(Tensor::from_data(TensorData::new(second, [hidden, classes]), device)),
            bias: Tensor::zeros([1, classes], device),
            classes,
        }
    }
}

impl Classifier for SmallModel {
    fn logits(&self, pixels: &PixelTensor) -> Tensor<2> {
        let [n, channels, height, width] = pixels.dims();
        let x = pixels.inner().clone().reshape([n, channels * height * width]);
        let x = x.matmul(self.weight.clone());
        let x = match &self.second {
            Some(second) => x.tanh().matmul(second.clone()),
            None => x,
        };
        x + self.bias.clone()
    }

    fn input_size(&self) -> usize {
        2
    }

    fn num_classes(&self) -> usize {
        self.classes
    }

    fn name(&self) -> &str {
        "small"
    }
}
