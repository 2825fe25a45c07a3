use serde::{Deserialize, Serialize};

use super::{Localised, Tier};

/// Whose words are checked against the policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UseCase {
    /// What a person asks of a chatbot.
    #[default]
    PromptOnly,
    /// What the chatbot answered, in the light of what it was asked.
    PromptResponse,
}

/// What was said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    pub prompt: String,
    /// Read for [`UseCase::PromptResponse`] only, which needs it.
    pub response: Option<String>,
}

/// A rule in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Unique among the policies of a request.
    pub id: String,
    /// Without its “No” or “Allowed”, as in “Dangerous Content”.
    pub name: String,
    /// What follows the prefix that belongs to the use case.
    pub description: String,
    /// False: a rule that permits, which nothing violates.
    pub forbids: bool,
}

/// What the page shows of a guard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GuardSummary {
    pub id: String,
    pub title: Localised<String>,
    pub tier: Tier,
    /// Size of the weights as fetched.
    pub bytes: u64,
    pub licence: String,
    /// Whether the weights are in this browser's cache.
    pub cached: bool,
    /// Whether the browser would not keep the weights when they were fetched: it has no room, or
    /// forbids storage.
    pub not_kept: bool,
    /// Whether the weights' hash is known beforehand and was or will be checked.
    pub pinned: bool,
    /// The most tokens that it reads, template and policy included.
    pub context: usize,
    /// None where its configuration cannot be had yet.
    pub size: Option<GuardSize>,
    /// The four policies that a learner starts with, in the order in which they are shown.
    pub policies: Vec<Policy>,
    /// How good it is, where that was measured.
    pub metrics: Option<GuardMetrics>,
    /// Where all that was measured is, relative to the manifest.
    pub metrics_file: Option<String>,
}

/// How large a guard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GuardSize {
    /// Number of tokens it knows.
    pub vocabulary: usize,
    /// Length of the vector that stands for a token.
    pub hidden_size: usize,
    pub layers: usize,
    /// Number of weights, with the embedding, which the output shares, counted once.
    pub parameters: u64,
}

/// How good a guard is on the OpenAI moderation set, which it was not trained on; all are 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GuardMetrics {
    /// Area under the precision-recall curve.
    pub au_prc: f32,
    /// Area under the receiver operating characteristic.
    pub roc_auc: Option<f32>,
    /// F1 at [`Self::threshold`].
    pub f1: Option<f32>,
    /// The P(Yes) from which on a text counts as a violation, for the largest of the four: chosen for
    /// the best F1 on held-back training texts, or on the set itself where no other was chosen.
    pub threshold: f32,
}

/// What the words of a control token (`<end_of_turn>`) come to when a user writes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ControlTokens {
    /// Plain text.
    #[default]
    Escaped,
    /// The token itself: a user can then end their own turn and speak as somebody else.
    Interpreted,
}

/// One exchange, to be judged by each of the policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgeRequest {
    pub guard: String,
    pub use_case: UseCase,
    pub exchange: Exchange,
    pub policies: Vec<Policy>,
    /// Whether disguises (lookalike letters, leetspeak, invisible characters, spread letters) are
    /// undone first.
    pub normalise: bool,
    pub control_tokens: ControlTokens,
}

/// What a guard says of an exchange by one policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The policy's id.
    pub policy: String,
    /// Logits of the two answers at the prompt's last token, after the soft-cap.
    pub yes_logit: f32,
    pub no_logit: f32,
    /// Softmax over the two: the probability of a violation, 0 to 1.
    pub p_yes: f32,
}

/// What a guard says of an exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// One a policy, in the request's order.
    pub judgements: Vec<Judgement>,
    /// How many tokens the policies' prompts have in common at their beginning, which are computed
    /// once.
    pub shared_tokens: usize,
    /// Length of each policy's prompt, in the request's order.
    pub tokens: Vec<usize>,
    /// How many tokens of the texts were left out for want of room.
    pub cut: usize,
    pub cautions: Vec<TextCaution>,
    /// The time of the forward passes with their read-back, in milliseconds.
    pub milliseconds: f64,
}

/// Something about a text that does not stop the guard but that a person should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextCaution {
    /// It is too long, and its end was left out.
    Cut,
    /// It holds the words of a control token, which were read as plain text.
    ControlTokensEscaped,
    /// It holds the words of a control token, which were read as that token.
    ControlTokensInterpreted,
    /// It holds characters that cannot be seen.
    Invisible,
    /// Normalising changed it.
    Normalised,
    /// There is a response, but the use case never reads it.
    ResponseUnread,
}

/// Several texts that go through the guard as one batch, to see what becomes of a wrong index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRequest {
    pub guard: String,
    /// One a row; prompts without responses.
    pub texts: Vec<String>,
    pub policy: Policy,
}

