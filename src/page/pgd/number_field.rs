//! A field for a number. What is no such number is said beside it, and the last good one stays.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;

use super::text::pgd_text;
use crate::page::bench::words::use_words;

/// Tells the fields' ids apart.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A field for a number.
#[component]
pub fn NumberField(
    #[prop(into)] label: Signal<&'static str>,
    /// The number that stands, as text.
    #[prop(into)]
    value: Signal<String>,
    /// Takes what was typed; false if it is no such number.
    #[prop(into)]
    take: Callback<String, bool>,
    /// What may be typed, in words.
    #[prop(into)]
    allowed: Signal<String>,
    /// What else is to be known, beneath.
    #[prop(into, optional)]
    note: Signal<String>,
) -> impl IntoView {
    let words = use_words();
    let refused = RwSignal::new(false);
    // Only what is done is taken: a number on its way to another one is none of the learner's.
    let done = move |event: leptos::ev::Event| {
        let input = event_target::<web_sys::HtmlInputElement>(&event);
        refused.set(!take.run(input.value()));
        input.set_value(&value.get_untracked());
    };
    let refusal = move || {
        refused.get().then(|| {
            let values = [("allowed", allowed.get()), ("kept", value.get())];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            crate::page::fill::fill(pgd_text(words.lang()).number_refused, &values)
        })
    };
    let note = move || (!refused.get()).then(|| note.get());
    let id = format!("pgd-number-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let beneath_id = format!("{id}-note");
    view! {
        <div class="bench-field pgd-number">
            <label for=id.clone()>{move || label.get()}</label>
            <input
                id=id
                type="text"
                aria-describedby=beneath_id.clone()
                inputmode="decimal"
                autocomplete="off"
                prop:value=move || value.get()
                aria-invalid=move || refused.get().to_string()
                on:input=move |_| refused.set(false)
                on:change=done
            />
            <small id=beneath_id class:pgd-refused=move || refused.get()>
                <span role="status">{refusal}</span>
                {note}
            </small>
        </div>
    }
    .into_any()
}
