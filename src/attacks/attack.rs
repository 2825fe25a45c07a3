use std::ops::Deref;

use super::{AttackConfig, AttackObserver, AttackReport, Error, Goal, Running, ThreatModel};
use crate::vision::{Classifier, PixelTensor};

/// An attack of the PGD family: BIM, PGD, MI-FGSM, or Adam on the perturbation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attack(AttackConfig);

impl Attack {
    /// # Errors
    /// [`Error::Steps`], [`Error::StepSize`], [`Error::Restarts`], [`Error::Decay`].
    pub fn new(config: AttackConfig) -> Result<Self, Error> {
        config.check()?;
        Ok(Self(config))
    }

    pub fn config(&self) -> &AttackConfig {
        &self.0
    }

    /// An attack on pictures [n, 3, h, w] that is to be moved on step by step. It keeps what it is
    /// given of the model: a reference, or a share of it.
    ///
    /// # Errors
    /// [`Error::LabelCount`], [`Error::Label`], [`Error::Classes`].
    pub fn start<M: Deref<Target: Classifier>>(
        &self,
        model: M,
        pixels: &PixelTensor,
        goal: &Goal,
        threat: &ThreatModel,
    ) -> Result<Running<M>, Error> {
        Running::new(self.0, model, pixels, goal, *threat)
    }

    /// Attacks pictures [n, 3, h, w]. Cancelling is no error: the report is on what there was.
    ///
    /// # Errors
    /// Those of [`Self::start`] and [`Running::step`].
    pub async fn run(
        &self,
        model: &dyn Classifier,
        pixels: &PixelTensor,
        goal: &Goal,
        threat: &ThreatModel,
        observer: &mut impl AttackObserver,
    ) -> Result<AttackReport, Error> {
        let mut running = self.start(model, pixels, goal, threat)?;
        while !running.is_done() {
            let wanted = observer.wants(running.position());
            let report = running.step(wanted).await?;
            if observer.step(report).await.is_break() {
                break;
            }
        }
        running.finish().await
    }
}
