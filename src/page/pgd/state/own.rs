//! The learner's own pictures: for each and each model the smallest epsilon that flips it.

use std::collections::VecDeque;
use std::sync::Arc;

use js_sys::Date;
use leptos::prelude::*;

use super::{Arena, use_arena};
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::bench::photos::{self, Photo};
use crate::page::bench::state::for_the_page;
use crate::page::files;
use crate::page::pgd::metrics::largest_epsilon;
use crate::page::pgd::settings::search_settings;
use crate::page::pgd::tally::Found;
use crate::page::pgd::truth::{Claim, Expected};
use crate::protocol::{
    Crop, HonestyFlag, ModelSummary, Norm, Picture, Problem, ProblemKind, Request, Response,
    SmallestEpsilonRequest,
};

/// The largest picture file that is read, in bytes.
const MAX_FILE: f64 = 64e6;

/// How long the list of models is waited for before looking again, in milliseconds.
const LIST_WAIT: i32 = 100;

/// How finely the bisection ends: the largest epsilon divided by this.
pub const FINENESS: f32 = 64.0;

/// One of the pictures.
#[derive(Clone, Debug)]
pub struct OwnItem {
    pub id: u32,
    pub name: String,
    /// Square, of the models' input size.
    pub picture: Arc<Picture>,
    pub claim: Claim,
}

/// What was found of one picture under one model in one norm.
#[derive(Clone, Debug)]
pub struct OwnResult {
    pub item: u32,
    pub model: String,
    pub norm: Norm,
    pub found: Found,
    /// Reasons to doubt the search.
    pub flags: Vec<HonestyFlag>,
}

/// How far the search is.
#[derive(Clone, Copy, Debug)]
pub struct Advance {
    pub done: usize,
    pub total: usize,
    /// When it began, in milliseconds.
    pub begin: f64,
}

/// The pictures and what was found.
#[derive(Clone, Copy)]
pub struct OwnPictures {
    arena: Arena,
    pub norm: RwSignal<Norm>,
    pub items: RwSignal<Vec<OwnItem>>,
    /// Those that are still to be added.
    waiting: StoredValue<VecDeque<Origin>, LocalStorage>,
    pub results: RwSignal<Vec<OwnResult>>,
    pub adding: Job<()>,
    /// Files that could not be added, with the reason for each.
    pub refused: RwSignal<Vec<Problem>>,
    pub search: Job<()>,
    pub advance: RwSignal<Option<Advance>>,
    next: StoredValue<u32>,
}

/// The page's pictures of the learner's.
pub fn use_own_pictures() -> OwnPictures {
    for_the_page(|| OwnPictures {
        arena: use_arena(),
        norm: RwSignal::new(Norm::Linf),
        items: RwSignal::new(Vec::new()),
        waiting: StoredValue::new_local(VecDeque::new()),
        results: RwSignal::new(Vec::new()),
        adding: Job::new(),
        refused: RwSignal::new(Vec::new()),
        search: Job::new(),
        advance: RwSignal::new(None),
        next: StoredValue::new(0),
    })
}

/// Where a picture comes from.
enum Origin {
    Photo(Box<Photo>),
    File(web_sys::File),
}

impl OwnPictures {
    /// Adds a shipped photograph.
    pub fn add_photo(self, photo: Photo) {
        self.add(vec![Origin::Photo(Box::new(photo))]);
    }

    /// Adds picture files. What is dropped without a file in it is refused by name.
    pub fn add_files(self, files: &web_sys::FileList) {
        if files.length() == 0 {
            let nothing = Problem::new(ProblemKind::NotAPicture, "drop", "it holds no file");
            self.refused.set(vec![nothing]);
            return;
        }
        self.add(
            (0..files.length()).filter_map(|place| files.get(place)).map(Origin::File).collect(),
        );
    }

    fn add(self, sources: Vec<Origin>) {
        self.waiting.update_value(|waiting| waiting.extend(sources));
        // Those that are being added first take the new ones along.
        if self.adding.busy().get_untracked() {
            return;
        }
        self.refused.set(Vec::new());
        let next = move || self.waiting.try_update_value(VecDeque::pop_front).flatten();
        let work = move |attempt: Attempt| async move {
            let size = self.size(attempt).await?;
            while let Some(source) = next() {
                match self.read(attempt, source, size).await {
                    Ok(item) => self.items.update(|items| items.push(item)),
                    Err(problem) if problem.kind == ProblemKind::Cancelled => return Err(problem),
                    // One bad file among many does not keep the others out.
                    Err(problem) => self.refused.update(|refused| refused.push(problem)),
                }
            }
            Ok(())
        };
        self.adding.start(self.arena.engine, work, |_| {});
    }

    /// The models' input size in pixels, waited for while the list of models is on its way.
    async fn size(self, attempt: Attempt) -> Result<u32, Problem> {
        loop {
            if let Some(size) = untrack(|| self.arena.size()) {
                return Ok(size);
            }
            if let Some(problem) = self.arena.list.problem().get_untracked() {
                return Err(problem);
            }
            files::pause(LIST_WAIT).await;
            attempt.check()?;
        }
    }

