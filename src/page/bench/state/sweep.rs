//! The attack at many epsilons.

use std::sync::Arc;

use leptos::prelude::*;

use super::attack::{AttackState, use_attack};
use super::for_the_page;
use crate::page::bench::epsilon;
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::bench::sweep_points::join;
use crate::page::engine_client::{EngineClient, use_engine};
use crate::protocol::{Goal, ModelSummary, Progress, Request, Response, SweepPoint, SweepRequest};

/// What a sweep is about.
#[derive(Clone, Debug)]
pub struct SweepSubject {
    /// The model that is attacked.
    pub model: Arc<ModelSummary>,
    /// What the attacks are after.
    pub goal: Goal,
    /// The label moved away from or towards.
    pub label: usize,
    /// What the model says of the original picture.
    pub original: usize,
}

/// The sweep and its points.
#[derive(Clone, Copy)]
pub struct SweepState {
    engine: EngineClient,
    attack: AttackState,
    /// All points, once they are there.
    pub result: Job<Vec<SweepPoint>>,
    /// What it is about; none without a sweep.
    pub subject: RwSignal<Option<SweepSubject>>,
    /// The points that are there so far.
    pub points: RwSignal<Vec<SweepPoint>>,
    /// Whether the learner stopped the latest one.
    pub cancelled: RwSignal<bool>,
}

/// The page's sweep.
pub fn use_sweep() -> SweepState {
    for_the_page(|| {
        let state = SweepState {
            engine: use_engine(),
            attack: use_attack(),
            result: Job::new(),
            subject: RwSignal::new(None),
            points: RwSignal::new(Vec::new()),
            cancelled: RwSignal::new(false),
        };
        Effect::new(move |_| {
            state.attack.prediction.subject();
            state.forget();
        });
        Effect::new(move |_| {
            if let Some(Progress::Point(point)) = state.result.progress() {
                state.points.update(|points| join(points, point));
            }
        });
        state
    })
}

impl SweepState {
    /// Attacks the square on the bench at many epsilons.
    pub fn run(self) {
        let Some(seen) = untrack(|| self.attack.prediction.current()) else { return };
        let Some(best) = seen.best() else { return };
        let goal = untrack(|| self.attack.goal());
        let label = match goal {
            Goal::Untargeted { label } => label.unwrap_or(best),
            Goal::Targeted { label } => label,
        };
        self.forget();
        self.subject.set(Some(SweepSubject {
            model: seen.model.clone(),
            goal,
            label,
            original: best,
        }));
        let work = move |attempt: Attempt| async move {
            let request = SweepRequest {
                model: seen.model.id.clone(),
                picture: seen.square.picture.as_ref().clone(),
                goal,
                epsilons: epsilon::sweep(),
            };
            match attempt.ask(Request::Sweep(request)).await? {
                Response::Swept(points) => Ok(points),
                other => Err(unexpected(&other)),
            }
        };
        self.result.start(self.engine, work, move |points| {
            self.points.set(points.as_ref().clone());
        });
    }

    /// Stops the sweep; the points so far stay.
    pub fn cancel(self) {
        self.result.cancel(self.engine);
        self.cancelled.set(true);
    }

    /// Whether the goal is another than the sweep's.
    pub fn is_stale(self) -> bool {
        let goal = self.attack.goal();
        self.subject.with(|subject| subject.as_ref().is_some_and(|old| old.goal != goal))
    }

    fn forget(self) {
        self.result.reset(self.engine);
        self.cancelled.set(false);
        if self.subject.with_untracked(Option::is_some) {
            self.subject.set(None);
            self.points.set(Vec::new());
        }
    }
}
