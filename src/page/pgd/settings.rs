//! From the learner's settings to the engine's, and what is odd about them.

use crate::page::bench::epsilon::from_levels;
use crate::page::link::{GoalLink, PgdLink, StepSize};
use crate::protocol::{AttackSettings, Loss, Method, Norm};

/// The sliders' ends: Linf in levels of 1/255, L2 in pixel units.
pub const MOST_LEVELS: f32 = 16.0;
pub use crate::page::link::MOST_L2;

/// Where epsilon goes when the norm changes, in pixel units.
const LINF_START: f32 = 2.0 / 255.0;
const L2_START: f32 = 0.5;

/// Settings that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// The notebook's optimiser, with its faults repaired: Adam on delta, 350 steps. On logits its
    /// loss, -CE(label) + CE(target), is the lead of the label over the target; the margin is that
    /// of the best other label.
    Original,
    /// PGD with the step size and count that Madry and others evaluate with (arXiv 1706.06083):
    /// 20 steps of a quarter of epsilon, from random starts.
    Papers,
}

/// Something that the learner should know about a setting, beside which it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    EpsilonZero,
    StepZero,
    StepAboveEpsilon,
    /// All steps together are shorter than epsilon.
    EdgeOutOfReach,
    /// Without a random start every restart would be the same.
    RestartsNeedChance,
}

/// Puts a preset's settings in place. The models and, but for the notebook's target, the goal stay.
pub fn apply(preset: Preset, link: &mut PgdLink) {
    let kept = PgdLink { models: link.models.clone(), goal: link.goal, ..PgdLink::default() };
    *link = match preset {
        Preset::Original => PgdLink {
            goal: match link.goal {
                GoalLink::Towards(_) => link.goal,
                _ => kept.goal_of_the_lesson(),
            },
            method: Method::AdamOnDelta,
            loss: Loss::Margin,
            step: StepSize::Fixed(0.005),
            steps: 350,
            random_start: false,
            ..kept
        },
        Preset::Papers => PgdLink { restarts: 3, ..kept },
    };
}

impl PgdLink {
    fn goal_of_the_lesson(&self) -> GoalLink {
        PgdLink::default().goal
    }

    /// Whether these are a preset's settings, whatever the models and the goal.
    pub fn is(&self, preset: Preset) -> bool {
        let mut of_preset = self.clone();
        apply(preset, &mut of_preset);
        of_preset.goal = self.goal;
        of_preset == *self
    }
}

/// The step size in pixel units, or Adam's learning rate.
pub fn step_size(link: &PgdLink) -> f32 {
    match link.step {
        StepSize::OfEpsilon(multiple) => multiple * link.epsilon,
        StepSize::Fixed(size) => size,
    }
}

/// How many restarts there will be: chance is what makes them differ.
pub fn restarts(link: &PgdLink) -> u32 {
    if link.random_start { link.restarts } else { 1 }
}

/// Changes the norm; epsilon starts anew in the new unit.
pub fn set_norm(link: &mut PgdLink, norm: Norm) {
    if link.norm != norm {
        link.norm = norm;
        link.epsilon = match norm {
            Norm::Linf => LINF_START,
            Norm::L2 => L2_START,
        };
        if matches!(link.step, StepSize::Fixed(_)) && link.method != Method::AdamOnDelta {
            link.step = PgdLink::default().step;
        }
    }
}

/// What the engine is asked to do; none if a step would go nowhere.
pub fn attack_settings(link: &PgdLink) -> Option<AttackSettings> {
    // With epsilon 0 nothing moves, whatever the step; the engine wants a positive one.
    let step_size = if link.epsilon == 0.0 { from_levels(1.0) } else { step_size(link) };
    (step_size > 0.0).then_some(AttackSettings {
        method: link.method,
        loss: link.loss,
        norm: link.norm,
        epsilon: link.epsilon,
        step_size,
        steps: link.steps,
        random_start: link.random_start,
        seed: link.seed,
        restarts: restarts(link),
        early_stop: link.early_stop,
    })
}

/// The attack of the evaluation that the measured curves are from, with one restart, for the search
/// for the smallest epsilon up to `largest` (pixel units).
pub fn search_settings(norm: Norm, largest: f32) -> AttackSettings {
    AttackSettings {
        method: Method::Pgd,
        loss: Loss::CrossEntropy,
        norm,
        epsilon: largest,
        step_size: 2.5 * largest / 20.0,
        steps: 20,
        random_start: true,
        seed: 0,
        restarts: 1,
        early_stop: true,
    }
}

/// What is odd about the settings.
pub fn remarks(link: &PgdLink) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let (epsilon, step) = (link.epsilon, step_size(link));
    if epsilon == 0.0 {
        remarks.push(Remark::EpsilonZero);
    } else if step <= 0.0 {
        remarks.push(Remark::StepZero);
    } else if step > epsilon * 1.0001 {
        remarks.push(Remark::StepAboveEpsilon);
    } else if step * link.steps as f32 * 1.0001 < epsilon {
        remarks.push(Remark::EdgeOutOfReach);
    }
    if link.restarts > 1 && !link.random_start {
        remarks.push(Remark::RestartsNeedChance);
    }
    remarks
}

