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
    /// The model that was attacked.
    pub model: Arc<ModelSummary>,
    /// The original.
    pub square: Arc<Square>,
    /// What the attack was after.
    pub goal: Goal,
    /// Linf radius in pixel units, 0 to 1.
    pub epsilon: f32,
    /// Its pictures are taken out and stand beside it.
    pub outcome: AttackOutcome,
    /// Magnified, on grey.
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
    /// What the model says before the attack.
    pub prediction: PredictionState,
    /// Linf radius in pixel units, within what the slider can hold.
    pub epsilon: Memo<f32>,
    /// What the attack aims at.
    pub goal_link: Memo<GoalLink>,
    /// The same while a model of the learner's is on the bench, which is not in the link.
    own_goal: RwSignal<GoalLink>,
    /// What came of the latest attack.
    pub result: Job<Attacked>,
    /// Whether the learner stopped the latest attack.
    pub cancelled: RwSignal<bool>,
}

/// The page's attack.
pub fn use_attack() -> AttackState {
    for_the_page(|| {
        let (engine, place) = (use_engine(), use_place());
        let link = place.bench();
        let prediction = use_prediction();
        let (model, own_goal) = (prediction.model, RwSignal::new(GoalLink::Away));
        let state = AttackState {
            engine,
            place,
            prediction,
            epsilon: Memo::new(move |_| link.with(|link| epsilon::clamped(link.epsilon))),
            goal_link: Memo::new(move |_| {
                let own = model.own_id.with(Option::is_some);
                if own { own_goal.get() } else { link.with(|link| link.goal) }
            }),
            own_goal,
            result: Job::new(),
            cancelled: RwSignal::new(false),
        };
        Effect::new(move |_| {
            state.prediction.subject();
            state.result.reset(engine);
            state.cancelled.set(false);
        });
        Effect::new(move |_| {
            model.own_id.track();
            own_goal.set(GoalLink::Away);
        });
        Effect::new(move |_| {
            let goal = state.goal_link.get();
            let loaded = model.loaded.get().filter(|loaded| loaded.id == model.chosen_id());
            if let Some(loaded) = loaded {
                let known = goal.within(labels::count(&loaded.labels));
                if known != goal {
                    state.set_goal(known);
                }
            }
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
        if self.prediction.model.own_id.with_untracked(Option::is_some) {
            self.own_goal.set(goal);
        } else {
            self.place.update_bench(|link| link.goal = goal);
        }
    }

    /// The goal as the engine takes it.
    pub fn goal(self) -> Goal {
        let classes =
            self.prediction.model.loaded.get().map_or(0, |model| labels::count(&model.labels));
        match self.goal_link.get().within(classes) {
            GoalLink::Away => Goal::Untargeted { label: None },
            GoalLink::AwayFrom(label) => Goal::Untargeted { label: Some(label) },
            GoalLink::Towards(label) => Goal::Targeted { label },
        }
    }

    /// Attacks the square on the bench.
    pub fn run(self) {
        let Some(seen) = untrack(|| self.prediction.current()) else { return };
        let (goal, epsilon) = (untrack(|| self.goal()), self.epsilon.get_untracked());
        let work = move |attempt: Attempt| async move {
            let request = AttackRequest {
                model: seen.model.id.clone(),
                picture: seen.square.picture.as_ref().clone(),
                goal,
                epsilon,
            };
            let answer = attempt.answer(Request::Attack(request)).await?;
            let mut outcome = match answer.response {
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
                device: answer.device,
            })
        };
        self.cancelled.set(false);
        self.result.start(self.engine, work, |_| {});
    }

    /// Stops the attack; the result before it stays.
    pub fn cancel(self) {
        self.result.cancel(self.engine);
        self.cancelled.set(true);
    }

    /// Whether epsilon or the goal is another than the result's.
    pub fn is_stale(self) -> bool {
        self.result.get().is_some_and(|attacked| {
            attacked.goal != self.goal() || !epsilon::same(attacked.epsilon, self.epsilon.get())
        })
    }
}
