/// Where an output is clipped.
#[derive(Clone, Copy)]
pub struct Bounds {
    low: f32,
    high: f32,
}

impl Bounds {
    pub const NONE: Self = Self { low: f32::NEG_INFINITY, high: f32::INFINITY };
    pub const RELU6: Self = Self { low: 0.0, high: 6.0 };

    /// The nearest value inside.
    #[inline(always)]
    pub fn clip(self, value: f32) -> f32 {
        // Comparisons, unlike f32::min and f32::max, are one vector instruction each in wasm.
        let value = if value < self.low { self.low } else { value };
        if self.high < value { self.high } else { value }
    }
}

/// Whether a gradient passes back through an activation.
#[derive(Clone, Copy)]
pub enum Gate {
    /// Always.
    Open,
    /// Where the output of ReLU6 is strictly between 0 and 6.
    Relu6,
}

impl Gate {
    /// Copies the gradient that passes; `passed`, `gradient` and `output` are of one length.
    #[inline(always)]
    pub fn pass(self, gradient: &[f32], output: &[f32], passed: &mut [f32]) {
        match self {
            Self::Open => passed.copy_from_slice(gradient),
            Self::Relu6 => {
                for ((passed, &g), &y) in passed.iter_mut().zip(gradient).zip(output) {
                    *passed = if (y > 0.0) & (y < 6.0) { g } else { 0.0 };
                }
            }
        }
    }
}
