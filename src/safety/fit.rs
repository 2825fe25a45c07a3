//! A prompt within a network's reach: the texts that are judged make room, the template and the
//! policy never do.

use std::ops::Range;

use super::normalise::{is_invisible, normalise};
use super::prompt::{self, Exchange, Part, PartKind, UseCase};
use super::tokenizer::{ControlTokens, Piece, Tokenizer};
use super::{Error, Policy};

/// What is to be judged, and how it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub use_case: UseCase,
    pub exchange: Exchange,
    pub policies: Vec<Policy>,
    /// Whether disguises are undone first.
    pub normalise: bool,
    pub control_tokens: ControlTokens,
}

/// Something about a text that a person should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caution {
    /// Its end was left out.
    Cut,
    /// It holds the words of a control token.
    ControlTokens,
    /// It holds characters that cannot be seen.
    Invisible,
    /// Normalising changed it.
    Normalised,
    /// There is a response that is not read.
    ResponseUnread,
}

/// The prompt for one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    pub parts: Vec<Part>,
    /// The `<bos>` in front included.
    pub tokens: Vec<Token>,
}

/// One token of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: u32,
    /// The bytes of the prompt that it stands for.
    pub bytes: Range<usize>,
    /// Index of the part that most of it lies in; none for `<bos>`.
    pub part: Option<usize>,
    /// Whether no other part has any of it.
    pub inside: bool,
    /// Whether it was left out for want of room.
    pub cut: bool,
}

/// The prompts of a question, one a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompts {
    pub prompts: Vec<Prompt>,
    /// Length of the beginning that all have in common; 0 if there is only one.
    pub shared: usize,
    /// Number of tokens that were left out, the same in all.
    pub cut: usize,
    pub cautions: Vec<Caution>,
}

impl Prompt {
    /// The whole prompt, what was cut included.
    pub fn text(&self) -> String {
        self.parts.iter().map(|part| part.text.as_str()).collect()
    }

    /// The tokens that are read.
    pub fn ids(&self) -> Vec<u32> {
        self.tokens.iter().filter(|token| !token.cut).map(|token| token.id).collect()
    }

    /// Positions in [`Self::tokens`] of those that lie in a part of that kind and in no other, and
    /// are read.
    pub fn positions(&self, kind: PartKind) -> Vec<usize> {
        let is_inside = |token: &Token| {
            !token.cut
                && token.inside
                && token.part.is_some_and(|part| self.kind(part) == Some(kind))
        };
        (0..self.tokens.len()).filter(|&at| self.tokens.get(at).is_some_and(is_inside)).collect()
    }

    fn kind(&self, part: usize) -> Option<PartKind> {
        self.parts.get(part).map(|part| part.kind)
    }

    fn new(parts: Vec<Part>, bos: u32, pieces: Vec<Piece>) -> Self {
        let mut ends = Vec::with_capacity(parts.len());
        for part in &parts {
            ends.push(ends.last().copied().unwrap_or(0) + part.text.len());
        }
        let first = Token { id: bos, bytes: 0..0, part: None, inside: false, cut: false };
        let mut tokens = vec![first];
        // Tokens go forwards through the text, and so do the parts that they begin in.
        let mut part = 0;
        for Piece { id, bytes } in pieces {
            while part + 1 < ends.len() && ends.get(part).is_some_and(|&end| end <= bytes.start) {
                part += 1;
            }
            let inside = ends.get(part).is_none_or(|&end| bytes.end <= end);
            let most = if inside { part } else { most_of(&bytes, &ends) };
            tokens.push(Token { id, bytes, part: Some(most), inside, cut: false });
        }
        Self { parts, tokens }
    }

    /// Leaves out the last `count` tokens of a kind of part.
    fn cut(&mut self, kind: PartKind, count: usize) {
        for position in self.positions(kind).into_iter().rev().take(count) {
            if let Some(token) = self.tokens.get_mut(position) {
                token.cut = true;
            }
        }
    }
}

/// The part that most of a range lies in; the first of several.
fn most_of(bytes: &Range<usize>, ends: &[usize]) -> usize {
    let mut best = (0, 0);
    let mut start = 0;
    for (part, &end) in ends.iter().enumerate() {
        let common = bytes.end.min(end).saturating_sub(bytes.start.max(start));
        if common > best.1 {
            best = (part, common);
        }
        start = end;
    }
    best.0
}

