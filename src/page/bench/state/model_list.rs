//! The models there are, and which of them this browser keeps.

use leptos::prelude::*;

use super::for_the_page;
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::engine_client::{EngineClient, use_engine};
use crate::protocol::{ModelSummary, Problem, Request, Response};

/// The list, for every bench and for whoever shows what is stored.
#[derive(Clone, Copy)]
pub struct ModelList {
    engine: EngineClient,
    list: Job<Vec<ModelSummary>>,
    deletion: Job<()>,
}

/// The page's list of models.
pub fn use_model_list() -> ModelList {
    for_the_page(|| {
        let list = ModelList { engine: use_engine(), list: Job::new(), deletion: Job::new() };
        list.refresh();
        list
    })
}

impl ModelList {
    /// Asks which models there are. To be called after anything that adds or removes stored weights.
    pub fn refresh(self) {
        let work = |attempt: Attempt| async move {
            match attempt.ask(Request::ListModels).await? {
                Response::Models(models) => Ok(models),
                other => Err(unexpected(&other)),
            }
        };
        self.list.start(self.engine, work, |_| {});
    }

    /// Follows the list; none until it is there.
    pub fn with<T>(self, read: impl FnOnce(&[ModelSummary]) -> T) -> Option<T> {
        self.list.get().map(|models| read(&models))
    }

    /// What is listed of the model called `id`.
    pub fn find(self, id: &str) -> Option<ModelSummary> {
        self.with(|models| models.iter().find(|model| model.id == id).cloned()).flatten()
    }

    /// Whether there is a list.
    pub fn is_there(self) -> bool {
        self.with(|_| ()).is_some()
    }

    /// Whether it is being asked for.
    pub fn busy(self) -> Signal<bool> {
        self.list.busy()
    }

    /// Why there is no list.
    pub fn problem(self) -> Signal<Option<Problem>> {
        self.list.problem()
    }

    /// Removes every kept model from the browser's storage; `done` is called when that went well.
    pub fn delete_kept(self, done: impl FnOnce() + 'static) {
        let models = untrack(|| self.with(<[ModelSummary]>::to_vec)).unwrap_or_default();
        let work = move |attempt: Attempt| async move {
            for model in models.into_iter().filter(|model| model.cached) {
                attempt.ask(Request::ForgetModel { model: model.id }).await?;
            }
            Ok(())
        };
        self.deletion.start(self.engine, work, move |_| {
            self.refresh();
            done();
        });
    }

    /// Why the last deletion went wrong.
    pub fn deletion_problem(self) -> Signal<Option<Problem>> {
        self.deletion.problem()
    }
}
