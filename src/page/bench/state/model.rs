//! The model on the bench: one of the list, or a file of the learner's.

use std::sync::Arc;

use leptos::prelude::*;

use super::for_the_page;
use super::model_list::{ModelList, use_model_list};
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::bench::model_choice::{self, Step};
use crate::page::engine_client::{EngineClient, use_engine};
use crate::page::files;
use crate::page::link::GoalLink;
use crate::page::place::{Place, use_place};
use crate::protocol::{ModelSummary, ProblemKind, Request, Response};

/// The largest model file that is read, in bytes. A MobileNetV2 1.0 has 14 MB, 28 MB in f64.
const MAX_FILE: f64 = 64e6;

/// The model, and what can be done with it.
#[derive(Clone, Copy)]
pub struct ModelState {
    engine: EngineClient,
    place: Place,
    /// The link's model.
    pub id: Memo<String>,
    /// The models there are.
    pub list: ModelList,
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
            list: use_model_list(),
            own: RwSignal::new(Vec::new()),
            own_id: RwSignal::new(None),
            loaded: Job::new(),
            own_file: Job::new(),
            replaced: RwSignal::new(None),
        }
    }

    /// Lets the model follow from the link.
    fn follow(self) {
        // Only a change of what is to be done counts: a list that is asked for again must not load
        // what the learner has cancelled.
        let step = Memo::new(move |_| {
            let id = self.id.get();
            self.list.with(|models| model_choice::step(models, &id))
        });
        Effect::new(move |_| {
            let (id, step) = (self.id.get(), step.get());
            match (self.own_id.get(), step) {
                (Some(own), _) => self.take_own(&own),
                (None, Some(step)) => self.take_listed(&id, step),
                (None, None) => {}
            }
        });
        let set_up = self.place.set_up();
        Effect::new(move |before: Option<u32>| {
            let now = set_up.get();
            if before.is_some_and(|before| before != now) {
                // The link was made for the model that it names.
                self.own_id.set(None);
            }
            now
        });
    }

    /// Puts a model on the bench: one of the list, or one of the learner's files.
    pub fn choose(self, id: &str) {
        self.replaced.set(None);
        let own = self.own.with_untracked(|models| models.iter().any(|own| own.id == id));
        self.own_id.set(own.then(|| id.to_owned()));
        // A model of the learner's is not in the link, and neither is what it is attacked for.
        if !own {
            self.place.update_bench(|link| {
                link.goal = GoalLink::Away;
                link.model = id.to_owned();
            });
        }
    }

    /// The id of the model on the bench.
    pub fn chosen_id(self) -> String {
        self.own_id.get().unwrap_or_else(|| self.id.get())
    }

    /// What is known of the model on the bench before it is loaded.
    pub fn chosen(self) -> Option<ModelSummary> {
        let id = self.chosen_id();
        let own = self.own.with(|models| models.iter().find(|model| model.id == id).cloned());
        own.map(|model| model.as_ref().clone()).or_else(|| self.list.find(&id))
    }

    fn take_own(self, id: &str) {
        let own = self.own.with_untracked(|own| own.iter().find(|own| own.id == id).cloned());
        let Some(own) = own else { return };
        if !self.loaded.peek().is_some_and(|loaded| Arc::ptr_eq(&loaded, &own)) {
            self.loaded.set(self.engine, own);
        }
    }

    fn take_listed(self, id: &str, step: Step) {
        if self.loaded.peek().is_some_and(|model| model.id == id) {
            return;
        }
        match step {
            Step::Load => self.load(),
            Step::Offer => self.loaded.reset(self.engine),
            Step::Replace => {
                let substitute = |models: &[_]| model_choice::substitute(models).cloned();
                if let Some(model) = untrack(|| self.list.with(substitute)).flatten() {
                    self.replaced.set(Some(id.to_owned()));
                    self.place.update_bench(|link| {
                        link.model = model.id;
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
        // It may be kept in the browser by now.
        self.loaded.start(self.engine, work, move |_| self.list.refresh());
    }

    /// Stops loading the listed model.
    pub fn cancel_load(self) {
        self.loaded.cancel(self.engine);
    }

    /// Loads a model file that the learner picked, and puts it on the bench.
    pub fn open_file(self, file: web_sys::File) {
        let work = move |attempt: Attempt| async move {
            let (large, broken) = (ProblemKind::ModelTooLarge, ProblemKind::BrokenWeights);
            let bytes = files::read(&file, MAX_FILE, large, broken).await?;
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
