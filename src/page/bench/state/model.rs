//! The model on the bench: one of the list, or a file of the learner's.

use std::sync::Arc;

use leptos::prelude::*;

use super::for_the_page;
use crate::page::bench::files;
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::engine_client::{EngineClient, use_engine};
use crate::page::link::GoalLink;
use crate::page::place::{Place, use_place};
use crate::protocol::{ModelSummary, ProblemKind, Request, Response, Tier};

/// The largest model file that is read, in bytes.
const MAX_FILE: f64 = 256e6;

/// The model, and what can be done with it.
#[derive(Clone, Copy)]
pub struct ModelState {
    engine: EngineClient,
    place: Place,
    /// The link's model.
    pub id: Memo<String>,
    /// The models there are.
    pub list: Job<Vec<ModelSummary>>,
    /// The learner's model files.
    pub own: RwSignal<Vec<Arc<ModelSummary>>>,
    /// The learner's model file that is on the bench in place of the link's model.
    pub own_id: RwSignal<Option<String>>,
    /// The model on the bench, once it is loaded.
    pub loaded: Job<ModelSummary>,
    /// A file of the learner's on its way.
    pub own_file: Job<ModelSummary>,
    /// The model that the link asked for and that is not here.
    pub replaced: RwSignal<Option<String>>,
}

/// The page's model.
pub fn use_model() -> ModelState {
    for_the_page(|| {
        let state = ModelState::new(use_engine(), use_place());
        state.follow();
        state
    })
}

impl ModelState {
    fn new(engine: EngineClient, place: Place) -> Self {
        let link = place.bench();
        Self {
            engine,
            place,
            id: Memo::new(move |_| link.with(|link| link.model.clone())),
            list: Job::new(),
            own: RwSignal::new(Vec::new()),
            own_id: RwSignal::new(None),
            loaded: Job::new(),
            own_file: Job::new(),
            replaced: RwSignal::new(None),
        }
    }

    /// Lets the model follow from the link.
    fn follow(self) {
        self.list_models();
        Effect::new(move |_| {
            let listed = self.list.get();
            match self.own_id.get() {
                Some(own) => {
                    let models = self.own.get_untracked();
                    if let Some(model) = models.into_iter().find(|model| model.id == own) {
                        self.loaded.set(self.engine, model);
                    }
                }
                None => {
                    if let Some(models) = listed {
                        self.take_listed(&models, &self.id.get());
                    }
                }
            }
        });
    }

    /// Asks which models there are.
    pub fn list_models(self) {
        let work = |attempt: Attempt| async move {
            match attempt.ask(Request::ListModels).await? {
                Response::Models(models) => Ok(models),
                other => Err(unexpected(&other)),
            }
        };
        self.list.start(self.engine, work, |_| {});
    }

    /// Puts a model on the bench: one of the list, or one of the learner's files.
    pub fn choose(self, id: &str) {
        self.replaced.set(None);
        let own = self.own.with_untracked(|models| models.iter().any(|own| own.id == id));
        self.own_id.set(own.then(|| id.to_owned()));
        self.place.update_bench(|link| {
            link.goal = GoalLink::Away;
            if !own {
                link.model = id.to_owned();
            }
        });
    }

    /// The id of the model on the bench.
    pub fn chosen_id(self) -> String {
        self.own_id.get().unwrap_or_else(|| self.id.get())
    }

    /// What is known of the model on the bench before it is loaded.
    pub fn chosen(self) -> Option<ModelSummary> {
        let id = self.chosen_id();
        let own = self.own.with(|models| models.iter().find(|model| model.id == id).cloned());
        own.map(|model| model.as_ref().clone())
            .or_else(|| self.list.get()?.iter().find(|model| model.id == id).cloned())
    }

    /// Loads a listed model if that costs no download worth asking about.
    fn take_listed(self, models: &[ModelSummary], id: &str) {
        if self.loaded.peek().is_some_and(|model| model.id == id) {
            return;
        }
        match models.iter().find(|model| model.id == id) {
            Some(model) if model.tier == Tier::BuiltIn || model.cached => self.load(),
            Some(_) => self.loaded.reset(self.engine),
            None => {
                let built_in = models.iter().find(|model| model.tier == Tier::BuiltIn);
                if let Some(built_in) = built_in.filter(|model| model.id != id) {
                    self.replaced.set(Some(id.to_owned()));
                    self.place.update_bench(|link| {
                        link.model = built_in.id.clone();
                        link.goal = GoalLink::Away;
                    });
                }
            }
        }
    }

    /// Fetches and unpacks the listed model that is on the bench.
    pub fn load(self) {
        let id = self.id.get_untracked();
        if self.loaded.peek().is_some_and(|model| model.id != id) {
            self.loaded.reset(self.engine);
        }
        let work = move |attempt: Attempt| async move {
            match attempt.ask(Request::LoadModel { model: id }).await? {
                Response::Model(model) => Ok(model),
                other => Err(unexpected(&other)),
            }
        };
        self.loaded.start(self.engine, work, |_| {});
    }

    /// Stops loading the listed model.
    pub fn cancel_load(self) {
        self.loaded.cancel(self.engine);
    }

    /// Loads a model file that the learner picked, and puts it on the bench.
    pub fn open_file(self, file: web_sys::File) {
        let work = move |attempt: Attempt| async move {
            let broken = ProblemKind::BrokenWeights;
            let bytes = files::read(&file, MAX_FILE, broken, broken).await?;
            match attempt.ask(Request::LoadOwnModel { file: file.name(), bytes }).await? {
                Response::Model(model) => Ok(model),
                other => Err(unexpected(&other)),
            }
        };
        self.own_file.start(self.engine, work, move |model| {
            let model = model.clone();
            let id = model.id.clone();
            self.own.update(|models| {
                models.retain(|old| old.id != model.id);
                models.push(model);
            });
            self.choose(&id);
        });
    }

    /// Stops loading a file of the learner's.
    pub fn cancel_file(self) {
        self.own_file.cancel(self.engine);
    }
}
