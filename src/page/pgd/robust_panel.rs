//! Robust accuracy against epsilon: measured curves, and the learner's own pictures on top.

use leptos::prelude::*;

use super::chart::{Chart, Ticks};
use super::epsilon_field::{NormChoice, written};
use super::lane_card::LaneName;
use super::metrics::{Metrics, largest_epsilon, on_axis, robustness_plot};
use super::own_panel::OwnPanel;
use super::plot::{Line, Stroke};
use super::state::{Arena, use_arena, use_own_pictures};
use super::table::{FoldedTable, Rows};
use super::tally::staircase;
use super::text::pgd_text;
use super::words::word;
use crate::page::bench::words::use_words;
use crate::page::fill::fill;
use crate::page::numbers;
use crate::page::problem_note::ProblemNote;
use crate::protocol::Norm;

/// The measured figures of the models, each in its place.
pub fn with_metrics<T>(arena: Arena, read: impl FnOnce(&[Option<&Metrics>]) -> T) -> T {
    let held = arena.lanes.map(|lane| lane.metrics());
    let metrics = held.each_ref().map(|held| held.as_ref().map(|measured| &measured.metrics));
    read(&metrics)
}

/// Has the figures of all models that take part read.
pub fn load_metrics(arena: Arena) {
    Effect::new(move |_| {
        for lane in arena.lanes {
            lane.load_metrics();
        }
    });
}

/// The models' signs and names, and what went wrong with reading their figures.
#[component]
pub fn Legend() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let entry = move |lane: super::state::Lane| {
        let here = Memo::new(move |_| lane.id.get().is_some());
        move || here.get().then(|| view! { <li><LaneName lane /></li> })
    };
    let problem = move |lane: super::state::Lane| {
        let unmeasured = move || {
            let model = lane.listed().filter(|_| lane.is_unmeasured())?;
            let model = words.localised(&model.title);
            let said = fill(pgd_text(words.lang()).not_measured, &[("model", &model)]);
            Some(view! { <p class="hint">{said}</p> })
        };
        view! {
            {unmeasured}
            <ProblemNote problem=lane.measured.problem() retry=move |()| lane.load_metrics() />
        }
    };
    view! {
        <ul class="bench-legend pgd-legend">{arena.lanes.map(entry).into_iter().collect_view()}</ul>
        {arena.lanes.map(problem).into_iter().collect_view()}
    }
    .into_any()
}

/// The curves, and the learner's pictures.
#[component]
pub fn RobustPanel() -> impl IntoView {
    let (arena, own, words) = (use_arena(), use_own_pictures(), use_words());
    load_metrics(arena);
    let text = move || pgd_text(words.lang());
    let norm = own.norm;
    let plot = Signal::derive(move || {
        let norm = norm.get();
        let mut plot = with_metrics(arena, |metrics| robustness_plot(norm, metrics));
        for lane in arena.lanes {
            let Some(id) = lane.id.get() else { continue };
            let stairs = staircase(&own.found(&id), largest_epsilon(norm));
            let points = stairs.into_iter().map(|[x, y]| [on_axis(norm, x), y]).collect();
            plot.lines.push(Line {
                series: lane.place,
                stroke: Stroke::Dashed,
                points,
                stairs: true,
                marked: false,
            });
        }
        plot
    });
    let x_name = Signal::derive(move || {
        match norm.get() {
            Norm::Linf => words.text().axis_epsilon,
            Norm::L2 => text().axis_l2,
        }
        .to_owned()
    });
    let title = Signal::derive(move || text().robust_accuracy.to_owned());
    let summary = Signal::derive(move || {
        let said = with_metrics(arena, |metrics| {
            let one = |(place, metrics): (usize, &Option<&Metrics>)| {
                let metrics = (*metrics)?;
                let last = metrics.robust_in(norm.get()).last().copied()?;
                let model = arena.lanes[place].listed()?;
                let share = |value| numbers::percent(words.lang(), value, 0);
                let values = [
                    ("model", words.localised(&model.title)),
                    ("clean", share(metrics.clean.int8)),
                    ("robust", share(last.accuracy)),
                    ("epsilon", written(words, norm.get(), last.epsilon)),
                ];
                let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
                Some(fill(text().robust_summary, &values))
            };
            metrics.iter().enumerate().filter_map(one).collect::<Vec<_>>()
        });
        said.join(" ")
    });
    let basis = move || {
        let first = with_metrics(arena, |metrics| {
            let metrics = metrics.iter().flatten().next()?;
            let [steps, restarts] = metrics.robust_in(norm.get()).first()?.effort()?;
            Some((steps, restarts, metrics.attacked()))
        });
        first.map(|(steps, restarts, n)| {
            let (steps, restarts) = (steps.to_string(), restarts.to_string());
            let effort = [("steps", steps.as_str()), ("restarts", restarts.as_str())];
            let attack = fill(text().robust_effort, &effort);
            let n = words.whole(n as usize);
            fill(text().robust_basis, &[("attack", &attack), ("n", &n)])
        })
    };
    let rows = move |()| {
        let text = text();
        let heads =
            [text.column_model, words.text().column_epsilon, text.robust_accuracy, text.interval];
        let rows = with_metrics(arena, |metrics| {
            let mut rows = Vec::new();
            for (place, metrics) in metrics.iter().enumerate() {
                let Some(metrics) = metrics else { continue };
                let model = arena.lanes[place].listed();
                let name = model.map(|it| words.localised(&it.title)).unwrap_or_default();
                let clean = words.confidence(metrics.clean.int8);
                let [low, high] = metrics.clean_interval().map(|it| words.confidence(it));
                rows.push(vec![name.clone(), "0".to_owned(), clean, format!("{low} – {high}")]);
                for it in metrics.robust_in(norm.get()) {
                    let interval =
                        format!("{} – {}", words.confidence(it.low), words.confidence(it.high));
                    let epsilon = written(words, norm.get(), it.epsilon);
                    rows.push(vec![name.clone(), epsilon, words.confidence(it.accuracy), interval]);
                }
            }
            rows
        });
        Rows { heads: heads.map(str::to_owned).to_vec(), rows }
    };
    view! {
        <section class="bench-panel" aria-labelledby="pgd-robust-heading">
            <h3 id="pgd-robust-heading" class="visually-hidden">{word(|text| text.robust_accuracy)}</h3>
            <NormChoice group="pgd-robust-norm" norm choose=move |to| norm.set(to) />
            <Chart plot ticks=Ticks::Share title x_name summary />
            <Legend />
            <p class="hint">{basis} " " {word(|text| text.dashed_is_yours)}</p>
            <FoldedTable rows />
        </section>
        <OwnPanel />
    }
    .into_any()
}
