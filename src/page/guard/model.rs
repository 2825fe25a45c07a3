//! Which guard judges, how large it is, and how good.

use leptos::prelude::*;

use super::draft::HALF;
use super::fields::{hint, select, shown, styled_button};
use super::state::use_lab;
use super::words::{filled, share, text, word};
use crate::page::bench::progress_line::ProgressLine;
use crate::page::bench::words::use_words;
use crate::page::problem_note::ProblemNote;
use crate::protocol::{GuardSummary, Tier};

/// What ShieldGemma's authors report of its 2B on the OpenAI moderation set.
const SHIELD_GEMMA: f32 = 0.887;

/// Of the texts of that set so many violate a policy: what flagging blindly comes to.
const BLIND: f32 = 0.31;

/// The guard in a line, and what it takes to have it.
#[component]
pub fn GuardLine() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let guards = lab.guards;
    let listing = move || {
        let first = guards.list.busy().get() && guards.list.with(|_| ()).is_none();
        if first { text(words).listing } else { "" }
    };
    let none = move || {
        let none = guards.list.with(<[_]>::is_empty) == Some(true);
        none.then(|| view! { <p class="bench-note">{text(words).no_guard}</p> }.into_any())
    };
    let several = Memo::new(move |_| guards.list.with(|guards| guards.len() > 1) == Some(true));
    let options = Signal::derive(move || {
        let option = |guard: &GuardSummary| (guard.id.clone(), words.localised(&guard.title));
        guards.list.with(|guards| guards.iter().map(option).collect()).unwrap_or_default()
    });
    let chosen = Signal::derive(move || guards.listed().map(|it| it.id).unwrap_or_default());
    let choice = move || {
        several.get().then(|| {
            let choose = Callback::new(move |id: String| guards.choose(&id));
            select(word(|text| text.guard), options, chosen, choose)
        })
    };
    let facts = move || {
        let guard = guards.known()?;
        let text = text(words);
        let mut facts = vec![words.localised(&guard.title)];
        if let Some(size) = guard.size {
            let millions = words.decimal(size.parameters as f64 / 1e6, 1);
            facts.push(filled(
                text.guard_size,
                &[
                    ("parameters", millions),
                    ("layers", words.whole(size.layers)),
                    ("vocabulary", words.whole(size.vocabulary)),
                ],
            ));
        }
        facts.push(filled(text.guard_context, &[("context", words.whole(guard.context))]));
        facts.push(words.bytes(guard.bytes));
        if !guard.licence.is_empty() {
            facts.push(filled(text.guard_licence, &[("licence", guard.licence)]));
        }
        Some(facts.join("; "))
    };
    let waits = Memo::new(move |_| {
        let idle = !guards.loaded.busy().get() && guards.loaded.problem().with(Option::is_none);
        guards.listed().is_some() && guards.loaded.get().is_none() && idle
    });
    let offer = move || {
        waits.get().then(|| {
            let load = Callback::new(move |()| guards.load());
            let never = Signal::derive(|| false);
            styled_button("button", word(|text| text.load_guard), never, load)
        })
    };
    let not_kept = move || {
        let guard = guards.loaded.get().filter(|guard| guard.not_kept);
        guard.map(|_| view! { <p class="bench-note">{words.text().model_not_kept}</p> }.into_any())
    };
    view! {
        <div class="guard-line">
            <p class="hint" role="status">{Signal::derive(listing)}</p>
            <ProblemNote problem=guards.list.problem() retry=move |()| guards.list.refresh() />
            {shown(none)}
            {shown(choice)}
            {hint(facts)}
            {shown(offer)}
            <div aria-live="polite">{shown(not_kept)}</div>
            <ProgressLine
                busy=guards.loaded.busy()
                progress=Signal::derive(move || guards.loaded.progress())
                otherwise=word(|text| text.loading_guard)
                cancel=move |()| guards.cancel()
            />
            <ProblemNote problem=guards.loaded.problem() retry=move |()| guards.load() />
        </div>
    }
    .into_any()
}

/// How good the guard is, beside whatever it says.
#[component]
pub fn Quality() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let said = Signal::derive(move || {
        if lab.guards.known().is_none() {
            return String::new();
        }
        let text = text(words);
        let number = |value| share(words, Some(value));
        let Some(metrics) = lab.guards.metrics() else {
            let imported = lab.guards.known().is_some_and(|it| it.tier == Tier::OwnFile);
            let published = words.decimal(f64::from(SHIELD_GEMMA), 3);
            let values = [("shieldgemma", published), ("threshold", number(HALF))];
            let said = if imported { text.not_measured_packed } else { text.not_measured };
            return filled(said, &values);
        };
        filled(
            text.measured,
            &[
                ("area", number(metrics.au_prc)),
                ("shieldgemma", words.decimal(f64::from(SHIELD_GEMMA), 3)),
                ("blind", number(BLIND)),
                ("threshold", number(metrics.threshold)),
                ("f1", share(words, metrics.f1)),
            ],
        )
    });
    view! {
        <aside class="guard-quality" aria-label=word(|text| text.quality)>
            <strong>{word(|text| text.quality)}</strong>
            " "
            {said}
        </aside>
    }
    .into_any()
}
