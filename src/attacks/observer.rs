use std::future::Future;
use std::ops::ControlFlow;

use super::{Position, StepReport};

/// The one who waits for an attack.
pub trait AttackObserver {
    /// Whether loss and predictions of that step are wanted. Only then does anything leave the
    /// device.
    fn wants(&self, position: Position) -> bool;

    /// Takes note of a step; to break is to cancel. The attack waits for the answer, so it can be
    /// paused here.
    fn step(&mut self, report: StepReport) -> impl Future<Output = ControlFlow<()>>;
}

/// An observer that wants nothing and never cancels.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl AttackObserver for Unobserved {
    fn wants(&self, _position: Position) -> bool {
        false
    }

    async fn step(&mut self, _report: StepReport) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
