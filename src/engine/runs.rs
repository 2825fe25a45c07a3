//! The runs that are kept between jobs.

use super::run::Run;
use crate::protocol::{Problem, ProblemKind, RunId};

/// How many runs are kept: each holds some pictures on the device, and a share of its model.
const CAPACITY: usize = 8;

/// At most eight runs. One more ends the oldest.
#[derive(Default)]
pub struct Runs {
    /// The oldest is first.
    runs: Vec<Run>,
}

impl Runs {
    /// Keeps a run, in place of one of the same name.
    pub fn add(&mut self, run: Run) {
        self.close(run.id());
        if self.runs.len() == CAPACITY {
            self.runs.remove(0);
        }
        self.runs.push(run);
    }

    /// The run of that name.
    ///
    /// # Errors
    /// [`ProblemKind::UnknownRun`].
    pub fn get(&mut self, id: RunId) -> Result<&mut Run, Problem> {
        let unknown = || {
            let detail = format!("run {id} was not opened here, or is closed");
            Problem::new(ProblemKind::UnknownRun, "run", detail)
        };
        self.runs.iter_mut().find(|run| run.id() == id).ok_or_else(unknown)
    }

    /// Ends a run, if there is one of that name.
    pub fn close(&mut self, id: RunId) {
        self.runs.retain(|run| run.id() != id);
    }
}
