//! The labelled set, judged once.

use std::sync::Arc;

use js_sys::Date;
use leptos::prelude::*;

use super::{Guards, Lab};
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::files;
use crate::page::guard::counts::Scored;
use crate::page::guard::examples::Example;
use crate::page::guard::levels::p_yes;
use crate::page::guard::measured::{self, Measured};
use crate::protocol::{
    Exchange, JudgeManyRequest, Judged, Problem, ProblemKind, Request, Response, UseCase,
};

/// How many texts are asked about at once: few, so that others get their turn in between, and little
/// is lost when it is cancelled.
const BATCH: usize = 6;

/// Which of the texts count, and by what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// `en` or `vi`; empty for both.
    pub language: String,
    /// None for both kinds.
    pub use_case: Option<UseCase>,
    /// The id of a policy; empty for any of them.
    pub policy: String,
}

/// A text that counts.
#[derive(Clone, Debug)]
pub struct Row {
    pub place: usize,
    pub scored: Scored,
    /// Whether the guard did not read it to its end.
    pub is_cut: bool,
}

/// How far the judging is.
#[derive(Clone, Copy, Debug)]
pub struct Advance {
    pub done: usize,
    pub total: usize,
    /// How many of these were there before.
    pub before: usize,
    /// When it began, in milliseconds.
    pub begin: f64,
}

/// The set and what was said of it.
#[derive(Clone, Copy)]
pub struct Labelled {
    pub judging: Job<()>,
    pub advance: RwSignal<Option<Advance>>,
    /// One a text, in their order; none where it was not judged yet.
    said: RwSignal<Vec<Option<Arc<Judged>>>>,
    pub choice: RwSignal<Choice>,
    /// What a miss and a false alarm cost.
    pub prices: RwSignal<[f64; 2]>,
    /// What was measured on the big sets.
    pub measured: Job<Measured>,
}

impl Labelled {
    pub(super) fn new() -> Self {
        Self {
            judging: Job::new(),
            advance: RwSignal::new(None),
            said: RwSignal::new(Vec::new()),
            choice: RwSignal::new(Choice::default()),
            prices: RwSignal::new([5.0, 1.0]),
            measured: Job::new(),
        }
    }

    /// Forgets what another guard said.
    pub(super) fn follow(self, lab: Lab) {
        Effect::new(move |before: Option<Option<String>>| {
            let guard = lab.guards.listed().map(|guard| guard.id);
            if before.flatten().is_some_and(|before| Some(before) != guard) {
                self.judging.cancel(lab.engine);
                self.measured.reset(lab.engine);
                self.said.set(Vec::new());
            }
            guard
        });
    }

    /// How many of the texts were judged.
    pub fn done(self) -> usize {
        self.said.with(|said| said.iter().flatten().count())
    }

    /// Judges the texts that were not judged yet by the guard's own policies, which the labels are
    /// about.
    pub fn judge(self, lab: Lab) {
        let (Some(texts), Some(guard)) = (lab.texts.peek(), lab.guards.loaded.peek()) else {
            return;
        };
        let total = texts.texts.len();
        self.said.update(|said| said.resize(total, None));
        let before = untrack(|| self.done());
        let begin = Date::now();
        self.advance.set(Some(Advance { done: before, total, before, begin }));
        let work = move |attempt: Attempt| async move {
            for use_case in [UseCase::PromptOnly, UseCase::PromptResponse] {
                let missing = self.said.with_untracked(|said| {
                    let is_missing = |&place: &usize| {
                        said.get(place).is_some_and(Option::is_none)
                            && texts.texts[place].use_case() == use_case
                    };
                    (0..total).filter(is_missing).collect::<Vec<_>>()
                });
                for batch in missing.chunks(BATCH) {
                    let request = JudgeManyRequest {
                        guard: guard.id.clone(),
                        use_case,
                        policies: guard.policies.clone(),
                        exchanges: batch.iter().map(|&it| exchange(&texts.texts[it])).collect(),
                        normalise: false,
                    };
                    let judged = match attempt.ask(Request::JudgeMany(request)).await? {
                        Response::JudgedMany(judged) => judged,
                        other => return Err(unexpected(&other)),
                    };
                    self.said.update(|said| {
                        for (&place, judged) in batch.iter().zip(judged) {
                            if let Some(place) = said.get_mut(place) {
                                *place = Some(Arc::new(judged));
                            }
                        }
                    });
                    let done = untrack(|| self.done());
                    self.advance.set(Some(Advance { done, total, before, begin }));
                }
            }
            Ok(())
        };
        self.judging.start(lab.engine, work, |_| {});
    }

    /// Stops judging. What was judged stays.
    pub fn cancel(self, lab: Lab) {
        self.judging.cancel(lab.engine);
    }

    /// The texts that count and were judged.
    pub fn rows(self, lab: Lab) -> Vec<Row> {
        let Some(texts) = lab.texts.get() else { return Vec::new() };
        let choice = self.choice.get();
        let policy = Some(choice.policy.as_str()).filter(|policy| !policy.is_empty());
        let counts = |text: &Example| {
            (choice.language.is_empty() || choice.language == text.language)
                && choice.use_case.is_none_or(|use_case| use_case == text.use_case())
        };
        self.said.with(|said| {
            let row = |(place, said): (usize, &Option<Arc<Judged>>)| {
                let (text, said) = (texts.texts.get(place)?, said.as_ref()?);
                let p_yes = p_yes(&said.judgements, &choice.policy);
                let scored = Scored { p_yes, violates: text.violates(policy) };
                counts(text).then_some(Row { place, scored, is_cut: said.cut > 0 })
            };
            said.iter().enumerate().filter_map(row).collect()
        })
    }

    /// Reads what was measured on the big sets, once.
    pub fn load_measured(self, lab: Lab, guards: Guards) {
        let Some(file) = guards.known().and_then(|guard| guard.metrics_file) else { return };
        if self.measured.peek().is_some() || self.measured.busy().get_untracked() {
            return;
        }
        let work = move |_| async move {
            let address = format!("models/{file}");
            let bytes = files::fetch(&address).await?;
            let broken =
                |detail| Problem::new(ProblemKind::BrokenManifest, address.as_str(), detail);
            measured::parse(&bytes).map_err(broken)
        };
        self.measured.start(lab.engine, work, |_| {});
    }
}

fn exchange(text: &Example) -> Exchange {
    Exchange { prompt: text.prompt.clone(), response: text.response.clone() }
}
