use super::{Error, Loss, ThreatModel, UpdateRule};

/// How an attack looks for its perturbation; what it may do and wants stands elsewhere
/// ([`ThreatModel`], [`Goal`](super::Goal)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AttackConfig {
    pub rule: UpdateRule,
    pub loss: Loss,
    /// Updates of each restart, at least 1.
    pub steps: usize,
    /// How far a step goes in the threat model's norm, in pixel units; positive and finite. For
    /// [`UpdateRule::Adam`] the learning rate, which no channel's step exceeds by much.
    pub step_size: f32,
    /// The seed of a start drawn evenly from the ball; none starts at the clean picture.
    pub random_start: Option<u64>,
    /// How many runs, of which each picture's best is kept; at least 1, and without a random start
    /// not more.
    pub restarts: usize,
    /// Whether a picture that has reached the goal is left as it is. The run ends at the first
    /// reported step at which all have.
    pub early_stop: bool,
}

impl AttackConfig {
    fn new(rule: UpdateRule, step_size: f32, steps: usize) -> Self {
        let loss = Loss::CrossEntropy;
        let (random_start, restarts, early_stop) = (None, 1, false);
        Self { rule, loss, steps, step_size, random_start, restarts, early_stop }
    }

    /// The basic iterative method: steps along the gradient from the clean picture.
    pub fn bim(step_size: f32, steps: usize) -> Self {
        Self::new(UpdateRule::Gradient, step_size, steps)
    }

    /// Projected gradient descent: steps along the gradient from a random start.
    pub fn pgd(step_size: f32, steps: usize, seed: u64) -> Self {
        Self { random_start: Some(seed), ..Self::bim(step_size, steps) }
    }

    /// MI-FGSM: steps along accumulated gradients from the clean picture.
    pub fn mi_fgsm(step_size: f32, steps: usize, decay: f32) -> Self {
        Self::new(UpdateRule::Momentum { decay }, step_size, steps)
    }

    /// Adam on the perturbation, projected after each step, from the clean picture.
    pub fn adam_on_delta(learning_rate: f32, steps: usize) -> Self {
        Self::new(UpdateRule::Adam, learning_rate, steps)
    }

    /// # Errors
    /// [`Error::Steps`], [`Error::StepSize`], [`Error::Restarts`], [`Error::Decay`].
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.steps == 0 {
            return Err(Error::Steps);
        }
        if !(self.step_size > 0.0 && self.step_size.is_finite()) {
            return Err(Error::StepSize { step_size: self.step_size });
        }
        let restarts = self.restarts;
        if restarts == 0 || (restarts > 1 && self.random_start.is_none()) {
            return Err(Error::Restarts { restarts });
        }
        match self.rule {
            UpdateRule::Momentum { decay } if !(decay >= 0.0 && decay.is_finite()) => {
                Err(Error::Decay { decay })
            }
            _ => Ok(()),
        }
    }

    /// What is allowed and yet seldom meant.
    pub fn warnings(&self, threat: &ThreatModel) -> Vec<Warning> {
        let (step_size, epsilon) = (self.step_size, threat.epsilon());
        if epsilon > 0.0 && step_size > epsilon {
            vec![Warning::StepAboveEpsilon { step_size, epsilon }]
        } else {
            Vec::new()
        }
    }
}

/// Something about an attack that a person should know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Warning {
    /// One step leads from the clean picture out of the ball: the projection throws part of each
    /// step away, and the attack jumps between the ball's ends.
    StepAboveEpsilon { step_size: f32, epsilon: f32 },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attacks::Norm;

    #[test]
    fn nonsense_is_refused() {
        let good = AttackConfig::pgd(0.01, 10, 0);
        assert_eq!(good.check(), Ok(()));
        assert_eq!(AttackConfig { steps: 0, ..good }.check(), Err(Error::Steps));
        for step_size in [0.0, -0.1, f32::NAN, f32::INFINITY] {
            let found = AttackConfig { step_size, ..good }.check();
            assert!(matches!(found, Err(Error::StepSize { .. })), "{step_size}");
        }
        assert_eq!(
            AttackConfig { restarts: 0, ..good }.check(),
            Err(Error::Restarts { restarts: 0 })
        );
        let again = AttackConfig { restarts: 2, ..AttackConfig::bim(0.01, 10) };
        assert_eq!(again.check(), Err(Error::Restarts { restarts: 2 }));
        for decay in [-1.0, f32::NAN, f32::INFINITY] {
            let found = AttackConfig::mi_fgsm(0.01, 10, decay).check();
            assert!(matches!(found, Err(Error::Decay { .. })), "{decay}");
        }
    }

    #[test]
    fn a_step_above_epsilon_is_only_a_warning() {
        let config = AttackConfig::bim(0.1, 5);
        let threat = |epsilon| ThreatModel::new(Norm::Linf, epsilon).unwrap();
        assert_eq!(config.check(), Ok(()));
        let warning = Warning::StepAboveEpsilon { step_size: 0.1, epsilon: 0.05 };
        assert_eq!(config.warnings(&threat(0.05)), [warning]);
        assert_eq!(config.warnings(&threat(0.1)), []);
        assert_eq!(config.warnings(&threat(0.0)), []);
    }
}
