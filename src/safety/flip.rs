//! HotFlip (arXiv 1712.06751): turn a verdict by replacing a few tokens of the user's words.
//!
//! The gradient ranks every replacement at once, as far as the guard is linear: by the product of the
//! gradient at a token with what its embedding would change by. The best ranked are written into the
//! text, and the text is judged anew from the start, tokenizer included. So what is found works when
//! it is typed in, and what only the ranking believed in is dropped.

use std::ops::Range;

use super::Error;
use super::fit::{Prompt, Prompts, Question};
use super::guard::{Guard, is_byte, read};
use super::prompt::PartKind;
use super::saliency::{Gradient, gradient};
use super::yes_no::Logits;

/// How the tokenizer spells a space.
const SPACE: char = '\u{2581}';
/// How many of the best ranked replacements are tried for each one that is made.
const TRIES: usize = 16;
/// How many of these may be of the same token.
const TRIES_A_TOKEN: usize = 4;
/// How many estimates are read back at once.
const ESTIMATES: usize = 1 << 22;
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
    let mut prompt = settings.prompt(guard, question.clone())?;
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
            let candidate = with_text(question, text.clone());
            let Ok(changed) = settings.prompt(guard, candidate) else { continue };
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

    fn prompt(&self, guard: &Guard, question: Question) -> Result<Prompt, Error> {
        let Prompts { mut prompts, .. } = guard.prompts(&question)?;
        if self.policy < prompts.len() {
            Ok(prompts.swap_remove(self.policy))
        } else {
            Err(Error::Settings { what: "the policy" })
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

/// The same question about another prompt of the user's.
fn with_text(question: &Question, text: String) -> Question {
    let mut question = question.clone();
    question.exchange.prompt = text;
    question
}

fn user_text(prompt: &Prompt) -> String {
    prompt.text().get(user_bytes(prompt)).unwrap_or_default().to_owned()
}

/// Where the user's words are in a prompt.
fn user_bytes(prompt: &Prompt) -> Range<usize> {
    let mut start = 0;
    for part in &prompt.parts {
        let end = start + part.text.len();
        if part.kind == PartKind::UserContent {
            return start..end;
        }
        start = end;
    }
    0..0
}

/// The tokens that can be written into a text: words and parts of words.
struct Words(Vec<Option<Word>>);

/// How a token is written.
struct Word {
    text: String,
    spaced: bool,
}

impl Words {
    fn of(guard: &Guard) -> Self {
        let tokenizer = guard.tokenizer();
        let word = |id: usize| {
            let id = u32::try_from(id).ok()?;
            let spelling = tokenizer.spelling(id).filter(|_| !tokenizer.is_control(id))?;
            let text = spelling.strip_prefix(SPACE).unwrap_or(&spelling);
            let is_word =
                !is_byte(&spelling) && !text.is_empty() && text.chars().all(char::is_alphabetic);
            is_word.then(|| Word { text: text.to_owned(), spaced: text.len() < spelling.len() })
        };
        Self((0..guard.config().vocabulary).map(word).collect())
    }

    fn get(&self, id: usize) -> Option<&Word> {
        self.0.get(id)?.as_ref()
    }

    /// The replacements that the gradient promises most of, the best first.
    async fn proposals(
        &self,
        guard: &Guard,
        prompt: &Prompt,
        gradient: &Gradient,
        towards: Answer,
    ) -> Result<Vec<Proposal>, Error> {
        let network = guard.network();
        let vocabulary = network.config().vocabulary;
        let sign = match towards {
            Answer::Yes => 1.0,
            Answer::No => -1.0,
        };
        let scale = sign * network.embedding_scale();
        let places = places(guard, prompt);
        let mut proposals = Vec::new();
        for some in places.chunks((ESTIMATES / vocabulary).max(1)) {
            let rows = some.iter().map(|place| gradient.gradient.clone().narrow(0, place.row, 1));
            let rows = burn::Tensor::cat(rows.collect(), 0) * scale;
            let gains = read(rows.matmul(network.embedding().clone().transpose())).await?;
            for (place, gains) in some.iter().zip(gains.chunks_exact(vocabulary)) {
                proposals.extend(self.best_of(place, gains));
            }
        }
        proposals.sort_by(|a, b| b.gain.total_cmp(&a.gain));
        proposals.truncate(TRIES);
        Ok(proposals)
    }

    /// The best replacements of one token, by what the product of gradient and embedding is for each
    /// token of the vocabulary.
    fn best_of(&self, place: &Place, gains: &[f32]) -> Vec<Proposal> {
        let now = gains.get(place.id as usize).copied().unwrap_or(0.0);
        let mut best: Vec<Proposal> = Vec::with_capacity(TRIES_A_TOKEN + 1);
        for (id, gain) in gains.iter().enumerate() {
            let gain = gain - now;
            let beaten =
                best.len() == TRIES_A_TOKEN && best.last().is_some_and(|worst| worst.gain >= gain);
            let fits = || self.get(id).is_some_and(|word| word.spaced == place.spaced);
            if gain > 0.0 && !beaten && fits() {
                let at = best.partition_point(|other| other.gain >= gain);
                let (position, bytes) = (place.position, place.bytes.clone());
                best.insert(at, Proposal { position, bytes, id, gain });
                best.truncate(TRIES_A_TOKEN);
            }
        }
        best
    }
}

/// A token that may be replaced.
struct Place {
    /// Index in the prompt's tokens.
    position: usize,
    /// Index among those that are read.
    row: usize,
    id: u32,
    /// What of the prompt is replaced: a space in front stays.
    bytes: Range<usize>,
    spaced: bool,
}

/// The tokens of the user's words that hold a letter or digit. The first of them often has the
/// template's space in front.
fn places(guard: &Guard, prompt: &Prompt) -> Vec<Place> {
    let text = prompt.text();
    let user = user_bytes(prompt);
    let read = prompt.tokens.iter().enumerate().filter(|(_, token)| !token.cut);
    let place = |(row, (position, token)): (usize, (usize, &super::fit::Token))| {
        let whole = text.get(token.bytes.clone())?;
        let spaced = whole.starts_with(' ');
        let start = token.bytes.start + usize::from(spaced);
        let word = text.get(start..token.bytes.end)?;
        let is_user = user.start <= start && token.bytes.end <= user.end;
        let is_word = word.chars().any(char::is_alphanumeric)
            && !word.chars().any(char::is_whitespace)
            && !is_byte(&guard.tokenizer().spelling(token.id)?);
        let bytes = start..token.bytes.end;
        (is_user && is_word).then_some(Place { position, row, id: token.id, bytes, spaced })
    };
    read.enumerate().filter_map(place).collect()
}

/// A replacement that the gradient promises something of.
struct Proposal {
    position: usize,
    bytes: Range<usize>,
    /// The token in its place.
    id: usize,
    gain: f32,
}

impl Proposal {
    /// The user's words with it, what was there, and what is there now.
    fn write(&self, prompt: &Prompt, words: &Words) -> (String, String, String) {
        let text = prompt.text();
        let user = user_bytes(prompt);
        let part = |bytes: Range<usize>| text.get(bytes).unwrap_or_default();
        let to = words.get(self.id).map_or("", |word| word.text.as_str());
        let before = part(user.start..self.bytes.start);
        let after = part(self.bytes.end..user.end);
        (format!("{before}{to}{after}"), part(self.bytes.clone()).to_owned(), to.to_owned())
    }
}
