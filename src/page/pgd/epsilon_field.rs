//! The norm and the radius of the ball.

use leptos::prelude::*;

use super::settings::{MOST_L2, MOST_LEVELS, Remark, remarks, set_norm};
use super::state::use_arena;
use super::text::pgd_text;
use super::words::word;
use crate::page::bench::epsilon::{from_levels, levels};
use crate::page::bench::words::use_words;
use crate::page::fill::fill;
use crate::protocol::Norm;

/// A size in pixel units as its norm is read: n/255, or a length.
pub fn written(words: crate::page::bench::words::Words, norm: Norm, value: f32) -> String {
    match norm {
        Norm::Linf => {
            let decimals = crate::page::bench::epsilon::decimals(f64::from(levels(value)), 2);
            format!("{}/255", words.decimal(f64::from(levels(value)), decimals))
        }
        Norm::L2 => {
            let decimals = crate::page::bench::epsilon::decimals(f64::from(value), 3);
            words.decimal(f64::from(value), decimals)
        }
    }
}

/// Two radio buttons, one a norm.
#[component]
pub fn NormChoice(
    /// Names the group among the page's radio buttons.
    group: &'static str,
    #[prop(into)] norm: Signal<Norm>,
    #[prop(into)] choose: Callback<Norm>,
) -> impl IntoView {
    let words = use_words();
    let option = move |to: Norm| {
        let name = move || match to {
            Norm::Linf => pgd_text(words.lang()).norm_linf,
            Norm::L2 => pgd_text(words.lang()).norm_l2,
        };
        view! {
            <label class="bench-choice">
                <input
                    type="radio"
                    name=group
                    prop:checked=move || norm.get() == to
                    on:change=move |_| choose.run(to)
                />
                <span>{name}</span>
            </label>
        }
    };
    view! {
        <fieldset class="bench-panel pgd-choices">
            <legend>{word(|text| text.norm)}</legend>
            {option(Norm::Linf)}
            {option(Norm::L2)}
        </fieldset>
    }
    .into_any()
}

/// The norm, epsilon, and what is odd about it.
#[component]
pub fn EpsilonField() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let norm = Memo::new(move |_| arena.link.with(|link| link.norm));
    let shown = move || arena.link.with(|link| written(words, link.norm, link.epsilon));
    let in_unit = move || {
        arena.link.with(|link| match link.norm {
            Norm::Linf => levels(link.epsilon),
            Norm::L2 => link.epsilon,
        })
    };
    let most = move || match norm.get() {
        Norm::Linf => MOST_LEVELS,
        Norm::L2 => MOST_L2,
    };
    let step = move || match norm.get() {
        Norm::Linf => 0.25,
        Norm::L2 => 0.05,
    };
    let slid = move |event| {
        if let Ok(value) = event_target_value(&event).parse::<f32>() {
            arena.update(|link| {
                link.epsilon = match link.norm {
                    Norm::Linf => from_levels(value),
                    Norm::L2 => value,
                };
            });
        }
    };
    let meaning = move || {
        let text = pgd_text(words.lang());
        match norm.get() {
            Norm::Linf => text.epsilon_linf.to_owned(),
            Norm::L2 => {
                // The same length, shared equally by all numbers of the picture.
                let side = arena.size().unwrap_or(1) as f32;
                let each = arena.link.with(|link| link.epsilon) / (3.0 * side * side).sqrt();
                fill(text.epsilon_l2, &[("each", &written(words, Norm::Linf, each))])
            }
        }
    };
    let odd = move || {
        let zero = arena.link.with(remarks).contains(&Remark::EpsilonZero);
        zero.then(|| view! { <p class="bench-note">{pgd_text(words.lang()).epsilon_zero}</p> })
    };
    view! {
        <div class="pgd-group">
            <NormChoice
                group="pgd-norm"
                norm
                choose=move |to| arena.update(|link| set_norm(link, to))
            />
            <label class="bench-slider">
                <span id="pgd-epsilon-label">{word(|text| text.epsilon)}</span>
                <span class="bench-number">{shown}</span>
                <input
                    type="range"
                    min="0"
                    max=most
                    step=step
                    aria-labelledby="pgd-epsilon-label"
                    prop:value=move || in_unit().to_string()
                    aria-valuetext=shown
                    on:input=slid
                />
            </label>
            <p class="hint">{meaning}</p>
            <div aria-live="polite">{odd}</div>
        </div>
    }
    .into_any()
}
