//! How far a step goes.

use leptos::prelude::*;

use super::epsilon_field::written;
use super::number_field::NumberField;
use super::settings::{Remark, remarks, size, step_size};
use super::state::use_arena;
use super::text::pgd_text;
use super::words::word;
use crate::page::bench::epsilon::{decimals, from_levels, levels};
use crate::page::bench::words::use_words;
use crate::page::fill::fill;
use crate::page::link::{PgdLink, StepSize};
use crate::protocol::{Method, Norm};

/// Whether the field shows n of n/255; Adam's learning rate is written as it is.
fn in_levels(link: &PgdLink) -> bool {
    link.norm == Norm::Linf && link.method != Method::AdamOnDelta
}

/// The step size as a number, and as a part of epsilon.
#[component]
pub fn StepField() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let text = move || pgd_text(words.lang());
    let label = Signal::derive(move || {
        arena.link.with(|link| match (link.method, in_levels(link)) {
            (Method::AdamOnDelta, _) => text().learning_rate,
            (_, true) => text().step_size_levels,
            (_, false) => text().step_size,
        })
    });
    let value = Signal::derive(move || {
        arena.link.with(|link| {
            let size = step_size(link);
            let (shown, most) = if in_levels(link) { (levels(size), 3) } else { (size, 5) };
            let places = decimals(f64::from(shown), most);
            format!("{shown:.places$}")
        })
    });
    let take = move |typed: String| {
        let Some(number) = size(&typed) else { return false };
        arena.update(|link| {
            let size = if in_levels(link) { from_levels(number) } else { number };
            link.step = StepSize::Fixed(size);
        });
        true
    };
    let allowed = Signal::derive(move || text().allowed_size.to_owned());
    let note = Signal::derive(move || {
        arena.link.with(|link| {
            if link.epsilon <= 0.0 {
                return String::new();
            }
            let share = f64::from(step_size(link) / link.epsilon);
            let share = words.decimal(share, decimals(share, 3));
            fill(text().step_share, &[("share", &share)])
        })
    });
    let part = move |name: &'static str, of: fn(&PgdLink) -> f32| {
        let chosen = move || {
            arena.link.with(|link| {
                matches!(link.step, StepSize::OfEpsilon(multiple) if (multiple - of(link)).abs() < 1e-4)
            })
        };
        view! {
            <button
                type="button"
                class="button bench-preset"
                aria-pressed=move || chosen().to_string()
                on:click=move |_| arena.update(|link| link.step = StepSize::OfEpsilon(of(link)))
            >
                {name}
            </button>
        }
    };
    let odd = move || {
        let remarks = arena.link.with(remarks);
        let text = text();
        let said = remarks.iter().find_map(|remark| match remark {
            Remark::StepZero => Some(text.step_zero.to_owned()),
            Remark::StepAboveEpsilon => Some(text.step_above_epsilon.to_owned()),
            Remark::EdgeOutOfReach => Some(arena.link.with(|link| {
                let reach = step_size(link) * link.steps as f32;
                fill(text.edge_out_of_reach, &[("reach", &written(words, link.norm, reach))])
            })),
            Remark::EpsilonZero | Remark::RestartsNeedChance => None,
        });
        said.map(|said| view! { <p class="bench-note">{said}</p> })
    };
    view! {
        <div class="pgd-group">
            <div class="bench-row">
                <NumberField label value take allowed note />
            </div>
            <div class="bench-row bench-presets" role="group" aria-label=word(|text| text.step_parts)>
                {part("ε/100", |_| 0.01)}
                {part("ε/4", |_| 0.25)}
                {part("2.5 ε/K", |link| 2.5 / link.steps as f32)}
                {part("ε", |_| 1.0)}
                {part("3 ε", |_| 3.0)}
            </div>
            <div aria-live="polite">{odd}</div>
        </div>
    }
    .into_any()
}
