//! Two pictures in one place with a line between them that can be moved.

use std::sync::Arc;

use leptos::prelude::*;

use super::canvas::PictureCanvas;
use super::text::fill;
use super::words::use_words;
use crate::protocol::Picture;

/// `before` to the left of the line, `after` to the right of it.
#[component]
pub fn BeforeAfter(
    before: Signal<Option<Arc<Picture>>>,
    after: Signal<Option<Arc<Picture>>>,
) -> impl IntoView {
    let words = use_words();
    let percent = RwSignal::new(50u32);
    let spoken = move || {
        let share = words.confidence(percent.get() as f32 / 100.0);
        fill(words.text().before_after_value, &[("percent", &share)])
    };
    let slid = move |event| {
        if let Ok(value) = event_target_value(&event).parse::<u32>() {
            percent.set(value.min(100));
        }
    };
    view! {
        <div class="bench-compare">
            <div
                class="bench-compare-stage"
                role="img"
                aria-label=move || words.text().before_after_alt
            >
                <PictureCanvas picture=before label=String::new() />
                <div
                    class="bench-compare-after"
                    style:clip-path=move || format!("inset(0 0 0 {}%)", percent.get())
                >
                    <PictureCanvas picture=after label=String::new() />
                </div>
                <span
                    class="bench-compare-line"
                    style:left=move || format!("{}%", percent.get())
                ></span>
            </div>
            <label class="bench-slider">
                <span>{move || words.text().before_after}</span>
                <input
                    type="range"
                    min="0"
                    max="100"
                    step="1"
                    prop:value=move || percent.get().to_string()
                    aria-valuetext=spoken
                    on:input=slid
                />
            </label>
            <p class="bench-compare-ends" aria-hidden="true">
                <span>{move || words.text().before}</span>
                <span>{move || words.text().after}</span>
            </p>
        </div>
    }
}
