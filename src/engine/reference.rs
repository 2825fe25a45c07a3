//! Two small inverted-bottleneck blocks in plain loops: what a device is checked against.
//!
//! Each block is a depthwise 3 x 3 convolution with bias, ReLU6, and a pointwise convolution with
//! bias, as in MobileNetV2 (Sandler et al. 2018, section 3). Nothing here knows of tensors, so a
//! mistake in a backend cannot hide in it.

/// The weights of one block, and its stride.
#[derive(Clone, Debug)]
pub struct Block {
    pub channels: usize,
    pub stride: usize,
    /// [channels, 3, 3]
    pub depthwise: Vec<f32>,
    /// [channels]
    pub depthwise_bias: Vec<f32>,
    /// [channels out, channels in]
    pub pointwise: Vec<f32>,
    /// [channels]
    pub pointwise_bias: Vec<f32>,
}

/// Two blocks with an input, and the direction that their output is differentiated along.
#[derive(Clone, Debug)]
pub struct Probe {
    pub channels: usize,
    pub side: usize,
    /// [channels, side, side]
    pub input: Vec<f32>,
    /// The first has stride 1, the second stride 2.
    pub blocks: [Block; 2],
    /// [channels, ceil(side / 2), ceil(side / 2)]
    pub direction: Vec<f32>,
}

/// What comes out.
#[derive(Clone, Debug, PartialEq)]
pub struct Computed {
    /// [channels, ceil(side / 2), ceil(side / 2)]
    pub output: Vec<f32>,
    /// The gradient of the sum of `output * direction` with respect to the input.
    pub gradient: Vec<f32>,
}

/// Evenly distributed numbers, the same everywhere (xorshift, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    /// So many numbers from -`scale` to `scale`.
    fn take(&mut self, count: usize, scale: f32) -> Vec<f32> {
        let mut next = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            ((self.0 >> 40) as f32 / (1_u64 << 23) as f32 - 1.0) * scale
        };
        (0..count).map(|_| next()).collect()
    }
}

impl Probe {
    /// A probe whose numbers depend only on its size. They are such that both bends of ReLU6 are
    /// used.
    pub fn new(channels: usize, side: usize) -> Self {
        let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
        let input = numbers.take(channels * side * side, 2.0);
        let mut block = |stride| Block {
            channels,
            stride,
            depthwise: numbers.take(channels * 9, 2.0),
            depthwise_bias: numbers.take(channels, 1.0),
            pointwise: numbers.take(channels * channels, (3.0 / channels as f32).sqrt()),
            pointwise_bias: numbers.take(channels, 1.0),
        };
        let blocks = [block(1), block(2)];
        let half = side.div_ceil(2);
        let direction = numbers.take(channels * half * half, 1.0);
        Self { channels, side, input, blocks, direction }
    }

    /// Output and gradient, in plain loops.
    pub fn compute(&self) -> Computed {
        let [first, second] = &self.blocks;
        let half = self.side.div_ceil(2);
        let bends_1 = first.depthwise(&self.input, self.side);
        let between = first.pointwise(&clamped(&bends_1), self.side);
        let bends_2 = second.depthwise(&between, self.side);
        let output = second.pointwise(&clamped(&bends_2), half);

        let gradient = second.pointwise_transposed(&self.direction, half);
        let gradient = second.depthwise_transposed(&masked(&gradient, &bends_2), self.side);
        let gradient = first.pointwise_transposed(&gradient, self.side);
        let gradient = first.depthwise_transposed(&masked(&gradient, &bends_1), self.side);
        Computed { output, gradient }
    }
}

fn clamped(values: &[f32]) -> Vec<f32> {
    values.iter().map(|value| value.clamp(0.0, 6.0)).collect()
}

fn masked(gradient: &[f32], before: &[f32]) -> Vec<f32> {
    let passes = |value: f32| value > 0.0 && value < 6.0;
    gradient.iter().zip(before).map(|(g, &b)| if passes(b) { *g } else { 0.0 }).collect()
}

