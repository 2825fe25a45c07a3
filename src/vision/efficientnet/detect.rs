use super::EfficientNetVariant;
use super::scaling::Sizes;
use crate::weights::Archive;

const VARIANTS: [EfficientNetVariant; 6] = [
    EfficientNetVariant::B0,
    EfficientNetVariant::B1,
    EfficientNetVariant::B2,
    EfficientNetVariant::B3,
    EfficientNetVariant::B4,
    EfficientNetVariant::Lite0,
];
/// The stage whose depth differs from each variant to the next that is as wide.
const DEEP_STAGE: usize = 5;

/// Which EfficientNet a file holds by timm's names, if any, and how many classes it has.
///
/// Only what tells the variants apart is looked at; whether the rest is there is for
/// [`EfficientNet::load`](super::EfficientNet::load) to find out.
pub fn detect(archive: &Archive) -> Option<(EfficientNetVariant, usize)> {
    let [stem, 3, 3, 3] = *archive.shape("conv_stem.weight")? else { return None };
    let [classes, head] = *archive.shape("classifier.weight")? else { return None };
    // MobileNetV2 by timm's names has a 3 x 3 kernel here.
    let [_, 1, 5, 5] = *archive.shape("blocks.2.0.conv_dw.weight")? else { return None };
    let has_squeeze_excite = archive.contains("blocks.0.0.se.conv_reduce.weight");
    let repeats = (0..)
        .take_while(|repeat| {
            archive.contains(&format!("blocks.{DEEP_STAGE}.{repeat}.conv_dw.weight"))
        })
        .count();
    let fits = |variant: &EfficientNetVariant| {
        let sizes = Sizes::of(*variant);
        (sizes.stem, sizes.head, sizes.stages[DEEP_STAGE].repeats) == (stem, head, repeats)
            && variant.is_lite() != has_squeeze_excite
    };
    VARIANTS.into_iter().find(fits).map(|variant| (variant, classes))
}