/// What the guard says of a batch, at every position where one of its rows ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchReport {
    /// Length of all rows: that of the longest prompt.
    pub length: usize,
    /// One a text.
    pub rows: Vec<BatchRow>,
}

/// A row of a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchRow {
    /// Length of its prompt; what is behind it is padding.
    pub tokens: usize,
    /// How many tokens of its text were left out for want of room.
    pub cut: usize,
    pub cautions: Vec<TextCaution>,
    /// What is read of it at the last position of each row, in their order.
    pub at: Vec<BatchReading>,
}

/// What is read at a position of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatchReading {
    /// From 0.
    pub position: usize,
    /// The token there; none where there is padding.
    pub token: Option<String>,
    /// Softmax over the two logits there: what would be taken for P(Yes), 0 to 1.
    pub p_yes: f32,
}

/// The prompt for one policy of a request, to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InspectRequest {
    pub judge: JudgeRequest,
    /// The policy's id.
    pub policy: String,
}

/// A prompt as the guard reads it. The texts of the parts, one after the other, are the whole prompt,
/// what was cut included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptReport {
    pub parts: Vec<PromptPart>,
    /// From the `<bos>` in front to the end. Those that were cut are here too, but not read.
    pub tokens: Vec<Token>,
    /// Number of tokens that the guard knows.
    pub vocabulary: usize,
    /// The most tokens that it reads.
    pub context: usize,
    pub cautions: Vec<TextCaution>,
}

/// A piece of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptPart {
    pub kind: PartKind,
    pub text: String,
}

/// Where a piece of a prompt comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PartKind {
    /// What the guard is to do.
    Instruction,
    /// Who speaks, with the control tokens around.
    Turn,
    /// The user's words.
    UserContent,
    /// The chatbot's words.
    ModelContent,
    /// The rule.
    Policy,
    /// What is asked in the end.
    Question,
}

/// One token of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub id: u32,
    /// The piece of the prompt that it stands for; of a single byte `<0xE1>` and the like.
    pub text: String,
    /// Index of the part that most of it lies in; none for `<bos>`.
    pub part: Option<usize>,
    /// Whether it was left out for want of room.
    pub cut: bool,
}

/// Many exchanges, each to be judged by each of the policies. Control tokens in them are plain text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgeManyRequest {
    pub guard: String,
    pub use_case: UseCase,
    pub policies: Vec<Policy>,
    pub exchanges: Vec<Exchange>,
    pub normalise: bool,
}

/// Which tokens decide, by one policy of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainRequest {
    pub judge: JudgeRequest,
    /// The policy's id.
    pub policy: String,
}

/// How much each token speaks for a violation: the gradient of the gap between the Yes and the No
/// logit (before the soft-cap) with respect to the token's embedding, times the embedding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    pub judgement: Judgement,
    pub prompt: PromptReport,
    /// One a token of [`Self::prompt`]: positive speaks for Yes, negative for No; 0 where cut.
    pub influences: Vec<f32>,
    /// The time of the forward and backward pass with its read-back, in milliseconds.
    pub milliseconds: f64,
}

/// One of the two answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It violates the policy.
    Yes,
    /// It does not.
    No,
}

/// A search for the few words whose replacement turns the verdict (HotFlip, arXiv 1712.06751): only
/// tokens of the user's prompt are replaced, one at a time, by what the gradient promises most of and
/// a forward pass confirms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlipRequest {
    pub judge: JudgeRequest,
    /// The policy's id.
    pub policy: String,
    pub towards: Answer,
    /// P(Yes), 0 to 1: reached at or above it (towards Yes) or below it (towards No).
    pub threshold: f32,
    /// 1 to 20.
    pub max_swaps: u32,
}

/// One replacement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Swap {
    /// Index of the replaced token in the prompt as it was before this replacement.
    pub position: usize,
    pub from: String,
    pub to: String,
    /// The user's prompt after it.
    pub text: String,
    /// P(Yes) after it.
    pub p_yes: f32,
}

/// What the search came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flipped {
    pub before: Judgement,
    pub after: Judgement,
    /// The user's prompt in the end.
    pub text: String,
    pub swaps: Vec<Swap>,
    /// Whether P(Yes) is on the wanted side of the threshold.
    pub reached: bool,
    /// How many candidates were tried by a forward pass.
    pub tried: usize,
    /// Of the whole search.
    pub milliseconds: f64,
}

/// A way to disguise a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Converter {
    UpperCase,
    AlternatingCase,
    /// A space between letters.
    Spacing,
    /// Digits for letters.
    Leetspeak,
    /// Letters of other scripts that look alike.
    Homoglyphs,
    /// Two halves, with a request to join them.
    Splitting,
    /// A part in a play.
    RolePlay,
}
