//! The adversarial pictures, sent through a file format or another size.

use std::sync::Arc;

use leptos::prelude::*;

use super::{Arena, Outcome, Phase, use_arena};
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::bench::state::for_the_page;
use crate::page::files;
use crate::page::pgd::aim::{Survival, verdict};
use crate::protocol::{Picture, Problem, Request, Response, Score, Trip};

/// How long a slider has to stand still before pictures are sent, in milliseconds.
const SETTLED: i32 = 250;

/// Which kind of trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TripKind {
    Png,
    Jpeg,
    Resize,
}

/// What a model says before and after its pictures' trip.
#[derive(Debug)]
pub struct TripRow {
    /// The model's place.
    pub place: usize,
    pub outcome: Arc<Outcome>,
    /// The adversarial picture after the trip, and what the model says of it.
    pub picture: Arc<Picture>,
    pub after: Score,
    pub survival: Survival,
    /// What it says of the original after the trip.
    pub control: Score,
}

/// The trips and what came of the last.
#[derive(Clone, Copy)]
pub struct Trips {
    arena: Arena,
    pub kind: RwSignal<TripKind>,
    /// Of a JPEG, 1 to 100.
    pub quality: RwSignal<u8>,
    /// Of the smaller square, in hundredths of the picture's side.
    pub percent: RwSignal<u8>,
    pub rows: Job<Vec<TripRow>>,
    pub saved: Job<()>,
}

/// The page's trips.
pub fn use_trips() -> Trips {
    for_the_page(|| {
        let trips = Trips {
            arena: use_arena(),
            kind: RwSignal::new(TripKind::Png),
            quality: RwSignal::new(95),
            percent: RwSignal::new(50),
            rows: Job::new(),
            saved: Job::new(),
        };
        Effect::new(move |_| {
            trips.arena.outcomes();
            trips.rows.reset(trips.arena.engine);
            trips.saved.reset(trips.arena.engine);
        });
        trips
    })
}

impl Trips {
    /// The side of the smaller square, in pixels, for pictures of this side.
    pub fn side(self, side: u32) -> u32 {
        (side * u32::from(self.percent.get()) / 100).max(1)
    }

    fn trip(self, side: u32) -> Trip {
        match self.kind.get() {
            TripKind::Png => Trip::Png,
            TripKind::Jpeg => Trip::Jpeg { quality: self.quality.get() },
            TripKind::Resize => Trip::Resize { side: self.side(side) },
        }
    }

    /// Whether there is something to send.
    pub fn ready(self) -> bool {
        self.arena.phase.get() == Phase::Finished && !self.arena.outcomes().is_empty()
    }

    /// Sends the pictures whenever there are some, or the trip is another one.
    pub fn follow(self) {
        Effect::new(move |_| {
            let outcomes = self.arena.outcomes();
            let side = outcomes.first().map_or(1, |(_, it)| it.adversarial.width);
            let trip = self.trip(side);
            if self.ready() {
                self.send(outcomes, trip);
            }
        });
    }

    /// Sends the pictures once more.
    pub fn again(self) {
        untrack(|| {
            let outcomes = self.arena.outcomes();
            let side = outcomes.first().map_or(1, |(_, it)| it.adversarial.width);
            self.send(outcomes, self.trip(side));
        });
    }

    fn send(self, outcomes: Vec<(usize, Arc<Outcome>)>, trip: Trip) {
        let work = move |attempt: Attempt| async move {
            files::pause(SETTLED).await;
            attempt.check()?;
            let mut rows = Vec::new();
            for (place, outcome) in outcomes {
                let there_and_back = |picture: &Picture| {
                    let picture = picture.clone();
                    attempt.picture(Request::RoundTrip { picture, trip })
                };
                let picture = there_and_back(&outcome.adversarial).await?;
                let after = best(&attempt, &outcome, picture.clone()).await?;
                let original = there_and_back(&outcome.square.picture).await?;
                let control = best(&attempt, &outcome, original).await?;
                let before = outcome.original.top.first().map_or(after.label, |it| it.label);
                let verdict_on = |label| verdict(outcome.goal, before, label);
                // As computed: rounding to 8 bits is a part of every trip.
                let survival = Survival::of(outcome.result.verdict, verdict_on(after.label));
                let picture = Arc::new(picture);
                rows.push(TripRow { place, outcome, picture, after, survival, control });
            }
            Ok(rows)
        };
        self.rows.start(self.arena.engine, work, |_| {});
    }

    /// Hands a picture to the learner as a PNG, which keeps its every value.
    pub fn save(self, name: String, picture: Arc<Picture>) {
        let work = move |attempt: Attempt| async move {
            let picture = picture.as_ref().clone();
            match attempt.ask(Request::EncodePng { picture }).await? {
                Response::File { mime, bytes, .. } => files::download(&name, &mime, &bytes),
                other => Err(unexpected(&other)),
            }
        };
        self.saved.start(self.arena.engine, work, |_| {});
    }
}

/// What the model of an outcome says of a picture.
async fn best(attempt: &Attempt, outcome: &Outcome, picture: Picture) -> Result<Score, Problem> {
    let (said, _) = attempt.classify(&outcome.model.id, picture).await?;
    let internal = crate::protocol::ProblemKind::Internal;
    said.top.first().copied().ok_or_else(|| Problem::new(internal, "", "no label"))
}
