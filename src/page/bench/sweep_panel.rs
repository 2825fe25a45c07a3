//! The same attack at many epsilons: where does it flip?

use leptos::prelude::*;

use super::epsilon::{self, MAX_LEVELS};
use super::state::{SweepSubject, use_attack, use_sweep};
use super::sweep_chart::SweepChart;
use super::sweep_points::{PointOutcome, flip, outcome};
use super::text::fill;
use super::words::{Words, use_words};
use crate::page::problem_note::ProblemNote;
use crate::protocol::{Goal, SweepPoint};

/// The button, the curve, and the curve in words and as a table.
#[component]
pub fn SweepPanel() -> impl IntoView {
    let (state, attack, words) = (use_sweep(), use_attack(), use_words());
    let busy = state.result.busy();
    let ready = Memo::new(move |_| attack.prediction.current().is_some());
    let press = move |_| {
        if busy.get_untracked() {
            state.cancel();
        } else {
            state.run();
        }
    };
    let name = move || {
        let text = words.text();
        if busy.get() {
            text.cancel
        } else if state.result.get().is_some() {
            text.sweep_again
        } else {
            text.sweep_run
        }
    };
    let lead = move || {
        let levels = words.decimal(f64::from(MAX_LEVELS), 0);
        fill(words.text().sweep_lead, &[("levels", &levels)])
    };
    let hint = move || {
        let count = |template| {
            let done = words.whole(state.points.with(Vec::len));
            let total = words.whole(epsilon::sweep().len());
            fill(template, &[("done", &done), ("total", &total)])
        };
        if busy.get() {
            count(words.text().sweep_progress)
        } else if state.cancelled.get() {
            count(words.text().sweep_cancelled)
        } else if !ready.get() {
            words.text().wait_for_prediction.to_owned()
        } else if state.is_stale() {
            words.text().sweep_stale.to_owned()
        } else {
            String::new()
        }
    };
    let summary = Memo::new(move |_| {
        let finished = state.result.get().is_some() && !busy.get();
        let subject = state.subject.get().filter(|_| finished)?;
        Some(state.points.with(|points| sentence(words, &subject, points)))
    });
    view! {
        <section class="bench-panel bench-sweep" aria-labelledby="bench-sweep-heading">
            <h3 id="bench-sweep-heading">{move || words.text().sweep}</h3>
            <p>{lead}</p>
            <div class="bench-attack-row">
                <button
                    type="button"
                    class="button"
                    disabled=move || !ready.get() && !busy.get()
                    on:click=press
                >
                    {name}
                </button>
                <p class="hint" role="status">{hint}</p>
            </div>
            <ProblemNote problem=state.result.problem() retry=move |()| state.run() />
            <p class="bench-status" role="status">{move || summary.get()}</p>
            <div class:stale=move || state.is_stale()>
                <SweepChart
                    subject=state.subject
                    points=state.points
                    epsilon=attack.epsilon
                    summary
                />
            </div>
            <SweepTable />
        </section>
    }
}

/// Where it flips, in a sentence.
fn sentence(words: Words, subject: &SweepSubject, points: &[SweepPoint]) -> String {
    let text = words.text();
    let label = words.label(&subject.model, subject.label);
    let targeted = matches!(subject.goal, Goal::Targeted { .. });
    match flip(points, subject.goal, subject.label) {
        Some(point) => {
            let template = if point.epsilon == 0.0 {
                text.flips_from_start
            } else if targeted {
                text.reaches_at
            } else {
                text.flips_at
            };
            let best = words.label(&subject.model, point.best.label);
            let levels = words.levels(point.epsilon);
            fill(template, &[("levels", &levels), ("best", &best), ("label", &label)])
        }
        None => {
            let template = if targeted { text.reaches_never } else { text.flips_never };
            let last = points.last().map_or(0.0, |point| point.epsilon);
            fill(template, &[("levels", &words.levels(last)), ("label", &label)])
        }
    }
}

/// The sweep for those who read rather than look.
#[component]
fn SweepTable() -> impl IntoView {
    let (state, words) = (use_sweep(), use_words());
    move || {
        let subject = state.subject.get()?;
        let points = state.points.get();
        let text = words.text();
        let label = words.label(&subject.model, subject.label);
        let row = |point: SweepPoint| {
            let best = words.label(&subject.model, point.best.label);
            let (goal, label, original) = (subject.goal, subject.label, subject.original);
            let outcome = match outcome(point.best.label, goal, label, original) {
                PointOutcome::Holds => text.mark_holds,
                PointOutcome::Missed => text.mark_missed,
                PointOutcome::Succeeds => text.mark_flipped,
            };
            view! {
                <tr>
                    <th scope="row">{words.levels(point.epsilon)} "/255"</th>
                    <td>{words.confidence(point.confidence)}</td>
                    <td>{best} ", " {words.confidence(point.best.confidence)}</td>
                    <td>{outcome}</td>
                </tr>
            }
        };
        Some(view! {
            <details class="bench-table">
                <summary>{text.as_table}</summary>
                <div class="bench-table-scroll" tabindex="0" role="region" aria-label=text.as_table>
                    <table>
                        <thead>
                            <tr>
                                <th scope="col">{text.column_epsilon}</th>
                                <th scope="col">{fill(text.column_label, &[("label", &label)])}</th>
                                <th scope="col">{text.column_best}</th>
                                <th scope="col">{text.result}</th>
                            </tr>
                        </thead>
                        <tbody>{points.into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
            </details>
        })
    }
}
