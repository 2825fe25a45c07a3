//! Texts as the tokens of a `tokenizer.json`.
//!
//! A prompt is cut at its control tokens, as every tokenizer of this kind does; what lies between is
//! encoded as plain text, in which the words `<end_of_turn>` are nothing but letters. So it is this
//! module and not the text that says where a control token is.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use tokenizers::{AddedToken, Model};

use super::Error;
use super::template::{Part, PartKind};

/// What begins every prompt.
const BOS: &str = "<bos>";
/// What separates speakers, as the template writes it.
const TURNS: [&str; 2] = ["<start_of_turn>", "<end_of_turn>"];
/// What else must not come out of a text, whether or not the file calls it special.
const OTHER_CONTROL: [&str; 3] = [BOS, "<eos>", "<pad>"];

/// What the words of a control token come to in the texts that are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ControlTokens {
    /// Plain text.
    Escaped,
    /// The token itself.
    Interpreted,
}

/// One token of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub id: u32,
    /// The bytes of the text that it stands for. Tokens of single bytes may share a character.
    pub bytes: Range<usize>,
}

/// A tokenizer with what a guard needs to know of it.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    /// Gemma's has 256 000 tokens and twice as many merges, of which one copy is enough.
    inner: Arc<tokenizers::Tokenizer>,
    bos: u32,
    yes: u32,
    no: u32,
    /// Words and ids of the control tokens, the longest first.
    control: Vec<(String, u32)>,
    control_ids: HashSet<u32>,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`. Where it knows the turn tokens as words but does not list them
    /// among the added tokens, as some copies of Gemma's, they are made control tokens all the same.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] if it cannot be read; [`Error::MissingToken`] if it has no `<bos>`, “Yes”
    /// or “No”.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut inner = tokenizers::Tokenizer::from_bytes(bytes).map_err(unusable)?;
        inner.with_padding(None).with_truncation(None).map_err(unusable)?;
        let id = |token: &str| inner.token_to_id(token);
        let needed =
            |token: &str| id(token).ok_or_else(|| Error::MissingToken { token: token.to_owned() });
        let (bos, yes, no) = (needed(BOS)?, needed("Yes")?, needed("No")?);
        let known = TURNS.into_iter().chain(OTHER_CONTROL);
        let mut control: Vec<(String, u32)> =
            known.filter_map(|token| Some((token.to_owned(), id(token)?))).collect();
        for (id, token) in inner.get_added_tokens_decoder() {
            if token.special && !control.iter().any(|(_, known)| *known == id) {
                control.push((token.content, id));
            }
        }
        control.retain(|(token, _)| !token.is_empty());
        control.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
        let added = control.iter().map(|(token, _)| AddedToken::from(token.clone(), true));
        inner.add_special_tokens(added).map_err(unusable)?;
        // In plain text they are letters. Where the others are, this module says.
        inner.set_encode_special_tokens(true);
        let control_ids = control.iter().map(|(_, id)| *id).collect();
        Ok(Self { inner: Arc::new(inner), bos, yes, no, control, control_ids })
    }

    /// The id of “Yes”.
    pub fn yes(&self) -> u32 {
        self.yes
    }

    /// The id of “No”.
    pub fn no(&self) -> u32 {
        self.no
    }

    /// The token in front of every prompt.
    pub fn bos(&self) -> u32 {
        self.bos
    }

    /// Number of tokens, those that were added included.
    pub fn size(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// The token of that id as the vocabulary spells it.
    pub fn spelling(&self, id: u32) -> Option<String> {
        self.inner.id_to_token(id)
    }

    /// Whether the token commands rather than says something.
    pub fn is_control(&self, id: u32) -> bool {
        self.control_ids.contains(&id)
    }

    /// Whether a text holds the words of a control token.
    pub fn holds_control(&self, text: &str) -> bool {
        self.control.iter().any(|(token, _)| text.contains(token.as_str()))
    }

    /// The tokens of a prompt, without a `<bos>` in front; their bytes count from its beginning.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] if it cannot encode this text.
    pub fn encode(&self, parts: &[Part], control: ControlTokens) -> Result<Vec<Piece>, Error> {
        let text: String = parts.iter().map(|part| part.text.as_str()).collect();
        let mut pieces = Vec::new();
        let mut plain_from = 0;
        let mut start = 0;
        for part in parts {
            if interprets(part.kind, control) {
                for (bytes, id) in self.find_control(&part.text) {
                    let bytes = start + bytes.start..start + bytes.end;
                    self.encode_plain(&text, plain_from..bytes.start, &mut pieces)?;
                    plain_from = bytes.end;
                    pieces.push(Piece { id, bytes });
                }
            }
            start += part.text.len();
        }
        self.encode_plain(&text, plain_from..text.len(), &mut pieces)?;
        Ok(pieces)
    }

    /// Where the words of control tokens are in a text, and whose they are.
    fn find_control(&self, text: &str) -> Vec<(Range<usize>, u32)> {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(rest) = text.get(from..) {
            // Of those that begin first the longest: the list has the longest first.
            let places = self.control.iter().filter_map(|(token, id)| {
                rest.find(token.as_str()).map(|at| (at, token.len(), *id))
            });
            let Some((at, length, id)) = places.min_by_key(|(at, _, _)| *at) else { break };
            found.push((from + at..from + at + length, id));
            from += at + length;
        }
        found
    }

    /// Adds the tokens of a part of a text that has no control tokens, whatever its words are.
    fn encode_plain(
        &self,
        text: &str,
        range: Range<usize>,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), Error> {
        let start = range.start;
        let Some(plain) = text.get(range).filter(|plain| !plain.is_empty()) else { return Ok(()) };
        let encoding = self.inner.encode(plain, false).map_err(unusable)?;
        for (&id, &(from, to)) in encoding.get_ids().iter().zip(encoding.get_offsets()) {
            let bytes = start + from..start + to;
            if self.is_control(id) {
                // The vocabulary's own merges can arrive at it letter by letter.
                self.spell_out(text, bytes, pieces)?;
            } else {
                pieces.push(Piece { id, bytes });
            }
        }
        Ok(())
    }

    /// Adds the tokens of a part of a text one character at a time.
    fn spell_out(
        &self,
        text: &str,
        range: Range<usize>,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), Error> {
        let start = range.start;
        for (at, character) in text.get(range).unwrap_or_default().char_indices() {
            let mut buffer = [0; 4];
            let letter: &str = character.encode_utf8(&mut buffer);
            let tokens = self.inner.get_model().tokenize(letter).map_err(unusable)?;
            let bytes = start + at..start + at + letter.len();
            let plain = tokens.into_iter().filter(|token| !self.is_control(token.id));
            pieces.extend(plain.map(|token| Piece { id: token.id, bytes: bytes.clone() }));
        }
        Ok(())
    }
}

/// Whether the words of control tokens are tokens in such a part.
fn interprets(kind: PartKind, control: ControlTokens) -> bool {
    kind == PartKind::Turn || (kind.is_content() && control == ControlTokens::Interpreted)
}

fn unusable(error: impl std::fmt::Display) -> Error {
    Error::Tokenizer(error.to_string())
}
