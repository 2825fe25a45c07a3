//! An attack's settings, checked and in the words of [`attacks`](crate::attacks).

use crate::{
    attacks::{self, Attack, AttackConfig, ThreatModel, UpdateRule},
    protocol::{AttackSettings, Caution, Goal, Loss, Method, Norm, Problem, ProblemKind},
};

/// The most steps of a restart.
const MAX_STEPS: u32 = 1000;
/// The most restarts.
const MAX_RESTARTS: u32 = 10;
/// How much of the past MI-FGSM keeps at each step: all of it, as in the paper.
const DECAY: f32 = 1.0;

/// An attack that is ready to be pointed at a picture.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub attack: Attack,
    pub threat: ThreatModel,
}

impl Plan {
    /// Checks settings.
    ///
    /// # Errors
    /// [`ProblemKind::BadRequest`], naming the setting, for steps outside 1 to
    /// 1000, restarts outside 1 to 10 or without a random start, a step that is not positive, and an
    /// epsilon that the norm does not know.
    pub fn new(settings: &AttackSettings) -> Result<Self, Problem> {
        let AttackSettings { steps, restarts, .. } = *settings;
        within("steps", steps, MAX_STEPS)?;
        within("restarts", restarts, MAX_RESTARTS)?;
        let attack = Attack::new(config(settings))?;
        let threat = ThreatModel::new(norm(settings.norm), settings.epsilon)?;
        Ok(Self { attack, threat })
    }

    /// What is odd about the attack on a picture of which the model says `prediction`.
    pub fn cautions(&self, goal: Goal, prediction: usize) -> Vec<Caution> {
        let warnings = self.attack.config().warnings(&self.threat);
        let of_settings = warnings.into_iter().map(|warning| match warning {
            attacks::Warning::StepAboveEpsilon { .. } => Caution::StepAboveEpsilon,
        });
        let nothing_allowed = (self.threat.epsilon() == 0.0).then_some(Caution::EpsilonZero);
        let nothing_to_do = match goal {
            Goal::Targeted { label } if label == prediction => Some(Caution::AlreadyThere),
            Goal::Untargeted { label: Some(label) } if label != prediction => {
                Some(Caution::AlreadyWrong)
            }
            _ => None,
        };
        of_settings.chain(nothing_allowed).chain(nothing_to_do).collect()
    }
}

/// Names the setting that is not from 1 to `largest`.
fn within(name: &str, value: u32, largest: u32) -> Result<(), Problem> {
    if (1..=largest).contains(&value) {
        return Ok(());
    }
    let detail = format!("{value} {name}, outside 1 to {largest}");
    Err(Problem::new(ProblemKind::BadRequest, name, detail))
}

fn config(settings: &AttackSettings) -> AttackConfig {
    AttackConfig {
        rule: match settings.method {
            Method::Bim | Method::Pgd => UpdateRule::Gradient,
            Method::MiFgsm => UpdateRule::Momentum { decay: DECAY },
            Method::AdamOnDelta => UpdateRule::Adam,
        },
        loss: match settings.loss {
            Loss::CrossEntropy => attacks::Loss::CrossEntropy,
            Loss::Margin => attacks::Loss::Margin,
            Loss::Dlr => attacks::Loss::Dlr,
        },
        steps: settings.steps as usize,
        step_size: settings.step_size,
        random_start: settings.random_start.then_some(u64::from(settings.seed)),
        restarts: settings.restarts as usize,
        early_stop: settings.early_stop,
    }
}

fn norm(norm: Norm) -> attacks::Norm {
    match norm {
        Norm::Linf => attacks::Norm::Linf,
        Norm::L2 => attacks::Norm::L2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::pgd;

    #[test]
    fn settings_become_the_attack_they_name() {
        let settings = AttackSettings {
            method: Method::MiFgsm,
            loss: Loss::Dlr,
            norm: Norm::L2,
            epsilon: 3.0,
            step_size: 0.5,
            steps: 7,
            random_start: true,
            seed: 5,
            restarts: 2,
            early_stop: true,
        };
        let plan = Plan::new(&settings).unwrap();
        let expected = AttackConfig {
            rule: UpdateRule::Momentum { decay: 1.0 },
            loss: attacks::Loss::Dlr,
            steps: 7,
            step_size: 0.5,
            random_start: Some(5),
            restarts: 2,
            early_stop: true,
        };
        assert_eq!(*plan.attack.config(), expected);
        assert_eq!((plan.threat.norm(), plan.threat.epsilon()), (attacks::Norm::L2, 3.0));
        let still = AttackSettings { random_start: false, restarts: 1, ..settings };
        assert_eq!(Plan::new(&still).unwrap().attack.config().random_start, None);
    }

    #[test]
    fn nonsense_is_refused() {
        let good = AttackSettings { random_start: true, ..pgd(0.1, 0.01, 10) };
        assert!(Plan::new(&good).is_ok());
        for (name, bad) in [
            ("steps", AttackSettings { steps: 0, ..good }),
            ("steps", AttackSettings { steps: 1001, ..good }),
            ("restarts", AttackSettings { restarts: 0, ..good }),
            ("restarts", AttackSettings { restarts: 11, ..good }),
            ("restarts", AttackSettings { restarts: 2, random_start: false, ..good }),
            ("step_size", AttackSettings { step_size: 0.0, ..good }),
            ("step_size", AttackSettings { step_size: f32::NAN, ..good }),
            ("epsilon", AttackSettings { epsilon: -0.1, ..good }),
            ("epsilon", AttackSettings { epsilon: 1.1, ..good }),
            ("epsilon", AttackSettings { epsilon: f32::NAN, ..good }),
            ("epsilon", AttackSettings { norm: Norm::L2, epsilon: f32::INFINITY, ..good }),
        ] {
            let problem = Plan::new(&bad).unwrap_err();
            let found = (problem.kind, &problem.subject[..]);
            assert_eq!(found, (ProblemKind::BadRequest, name), "{bad:?}");
        }
        assert!(Plan::new(&AttackSettings { norm: Norm::L2, epsilon: 1.1, ..good }).is_ok());
    }

    #[test]
    fn what_is_odd_is_said() {
        let cautions =
            |settings: &AttackSettings, goal| Plan::new(settings).unwrap().cautions(goal, 1);
        let (usual, prediction) = (pgd(0.1, 0.01, 10), Goal::Untargeted { label: None });
        assert_eq!(cautions(&usual, prediction), []);
        assert_eq!(cautions(&usual, Goal::Untargeted { label: Some(1) }), []);
        assert_eq!(cautions(&usual, Goal::Targeted { label: 0 }), []);
        assert_eq!(cautions(&pgd(0.1, 0.2, 10), prediction), [Caution::StepAboveEpsilon]);
        assert_eq!(cautions(&pgd(0.0, 0.1, 10), prediction), [Caution::EpsilonZero]);
        let there = cautions(&pgd(0.1, 0.2, 10), Goal::Targeted { label: 1 });
        assert_eq!(there, [Caution::StepAboveEpsilon, Caution::AlreadyThere]);
        let wrong = cautions(&usual, Goal::Untargeted { label: Some(2) });
        assert_eq!(wrong, [Caution::AlreadyWrong]);
    }
}
