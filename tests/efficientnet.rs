//! EfficientNet against timm: see `tests/golden/README.md` for where the numbers come from.

mod support;

use std::io::Read;

use burn::Tensor;
use burn::tensor::{Device, TensorData};
use resilient_ai::attacks::{Goal, fgsm_gradient};
use resilient_ai::vision::{
    Classifier, Detected, EfficientNet, EfficientNetVariant, ModelSpec, Network, PixelTensor,
};
use resilient_ai::weights::{Architecture, Archive, Error, Names, Padding};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};
use support::formula::{self, EfficientNetSizes, efficientnet_shapes};
use support::golden::Golden;
use support::{best, largest_difference, reference_data, relative_l2, values};

const LOGITS: f32 = 1e-3;
/// Relative L2 of pixel gradients. Lite0's ReLU6 has kinks, but on these pictures no activation
/// lies within rounding of one: PyTorch's own f32 is 8e-7 from its f64, at 224 px too.
const GRADIENT: f64 = 1e-3;
const IMAGENET: ([f32; 3], [f32; 3]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
const HALF: ([f32; 3], [f32; 3]) = ([0.5; 3], [0.5; 3]);
/// Every so many rows and columns of the gradient at 224 px are kept.
const SPARSE: usize = 3;

fn spec(padding: Padding, (mean, std): ([f32; 3], [f32; 3])) -> ModelSpec {
    let (name, names) = ("test".to_owned(), Names::Timm);
    ModelSpec { name, names, padding, mean, std, num_classes: 10, input_size: 224 }
}

fn input(shape: [usize; 4]) -> PixelTensor {
    let data = TensorData::new(formula::tensor("input", &shape), shape);
    PixelTensor::clamp_from(Tensor::from_data(data, &Device::flex()))
}

/// A network with the formula's weights, found by its tensors.
fn by_formula(sizes: EfficientNetSizes, gain: f64, spec: &ModelSpec) -> (Architecture, Network) {
    let archive = formula::archive(&efficientnet_shapes(sizes, 10), gain);
    let Detected { architecture, names, num_classes } = Network::detect(&archive).unwrap();
    assert_eq!((names, num_classes), (Names::Timm, 10));
    (architecture, Network::load(architecture, &archive, spec, &Device::flex()).unwrap())
}

fn assert_logits(found: &[f32], expected: &[f32], what: &str) {
    let difference = largest_difference(found, expected);
    eprintln!("{what}: {difference:.1e}");
    assert!(difference <= LOGITS, "{what}: {difference}");
}

fn assert_gradient(found: &[f32], expected: &[f32], what: &str) {
    let difference = relative_l2(found, expected);
    eprintln!("{what}: relative L2 {difference:.1e}");
    assert!(difference <= GRADIENT, "{what}: {difference}");
}

/// Logits and gradient of two pictures, and logits of an oblong one.
fn check_formula(model: &Network, key: &str) {
    let golden = Golden::open("efficientnet_formula");
    let found = fgsm_gradient(model, &input([2, 3, 64, 64]), &Goal::Untargeted(vec![0, 1]));
    let found = found.unwrap();
    let (logits, gradient) = (format!("{key}.logits"), format!("{key}.gradient"));
    assert_logits(&values(found.logits), &golden.floats(&logits), &logits);
    assert_gradient(&values(found.gradient), &golden.floats(&gradient), &gradient);
    check_oblong(model, key);
}

fn check_oblong(model: &Network, key: &str) {
    let golden = Golden::open("efficientnet_formula");
    let name = format!("{key}.logits96x80");
    let logits = values(model.logits(&input([1, 3, 96, 80])));
    assert_logits(&logits, &golden.floats(&name), &name);
}

#[test]
fn b0_by_formula() {
    let spec = spec(Padding::Same, IMAGENET);
    let (architecture, model) = by_formula(formula::EFFICIENTNET_B0, 1.04, &spec);
    assert_eq!(architecture, Architecture::EfficientnetB0);
    check_formula(&model, "b0");
}

#[test]
fn lite0_by_formula() {
    let (architecture, model) =
        by_formula(formula::EFFICIENTNET_LITE0, 1.0, &spec(Padding::Same, HALF));
    assert_eq!(architecture, Architecture::EfficientnetLite0);
    check_formula(&model, "lite0");
}

#[test]
fn deeper_and_otherwise_padded_ones_by_formula() {
    let (architecture, b1) = by_formula(formula::EFFICIENTNET_B1, 1.01, &spec(Padding::Same, HALF));
    assert_eq!(architecture, Architecture::EfficientnetB1);
    check_oblong(&b1, "b1");
    let (_, symmetric) =
        by_formula(formula::EFFICIENTNET_B0, 1.08, &spec(Padding::Symmetric, HALF));
    check_oblong(&symmetric, "symmetric");
}

#[test]
fn the_wider_ones_have_timms_shapes() {
    for (sizes, expected) in [
        (formula::EFFICIENTNET_B2, Architecture::EfficientnetB2),
        (formula::EFFICIENTNET_B3, Architecture::EfficientnetB3),
        (formula::EFFICIENTNET_B4, Architecture::EfficientnetB4),
    ] {
        let (architecture, model) = by_formula(sizes, 0.5, &spec(Padding::Same, HALF));
        assert_eq!(architecture, expected);
        let logits = values(model.logits(&input([1, 3, 32, 32])));
        assert!(logits.len() == 10 && logits.iter().all(|logit| logit.is_finite()));
    }
}

/// The reference backbone with the formula's classifier.
fn reference_backbone() -> Option<Archive> {
    let packed = reference_data("weights/efficientnet_lite0_flowers5.safetensors.gz")?;
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let head: Vec<(&str, Vec<usize>, Vec<u8>)> =
        [("classifier.weight", vec![10, 1280]), ("classifier.bias", vec![10])]
            .into_iter()
            .map(|(name, shape)| {
                let values = formula::tensor(name, &shape);
                (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect())
            })
            .collect();
    let head = head.iter().map(|(name, shape, bytes)| {
        ((*name).to_owned(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap())
    });
    let backbone = file.tensors().into_iter().filter(|(name, _)| !name.starts_with("classifier"));
    Some(Archive::parse(serialize(backbone.chain(head), None).unwrap()).unwrap())
}

#[test]
fn the_reference_backbone_on_a_photograph() {
    let Some(archive) = reference_backbone() else { return };
    let architecture = Network::detect(&archive).unwrap().architecture;
    assert_eq!(architecture, Architecture::EfficientnetLite0);
    let spec = spec(Padding::Same, HALF);
    let model = Network::load(architecture, &archive, &spec, &Device::flex()).unwrap();
    let golden = Golden::open("efficientnet_lite0_reference");
    let pictures = Golden::open("mobilenet_v2_flowers");
    for (suffix, side, keep) in [("64", 64, 1), ("", 224, SPARSE)] {
        let pixels = pictures.pixels(&format!("input{suffix}.u8"), &Device::flex());
        let label = golden.labels(&format!("label{suffix}"));
        let found = fgsm_gradient(&model, &pixels, &Goal::Untargeted(label)).unwrap();
        let (logits, name) = (values(found.logits), format!("logits{suffix}"));
        assert_logits(&logits, &golden.floats(&name), &name);
        assert_eq!(best(&logits, 1), golden.labels(&format!("label{suffix}")));
        let kept: Vec<f32> = values(found.gradient)
            .into_iter()
            .enumerate()
            .filter(|(i, _)| i % side % keep == 0 && i / side % side % keep == 0)
            .map(|(_, value)| value)
            .collect();
        let name = format!("gradient{suffix}");
        assert_gradient(&kept, &golden.floats(&name), &name);
    }
}

#[test]
fn int8_weights_are_those_that_are_attacked() {
    // Each weight is a whole number of steps, so that packing loses nothing.
    let shapes = efficientnet_shapes(formula::EFFICIENTNET_LITE0, 10);
    let mut plain: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    let mut packed = Vec::new();
    for (name, shape) in shapes {
        let values = formula::tensor(&name, &shape);
        let bytes = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect();
        if shape.len() == 1 {
            plain.push((name.clone(), Dtype::F32, shape.clone(), bytes(&values)));
            packed.push((name, Dtype::F32, shape, bytes(&values)));
            continue;
        }
        let scales = vec![1.0 / 128.0; shape[0]];
        let steps: Vec<i8> = values.iter().map(|v| (v * 64.0) as i8).collect();
        let values: Vec<f32> = steps.iter().map(|&step| f32::from(step) / 128.0).collect();
        plain.push((name.clone(), Dtype::F32, shape.clone(), bytes(&values)));
        let scale_name = format!("{name}.scale");
        packed.push((scale_name, Dtype::F32, vec![shape[0]], bytes(&scales)));
        let steps = steps.iter().map(|step| step.cast_unsigned()).collect();
        packed.push((name, Dtype::I8, shape, steps));
    }
    let logits = |tensors: &[(String, Dtype, Vec<usize>, Vec<u8>)]| {
        let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
            (name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).unwrap())
        });
        let archive = Archive::parse(serialize(views, None).unwrap()).unwrap();
        let (variant, spec) = (EfficientNetVariant::Lite0, spec(Padding::Same, HALF));
        let model = EfficientNet::load(variant, &archive, &spec, &Device::flex()).unwrap();
        values(model.logits(&input([1, 3, 32, 32])))
    };
    assert_eq!(logits(&packed), logits(&plain));
}

