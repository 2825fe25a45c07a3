//! Everything that can be set about the attacks.

use leptos::prelude::*;

use super::epsilon_field::{EpsilonField, written};
use super::goal_field::GoalField;
use super::number_field::NumberField;
use super::settings::{Preset, Remark, apply, remarks, restarts, step_size, whole};
use super::state::{Arena, use_arena};
use super::step_field::StepField;
use super::text::{PgdText, pgd_text};
use super::words::word;
use crate::page::bench::words::{Words, use_words};
use crate::page::fill::fill;
use crate::page::link::{GoalLink, MOST_RESTARTS, MOST_STEPS, PgdLink};
use crate::protocol::{Loss, Method};

const METHODS: [Method; 4] = [Method::Pgd, Method::Bim, Method::MiFgsm, Method::AdamOnDelta];
const LOSSES: [Loss; 3] = [Loss::CrossEntropy, Loss::Margin, Loss::Dlr];

fn method_name(text: &PgdText, method: Method) -> &'static str {
    match method {
        Method::Pgd => text.method_pgd,
        Method::Bim => text.method_bim,
        Method::MiFgsm => text.method_mi_fgsm,
        Method::AdamOnDelta => text.method_adam,
    }
}

fn loss_name(text: &PgdText, loss: Loss) -> &'static str {
    match loss {
        Loss::CrossEntropy => text.loss_cross_entropy,
        Loss::Margin => text.loss_margin,
        Loss::Dlr => text.loss_dlr,
    }
}

/// The presets, and the settings, folded behind what they come to.
#[component]
pub fn SettingsPanel() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let text = move || pgd_text(words.lang());
    let in_short = move || {
        arena.link.with(|link| {
            let text = text();
            let step = match link.method {
                Method::AdamOnDelta => words.decimal(f64::from(step_size(link)), 4),
                _ => written(words, link.norm, step_size(link)),
            };
            let values = [
                ("method", method_name(text, link.method).to_owned()),
                ("epsilon", written(words, link.norm, link.epsilon)),
                (
                    "norm",
                    if link.norm == crate::protocol::Norm::L2 { "L2" } else { "L∞" }.to_owned(),
                ),
                ("steps", link.steps.to_string()),
                ("size", step),
                ("restarts", restarts(link).to_string()),
                ("goal", goal_in_short(arena, words, link.goal)),
            ];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            fill(text.settings_short, &values)
        })
    };
    let open = arena.settings_open;
    let toggled = move |event| {
        open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    };
    view! {
        <Presets />
        <details class="pgd-settings" prop:open=move || open.get() on:toggle=toggled>
            <summary>
                <strong>{word(|text| text.settings)}</strong>
                " "
                <span class="hint">{in_short}</span>
            </summary>
            <div class="pgd-settings-body pgd-columns">
                <GoalField />
                <EpsilonField />
                <HowField />
                <StepField />
                <CountFields />
                <StartFields />
            </div>
        </details>
    }
    .into_any()
}

/// The goal in a word or two, with the first model's names for labels.
fn goal_in_short(arena: Arena, words: Words, goal: GoalLink) -> String {
    let labels = arena.labels();
    let vietnamese = words.lang() == crate::page::lang::Lang::Vi;
    let name = |label| crate::page::bench::labels::label_name(&labels, vietnamese, label);
    match goal {
        GoalLink::Away => pgd_text(words.lang()).goal_short_away.to_owned(),
        GoalLink::AwayFrom(label) => format!("≠ {}", name(label)),
        GoalLink::Towards(label) => format!("→ {}", name(label)),
    }
}

#[component]
fn Presets() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let preset = move |preset: Preset, name: fn(&PgdText) -> &'static str| {
        let chosen = move || arena.link.with(|link| link.is(preset));
        view! {
            <button
                type="button"
                class="button"
                aria-pressed=move || chosen().to_string()
                on:click=move |_| arena.update(|link| apply(preset, link))
            >
                {word(name)}
            </button>
        }
    };
    let says = move || {
        let text = pgd_text(words.lang());
        arena.link.with(|link| {
            if link.is(Preset::Original) {
                text.preset_original_says
            } else if link.is(Preset::Papers) {
                text.preset_papers_says
            } else {
                text.preset_none_says
            }
        })
    };
    view! {
        <div class="pgd-group">
            <div class="bench-row" role="group" aria-label=word(|text| text.presets)>
                {preset(Preset::Papers, |text| text.preset_papers)}
                {preset(Preset::Original, |text| text.preset_original)}
            </div>
            <p class="hint">{says}</p>
        </div>
    }
    .into_any()
}

