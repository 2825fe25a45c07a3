//! The guard: which there are, and the one that is used.

use leptos::prelude::*;

use super::guard_list::{GuardList, use_guard_list};
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::engine_client::EngineClient;
use crate::protocol::{GuardMetrics, GuardSummary, Policy, Request, Response, Tier};

/// The guards there are, and the one that is used.
#[derive(Clone, Copy)]
pub struct Guards {
    engine: EngineClient,
    pub list: GuardList,
    /// The learner's choice; none is the first of the list.
    chosen: RwSignal<Option<String>>,
    /// The one that is used, once it is loaded.
    pub loaded: Job<GuardSummary>,
}

impl Guards {
    pub(super) fn new(engine: EngineClient) -> Self {
        Self { engine, list: use_guard_list(), chosen: RwSignal::new(None), loaded: Job::new() }
    }

    /// Loads the chosen one where that costs no download worth asking about.
    pub(super) fn follow(self) {
        self.list.refresh();
        Effect::new(move |_| {
            let Some(guard) = self.listed() else { return };
            if self.loaded.peek().is_some_and(|loaded| loaded.id == guard.id) {
                return;
            }
            self.loaded.reset(self.engine);
            if guard.tier == Tier::BuiltIn || guard.cached {
                self.load();
            }
        });
    }

    /// What is listed of the guard that is used.
    pub fn listed(self) -> Option<GuardSummary> {
        let chosen = self.chosen.get();
        self.list.with(|guards| {
            let wanted = guards.iter().find(|guard| Some(&guard.id) == chosen.as_ref());
            wanted.or_else(|| guards.first()).cloned()
        })?
    }

    /// What is known of the guard that is used.
    pub fn known(self) -> Option<GuardSummary> {
        let listed = self.listed()?;
        let loaded = self.loaded.get().filter(|guard| guard.id == listed.id);
        Some(loaded.map_or(listed, |guard| guard.as_ref().clone()))
    }

    /// Its own policies.
    pub fn policies(self) -> Vec<Policy> {
        self.known().map(|guard| guard.policies).unwrap_or_default()
    }

    /// How good it is.
    pub fn metrics(self) -> Option<GuardMetrics> {
        self.known().and_then(|guard| guard.metrics)
    }

    /// Uses another one.
    pub fn choose(self, id: &str) {
        self.chosen.set(Some(id.to_owned()));
    }

    /// Fetches and unpacks the chosen one.
    pub fn load(self) {
        let Some(guard) = untrack(|| self.listed()) else { return };
        let fetched = guard.tier == Tier::Hub && !guard.cached;
        let work = move |attempt: Attempt| async move {
            match attempt.ask(Request::LoadGuard { guard: guard.id }).await? {
                Response::Guard(guard) => Ok(*guard),
                other => Err(unexpected(&other)),
            }
        };
        // What was fetched is kept, which the list should say.
        self.loaded.start(self.engine, work, move |_| {
            if fetched {
                self.list.refresh();
            }
        });
    }

    /// Stops loading.
    pub fn cancel(self) {
        self.loaded.cancel(self.engine);
    }
}
