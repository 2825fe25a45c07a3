use crate::weights;

/// Why a guard cannot be built, or cannot judge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The configuration is no JSON, lacks a field, or holds a value that makes no sense.
    #[error("the configuration cannot be used: {0}")]
    Config(String),
    /// The configuration or the tensors are those of another network, which `found` names.
    #[error("this is a network of the kind `{found}`, where `gemma2` is needed")]
    Architecture { found: String },
    /// The tokenizer is no JSON of its form, or does not belong to the weights.
    #[error("the tokenizer cannot be used: {0}")]
    Tokenizer(String),
    /// The tokenizer does not know a token that is needed.
    #[error("the tokenizer has no token `{token}`")]
    MissingToken { token: String },
    /// The weights are broken or not the configuration's.
    #[error(transparent)]
    Weights(#[from] weights::Error),
    /// There is nothing to judge: the prompt, or the response where it is read, is empty but for
    /// space.
    #[error("there is no text in the {0}")]
    EmptyText(&'static str),
    /// The use case reads a response, and there is none.
    #[error("there is no response, which this use case reads")]
    MissingResponse,
    /// No policy to judge by.
    #[error("there is no policy to judge by")]
    NoPolicy,
    /// The template and the policy alone leave no room for a text; both numbers are in tokens.
    #[error(
        "the policy is too long: {needed} tokens without any text, where {context} can be read"
    )]
    NoRoom { needed: usize, context: usize },
    /// A search's settings make no sense; `what` names one.
    #[error("{what} makes no sense")]
    Settings { what: &'static str },
    /// The weights are kept in a form through which no gradient flows.
    #[error("this guard is too large for gradients: its weights stay packed")]
    NoGradient,
    /// The device multiplies packed matrices wrongly.
    #[error("this device computes products with packed weights wrongly")]
    WrongProduct,
    /// The logits or their gradient are no numbers.
    #[error("the guard's logits or their gradient are not finite")]
    NotFinite,
    /// The device would not hand back what it computed.
    #[error("reading from the device failed: {0}")]
    Device(String),
}
