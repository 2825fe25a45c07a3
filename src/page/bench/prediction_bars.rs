//! The best labels as bars with numbers.

use std::sync::Arc;

use leptos::prelude::*;

use super::words::use_words;
use crate::protocol::{ModelSummary, Score};

/// How many bars room is kept for.
const ROWS: usize = 5;

/// The best labels of a model's answer. The row of `marked` stands out.
#[component]
pub fn PredictionBars(
    model: Arc<ModelSummary>,
    top: Vec<Score>,
    #[prop(optional_no_strip)] marked: Option<usize>,
) -> impl IntoView {
    let words = use_words();
    let rows = top.into_iter().map(|score| {
        let model = model.clone();
        let width = format!("{:.2}%", score.confidence.clamp(0.0, 1.0) * 100.0);
        view! {
            <li class="bench-bar" class:marked=marked == Some(score.label)>
                <span class="bench-bar-label">{move || words.label(&model, score.label)}</span>
                <span class="bench-bar-value">{move || words.confidence(score.confidence)}</span>
                <span class="bench-bar-track" aria-hidden="true">
                    <span class="bench-bar-fill" style:inline-size=width></span>
                </span>
            </li>
        }
    });
    view! {
        <ol class="bench-bars" aria-label=move || words.text().top_of>{rows.collect_view()}</ol>
    }
}

/// Room for bars that are not there yet.
#[component]
pub fn WaitingBars() -> impl IntoView {
    let row = || {
        view! {
            <li class="bench-bar">
                <span class="bench-bar-label">"\u{a0}"</span>
                <span class="bench-bar-track"></span>
            </li>
        }
    };
    let rows = std::iter::repeat_with(row).take(ROWS).collect_view();
    view! { <ol class="bench-bars bench-waiting" aria-hidden="true">{rows}</ol> }
}
