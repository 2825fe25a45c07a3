//! FGSM and its sweep over epsilon, as jobs.

use super::{
    checks,
    classify::{Prediction, pixels, predict, read, read_logits},
    observer::Observer,
    perturbation::magnification,
    scores,
    verdict::{attacked_label, verdict},
    work::Work,
};
use crate::{
    attacks::{self, FgsmGradient, Norm, ThreatModel, fgsm_at, fgsm_gradient},
    protocol::{
        AttackOutcome, AttackRequest, Change, Derivative, Goal, Picture, Problem, Progress, Stage,
        SweepPoint, SweepRequest,
    },
    vision::{Classifier, PixelTensor},
};

/// One FGSM step, and what the model says before, after, and after rounding to 8 bits. The verdict
/// is on the picture as computed.
///
/// # Errors
/// A picture that no model takes, an epsilon or a label that makes no sense, cancellation, a device
/// that fails.
pub async fn attack<O: Observer>(
    work: &Work<'_, O>,
    model: &dyn Classifier,
    request: &AttackRequest,
) -> Result<AttackOutcome, Problem> {
    checks::epsilon(request.epsilon)?;
    checks::goal(request.goal, model.num_classes())?;
    let clean = pixels(&request.picture, work.device)?;
    let (original, label) = first_look(work, model, &clean, request.goal).await?;

    work.observer.begin(Stage::Differentiating).await?;
    let start = (work.clock)();
    let direction = differentiate(model, &clean, request.goal, label)?;
    let adversarial = step(&clean, &direction, request.epsilon)?;
    // The device may still be at work: it is done once its result can be measured.
    let change = measure(&clean, &adversarial).await?;
    let milliseconds = (work.clock)() - start;

    work.observer.begin(Stage::Predicting).await?;
    let after = predict(work, model, &adversarial).await?;
    let picture = Picture { rgb: adversarial.to_rgb().await?, ..size_of(&request.picture) };
    work.observer.pause().await?;
    let rounded = predict(work, model, &pixels(&picture, work.device)?).await?;

    let magnification = magnification(request.epsilon);
    let magnified = (adversarial.inner().clone() - clean.inner().clone()) * magnification + 0.5;
    let perturbation = PixelTensor::clamp_from(magnified).to_rgb().await?;
    Ok(AttackOutcome {
        verdict: verdict(request.goal, original.best().label, after.best().label),
        label,
        original: original.classification(),
        adversarial: after.classification(),
        rounded: rounded.classification(),
        picture,
        perturbation: Picture { rgb: perturbation, ..size_of(&request.picture) },
        magnification,
        change,
        loss: [&original, &after].map(|at| scores::cross_entropy(&at.logits, label)),
        milliseconds,
    })
}

/// FGSM at each epsilon along one gradient. Each point is reported as soon as it is known.
///
/// # Errors
/// Those of [`attack`].
pub async fn sweep<O: Observer>(
    work: &Work<'_, O>,
    model: &dyn Classifier,
    request: &SweepRequest,
) -> Result<Vec<SweepPoint>, Problem> {
    checks::epsilons(&request.epsilons)?;
    checks::goal(request.goal, model.num_classes())?;
    let clean = pixels(&request.picture, work.device)?;
    let (_, label) = first_look(work, model, &clean, request.goal).await?;
    work.observer.begin(Stage::Differentiating).await?;
    let direction = differentiate(model, &clean, request.goal, label)?;

    work.observer.begin(Stage::Predicting).await?;
    let mut points = Vec::with_capacity(request.epsilons.len());
    for &epsilon in &request.epsilons {
        let adversarial = step(&clean, &direction, epsilon)?;
        let prediction = predict(work, model, &adversarial).await?;
        let confidence = scores::confidence(&prediction.logits, label);
        let point = SweepPoint { epsilon, confidence, best: prediction.best() };
        work.observer.report(Progress::Point(point));
        points.push(point);
        work.observer.pause().await?;
    }
    Ok(points)
}

/// The logits of a picture and the gradient of its cross-entropy with respect to `label`.
///
/// # Errors
/// Those of [`attack`].
pub async fn derivative<O: Observer>(
    work: &Work<'_, O>,
    model: &dyn Classifier,
    picture: &Picture,
    label: usize,
) -> Result<Derivative, Problem> {
    let goal = Goal::Untargeted { label: Some(label) };
    checks::goal(goal, model.num_classes())?;
    let pixels = pixels(picture, work.device)?;
    work.observer.begin(Stage::Differentiating).await?;
    let FgsmGradient { gradient, logits, .. } = differentiate(model, &pixels, goal, label)?;
    let logits = read_logits(model, logits).await?;
    Ok(Derivative { logits, gradient: read(gradient).await? })
}

/// The model's prediction of the clean picture, and the label that the attack is about.
async fn first_look<O: Observer>(
    work: &Work<'_, O>,
    model: &dyn Classifier,
    clean: &PixelTensor,
    goal: Goal,
) -> Result<(Prediction, usize), Problem> {
    work.observer.begin(Stage::Predicting).await?;
    let original = predict(work, model, clean).await?;
    let label = attacked_label(goal, original.best().label);
    Ok((original, label))
}

fn differentiate(
    model: &dyn Classifier,
    clean: &PixelTensor,
    goal: Goal,
    label: usize,
) -> Result<FgsmGradient, Problem> {
    let goal = match goal {
        Goal::Untargeted { .. } => attacks::Goal::Untargeted(vec![label]),
        Goal::Targeted { .. } => attacks::Goal::Targeted(vec![label]),
    };
    Ok(fgsm_gradient(model, clean, &goal)?)
}

