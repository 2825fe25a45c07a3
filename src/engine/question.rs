//! What the page asks about texts, in the words of the core, and what comes back, in the page's.

use crate::{
    protocol::{self, JudgeRequest, PromptReport, TextCaution},
    safety::{
        Caution, ControlTokens, Exchange, Guard, Judgement, PartKind, Policy, Prompt, Prompts,
        Question, UseCase, converters, flip,
    },
};

/// A request as a question.
pub fn question(request: &JudgeRequest) -> Question {
    Question {
        use_case: use_case(request.use_case),
        exchange: exchange(&request.exchange),
        policies: request.policies.iter().map(policy).collect(),
        normalise: request.normalise,
        control_tokens: match request.control_tokens {
            protocol::ControlTokens::Escaped => ControlTokens::Escaped,
            protocol::ControlTokens::Interpreted => ControlTokens::Interpreted,
        },
    }
}

/// Whose words are checked.
pub fn use_case(use_case: protocol::UseCase) -> UseCase {
    match use_case {
        protocol::UseCase::PromptOnly => UseCase::PromptOnly,
        protocol::UseCase::PromptResponse => UseCase::PromptResponse,
    }
}

/// What was said.
pub fn exchange(exchange: &protocol::Exchange) -> Exchange {
    Exchange { prompt: exchange.prompt.clone(), response: exchange.response.clone() }
}

/// A policy as the core knows it.
pub fn policy(policy: &protocol::Policy) -> Policy {
    let protocol::Policy { id, name, description, forbids } = policy.clone();
    Policy { id, name, description, forbids }
}

/// A policy as the page shows it.
pub fn shown_policy(policy: Policy) -> protocol::Policy {
    let Policy { id, name, description, forbids } = policy;
    protocol::Policy { id, name, description, forbids }
}

/// An answer as the core knows it.
pub fn answer(answer: protocol::Answer) -> flip::Answer {
    match answer {
        protocol::Answer::Yes => flip::Answer::Yes,
        protocol::Answer::No => flip::Answer::No,
    }
}

/// A converter as the core knows it.
pub fn converter(converter: protocol::Converter) -> converters::Converter {
    use converters::Converter as Core;
    use protocol::Converter;
    match converter {
        Converter::UpperCase => Core::UpperCase,
        Converter::AlternatingCase => Core::AlternatingCase,
        Converter::Spacing => Core::Spacing,
        Converter::Leetspeak => Core::Leetspeak,
        Converter::Homoglyphs => Core::Homoglyphs,
        Converter::Splitting => Core::Splitting,
        Converter::RolePlay => Core::RolePlay,
    }
}

/// A judgement with its policy's id.
pub fn judgement(policies: &[Policy], judgement: Judgement) -> protocol::Judgement {
    let Judgement { policy, logits } = judgement;
    protocol::Judgement {
        policy: policies.get(policy).map(|policy| policy.id.clone()).unwrap_or_default(),
        yes_logit: logits.yes,
        no_logit: logits.no,
        p_yes: logits.p_yes(),
    }
}

/// What the page is told of a question's texts.
pub fn cautions(question: &Question, prompts: &Prompts) -> Vec<TextCaution> {
    let caution = |caution: &Caution| match (caution, question.control_tokens) {
        (Caution::Cut, _) => TextCaution::Cut,
        (Caution::ControlTokens, ControlTokens::Escaped) => TextCaution::ControlTokensEscaped,
        (Caution::ControlTokens, ControlTokens::Interpreted) => {
            TextCaution::ControlTokensInterpreted
        }
        (Caution::Invisible, _) => TextCaution::Invisible,
        (Caution::Normalised, _) => TextCaution::Normalised,
        (Caution::ResponseUnread, _) => TextCaution::ResponseUnread,
    };
    prompts.cautions.iter().map(caution).collect()
}

/// A prompt as the page shows it.
pub fn report(guard: &Guard, prompt: &Prompt, cautions: Vec<TextCaution>) -> PromptReport {
    let text = prompt.text();
    let parts = prompt
        .parts
        .iter()
        .map(|part| protocol::PromptPart { kind: part_kind(part.kind), text: part.text.clone() });
    let tokens = prompt.tokens.iter().map(|token| protocol::Token {
        id: token.id,
        text: guard.token_text(&text, token.id, token.bytes.clone()),
        part: token.part,
        cut: token.cut,
    });
    PromptReport {
        parts: parts.collect(),
        tokens: tokens.collect(),
        vocabulary: guard.config().vocabulary,
        context: guard.context(),
        cautions,
    }
}

fn part_kind(kind: PartKind) -> protocol::PartKind {
    match kind {
        PartKind::Instruction => protocol::PartKind::Instruction,
        PartKind::Turn => protocol::PartKind::Turn,
        PartKind::UserContent => protocol::PartKind::UserContent,
        PartKind::ModelContent => protocol::PartKind::ModelContent,
        PartKind::Policy => protocol::PartKind::Policy,
        PartKind::Question => protocol::PartKind::Question,
    }
}
