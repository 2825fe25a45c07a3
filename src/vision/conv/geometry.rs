use crate::weights::Padding;

/// What follows a convolution's bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// `min(max(x, 0), 6)`.
    Relu6,
}

/// What a convolution's weights do not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// In both directions, at least 1.
    pub stride: usize,
    pub padding: Padding,
    /// 1 for a dense convolution, the number of channels for a depthwise one. With more than one
    /// group there are as many groups as input channels and as output channels.
    pub groups: usize,
    pub activation: Activation,
}

impl Geometry {
    /// How the kernel runs along one side of the input.
    pub(super) fn axis(self, input: usize, kernel: usize) -> Axis {
        let stride = self.stride;
        let (output, before) = match self.padding {
            Padding::Same => {
                let output = input.div_ceil(stride);
                let reach = (output.max(1) - 1) * stride + kernel;
                (output, reach.saturating_sub(input) / 2)
            }
            Padding::Symmetric => {
                let before = kernel / 2;
                ((input + 2 * before).saturating_sub(kernel) / stride + 1, before)
            }
        };
        Axis { input, output, kernel, stride, before }
    }
}

/// One direction of a convolution: output pixel `o` and tap `t` read input pixel
/// `o * stride + t - before`, which is zero outside the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    pub input: usize,
    pub output: usize,
    pub kernel: usize,
    pub stride: usize,
    pub before: usize,
}

impl Axis {
    /// Zeros needed after the input.
    pub fn after(self) -> usize {
        ((self.output - 1) * self.stride + self.kernel).saturating_sub(self.before + self.input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(padding: Padding, input: usize, kernel: usize, stride: usize) -> [usize; 3] {
        let activation = Activation::Identity;
        let axis = Geometry { stride, padding, groups: 1, activation }.axis(input, kernel);
        [axis.output, axis.before, axis.after()]
    }

    #[test]
    fn same_padding_is_tensorflows() {
        assert_eq!(axis(Padding::Same, 224, 3, 2), [112, 0, 1]);
        assert_eq!(axis(Padding::Same, 225, 3, 2), [113, 1, 1]);
        assert_eq!(axis(Padding::Same, 7, 3, 1), [7, 1, 1]);
        assert_eq!(axis(Padding::Same, 1, 3, 2), [1, 1, 1]);
        assert_eq!(axis(Padding::Same, 8, 1, 2), [4, 0, 0]);
    }

    #[test]
    fn symmetric_padding_is_pytorchs() {
        assert_eq!(axis(Padding::Symmetric, 224, 3, 2), [112, 1, 0]);
        assert_eq!(axis(Padding::Symmetric, 225, 3, 2), [113, 1, 1]);
        assert_eq!(axis(Padding::Symmetric, 7, 3, 1), [7, 1, 1]);
        assert_eq!(axis(Padding::Symmetric, 1, 3, 2), [1, 1, 1]);
    }
}
