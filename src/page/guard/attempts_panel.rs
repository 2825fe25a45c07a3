//! Disguised texts against four levels of defence.

use std::sync::Arc;

use leptos::prelude::*;

use super::draft::Field;
use super::fields::{
    area, button, cancel_button, hint, keeper, panel, radio, select, shown, slider, status,
    styled_button, switch,
};
use super::levels::{CONVERTERS, LEVELS, Part, report};
use super::model::Quality;
use super::state::{Tried, use_lab};
use super::text::GuardText;
use super::text_panel::TextPanel;
use super::words::{caution_text, converter_name, filled, policy_name, text, word};
use crate::page::bench::words::{Words, use_words};
use crate::page::problem_note::ProblemNote;
use crate::protocol::Converter;

/// The original, its disguise, the levels, the log.
#[component]
pub fn AttemptsPanel() -> impl IntoView {
    view! {
        <TextPanel />
        {panel("guard-disguise-heading", word(|text| text.disguise), view! { <Disguise /> }.into_any())}
        {panel("guard-levels-heading", word(|text| text.levels), view! { <Levels /> }.into_any())}
        {panel("guard-attempts-heading", word(|text| text.attempts), view! { <Log /> }.into_any())}
        <Quality />
    }
    .into_any()
}

/// Converters, the text that comes of them, and the buttons.
#[component]
fn Disguise() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let attempts = lab.attempts;
    let options = Signal::derive(move || {
        let text = text(words);
        let none = (String::new(), text.converter_none.to_owned());
        let named = CONVERTERS.iter().enumerate().map(|(place, converter)| {
            (place.to_string(), converter_name(text, *converter).to_owned())
        });
        std::iter::once(none).chain(named).collect()
    });
    let converter = move |which: usize, label| {
        let chosen = Signal::derive(move || {
            let chosen = attempts.converters.get().get(which).copied().flatten();
            let place = CONVERTERS.iter().position(|it| Some(*it) == chosen);
            place.map(|place| place.to_string()).unwrap_or_default()
        });
        let choose = Callback::new(move |value: String| {
            let place = value.parse::<usize>().ok();
            let converter = place.and_then(|place| CONVERTERS.get(place).copied());
            attempts.choose(lab, which, converter);
        });
        select(label, options, chosen, choose)
    };
    let how = move || {
        let text = text(words);
        let how = match attempts.made_by(lab) {
            None => text.is_original.to_owned(),
            Some(converters) => filled(text.made_by, &[("how", names(text, &converters))]),
        };
        Some(format!("{how} {}", text.by_hand_hint))
    };
    let harmless = Signal::derive(move || attempts.is_harmless(lab));
    let claim = Callback::new(move |harmless| attempts.claim.set(Some(harmless)));
    let label = Signal::derive(move || text(words).is_control.to_owned());
    let busy = attempts.checking.busy();
    let lacking = Signal::derive(move || {
        lab.guards.loaded.get().is_none()
            || lab.draft.with(|draft| {
                let is_blank = |field| draft.text(field).trim().is_empty();
                is_blank(Field::Disguised) || is_blank(Field::Prompt)
            })
    });
    let cancel = Callback::new(move |()| attempts.cancel(lab));
    let said = move || if busy.get() { text(words).judging } else { "" };
    view! {
        <div class="bench-row">
            {converter(0, word(|text| text.converter_first))}
            {converter(1, word(|text| text.converter_second))}
        </div>
        <ProblemNote problem=attempts.converting.problem() />
        {area(word(|text| text.disguised), Field::Disguised, 3, word(|text| text.prompt_here))}
        {hint(how)}
        {switch(label, harmless, claim)}
        <div class="bench-row">
            {styled_button(
                "button button-primary",
                word(|text| text.try_text),
                lacking,
                Callback::new(move |()| {
                    if !busy.get_untracked() {
                        attempts.check(lab);
                    }
                }),
            )}
            {button(
                word(|text| text.try_each),
                lacking,
                Callback::new(move |()| {
                    if !busy.get_untracked() {
                        attempts.check_each(lab);
                    }
                }),
            )}
            {cancel_button(busy, cancel)}
        </div>
        {status(said)}
        <ProblemNote problem=attempts.checking.problem() />
    }
    .into_any()
}

fn names(text: &GuardText, converters: &[Converter]) -> String {
    if converters.is_empty() {
        return text.by_hand.to_owned();
    }
    converters.iter().map(|it| converter_name(text, *it)).collect::<Vec<_>>().join(" + ")
}

