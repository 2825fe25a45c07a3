//! A message on its way through a guarded chatbot.

use leptos::prelude::*;

use super::Lab;
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::guard::pipeline::{Checked, Entry, Reading, Version, number_of};
use crate::protocol::{
    ControlTokens, Exchange, JudgeRequest, Judged, Problem, ProblemKind, Request, Response, UseCase,
};

/// Whose turn it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Turn {
    /// The user's, before the first message.
    #[default]
    User,
    /// The first check's.
    Input,
    /// The chatbot's: the message got through.
    Chatbot(Passed),
    /// The second check's.
    Output(Passed),
    /// The user's again: this came of the last message.
    Over(Box<Entry>),
}

/// A message that got through the first check.
#[derive(Clone, Debug, PartialEq)]
pub struct Passed {
    pub message: String,
    input: Checked,
    version: Version,
}

/// The conversation and its log.
#[derive(Clone, Copy)]
pub struct Talk {
    pub turn: RwSignal<Turn>,
    /// Newest last.
    pub log: RwSignal<Vec<Entry>>,
    pub checking: Job<()>,
    versions: StoredValue<Vec<Version>>,
}

impl Talk {
    pub(super) fn new() -> Self {
        Self {
            turn: RwSignal::new(Turn::User),
            log: RwSignal::new(Vec::new()),
            checking: Job::new(),
            versions: StoredValue::new(Vec::new()),
        }
    }

    /// Sends the message through the first check.
    pub fn send(self, lab: Lab) {
        let (message, version) = lab.draft.with_untracked(|draft| {
            let (rules, usual) = (lab.rules.get_untracked(), lab.threshold.get_untracked());
            (draft.message.clone(), Version { rules, settings: draft.pipeline.clone(), usual })
        });
        let Some(guard) = lab.guards.loaded.peek() else { return };
        self.turn.set(Turn::Input);
        let work = move |attempt: Attempt| async move {
            let exchange = Exchange { prompt: message.clone(), response: None };
            let on = version.settings.input;
            let input = check(attempt, &guard.id, on, exchange, &version).await?;
            let fails_closed = version.settings.fails_closed;
            if input.lets_through(fails_closed) {
                self.turn.set(Turn::Chatbot(Passed { message, input, version }));
            } else {
                self.note(Passed { message, input, version }, None, None);
            }
            Ok(())
        };
        self.checking.start(lab.engine, work, |_| {});
    }

    /// Sends the chatbot's answer through the second check.
    pub fn answer(self, lab: Lab) {
        let (Turn::Chatbot(passed), Some(guard)) =
            (self.turn.get_untracked(), lab.guards.loaded.peek())
        else {
            return;
        };
        let answer = lab.draft.with_untracked(|draft| draft.answer.clone());
        self.turn.set(Turn::Output(passed.clone()));
        let work = move |attempt: Attempt| async move {
            let response = Some(answer.clone());
            let exchange = Exchange { prompt: passed.message.clone(), response };
            let on = passed.version.settings.output;
            let output = check(attempt, &guard.id, on, exchange, &passed.version).await?;
            self.note(passed, Some(answer), Some(output));
            Ok(())
        };
        self.checking.start(lab.engine, work, |_| {});
    }

    /// Takes the message back, wherever it is.
    pub fn cancel(self, lab: Lab) {
        self.checking.cancel(lab.engine);
        self.turn.set(Turn::User);
    }

    /// Forgets the conversation and its log.
    pub(super) fn forget(self, lab: Lab) {
        self.cancel(lab);
        self.log.set(Vec::new());
        self.versions.set_value(Vec::new());
    }

    fn note(self, passed: Passed, answer: Option<String>, output: Option<Checked>) {
        let Passed { message, input, version } = passed;
        let fails_closed = version.settings.fails_closed;
        let version = self
            .versions
            .try_update_value(|versions| number_of(versions, version))
            .unwrap_or_default();
        let number = self.log.with_untracked(Vec::len) + 1;
        let entry = Entry { number, message, answer, input, output, fails_closed, version };
        self.log.update(|log| log.push(entry.clone()));
        self.turn.set(Turn::Over(Box::new(entry)));
    }
}

/// One of the two checks; one that goes wrong is a result too.
async fn check(
    attempt: Attempt,
    guard: &str,
    on: bool,
    exchange: Exchange,
    version: &Version,
) -> Result<Checked, Problem> {
    let policies = version.settings.active(&version.rules);
    if !on || policies.is_empty() {
        return Ok(Checked::Off);
    }
    let use_case = match exchange.response {
        Some(_) => UseCase::PromptResponse,
        None => UseCase::PromptOnly,
    };
    let request = Request::Judge(JudgeRequest {
        guard: guard.to_owned(),
        use_case,
        exchange,
        policies,
        normalise: false,
        control_tokens: ControlTokens::Escaped,
    });
    match attempt.ask(request).await {
        Ok(Response::Judged(judged)) => {
            let (rules, said) = (&version.rules, &judged.judgements);
            let findings = version.settings.findings(rules, said, version.usual);
            let Judged { cut, cautions, .. } = judged;
            Ok(Checked::Done(Reading { findings, cut, cautions }))
        }
        Ok(other) => Ok(Checked::Failed(unexpected(&other).to_string())),
        Err(problem) if problem.kind == ProblemKind::Cancelled => Err(problem),
        Err(problem) => Ok(Checked::Failed(problem.to_string())),
    }
}
