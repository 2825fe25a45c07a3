//! How far a job is: a bar where its length is known, words, and a way out.

use leptos::prelude::*;

use super::text::fill;
use super::words::{Words, use_words};
use crate::protocol::{Progress, Stage};

/// Shows `progress` while `busy`; `otherwise` stands where nothing is known yet.
#[component]
pub fn ProgressLine(
    #[prop(into)] busy: Signal<bool>,
    #[prop(into)] progress: Signal<Option<Progress>>,
    #[prop(into)] otherwise: Signal<&'static str>,
    #[prop(into)] cancel: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let fraction = move || match progress.get() {
        Some(Progress::Bytes { done, total: Some(total) }) if total > 0 => {
            Some((done as f64 / total as f64).min(1.0).to_string())
        }
        Some(Progress::Layers { done, total }) if total > 0 => {
            Some((done as f64 / total as f64).min(1.0).to_string())
        }
        _ => None,
    };
    let said = move || match progress.get() {
        Some(progress) => sentence(words, &progress).unwrap_or_else(|| otherwise.get().to_owned()),
        None => otherwise.get().to_owned(),
    };
    // Bytes change many times a second: only the kind of work is announced.
    let announced = move || match progress.get() {
        Some(Progress::Stage(stage)) => words.text().stage(stage),
        Some(Progress::Bytes { .. }) => words.text().stage(Stage::Fetching),
        _ => otherwise.get(),
    };
    view! {
        <Show when=move || busy.get()>
            <div class="bench-progress">
                <p aria-hidden="true">{said}</p>
                <p class="visually-hidden" role="status">{announced}</p>
                <progress max="1" prop:value=fraction aria-label=announced></progress>
                <button type="button" class="button" on:click=move |_| cancel.run(())>
                    {move || words.text().cancel}
                </button>
            </div>
        </Show>
    }
}

fn sentence(words: Words, progress: &Progress) -> Option<String> {
    let text = words.text();
    match progress {
        Progress::Bytes { done, total: Some(total) } => Some(fill(
            text.downloading_of,
            &[("done", &words.bytes(*done)), ("total", &words.bytes(*total))],
        )),
        Progress::Bytes { done, total: None } => {
            Some(fill(text.downloading, &[("done", &words.bytes(*done))]))
        }
        Progress::Layers { done, total } => Some(fill(
            text.layers_done,
            &[("done", &words.whole(*done)), ("total", &words.whole(*total))],
        )),
        Progress::Stage(stage) => Some(text.stage(*stage).to_owned()),
        Progress::Point(_)
        | Progress::Step(_)
        | Progress::Tried(_)
        | Progress::Judged(_)
        | Progress::Exchange { .. }
        | Progress::Swap(_)
        | Progress::Import(_) => None,
    }
}
