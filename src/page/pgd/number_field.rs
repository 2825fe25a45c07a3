//! A field for a number. What is no such number is said beside it, and the last good one stays.

use leptos::prelude::*;

use super::text::pgd_text;
use crate::page::bench::words::use_words;

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
    let beneath = move || {
        if refused.get() {
            let kept = value.get();
            let refusal = pgd_text(words.lang()).number_refused;
            let values = [("allowed", allowed.get()), ("kept", kept)];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            crate::page::fill::fill(refusal, &values)
        } else {
            note.get()
        }
    };
    view! {
        <label class="bench-field pgd-number">
            <span>{move || label.get()}</span>
            <input
                type="text"
                inputmode="decimal"
                autocomplete="off"
                prop:value=move || value.get()
                aria-invalid=move || refused.get().to_string()
                on:input=move |_| refused.set(false)
                on:change=done
            />
            <small class:pgd-refused=move || refused.get() role="status">
                {beneath}
            </small>
        </label>
    }
    .into_any()
}
