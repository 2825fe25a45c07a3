//! A prompt as its tokens, each of which knows where it comes from.

use std::ops::Range;

use super::template::{Part, PartKind};
use super::tokenizer::Piece;

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
    /// Index of the part that most of it, space aside, lies in; none for `<bos>`.
    pub part: Option<usize>,
    /// Whether no other part has any of it.
    pub inside: bool,
    /// Whether it was left out for want of room.
    pub cut: bool,
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

    /// A prompt of parts and their tokens, to which `bos` is added in front.
    pub fn new(parts: Vec<Part>, bos: u32, pieces: Vec<Piece>) -> Self {
        let mut ends = Vec::with_capacity(parts.len());
        for part in &parts {
            ends.push(ends.last().copied().unwrap_or(0) + part.text.len());
        }
        let text: String = parts.iter().map(|part| part.text.as_str()).collect();
        let first = Token { id: bos, bytes: 0..0, part: None, inside: false, cut: false };
        let mut tokens = vec![first];
        // Tokens go forwards through the text, and so do the parts that they begin in.
        let mut part = 0;
        for Piece { id, bytes } in pieces {
            while part + 1 < ends.len() && ends.get(part).is_some_and(|&end| end <= bytes.start) {
                part += 1;
            }
            let inside = ends.get(part).is_none_or(|&end| bytes.end <= end);
            let most = if inside { part } else { most_of(text.as_bytes(), &bytes, &ends) };
            tokens.push(Token { id, bytes, part: Some(most), inside, cut: false });
        }
        Self { parts, tokens }
    }

    /// Leaves out the last `count` tokens of a kind of part.
    pub fn cut(&mut self, kind: PartKind, count: usize) {
        for position in self.positions(kind).into_iter().rev().take(count) {
            if let Some(token) = self.tokens.get_mut(position) {
                token.cut = true;
            }
        }
    }
}

/// The part that most of a range lies in, space aside; the first of several.
fn most_of(text: &[u8], bytes: &Range<usize>, ends: &[usize]) -> usize {
    let mut best = (0, (0, 0));
    let mut start = 0;
    for (part, &end) in ends.iter().enumerate() {
        let common = text.get(bytes.start.max(start)..bytes.end.min(end)).unwrap_or_default();
        let seen = common.iter().filter(|byte| !byte.is_ascii_whitespace()).count();
        if (seen, common.len()) > best.1 {
            best = (part, (seen, common.len()));
        }
        start = end;
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_across_parts_lies_where_most_of_it_is() {
        let part = |text: &str| Part { kind: PartKind::Turn, text: text.to_owned() };
        let parts = vec![part("a "), part("cdef"), part("g")];
        let piece = |bytes| Piece { id: 1, bytes };
        let prompt =
            Prompt::new(parts, 0, vec![piece(0..1), piece(1..5), piece(5..6), piece(6..7)]);
        let places: Vec<_> = prompt.tokens.iter().map(|token| (token.part, token.inside)).collect();
        assert_eq!(
            places,
            [(None, false), (Some(0), true), (Some(1), false), (Some(1), true), (Some(2), true)]
        );
    }

    #[test]
    fn the_space_before_a_word_does_not_count() {
        let part = |text: &str| Part { kind: PartKind::Turn, text: text.to_owned() };
        let pieces = vec![Piece { id: 1, bytes: 0..2 }, Piece { id: 1, bytes: 2..5 }];
        let prompt = Prompt::new(vec![part("x:  "), part("y")], 0, pieces);
        let parts: Vec<_> = prompt.tokens.iter().map(|token| token.part).collect();
        assert_eq!(parts, [None, Some(0), Some(1)]);
    }
}
