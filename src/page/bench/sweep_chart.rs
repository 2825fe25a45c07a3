//! Confidence against epsilon, drawn.

use leptos::prelude::*;

use super::chart_geometry::{
    BOTTOM, CONFIDENCE_TICKS, HEIGHT, LEFT, LEVEL_TICKS, RIGHT, TOP, WIDTH, path, x, y,
};
use super::epsilon::from_levels;
use super::state::SweepSubject;
use super::sweep_points::{PointOutcome, flip, outcome};
use super::text::fill;
use super::words::use_words;
use crate::page::numbers;
use crate::protocol::{Goal, SweepPoint};

/// The chart of a sweep.
#[component]
pub fn SweepChart(
    /// What was swept.
    #[prop(into)]
    subject: Signal<Option<SweepSubject>>,
    /// What came of it so far.
    #[prop(into)]
    points: Signal<Vec<SweepPoint>>,
    /// The epsilon that is chosen now, in pixel units.
    #[prop(into)]
    epsilon: Signal<f32>,
    /// What the chart shows, in a sentence.
    #[prop(into)]
    summary: Signal<Option<String>>,
) -> impl IntoView {
    let words = use_words();
    let label = move || {
        subject.with(|subject| {
            subject.as_ref().map_or_else(|| "…".to_owned(), |it| words.label(&it.model, it.label))
        })
    };
    let alt = move || {
        let summary = summary.get().unwrap_or_default();
        fill(words.text().sweep_alt, &[("label", &label()), ("summary", &summary)])
    };
    let confidence_axis = move || fill(words.text().axis_confidence, &[("label", &label())]);
    let level_tick = move |levels: f32| {
        let at = x(from_levels(levels));
        let name = move || words.decimal(f64::from(levels), 0);
        view! {
            <line class="tick" x1=at x2=at y1=BOTTOM y2=BOTTOM + 4.0></line>
            <text class="tick-name" x=at y=BOTTOM + 16.0 text-anchor="middle">{name}</text>
        }
    };
    let confidence_tick = move |confidence: f32| {
        let at = y(confidence);
        let name = move || numbers::percent(words.lang(), confidence, 0);
        view! {
            <line class="grid" x1=LEFT x2=RIGHT y1=at y2=at></line>
            <text class="tick-name" x=LEFT - 6.0 y=at + 3.5 text-anchor="end">{name}</text>
        }
    };
    let marks = move || {
        let subject = subject.get()?;
        let points = points.get();
        Some(points.iter().map(|point| point_mark(point, &subject)).collect_view())
    };
    let flip_line = move || {
        let subject = subject.get()?;
        let points = points.get();
        let at = x(flip(&points, subject.goal, subject.label)?.epsilon);
        Some(view! { <line class="flip" x1=at x2=at y1=TOP y2=BOTTOM></line> })
    };
    let targeted = move || {
        let goal = subject.with(|subject| subject.as_ref().map(|subject| subject.goal));
        matches!(goal, Some(Goal::Targeted { .. }))
    };
    let current = move || x(epsilon.get());
    let pointer = move || {
        let at = current();
        format!("M{:.1} {:.1}l-4 -7h8z", at, TOP - 2.0)
    };
    view! {
        <figure class="bench-chart">
            <figcaption class="bench-chart-title">{confidence_axis}</figcaption>
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=alt>
                {CONFIDENCE_TICKS.map(confidence_tick).into_iter().collect_view()}
                {LEVEL_TICKS.map(level_tick).into_iter().collect_view()}
                <line class="axis" x1=LEFT x2=RIGHT y1=BOTTOM y2=BOTTOM></line>
                <line class="current" x1=current x2=current y1=TOP y2=BOTTOM></line>
                <path class="current-mark" d=pointer></path>
                {flip_line}
                <path class="curve" d=move || points.with(|points| path(points))></path>
                {marks}
                <text
                    class="axis-name"
                    x=(LEFT + RIGHT) / 2.0
                    y=HEIGHT - 5.0
                    text-anchor="middle"
                >
                    {move || words.text().axis_epsilon}
                </text>
            </svg>
            <ul class="bench-legend" aria-hidden="true">
                <li class="holds">{move || words.text().mark_holds}</li>
                <Show when=targeted>
                    <li class="missed">{move || words.text().mark_missed}</li>
                </Show>
                <li class="flipped">{move || words.text().mark_flipped}</li>
                <li class="current">{move || words.text().mark_current}</li>
            </ul>
        </figure>
    }
}

/// A disc where the model holds, a square where it says something else than the target, a diamond where the attack succeeds.
fn point_mark(point: &SweepPoint, subject: &SweepSubject) -> impl IntoView + use<> {
    let (at_x, at_y) = (x(point.epsilon), y(point.confidence));
    match outcome(point.best.label, subject.goal, subject.label, subject.original) {
        PointOutcome::Holds => {
            view! { <circle class="mark holds" cx=at_x cy=at_y r="3.5"></circle> }.into_any()
        }
        PointOutcome::Missed => {
            let (left, top) = (at_x - 3.5, at_y - 3.5);
            view! { <rect class="mark missed" x=left y=top width="7" height="7"></rect> }.into_any()
        }
        PointOutcome::Succeeds => {
            let diamond = format!("M{at_x:.1} {:.1}l5 5l-5 5l-5 -5z", at_y - 5.0);
            view! { <path class="mark flipped" d=diamond></path> }.into_any()
        }
    }
}
