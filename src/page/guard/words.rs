//! The lesson's words and numbers in the page's language.

use leptos::prelude::*;

use super::text::{GuardText, guard_text};
use crate::page::bench::words::{Words, use_words};
use crate::page::fill::fill;
use crate::protocol::{Converter, PartKind, Policy, TextCaution};

/// A string of lesson 1, following the language.
pub fn word(name: fn(&GuardText) -> &'static str) -> Signal<&'static str> {
    let words = use_words();
    Signal::derive(move || name(guard_text(words.lang())))
}

/// The strings of lesson 1; reading them follows the language.
pub fn text(words: Words) -> &'static GuardText {
    guard_text(words.lang())
}

/// A template with its values.
pub fn filled(template: &str, values: &[(&str, String)]) -> String {
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fill(template, &values)
}

/// A number with its sign.
pub fn signed(words: Words, value: f32) -> String {
    let written = words.decimal(f64::from(value), 2);
    // What is rounded to nothing has no sign.
    let is_something = written.contains(|digit| matches!(digit, '1'..='9'));
    if value > 0.0 && is_something { format!("+{written}") } else { written }
}

/// A share or a threshold as a number from 0 to 1.
pub fn share(words: Words, value: Option<f32>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| words.decimal(f64::from(value), 2))
}

/// The name of a kind of part; none is the token in front.
pub fn part_name(text: &GuardText, kind: Option<PartKind>) -> &'static str {
    match kind {
        None => text.part_start,
        Some(PartKind::Instruction) => text.part_instruction,
        Some(PartKind::Turn) => text.part_turn,
        Some(PartKind::UserContent) => text.part_user,
        Some(PartKind::ModelContent) => text.part_model,
        Some(PartKind::Policy) => text.part_policy,
        Some(PartKind::Question) => text.part_question,
    }
}

/// What is to be known of a text.
pub fn caution_text(text: &GuardText, caution: TextCaution) -> &'static str {
    match caution {
        TextCaution::Cut => text.caution_cut,
        TextCaution::ControlTokensEscaped => text.caution_escaped,
        TextCaution::ControlTokensInterpreted => text.caution_interpreted,
        TextCaution::Invisible => text.caution_invisible,
        TextCaution::Normalised => text.caution_normalised,
        TextCaution::ResponseUnread => text.caution_unread,
    }
}

/// The name of a converter.
pub fn converter_name(text: &GuardText, converter: Converter) -> &'static str {
    match converter {
        Converter::UpperCase => text.converter_upper,
        Converter::AlternatingCase => text.converter_alternating,
        Converter::Spacing => text.converter_spacing,
        Converter::Leetspeak => text.converter_leet,
        Converter::Homoglyphs => text.converter_homoglyphs,
        Converter::Splitting => text.converter_splitting,
        Converter::RolePlay => text.converter_role_play,
    }
}

/// The name of a policy as the prompt states it.
pub fn policy_name(policy: &Policy) -> String {
    if policy.forbids { policy.name.clone() } else { format!("{} Allowed", policy.name) }
}
