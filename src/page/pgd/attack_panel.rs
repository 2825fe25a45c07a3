//! The attacks, live: loss, prediction and change of each model.

use leptos::prelude::*;

use super::chart::{Chart, Ticks};
use super::controls::Controls;
use super::history::Point;
use super::lane_card::{LaneCards, LaneName};
use super::outcome_view::OutcomeView;
use super::plot::{Axis, Line, Plot, Stroke, range};
use super::settings_panel::SettingsPanel;
use super::state::{Change, Lane, use_arena};
use super::table::{FoldedTable, Rows};
use super::text::pgd_text;
use super::words::{bench_word, word};
use crate::page::bench::canvas::PictureCanvas;
use crate::page::bench::words::{Words, use_words};
use crate::page::fill::fill;
use crate::page::problem_note::Detail;
use crate::protocol::{ModelSummary, ProblemKind};

/// The most points of one curve: more would lie closer than a pixel.
const MOST_POINTS: usize = 300;

/// The most rows of a table of steps.
const MOST_ROWS: usize = 60;

/// Settings, buttons, and the attack on each model.
#[component]
pub fn AttackPanel() -> impl IntoView {
    view! {
        <SettingsPanel />
        <Controls />
        <Glance />
        <LaneCards inside=live />
    }
    .into_any()
}

/// All models in a line each, for screens on which their columns stand one below the other.
#[component]
fn Glance() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let line = move |lane: Lane| {
        let here = Memo::new(move |_| lane.id.get().is_some());
        let shown = move || {
            view! { <li><span><LaneName lane /></span> <span class="pgd-glance-now">{move || now(lane, words)}</span></li> }
        };
        move || here.get().then(shown)
    };
    view! { <ul class="pgd-glance">{arena.lanes.map(line).into_iter().collect_view()}</ul> }
        .into_any()
}

/// One model's attack.
fn live(lane: Lane) -> AnyView {
    let (arena, words) = (use_arena(), use_words());
    view! {
        <div class="pgd-live" class:stale=move || arena.is_stale()>
            <p class="pgd-now">{move || now(lane, words)}</p>
            <LossChart lane />
            <LabelPath lane />
            <ChangeView lane />
            <OutcomeView lane />
            <RunProblem lane />
            <StepTable lane />
        </div>
    }
    .into_any()
}

/// The label that the model says at this step, or says of the picture if there is no step yet.
fn now(lane: Lane, words: Words) -> AnyView {
    let text = pgd_text(words.lang());
    let Some(model) = lane.model.get() else { return ().into_any() };
    let last = lane.run.with_history(|history| history.last().copied());
    let (label, confidence, place) = match last {
        Some(point) if point.step > 0 => (point.label, point.confidence, step_name(words, &point)),
        Some(point) => (point.label, point.confidence, text.before_attack.to_owned()),
        None => {
            let Some(seen) = lane.current() else { return words.text().predicting.into_any() };
            let Some(best) = seen.classification.top.first() else { return ().into_any() };
            (best.label, best.confidence, text.before_attack.to_owned())
        }
    };
    let reached = last.is_some_and(|point| point.reached);
    let said = format!("{} {}", words.label(&model, label), words.confidence(confidence));
    let sign = if reached { "◆ " } else { "" };
    view! {
        <span class="hint">{place}</span>
        <strong class:pgd-reached=reached>{sign} {said}</strong>
    }
    .into_any()
}

/// “Step 3”, with the restart if there is more than one.
pub fn step_name(words: Words, point: &Point) -> String {
    let text = pgd_text(words.lang());
    let (step, restart) = (point.step.to_string(), (point.restart + 1).to_string());
    let template = if point.restart > 0 { text.step_of_restart } else { text.step };
    fill(template, &[("step", &step), ("restart", &restart)])
}

/// The loss by step: the restart that runs in ink, those before it faint.
#[component]
fn LossChart(lane: Lane) -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    // All models share one scale, so that their charts can be compared.
    let scale = Memo::new(move |_| {
        let losses = |lane: &Lane| {
            lane.run.with_history(|history| range(history.points().iter().map(|point| point.loss)))
        };
        let ranges: Vec<_> = arena.lanes.iter().map(losses).collect();
        let seen = arena.lanes.iter().any(|lane| lane.run.with_history(|it| it.last().is_some()));
        let [low, high] = range(ranges.iter().flatten().copied().filter(|_| seen));
        [low, high]
    });
    let plot = Signal::derive(move || {
        let [low, high] = scale.get();
        let steps = arena.started().map_or_else(|| arena.link.with(|it| it.steps), |it| it.steps);
        let curves = lane.run.with_history(|history| history.losses(MOST_POINTS));
        let last = curves.len().saturating_sub(1);
        let line = |(place, points)| Line {
            series: lane.place,
            stroke: if place == last { Stroke::Solid } else { Stroke::Faint },
            points,
            ..Line::default()
        };
        Plot {
            height: 170.0,
            x: Axis::counts(0.0, steps as f32, 5),
            y: Axis::round(low, high, 4),
            lines: curves.into_iter().enumerate().map(line).collect(),
            bars: Vec::new(),
        }
    });
    let title = Signal::derive(move || {
        let text = pgd_text(words.lang());
        let model = lane.model.get();
        let opened = lane.run.opened.get();
        match (model, opened) {
            (Some(model), Some(opened)) => {
                let label = words.label(&model, opened.label);
                fill(text.loss_of, &[("label", &label)])
            }
            _ => text.loss.to_owned(),
        }
    });
    let summary = Signal::derive(move || {
        let text = pgd_text(words.lang());
        lane.run.with_history(|history| match (history.points().first(), history.last()) {
            (Some(first), Some(last)) if last.step > 0 => {
                let [first, last_loss] =
                    [first.loss, last.loss].map(|loss| words.decimal(f64::from(loss), 2));
                let values =
                    [("first", first), ("last", last_loss), ("place", step_name(words, last))];
                let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
                fill(text.loss_summary, &values)
            }
            _ => text.no_steps.to_owned(),
        })
    });
    let x_name = Signal::derive(move || pgd_text(words.lang()).axis_step.to_owned());
    view! { <Chart plot ticks=Ticks::Number title x_name summary /> }.into_any()
}

