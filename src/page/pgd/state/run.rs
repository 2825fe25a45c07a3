//! One model's attack: what was asked for, how far it is, what came of it.

use std::sync::Arc;

use js_sys::Date;
use leptos::prelude::*;

use crate::page::bench::job::{Attempt, unexpected};
use crate::page::bench::state::Square;
use crate::page::pgd::history::{History, Point};
use crate::page::pgd::turns::{Need, steps_of_a_turn, wants_picture};
use crate::protocol::{
    AttackSettings, Classification, Goal, ModelSummary, Picture, Problem, ProblemKind, Request,
    Response, RunId, RunOpened, RunOutcome, RunRequest, RunStep,
};

/// How often a run is opened again before its engine is given up.
const REOPENINGS: u32 = 3;

/// What a run attacks, and how.
#[derive(Clone, Debug)]
pub struct Subject {
    pub id: RunId,
    pub model: Arc<ModelSummary>,
    pub square: Arc<Square>,
    pub goal: Goal,
    pub settings: AttackSettings,
}

/// What a run has come to, with what it began from.
#[derive(Debug)]
pub struct Outcome {
    pub model: Arc<ModelSummary>,
    pub square: Arc<Square>,
    pub goal: Goal,
    pub original: Classification,
    /// Its pictures are taken out: one stands beside it, the other is the run's change.
    pub result: RunOutcome,
    /// Rounded to 8 bits.
    pub adversarial: Arc<Picture>,
    /// Whether all steps were made.
    pub complete: bool,
}

/// A picture of the change so far.
#[derive(Clone, Debug)]
pub struct Change {
    pub picture: Arc<Picture>,
    pub magnification: f32,
}

/// One model's attack.
#[derive(Clone, Copy)]
pub struct Run {
    subject: StoredValue<Option<Subject>>,
    /// What it needs next.
    pub need: RwSignal<Need>,
    pub opened: RwSignal<Option<Arc<RunOpened>>>,
    history: StoredValue<History>,
    /// Changes when there is more history, at most once a frame.
    more: RwSignal<u32>,
    more_is_due: StoredValue<bool>,
    pub change: RwSignal<Option<Change>>,
    pub outcome: RwSignal<Option<Arc<Outcome>>>,
    pub problem: RwSignal<Option<Problem>>,
    /// Milliseconds of one step, once measured.
    step_time: StoredValue<Option<f64>>,
    /// When the change was last asked for, in milliseconds.
    pictured: StoredValue<f64>,
    reopenings: StoredValue<u32>,
}

impl Run {
    pub(super) fn new() -> Self {
        Self {
            subject: StoredValue::new(None),
            need: RwSignal::new(Need::Nothing),
            opened: RwSignal::new(None),
            history: StoredValue::new(History::default()),
            more: RwSignal::new(0),
            more_is_due: StoredValue::new(false),
            change: RwSignal::new(None),
            outcome: RwSignal::new(None),
            problem: RwSignal::new(None),
            step_time: StoredValue::new(None),
            pictured: StoredValue::new(0.0),
            reopenings: StoredValue::new(0),
        }
    }

    /// The steps so far, following them as they come.
    pub fn with_history<T>(self, read: impl FnOnce(&History) -> T) -> T {
        self.more.track();
        self.history.with_value(read)
    }

    /// The engine's number for the run, if there is one.
    pub(super) fn id(self) -> Option<RunId> {
        self.subject.with_value(|subject| subject.as_ref().map(|subject| subject.id))
    }

    /// Whether the run has anything to lose.
    pub(super) fn has_begun(self) -> bool {
        self.opened.with_untracked(Option::is_some)
    }

    /// Puts an attack in place of the last one; without a subject, none.
    pub(super) fn set(self, subject: Option<Subject>, problem: Option<Problem>) {
        self.need.set(if subject.is_some() { Need::Opening } else { Need::Nothing });
        self.subject.set_value(subject);
        self.problem.set(problem);
        self.reopenings.set_value(0);
        // Another model or another device takes another time.
        self.step_time.set_value(None);
        self.forget_steps();
    }

    /// Stops wanting anything; what was seen stays.
    pub(super) fn halt(self) {
        self.need.set(Need::Nothing);
        self.subject.set_value(None);
    }

    fn forget_steps(self) {
        self.opened.set(None);
        self.outcome.set(None);
        self.change.set(None);
        self.pictured.set_value(0.0);
        self.history.set_value(History::default());
        self.show_more();
    }

    /// Lets those who watch the history look again with the next frame.
    fn show_more(self) {
        if !self.more_is_due.get_value() {
            self.more_is_due.set_value(true);
            request_animation_frame(move || {
                self.more_is_due.set_value(false);
                self.more.update(|count| *count = count.wrapping_add(1));
            });
        }
    }

