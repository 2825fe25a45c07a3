//! Attempts to get a text past the guard.

use std::sync::Arc;

use leptos::prelude::*;

use super::Lab;
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::guard::draft::Field;
use crate::page::guard::levels::{CONVERTERS, Cuts, Pair, Try, p_yes};
use crate::protocol::{
    Converter, Exchange, JudgeManyRequest, Judged, Policy, Problem, Request, Response, TextCaution,
    UseCase,
};

/// How much lower the last level's threshold is, as long as the learner has not set it.
const LOWER: f32 = 0.6;

/// A text that was tried.
#[derive(Debug)]
pub struct Tried {
    /// From 1.
    pub number: usize,
    pub text: String,
    /// In the order in which they were applied; empty for a text that was rewritten by hand.
    pub converters: Vec<Converter>,
    /// Whether it was a control: a harmless text.
    pub harmless: bool,
    original: Judged,
    raw: Judged,
    normalised: Judged,
}

impl Tried {
    /// What it counts for by one policy; by the highest of all if `policy` is empty.
    pub fn counts(&self, policy: &str) -> Try {
        Try {
            original: p_yes(&self.original.judgements, policy),
            pair: Pair::of(&self.raw.judgements, &self.normalised.judgements, policy),
            harmless: self.harmless,
        }
    }

    /// What is to be known of the text as it was tried, besides that it was cut.
    pub fn cautions(&self) -> impl Iterator<Item = TextCaution> {
        self.raw.cautions.iter().copied().filter(|caution| *caution != TextCaution::Cut)
    }

    /// The most tokens that nobody read, of the original, of the text or of its normalised form.
    pub fn cut(&self) -> usize {
        [&self.original, &self.raw, &self.normalised]
            .map(|it| it.cut)
            .into_iter()
            .fold(0, usize::max)
    }
}

/// The attempts and what the next one is made of.
#[derive(Clone, Copy)]
pub struct Attempts {
    /// Newest last.
    pub log: RwSignal<Vec<Arc<Tried>>>,
    /// Up to two, one after the other.
    pub converters: RwSignal<[Option<Converter>; 2]>,
    /// The text that the converters made, to see whether it was changed by hand since.
    made: RwSignal<Option<(Vec<Converter>, String)>>,
    /// What the learner says of the text; none for what its label says.
    pub claim: RwSignal<Option<bool>>,
    /// The policy that is looked at; empty for the highest of all.
    pub policy: RwSignal<String>,
    pub level: RwSignal<usize>,
    /// The last level's threshold.
    pub lower: RwSignal<Option<f32>>,
    pub converting: Job<()>,
    pub checking: Job<()>,
}

impl Attempts {
    pub(super) fn new() -> Self {
        Self {
            log: RwSignal::new(Vec::new()),
            converters: RwSignal::new([None; 2]),
            made: RwSignal::new(None),
            claim: RwSignal::new(None),
            policy: RwSignal::new(String::new()),
            level: RwSignal::new(1),
            lower: RwSignal::new(None),
            converting: Job::new(),
            checking: Job::new(),
        }
    }

    /// What was said of one text does not hold for the next.
    pub(super) fn follow(self, lab: Lab) {
        let prompt = Memo::new(move |_| lab.draft.with(|draft| draft.prompt.clone()));
        Effect::new(move |before: Option<()>| {
            prompt.track();
            if before.is_some() {
                self.claim.set(None);
                // What was written by hand is not written over.
                let by_hand = untrack(|| self.made_by(lab)).is_some_and(|made| made.is_empty());
                if !by_hand {
                    self.convert(lab);
                }
            }
        });
    }

    /// Whether the text is a control: as the learner says, or as its label does.
    pub fn is_harmless(self, lab: Lab) -> bool {
        self.claim.get().unwrap_or_else(|| {
            let texts = lab.texts.get();
            let example = |draft: &super::Draft| {
                texts.as_ref()?.of(&draft.prompt).map(|example| !example.violates(None))
            };
            lab.draft.with(example).unwrap_or(false)
        })
    }

    /// Where the levels cut.
    pub fn cuts(self, lab: Lab) -> Cuts {
        let threshold = lab.threshold.get();
        let lower = self.lower.get().unwrap_or(threshold * LOWER).min(threshold);
        Cuts { threshold, lower }
    }

    /// The converters that made the text as it stands; empty if it was changed by hand, none if it
    /// is the original.
    pub fn made_by(self, lab: Lab) -> Option<Vec<Converter>> {
        lab.draft.with(|draft| {
            let disguised = draft.disguised.as_ref().filter(|text| **text != draft.prompt)?;
            let made = self.made.get().filter(|(_, text)| text == disguised);
            Some(made.map(|(converters, _)| converters).unwrap_or_default())
        })
    }

