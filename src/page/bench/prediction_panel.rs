//! What the model sees in the square.

use std::sync::Arc;

use leptos::prelude::*;

use super::labels;
use super::prediction_bars::{PredictionBars, WaitingBars};
use super::state::{Seen, use_prediction};
use super::text::fill;
use super::words::use_words;
use crate::page::problem_note::ProblemNote;

/// The prediction, the time it took, and where.
#[component]
pub fn PredictionPanel() -> impl IntoView {
    let (state, words) = (use_prediction(), use_words());
    let busy = move || {
        state.latest.busy().get()
            || (state.latest.get().is_none()
                && (state.picture.source.busy().get()
                    || state.picture.square.busy().get()
                    || state.model.loaded.busy().get()))
    };
    let status = move || {
        if state.latest.busy().get() {
            return words.text().predicting.to_owned();
        }
        let seen = state.current();
        let Some(seen) = seen else { return words.text().no_prediction.to_owned() };
        let Some(best) = seen.classification.top.first() else { return String::new() };
        let label = words.label(&seen.model, best.label);
        let confidence = words.confidence(best.confidence);
        fill(words.text().list_and, &[("name", &label), ("value", &confidence)])
    };
    let facts = move |seen: &Arc<Seen>| {
        let text = words.text();
        let device = words.device(seen.device);
        let time = words.duration(seen.classification.milliseconds);
        let took = fill(text.took, &[("device", device), ("time", &time)]);
        let count = words.whole(labels::count(&seen.model.labels));
        format!("{took}. {}", fill(text.knows_classes, &[("count", &count)]))
    };
    let bars = move || match state.latest.get() {
        Some(seen) => {
            let top = seen.classification.top.clone();
            view! {
                <PredictionBars model=seen.model.clone() top />
                <p class="hint">{move || facts(&seen)}</p>
            }
            .into_any()
        }
        None => view! { <WaitingBars /> }.into_any(),
    };
    view! {
        <section
            class="bench-panel bench-prediction"
            class:busy=busy
            aria-labelledby="bench-prediction-heading"
        >
            <h3 id="bench-prediction-heading">{move || words.text().prediction}</h3>
            <p class="bench-status" role="status">{status}</p>
            {bars}
            <ProblemNote problem=state.latest.problem() retry=move |()| state.predict() />
        </section>
    }
}
