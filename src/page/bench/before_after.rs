//! Two pictures in one place with a line between them that can be moved.

use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;
use web_sys::PointerEvent;

use super::canvas::PictureCanvas;
use super::text::fill;
use super::words::use_words;
use crate::protocol::Picture;

/// How much of the width a side needs for its name, in percent.
const SIDE: u32 = 20;

/// `before` to the left of the line, `after` to the right of it. The line is dragged on the picture
/// or moved by the slider.
#[component]
pub fn BeforeAfter(
    before: Signal<Option<Arc<Picture>>>,
    after: Signal<Option<Arc<Picture>>>,
) -> impl IntoView {
    let words = use_words();
    let percent = RwSignal::new(50u32);
    let stage = NodeRef::<Div>::new();
    let dragged = move |event: &PointerEvent| {
        if let Some(stage) = stage.get_untracked() {
            let bounds = stage.get_bounding_client_rect();
            let along = f64::from(event.client_x()) - bounds.left();
            let share = (along / bounds.width().max(1.0)).clamp(0.0, 1.0);
            percent.set((share * 100.0).round() as u32);
        }
    };
    let down = move |event: PointerEvent| {
        if !event.is_primary() || event.button() != 0 {
            return;
        }
        if let Some(stage) = stage.get_untracked() {
            // Without capture a drag ends at the picture's edge, which is no harm.
            let _ = stage.set_pointer_capture(event.pointer_id());
        }
        dragged(&event);
    };
    let moved = move |event: PointerEvent| {
        if event.is_primary() && event.buttons() & 1 == 1 {
            dragged(&event);
        }
    };
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
                node_ref=stage
                on:pointerdown=down
                on:pointermove=moved
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
                <p class="bench-compare-sides" aria-hidden="true">
                    <span class:away=move || percent.get() < SIDE>
                        {move || words.text().before}
                    </span>
                    <span class:away=move || 100 - percent.get() < SIDE>
                        {move || words.text().after}
                    </span>
                </p>
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
        </div>
    }
}
