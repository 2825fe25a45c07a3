//! What the engine says of the latest text: asked again whenever something else is to be judged.

use std::sync::Arc;

use leptos::prelude::*;

use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::engine_client::EngineClient;
use crate::page::files;
use crate::protocol::{
    DeviceKind, Explanation, JudgeRequest, Judged, Problem, PromptReport, Request, Response,
};

/// How long a text has to stand still before it is judged, in milliseconds.
const SETTLED: i32 = 350;

/// What is asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    pub judge: JudgeRequest,
    /// The id of the policy that the question is about; empty where it is about all.
    pub policy: String,
}

/// What was said, of what, and by which device.
pub struct Kept {
    pub subject: Subject,
    pub response: Response,
    pub device: DeviceKind,
}

impl Kept {
    /// The verdicts, if that was the question.
    pub fn judged(&self) -> Option<&Judged> {
        match &self.response {
            Response::Judged(judged) => Some(judged),
            _ => None,
        }
    }

    /// The prompt, if that was the question.
    pub fn prompt(&self) -> Option<&PromptReport> {
        match &self.response {
            Response::Prompt(report) => Some(report),
            _ => None,
        }
    }

    /// Which tokens decide, if that was the question.
    pub fn explanation(&self) -> Option<&Explanation> {
        match &self.response {
            Response::Explained(explanation) => Some(explanation),
            _ => None,
        }
    }
}

/// A question, and its latest answer.
#[derive(Clone, Copy)]
pub struct Latest {
    engine: EngineClient,
    /// None while there is no guard, or the texts lack something.
    pub subject: Memo<Option<Subject>>,
    job: Job<Kept>,
    ask: fn(Subject) -> Request,
    is_answer: fn(&Response) -> bool,
}

impl Latest {
    pub(super) fn new(
        engine: EngineClient,
        subject: Memo<Option<Subject>>,
        ask: fn(Subject) -> Request,
        is_answer: fn(&Response) -> bool,
    ) -> Self {
        Self { engine, subject, job: Job::new(), ask, is_answer }
    }

    /// Keeps the answer up to date while the caller's owner lives.
    pub fn follow(self) {
        Effect::new(move |before: Option<()>| match self.subject.get() {
            Some(subject) => self.look(subject, if before.is_some() { SETTLED } else { 0 }),
            None => self.job.cancel(self.engine),
        });
    }

    /// Forgets an answer about something else than what stands there now.
    pub(super) fn forget(self) {
        let busy = self.job.busy().get_untracked();
        if busy || untrack(|| self.is_stale()) {
            self.job.reset(self.engine);
        }
        // Who followed may find that the question is the same as before, and would not ask.
        if busy {
            self.again();
        }
    }

    /// Asks once more.
    pub fn again(self) {
        if let Some(subject) = self.subject.get_untracked() {
            self.look(subject, 0);
        }
    }

    fn look(self, subject: Subject, pause: i32) {
        if let Some(kept) = self.job.peek().filter(|kept| kept.subject == subject) {
            self.job.set(self.engine, kept);
            return;
        }
        let work = move |attempt: Attempt| async move {
            files::pause(pause).await;
            let answer = attempt.answer((self.ask)(subject.clone())).await?;
            if !(self.is_answer)(&answer.response) {
                return Err(unexpected(&answer.response));
            }
            Ok(Kept { subject, response: answer.response, device: answer.device })
        };
        self.job.start(self.engine, work, |_| {});
    }

    /// The latest answer.
    pub fn get(self) -> Option<Arc<Kept>> {
        self.job.get()
    }

    /// Whether the latest answer is about something else by now.
    pub fn is_stale(self) -> bool {
        self.job.get().is_some_and(|kept| {
            self.subject.with(|subject| subject.as_ref() != Some(&kept.subject))
        })
    }

    /// Whether an answer is on its way.
    pub fn busy(self) -> Signal<bool> {
        self.job.busy()
    }

    /// Why there is no answer.
    pub fn problem(self) -> Signal<Option<Problem>> {
        self.job.problem()
    }
}
