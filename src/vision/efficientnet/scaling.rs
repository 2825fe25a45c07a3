//! Compound scaling: one table of stages, multiplied in width and depth.

use super::EfficientNetVariant;

/// A run of blocks with one kernel and one number of output channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    pub kernel: usize,
    /// The channels inside a block over those that enter it.
    pub expansion: usize,
    pub channels: usize,
    pub repeats: usize,
    /// Of the first repeat.
    pub stride: usize,
}

const fn stage(
    repeats: usize,
    kernel: usize,
    stride: usize,
    expansion: usize,
    channels: usize,
) -> Stage {
    Stage { kernel, expansion, channels, repeats, stride }
}

/// Table 1 of Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
/// Networks" (2019), without the first and the last row.
const BASE: [Stage; 7] = [
    stage(1, 3, 1, 1, 16),
    stage(2, 3, 2, 6, 24),
    stage(2, 5, 2, 6, 40),
    stage(3, 3, 2, 6, 80),
    stage(3, 5, 1, 6, 112),
    stage(4, 5, 2, 6, 192),
    stage(1, 3, 1, 6, 320),
];
const BASE_STEM: usize = 32;
const BASE_HEAD: usize = 1280;

/// The sizes of one network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Channels after the first convolution.
    pub stem: usize,
    pub stages: [Stage; 7],
    /// Channels that the classifier reads.
    pub head: usize,
}

impl Sizes {
    /// The table at a variant's width and depth.
    pub fn of(variant: EfficientNetVariant) -> Self {
        let (width, depth) = multipliers(variant);
        let stages = BASE.map(|stage| Stage {
            channels: round_channels(stage.channels, width),
            repeats: (stage.repeats as f64 * depth).ceil() as usize,
            ..stage
        });
        let (stem, head) = (round_channels(BASE_STEM, width), round_channels(BASE_HEAD, width));
        Self { stem, stages, head }
    }
}

/// Of width and of depth. The Lite networks keep stem, head, and the depth of the first and the
/// last stage, which for Lite0 says nothing, as its multipliers are 1.
fn multipliers(variant: EfficientNetVariant) -> (f64, f64) {
    match variant {
        EfficientNetVariant::B0 | EfficientNetVariant::Lite0 => (1.0, 1.0),
        EfficientNetVariant::B1 => (1.0, 1.1),
        EfficientNetVariant::B2 => (1.1, 1.2),
        EfficientNetVariant::B3 => (1.2, 1.4),
        EfficientNetVariant::B4 => (1.4, 1.8),
    }
}

/// The nearest multiple of 8, or the one above where that would lose more than a tenth.
fn round_channels(channels: usize, width: f64) -> usize {
    let wanted = channels as f64 * width;
    let nearest = ((wanted + 4.0) / 8.0).floor() as usize * 8;
    let nearest = nearest.max(8);
    if (nearest as f64) < 0.9 * wanted { nearest + 8 } else { nearest }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channels_and_repeats(variant: EfficientNetVariant) -> ([usize; 7], [usize; 7]) {
        let stages = Sizes::of(variant).stages;
        (stages.map(|stage| stage.channels), stages.map(|stage| stage.repeats))
    }

    /// As timm's `tf_efficientnet_b0` to `b4` are built.
    #[test]
    fn the_sizes_are_the_published_ones() {
        use EfficientNetVariant as V;
        let narrow = [16, 24, 40, 80, 112, 192, 320];
        for (variant, channels, repeats, ends) in [
            (V::Lite0, narrow, [1, 2, 2, 3, 3, 4, 1], (32, 1280)),
            (V::B0, narrow, [1, 2, 2, 3, 3, 4, 1], (32, 1280)),
            (V::B1, narrow, [2, 3, 3, 4, 4, 5, 2], (32, 1280)),
            (V::B2, [16, 24, 48, 88, 120, 208, 352], [2, 3, 3, 4, 4, 5, 2], (32, 1408)),
            (V::B3, [24, 32, 48, 96, 136, 232, 384], [2, 3, 3, 5, 5, 6, 2], (40, 1536)),
            (V::B4, [24, 32, 56, 112, 160, 272, 448], [2, 4, 4, 6, 6, 8, 2], (48, 1792)),
        ] {
            assert_eq!(channels_and_repeats(variant), (channels, repeats), "{variant:?}");
            let sizes = Sizes::of(variant);
            assert_eq!((sizes.stem, sizes.head), ends, "{variant:?}");
        }
    }
}
