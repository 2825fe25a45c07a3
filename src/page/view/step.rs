//! One step of a lesson: its text, its widgets, and the way on.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;

use super::arrival::arrive;
use super::icons::{CHECK, Icon, LEFT, RIGHT};
use crate::lessons::{Block, Lesson};
use crate::page::bench::Bench;
use crate::page::fill::fill;
use crate::page::guard::Guard;
use crate::page::numbers;
use crate::page::pgd::Pgd;
use crate::page::place::{use_lang, use_place};
use crate::page::record::StepName;
use crate::page::storage::use_record;
use crate::page::text::use_text;

/// The id of a step's heading.
const HEADING: &str = "step-heading";

/// A step of a lesson.
#[component]
pub fn StepView(
    lesson: Arc<Lesson>,
    /// The lesson's id and number.
    name: StoredValue<(String, String)>,
    /// Which of its steps, from 0.
    position: usize,
) -> impl IntoView {
    let text = use_text();
    let record = use_record();
    let step = lesson.steps.get(position)?.clone();
    let here = StepName { lesson: name.with_value(|(id, _)| id.clone()), step: step.id.clone() };
    document().set_title(&format!(
        "{} · {} · {}",
        step.title,
        lesson.title,
        text.get_untracked().product
    ));
    arrive(&here.lesson, &here.step, HEADING);
    record.update(|record| record.last = Some(here.clone()));
    let all = lesson.steps.len();
    let number = name.with_value(|(_, number)| number.clone());
    let place_words = move || {
        let template = text.get().step_of;
        let (number, all) = ((position + 1).to_string(), all.to_string());
        fill(template, &[("number", &number), ("all", &all)])
    };
    let blocks = step.blocks.into_iter().map(block).collect_view();
    Some(view! {
        <main id="main" class="step" tabindex="-1">
            <header class="step-head">
                <h1 class="eyebrow">
                    <span class="step-number">
                        {move || fill(text.get().lesson, &[("number", &number)])}
                    </span>
                    " "
                    <span>{lesson.title.clone()}</span>
                </h1>
                <Scale lesson=Arc::clone(&lesson) name position />
                <p class="step-place">
                    <span>{place_words}</span>
                    <MinutesLeft lesson=Arc::clone(&lesson) name />
                </p>
            </header>
            <article class="step-body">
                <h2 id=HEADING class="step-title" tabindex="-1">
                    {step.title}
                </h2>
                {blocks}
            </article>
            <WayOn lesson here position />
        </main>
    })
}

fn block(block: Block) -> AnyView {
    match block {
        Block::Html(html) => view! { <div class="prose" inner_html=html></div> }.into_any(),
        Block::Widget { name, args } => view! { <Widget name args /> }.into_any(),
    }
}

/// What a lesson's text asks for by `{{name …}}`.
#[component]
fn Widget(name: String, args: BTreeMap<String, String>) -> impl IntoView {
    let text = use_text();
    match name.as_str() {
        "bench" => view! { <div class="widget"><Bench args /></div> }.into_any(),
        "guard" => view! { <div class="widget"><Guard args /></div> }.into_any(),
        "pgd" => view! { <div class="widget"><Pgd args /></div> }.into_any(),
        _ => {
            let words = move || fill(text.get().unknown_widget, &[("name", &name)]);
            view! { <p class="problem" role="alert">{words}</p> }.into_any()
        }
    }
}

/// The lesson as a ruler: a tick for each step, filled where done, long where the learner is.
#[component]
fn Scale(
    lesson: Arc<Lesson>,
    name: StoredValue<(String, String)>,
    position: usize,
) -> impl IntoView {
    let record = use_record();
    let ticks = lesson.steps.iter().enumerate().map(|(place, step)| {
        let id = step.id.clone();
        let done = move || {
            name.with_value(|(lesson, _)| record.with(|record| record.is_done(lesson, &id)))
        };
        view! { <li class:done=done class:here=place == position></li> }
    });
    view! { <ol class="scale" aria-hidden="true">{ticks.collect_view()}</ol> }
}

/// The lesson's time, shared out evenly over the steps that are not done.
#[component]
fn MinutesLeft(lesson: Arc<Lesson>, name: StoredValue<(String, String)>) -> impl IntoView {
    let (text, lang, record) = (use_text(), use_lang(), use_record());
    move || {
        let all = lesson.steps.len();
        let steps = lesson.steps.iter().map(|step| step.id.as_str());
        let done = name.with_value(|(id, _)| record.with(|record| record.count_done(id, steps)));
        let share = (all - done) as f64 / all as f64;
        let minutes = (f64::from(lesson.minutes) * share).ceil() as u64;
        (minutes > 0).then(|| {
            let minutes = numbers::whole(lang.get(), minutes);
            view! { <span>{fill(text.get().minutes_left, &[("minutes", &minutes)])}</span> }
        })
    }
}

/// Back, and on. Going on marks the step as done.
#[component]
fn WayOn(lesson: Arc<Lesson>, here: StepName, position: usize) -> impl IntoView {
    let (text, place, record) = (use_text(), use_place(), use_record());
    let neighbour = |place: Option<usize>| place.and_then(|place| lesson.steps.get(place).cloned());
    let id = StoredValue::new(here.lesson.clone());
    let back = neighbour(position.checked_sub(1)).map(|step| {
        let href = move || id.with_value(|id| place.href(id, &step.id));
        view! {
            <a class="way way-back" rel="prev" href=href>
                <Icon path=LEFT />
                <span>
                    <span class="way-label">{move || text.get().previous}</span>
                    <span class="way-title">{step.title}</span>
                </span>
            </a>
        }
    });
    let mark = move |_| record.update(|record| record.mark_done(&here.lesson, &here.step));
    let on = match neighbour(position.checked_add(1)) {
        Some(step) => {
            let href = move || id.with_value(|id| place.href(id, &step.id));
            view! {
                <a class="way way-on" rel="next" href=href on:click=mark>
                    <span>
                        <span class="way-label">{move || text.get().next}</span>
                        <span class="way-title">{step.title}</span>
                    </span>
                    <Icon path=RIGHT />
                </a>
            }
            .into_any()
        }
        None => view! {
            <a class="way way-on" href=move || place.href("", "") on:click=mark>
                <span>
                    <span class="way-label">{move || text.get().back_to_lessons}</span>
                    <span class="way-title">{move || text.get().finish}</span>
                </span>
                <Icon path=CHECK />
            </a>
        }
        .into_any(),
    };
    view! { <nav class="ways" aria-label=move || text.get().ways>{back} {on}</nav> }
}