/// Reads a whole number of a field, from `least` to `most`.
pub fn whole(text: &str, least: u32, most: u32) -> Option<u32> {
    text.trim().parse().ok().filter(|value| (least..=most).contains(value))
}

/// Reads a size of a field: a number that is not negative, with a point or a comma.
pub fn size(text: &str) -> Option<f32> {
    let value: f32 = text.trim().replace(',', ".").parse().ok()?;
    (value.is_finite() && (0.0..=1e3).contains(&value)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_original_is_adam_with_a_projection() {
        let mut link = PgdLink { goal: GoalLink::Away, seed: 9, ..PgdLink::default() };
        apply(Preset::Original, &mut link);
        assert_eq!(link.goal, GoalLink::Towards(4));
        let settings = attack_settings(&link).unwrap();
        assert_eq!((settings.method, settings.steps), (Method::AdamOnDelta, 350));
        assert_eq!((settings.step_size, settings.epsilon), (0.005, 2.0 / 255.0));
        assert!(!settings.random_start && settings.restarts == 1);
        assert!(link.is(Preset::Original) && !link.is(Preset::Papers));
    }

    #[test]
    fn the_papers_preset_leaves_the_goal() {
        let mut link = PgdLink { goal: GoalLink::AwayFrom(1), ..PgdLink::default() };
        apply(Preset::Papers, &mut link);
        assert_eq!(link.goal, GoalLink::AwayFrom(1));
        let settings = attack_settings(&link).unwrap();
        assert_eq!((settings.steps, settings.restarts), (20, 3));
        assert!((settings.step_size - 0.5 / 255.0).abs() < 1e-7);
        link.steps = 21;
        assert!(!link.is(Preset::Papers));
    }

    #[test]
    fn a_multiple_follows_epsilon_and_a_fixed_step_does_not() {
        let mut link =
            PgdLink { step: StepSize::OfEpsilon(0.5), epsilon: 0.1, ..PgdLink::default() };
        assert_eq!(step_size(&link), 0.05);
        link.step = StepSize::Fixed(0.3);
        assert_eq!(step_size(&link), 0.3);
    }

    #[test]
    fn what_is_odd_is_remarked_on() {
        let usual = PgdLink::default();
        assert!(remarks(&usual).is_empty());
        let odd = |change: fn(&mut PgdLink)| {
            let mut link = usual.clone();
            change(&mut link);
            remarks(&link)
        };
        assert_eq!(odd(|link| link.epsilon = 0.0), [Remark::EpsilonZero]);
        assert_eq!(odd(|link| link.step = StepSize::Fixed(0.0)), [Remark::StepZero]);
        assert_eq!(odd(|link| link.step = StepSize::OfEpsilon(3.0)), [Remark::StepAboveEpsilon]);
        assert!(odd(|link| link.step = StepSize::OfEpsilon(1.0)).is_empty());
        assert_eq!(odd(|link| link.step = StepSize::OfEpsilon(0.01)), [Remark::EdgeOutOfReach]);
        let restarts = |link: &mut PgdLink| (link.restarts, link.random_start) = (5, false);
        assert_eq!(odd(restarts), [Remark::RestartsNeedChance]);
    }

    #[test]
    fn the_engine_is_asked_for_what_it_takes() {
        let link = PgdLink { restarts: 5, random_start: false, ..PgdLink::default() };
        assert_eq!(attack_settings(&link).unwrap().restarts, 1);
        let zero = PgdLink { epsilon: 0.0, ..PgdLink::default() };
        assert!(attack_settings(&zero).unwrap().step_size > 0.0);
        let still = PgdLink { step: StepSize::Fixed(0.0), ..PgdLink::default() };
        assert_eq!(attack_settings(&still), None);
    }

    #[test]
    fn another_norm_has_another_epsilon() {
        let mut link = PgdLink { step: StepSize::Fixed(0.001), ..PgdLink::default() };
        set_norm(&mut link, Norm::L2);
        assert_eq!((link.epsilon, link.step), (0.5, StepSize::OfEpsilon(0.25)));
        link.epsilon = 1.5;
        set_norm(&mut link, Norm::L2);
        assert_eq!(link.epsilon, 1.5);
    }

    #[test]
    fn fields_take_numbers_within_their_range() {
        assert_eq!(whole(" 7 ", 1, 10), Some(7));
        assert_eq!((whole("0", 1, 10), whole("11", 1, 10), whole("", 1, 10)), (None, None, None));
        assert_eq!(size("0,5"), Some(0.5));
        assert_eq!((size("-1"), size("inf"), size("x")), (None, None, None));
    }
}
