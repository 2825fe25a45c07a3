//! An attack holds as much after a thousand steps as after ten.

mod support;

use burn::Tensor;
use burn::tensor::Device;
use resilient_ai::attacks::{Attack, AttackConfig, Goal, Norm, Running, ThreatModel, UpdateRule};
use resilient_ai::vision::{Classifier, ModelSpec, Network, PixelTensor};
use resilient_ai::weights::{Architecture, Names, Padding};
use support::counting::{Counting, bytes_held};
use support::models::SmallModel;
use support::{block_on, formula};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes held when the attack stands before that step.
fn held_before(running: &mut Running<&dyn Classifier>, step: usize) -> usize {
    while running.position().step < step {
        let read = running.position().step.is_multiple_of(7);
        drop(block_on(running.step(read)).unwrap());
    }
    bytes_held()
}

/// Fails if more than half a picture is held before step `late` than before step `early`: a graph
/// that stayed would hold at least one for each step.
fn check(
    model: &dyn Classifier,
    side: usize,
    rule: UpdateRule,
    norm: Norm,
    [early, late]: [usize; 2],
) {
    let pixels = PixelTensor::clamp_from(Tensor::full([1, 3, side, side], 0.5, &Device::flex()));
    let config = AttackConfig { rule, ..AttackConfig::pgd(1e-3, late, 1) };
    let threat = ThreatModel::new(norm, 0.1).unwrap();
    let attack = Attack::new(config).unwrap();
    let goal = Goal::Untargeted(vec![0]);
    let mut running = attack.start(model, &pixels, &goal, &threat).unwrap();
    let held = [early, late].map(|step| held_before(&mut running, step));
    eprintln!("{} {rule:?} {norm}: {held:?} bytes before steps {early} and {late}", model.name());
    let picture = 3 * side * side * size_of::<f32>();
    assert!(held[1].saturating_sub(held[0]) < picture / 2, "{rule:?} {norm}: {held:?}");
}

/// One test, because others beside it would be counted too.
#[test]
fn a_thousand_steps_hold_no_more_than_ten() {
    let device = Device::flex();
    let side = 16;
    let first = formula::tensor("small.first.weight", &[3 * side * side, 8]);
    let second = formula::tensor("small.second.weight", &[8, 4]);
    let small = SmallModel::smooth(first, second, 4, &device);
    for rule in [UpdateRule::Gradient, UpdateRule::Momentum { decay: 1.0 }, UpdateRule::Adam] {
        for norm in [Norm::Linf, Norm::L2] {
            check(&small, side, rule, norm, [10, 1000]);
        }
    }

    let shapes = formula::efficientnet_shapes(formula::EFFICIENTNET_B0, 10);
    let spec = ModelSpec {
        name: "b0".to_owned(),
        names: Names::Timm,
        padding: Padding::Same,
        mean: [0.5; 3],
        std: [0.5; 3],
        num_classes: 10,
        input_size: 224,
    };
    let archive = formula::archive(&shapes, 1.0);
    let b0 = Network::load(Architecture::EfficientnetB0, &archive, &spec, &device).unwrap();
    drop(archive);
    check(&b0, 32, UpdateRule::Gradient, Norm::Linf, [10, 40]);
}
