//! The adversarial picture as a file: saved, and read again.

use std::sync::Arc;

use leptos::prelude::*;

use super::prediction_bars::PredictionBars;
use super::state::{Attacked, FromPng, use_attack, use_png};
use super::text::fill;
use super::verdict::rounding_words;
use super::words::use_words;
use crate::page::problem_note::ProblemNote;

/// The buttons, and what the model says of the file.
#[component]
pub fn PngPanel() -> impl IntoView {
    let (state, attack, words) = (use_png(), use_attack(), use_words());
    let attacked = Memo::new(move |_| attack.result.get().is_some());
    let lead = move || {
        let text = words.text();
        if attacked.get() { text.png_lead } else { text.png_needs_attack }
    };
    let status = move || {
        if state.read.busy().get() { words.text().png_checking } else { "" }
    };
    let compared = move || {
        let (attacked, from_png) = (attack.result.get()?, state.read.get()?);
        Some(view! { <Comparison attacked from_png /> })
    };
    view! {
        <section class="bench-panel bench-png" aria-labelledby="bench-png-heading">
            <h3 id="bench-png-heading">{move || words.text().png}</h3>
            <p>{lead}</p>
            <div class="bench-row">
                <button
                    type="button"
                    class="button"
                    disabled=move || !attacked.get() || state.saved.busy().get()
                    on:click=move |_| state.save()
                >
                    {move || words.text().png_save}
                </button>
                <button
                    type="button"
                    class="button"
                    disabled=move || !attacked.get() || state.read.busy().get()
                    on:click=move |_| state.classify()
                >
                    {move || words.text().png_recheck}
                </button>
            </div>
            <p class="hint" role="status">{status}</p>
            <ProblemNote problem=state.saved.problem() retry=move |()| state.save() />
            <ProblemNote problem=state.read.problem() retry=move |()| state.classify() />
            <div class="bench-png-outcome" aria-live="polite">{compared}</div>
        </section>
    }
}

/// What the model says of the picture as computed, and of the file.
#[component]
fn Comparison(attacked: Arc<Attacked>, from_png: Arc<FromPng>) -> impl IntoView {
    let words = use_words();
    let (computed, file) = (attacked.outcome.adversarial.clone(), from_png.classification.clone());
    let model = attacked.model.clone();
    let label = Some(attacked.outcome.label);
    let conclusion = {
        let file = file.clone();
        move || {
            let name = |label| words.label(&attacked.model, label);
            rounding_words(words.text(), &attacked.outcome, attacked.goal, &file, name)
        }
    };
    let facts = move || {
        let text = words.text();
        let (width, height) = (from_png.width.to_string(), from_png.height.to_string());
        let size = words.bytes(from_png.bytes);
        let exact = if from_png.exact { text.png_exact } else { text.png_inexact };
        let values = [("width", width.as_str()), ("height", &height), ("size", &size)];
        format!("{}. {exact}", fill(text.png_file_size, &values))
    };
    view! {
        <p class="bench-status">{conclusion}</p>
        <div class="bench-tops">
            <div>
                <h4>{move || words.text().png_column_computed}</h4>
                <PredictionBars model=model.clone() top=computed.top marked=label />
            </div>
            <div>
                <h4>{move || words.text().png_column_file}</h4>
                <PredictionBars model top=file.top marked=label />
            </div>
        </div>
        <p class="hint">{facts}</p>
    }
}