    /// Chooses a converter, and applies what is chosen.
    pub fn choose(self, lab: Lab, place: usize, converter: Option<Converter>) {
        self.converters.update(|converters| {
            if let Some(chosen) = converters.get_mut(place) {
                *chosen = converter;
            }
        });
        self.convert(lab);
    }

    /// Applies the chosen converters to the text.
    pub fn convert(self, lab: Lab) {
        let chosen: Vec<_> = self.converters.get_untracked().into_iter().flatten().collect();
        let text = lab.draft.with_untracked(|draft| draft.prompt.clone());
        let work = move |attempt: Attempt| async move {
            let text = converted(attempt, text, &chosen).await?;
            self.made.set(Some((chosen, text.clone())));
            lab.update(|draft| draft.put(Field::Disguised, text));
            Ok(())
        };
        self.converting.start(lab.engine, work, |_| {});
    }

    /// Tries the text as it stands.
    pub fn check(self, lab: Lab) {
        let Some(ground) = self.ground(lab) else { return };
        let converters = untrack(|| self.made_by(lab)).unwrap_or_default();
        let text = lab.draft.with_untracked(|draft| draft.text(Field::Disguised).to_owned());
        let work = move |attempt: Attempt| async move {
            let original = ground.judge(attempt, ground.original.clone(), false).await?;
            self.try_out(attempt, &ground, &original, text, converters).await
        };
        self.checking.start(lab.engine, work, |_| {});
    }

    /// Tries each converter by itself.
    pub fn check_each(self, lab: Lab) {
        let Some(ground) = self.ground(lab) else { return };
        let work = move |attempt: Attempt| async move {
            let original = ground.judge(attempt, ground.original.clone(), false).await?;
            for converter in CONVERTERS {
                let text = converted(attempt, ground.original.clone(), &[converter]).await?;
                self.try_out(attempt, &ground, &original, text, vec![converter]).await?;
            }
            Ok(())
        };
        self.checking.start(lab.engine, work, |_| {});
    }

    /// What stands there now; none while there is no guard.
    fn ground(self, lab: Lab) -> Option<Ground> {
        Some(Ground {
            guard: lab.guards.loaded.peek()?.id.clone(),
            rules: lab.rules.get_untracked(),
            original: lab.draft.with_untracked(|draft| draft.prompt.clone()),
            harmless: untrack(|| self.is_harmless(lab)),
        })
    }

    async fn try_out(
        self,
        attempt: Attempt,
        ground: &Ground,
        original: &Judged,
        text: String,
        converters: Vec<Converter>,
    ) -> Result<(), Problem> {
        let raw = ground.judge(attempt, text.clone(), false).await?;
        let normalised = ground.judge(attempt, text.clone(), true).await?;
        let tried = Tried {
            number: self.log.with_untracked(Vec::len) + 1,
            text,
            converters,
            harmless: ground.harmless,
            original: original.clone(),
            raw,
            normalised,
        };
        self.log.update(|log| log.push(Arc::new(tried)));
        Ok(())
    }

    /// Forgets what was tried, and what the next attempt was to be made of.
    pub(super) fn forget(self, lab: Lab) {
        self.converting.reset(lab.engine);
        self.checking.reset(lab.engine);
        self.log.set(Vec::new());
        self.converters.set([None; 2]);
        self.made.set(None);
        self.claim.set(None);
    }

    /// Stops trying. What was tried stays.
    pub fn cancel(self, lab: Lab) {
        self.checking.cancel(lab.engine);
    }
}

/// What is tried, and by what: as it stood when the button was pressed, whatever is changed while
/// the guard works.
struct Ground {
    /// The guard's id.
    guard: String,
    rules: Vec<Policy>,
    original: String,
    harmless: bool,
}

impl Ground {
    /// What the guard says of a text.
    async fn judge(
        &self,
        attempt: Attempt,
        text: String,
        normalise: bool,
    ) -> Result<Judged, Problem> {
        let request = Request::JudgeMany(JudgeManyRequest {
            guard: self.guard.clone(),
            use_case: UseCase::PromptOnly,
            policies: self.rules.clone(),
            exchanges: vec![Exchange { prompt: text, response: None }],
            normalise,
        });
        let response = attempt.ask(request).await?;
        let other = unexpected(&response);
        match response {
            Response::JudgedMany(judged) => judged.into_iter().next().ok_or(other),
            _ => Err(other),
        }
    }
}

async fn converted(
    attempt: Attempt,
    mut text: String,
    converters: &[Converter],
) -> Result<String, Problem> {
    for &converter in converters {
        text = match attempt.ask(Request::Convert { text, converter }).await? {
            Response::Text(text) => text,
            other => return Err(unexpected(&other)),
        };
    }
    Ok(text)
}
