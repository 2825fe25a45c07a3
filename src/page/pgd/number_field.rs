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
    let typed = move |event| refused.set(!take.run(event_target_value(&event)));
    // Leaving the field with a bad number in it shows the good one again.
    let left = move |event: leptos::ev::FocusEvent| {
        if refused.get_untracked() {
            event_target::<web_sys::HtmlInputElement>(&event).set_value(&value.get_untracked());
            refused.set(false);
        }
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
                on:input=typed
                on:blur=left
            />
            <small class:pgd-refused=move || refused.get() role="status">
                {beneath}
            </small>
        </label>
    }
    .into_any()
}
