//! The PGD family by closed form and by its defining properties, on models small enough to know
//! better.

mod support;

use std::ops::ControlFlow;

use burn::Tensor;
use burn::tensor::{Device, TensorData};
use proptest::collection::vec;
use proptest::prelude::*;
use resilient_ai::attacks::{
    Attack, AttackConfig, AttackObserver, AttackReport, Change, Ending, Error, Goal, Loss, Norm,
    Position, StepReport, ThreatModel, Unobserved, UpdateRule, Warning, cross_entropy, dlr, fgsm,
    margin, targeted_dlr,
};
use resilient_ai::vision::{Classifier, PixelTensor};
use support::models::SmallModel;
use support::{block_on, values};

/// Values of one 2 x 2 picture.
const SIZE: usize = 12;

fn pixels(values: &[f32]) -> PixelTensor {
    let shape = [values.len() / SIZE, 3, 2, 2];
    PixelTensor::clamp_from(Tensor::from_data(
        TensorData::new(values.to_vec(), shape),
        &Device::flex(),
    ))
}

fn threat(norm: Norm, epsilon: f32) -> ThreatModel {
    ThreatModel::new(norm, epsilon).unwrap()
}

fn run(
    model: &dyn Classifier,
    config: AttackConfig,
    x: &[f32],
    goal: &Goal,
    threat: ThreatModel,
) -> AttackReport {
    let attack = Attack::new(config).unwrap();
    block_on(attack.run(model, &pixels(x), goal, &threat, &mut Unobserved)).unwrap()
}

fn adversarial(report: &AttackReport) -> Vec<f32> {
    values(report.adversarial.inner().clone())
}

/// Every rule, from the clean picture, with a step size that reaches the ball's edge.
fn every_rule(epsilon: f32) -> [AttackConfig; 3] {
    let step = (epsilon / 4.0).max(1e-3);
    [
        AttackConfig::bim(step, 20),
        AttackConfig::mi_fgsm(step, 20, 1.0),
        AttackConfig::adam_on_delta(step, 40),
    ]
}

/// Two classes whose margin is `z_1 - z_0 = sum of difference * x`.
fn two_classes(difference: &[f32]) -> SmallModel {
    let weight: Vec<f32> = difference.iter().flat_map(|d| [-d / 2.0, d / 2.0]).collect();
    SmallModel::linear(weight, vec![0.0; 2], &Device::flex())
}

const DIFFERENCE: [f32; SIZE] = [1.0, -2.0, 0.5, 3.0, -0.25, 0.0, 1.5, -1.0, 2.0, -0.5, 0.75, -3.0];

fn length(values: impl IntoIterator<Item = f32>) -> f32 {
    values.into_iter().map(|v| v * v).sum::<f32>().sqrt()
}

#[test]
fn in_linf_a_linear_model_is_moved_by_epsilon_along_the_signs() {
    let model = two_classes(&DIFFERENCE);
    // Some values stand close to the box, which is then in the way.
    let x: Vec<f32> = (0..SIZE).map(|i| [0.5, 0.97, 0.04][i % 3]).collect();
    for config in every_rule(0.1) {
        for loss in [Loss::CrossEntropy, Loss::Margin] {
            for (goal, direction) in
                [(Goal::Untargeted(vec![0]), 1.0), (Goal::Targeted(vec![0]), -1.0)]
            {
                let config = AttackConfig { loss, ..config };
                let report = run(&model, config, &x, &goal, threat(Norm::Linf, 0.1));
                for ((found, &x), d) in adversarial(&report).into_iter().zip(&x).zip(DIFFERENCE) {
                    let sign = if d == 0.0 { 0.0 } else { d.signum() };
                    let best = (x + direction * 0.1 * sign).clamp(0.0, 1.0);
                    assert!((found - best).abs() < 1e-6, "{config:?} {goal:?}: {found} {best}");
                }
            }
        }
    }
}

