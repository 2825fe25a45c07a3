//! What the model sees in the square.

use std::sync::Arc;

use leptos::prelude::*;

use super::labels;
use super::prediction_bars::{PredictionBars, WaitingBars};
use super::problem_note::ProblemNote;
use super::state::{Seen, use_bench};
use super::text::fill;
use super::words::use_words;

#[component]
pub fn PredictionPanel() -> impl IntoView {
    let (state, words) = (use_bench(), use_words());
    let busy = move || {
        state.prediction.busy().get()
            || (state.prediction.get().is_none()
                && (state.source.busy().get()
                    || state.square.busy().get()
                    || state.model.busy().get()))
    };
    let status = move || {
        if state.prediction.busy().get() {
            return words.text().predicting.to_owned();
        }
        let seen = state.current_prediction();
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
    let bars = move || match state.prediction.get() {
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
            <ProblemNote problem=state.prediction.problem() retry=move |()| state.predict() />
        </section>
    }
}
