//! What is to be judged, and what of it a person should know.

use super::Policy;
use super::normalise::{is_invisible, normalise};
use super::template::{Exchange, UseCase};
use super::tokenizer::{ControlTokens, Tokenizer};

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

impl Question {
    /// The texts as they go into a prompt.
    pub fn as_read(&self) -> Exchange {
        if !self.normalise {
            return self.exchange.clone();
        }
        let Exchange { prompt, response } = &self.exchange;
        Exchange { prompt: normalise(prompt), response: response.as_deref().map(normalise) }
    }

    /// What is odd about the texts, given as they are read and how many of their tokens are cut.
    pub fn cautions(&self, as_read: &Exchange, tokenizer: &Tokenizer, cut: usize) -> Vec<Caution> {
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
