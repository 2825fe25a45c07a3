//! The PGD family against Foolbox, torchattacks and PyTorch: see `tests/golden/README.md`.

mod support;

use burn::Tensor;
use burn::tensor::{Device, TensorData};
use resilient_ai::attacks::{
    Attack, AttackConfig, Goal, Loss, Norm, ThreatModel, Unobserved, cross_entropy, dlr, margin,
    targeted_dlr,
};
use resilient_ai::vision::{Classifier, MobileNetV2, ModelSpec, PixelTensor};
use resilient_ai::weights::{Archive, Names, Padding};
use support::golden::Golden;
use support::models::SmallModel;
use support::{block_on, formula, largest_difference, values};

const SEED: u64 = 7;
/// What a pixel may be off, and how many of 1000 pixels have to be within it.
const PIXEL: f32 = 1e-4;
const PER_MILLE: usize = 990;
/// What a loss may be off, relative to itself.
const LOSS: f32 = 0.01;

/// Runs an attack, and compares pictures, predictions and losses.
fn compare(
    model: &dyn Classifier,
    x: &PixelTensor,
    golden: &Golden,
    name: &str,
    config: AttackConfig,
    goal: &Goal,
    (norm, epsilon): (Norm, f32),
) {
    let threat = ThreatModel::new(norm, epsilon).unwrap();
    let attack = Attack::new(config).unwrap();
    let report = block_on(attack.run(model, x, goal, &threat, &mut Unobserved)).unwrap();
    let (found, expected) =
        (values(report.adversarial.inner().clone()), golden.floats(&format!("{name}.pixels")));
    assert_eq!(found.len(), expected.len());
    let close = found.iter().zip(&expected).filter(|(a, b)| (*a - *b).abs() <= PIXEL).count();
    let predictions: Vec<usize> = report.pictures.iter().map(|p| p.prediction).collect();
    assert_eq!(predictions, golden.labels(&format!("{name}.prediction")), "{name}");
    let losses = values(cross_entropy(&model.logits(&report.adversarial), goal.labels()).unwrap());
    let expected_losses = golden.floats(&format!("{name}.loss"));
    let worst =
        losses.iter().zip(&expected_losses).map(|(a, b)| (a - b).abs() / b).fold(0.0, f32::max);
    eprintln!(
        "{name}: {close} of {} pixels, at most {:.1e} off; loss {worst:.1e} off",
        found.len(),
        largest_difference(&found, &expected)
    );
    assert!(close * 1000 >= found.len() * PER_MILLE, "{name}: {close} of {}", found.len());
    assert!(worst <= LOSS, "{name}: {worst}");
}

#[test]
fn on_a_smooth_network() {
    let device = Device::flex();
    let golden = Golden::open("attacks_small");
    let first = formula::tensor("small.first.weight", &[192, 32]);
    let second = formula::tensor("small.second.weight", &[32, 10]);
    let model = SmallModel::smooth(first, second.iter().map(|w| 3.0 * w).collect(), 10, &device);
    let shape = [4, 3, 8, 8];
    let x = TensorData::new(formula::tensor("input", &shape), shape);
    let x = PixelTensor::clamp_from(Tensor::from_data(x, &device));
    let away = Goal::Untargeted(golden.labels("labels"));
    let towards = Goal::Targeted(golden.labels("targets"));
    let (linf, l2) = ((Norm::Linf, 0.05), (Norm::L2, 0.8));

    let bim = AttackConfig::bim(0.01, 10);
    let pgd = AttackConfig::pgd(0.01, 10, SEED);
    let long = AttackConfig::bim(0.2, 10);
    let adam = AttackConfig::adam_on_delta(0.005, 40);
    let momentum = |decay| AttackConfig::mi_fgsm(0.01, 10, decay);
    for (name, config, goal, ball) in [
        ("foolbox.bim", bim, &away, linf),
        ("foolbox.pgd.targeted", pgd, &towards, linf),
        ("foolbox.pgd.margin", AttackConfig { loss: Loss::Margin, ..pgd }, &away, linf),
        ("foolbox.l2", long, &away, l2),
        ("foolbox.l2.targeted", AttackConfig::pgd(0.2, 10, SEED), &towards, l2),
        ("torchattacks.bim", bim, &away, linf),
        ("torchattacks.pgd.targeted", bim, &towards, linf),
        ("torchattacks.l2", long, &away, l2),
        ("torchattacks.mi_fgsm", momentum(0.9), &away, linf),
        ("torchattacks.mi_fgsm.targeted", momentum(1.0), &towards, linf),
        ("adam.linf", adam, &towards, linf),
        ("adam.l2", adam, &towards, l2),
    ] {
        compare(&model, &x, &golden, name, config, goal, ball);
    }
}

#[test]
fn on_the_shipped_network() {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/models/mobilenet_v2_flowers/model.safetensors");
    let archive = Archive::parse(std::fs::read(path).unwrap()).unwrap();
    let spec = ModelSpec {
        name: "flowers".to_owned(),
        names: Names::Torchvision,
        padding: Padding::Same,
        mean: [0.5; 3],
        std: [0.5; 3],
        num_classes: 5,
        input_size: 224,
    };
    let device = Device::flex();
    let model = MobileNetV2::load(&archive, &spec, &device).unwrap();
    let golden = Golden::open("attacks_flowers");
    let x = Golden::open("mobilenet_v2_flowers").pixels("input64.u8", &device);
    let pgd = AttackConfig::pgd(0.125 / 255.0, 5, SEED);
    let (towards, linf) = (Goal::Targeted(vec![4]), (Norm::Linf, 0.5 / 255.0));
    compare(&model, &x, &golden, "foolbox.pgd.targeted", pgd, &towards, linf);
    let long = AttackConfig::bim(0.0625, 5);
    let (away, l2) = (Goal::Untargeted(vec![1]), (Norm::L2, 0.25));
    compare(&model, &x, &golden, "torchattacks.l2", long, &away, l2);
}

#[test]
fn losses_are_the_authors() {
    let golden = Golden::open("attacks_small");
    let logits = formula::tensor("input", &[6, 10]).iter().map(|u| (u - 0.5) * 20.0).collect();
    let logits =
        Tensor::<2>::from_data(TensorData::new::<f32, _>(logits, [6, 10]), &Device::flex());
    let (labels, targets) = ([0, 1, 2, 3, 4, 5], [9, 8, 7, 6, 5, 4]);
    for (name, found) in [
        ("loss.margin", margin(&logits, &labels)),
        ("loss.dlr", dlr(&logits, &labels)),
        ("loss.targeted_dlr", targeted_dlr(&logits, &labels, &targets)),
    ] {
        let difference = largest_difference(&values(found.unwrap()), &golden.floats(name));
        assert!(difference < 1e-5, "{name}: {difference}");
    }
}
