//! A chart: a title, the drawing, and what it shows in a sentence for those who do not see it.

use leptos::prelude::*;

use super::plot::Plot;
use super::svg::{draw, view_box};
use crate::page::bench::words::use_words;
use crate::page::numbers;

/// What the ordinate's ticks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticks {
    Share,
    Number,
}

/// Draws a plot.
#[component]
pub fn Chart(
    #[prop(into)] plot: Signal<Plot>,
    ticks: Ticks,
    /// What the ordinate is.
    #[prop(into)]
    title: Signal<String>,
    /// What the abscissa is.
    #[prop(into)]
    x_name: Signal<String>,
    /// What the chart shows, in a sentence.
    #[prop(into)]
    summary: Signal<String>,
) -> impl IntoView {
    let words = use_words();
    // Drawn once for each change, and not where nothing has changed.
    let plot = Memo::new(move |_| plot.get());
    let short = move |value: f32| {
        let decimals = crate::page::bench::epsilon::decimals(f64::from(value), 2);
        words.decimal(f64::from(value), decimals)
    };
    let inside = move || {
        let y_tick = move |value: f32| match ticks {
            Ticks::Share => numbers::percent(words.lang(), value, 0),
            Ticks::Number => short(value),
        };
        plot.with(|plot| draw(plot, &x_name.get(), &short, &y_tick))
    };
    let label = move || format!("{}. {}", title.get(), summary.get());
    view! {
        <figure class="bench-chart pgd-chart">
            <figcaption class="bench-chart-title">{move || title.get()}</figcaption>
            <svg
                viewBox=move || plot.with(view_box)
                role="img"
                aria-label=label
                inner_html=inside
            ></svg>
        </figure>
    }
    .into_any()
}