impl Block {
    /// Calls `visit` with the index of an output, of an input, and of the weight between them.
    fn taps(&self, side: usize, mut visit: impl FnMut(usize, usize, usize)) {
        let out = side.div_ceil(self.stride);
        for c in 0..self.channels {
            for (y, x) in (0..out).flat_map(|y| (0..out).map(move |x| (y, x))) {
                for (i, j) in (0..3).flat_map(|i| (0..3).map(move |j| (i, j))) {
                    let (row, column) = (y * self.stride + i, x * self.stride + j);
                    // One row and column of zeros lie around the input.
                    if (1..=side).contains(&row) && (1..=side).contains(&column) {
                        let input = (c * side + row - 1) * side + column - 1;
                        visit((c * out + y) * out + x, input, (c * 3 + i) * 3 + j);
                    }
                }
            }
        }
    }

    fn depthwise(&self, input: &[f32], side: usize) -> Vec<f32> {
        let out = side.div_ceil(self.stride);
        let mut output: Vec<f32> =
            self.depthwise_bias.iter().flat_map(|&bias| vec![bias; out * out]).collect();
        self.taps(side, |o, i, w| output[o] += input[i] * self.depthwise[w]);
        output
    }

    fn depthwise_transposed(&self, gradient: &[f32], side: usize) -> Vec<f32> {
        let mut input = vec![0.0; self.channels * side * side];
        self.taps(side, |o, i, w| input[i] += gradient[o] * self.depthwise[w]);
        input
    }

    fn pointwise(&self, input: &[f32], side: usize) -> Vec<f32> {
        let area = side * side;
        let mut output = Vec::with_capacity(self.channels * area);
        for (row, bias) in self.pointwise.chunks(self.channels).zip(&self.pointwise_bias) {
            output.extend((0..area).map(|p| {
                bias + row
                    .iter()
                    .zip(input[p..].iter().step_by(area))
                    .map(|(w, x)| w * x)
                    .sum::<f32>()
            }));
        }
        output
    }

    fn pointwise_transposed(&self, gradient: &[f32], side: usize) -> Vec<f32> {
        let area = side * side;
        let mut input = vec![0.0; self.channels * area];
        for (row, from) in self.pointwise.chunks(self.channels).zip(gradient.chunks(area)) {
            for (weight, to) in row.iter().zip(input.chunks_mut(area)) {
                to.iter_mut().zip(from).for_each(|(t, f)| *t += weight * f);
            }
        }
        input
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gradient_is_that_of_finite_differences() {
        let probe = Probe::new(4, 6);
        let gradient = probe.compute().gradient;
        let value = |input: Vec<f32>| -> f64 {
            let moved = Probe { input, ..probe.clone() };
            let output = moved.compute().output;
            output.iter().zip(&probe.direction).map(|(o, d)| f64::from(*o) * f64::from(*d)).sum()
        };
        let step = 1e-3;
        for index in 0..probe.input.len() {
            let at = |by: f32| {
                let mut input = probe.input.clone();
                input[index] += by;
                value(input)
            };
            let slope = ((at(step) - at(-step)) / f64::from(2.0 * step)) as f32;
            let allowed = 0.02 * (1.0 + slope.abs());
            assert!((slope - gradient[index]).abs() < allowed, "{slope} {}", gradient[index]);
        }
    }

    #[test]
    fn both_bends_of_relu6_are_used_and_none_is_hit() {
        let probe = Probe::new(8, 8);
        let [first, second] = &probe.blocks;
        let before_1 = first.depthwise(&probe.input, 8);
        let between = first.pointwise(&clamped(&before_1), 8);
        let before_2 = second.depthwise(&between, 8);
        for before in [before_1, before_2] {
            assert!(before.iter().any(|value| *value < 0.0));
            assert!(before.iter().any(|value| *value > 6.0));
            let to_bend = |value: &f32| value.abs().min((value - 6.0).abs());
            assert!(before.iter().map(to_bend).all(|distance| distance > 1e-4));
        }
    }
}
