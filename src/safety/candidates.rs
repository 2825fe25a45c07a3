//! Replacements of the user's words, ranked by what the gradient promises of each.

use std::ops::Range;

use burn::Tensor;

use super::Error;
use super::flip::Answer;
use super::guard::{Guard, is_byte, read};
use super::prompt::{Prompt, Token};
use super::saliency::Gradient;
use super::template::PartKind;
use super::unfit_words::is_unfit;

/// How the tokenizer spells a space.
const SPACE: char = '\u{2581}';
/// How many replacements are proposed at once.
const PROPOSALS: usize = 10;
/// How many of these may be of the same token.
const PROPOSALS_A_TOKEN: usize = 3;
/// How many estimates are read back at once.
const ESTIMATES: usize = 1 << 22;

/// The user's words.
pub fn user_text(prompt: &Prompt) -> String {
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

/// The tokens that can be written into a text: words and parts of words, unfit ones excepted.
pub struct Words(Vec<Option<Word>>);

/// How a token is written.
struct Word {
    text: String,
    spaced: bool,
}

impl Words {
    /// Those of a guard's vocabulary.
    pub fn of(guard: &Guard) -> Self {
        let tokenizer = guard.tokenizer();
        let word = |id: usize| {
            let id = u32::try_from(id).ok()?;
            let spelling = tokenizer.spelling(id).filter(|_| !tokenizer.is_control(id))?;
            let text = spelling.strip_prefix(SPACE).unwrap_or(&spelling);
            let is_word =
                !is_byte(&spelling) && !text.is_empty() && text.chars().all(char::is_alphabetic);
            (is_word && !is_unfit(text))
                .then(|| Word { text: text.to_owned(), spaced: text.len() < spelling.len() })
        };
        Self((0..guard.config().vocabulary).map(word).collect())
    }

    fn get(&self, id: usize) -> Option<&Word> {
        self.0.get(id)?.as_ref()
    }

    /// The replacements that the gradient promises most of, the best first.
    ///
    /// # Errors
    /// [`Error::NoGradient`], [`Error::Device`].
    pub async fn proposals(
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
            let rows = Tensor::cat(rows.collect(), 0) * scale;
            let gains = read(rows.matmul(network.embedding()?.clone().transpose())).await?;
            for (place, gains) in some.iter().zip(gains.chunks_exact(vocabulary)) {
                proposals.extend(self.best_of(place, gains));
            }
        }
        proposals.sort_by(|a, b| b.gain.total_cmp(&a.gain));
        proposals.truncate(PROPOSALS);
        Ok(proposals)
    }

    /// The best replacements of one token, by what the product of gradient and embedding is for each
    /// token of the vocabulary.
    fn best_of(&self, place: &Place, gains: &[f32]) -> Vec<Proposal> {
        let now = gains.get(place.id as usize).copied().unwrap_or(0.0);
        let mut best: Vec<Proposal> = Vec::with_capacity(PROPOSALS_A_TOKEN + 1);
        for (id, gain) in gains.iter().enumerate() {
            let gain = gain - now;
            let beaten = best.len() == PROPOSALS_A_TOKEN
                && best.last().is_some_and(|worst| worst.gain >= gain);
            let fits = || self.get(id).is_some_and(|word| word.spaced == place.spaced);
            if gain > 0.0 && !beaten && fits() {
                let at = best.partition_point(|other| other.gain >= gain);
                let (position, bytes) = (place.position, place.bytes.clone());
                best.insert(at, Proposal { position, bytes, id, gain });
                best.truncate(PROPOSALS_A_TOKEN);
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
    let place = |(row, (position, token)): (usize, (usize, &Token))| {
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
pub struct Proposal {
    /// Index of the replaced token in the prompt.
    pub position: usize,
    bytes: Range<usize>,
    /// The token in its place.
    id: usize,
    gain: f32,
}

impl Proposal {
    /// The user's words with it, what was there, and what is there now.
    pub fn write(&self, prompt: &Prompt, words: &Words) -> (String, String, String) {
        let text = prompt.text();
        let user = user_bytes(prompt);
        let part = |bytes: Range<usize>| text.get(bytes).unwrap_or_default();
        let to = words.get(self.id).map_or("", |word| word.text.as_str());
        let before = part(user.start..self.bytes.start);
        let after = part(self.bytes.end..user.end);
        (format!("{before}{to}{after}"), part(self.bytes.clone()).to_owned(), to.to_owned())
    }
}