#[test]
fn in_l2_a_linear_model_is_moved_by_epsilon_along_the_gradient() {
    let model = two_classes(&DIFFERENCE);
    let scale = length(DIFFERENCE);
    let clean: f32 = DIFFERENCE.iter().map(|d| 0.5 * d).sum();
    for epsilon in [0.05, 0.4] {
        for config in
            [AttackConfig::bim(epsilon / 4.0, 10), AttackConfig::mi_fgsm(epsilon / 4.0, 10, 0.5)]
        {
            let goal = Goal::Untargeted(vec![0]);
            let report = run(&model, config, &[0.5; SIZE], &goal, threat(Norm::L2, epsilon));
            for (found, d) in adversarial(&report).iter().zip(DIFFERENCE) {
                let best = 0.5 + epsilon * d / scale;
                assert!((found - best).abs() < 1e-6, "{config:?} {epsilon}: {found} {best}");
            }
            let expected = (clean + epsilon * scale).exp().ln_1p();
            let found = report.pictures[0].loss;
            assert!((found - expected).abs() < 1e-5, "{config:?}: {found} {expected}");
        }
    }
}

#[test]
fn inside_the_ball_steps_are_as_long_as_asked() {
    let model = two_classes(&DIFFERENCE);
    let (config, goal) = (AttackConfig::bim(0.01, 3), Goal::Untargeted(vec![0]));
    for norm in [Norm::Linf, Norm::L2] {
        let report = run(&model, config, &[0.5; SIZE], &goal, threat(norm, 0.2));
        let change = block_on(Change::measure(&pixels(&[0.5; SIZE]), &report.adversarial)).unwrap();
        let size = if norm == Norm::Linf { change[0].linf } else { change[0].l2 };
        assert!((size - 0.03).abs() < 1e-6, "{norm}: {size}");
    }
}

#[test]
fn in_l2_adam_goes_along_the_signs() {
    // Gradients that keep their direction make each of Adam's steps as long as the others', so in
    // the end the perturbation points along the signs, at the edge of the ball.
    let model = two_classes(&DIFFERENCE);
    let (config, goal) = (AttackConfig::adam_on_delta(1e-3, 500), Goal::Untargeted(vec![0]));
    let report = run(&model, config, &[0.5; SIZE], &goal, threat(Norm::L2, 0.2));
    let moving = DIFFERENCE.iter().filter(|d| **d != 0.0).count() as f32;
    for (found, d) in adversarial(&report).iter().zip(DIFFERENCE) {
        let sign = if d == 0.0 { 0.0 } else { d.signum() };
        let expected = 0.5 + 0.2 * sign / moving.sqrt();
        assert!((found - expected).abs() < 1e-3, "{found} {expected}");
    }
}

#[test]
fn one_step_of_epsilon_is_fgsm() {
    let model = two_classes(&DIFFERENCE);
    let x: Vec<f32> = (0..SIZE).map(|i| i as f32 / 11.0).collect();
    let (goal, threat) = (Goal::Untargeted(vec![1]), threat(Norm::Linf, 0.07));
    let one = run(&model, AttackConfig::bim(0.07, 1), &x, &goal, threat);
    let fgsm = fgsm(&model, &pixels(&x), &goal, &threat).unwrap();
    assert_eq!(adversarial(&one), values(fgsm.adversarial.inner().clone()));
}

#[test]
fn tiny_gradients_still_point_somewhere() {
    // Squares of these vanish in f32.
    let difference = DIFFERENCE.map(|d| d * 1e-25);
    let model = two_classes(&difference);
    let goal = Goal::Untargeted(vec![0]);
    for config in [AttackConfig::bim(0.1, 5), AttackConfig::mi_fgsm(0.1, 5, 1.0)] {
        let report = run(&model, config, &[0.5; SIZE], &goal, threat(Norm::L2, 0.3));
        for (found, d) in adversarial(&report).iter().zip(DIFFERENCE) {
            let best = 0.5 + 0.3 * d / length(DIFFERENCE);
            assert!((found - best).abs() < 1e-5, "{found} {best}");
        }
        assert_eq!(report.pictures[0].zero_gradients, 0);
    }
}

#[test]
fn where_the_gradient_is_zero_nothing_moves_and_it_is_counted() {
    let model = two_classes(&[0.0; SIZE]);
    for norm in [Norm::Linf, Norm::L2] {
        for config in every_rule(0.1) {
            let goal = Goal::Untargeted(vec![0]);
            let report = run(&model, config, &[0.3; SIZE], &goal, threat(norm, 0.1));
            assert_eq!(adversarial(&report), [0.3; SIZE], "{config:?}");
            assert_eq!(report.pictures[0].zero_gradients, config.steps);
            assert!(report.error().is_none());
        }
    }
}

