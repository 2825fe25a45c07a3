//! One of the models that take part: loading it, what it sees, what was measured of it.

use std::sync::Arc;

use leptos::prelude::*;

use super::Run;
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::bench::state::{ModelList, Square};
use crate::page::engine_client::EngineClient;
use crate::page::files;
use crate::page::link::PgdLink;
use crate::page::pgd::metrics::{self, Metrics};
use crate::protocol::{
    Classification, ModelSummary, Problem, ProblemKind, Request, Response, Tier,
};

/// What a model says of a square.
#[derive(Debug)]
pub struct Seen {
    pub model: Arc<ModelSummary>,
    pub square: Arc<Square>,
    pub classification: Classification,
}

/// One model's place in the arena.
#[derive(Clone, Copy)]
pub struct Lane {
    /// From 0.
    pub place: usize,
    engine: EngineClient,
    list: ModelList,
    square: Job<Square>,
    /// The id of the model that was asked for last.
    loading: StoredValue<String>,
    /// The model's id; none if fewer models take part.
    pub id: Memo<Option<String>>,
    pub model: Job<ModelSummary>,
    pub seen: Job<Seen>,
    pub run: Run,
    pub measured: Job<Measured>,
}

/// What was measured of a model.
#[derive(Debug)]
pub struct Measured {
    /// The model's id.
    id: String,
    pub metrics: Metrics,
}

impl Lane {
    pub(super) fn new(
        place: usize,
        engine: EngineClient,
        link: Memo<PgdLink>,
        list: ModelList,
        square: Job<Square>,
    ) -> Self {
        Self {
            place,
            engine,
            list,
            square,
            loading: StoredValue::new(String::new()),
            id: Memo::new(move |_| link.with(|link| link.models.get(place).cloned())),
            model: Job::new(),
            seen: Job::new(),
            run: Run::new(),
            measured: Job::new(),
        }
    }

    /// Lets the model follow from its id, and the prediction from model and square.
    pub(super) fn follow(self) {
        Effect::new(move |_| {
            let Some(id) = self.id.get() else {
                self.model.reset(self.engine);
                return;
            };
            let listed = self.list.with(|models| models.iter().find(|it| it.id == id).cloned());
            if let Some(listed) = listed {
                self.take(listed, &id);
            }
        });
        Effect::new(move |_| match (self.model.get(), self.square.get()) {
            (Some(model), Some(square)) => self.look(model, square),
            _ => self.seen.reset(self.engine),
        });
    }

    /// Loads the model, as the list has it, if that costs no download worth asking about.
    fn take(self, listed: Option<ModelSummary>, id: &str) {
        if self.model.peek().is_some_and(|model| model.id == id) {
            return;
        }
        match listed {
            Some(model) if model.tier == Tier::BuiltIn || model.cached => {
                if !self.model.busy().get_untracked() || self.loading.get_value() != id {
                    self.model.reset(self.engine);
                    self.load();
                }
            }
            Some(_) => self.model.reset(self.engine),
            None => {
                self.model.reset(self.engine);
                let unknown = Problem::new(ProblemKind::UnknownModel, id, "not in the manifest");
                self.model.start(self.engine, |_| async { Err(unknown) }, |_| {});
            }
        }
    }

    /// Fetches and unpacks the model.
    pub fn load(self) {
        let Some(id) = self.id.get_untracked() else { return };
        self.loading.set_value(id.clone());
        let work = move |attempt: Attempt| async move {
            match attempt.ask(Request::LoadModel { model: id }).await? {
                Response::Model(model) => Ok(model),
                other => Err(unexpected(&other)),
            }
        };
        // What was fetched is kept, which the list should say.
        let fetched = self.listed_untracked().is_some_and(|model| model.tier == Tier::Hub);
        self.model.start(self.engine, work, move |_| {
            if fetched {
                self.list.refresh();
            }
        });
    }

    /// Stops loading the model.
    pub fn cancel_load(self) {
        self.model.cancel(self.engine);
    }

    fn look(self, model: Arc<ModelSummary>, square: Arc<Square>) {
        let work = move |attempt: Attempt| async move {
            let picture = square.picture.as_ref().clone();
            let (classification, _) = attempt.classify(&model.id, picture).await?;
            Ok(Seen { model, square, classification })
        };
        self.seen.start(self.engine, work, |_| {});
    }

    /// Asks the model once more what it sees.
    pub fn look_again(self) {
        if let (Some(model), Some(square)) = (self.model.peek(), self.square.peek()) {
            self.look(model, square);
        }
    }

    /// What the model sees, once that is of the model that stands here and of its latest square.
    pub fn current(self) -> Option<Arc<Seen>> {
        let (seen, model, square) = (self.seen.get()?, self.model.get()?, self.square.get()?);
        let current = Arc::ptr_eq(&seen.model, &model) && Arc::ptr_eq(&seen.square, &square);
        current.then_some(seen)
    }

    /// What is known of the model before it is loaded.
    pub fn listed(self) -> Option<ModelSummary> {
        self.list.find(&self.id.get()?)
    }

    fn listed_untracked(self) -> Option<ModelSummary> {
        untrack(|| self.listed())
    }

    /// What was measured of the model that stands here, once it has been read.
    pub fn metrics(self) -> Option<Arc<Measured>> {
        let id = self.id.get()?;
        self.measured.get().filter(|measured| measured.id == id)
    }

    /// Whether nothing was measured of the model that stands here.
    pub fn is_unmeasured(self) -> bool {
        self.listed().is_some_and(|model| model.metrics.is_none())
    }

    /// Reads what was measured of the model, once.
    pub fn load_metrics(self) {
        let Some(ModelSummary { id, metrics: Some(file), .. }) = self.listed() else {
            self.measured.reset(self.engine);
            return;
        };
        if self.measured.peek().is_some_and(|measured| measured.id == id) {
            return;
        }
        let work = move |_| async move {
            let address = format!("models/{file}");
            let bytes = files::fetch(&address).await?;
            let broken =
                |detail| Problem::new(ProblemKind::BrokenManifest, address.clone(), detail);
            let json = String::from_utf8(bytes).map_err(|error| broken(error.to_string()))?;
            Ok(Measured { id, metrics: metrics::parse(&json).map_err(broken)? })
        };
        self.measured.start(self.engine, work, |_| {});
    }
}
