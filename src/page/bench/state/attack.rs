//! One FGSM step on the square on the bench.

use std::sync::Arc;

use leptos::prelude::*;

use super::for_the_page;
use super::picture::Square;
use super::prediction::{PredictionState, use_prediction};
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::bench::{epsilon, labels};
use crate::page::engine_client::{EngineClient, use_engine};
use crate::page::link::GoalLink;
use crate::page::place::{Place, use_place};
use crate::protocol::{
    AttackOutcome, AttackRequest, DeviceKind, Goal, ModelSummary, Picture, Request, Response,
};

/// What came of an attack.
#[derive(Debug)]
pub struct Attacked {
    pub model: Arc<ModelSummary>,
    pub square: Arc<Square>,
    pub goal: Goal,
    /// Linf radius in pixel units, 0 to 1.
    pub epsilon: f32,
    /// Its pictures are taken out and stand beside it.
    pub outcome: AttackOutcome,
    pub perturbation: Arc<Picture>,
    /// Rounded to 8 bits.
    pub adversarial: Arc<Picture>,
    /// What computed it.
    pub device: DeviceKind,
}

/// The attack's settings and its result.
#[derive(Clone, Copy)]
pub struct AttackState {
    engine: EngineClient,
    place: Place,
    pub prediction: PredictionState,
    /// Linf radius in pixel units, within what the slider can hold.
    pub epsilon: Memo<f32>,
    /// What the attack aims at, whether or not the model has such a label.
    pub goal_link: Memo<GoalLink>,
    pub result: Job<Attacked>,
}

/// The page's attack.
pub fn use_attack() -> AttackState {
    for_the_page(|| {
        let (engine, place) = (use_engine(), use_place());
        let link = place.bench();
        let state = AttackState {
            engine,
            place,
            prediction: use_prediction(),
            epsilon: Memo::new(move |_| link.with(|link| epsilon::clamped(link.epsilon))),
            goal_link: Memo::new(move |_| link.with(|link| link.goal)),
            result: Job::new(),
        };
        Effect::new(move |_| {
            state.prediction.subject();
            state.result.reset(engine);
        });
        state
    })
}

impl AttackState {
    /// Sets epsilon, in pixel units.
    pub fn set_epsilon(self, value: f32) {
        self.place.update_bench(|link| link.epsilon = epsilon::clamped(value));
    }

    /// Sets what the attack aims at.
    pub fn set_goal(self, goal: GoalLink) {
        self.place.update_bench(|link| link.goal = goal);
    }

    /// The goal as the engine takes it. Labels that the model does not have are passed over.
    pub fn goal(self) -> Goal {
        let classes =
            self.prediction.model.loaded.get().map_or(0, |model| labels::count(&model.labels));
        match self.goal_link.get() {
            GoalLink::AwayFrom(label) if label < classes => Goal::Untargeted { label: Some(label) },
            GoalLink::Towards(label) if label < classes => Goal::Targeted { label },
            _ => Goal::Untargeted { label: None },
        }
    }

    /// Attacks the square on the bench.
    pub fn run(self) {
        let Some(seen) = untrack(|| self.prediction.current()) else { return };
        let (goal, epsilon) = (untrack(|| self.goal()), self.epsilon.get_untracked());
        let engine = self.engine;
        let work = move |attempt: Attempt| async move {
            let request = AttackRequest {
                model: seen.model.id.clone(),
                picture: seen.square.picture.as_ref().clone(),
                goal,
                epsilon,
            };
            let mut outcome = match attempt.ask(Request::Attack(request)).await? {
                Response::Attacked(outcome) => *outcome,
                other => return Err(unexpected(&other)),
            };
            let empty = || Picture { width: 0, height: 0, rgb: Vec::new() };
            let adversarial = Arc::new(std::mem::replace(&mut outcome.picture, empty()));
            let perturbation = Arc::new(std::mem::replace(&mut outcome.perturbation, empty()));
            Ok(Attacked {
                model: seen.model.clone(),
                square: seen.square.clone(),
                goal,
                epsilon,
                outcome,
                perturbation,
                adversarial,
                device: engine.active().get_untracked(),
            })
        };
        self.result.start(engine, work, |_| {});
    }

    /// Stops the attack; the result before it stays.
    pub fn cancel(self) {
        self.result.cancel(self.engine);
    }

    /// Whether epsilon or the goal is another than the result's.
    pub fn is_stale(self) -> bool {
        self.result.get().is_some_and(|attacked| {
            attacked.goal != self.goal() || !epsilon::same(attacked.epsilon, self.epsilon.get())
        })
    }
}
