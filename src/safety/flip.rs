//! HotFlip (arXiv 1712.06751): turn a verdict by replacing a few tokens of the user's words.
//!
//! The gradient ranks every replacement at once, as far as the guard is linear: by the product of the
//! gradient at a token with what its embedding would change by. The best ranked are written into the
//! text, and the text is judged anew from the start, tokenizer included. So what is found works when
//! it is typed in, and what only the ranking believed in is dropped.

use super::Error;
use super::candidates::{Words, user_text};
use super::guard::Guard;
use super::prompt::Prompt;
use super::prompts::Prompts;
use super::question::Question;
use super::saliency::gradient;
use super::yes_no::Logits;

/// No search replaces more.
const MOST_SWAPS: usize = 20;

/// One of the two answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
}

/// What is searched for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlipSettings {
    /// Index of the policy.
    pub policy: usize,
    pub towards: Answer,
    /// P(Yes), 0 to 1: reached at or above it (towards Yes) or below it (towards No).
    pub threshold: f32,
    /// 1 to 20.
    pub max_swaps: usize,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq)]
pub struct Swap {
    /// Index of the replaced token in the prompt as it was before.
    pub position: usize,
    pub from: String,
    pub to: String,
    /// The user's words after it.
    pub text: String,
    pub logits: Logits,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Flipped {
    pub before: Logits,
    pub after: Logits,
    /// The user's words in the end.
    pub text: String,
    pub swaps: Vec<Swap>,
    pub reached: bool,
    /// How many replacements were tried.
    pub tried: usize,
}

/// Searches until the verdict has turned, nothing helps any more, or all swaps are made.
///
/// `told` is called before each pass through the network, and with each swap that is made; it can stop
/// the work with an error.
///
/// # Errors
/// [`Error::Settings`], those of [`Guard::prompts`], [`Error::NotFinite`], [`Error::Device`], or that
/// of `told`.
pub async fn flip<E: From<Error>>(
    guard: &Guard,
    question: &Question,
    settings: FlipSettings,
    mut told: impl AsyncFnMut(Option<&Swap>) -> Result<(), E>,
) -> Result<Flipped, E> {
    settings.check(question)?;
    let words = Words::of(guard);
    let (mut prompt, trial) = Trial::new(guard, question, settings.policy)?;
    let before = guard.logits(&prompt).await?;
    let mut found = Flipped {
        before,
        after: before,
        text: user_text(&prompt),
        swaps: Vec::new(),
        reached: settings.is_reached(before),
        tried: 0,
    };
    while !found.reached && found.swaps.len() < settings.max_swaps {
        told(None).await?;
        let gradient = gradient(guard, &prompt).await?;
        let proposals = words.proposals(guard, &prompt, &gradient, settings.towards).await?;
        let mut best: Option<(Swap, Prompt)> = None;
        for proposal in proposals {
            told(None).await?;
            let (text, from, to) = proposal.write(&prompt, &words);
            let Ok(changed) = trial.prompt(guard, text.clone()) else { continue };
            let logits = guard.logits(&changed).await?;
            found.tried += 1;
            let reached_so_far = best.as_ref().map_or(found.after, |(swap, _)| swap.logits);
            if settings.progress(logits) > settings.progress(reached_so_far) {
                let position = proposal.position;
                best = Some((Swap { position, from, to, text, logits }, changed));
                if settings.is_reached(logits) {
                    break;
                }
            }
        }
        let Some((swap, changed)) = best else { break };
        prompt = changed;
        found.after = swap.logits;
        found.text.clone_from(&swap.text);
        found.reached = settings.is_reached(swap.logits);
        told(Some(&swap)).await?;
        found.swaps.push(swap);
    }
    Ok(found)
}

impl FlipSettings {
    fn check(&self, question: &Question) -> Result<(), Error> {
        let makes_sense = [
            ("the policy", self.policy < question.policies.len()),
            ("the threshold", (0.0..=1.0).contains(&self.threshold)),
            ("the number of swaps", (1..=MOST_SWAPS).contains(&self.max_swaps)),
        ];
        match makes_sense.into_iter().find(|(_, holds)| !holds) {
            Some((what, _)) => Err(Error::Settings { what }),
            None => Ok(()),
        }
    }

    /// How far the wanted answer is ahead.
    fn progress(&self, logits: Logits) -> f32 {
        match self.towards {
            Answer::Yes => logits.yes - logits.no,
            Answer::No => logits.no - logits.yes,
        }
    }

    fn is_reached(&self, logits: Logits) -> bool {
        match self.towards {
            Answer::Yes => logits.p_yes() >= self.threshold,
            Answer::No => logits.p_yes() < self.threshold,
        }
    }
}

/// A question by one of its policies, to be asked again with other words.
struct Trial {
    question: Question,
    /// So many tokens that texts are cut where the longest of all the policies' prompts has them cut.
    context: usize,
}

impl Trial {
    /// The prompt by one of a question's policies, and what asks it again: of all the policies' prompts
    /// only this one is made anew.
    ///
    /// # Errors
    /// Those of [`Guard::prompts`]; [`Error::Settings`] if there is no such policy.
    fn new(guard: &Guard, question: &Question, policy: usize) -> Result<(Prompt, Self), Error> {
        let Prompts { mut prompts, .. } = guard.prompts(question)?;
        let longest = prompts.iter().map(|prompt| prompt.tokens.len()).max().unwrap_or(0);
        let Some(own) = question.policies.get(policy).filter(|_| policy < prompts.len()) else {
            return Err(Error::Settings { what: "the policy" });
        };
        let prompt = prompts.swap_remove(policy);
        let context = guard.context().saturating_sub(longest - prompt.tokens.len());
        let question = Question { policies: vec![own.clone()], ..question.clone() };
        Ok((prompt, Self { question, context }))
    }

    /// The prompt with other words of the user's.
    ///
    /// # Errors
    /// Those of [`Guard::prompts`].
    fn prompt(&self, guard: &Guard, text: String) -> Result<Prompt, Error> {
        let mut question = self.question.clone();
        question.exchange.prompt = text;
        let Prompts { mut prompts, .. } = guard.prompts_within(&question, self.context)?;
        prompts.pop().ok_or(Error::NoPolicy)
    }
}
