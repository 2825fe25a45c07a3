//! How strong the attack is.

use leptos::prelude::*;

use super::epsilon::{self, LEVEL_STEP, MAX_LEVELS, PRESETS};
use super::state::use_attack;
use super::text::fill;
use super::words::use_words;

/// Epsilon as a slider and as presets.
#[component]
pub fn EpsilonPanel() -> impl IntoView {
    let (state, words) = (use_attack(), use_words());
    let both = move || {
        let value = state.epsilon.get();
        let (levels, signed) = (words.levels(value), words.signed(value));
        fill(words.text().epsilon_both, &[("levels", &levels), ("signed", &signed)])
    };
    let slid = move |event| {
        if let Ok(levels) = event_target_value(&event).parse() {
            state.set_epsilon(epsilon::from_levels(levels));
        }
    };
    let preset = move |signed: f32| {
        let value = epsilon::from_signed_scale(signed);
        let name = move || words.signed(value);
        let title = move || {
            let (signed, levels) = (words.signed(value), words.levels(value));
            fill(words.text().preset_title, &[("signed", &signed), ("levels", &levels)])
        };
        let chosen = Memo::new(move |_| epsilon::same(state.epsilon.get(), value));
        view! {
            <button
                type="button"
                class="button bench-preset"
                title=title
                aria-pressed=move || chosen.get().to_string()
                on:click=move |_| state.set_epsilon(value)
            >
                {name}
            </button>
        }
    };
    view! {
        <section class="bench-panel bench-epsilon" aria-labelledby="bench-epsilon-heading">
            <h3 id="bench-epsilon-heading">{move || words.text().strength}</h3>
            <label class="bench-slider">
                <span id="bench-epsilon-label">{move || words.text().epsilon}</span>
                <span class="bench-number">{both}</span>
                <input
                    type="range"
                    min="0"
                    max=MAX_LEVELS
                    step=LEVEL_STEP
                    aria-labelledby="bench-epsilon-label"
                    prop:value=move || epsilon::levels(state.epsilon.get()).to_string()
                    aria-valuetext=both
                    on:input=slid
                />
            </label>
            <div
                class="bench-row bench-presets"
                role="group"
                aria-labelledby="bench-presets-label"
            >
                <span id="bench-presets-label" class="hint">
                    {move || words.text().presets}
                </span>
                {PRESETS.map(preset).into_iter().collect_view()}
            </div>
            <p class="hint">{move || words.text().epsilon_hint}</p>
        </section>
    }
}
