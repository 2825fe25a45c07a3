use burn::tensor::Device;

use super::*;
use crate::{
    attacks::{Attack, AttackConfig, Norm, ThreatModel, Unobserved},
    engine::{
        runs::Runs,
        testing::{Bent, MeanColour, Recorder, block_on, pgd, plain, work},
    },
    protocol::{AttackSettings, Caution, Loss, Method, ProblemKind, Verdict},
};

const REDDISH: [u8; 3] = [130, 125, 120];
const UNTARGETED: Goal = Goal::Untargeted { label: None };

fn request(goal: Goal, settings: AttackSettings) -> RunRequest {
    RunRequest { run: 7, model: "m".to_owned(), picture: plain(32, REDDISH), goal, settings }
}

fn open_with(model: Rc<dyn Classifier>, request: RunRequest) -> Result<(Run, RunOpened), Problem> {
    block_on(Run::open(&work(&Device::flex(), &Recorder::patient()), model, request))
}

fn open(goal: Goal, settings: AttackSettings) -> Run {
    open_with(Rc::new(MeanColour), request(goal, settings)).unwrap().0
}

/// Moves a run on; whether it has ended, and the steps it reported.
fn advance(run: &mut Run, steps: u32, every: u32) -> (Result<bool, Problem>, Vec<RunStep>) {
    advance_for(run, Advance { steps, every, perturbation: false }, &Recorder::patient())
}

fn advance_for(
    run: &mut Run,
    advance: Advance,
    recorder: &Recorder,
) -> (Result<bool, Problem>, Vec<RunStep>) {
    let result = block_on(run.advance(&work(&Device::flex(), recorder), advance));
    let step = |progress| match progress {
        Progress::Step(step) => step,
        other => panic!("{other:?}"),
    };
    (result, recorder.progress.take().into_iter().map(step).collect())
}

fn outcome(run: &mut Run) -> RunOutcome {
    block_on(run.outcome(&work(&Device::flex(), &Recorder::patient()))).unwrap()
}

/// What stays the same however often a run is interrupted.
fn essence(outcome: &RunOutcome) -> impl PartialEq + std::fmt::Debug + use<> {
    let RunOutcome { picture, loss, change, restart, steps, verdict, flags, .. } = outcome.clone();
    (picture, loss, change, restart, steps, verdict, flags)
}

#[test]
fn a_run_says_what_the_library_says() {
    for (method, loss, norm) in [
        (Method::Pgd, Loss::CrossEntropy, crate::protocol::Norm::Linf),
        (Method::MiFgsm, Loss::Margin, crate::protocol::Norm::L2),
        (Method::AdamOnDelta, Loss::Dlr, crate::protocol::Norm::Linf),
    ] {
        let l2 = norm == crate::protocol::Norm::L2;
        let (random_start, seed, restarts) = (true, 3, 2);
        let epsilon = if l2 { 2.0 } else { 0.03 };
        let settings = AttackSettings {
            method,
            loss,
            norm,
            random_start,
            seed,
            restarts,
            ..pgd(epsilon, epsilon / 4.0, 5)
        };
        let mut run = open(UNTARGETED, settings);
        let (ended, steps) = advance(&mut run, 100, 1);
        assert_eq!(ended, Ok(true));
        let found = outcome(&mut run);

        let (model, clean) = (MeanColour, run.clean.clone());
        let config = AttackConfig {
            loss: match loss {
                Loss::CrossEntropy => attacks::Loss::CrossEntropy,
                Loss::Margin => attacks::Loss::Margin,
                Loss::Dlr => attacks::Loss::Dlr,
            },
            random_start: Some(3),
            restarts: 2,
            ..match method {
                Method::MiFgsm => AttackConfig::mi_fgsm(epsilon / 4.0, 5, 1.0),
                Method::AdamOnDelta => AttackConfig::adam_on_delta(epsilon / 4.0, 5),
                Method::Bim | Method::Pgd => AttackConfig::bim(epsilon / 4.0, 5),
            }
        };
        let threat = ThreatModel::new(if l2 { Norm::L2 } else { Norm::Linf }, epsilon).unwrap();
        let (attack, goal) = (Attack::new(config).unwrap(), attacks::Goal::Untargeted(vec![0]));
        let expected =
            block_on(attack.run(&model, &clean, &goal, &threat, &mut Unobserved)).unwrap();
        let best = &expected.pictures[0];
        assert_eq!(found.loss[1], best.loss, "{method:?}");
        assert_eq!((found.restart, found.steps), (best.restart as u32, best.steps as u32));
        assert_eq!(found.picture.rgb, block_on(expected.adversarial.to_rgb()).unwrap());
        assert_eq!(found.verdict, Verdict::Fooled);
        assert_eq!(found.adversarial.top[0].label, best.prediction);
        let size = if l2 { found.change.l2 } else { found.change.linf };
        assert!(size <= epsilon * 1.000_01 && size > epsilon * 0.9, "{method:?}: {size}");
        let places: Vec<_> = steps.iter().map(|step| (step.restart, step.step)).collect();
        let all: Vec<_> = (0..2).flat_map(|r| (1..=5).map(move |s| (r, s))).collect();
        assert_eq!(places, all);
        let last = &steps[found.restart as usize * 5 + 4];
        assert_eq!((last.loss, last.reached), (best.loss, best.reached));
    }
}

