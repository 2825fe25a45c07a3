//! The arena: one picture, up to three models, and an attack on each of them.
//!
//! It lives as long as the page, so that every part of the lesson shows the same experiment and an
//! attack goes on while the learner reads. The picture is the bench's; models and settings are the
//! link's.

mod drive;
mod lane;
mod own;
mod run;
mod transfer;
mod trip;

pub use lane::Lane;
pub use own::{FINENESS, OwnItem, use_own_pictures};
pub use run::{Change, Outcome, Run};
pub use transfer::{Cell, Matrix, use_transfer};
pub use trip::{TripKind, TripRow, use_trips};

use std::sync::Arc;

use leptos::prelude::*;

use super::settings::attack_settings;
use super::truth::Truth;
use super::turns::Need;
use crate::page::bench::job::Job;
use crate::page::bench::state::{
    CROP_SETTLED, ModelList, PictureState, Square, for_the_page, use_model_list, use_picture,
};
use crate::page::engine_client::{EngineClient, use_engine};
use crate::page::link::{MOST_MODELS, PgdLink};
use crate::page::place::{Place, use_place};
use crate::protocol::{Localised, RunId};

/// What the attacks are doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing has been started, or it was cancelled.
    #[default]
    Idle,
    Running,
    /// Running until the turn that is being taken is over.
    Pausing,
    Paused,
    Finished,
}

/// Something that happened to the attacks without the learner's asking for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Another picture or other models: the attacks ended.
    Stopped,
    /// The engine was started anew: the attacks began again at their first step.
    BeganAgain,
}

/// The experiment.
#[derive(Clone, Copy)]
pub struct Arena {
    pub engine: EngineClient,
    place: Place,
    /// The settings.
    pub link: Memo<PgdLink>,
    pub picture: PictureState,
    /// The models there are.
    pub list: ModelList,
    /// The ids of the models that take part.
    models: Memo<Vec<String>>,
    /// The side of the square in pixels: the first model's input.
    side: Memo<Option<u32>>,
    /// What all models get: as large as the first one's input.
    pub square: Job<Square>,
    /// What the learner says that the picture shows.
    claim: RwSignal<Option<Truth>>,
    pub lanes: [Lane; MOST_MODELS],
    driver: Job<()>,
    pub phase: RwSignal<Phase>,
    /// The settings that the attacks were started with.
    started: RwSignal<Option<PgdLink>>,
    pub notice: RwSignal<Option<Notice>>,
    /// Whether the settings are unfolded.
    pub settings_open: RwSignal<bool>,
    next_run: StoredValue<RunId>,
}

/// The page's arena.
pub fn use_arena() -> Arena {
    for_the_page(|| {
        let (engine, place) = (use_engine(), use_place());
        let link = place.pgd();
        let (list, square) = (use_model_list(), Job::new());
        let models = Memo::new(move |_| link.with(|link| link.models.clone()));
        let side = Memo::new(move |_| {
            let first = models.with(|models| models.first().cloned())?;
            list.with(|known| {
                let model = known.iter().find(|model| model.id == first).or_else(|| known.first());
                model.map(|model| model.input_size)
            })?
        });
        let arena = Arena {
            engine,
            place,
            link,
            picture: use_picture(),
            list,
            models,
            side,
            square,
            claim: RwSignal::new(None),
            lanes: std::array::from_fn(|place| Lane::new(place, engine, link, list, square)),
            driver: Job::new(),
            phase: RwSignal::new(Phase::Idle),
            started: RwSignal::new(None),
            notice: RwSignal::new(None),
            settings_open: RwSignal::new(false),
            next_run: StoredValue::new(1),
        };
        arena.follow();
        arena
    })
}

impl Arena {
    /// Lets models, square and predictions follow from link and picture, and ends attacks on what
    /// is no longer there.
    fn follow(self) {
        for lane in self.lanes {
            lane.follow();
        }
        Effect::new(move |previous: Option<Option<Arc<_>>>| {
            let source = self.picture.source.get();
            self.picture.crop.track();
            let Some(size) = self.size() else { return source };
            let same = match (previous.flatten(), &source) {
                (Some(old), Some(new)) => Arc::ptr_eq(&old, new),
                _ => false,
            };
            self.cut_square(size, if same { CROP_SETTLED } else { 0 });
            source
        });
        Effect::new(move |_| {
            self.picture.source.get();
            self.claim.set(None);
        });
        Effect::new(move |previous: Option<(Option<Arc<Square>>, Vec<String>)>| {
            let square = self.square.get();
            let models = self.models.get();
            if let Some((old_square, old_models)) = previous {
                let same = match (&old_square, &square) {
                    (Some(old), Some(new)) => Arc::ptr_eq(old, new),
                    (None, None) => true,
                    _ => false,
                };
                if !same || old_models != models {
                    self.abandon();
                }
            }
            (square, models)
        });
        self.hear_steps();
    }

    /// The side of the square in pixels: the first model's input.
    pub fn size(self) -> Option<u32> {
        self.side.get()
    }

    fn cut_square(self, size: u32, pause: i32) {
        let Some(source) = self.picture.source.peek() else { return };
        let crop = self.picture.crop.get_untracked();
        let work = move |attempt| Square::cut(attempt, source, crop, size, pause);
        self.square.start(self.engine, work, |_| {});
    }

    /// Cuts the square once more.
    pub fn retry_square(self) {
        if let Some(size) = untrack(|| self.size()) {
            self.cut_square(size, 0);
        }
    }

    /// Changes the settings.
    pub fn update(self, change: impl FnOnce(&mut PgdLink)) {
        self.place.update_pgd(change);
    }

    /// The labels that goal and truth are about: the first model's, empty until it is loaded.
    pub fn labels(self) -> Localised<Vec<String>> {
        self.lanes[0].model.get().map(|model| model.labels.clone()).unwrap_or_default()
    }

    /// What the picture shows, as far as it is known.
    pub fn truth(self) -> Truth {
        self.claim.get().unwrap_or_else(|| match self.picture.source.get() {
            Some(source) => Truth::of_photo(&source.id, &self.labels()),
            None => Truth::Unknown,
        })
    }

    /// The learner says what the picture shows.
    pub fn set_truth(self, truth: Truth) {
        self.claim.set(Some(truth));
    }

    /// Whether an attack could start: some model has seen the picture, and a step goes somewhere.
    pub fn ready(self) -> bool {
        self.link.with(|link| attack_settings(link).is_some())
            && self.lanes.iter().any(|lane| lane.current().is_some())
    }

    /// Whether the settings are others than those of the attacks that are shown.
    pub fn is_stale(self) -> bool {
        self.started.with(|started| {
            started.as_ref().is_some_and(|started| self.link.with(|link| link != started))
        })
    }

    /// The settings that the attacks were started with.
    pub fn started(self) -> Option<PgdLink> {
        self.started.get()
    }

    /// The outcomes of the attacks, each with the place of its model.
    pub fn outcomes(self) -> Vec<(usize, Arc<Outcome>)> {
        let outcome = |lane: &Lane| Some((lane.place, lane.run.outcome.get()?));
        self.lanes.iter().filter_map(outcome).collect()
    }

    /// Whether any attack still needs the engine.
    fn unfinished(self) -> bool {
        self.lanes.iter().any(|lane| lane.run.need.get_untracked() != Need::Nothing)
    }
}
