//! The guards there are, and which of them this browser keeps.

use leptos::prelude::*;

use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::bench::state::for_the_page;
use crate::page::engine_client::{EngineClient, use_engine};
use crate::protocol::{GuardSummary, Problem, Request, Response, Tier};

/// The list, for the lesson and for whoever shows what is stored.
#[derive(Clone, Copy)]
pub struct GuardList {
    engine: EngineClient,
    list: Job<Vec<GuardSummary>>,
    deletion: Job<()>,
}

/// The page's list of guards.
pub fn use_guard_list() -> GuardList {
    for_the_page(|| GuardList { engine: use_engine(), list: Job::new(), deletion: Job::new() })
}

impl GuardList {
    /// Asks which guards there are. To be called after anything that adds or removes stored weights.
    pub fn refresh(self) {
        let work = |attempt: Attempt| async move {
            match attempt.ask(Request::ListGuards).await? {
                Response::Guards(guards) => Ok(guards),
                other => Err(unexpected(&other)),
            }
        };
        self.list.start(self.engine, work, |_| {});
    }

    /// Follows the list; none until it is there.
    pub fn with<T>(self, read: impl FnOnce(&[GuardSummary]) -> T) -> Option<T> {
        self.list.get().map(|guards| read(&guards))
    }

    /// Whether it is being asked for.
    pub fn busy(self) -> Signal<bool> {
        self.list.busy()
    }

    /// Why there is no list.
    pub fn problem(self) -> Signal<Option<Problem>> {
        self.list.problem()
    }

    /// Removes every guard that was fetched from the browser's storage. In memory it stays. What was
    /// imported is not brought back so soon, and is not removed with the rest.
    pub fn delete_kept(self) {
        let Some(guards) = untrack(|| self.with(<[GuardSummary]>::to_vec)) else { return };
        let work = move |attempt: Attempt| async move {
            for guard in guards.into_iter().filter(is_fetched) {
                attempt.ask(Request::ForgetGuard { guard: guard.id }).await?;
            }
            Ok(())
        };
        self.deletion.start(self.engine, work, move |_| self.refresh());
    }

    /// Why the last deletion went wrong.
    pub fn deletion_problem(self) -> Signal<Option<Problem>> {
        self.deletion.problem()
    }
}

/// Whether a guard was fetched and is kept, and was not imported.
pub fn is_fetched(guard: &GuardSummary) -> bool {
    guard.cached && guard.tier != Tier::OwnFile
}