#[test]
fn wrong_files_are_refused_with_the_tensor_named() {
    let device = Device::flex();
    let load = |shapes: &[(String, Vec<usize>)]| {
        let (variant, spec) = (EfficientNetVariant::B0, spec(Padding::Same, HALF));
        EfficientNet::load(variant, &formula::archive(shapes, 1.0), &spec, &device).err()
    };
    let whole = efficientnet_shapes(formula::EFFICIENTNET_B0, 10);
    for missing in [
        "conv_stem.weight",
        "blocks.0.0.bn2.bias",
        "blocks.4.1.se.conv_reduce.bias",
        "blocks.5.3.se.conv_expand.weight",
        "blocks.6.0.bn3.running_var",
    ] {
        let shapes: Vec<_> = whole.iter().filter(|(name, _)| name != missing).cloned().collect();
        assert_eq!(load(&shapes), Some(Error::MissingTensor { tensor: missing.to_owned() }));
    }
    let mut misshapen = whole.clone();
    let name = "blocks.2.0.conv_dw.weight";
    misshapen.iter_mut().find(|(found, _)| found == name).unwrap().1[3] = 3;
    let (tensor, expected, found) = (name.to_owned(), vec![144, 1, 5, 5], vec![144, 1, 5, 3]);
    assert_eq!(load(&misshapen), Some(Error::Shape { tensor, expected, found }));
    let wide = efficientnet_shapes(formula::EFFICIENTNET_B3, 10);
    assert!(matches!(load(&wide), Some(Error::Shape { .. })));
}

#[test]
fn sizes_that_are_not_read_are_not_taken_for_others() {
    // Lite1: as wide as Lite0 and as deep as B1, but for its first and last stage.
    let lite1 = EfficientNetSizes {
        stages: [(1, 16), (3, 24), (3, 40), (4, 80), (4, 112), (5, 192), (1, 320)],
        ..formula::EFFICIENTNET_LITE0
    };
    let archive = formula::archive(&efficientnet_shapes(lite1, 10), 1.0);
    assert_eq!(Network::detect(&archive), None);
}