/// Which policy counts, where the levels cut, and how far the attempts got.
#[component]
fn Levels() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let attempts = lab.attempts;
    let options = Signal::derive(move || {
        let any = (String::new(), text(words).highest.to_owned());
        let rules = lab.rules.get();
        std::iter::once(any)
            .chain(rules.iter().map(|rule| (rule.id.clone(), policy_name(rule))))
            .collect()
    });
    let choose = Callback::new(move |id: String| attempts.policy.set(id));
    let cut = move |name: fn(&GuardText) -> &'static str, value: Signal<f32>| {
        Signal::derive(move || {
            let value = words.decimal(f64::from(value.get()), 2);
            filled(name(text(words)), &[("threshold", value)])
        })
    };
    let threshold: Signal<f32> = lab.threshold.into();
    let lower = Signal::derive(move || attempts.cuts(lab).lower);
    let slid = Callback::new(move |to| lab.update(|draft| draft.threshold = Some(to)));
    let lowered = Callback::new(move |to| attempts.lower.set(Some(to)));
    let level = move |level: usize, name: fn(&GuardText) -> &'static str| {
        let chosen = Signal::derive(move || attempts.level.get() == level);
        let choose = Callback::new(move |()| attempts.level.set(level));
        let counts = Memo::new(move |_| {
            let (policy, cuts) = (attempts.policy.get(), attempts.cuts(lab));
            let log = attempts.log.get();
            let tries: Vec<_> = log.iter().map(|tried| tried.counts(&policy)).collect();
            report(&tries, level, cuts)
        });
        let part = move |part: Part| {
            let values = [("count", words.whole(part.count)), ("of", words.whole(part.of))];
            filled(text(words).part_of, &values)
        };
        let past = Signal::derive(move || part(counts.get().0));
        let refused = Signal::derive(move || part(counts.get().1));
        view! {
            <tr class:guard-here=move || chosen.get()>
                <th scope="row">{radio("guard-level", word(name), chosen, choose)}</th>
                <td>{past}</td>
                <td>{refused}</td>
            </tr>
        }
        .into_any()
    };
    view! {
        <div class="bench-row">
            {select(
                word(|text| text.counts_by),
                options,
                attempts.policy.into(),
                choose,
            )}
        </div>
        {slider(cut(|text| text.threshold_slider, threshold), threshold, [0.0, 1.0, 0.01], slid)}
        {slider(cut(|text| text.threshold_lower, lower), lower, [0.0, 1.0, 0.01], lowered)}
        <div class="bench-table guard-table">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{word(|text| text.level)}</th>
                        <th scope="col">{word(|text| text.got_past)}</th>
                        <th scope="col">{word(|text| text.refused)}</th>
                    </tr>
                </thead>
                <tbody>
                    {level(1, |text| text.level_1)}
                    {level(2, |text| text.level_2)}
                    {level(3, |text| text.level_3)}
                    {level(4, |text| text.level_4)}
                </tbody>
            </table>
        </div>
        <p class="hint">{word(|text| text.levels_hint)}</p>
    }
    .into_any()
}

/// The attempts, newest first.
#[component]
fn Log() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let log = lab.attempts.log;
    let rows = move || {
        Some(log.get().into_iter().rev().map(|it| line(words, it)).collect_view().into_any())
    };
    // This alone is read out: the log as a whole changes with every threshold.
    let said = Signal::derive(move || {
        let text = text(words);
        match log.with(Vec::len) {
            0 => text.attempts_empty.to_owned(),
            count => filled(text.attempts_so_far, &[("count", words.whole(count))]),
        }
    });
    let clear = Callback::new(move |()| log.set(Vec::new()));
    let none = Signal::derive(move || log.with(Vec::is_empty));
    let clear = button(word(|text| text.clear_log), none, clear);
    view! {
        <p class="hint" role="status">{said}</p>
        <ol class="guard-log">{shown(rows)}</ol>
        {keeper(none, view! { <div class="bench-row">{clear}</div> }.into_any())}
    }
    .into_any()
}

/// One attempt: how, what, and what the levels say of it.
fn line(words: Words, tried: Arc<Tried>) -> AnyView {
    let lab = use_lab();
    let (attempts, cut) = (lab.attempts, tried.cut());
    let (number, tried_text) = (tried.number, tried.text.clone());
    let head = {
        let tried = tried.clone();
        Signal::derive(move || {
            let text = text(words);
            let control = if tried.harmless { text.control_tag } else { "" };
            format!("{} {control}", names(text, &tried.converters))
        })
    };
    let said = move || {
        let text = text(words);
        let counts = tried.counts(&attempts.policy.get());
        let (cuts, chosen) = (attempts.cuts(lab), attempts.level.get());
        let values = [
            ("original", words.confidence(counts.original)),
            ("raw", words.confidence(counts.pair.raw)),
            ("normalised", words.confidence(counts.pair.normalised)),
        ];
        let futile = !counts.harmless && counts.original < cuts.threshold;
        let nothing = futile.then(|| view! { <p class="hint">{text.nothing_to_break}</p> });
        let level = |level: usize| {
            let flagged = counts.pair.is_flagged(level, cuts);
            let (class, sign, name) = match (counts.harmless, flagged) {
                (false, true) => ("held", "⚑", text.stopped),
                (false, false) if futile => ("", "→", text.let_through),
                (false, false) => ("success", "→", text.past),
                (true, true) => ("half", "⚑", text.refused_short),
                (true, false) => ("held", "→", text.let_through),
            };
            let values =
                [("level", level.to_string()), ("p", words.confidence(counts.pair.at(level)))];
            view! {
                <li class=class class:guard-here=level == chosen>
                    <span>{filled(text.level_p, &values)}</span>
                    <strong>{sign} " " {name}</strong>
                </li>
            }
        };
        let cut = (cut > 0).then(|| {
            let said = filled(text.attempt_cut, &[("count", words.whole(cut))]);
            view! { <p class="bench-note">{said}</p> }
        });
        let cautions = tried.cautions();
        let cautions =
            cautions.map(|it| view! { <p class="bench-note">{caution_text(text, it)}</p> });
        let inside = view! {
            <p class="guard-logits">{filled(text.attempt_p, &values)}</p>
            {cut}
            {cautions.collect_view()}
            {nothing}
            <ul class="guard-levels">{(1..=LEVELS).map(level).collect_view()}</ul>
        };
        Some(inside.into_any())
    };
    view! {
        <li>
            <p class="guard-log-head">
                <span class="bench-number">"#" {number}</span> " " <strong>{head}</strong>
            </p>
            <p class="guard-log-text">{tried_text}</p>
            {shown(said)}
        </li>
    }
    .into_any()
}