/// A list to choose one of.
fn select<T: Copy + PartialEq + Send + Sync + 'static>(
    label: fn(&PgdText) -> &'static str,
    all: &'static [T],
    name: fn(&PgdText, T) -> &'static str,
    get: fn(&PgdLink) -> T,
    set: fn(&mut PgdLink, T),
) -> AnyView {
    let (arena, words) = (use_arena(), use_words());
    let options = all.iter().enumerate().map(|(place, &it)| {
        let selected = move || arena.link.with(get) == it;
        view! {
            <option value=place prop:selected=selected>
                {move || name(pgd_text(words.lang()), it)}
            </option>
        }
    });
    let picked = move |event| {
        let place = event_target_value(&event).parse::<usize>().ok();
        if let Some(&it) = place.and_then(|place| all.get(place)) {
            arena.update(|link| set(link, it));
        }
    };
    view! {
        <label class="bench-field">
            <span>{move || label(pgd_text(words.lang()))}</span>
            <select on:change=picked>{options.collect_view()}</select>
        </label>
    }
    .into_any()
}

/// The method and what it drives.
#[component]
fn HowField() -> impl IntoView {
    view! {
        <div class="bench-row">
            {select(
                |text| text.method,
                &METHODS,
                method_name,
                |link| link.method,
                |link, method| {
                    link.method = method;
                    // What tells the two apart is where they begin.
                    match method {
                        Method::Pgd => link.random_start = true,
                        Method::Bim => link.random_start = false,
                        Method::MiFgsm | Method::AdamOnDelta => {}
                    }
                },
            )}
            {select(
                |text| text.loss,
                &LOSSES,
                loss_name,
                |link| link.loss,
                |link, loss| link.loss = loss,
            )}
        </div>
    }
    .into_any()
}

/// A whole number of the settings.
fn count(
    label: fn(&PgdText) -> &'static str,
    range: [u32; 2],
    get: fn(&PgdLink) -> u32,
    set: fn(&mut PgdLink, u32),
) -> AnyView {
    let (arena, words) = (use_arena(), use_words());
    let value = Signal::derive(move || arena.link.with(get).to_string());
    let take = move |typed: String| {
        let Some(number) = whole(&typed, range[0], range[1]) else { return false };
        arena.update(|link| set(link, number));
        true
    };
    let allowed = Signal::derive(move || {
        let [least, most] = range.map(|bound| words.whole(bound as usize));
        fill(pgd_text(words.lang()).allowed_whole, &[("least", &least), ("most", &most)])
    });
    let label = Signal::derive(move || label(pgd_text(words.lang())));
    view! { <NumberField label value take allowed /> }.into_any()
}

#[component]
fn CountFields() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let odd = move || {
        let useless = arena.link.with(remarks).contains(&Remark::RestartsNeedChance);
        useless.then(|| {
            view! { <p class="bench-note">{pgd_text(words.lang()).restarts_need_chance}</p> }
        })
    };
    view! {
        <div class="pgd-group">
            <div class="bench-row">
                {count(
                    |text| text.steps,
                    [1, MOST_STEPS],
                    |link| link.steps,
                    |link, steps| link.steps = steps,
                )}
                {count(
                    |text| text.restarts,
                    [1, MOST_RESTARTS],
                    |link| link.restarts,
                    |link, restarts| link.restarts = restarts,
                )}
            </div>
            <div aria-live="polite">{odd}</div>
        </div>
    }
    .into_any()
}

/// A setting that is on or off.
fn switch(
    label: fn(&PgdText) -> &'static str,
    get: fn(&PgdLink) -> bool,
    set: fn(&mut PgdLink, bool),
) -> AnyView {
    let (arena, words) = (use_arena(), use_words());
    view! {
        <label class="bench-choice">
            <input
                type="checkbox"
                prop:checked=move || arena.link.with(get)
                on:change=move |event| arena.update(|link| set(link, event_target_checked(&event)))
            />
            <span>{move || label(pgd_text(words.lang()))}</span>
        </label>
    }
    .into_any()
}

#[component]
fn StartFields() -> impl IntoView {
    view! {
        <div class="pgd-group">
            {switch(
                |text| text.random_start,
                |link| link.random_start,
                |link, on| link.random_start = on,
            )}
            {switch(|text| text.early_stop, |link| link.early_stop, |link, on| link.early_stop = on)}
            <div class="bench-row">
                {count(|text| text.seed, [0, u32::MAX], |link| link.seed, |link, seed| link.seed = seed)}
            </div>
        </div>
    }
    .into_any()
}
