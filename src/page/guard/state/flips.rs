//! The search for the words that turn a verdict.

use leptos::prelude::*;

use super::Lab;
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::protocol::{Answer, FlipRequest, Flipped, Progress, Request, Response, Swap};

/// The search and what it came to.
#[derive(Clone, Copy)]
pub struct Flips {
    pub search: Job<Flipped>,
    /// What has been replaced so far.
    pub swaps: RwSignal<Vec<Swap>>,
    /// What was searched for.
    pub about: RwSignal<Option<FlipRequest>>,
    /// None for the opposite of the verdict.
    pub towards: RwSignal<Option<Answer>>,
    /// The most swaps, 1 to 20.
    pub most: RwSignal<u32>,
}

impl Flips {
    pub(super) fn new() -> Self {
        Self {
            search: Job::new(),
            swaps: RwSignal::new(Vec::new()),
            about: RwSignal::new(None),
            towards: RwSignal::new(None),
            most: RwSignal::new(1),
        }
    }

    /// Hears of each swap as it is made.
    pub(super) fn follow(self) {
        Effect::new(move |_| {
            if let Some(Progress::Swap(swap)) = self.search.progress() {
                // An engine that was started anew tells of the first ones again.
                if self.swaps.with_untracked(|swaps| !swaps.contains(&swap)) {
                    self.swaps.update(|swaps| swaps.push(swap));
                }
            }
        });
    }

    /// Whether what was found is about something else by now.
    pub fn is_stale(self, lab: Lab) -> bool {
        self.about.get().is_some_and(|about| {
            lab.explanation.subject.with(|subject| {
                subject.as_ref().is_none_or(|subject| {
                    (&subject.judge, &subject.policy) != (&about.judge, &about.policy)
                })
            })
        })
    }

    /// Where the search is to go, for a text with this P(Yes).
    pub fn goal(self, p_yes: f32, threshold: f32) -> Answer {
        let opposite = if p_yes >= threshold { Answer::No } else { Answer::Yes };
        self.towards.get().unwrap_or(opposite)
    }

    /// Searches, beginning at the text as it stands.
    pub fn start(self, lab: Lab, towards: Answer) {
        let Some(subject) = lab.explanation.subject.get_untracked() else { return };
        let request = FlipRequest {
            judge: subject.judge,
            policy: subject.policy,
            towards,
            threshold: lab.threshold.get_untracked(),
            max_swaps: self.most.get_untracked(),
        };
        self.search.reset(lab.engine);
        self.swaps.set(Vec::new());
        self.about.set(Some(request.clone()));
        let work = move |attempt: Attempt| async move {
            match attempt.ask(Request::Flip(request)).await? {
                Response::Flipped(flipped) => Ok(*flipped),
                other => Err(unexpected(&other)),
            }
        };
        self.search.start(lab.engine, work, move |flipped| self.swaps.set(flipped.swaps.clone()));
    }

    /// Forgets the search and what it came to.
    pub(super) fn forget(self, lab: Lab) {
        self.search.reset(lab.engine);
        self.swaps.set(Vec::new());
        self.about.set(None);
    }

    /// Stops the search. The swaps so far stay.
    pub fn cancel(self, lab: Lab) {
        self.search.cancel(lab.engine);
    }
}