fn step(
    clean: &PixelTensor,
    direction: &FgsmGradient,
    epsilon: f32,
) -> Result<PixelTensor, Problem> {
    let threat = ThreatModel::new(Norm::Linf, epsilon)?;
    Ok(fgsm_at(clean, &direction.sign, &threat)?)
}

async fn measure(before: &PixelTensor, after: &PixelTensor) -> Result<Change, Problem> {
    let changes = attacks::Change::measure(before, after).await?;
    let none = attacks::Change { linf: 0.0, l2: 0.0, psnr: None };
    let attacks::Change { linf, l2, psnr } = changes.into_iter().next().unwrap_or(none);
    Ok(Change { linf, l2, psnr })
}

/// A picture's size, without its pixels.
fn size_of(picture: &Picture) -> Picture {
    Picture { width: picture.width, height: picture.height, rgb: Vec::new() }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::{
        engine::{
            scores::cross_entropy,
            testing::{MeanColour, Recorder, block_on, plain, work},
        },
        protocol::{ProblemKind, Verdict},
    };

    const REDDISH: [u8; 3] = [130, 125, 120];

    fn request(goal: Goal, epsilon: f32) -> AttackRequest {
        AttackRequest { model: "m".to_owned(), picture: plain(32, REDDISH), goal, epsilon }
    }

    fn run(request: &AttackRequest) -> Result<AttackOutcome, Problem> {
        let device = Device::flex();
        block_on(attack(&work(&device, &Recorder::patient()), &MeanColour, request))
    }

    #[test]
    fn one_step_away_from_red() {
        let epsilon = 8.0 / 255.0;
        let outcome = run(&request(Goal::Untargeted { label: None }, epsilon)).unwrap();
        assert_eq!(outcome.verdict, Verdict::Fooled);
        assert_eq!(outcome.label, 0);
        assert_eq!(outcome.original.top[0].label, 0);
        // Less red, more green and blue.
        assert_eq!(outcome.picture, plain(32, [122, 133, 128]));
        assert_eq!(outcome.adversarial.top[0].label, 1);
        assert_eq!(outcome.rounded.top[0].label, 1);
        assert!((outcome.change.linf - epsilon).abs() < 1e-6);
        assert_eq!(outcome.perturbation, plain(32, [0, 255, 255]));
        assert_eq!(outcome.magnification, 0.5 / epsilon);
        let clean = REDDISH.map(|value| f32::from(value) / 255.0 * 20.0);
        assert!((outcome.loss[0] - cross_entropy(&clean, 0)).abs() < 1e-4);
        assert!(outcome.loss[1] > outcome.loss[0]);
        assert!(outcome.milliseconds > 0.0);
    }

    #[test]
    fn targeted_at_blue() {
        let outcome = run(&request(Goal::Targeted { label: 2 }, 0.1)).unwrap();
        assert_eq!(outcome.verdict, Verdict::HitTarget);
        assert!(outcome.loss[1] < outcome.loss[0]);
        let nothing = run(&request(Goal::Targeted { label: 0 }, 0.1)).unwrap();
        assert_eq!(nothing.verdict, Verdict::NothingToDo);
    }

    #[test]
    fn epsilon_zero_changes_nothing() {
        let outcome = run(&request(Goal::Untargeted { label: Some(0) }, 0.0)).unwrap();
        assert_eq!(outcome.verdict, Verdict::Resisted);
        assert_eq!(outcome.picture, plain(32, REDDISH));
        assert_eq!(outcome.change, Change { linf: 0.0, l2: 0.0, psnr: None });
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [
            request(Goal::Targeted { label: 3 }, 0.1),
            request(Goal::Untargeted { label: None }, 1.5),
            request(Goal::Untargeted { label: None }, f32::NAN),
        ] {
            assert_eq!(run(&bad).unwrap_err().kind, ProblemKind::BadRequest);
        }
        let goal = Goal::Untargeted { label: None };
        let picture = plain(33, REDDISH);
        let odd = AttackRequest { picture, ..request(goal, 0.1) };
        assert_eq!(run(&odd).unwrap_err().kind, ProblemKind::PictureShape);
    }

    #[test]
    fn a_sweep_reports_each_point_and_flips() {
        let device = Device::flex();
        let recorder = Recorder::patient();
        let request = SweepRequest {
            model: "m".to_owned(),
            picture: plain(32, REDDISH),
            goal: Goal::Untargeted { label: Some(0) },
            epsilons: vec![0.0, 0.005, 0.02],
        };
        let points = block_on(sweep(&work(&device, &recorder), &MeanColour, &request)).unwrap();
        let best: Vec<usize> = points.iter().map(|point| point.best.label).collect();
        assert_eq!(best, [0, 0, 1]);
        assert!(points.is_sorted_by(|a, b| a.confidence > b.confidence));
        let reported: Vec<Progress> = recorder.progress.into_inner();
        let expected: Vec<Progress> = points.into_iter().map(Progress::Point).collect();
        assert!(reported.ends_with(&expected));
    }

    #[test]
    fn cancelling_stops_between_steps() {
        let device = Device::flex();
        let request = request(Goal::Untargeted { label: None }, 0.1);
        for pauses in 0..4 {
            let impatient = Recorder::cancelling_after(pauses);
            let ended = block_on(attack(&work(&device, &impatient), &MeanColour, &request));
            assert_eq!(ended.unwrap_err().kind, ProblemKind::Cancelled, "after {pauses}");
        }
    }
}