#[test]
fn opening_tells_what_there_is() {
    let goal = Goal::Targeted { label: 2 };
    let settings = AttackSettings { loss: Loss::Margin, ..pgd(0.01, 0.02, 3) };
    let (mut run, opened) = open_with(Rc::new(MeanColour), request(goal, settings)).unwrap();
    assert_eq!((opened.run, opened.label, opened.original.top[0].label), (7, 2, 0));
    assert_eq!(opened.cautions, [Caution::StepAboveEpsilon]);
    // The best other label's mean minus the target's, times 20.
    assert!((opened.loss - 200.0 / 255.0).abs() < 1e-4, "{}", opened.loss);
    // Nothing has been done yet, and that is also an answer.
    let found = outcome(&mut run);
    assert_eq!((found.steps, found.verdict), (0, Verdict::Resisted));
    assert_eq!(found.picture, plain(32, REDDISH));
    assert_eq!(found.loss, [opened.loss; 2]);
    assert_eq!(advance(&mut run, 100, 1).0, Ok(true));
    assert!(outcome(&mut run).loss[1] < opened.loss);
}

#[test]
fn pausing_and_going_on_changes_nothing() {
    let settings = AttackSettings { random_start: true, restarts: 2, ..pgd(0.03, 0.005, 6) };
    let mut through = open(UNTARGETED, settings);
    let (ended, all) = advance(&mut through, 100, 1);
    assert_eq!(ended, Ok(true));

    let mut paused = open(UNTARGETED, settings);
    let mut seen = Vec::new();
    for pauses in [0, 1, 2, 0, 3] {
        let advance = Advance { steps: 100, every: 1, perturbation: false };
        let (ended, steps) = advance_for(&mut paused, advance, &Recorder::cancelling_after(pauses));
        assert_eq!(ended.unwrap_err().kind, ProblemKind::Cancelled);
        seen.extend(steps);
        // Looking does not disturb it either.
        outcome(&mut paused);
    }
    assert_eq!(seen, all[..seen.len()]);
    assert!((6..12).contains(&seen.len()), "{}", seen.len());
    let (ended, rest) = advance(&mut paused, 100, 1);
    assert_eq!(ended, Ok(true));
    seen.extend(rest);
    assert_eq!(seen, all);
    assert_eq!(essence(&outcome(&mut paused)), essence(&outcome(&mut through)));
}

#[test]
fn runs_that_take_turns_do_not_disturb_each_other() {
    let one = AttackSettings { random_start: true, ..pgd(0.03, 0.005, 6) };
    let other = AttackSettings { method: Method::MiFgsm, seed: 9, ..one };
    let alone = [one, other].map(|settings| {
        let mut run = open(UNTARGETED, settings);
        assert_eq!(advance(&mut run, 6, 1).0, Ok(true));
        essence(&outcome(&mut run))
    });
    let mut both = [one, other].map(|settings| open(UNTARGETED, settings));
    for _ in 0..3 {
        for run in &mut both {
            advance(run, 2, 1).0.unwrap();
        }
    }
    assert_eq!(both.each_mut().map(|run| essence(&outcome(run))), alone);
    assert_ne!(alone[0], alone[1]);
}