/// Which labels the model said on the way.
#[component]
fn LabelPath(lane: Lane) -> impl IntoView {
    let words = use_words();
    let path = move || {
        let model = lane.model.get()?;
        let changes = lane.run.with_history(|history| history.label_changes());
        (!changes.is_empty()).then(|| told(words, &model, &changes))
    };
    view! {
        <p class="pgd-path">
            <span class="hint">{word(|text| text.on_the_way)}</span>
            " "
            {path}
        </p>
    }
    .into_any()
}

/// The changes of label in a line; only the last of many.
fn told(words: Words, model: &ModelSummary, changes: &[Point]) -> String {
    const MOST: usize = 8;
    let skipped = changes.len().saturating_sub(MOST);
    let mut told = if skipped > 0 { "… ".to_owned() } else { String::new() };
    for (place, point) in changes.iter().enumerate().skip(skipped) {
        let label = words.label(model, point.label);
        if place == 0 {
            told.push_str(&label);
        } else {
            told.push_str(&format!(" → {label} ({})", step_name(words, point)));
        }
    }
    told
}

/// The change so far, magnified.
#[component]
fn ChangeView(lane: Lane) -> impl IntoView {
    let words = use_words();
    let picture = Signal::derive(move || lane.run.change.get().map(|change| change.picture));
    let factor = move |change: &Change| words.decimal(f64::from(change.magnification), 0);
    let label = Signal::derive(move || {
        let change = lane.run.change.get()?;
        Some(fill(words.text().perturbation_alt, &[("factor", &factor(&change))]))
    });
    let caption = move || match lane.run.change.get() {
        Some(change) => fill(words.text().perturbation, &[("factor", &factor(&change))]),
        None => pgd_text(words.lang()).no_change_yet.to_owned(),
    };
    let there = Memo::new(move |_| picture.with(Option::is_some));
    let shown = move || {
        if there.get() {
            let label = Signal::derive(move || label.get().unwrap_or_default());
            view! { <PictureCanvas picture label /> }.into_any()
        } else {
            view! { <div class="bench-canvas bench-empty"></div> }.into_any()
        }
    };
    view! {
        <figure class="bench-shot pgd-change">
            {shown}
            <figcaption>{caption} " " <small>{bench_word(|text| text.perturbation_hint)}</small></figcaption>
        </figure>
    }
    .into_any()
}

/// What kept the attack from going on.
#[component]
fn RunProblem(lane: Lane) -> impl IntoView {
    let words = use_words();
    let note = move || {
        let problem = lane.run.problem.get()?;
        let text = pgd_text(words.lang());
        let said = match problem.kind {
            ProblemKind::NotFinite => text.not_finite.to_owned(),
            ProblemKind::NoSuchLabel => fill(text.no_such_label, &[("label", &problem.subject)]),
            _ => {
                let said = crate::page::text::problem_text(words.lang(), &problem);
                format!("{} {}", said.what, said.advice)
            }
        };
        let detail = format!("{}: {}", problem.subject, problem.detail);
        Some(view! {
            <div class="problem" role="alert">
                <p>{said}</p>
                <Detail detail />
            </div>
        })
    };
    view! { {note} }.into_any()
}

/// The steps as a table.
#[component]
fn StepTable(lane: Lane) -> impl IntoView {
    let words = use_words();
    let rows = move |()| {
        let text = pgd_text(words.lang());
        let heads = [text.axis_step, text.loss, words.text().column_best, text.column_goal];
        let model = lane.model.get();
        let row = |point: Point| {
            let label = model.as_ref().map(|model| words.label(model, point.label));
            let reached = if point.reached { text.reached } else { text.not_reached };
            let place =
                if point.step == 0 { text.original.to_owned() } else { step_name(words, &point) };
            vec![
                place,
                words.decimal(f64::from(point.loss), 3),
                format!("{} {}", label.unwrap_or_default(), words.confidence(point.confidence)),
                reached.to_owned(),
            ]
        };
        let points = lane.run.with_history(|history| history.rows(MOST_ROWS));
        Rows {
            heads: heads.map(str::to_owned).to_vec(),
            rows: points.into_iter().map(row).collect(),
        }
    };
    view! { <FoldedTable rows /> }.into_any()
}