    /// Takes a step that the engine reports.
    pub(super) fn take(self, step: RunStep) {
        if let Some(point) = Point::of(&step) {
            self.history.update_value(|history| history.push(point));
            self.show_more();
        }
        if let Some(picture) = step.perturbation {
            let picture = Arc::new(picture);
            self.change.set(Some(Change { picture, magnification: step.magnification }));
        }
    }

    /// Opens the run in the engine.
    pub(super) async fn open(self, attempt: Attempt) -> Result<(), Problem> {
        let Some(subject) = self.subject.get_value() else { return Ok(()) };
        let request = RunRequest {
            run: subject.id,
            model: subject.model.id.clone(),
            picture: subject.square.picture.as_ref().clone(),
            goal: subject.goal,
            settings: subject.settings,
        };
        match attempt.ask(Request::OpenRun(request)).await {
            Ok(Response::RunOpened(opened)) => {
                if let Some(best) = opened.original.top.first() {
                    let (label, confidence) = (best.label, best.confidence);
                    let (restart, step, reached) = (0, 0, false);
                    let loss = opened.loss;
                    let original = Point { restart, step, loss, label, confidence, reached };
                    self.history.set_value(History::from(original));
                    self.show_more();
                }
                self.opened.set(Some(Arc::new(opened)));
                self.need.set(Need::Steps);
                Ok(())
            }
            Ok(other) => self.fail(unexpected(&other)),
            Err(problem) => self.fail(problem),
        }
    }

    /// Makes a turn of steps, or a single one.
    pub(super) async fn advance(self, attempt: Attempt, single: bool) -> Result<(), Problem> {
        let Some(run) = self.id() else { return Ok(()) };
        let begin = Date::now();
        let perturbation = single || wants_picture(begin - self.pictured.get_value());
        if perturbation {
            self.pictured.set_value(begin);
        }
        let one = single || perturbation;
        let steps = if one { 1 } else { steps_of_a_turn(self.step_time.get_value()) };
        let request = Request::AdvanceRun { run, steps, every: 1, perturbation };
        match attempt.ask(request).await {
            Ok(Response::RunAdvanced { finished, .. }) => {
                self.step_time.set_value(Some((Date::now() - begin) / f64::from(steps)));
                if finished {
                    self.need.set(Need::Outcome);
                }
                Ok(())
            }
            Ok(other) => self.fail(unexpected(&other)),
            Err(problem) => self.fail(problem),
        }
    }

    /// Asks what the run has come to. `complete`: it needs no more steps.
    pub(super) async fn finish(self, attempt: Attempt, complete: bool) -> Result<(), Problem> {
        let Some(subject) = self.subject.get_value() else { return Ok(()) };
        let Some(opened) = self.opened.get_untracked() else { return Ok(()) };
        let mut result = match attempt.ask(Request::FinishRun { run: subject.id }).await {
            Ok(Response::RunFinished(result)) => *result,
            Ok(other) => return self.fail(unexpected(&other)),
            Err(problem) => return self.fail(problem),
        };
        let empty = || Picture { width: 0, height: 0, rgb: Vec::new() };
        let adversarial = Arc::new(std::mem::replace(&mut result.picture, empty()));
        let picture = Arc::new(std::mem::replace(&mut result.perturbation, empty()));
        let magnification = result.magnification;
        self.change.set(Some(Change { picture, magnification }));
        self.outcome.set(Some(Arc::new(Outcome {
            model: subject.model,
            square: subject.square,
            goal: subject.goal,
            original: opened.original.clone(),
            result,
            adversarial,
            complete,
        })));
        if complete {
            self.need.set(Need::Nothing);
        }
        Ok(())
    }

    /// Whether the run was opened again because the engine had lost it.
    pub(super) fn was_reopened(self) -> bool {
        self.reopenings.get_value() > 0
    }

    /// What a problem means for the run. Only being cancelled ends the drive as a whole.
    fn fail(self, problem: Problem) -> Result<(), Problem> {
        match problem.kind {
            ProblemKind::Cancelled => return Err(problem),
            ProblemKind::UnknownRun if self.reopenings.get_value() < REOPENINGS => {
                self.reopenings.update_value(|count| *count += 1);
                self.forget_steps();
                self.need.set(Need::Opening);
            }
            // The run keeps its last good step.
            ProblemKind::NotFinite if self.need.get_untracked() == Need::Steps => {
                self.problem.set(Some(problem));
                self.need.set(Need::Outcome);
            }
            _ => {
                self.problem.set(Some(problem));
                self.need.set(Need::Nothing);
            }
        }
        Ok(())
    }
}
