//! The picture and the model in one line, for the steps that are about something else.

use leptos::prelude::*;

use super::canvas::PictureCanvas;
use super::look::Look;
use super::square_view::picture_title;
use super::state::use_prediction;
use super::text::fill;
use super::words::use_words;

/// What is on the bench, and behind it everything to change it.
#[component]
pub fn Summary() -> impl IntoView {
    let (state, words) = (use_prediction(), use_words());
    let (picture, model) = (state.picture, state.model);
    let open = RwSignal::new(false);
    let trouble = move || {
        [picture.source.problem(), picture.square.problem(), model.loaded.problem()]
            .iter()
            .chain(&[model.list.problem(), picture.photos.problem(), state.latest.problem()])
            .any(|problem| problem.with(Option::is_some))
    };
    let undecided = move || {
        model.chosen().is_some() && model.loaded.get().is_none() && !model.loaded.busy().get()
    };
    // What went wrong, or waits for a decision, must not hide behind a closed lid.
    Effect::new(move |_| {
        if trouble() || undecided() {
            open.set(true);
        }
    });
    let square = Signal::derive(move || picture.square.get().map(|square| square.picture.clone()));
    let says = move || {
        let Some(seen) = state.current() else {
            let text = words.text();
            return if undecided() { text.not_loaded } else { text.predicting }.to_owned();
        };
        let Some(best) = seen.classification.top.first() else { return String::new() };
        let label = words.label(&seen.model, best.label);
        let confidence = words.confidence(best.confidence);
        fill(words.text().list_and, &[("name", &label), ("value", &confidence)])
    };
    let title = move || model.chosen().map(|model| words.localised(&model.title));
    view! {
        <details
            class="bench-summary"
            prop:open=move || open.get()
            on:toggle=move |event| {
                open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
            }
        >
            <summary>
                <PictureCanvas picture=square label=String::new() />
                <span class="bench-summary-words">
                    <span>{move || picture_title(picture, words)}</span>
                    <strong>{says}</strong>
                    <span class="hint">{title}</span>
                    <span class="bench-summary-change">
                        {move || words.text().change_picture_or_model}
                    </span>
                </span>
            </summary>
            <Show when=move || open.get()>
                <Look />
            </Show>
        </details>
    }
}
