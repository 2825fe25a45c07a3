//! A guard, what the learner wrote, and what the guard says of it. It lives as long as the page, so
//! that every step shows the same; what was written outlives it in the browser's storage.

mod attempts;
mod draft;
mod flips;
mod guard_list;
mod guards;
mod labelled;
mod latest;
mod talk;

pub use attempts::{Attempts, Tried};
pub use draft::use_drafts;
pub use flips::Flips;
pub use guard_list::{GuardList, is_fetched, use_guard_list};
pub use guards::Guards;
pub use labelled::{Labelled, Row};
pub use latest::{Kept, Latest, Subject};
pub use talk::{Talk, Turn};

use std::sync::Arc;

use leptos::prelude::*;

use super::draft::{Draft, HALF};
use super::examples::{self, Examples};
use super::rules;
use crate::page::bench::job::Job;
use crate::page::bench::state::for_the_page;
use crate::page::engine_client::{EngineClient, use_engine};
use crate::page::files;
use crate::protocol::{
    ExplainRequest, InspectRequest, Policy, Problem, ProblemKind, Request, Response,
};

/// Everything that the instruments share.
#[derive(Clone, Copy)]
pub struct Lab {
    pub engine: EngineClient,
    pub draft: RwSignal<Draft>,
    pub guards: Guards,
    /// The labelled texts.
    pub texts: Job<Examples>,
    /// The policies that count: the guard's, in the learner's wording where there is one, and the
    /// learner's own.
    pub rules: Memo<Vec<Policy>>,
    /// The policy that is looked at.
    pub policy: Memo<Option<Policy>>,
    /// From which P(Yes) on a text is flagged.
    pub threshold: Memo<f32>,
    /// The prompt with its tokens.
    pub inspection: Latest,
    /// The verdicts by the policies that count.
    pub verdict: Latest,
    /// The verdicts by the original policies and by the learner's.
    pub comparison: Latest,
    /// Which tokens decide.
    pub explanation: Latest,
    /// A verdict that the learner put aside to compare others with.
    pub pinned: RwSignal<Option<Arc<Kept>>>,
    /// The gaps that the learner put aside, of a text before and after the rules were reworded.
    pub noted: RwSignal<Option<Arc<Kept>>>,
    pub labelled: Labelled,
    pub talk: Talk,
    pub attempts: Attempts,
    pub flips: Flips,
}

/// The page's lab.
pub fn use_lab() -> Lab {
    for_the_page(|| {
        let (engine, drafts) = (use_engine(), use_drafts());
        let draft = drafts.draft;
        let guards = Guards::new(engine);
        let rules = Memo::new(move |_| {
            let originals = guards.policies();
            draft.with(|draft| rules::current(&originals, &draft.rules))
        });
        let policy = Memo::new(move |_| {
            rules.with(|rules| draft.with(|draft| draft.policy_of(rules).cloned()))
        });
        let threshold = Memo::new(move |_| {
            let own = draft.with(|draft| draft.threshold);
            own.or_else(|| guards.metrics().map(|it| it.threshold)).unwrap_or(HALF)
        });
        // What is judged by these policies, once a guard is there to do it.
        let subject = move |policies: Vec<Policy>, policy: String| {
            let guard = guards.loaded.get()?;
            let judge = draft.with(|draft| draft.request(&guard.id, policies))?;
            Some(Subject { judge, policy })
        };
        let all = Memo::new(move |_| subject(rules.get(), String::new()));
        let one = Memo::new(move |_| subject(rules.get(), policy.get()?.id));
        let both = Memo::new(move |_| {
            let edits = draft.with(|draft| draft.rules.clone());
            subject(rules::side_by_side(&guards.policies(), &edits), String::new())
        });
        let lab = Lab {
            engine,
            draft,
            guards,
            texts: Job::new(),
            rules,
            policy,
            threshold,
            inspection: Latest::new(
                engine,
                one,
                |Subject { judge, policy }| {
                    Request::InspectPrompt(InspectRequest { judge, policy })
                },
                |response| matches!(response, Response::Prompt(_)),
            ),
            verdict: Latest::new(engine, all, ask_verdict, is_verdict),
            comparison: Latest::new(engine, both, ask_verdict, is_verdict),
            explanation: Latest::new(
                engine,
                one,
                |Subject { judge, policy }| Request::Explain(ExplainRequest { judge, policy }),
                |response| matches!(response, Response::Explained(_)),
            ),
            pinned: RwSignal::new(None),
            noted: RwSignal::new(None),
            labelled: Labelled::new(),
            talk: Talk::new(),
            attempts: Attempts::new(),
            flips: Flips::new(),
        };
        guards.follow();
        lab.labelled.follow(lab);
        lab.attempts.follow(lab);
        lab.flips.follow();
        lab.fetch_texts();
        drafts.on_forget(Callback::new(move |()| lab.forget()));
        lab
    })
}

fn ask_verdict(subject: Subject) -> Request {
    Request::Judge(subject.judge)
}

fn is_verdict(response: &Response) -> bool {
    matches!(response, Response::Judged(_))
}

impl Lab {
    /// Fetches the labelled texts.
    pub fn fetch_texts(self) {
        let work = |_| async {
            let (texts, chips) =
                (files::fetch(examples::TEXTS).await?, files::fetch(examples::CHIPS).await?);
            let broken =
                |detail| Problem::new(ProblemKind::BrokenManifest, examples::TEXTS, detail);
            examples::parse(&texts, &chips).map_err(broken)
        };
        self.texts.start(self.engine, work, |_| {});
    }

    /// Forgets what holds the learner's words beside the draft, which is empty by now.
    fn forget(self) {
        self.talk.forget(self);
        self.attempts.forget(self);
        self.flips.forget(self);
        self.pinned.set(None);
        self.noted.set(None);
        for latest in [self.inspection, self.verdict, self.comparison, self.explanation] {
            latest.forget();
        }
    }

    /// Changes what is kept.
    pub fn update(self, change: impl FnOnce(&mut Draft)) {
        self.draft.update(change);
    }
}