impl Prompts {
    /// The prompts for each of the policies, none longer than `context` tokens. What is cut is the
    /// end of the texts that are judged; of two texts, the shorter one keeps all that is not more
    /// than half of the room.
    ///
    /// # Errors
    /// [`Error::NoPolicy`], [`Error::NoRoom`], those of [`prompt::parts`] and of
    /// [`Tokenizer::encode`].
    pub fn new(question: &Question, tokenizer: &Tokenizer, context: usize) -> Result<Self, Error> {
        let mut prompts = Vec::with_capacity(question.policies.len());
        let exchange = question.as_read();
        for policy in &question.policies {
            let parts = prompt::parts(question.use_case, &exchange, policy)?;
            let pieces = tokenizer.encode(&parts, question.control_tokens)?;
            prompts.push(Prompt::new(parts, tokenizer.bos(), pieces));
        }
        let longest = prompts.iter().max_by_key(|prompt| prompt.tokens.len());
        let Some(longest) = longest else { return Err(Error::NoPolicy) };
        let cut = longest.tokens.len().saturating_sub(context);
        if cut > 0 {
            let count = |kind| longest.positions(kind).len();
            let (user, model) = (count(PartKind::UserContent), count(PartKind::ModelContent));
            let too_long = Error::NoRoom { needed: longest.tokens.len() - user - model, context };
            let Some(room) = (user + model).checked_sub(cut) else { return Err(too_long) };
            let (user_room, model_room) = share(room, user, model);
            if user_room == 0 || (model_room == 0 && model > 0) {
                return Err(too_long);
            }
            for prompt in &mut prompts {
                prompt.cut(PartKind::UserContent, user - user_room);
                prompt.cut(PartKind::ModelContent, model - model_room);
            }
        }
        let shared = shared_length(&prompts);
        let cautions = question.cautions(&exchange, tokenizer, cut);
        Ok(Self { prompts, shared, cut, cautions })
    }
}

impl Question {
    /// The texts as they go into a prompt.
    fn as_read(&self) -> Exchange {
        if !self.normalise {
            return self.exchange.clone();
        }
        let Exchange { prompt, response } = &self.exchange;
        Exchange { prompt: normalise(prompt), response: response.as_deref().map(normalise) }
    }

    fn cautions(&self, as_read: &Exchange, tokenizer: &Tokenizer, cut: usize) -> Vec<Caution> {
        let reads_response = self.use_case == UseCase::PromptResponse;
        let texts = |exchange: &Exchange| -> Vec<String> {
            let response = exchange.response.clone().filter(|_| reads_response);
            std::iter::once(exchange.prompt.clone()).chain(response).collect()
        };
        let (given, read) = (texts(&self.exchange), texts(as_read));
        let holds = |test: &dyn Fn(&str) -> bool| read.iter().any(|text| test(text));
        [
            (Caution::Cut, cut > 0),
            (Caution::ControlTokens, holds(&|text| tokenizer.holds_control(text))),
            (Caution::Invisible, holds(&|text| text.contains(is_invisible))),
            (Caution::Normalised, given != read),
            (Caution::ResponseUnread, self.exchange.response.is_some() && !reads_response),
        ]
        .into_iter()
        .filter_map(|(caution, applies)| applies.then_some(caution))
        .collect()
    }
}

/// What two texts of so many tokens get of a room that is too small for both.
fn share(room: usize, user: usize, model: usize) -> (usize, usize) {
    let half = room / 2;
    if user <= half {
        (user, room - user)
    } else if model <= half {
        (room - model, model)
    } else {
        (room - half, half)
    }
}

/// How many tokens all begin with; each has at least one more.
fn shared_length(prompts: &[Prompt]) -> usize {
    let [first, others @ ..] = prompts else { return 0 };
    let first = first.ids();
    let most = first.len().saturating_sub(1);
    let common = |other: &Prompt| {
        let ids = other.ids();
        let same = first.iter().zip(&ids).take_while(|(a, b)| a == b).count();
        same.min(ids.len().saturating_sub(1))
    };
    others.iter().map(common).min().unwrap_or(0).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_texts_share_the_room() {
        assert_eq!(share(10, 3, 20), (3, 7));
        assert_eq!(share(10, 20, 5), (5, 5));
        assert_eq!(share(11, 20, 20), (6, 5));
        assert_eq!(share(10, 20, 0), (10, 0));
    }

    #[test]
    fn a_token_across_parts_lies_where_most_of_it_is() {
        let part = |text: &str| Part { kind: PartKind::Turn, text: text.to_owned() };
        let parts = vec![part("ab"), part("cdef"), part("g")];
        let piece = |bytes| Piece { id: 1, bytes };
        let prompt =
            Prompt::new(parts, 0, vec![piece(0..1), piece(1..5), piece(5..6), piece(6..7)]);
        let places: Vec<_> = prompt.tokens.iter().map(|token| (token.part, token.inside)).collect();
        assert_eq!(
            places,
            [(None, false), (Some(0), true), (Some(1), false), (Some(1), true), (Some(2), true)]
        );
    }
}