    async fn read(self, attempt: Attempt, source: Origin, size: u32) -> Result<OwnItem, Problem> {
        let (name, bytes, crop, claim) = match source {
            Origin::Photo(photo) => {
                let bytes = files::fetch(&format!("{}{}", photos::FOLDER, photo.file)).await?;
                let claim = Claim::Photo(photo.id.clone());
                (photo.id, bytes, photo.crop.unwrap_or_default(), claim)
            }
            Origin::File(file) => {
                let (large, broken) = (ProblemKind::PictureTooLarge, ProblemKind::BrokenPicture);
                let bytes = files::read(&file, MAX_FILE, large, broken).await?;
                (file.name(), bytes, Crop::default(), Claim::OwnAnswer)
            }
        };
        let picture = attempt.picture(Request::Decode { name: name.clone(), bytes }).await?;
        let picture = Arc::new(attempt.picture(Request::Crop { picture, crop, size }).await?);
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        Ok(OwnItem { id, name, picture, claim })
    }

    /// Sets what a picture shows. What was found of it before no longer counts.
    pub fn set_claim(self, id: u32, claim: Claim) {
        self.forget_results(id);
        self.items.update(|items| {
            if let Some(item) = items.iter_mut().find(|item| item.id == id) {
                item.claim = claim;
            }
        });
    }

    /// Takes a picture away.
    pub fn remove(self, id: u32) {
        self.forget_results(id);
        self.items.update(|items| items.retain(|item| item.id != id));
    }

    fn forget_results(self, id: u32) {
        self.results.update(|results| results.retain(|result| result.item != id));
    }

    /// What was found of all pictures that count for a model, in the chosen norm, in their order.
    pub fn found(self, model: &str) -> Vec<Found> {
        let norm = self.norm.get();
        self.results.with(|results| {
            let of = |it: &&OwnResult| it.model == model && it.norm == norm;
            results.iter().filter(of).map(|it| it.found).filter(|it| it.counts()).collect()
        })
    }

    /// What was found of one picture under a model in the chosen norm.
    pub fn found_of(self, item: u32, model: &str) -> Option<(Found, Vec<HonestyFlag>)> {
        self.found_in(self.norm.get(), item, model)
    }

    fn found_in(self, norm: Norm, item: u32, model: &str) -> Option<(Found, Vec<HonestyFlag>)> {
        self.results.with(|results| {
            let this = |it: &&OwnResult| it.item == item && it.model == model && it.norm == norm;
            results.iter().find(this).map(|it| (it.found, it.flags.clone()))
        })
    }

    /// Searches for what has not been found yet: picture by picture, so that the first rows of the
    /// table are soon whole.
    pub fn run(self) {
        let norm = self.norm.get_untracked();
        let missing = untrack(|| self.missing());
        if missing.is_empty() {
            return;
        }
        let labels = untrack(|| self.arena.labels());
        let (begin, total, largest) = (Date::now(), missing.len(), largest_epsilon(norm));
        self.advance.set(Some(Advance { done: 0, total, begin }));
        let work = move |attempt: Attempt| async move {
            let mut done = 0;
            // What was added meanwhile is searched as well.
            loop {
                let missing = untrack(|| self.missing_in(norm));
                let total = done + missing.len();
                let Some((item, model)) = missing.into_iter().next() else { break };
                done += 1;
                let keep = |found, flags| {
                    let (item, model) = (item.id, model.id.clone());
                    let result = OwnResult { item, model, norm, found, flags };
                    self.results.update(|results| results.push(result));
                    self.advance.set(Some(Advance { done, total, begin }));
                };
                let label = match item.claim.expected(&labels, &model.labels) {
                    Expected::OwnAnswer => None,
                    Expected::Label(label) => Some(label),
                    Expected::Nothing => {
                        keep(Found::AlreadyWrong, Vec::new());
                        continue;
                    }
                    Expected::Unknown => {
                        keep(Found::NoPart, Vec::new());
                        continue;
                    }
                };
                let request = SmallestEpsilonRequest {
                    model: model.id.clone(),
                    picture: item.picture.as_ref().clone(),
                    label,
                    settings: search_settings(norm, largest),
                    tolerance: largest / FINENESS,
                };
                match attempt.ask(Request::SmallestEpsilon(request)).await? {
                    Response::SmallestEpsilon(search) => keep(Found::of(&search), search.flags),
                    other => return Err(unexpected(&other)),
                }
            }
            Ok(())
        };
        self.search.start(self.arena.engine, work, |_| {});
    }

    /// The searches that are missing in the chosen norm.
    pub fn missing(self) -> Vec<(OwnItem, Arc<ModelSummary>)> {
        self.missing_in(self.norm.get())
    }

    fn missing_in(self, norm: Norm) -> Vec<(OwnItem, Arc<ModelSummary>)> {
        let models: Vec<_> = self.arena.lanes.iter().filter_map(|lane| lane.model.get()).collect();
        let mut missing = Vec::new();
        for item in self.items.get() {
            for model in &models {
                if self.found_in(norm, item.id, &model.id).is_none() {
                    missing.push((item.clone(), model.clone()));
                }
            }
        }
        missing
    }

    /// Stops the search. What was found stays.
    pub fn cancel(self) {
        self.search.cancel(self.arena.engine);
    }
}
