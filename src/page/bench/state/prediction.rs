//! What the model on the bench says of the square on the bench.

use std::sync::Arc;

use leptos::prelude::*;

use super::for_the_page;
use super::model::{ModelState, use_model};
use super::picture::{PictureState, Square, use_picture};
use crate::page::bench::job::{Attempt, Job};
use crate::page::engine_client::{EngineClient, use_engine};
use crate::protocol::{Classification, DeviceKind, ModelSummary};

/// What a model says of a square.
#[derive(Debug)]
pub struct Seen {
    /// The model that says it.
    pub model: Arc<ModelSummary>,
    /// What it was given.
    pub square: Arc<Square>,
    /// What it says.
    pub classification: Classification,
    /// What computed it.
    pub device: DeviceKind,
}

impl Seen {
    /// The best label.
    pub fn best(&self) -> Option<usize> {
        self.classification.top.first().map(|score| score.label)
    }
}

/// The prediction, and what it follows from.
#[derive(Clone, Copy)]
pub struct PredictionState {
    engine: EngineClient,
    /// The picture on the bench.
    pub picture: PictureState,
    /// The model on the bench.
    pub model: ModelState,
    /// The latest prediction, which may be of another square or by another model.
    pub latest: Job<Seen>,
}

/// The page's prediction.
pub fn use_prediction() -> PredictionState {
    for_the_page(|| {
        let (picture, model) = (use_picture(), use_model());
        let state = PredictionState { engine: use_engine(), picture, model, latest: Job::new() };
        Effect::new(move |_| {
            let (square, model) = state.subject();
            state.predict_with(square, model);
        });
        state
    })
}

impl PredictionState {
    /// The square and the model on the bench.
    pub fn subject(self) -> (Option<Arc<Square>>, Option<Arc<ModelSummary>>) {
        (self.picture.square.get(), self.model.loaded.get())
    }

    /// Asks the model what it sees.
    pub fn predict(self) {
        let (square, model) = untrack(|| self.subject());
        self.predict_with(square, model);
    }

    fn predict_with(self, square: Option<Arc<Square>>, model: Option<Arc<ModelSummary>>) {
        let (Some(square), Some(model)) = (square, model) else {
            self.latest.reset(self.engine);
            return;
        };
        let work = move |attempt: Attempt| async move {
            let picture = square.picture.as_ref().clone();
            let (classification, device) = attempt.classify(&model.id, picture).await?;
            Ok(Seen { model, square, classification, device })
        };
        self.latest.start(self.engine, work, |_| {});
    }

    /// The prediction, if it is of the square and by the model that are on the bench.
    pub fn current(self) -> Option<Arc<Seen>> {
        let seen = self.latest.get()?;
        let (square, model) = self.subject();
        let current = Arc::ptr_eq(&seen.square, &square?) && Arc::ptr_eq(&seen.model, &model?);
        current.then_some(seen)
    }
}
