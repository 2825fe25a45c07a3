//! What each model sees in the picture, before anything is attacked.

use leptos::prelude::*;

use super::lane_card::LaneCards;
use super::state::{Lane, use_arena};
use super::text::pgd_text;
use super::truth::Truth;
use super::words::word;
use crate::page::bench::labels;
use crate::page::bench::prediction_bars::{PredictionBars, WaitingBars};
use crate::page::bench::words::use_words;
use crate::page::fill::fill;
use crate::page::lang::Lang;

/// How many labels of each model are shown.
const TOP: usize = 3;

/// What the picture shows, and what each model says.
#[component]
pub fn ModelsPanel() -> impl IntoView {
    view! {
        <TruthField />
        <LaneCards inside=prediction />
    }
    .into_any()
}

/// What the picture shows, as the learner says.
#[component]
fn TruthField() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let options = move || {
        let text = pgd_text(words.lang());
        let known = arena.labels();
        let vietnamese = words.lang() == Lang::Vi;
        let classes = (0..labels::count(&known))
            .map(|label| (Truth::Label(label), labels::label_name(&known, vietnamese, label)));
        let others = [
            (Truth::NoLabel, text.truth_none.to_owned()),
            (Truth::Unknown, text.truth_unknown.to_owned()),
        ];
        classes.chain(others).collect::<Vec<_>>()
    };
    let option = move |(place, (truth, name)): (usize, (Truth, String))| {
        view! { <option value=place prop:selected=move || arena.truth() == truth>{name}</option> }
    };
    let picked = move |event| {
        let place = event_target_value(&event).parse::<usize>().ok();
        if let Some((truth, _)) = place.and_then(|place| untrack(options).into_iter().nth(place)) {
            arena.set_truth(truth);
        }
    };
    view! {
        <label class="bench-field pgd-truth">
            <span>{word(|text| text.truth)}</span>
            <select on:change=picked>
                {move || options().into_iter().enumerate().map(option).collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// A model's best labels, and whether the first is wrong.
fn prediction(lane: Lane) -> AnyView {
    let (arena, words) = (use_arena(), use_words());
    let wrong = move || {
        let seen = lane.current()?;
        let best = seen.classification.top.first()?;
        let text = pgd_text(words.lang());
        let label = words.label(&seen.model, best.label);
        let translated = super::aim::translated(best.label, &seen.model.labels, &arena.labels());
        let said = match (arena.truth(), translated) {
            (Truth::Unknown, _) => return None,
            (truth, Some(label)) => truth.is_wrong(label)?,
            (_, None) => return None,
        };
        let (class, template) =
            if said { ("pgd-wrong", text.misclassified) } else { ("pgd-right", text.classified) };
        Some(view! { <p class=class>{fill(template, &[("label", &label)])}</p> })
    };
    let bars = move || match lane.seen.get() {
        Some(seen) => {
            let top = seen.classification.top.iter().take(TOP).copied().collect();
            view! { <PredictionBars model=seen.model.clone() top /> }.into_any()
        }
        None => view! { <WaitingBars /> }.into_any(),
    };
    view! {
        <div class="pgd-prediction" aria-live="polite">
            {bars}
            {wrong}
        </div>
    }
    .into_any()
}
