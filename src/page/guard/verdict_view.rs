//! Verdicts as bars with numbers, and what is to be known of the text.

use std::sync::Arc;

use leptos::prelude::*;

use super::fields::{button, hint, panel, result, shown, status};
use super::model::Quality;
use super::state::{Kept, Latest, use_lab};
use super::text_panel::TextPanel;
use super::words::{caution_text, filled, policy_name, share, signed, text, word};
use crate::page::bench::words::{Words, use_words};
use crate::page::problem_note::ProblemNote;
use crate::protocol::{Judgement, TextCaution};

/// The text, and the verdicts by all policies.
#[component]
pub fn VerdictPanel() -> impl IntoView {
    view! {
        <TextPanel exchanges=true />
        {panel("guard-verdict-heading", word(|text| text.verdict), view! { <Verdicts /> }.into_any())}
    }
    .into_any()
}

/// The difference between the two logits.
pub fn gap(judgement: &Judgement) -> f32 {
    judgement.yes_logit - judgement.no_logit
}

/// The verdicts by all policies that count.
#[component]
fn Verdicts() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    lab.verdict.follow();
    let bars = move || {
        let kept = lab.verdict.get()?;
        let pinned = lab.pinned.get();
        let threshold = lab.threshold.get();
        let row = |judgement: &Judgement| {
            let before = pinned.as_ref().and_then(|pinned| said_by(pinned, &judgement.policy));
            bar(words, name_in(&kept, &judgement.policy), judgement, threshold, before)
        };
        let rows = kept.judged()?.judgements.iter().map(row).collect_view();
        Some(view! { <ul class="guard-bars">{rows}</ul> }.into_any())
    };
    let facts = move || {
        let kept = lab.verdict.get()?;
        let judged = kept.judged()?;
        let most = judged.tokens.iter().max().copied().unwrap_or(0);
        let text = text(words);
        let took = filled(
            words.text().took,
            &[
                ("device", words.device(kept.device).to_owned()),
                ("time", words.duration(judged.milliseconds)),
            ],
        );
        let values = [
            ("shared", words.whole(judged.shared_tokens)),
            ("tokens", words.whole(most)),
            ("count", words.whole(judged.tokens.len())),
        ];
        let shared = if judged.shared_tokens > 0 {
            filled(text.shared_prefix, &values)
        } else {
            filled(text.no_shared_prefix, &values)
        };
        Some(format!("{took}. {shared}"))
    };
    let threshold = move || {
        let threshold = share(words, Some(lab.threshold.get()));
        Some(filled(text(words).threshold_here, &[("threshold", threshold)]))
    };
    view! {
        <Status />
        {result(lab.verdict, bars)}
        {hint(threshold)}
        {hint(facts)}
        <Pin latest=lab.verdict />
        <Quality />
    }
    .into_any()
}

/// Puts the latest verdict aside, so that the next ones are compared with it.
#[component]
pub fn Pin(latest: Latest) -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let none = Signal::derive(move || latest.get().is_none());
    let never = Signal::derive(|| false);
    let pin = Callback::new(move |()| lab.pinned.set(latest.get()));
    let unpin = Callback::new(move |()| lab.pinned.set(None));
    let pinned = move || {
        let pinned = lab.pinned.get()?;
        let of = shortened(&pinned.subject.judge.exchange.prompt);
        let inside = view! {
            <p class="hint">{filled(text(words).pinned, &[("text", of)])}</p>
            {button(word(|text| text.unpin), never, unpin)}
        };
        Some(inside.into_any())
    };
    view! { <div class="bench-row">{button(word(|text| text.pin), none, pin)} {shown(pinned)}</div> }
        .into_any()
}

/// Whether a verdict is on its way, why there is none, and what is to be known of the text.
#[component]
pub fn Status() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let busy = move || {
        let text = text(words);
        if lab.verdict.busy().get() {
            text.judging
        } else if lab.verdict.get().is_none() {
            text.no_verdict_yet
        } else {
            ""
        }
    };
    let noted = move || {
        let kept = lab.verdict.get().filter(|_| !lab.verdict.is_stale())?;
        let judged = kept.judged()?;
        Some(notes(words, judged.cut, &judged.cautions))
    };
    view! {
        {status(busy)}
        <ProblemNote problem=lab.verdict.problem() retry=move |()| lab.verdict.again() />
        <div class="guard-notes" aria-live="polite">{shown(noted)}</div>
    }
    .into_any()
}

/// What is to be known of a text of which so many tokens were not read.
pub fn notes(words: Words, cut: usize, cautions: &[TextCaution]) -> AnyView {
    let text = text(words);
    let note = |&caution: &TextCaution| {
        let said = match caution {
            TextCaution::Cut => filled(text.attempt_cut, &[("count", words.whole(cut))]),
            other => caution_text(text, other).to_owned(),
        };
        view! { <p class="bench-note">{said}</p> }.into_any()
    };
    cautions.iter().map(note).collect_view().into_any()
}

/// The verdict by one policy: name and number, the bar, the logits.
pub fn bar(
    words: Words,
    name: String,
    judgement: &Judgement,
    threshold: f32,
    before: Option<Judgement>,
) -> AnyView {
    let text = text(words);
    let flagged = judgement.p_yes >= threshold;
    let percent = |share: f32| format!("{:.2}%", share.clamp(0.0, 1.0) * 100.0);
    let number = |value: f32| words.decimal(f64::from(value), 2);
    let logits = filled(
        text.logits,
        &[
            ("yes", number(judgement.yes_logit)),
            ("no", number(judgement.no_logit)),
            ("gap", signed(words, gap(judgement))),
        ],
    );
    let change = before.map(|before| {
        let values = [
            ("before", signed(words, gap(&before))),
            ("change", signed(words, gap(judgement) - gap(&before))),
        ];
        view! { <span class="guard-change">{filled(text.gap_change, &values)}</span> }
    });
    let (verdict, sign) = if flagged { (text.flagged, "⚑ ") } else { (text.let_through, "✓ ") };
    view! {
        <li class="guard-bar" class:flagged=flagged>
            <span class="guard-bar-name">{name}</span>
            <span class="guard-bar-verdict">{sign} {verdict}</span>
            <span class="bench-number">{words.confidence(judgement.p_yes)}</span>
            <span class="guard-track" aria-hidden="true">
                <span class="guard-fill" style:inline-size=percent(judgement.p_yes)></span>
                <span class="guard-tick" style:inset-inline-start=percent(threshold)></span>
            </span>
            <span class="guard-logits">{logits} " " {change}</span>
        </li>
    }
    .into_any()
}

/// What was said by one policy.
pub fn said_by(kept: &Arc<Kept>, policy: &str) -> Option<Judgement> {
    let said = match (kept.judged(), kept.explanation()) {
        (Some(judged), _) => judged.judgements.as_slice(),
        (None, Some(explanation)) => std::slice::from_ref(&explanation.judgement),
        (None, None) => &[],
    };
    said.iter().find(|it| it.policy == policy).cloned()
}

/// The name of a policy as it was when it was asked about.
pub fn name_in(kept: &Arc<Kept>, id: &str) -> String {
    let policies = &kept.subject.judge.policies;
    policies.iter().find(|policy| policy.id == id).map(policy_name).unwrap_or_default()
}

/// The beginning of a text, in one line.
pub fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
