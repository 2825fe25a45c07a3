//! The smallest epsilon at which an attack flips a picture, as a job.

use super::{
    checks,
    classify::{pixels, predict},
    flags,
    observer::Observer,
    problem::not_finite,
    settings::Plan,
    work::Work,
};
use crate::{
    attacks::{self, EpsilonSearch},
    protocol::{
        AttackSettings, EpsilonTried, Goal, HonestyFlag, Problem, Progress, SmallestEpsilon,
        SmallestEpsilonRequest, Stage,
    },
    vision::{Classifier, PixelTensor},
};

/// Searches by bisection between 0 and the settings' epsilon; each attack's step is the same part of
/// its epsilon. Each epsilon is reported as soon as it has been tried.
///
/// If the largest does not flip the picture, half of it is tried too: what fails with more freedom
/// and succeeds with less does not use what it is given, which is flagged, and the search goes on
/// below.
///
/// # Errors
/// Settings, a label, a tolerance or a picture that make no sense, a loss that is no number,
/// cancellation, a device that fails.
pub async fn smallest_epsilon<O: Observer>(
    work: &Work<'_, O>,
    model: &dyn Classifier,
    request: &SmallestEpsilonRequest,
) -> Result<SmallestEpsilon, Problem> {
    let largest = request.settings.epsilon;
    Plan::new(&request.settings)?;
    let search = |high| EpsilonSearch::new(0.0, high, request.tolerance);
    let whole = search(largest)?;
    checks::goal(Goal::Untargeted { label: request.label }, model.num_classes())?;
    let clean = pixels(&request.picture, work.device)?;
    work.observer.begin(Stage::Predicting).await?;
    let original = predict(work, model, &clean).await?;
    let prediction = original.best().label;
    let label = request.label.unwrap_or(prediction);
    let mut flags: Vec<HonestyFlag> = flags::of_logits(&original.logits).into_iter().collect();
    if prediction != label {
        return Ok(SmallestEpsilon { label, smallest: Some(0.0), already_wrong: true, flags });
    }
    let mut trial =
        Trial { work, model, clean, label, settings: request.settings, flags: &mut flags };
    let mut smallest = whole.run(async |epsilon| trial.flips(epsilon).await).await?.flips;
    if smallest.is_none() {
        let lower_half = search(largest / 2.0)?;
        smallest = lower_half.run(async |epsilon| trial.flips(epsilon).await).await?.flips;
        if smallest.is_some() {
            trial.flag(HonestyFlag::NoGrowthWithEpsilon);
        }
    }
    Ok(SmallestEpsilon { label, smallest, already_wrong: false, flags })
}

/// What is tried at each epsilon.
struct Trial<'a, O: Observer> {
    work: &'a Work<'a, O>,
    model: &'a dyn Classifier,
    clean: PixelTensor,
    label: usize,
    /// For the largest epsilon.
    settings: AttackSettings,
    flags: &'a mut Vec<HonestyFlag>,
}