#[test]
fn a_single_step_is_a_single_step() {
    let settings = AttackSettings { random_start: true, restarts: 2, ..pgd(0.03, 0.005, 3) };
    let mut run = open(UNTARGETED, settings);
    for expected in [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)] {
        let (ended, steps) = advance(&mut run, 1, 1);
        assert_eq!(ended, Ok(expected == (1, 3)));
        let [step] = &steps[..] else { panic!("{steps:?}") };
        assert_eq!((step.restart, step.step), expected);
        if step.restart == 0 {
            let so_far = outcome(&mut run);
            assert_eq!((so_far.steps, so_far.loss[1]), (step.step, step.loss));
        }
    }
    let again = advance(&mut run, 1, 1);
    assert_eq!((again.0, again.1.len()), (Ok(true), 0));
}

#[test]
fn only_the_steps_asked_for_are_reported() {
    let places = |every| {
        let settings = AttackSettings { random_start: true, restarts: 2, ..pgd(0.03, 0.01, 5) };
        let mut run = open(UNTARGETED, settings);
        let (ended, steps) = advance(&mut run, 100, every);
        assert_eq!(ended, Ok(true));
        let picture = outcome(&mut run).picture;
        let places: Vec<_> = steps.iter().map(|step| (step.restart, step.step)).collect();
        (places, picture)
    };
    let (none, unseen) = places(0);
    let (second, seen) = places(2);
    assert_eq!(none, []);
    assert_eq!(second, [(0, 2), (0, 4), (1, 2), (1, 4)]);
    assert_eq!(unseen, seen);
}

#[test]
fn a_step_shows_the_perturbation_if_asked() {
    let epsilon = 8.0 / 255.0;
    let mut run = open(UNTARGETED, pgd(epsilon, epsilon / 2.0, 2));
    let wanted = Advance { steps: 2, every: 1, perturbation: true };
    let (_, steps) = advance_for(&mut run, wanted, &Recorder::patient());
    // Less red, more green and blue: half of epsilon, then all of it.
    let shown: Vec<_> = steps.iter().map(|step| step.perturbation.clone().unwrap()).collect();
    assert_eq!(shown, [plain(32, [64, 191, 191]), plain(32, [0, 255, 255])]);
    let magnification = 0.5 / epsilon;
    assert!(steps.iter().all(|step| step.magnification == magnification));
    let found = outcome(&mut run);
    assert_eq!((found.perturbation, found.magnification), (shown[1].clone(), magnification));
    assert_eq!(found.picture, plain(32, [122, 133, 128]));
    assert_eq!(found.rounded.top[0].label, 1);
}

#[test]
fn stopping_early_ends_the_run_at_the_goal() {
    let step_size = 1.0 / 255.0;
    let settings = AttackSettings { early_stop: true, ..pgd(0.1, step_size, 100) };
    let mut run = open(UNTARGETED, settings);
    let (ended, steps) = advance(&mut run, 100, 1);
    assert_eq!(ended, Ok(true));
    // 5 levels lie between red and green, and each step takes two of them.
    assert_eq!(steps.iter().map(|step| step.reached).collect::<Vec<_>>(), [false, false, true]);
    let found = outcome(&mut run);
    assert_eq!((found.steps, found.verdict), (3, Verdict::Fooled));
}

#[test]
fn what_needs_no_attack_is_said() {
    let (settings, model) = (pgd(0.1, 0.01, 3), || -> Rc<dyn Classifier> { Rc::new(MeanColour) });
    for (goal, caution) in [
        (Goal::Targeted { label: 0 }, Caution::AlreadyThere),
        (Goal::Untargeted { label: Some(1) }, Caution::AlreadyWrong),
    ] {
        let (mut run, opened) = open_with(model(), request(goal, settings)).unwrap();
        assert_eq!(opened.cautions, [caution]);
        assert_eq!(advance(&mut run, 3, 1).0, Ok(true));
        assert_eq!(outcome(&mut run).verdict, Verdict::NothingToDo);
    }
    let nothing = request(UNTARGETED, pgd(0.0, 0.01, 3));
    let (mut run, opened) = open_with(model(), nothing).unwrap();
    assert_eq!(opened.cautions, [Caution::EpsilonZero]);
    assert_eq!(advance(&mut run, 3, 1).0, Ok(true));
    let found = outcome(&mut run);
    assert_eq!((found.verdict, found.picture), (Verdict::Resisted, plain(32, REDDISH)));
}