/// Remembers what it is told, wants some of it, and may have had enough.
struct Notes {
    wants_every: usize,
    stop_at: Option<Position>,
    reports: Vec<StepReport>,
}

impl Notes {
    fn every(wants_every: usize) -> Self {
        Self { wants_every, stop_at: None, reports: Vec::new() }
    }
}

impl AttackObserver for Notes {
    fn wants(&self, position: Position) -> bool {
        position.step.is_multiple_of(self.wants_every)
    }

    async fn step(&mut self, report: StepReport) -> ControlFlow<()> {
        let stop = self.stop_at == Some(report.position);
        self.reports.push(report);
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn observed(config: AttackConfig, notes: &mut Notes) -> AttackReport {
    let model = two_classes(&DIFFERENCE);
    let attack = Attack::new(config).unwrap();
    let (goal, threat) = (Goal::Targeted(vec![0, 1]), threat(Norm::Linf, 0.2));
    let x = pixels(&[0.4; 2 * SIZE]);
    block_on(attack.run(&model, &x, &goal, &threat, notes)).unwrap()
}

#[test]
fn each_step_is_reported_and_only_the_wanted_ones_are_read() {
    let config = AttackConfig { restarts: 2, ..AttackConfig::pgd(0.05, 4, 3) };
    let mut notes = Notes::every(2);
    let report = observed(config, &mut notes);
    let positions: Vec<Position> = notes.reports.iter().map(|report| report.position).collect();
    let expected = (0..2).flat_map(|restart| (0..=4).map(move |step| Position { restart, step }));
    assert_eq!(positions, expected.collect::<Vec<_>>());
    let model = two_classes(&DIFFERENCE);
    for step in &notes.reports {
        assert_eq!(step.values.is_some(), step.position.step % 2 == 0);
        let Some(found) = &step.values else { continue };
        let logits = model.logits(&step.pixels);
        let loss = values(cross_entropy(&logits, &[0, 1]).unwrap());
        let logits = values(logits);
        for (i, found) in found.iter().enumerate() {
            assert!((found.loss - loss[i]).abs() < 1e-6);
            assert_eq!(found.prediction, usize::from(logits[2 * i + 1] > logits[2 * i]));
            assert_eq!(found.reached, found.prediction == i);
        }
    }
    assert_eq!(report.ending, Ending::Finished);
    assert_eq!(report.position, Position { restart: 1, step: 4 });
    assert_eq!(report.pictures.len(), 2);
    assert!(report.pictures.iter().all(|picture| picture.steps == 4 && picture.finite));
}

#[test]
fn reading_changes_nothing() {
    let config = AttackConfig { restarts: 2, ..AttackConfig::pgd(0.05, 4, 3) };
    let read = observed(config, &mut Notes::every(1));
    let unread = observed(config, &mut Notes::every(1000));
    assert_eq!(adversarial(&read), adversarial(&unread));
    assert_eq!(read.pictures, unread.pictures);
}

#[test]
fn cancelling_in_the_middle_of_a_restart_keeps_what_there_is() {
    let config = AttackConfig { restarts: 3, ..AttackConfig::pgd(0.05, 4, 3) };
    for stop_at in [
        Position { restart: 0, step: 0 },
        Position { restart: 0, step: 2 },
        Position { restart: 0, step: 4 },
        Position { restart: 1, step: 1 },
    ] {
        let mut notes = Notes { stop_at: Some(stop_at), ..Notes::every(1) };
        let report = observed(config, &mut notes);
        assert_eq!(report.ending, Ending::Cancelled);
        assert_eq!(notes.reports.last().unwrap().position, stop_at);
        let model = two_classes(&DIFFERENCE);
        let loss = cross_entropy(&model.logits(&report.adversarial), &[0, 1]).unwrap();
        for (picture, loss) in report.pictures.iter().zip(values(loss)) {
            assert!((picture.loss - loss).abs() < 1e-6, "{stop_at:?}");
        }
    }
    let mut notes = Notes { stop_at: Some(Position { restart: 2, step: 4 }), ..Notes::every(1) };
    assert_eq!(observed(config, &mut notes).ending, Ending::Finished);
}

#[test]
fn early_stop_leaves_pictures_that_are_done() {
    // At x = 0.4 the margin is 0.4 * (sum of differences), so the label is 1, and 0 is the target.
    let model = two_classes(&DIFFERENCE);
    let x = [[0.4_f32; SIZE], [0.0; SIZE]].concat();
    // The second picture is all black, and both logits are 0 there: class 0, already at its goal.
    let goal = Goal::Targeted(vec![0, 0]);
    let config = AttackConfig { early_stop: true, ..AttackConfig::bim(0.01, 50) };
    let attack = Attack::new(config).unwrap();
    let mut notes = Notes::every(1);
    let linf = threat(Norm::Linf, 0.5);
    let report = block_on(attack.run(&model, &pixels(&x), &goal, &linf, &mut notes)).unwrap();
    assert_eq!(report.ending, Ending::Early);
    let [first, second] = report.pictures[..] else { panic!("two pictures") };
    assert!(first.reached && !first.reached_at_start && (1..50).contains(&first.steps));
    assert!(second.reached && second.reached_at_start && second.steps == 0);
    assert_eq!(adversarial(&report)[SIZE..], [0.0; SIZE]);
    assert_eq!(report.position.step, first.steps);

    // Without anyone looking, all steps are made, and the result is the same.
    let unseen = run(&model, config, &x, &goal, linf);
    assert_eq!(unseen.ending, Ending::Finished);
    assert_eq!(adversarial(&unseen), adversarial(&report));
    assert_eq!(unseen.pictures, report.pictures);
}

/// Linear, but with a logit that is no number where the first value is above a limit.
struct Breaking {
    model: SmallModel,
    limit: f32,
}

impl Classifier for Breaking {
    fn logits(&self, pixels: &PixelTensor) -> Tensor<2> {
        let [n, ..] = pixels.dims();
        let first = pixels.inner().clone().slice([0..n, 0..1, 0..1, 0..1]).reshape([n, 1]);
        // The root of a negative number.
        let poison = ((first - self.limit).neg()).sqrt() * 0.0;
        self.model.logits(pixels) + poison
    }

    fn input_size(&self) -> usize {
        2
    }

    fn num_classes(&self) -> usize {
        2
    }

    fn name(&self) -> &str {
        "breaking"
    }
}

#[test]
fn a_loss_that_is_no_number_keeps_the_last_good_picture() {
    let model = Breaking { model: two_classes(&DIFFERENCE), limit: 0.565 };
    let x = [[0.5_f32; SIZE], [0.1; SIZE]].concat();
    let goal = Goal::Untargeted(vec![0, 0]);
    for every in [1, 1000] {
        let attack = Attack::new(AttackConfig::bim(0.02, 10)).unwrap();
        let mut notes = Notes::every(every);
        let linf = threat(Norm::Linf, 0.15);
        let report = block_on(attack.run(&model, &pixels(&x), &goal, &linf, &mut notes)).unwrap();
        assert_eq!(report.error(), Some(Error::NotFinite { pictures: vec![0] }));
        // 0.5, 0.52, 0.54, 0.56 are good, and 0.58 is not.
        let found = adversarial(&report);
        assert!((found[0] - 0.56).abs() < 1e-6, "{}", found[0]);
        assert!(report.pictures[0].loss.is_finite());
        // The other picture goes on to the end.
        assert!((found[SIZE] - 0.25).abs() < 1e-6);
        assert_eq!(report.ending, Ending::Finished);
    }
    let attack = Attack::new(AttackConfig::bim(0.02, 10)).unwrap();
    let (alone, goal) = (pixels(&x[..SIZE]), Goal::Untargeted(vec![0]));
    let linf = threat(Norm::Linf, 0.15);
    let mut notes = Notes::every(1);
    let report = block_on(attack.run(&model, &alone, &goal, &linf, &mut notes)).unwrap();
    assert_eq!(report.ending, Ending::NotFinite);
    assert_eq!(report.position.step, 4);
    assert_eq!(notes.reports.len(), 5);
}

#[test]
fn a_broken_clean_picture_is_returned_as_it_was() {
    let model = Breaking { model: two_classes(&DIFFERENCE), limit: 0.4 };
    let goal = Goal::Untargeted(vec![0]);
    let linf = threat(Norm::Linf, 0.1);
    let report = run(&model, AttackConfig::bim(0.02, 3), &[0.5; SIZE], &goal, linf);
    assert_eq!(adversarial(&report), [0.5; SIZE]);
    assert_eq!(report.error(), Some(Error::NotFinite { pictures: vec![0] }));
}

#[test]
fn mistakes_are_errors_and_doubts_are_warnings() {
    let model = two_classes(&DIFFERENCE);
    let x = pixels(&[0.5; SIZE]);
    let start = |config, goal: Goal| {
        let attack = Attack::new(config).unwrap();
        attack.start(&model, &x, &goal, &threat(Norm::Linf, 0.1)).err()
    };
    let bim = AttackConfig::bim(0.01, 3);
    let goal = Goal::Untargeted(vec![0, 1]);
    assert_eq!(start(bim, goal), Some(Error::LabelCount { labels: 2, pictures: 1 }));
    let goal = Goal::Untargeted(vec![2]);
    assert_eq!(start(bim, goal), Some(Error::Label { label: 2, classes: 2 }));
    let dlr = AttackConfig { loss: Loss::Dlr, ..bim };
    let expected = Error::Classes { loss: Loss::Dlr, needed: 3, found: 2 };
    assert_eq!(start(dlr, Goal::Untargeted(vec![0])), Some(expected));
    let expected = Error::Classes { loss: Loss::Dlr, needed: 4, found: 2 };
    assert_eq!(start(dlr, Goal::Targeted(vec![0])), Some(expected));
    assert_eq!(Attack::new(AttackConfig { steps: 0, ..bim }), Err(Error::Steps));

    let large = AttackConfig::bim(0.3, 3);
    let goal = Goal::Untargeted(vec![0]);
    let report = run(&model, large, &[0.5; SIZE], &goal, threat(Norm::Linf, 0.1));
    let warning = Warning::StepAboveEpsilon { step_size: 0.3, epsilon: 0.1 };
    assert_eq!(report.warnings, [warning]);

    let attack = Attack::new(bim).unwrap();
    let mut running = attack.start(&model, &x, &goal, &threat(Norm::Linf, 0.1)).unwrap();
    while !running.is_done() {
        block_on(running.step(false)).unwrap();
    }
    assert_eq!(block_on(running.step(false)).err(), Some(Error::Done));
}

#[test]
fn several_attacks_move_on_in_turn() {
    let models = [two_classes(&DIFFERENCE), two_classes(&DIFFERENCE.map(|d| -d))];
    let attack = Attack::new(AttackConfig::pgd(0.03, 6, 1)).unwrap();
    let (x, goal) = (pixels(&[0.5; SIZE]), Goal::Untargeted(vec![0]));
    let linf = threat(Norm::Linf, 0.1);
    let mut running: Vec<_> =
        models.iter().map(|model| attack.start(model, &x, &goal, &linf).unwrap()).collect();
    while running.iter().any(|running| !running.is_done()) {
        for running in running.iter_mut().filter(|running| !running.is_done()) {
            block_on(running.step(true)).unwrap();
        }
    }
    for (model, running) in models.iter().zip(running) {
        let turns = block_on(running.finish()).unwrap();
        let alone = run(model, *attack.config(), &[0.5; SIZE], &goal, linf);
        assert_eq!(adversarial(&turns), adversarial(&alone));
    }
}

#[test]
fn loss_gradients_agree_with_finite_differences() {
    let logits = [1.0_f32, 3.5, -2.0, 0.5, 2.0, -1.0, 0.0, 4.0, 1.5, 3.0];
    let (labels, targets) = ([1, 4], [3, 0]);
    type Of = fn(&Tensor<2>, &[usize], &[usize]) -> Tensor<1>;
    let losses: [Of; 4] = [
        |logits, labels, _| cross_entropy(logits, labels).unwrap(),
        |logits, labels, _| margin(logits, labels).unwrap(),
        |logits, labels, _| dlr(logits, labels).unwrap(),
        |logits, labels, targets| targeted_dlr(logits, labels, targets).unwrap(),
    ];
    let tensor = |values: &[f32]| {
        Tensor::<2>::from_data(TensorData::new(values.to_vec(), [2, 5]), &Device::flex())
    };
    for (index, loss) in losses.into_iter().enumerate() {
        let tracked = tensor(&logits).autodiff().require_grad();
        let gradients = loss(&tracked, &labels, &targets).sum().backward();
        let gradient = values(tracked.grad(&gradients).unwrap());
        for i in 0..logits.len() {
            let at = |by: f32| {
                let mut moved = logits;
                moved[i] += by;
                values(loss(&tensor(&moved), &labels, &targets))[i / 5]
            };
            let slope = (at(0.01) - at(-0.01)) / 0.02;
            assert!((slope - gradient[i]).abs() < 2e-3, "{index} {i}: {slope} {}", gradient[i]);
        }
    }
}

fn rule() -> impl Strategy<Value = UpdateRule> {
    prop_oneof![
        Just(UpdateRule::Gradient),
        (0.0f32..1.5).prop_map(|decay| UpdateRule::Momentum { decay }),
        Just(UpdateRule::Adam),
    ]
}

fn config() -> impl Strategy<Value = AttackConfig> {
    let loss = prop_oneof![Just(Loss::CrossEntropy), Just(Loss::Margin), Just(Loss::Dlr)];
    (rule(), loss, 1usize..8, 1e-3f32..0.5, proptest::option::of(0u64..99), any::<bool>()).prop_map(
        |(rule, loss, steps, step_size, random_start, early_stop)| AttackConfig {
            rule,
            loss,
            steps,
            step_size,
            random_start,
            restarts: 1,
            early_stop,
        },
    )
}

#[derive(Clone, Debug)]
struct Problem {
    x: Vec<f32>,
    weight: Vec<f32>,
    labels: Vec<usize>,
    targeted: bool,
    threat: ThreatModel,
}

const CLASSES: usize = 4;

impl Problem {
    fn model(&self) -> SmallModel {
        let (first, second) = self.weight.split_at(SIZE * 3);
        SmallModel::smooth(first.to_vec(), second.to_vec(), CLASSES, &Device::flex())
    }

    fn goal(&self) -> Goal {
        let labels = self.labels.clone();
        if self.targeted { Goal::Targeted(labels) } else { Goal::Untargeted(labels) }
    }

    fn run(&self, config: AttackConfig) -> AttackReport {
        run(&self.model(), config, &self.x, &self.goal(), self.threat)
    }
}

/// One to three pictures, a smooth model with four classes, a goal and a threat model.
fn problem() -> impl Strategy<Value = Problem> {
    let threat = (any::<bool>(), 0.0f32..0.5).prop_map(|(l2, epsilon)| {
        if l2 { threat(Norm::L2, 2.0 * epsilon) } else { threat(Norm::Linf, epsilon) }
    });
    (1usize..4).prop_flat_map(move |n| {
        let x = vec(0.0f32..=1.0, n * SIZE);
        let weight = vec(-1.5f32..1.5, SIZE * 3 + 3 * CLASSES);
        (x, weight, vec(0..CLASSES, n), any::<bool>(), threat.clone()).prop_map(
            |(x, weight, labels, targeted, threat)| Problem { x, weight, labels, targeted, threat },
        )
    })
}

/// How far the loss is in the attack's direction.
fn progress(problem: &Problem, loss: f32) -> f32 {
    if problem.targeted { -loss } else { loss }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_step_leaves_the_ball_or_the_box(problem in problem(), config in config()) {
        let (model, goal) = (problem.model(), problem.goal());
        let attack = Attack::new(config).unwrap();
        let mut notes = Notes::every(1);
        let clean = pixels(&problem.x);
        let report =
            block_on(attack.run(&model, &clean, &goal, &problem.threat, &mut notes)).unwrap();
        let epsilon = problem.threat.epsilon();
        let mut seen: Vec<PixelTensor> = notes.reports.into_iter().map(|step| step.pixels).collect();
        seen.push(report.adversarial);
        for pixels in seen {
            prop_assert!(values(pixels.inner().clone()).iter().all(|v| (0.0..=1.0).contains(v)));
            for change in block_on(Change::measure(&clean, &pixels)).unwrap() {
                let size = match problem.threat.norm() {
                    Norm::Linf => change.linf,
                    Norm::L2 => change.l2,
                };
                prop_assert!(size <= epsilon + 1e-6, "{} {}", size, epsilon);
            }
        }
        prop_assert!(report.pictures.iter().all(|picture| picture.finite));
    }

    #[test]
    fn epsilon_zero_is_the_identity(problem in problem(), config in config()) {
        let threat = threat(problem.threat.norm(), 0.0);
        let report = Problem { threat, ..problem.clone() }.run(config);
        prop_assert_eq!(adversarial(&report), problem.x);
    }

    #[test]
    fn the_same_seed_gives_the_same_pictures(problem in problem(), config in config()) {
        let (once, again) = (problem.run(config), problem.run(config));
        prop_assert_eq!(adversarial(&once), adversarial(&again));
        prop_assert_eq!(&once.pictures, &again.pictures);
        if let Some(seed) = config.random_start && problem.threat.epsilon() > 0.01 {
            // One small step does not bring two starts together.
            let other = AttackConfig { random_start: Some(seed + 1), steps: 1, step_size: 1e-3, ..config };
            let one = AttackConfig { random_start: Some(seed), ..other };
            prop_assert_ne!(adversarial(&problem.run(one)), adversarial(&problem.run(other)));
        }
    }

    #[test]
    fn what_is_reported_is_what_the_model_says(problem in problem(), config in config()) {
        let report = problem.run(config);
        let logits = values(problem.model().logits(&report.adversarial));
        for ((picture, logits), &label) in
            report.pictures.iter().zip(logits.chunks(CLASSES)).zip(&problem.labels)
        {
            let best = support::best(logits, 1)[0];
            prop_assert_eq!(picture.prediction, best);
            prop_assert_eq!(picture.reached, (best == label) == problem.targeted);
            if config.loss == Loss::Margin {
                let others = logits.iter().enumerate().filter(|(i, _)| *i != label);
                let other = others.map(|(_, z)| *z).fold(f32::MIN, f32::max);
                prop_assert!((picture.loss - (other - logits[label])).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn a_small_step_goes_the_right_way(problem in problem(), rule in rule()) {
        // So small that even a curved loss moves with its gradient.
        let config = AttackConfig { rule, ..AttackConfig::bim(1e-4, 1) };
        let threat = threat(problem.threat.norm(), 1e-3);
        let problem = Problem { threat, ..problem };
        let logits = problem.model().logits(&pixels(&problem.x));
        let clean = values(cross_entropy(&logits, &problem.labels).unwrap());
        for (picture, clean) in problem.run(config).pictures.iter().zip(clean) {
            let (before, after) = (progress(&problem, clean), progress(&problem, picture.loss));
            prop_assert!(after >= before - 2e-6, "{} {}", before, after);
        }
    }

    #[test]
    fn restarts_are_never_worse(problem in problem(), config in config(), seed in 0u64..99) {
        let config = AttackConfig { random_start: Some(seed), ..config };
        let mut before: Option<AttackReport> = None;
        for restarts in 1..4 {
            let report = problem.run(AttackConfig { restarts, ..config });
            if let Some(before) = before {
                for (fewer, more) in before.pictures.iter().zip(&report.pictures) {
                    prop_assert!(more.reached || !fewer.reached);
                    if more.reached == fewer.reached {
                        let (fewer_at, more_at) =
                            (progress(&problem, fewer.loss), progress(&problem, more.loss));
                        prop_assert!(more_at >= fewer_at);
                    }
                    prop_assert!(more.restart == fewer.restart || more.restart == restarts - 1);
                }
            }
            before = Some(report);
        }
    }

    #[test]
    fn from_the_clean_picture_a_batch_equals_one_by_one(problem in problem(), config in config()) {
        let config = AttackConfig { random_start: None, ..config };
        let together = adversarial(&problem.run(config));
        let alone: Vec<f32> = problem
            .x
            .chunks(SIZE)
            .zip(&problem.labels)
            .flat_map(|(x, &label)| {
                let one = Problem { x: x.to_vec(), labels: vec![label], ..problem.clone() };
                adversarial(&one.run(config))
            })
            .collect();
        prop_assert_eq!(together, alone);
    }
}