impl<O: Observer> Trial<'_, O> {
    /// Whether the attack succeeds within an epsilon. Within none it cannot.
    async fn flips(&mut self, epsilon: f32) -> Result<bool, Problem> {
        if epsilon == 0.0 {
            return Ok(false);
        }
        let step_size = self.settings.step_size * (epsilon / self.settings.epsilon);
        let plan = Plan::new(&AttackSettings { epsilon, step_size, ..self.settings })?;
        let goal = attacks::Goal::Untargeted(vec![self.label]);
        let mut running = plan.attack.start(self.model, &self.clean, &goal, &plan.threat)?;
        while !running.is_done() {
            // To stop early is to look at every step.
            running.step(self.settings.early_stop).await?;
            self.work.observer.pause().await?;
        }
        let report = running.report().await?;
        if report.error().is_some() {
            return Err(not_finite(self.model));
        }
        flags::of_report(&report.pictures).for_each(|flag| self.flag(flag));
        let flipped = report.pictures.iter().all(|picture| picture.reached);
        self.work.observer.report(Progress::Tried(EpsilonTried { epsilon, flipped }));
        Ok(flipped)
    }

    /// Notes a reason for doubt, once.
    fn flag(&mut self, flag: HonestyFlag) {
        if !self.flags.contains(&flag) {
            self.flags.push(flag);
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tensor};

    use super::*;
    use crate::{
        engine::testing::{Bent, MeanColour, Recorder, block_on, pgd, plain, work},
        protocol::{Loss, ProblemKind},
    };

    /// Red is 5 levels above green, so half of that flips it.
    const REDDISH: [u8; 3] = [130, 125, 120];
    const FLIPS: f32 = 2.5 / 255.0;

    fn request(settings: AttackSettings, label: Option<usize>) -> SmallestEpsilonRequest {
        let (model, picture) = ("m".to_owned(), plain(32, REDDISH));
        SmallestEpsilonRequest { model, picture, label, settings, tolerance: 1e-4 }
    }

    /// What a search finds, and what it reports.
    fn search(
        model: &dyn Classifier,
        request: &SmallestEpsilonRequest,
    ) -> (Result<SmallestEpsilon, Problem>, Vec<EpsilonTried>) {
        let (device, recorder) = (Device::flex(), Recorder::patient());
        let found = block_on(smallest_epsilon(&work(&device, &recorder), model, request));
        let tried =
            recorder.progress.into_inner().into_iter().filter_map(|progress| match progress {
                Progress::Tried(tried) => Some(tried),
                _ => None,
            });
        (found, tried.collect())
    }

    #[test]
    fn the_threshold_is_found_and_every_try_is_told() {
        let usual = pgd(0.1, 0.025, 8);
        for settings in [
            usual,
            AttackSettings { early_stop: true, ..usual },
            AttackSettings { random_start: true, restarts: 2, ..usual },
        ] {
            let (found, tried) = search(&MeanColour, &request(settings, None));
            let SmallestEpsilon { label, smallest, already_wrong, flags } = found.unwrap();
            assert_eq!((label, already_wrong, &flags[..]), (0, false, &[][..]));
            let smallest = smallest.unwrap();
            assert!((FLIPS..FLIPS + 1e-4).contains(&smallest), "{smallest}");
            assert_eq!(tried[0], EpsilonTried { epsilon: 0.1, flipped: true });
            assert!(tried.iter().all(|tried| tried.flipped == (tried.epsilon > FLIPS)));
            assert!(tried.iter().any(|tried| tried.epsilon == smallest));
        }
    }

    #[test]
    fn a_picture_that_resists_has_no_threshold() {
        let (found, tried) = search(&MeanColour, &request(pgd(0.008, 0.002, 8), Some(0)));
        let resists =
            SmallestEpsilon { label: 0, smallest: None, already_wrong: false, flags: vec![] };
        assert_eq!(found, Ok(resists));
        let tries = [0.008, 0.004].map(|epsilon| EpsilonTried { epsilon, flipped: false });
        assert_eq!(tried, tries);
    }

    #[test]
    fn a_picture_that_is_wrong_already_needs_no_search() {
        let (found, tried) = search(&MeanColour, &request(pgd(0.1, 0.025, 8), Some(1)));
        let found = found.unwrap();
        assert_eq!((found.label, found.smallest, found.already_wrong), (1, Some(0.0), true));
        assert_eq!(tried, []);
    }

    #[test]
    fn an_attack_that_jumps_over_what_it_looks_for_is_flagged() {
        // The second class wins only where red minus green, times 20, is -0.4 give or take 0.2.
        let island = Bent(|logits| {
            let height = logits.clone().narrow(1, 0, 1) - logits.clone().narrow(1, 1, 1) + 0.4;
            let nothing = height.clone() * 0.0;
            let second = nothing.clone() + 1.0 - height.clone() * height * 25.0;
            Tensor::cat(vec![nothing.clone(), second, nothing - 50.0], 1)
        });
        // One step of 0.02 lands there, and one of 0.04 behind it.
        let (found, tried) = search(&island, &request(pgd(0.04, 0.04, 1), None));
        let found = found.unwrap();
        assert_eq!(found.flags, [HonestyFlag::NoGrowthWithEpsilon]);
        let edge = (100.0 / 255.0 + 0.2) / 40.0;
        let smallest = found.smallest.unwrap();
        assert!((edge..edge + 1e-4).contains(&smallest), "{smallest} {edge}");
        assert!(!tried[0].flipped && tried[1].flipped);
    }

    #[test]
    fn doubts_about_the_model_are_told() {
        let softmax = Bent(|logits| burn::tensor::activation::softmax(logits, 1));
        let (found, _) = search(&softmax, &request(pgd(0.1, 0.025, 8), None));
        assert_eq!(found.unwrap().flags, [HonestyFlag::OutputsLookLikeProbabilities]);
    }

    #[test]
    fn numbers_that_are_none_end_the_search() {
        let roots = Bent(|logits| (logits - 20.0 * 119.5 / 255.0).sqrt());
        let settings = AttackSettings { loss: Loss::Margin, ..pgd(0.1, 0.025, 8) };
        let problem = search(&roots, &request(settings, None)).0.unwrap_err();
        assert_eq!((problem.kind, &problem.subject[..]), (ProblemKind::NotFinite, "bent"));
    }

    #[test]
    fn nonsense_is_refused() {
        let good = request(pgd(0.1, 0.025, 8), None);
        for bad in [
            request(pgd(0.1, 0.025, 0), None),
            request(pgd(0.1, 0.025, 8), Some(3)),
            SmallestEpsilonRequest { tolerance: 0.0, ..good.clone() },
            SmallestEpsilonRequest { tolerance: f32::NAN, ..good.clone() },
        ] {
            let refused = search(&MeanColour, &bad).0.unwrap_err();
            assert_eq!(refused.kind, ProblemKind::BadRequest, "{refused}");
        }
    }

    #[test]
    fn cancelling_stops_between_steps() {
        let device = Device::flex();
        let request = request(pgd(0.1, 0.025, 8), None);
        for pauses in [0, 1, 5, 30] {
            let impatient = Recorder::cancelling_after(pauses);
            let work = work(&device, &impatient);
            let ended = block_on(smallest_epsilon(&work, &MeanColour, &request)).unwrap_err();
            assert_eq!(ended.kind, ProblemKind::Cancelled, "after {pauses}");
        }
    }
}