#[test]
fn nonsense_is_refused() {
    let good = pgd(0.1, 0.01, 3);
    for bad in [
        request(UNTARGETED, AttackSettings { steps: 0, ..good }),
        request(UNTARGETED, AttackSettings { epsilon: 1.5, ..good }),
        request(UNTARGETED, AttackSettings { step_size: -1.0, ..good }),
        request(Goal::Targeted { label: 3 }, good),
        request(Goal::Untargeted { label: Some(3) }, good),
        // Three classes are too few for the ratio that DLR takes towards a target.
        request(Goal::Targeted { label: 2 }, AttackSettings { loss: Loss::Dlr, ..good }),
    ] {
        let refused = open_with(Rc::new(MeanColour), bad).map(|_| ()).unwrap_err();
        assert_eq!(refused.kind, ProblemKind::BadRequest, "{refused}");
    }
    let odd = RunRequest { picture: plain(33, REDDISH), ..request(UNTARGETED, good) };
    let refused = open_with(Rc::new(MeanColour), odd).map(|_| ()).unwrap_err();
    assert_eq!(refused.kind, ProblemKind::PictureShape);
}

#[test]
fn a_loss_that_is_no_number_keeps_the_last_good_step() {
    // The root of a mean below 119.5 is not a number, and blue is at 120.
    let model = || -> Rc<dyn Classifier> {
        Rc::new(Bent(|logits| (logits - 20.0 * 119.5 / 255.0).sqrt() * 30.0))
    };
    for every in [1, 0] {
        // Away from green and blue: the second step is one too many.
        let goal = Goal::Targeted { label: 0 };
        let settings = pgd(0.1, 0.3 / 255.0, 10);
        let (mut run, _) = open_with(model(), request(goal, settings)).unwrap();
        let (ended, steps) = advance(&mut run, 10, every);
        let problem = ended.unwrap_err();
        assert_eq!((problem.kind, problem.subject.as_str()), (ProblemKind::NotFinite, "bent"));
        assert_eq!(steps.len(), usize::from(every == 1));
        let found = outcome(&mut run);
        assert_eq!(found.steps, 1);
        assert!(found.loss[1].is_finite());
        assert!((found.change.linf - 0.3 / 255.0).abs() < 1e-6);
        let again = advance(&mut run, 10, every).0.unwrap_err();
        assert_eq!(again.kind, ProblemKind::NotFinite);
    }
}

#[test]
fn reasons_for_doubt_are_named() {
    let flags = |bend: fn(Tensor<2>) -> Tensor<2>, settings| {
        let run = open_with(Rc::new(Bent(bend)), request(UNTARGETED, settings));
        let (mut run, _) = run.unwrap();
        assert_eq!(advance(&mut run, 100, 0).0, Ok(true));
        outcome(&mut run).flags
    };
    let usual = pgd(0.01, 0.005, 3);
    assert_eq!(flags(|logits| logits, usual), []);
    let softmax = |logits| burn::tensor::activation::softmax(logits, 1);
    assert_eq!(flags(softmax, usual), [HonestyFlag::OutputsLookLikeProbabilities]);
    // Flat, but for the edges of its steps.
    let stairs = |logits: Tensor<2>| logits.clone() * 0.0 + logits.detach().ceil();
    assert_eq!(flags(stairs, usual), [HonestyFlag::ZeroGradient]);
}

#[test]
fn a_ninth_run_ends_the_oldest() {
    let mut runs = Runs::default();
    let add = |runs: &mut Runs, id| {
        let request = RunRequest { run: id, ..request(UNTARGETED, pgd(0.1, 0.01, 3)) };
        runs.add(open_with(Rc::new(MeanColour), request).unwrap().0);
    };
    let kept =
        |runs: &mut Runs| -> Vec<RunId> { (0..20).filter(|&id| runs.get(id).is_ok()).collect() };
    (1..=8).for_each(|id| add(&mut runs, id));
    assert_eq!(kept(&mut runs), [1, 2, 3, 4, 5, 6, 7, 8]);
    add(&mut runs, 9);
    assert_eq!(kept(&mut runs), [2, 3, 4, 5, 6, 7, 8, 9]);
    let unknown = runs.get(1).map(|_| ()).unwrap_err();
    assert_eq!(unknown.kind, ProblemKind::UnknownRun);
    // One of the same name takes its place, and is then the youngest.
    add(&mut runs, 2);
    assert_eq!(kept(&mut runs), [2, 3, 4, 5, 6, 7, 8, 9]);
    add(&mut runs, 10);
    assert_eq!(kept(&mut runs), [2, 4, 5, 6, 7, 8, 9, 10]);
    runs.close(5);
    runs.close(5);
    assert_eq!(kept(&mut runs), [2, 4, 6, 7, 8, 9, 10]);
}
