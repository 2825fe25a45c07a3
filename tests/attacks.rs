//! FGSM by closed form and by its defining properties, on models small enough to know better.

mod support;

use burn::Tensor;
use burn::tensor::{Device, TensorData};
use proptest::collection::vec;
use proptest::prelude::*;
use resilient_ai::attacks::{
    Change, Error, Goal, Norm, ThreatModel, cross_entropy, fgsm, fgsm_at, fgsm_gradient,
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

fn linf(epsilon: f32) -> ThreatModel {
    ThreatModel::new(Norm::Linf, epsilon).unwrap()
}

fn linear(weight: &[f32], classes: usize) -> SmallModel {
    SmallModel::linear(weight.to_vec(), vec![0.1; classes], &Device::flex())
}

fn losses(model: &SmallModel, x: &PixelTensor, labels: &[usize]) -> Vec<f32> {
    values(cross_entropy(&model.logits(x), labels).unwrap())
}

fn adversarial(model: &SmallModel, x: &PixelTensor, goal: &Goal, epsilon: f32) -> Vec<f32> {
    values(fgsm(model, x, goal, &linf(epsilon)).unwrap().adversarial.inner().clone())
}

/// Two classes whose margin is `z_1 - z_0 = sum of difference * x`: the loss of label 0 is an
/// increasing function of the margin, so the best step goes along the signs of `difference`.
fn two_classes(difference: &[f32]) -> SmallModel {
    let weight: Vec<f32> = difference.iter().flat_map(|d| [-d / 2.0, d / 2.0]).collect();
    linear(&weight, 2)
}

const DIFFERENCE: [f32; SIZE] = [1.0, -2.0, 0.5, 3.0, -0.25, 0.0, 1.5, -1.0, 2.0, -0.5, 0.75, -3.0];

#[test]
fn on_a_linear_model_it_is_the_exact_optimum_inside_the_box() {
    let model = two_classes(&DIFFERENCE);
    let x = [0.5; SIZE];
    let away = adversarial(&model, &pixels(&x), &Goal::Untargeted(vec![0]), 0.1);
    let towards = adversarial(&model, &pixels(&x), &Goal::Targeted(vec![0]), 0.1);
    for (i, d) in DIFFERENCE.iter().enumerate() {
        let sign = if *d == 0.0 { 0.0 } else { d.signum() };
        assert!((away[i] - (0.5 + 0.1 * sign)).abs() < 1e-6, "{i}: {}", away[i]);
        assert!((towards[i] - (0.5 - 0.1 * sign)).abs() < 1e-6, "{i}: {}", towards[i]);
    }
}

#[test]
fn on_a_linear_model_it_is_the_exact_optimum_at_the_box() {
    let model = two_classes(&DIFFERENCE);
    let x: Vec<f32> = (0..SIZE).map(|i| if i % 2 == 0 { 0.95 } else { 0.02 }).collect();
    let moved = adversarial(&model, &pixels(&x), &Goal::Untargeted(vec![0]), 0.1);
    for (i, d) in DIFFERENCE.iter().enumerate() {
        let sign = if *d == 0.0 { 0.0 } else { d.signum() };
        let best = (x[i] + 0.1 * sign).clamp(0.0, 1.0);
        assert!((moved[i] - best).abs() < 1e-6, "{i}: {} {best}", moved[i]);
    }
}

#[test]
fn where_the_gradient_is_zero_nothing_moves() {
    let model = two_classes(&[0.0; SIZE]);
    let x = [0.3; SIZE];
    let step = fgsm(&model, &pixels(&x), &Goal::Untargeted(vec![1]), &linf(0.5)).unwrap();
    assert_eq!(values(step.sign), [0.0; SIZE]);
    assert_eq!(values(step.adversarial.inner().clone()), x);
}

#[test]
fn a_sweep_differentiates_once_and_equals_single_steps() {
    let model = two_classes(&DIFFERENCE);
    let x = pixels(&[0.4; SIZE]);
    let goal = Goal::Untargeted(vec![0]);
    let gradient = fgsm_gradient(&model, &x, &goal).unwrap();
    for epsilon in [0.0, 0.01, 0.3, 1.0] {
        let point = fgsm_at(&x, &gradient.sign, &linf(epsilon)).unwrap();
        assert_eq!(values(point.inner().clone()), adversarial(&model, &x, &goal, epsilon));
    }
    assert_eq!(values(gradient.loss), losses(&model, &x, &[0]));
    assert_eq!(values(gradient.logits), values(model.logits(&x)));
}

#[test]
fn mistakes_are_errors() {
    let model = two_classes(&DIFFERENCE);
    let x = pixels(&[0.5; SIZE]);
    let run = |goal: Goal, threat| fgsm(&model, &x, &goal, &threat).err();
    let l2 = ThreatModel::new(Norm::L2, 1.0).unwrap();
    assert!(matches!(run(Goal::Untargeted(vec![0]), l2), Some(Error::Norm { .. })));
    assert_eq!(
        run(Goal::Untargeted(vec![0, 1]), linf(0.1)),
        Some(Error::LabelCount { labels: 2, pictures: 1 })
    );
    assert_eq!(
        run(Goal::Targeted(vec![2]), linf(0.1)),
        Some(Error::Label { label: 2, classes: 2 })
    );
    let other = fgsm_at(&x, &Tensor::zeros([2, 3, 2, 2], &Device::flex()), &linf(0.1));
    assert!(matches!(other, Err(Error::Shape { .. })));
}

/// Says the same of every picture.
struct Constant;

impl Classifier for Constant {
    fn logits(&self, pixels: &PixelTensor) -> Tensor<2> {
        Tensor::zeros([pixels.dims()[0], 2], &Device::flex())
    }

    fn input_size(&self) -> usize {
        2
    }

    fn num_classes(&self) -> usize {
        2
    }

    fn name(&self) -> &str {
        "constant"
    }
}

#[test]
fn a_model_that_does_not_look_has_no_gradient() {
    let found = fgsm_gradient(&Constant, &pixels(&[0.5; SIZE]), &Goal::Untargeted(vec![0]));
    assert_eq!(found.err(), Some(Error::NoGradient { model: "constant".to_owned() }));
}

#[test]
fn cross_entropy_is_stable_for_large_logits() {
    let logits = Tensor::<2>::from_data([[1000.0_f32, 0.0], [0.0, 1000.0]], &Device::flex());
    assert_eq!(values(cross_entropy(&logits, &[0, 0]).unwrap()), [0.0, 1000.0]);
}

/// One to three pictures, linear weights for three classes, and an epsilon.
fn problem() -> impl Strategy<Value = (Vec<f32>, Vec<f32>, Vec<usize>, f32)> {
    (1usize..4).prop_flat_map(|n| {
        (vec(0.0f32..=1.0, n * SIZE), vec(-2.0f32..2.0, SIZE * 3), vec(0usize..3, n), 0.0f32..=1.0)
    })
}

fn smooth(weight: &[f32]) -> SmallModel {
    let (first, second) = weight.split_at(SIZE * 2);
    SmallModel::smooth(
        first.iter().map(|w| w / 4.0).collect(),
        second[..6].to_vec(),
        3,
        &Device::flex(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_box_and_the_ball_hold((x, weight, labels, epsilon) in problem()) {
        let model = linear(&weight, 3);
        let before = pixels(&x);
        let step = fgsm(&model, &before, &Goal::Untargeted(labels), &linf(epsilon)).unwrap();
        let (signs, moved) = (values(step.sign), values(step.adversarial.inner().clone()));
        for ((&x, &moved), &sign) in x.iter().zip(&moved).zip(&signs) {
            prop_assert!((0.0..=1.0).contains(&moved));
            prop_assert!((moved - x).abs() <= epsilon + 1e-6);
            prop_assert!([-1.0, 0.0, 1.0].contains(&sign));
            let free = (0.0..=1.0).contains(&(x + sign * epsilon));
            if free && sign != 0.0 {
                prop_assert!(((moved - x).abs() - epsilon).abs() < 1e-6);
            }
        }
        let changes = block_on(Change::measure(&before, &step.adversarial)).unwrap();
        prop_assert_eq!(changes.len(), x.len() / SIZE);
        for (change, (x, moved)) in changes.iter().zip(x.chunks(SIZE).zip(moved.chunks(SIZE))) {
            let largest = x.iter().zip(moved).map(|(x, m)| (m - x).abs()).fold(0.0, f32::max);
            prop_assert!((change.linf - largest).abs() < 1e-6);
            prop_assert!(change.l2 <= change.linf * (SIZE as f32).sqrt() + 1e-5);
            prop_assert_eq!(change.psnr.is_none(), change.l2 == 0.0);
        }
    }

    #[test]
    fn epsilon_zero_is_the_identity((x, weight, labels, _) in problem()) {
        let moved = adversarial(&linear(&weight, 3), &pixels(&x), &Goal::Targeted(labels), 0.0);
        prop_assert_eq!(moved, x);
    }

    #[test]
    fn untargeted_moves_away_and_targeted_towards((x, weight, labels, epsilon) in problem()) {
        let model = linear(&weight, 3);
        let before = pixels(&x);
        let goal = Goal::Untargeted(labels.clone());
        let gradient = values(fgsm_gradient(&model, &before, &goal).unwrap().gradient);
        // By how much the loss changes on the tangent plane, and by how much at most in the box.
        let promised = |moved: &[f32], i: usize| -> f32 {
            let at = i * SIZE..(i + 1) * SIZE;
            at.map(|at| gradient[at] * (moved[at] - x[at])).sum()
        };
        let most = |direction: f32, epsilon: f32, i: usize| -> f32 {
            let step = |at: usize| direction * epsilon * gradient[at].signum();
            let moved: Vec<f32> =
                (0..x.len()).map(|at| (x[at] + step(at)).clamp(0.0, 1.0)).collect();
            promised(&moved, i)
        };
        let away = adversarial(&model, &before, &goal, epsilon);
        let small = 1e-3;
        let towards = adversarial(&model, &before, &Goal::Targeted(labels.clone()), small);
        let clean = losses(&model, &before, &labels);
        let risen = losses(&model, &pixels(&away), &labels);
        let fallen = losses(&model, &pixels(&towards), &labels);
        for (i, &clean) in clean.iter().enumerate() {
            let (up, down) = (promised(&away, i), promised(&towards, i));
            prop_assert!((up - most(1.0, epsilon, i)).abs() <= 1e-4 * (1.0 + up));
            prop_assert!((down - most(-1.0, small, i)).abs() <= 1e-5);
            // On a linear model the loss is convex: it rises by at least that much however far the
            // step goes, and falls by a good part of it only if the step is small.
            prop_assert!(risen[i] >= clean + up - 1e-4 * (1.0 + clean + up), "{} {}", risen[i], up);
            prop_assert!(fallen[i] <= clean + 0.5 * down + 1e-4, "{}", fallen[i]);
        }
    }

    #[test]
    fn a_batch_equals_one_by_one((x, weight, labels, epsilon) in problem()) {
        let model = smooth(&weight);
        let together = adversarial(&model, &pixels(&x), &Goal::Untargeted(labels.clone()), epsilon);
        let alone: Vec<f32> = x
            .chunks(SIZE)
            .zip(labels)
            .flat_map(|(x, label)| {
                adversarial(&model, &pixels(x), &Goal::Untargeted(vec![label]), epsilon)
            })
            .collect();
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn the_gradient_agrees_with_finite_differences((x, weight, labels, _) in problem()) {
        let model = smooth(&weight);
        let x: Vec<f32> = x.iter().map(|x| 0.1 + 0.8 * x).collect();
        let found = fgsm_gradient(&model, &pixels(&x), &Goal::Untargeted(labels.clone())).unwrap();
        let gradient = values(found.gradient);
        let step = 0.02;
        for i in 0..x.len() {
            let moved = |by: f32| {
                let mut x = x.clone();
                x[i] += by;
                losses(&model, &pixels(&x), &labels)[i / SIZE]
            };
            let difference = (moved(step) - moved(-step)) / (2.0 * step);
            prop_assert!((difference - gradient[i]).abs() < 5e-3, "{}: {} {}", i, difference, gradient[i]);
        }
    }
}
