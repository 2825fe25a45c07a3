//! How work tells how far it is, and learns that it should stop.

use std::future::Future;

use crate::protocol::{Problem, Progress, Stage};

/// The one who waits for a job.
pub trait Observer {
    /// Takes note of how far the job is.
    fn report(&self, progress: Progress);

    /// Lets waiting messages in, then says whether the job is still wanted.
    ///
    /// # Errors
    /// [`crate::protocol::ProblemKind::Cancelled`].
    fn pause(&self) -> impl Future<Output = Result<(), Problem>>;

    /// Announces a stage, and pauses before it.
    ///
    /// # Errors
    /// Those of [`Self::pause`].
    fn begin(&self, stage: Stage) -> impl Future<Output = Result<(), Problem>> {
        self.report(Progress::Stage(stage));
        self.pause()
    }
}

/// Milliseconds since some fixed moment. Work takes its clock from outside because a browser's is
/// not the standard library's.
pub type Clock = fn() -> f64;
