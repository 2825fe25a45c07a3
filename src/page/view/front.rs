//! The front page: what this is, where to begin or go on, and the list of lessons.

use leptos::prelude::*;

use super::arrival::arrive;
use super::failure::LoadFailure;
use super::icons::{Icon, RIGHT};
use crate::lessons::{LessonEntry, Status};
use crate::page::course_store::{Load, use_course};
use crate::page::fill::fill;
use crate::page::place::{use_lang, use_place};
use crate::page::storage::use_record;
use crate::page::text::use_text;

/// The front page.
#[component]
pub fn Front() -> impl IntoView {
    let text = use_text();
    arrive("", "", "main");
    document().set_title(&format!(
        "{} · {}",
        text.get_untracked().product,
        text.get_untracked().tagline
    ));
    view! {
        <main id="main" class="front" tabindex="-1">
            <section class="opening">
                <div class="opening-words">
                    <h1>{move || text.get().product}</h1>
                    <p class="lead">{move || text.get().tagline}</p>
                    <p>{move || text.get().what_1}</p>
                    <p>{move || text.get().what_2}</p>
                    <p>{move || text.get().what_3}</p>
                    <Begin />
                </div>
                <SignPlate />
            </section>
            <section class="course" aria-labelledby="lessons-heading">
                <h2 id="lessons-heading">{move || text.get().lessons}</h2>
                <LessonList only_available=false />
            </section>
        </main>
    }
}

/// The one thing to do next: the first lesson, or the step where the learner stopped.
#[component]
fn Begin() -> impl IntoView {
    let (text, place, lang) = (use_text(), use_place(), use_lang());
    let (store, record) = (use_course(), use_record());
    move || {
        let course = store.course().get();
        let course = course.ready()?;
        let available = |entry: &&LessonEntry| entry.status == Status::Available;
        let last = record.with(|record| record.last.clone());
        let resumed = last.and_then(|last| {
            course.lesson(&last.lesson).filter(available)?;
            let lesson = store.lesson(lang.get(), &last.lesson).get();
            let lesson = lesson.ready()?;
            let position = lesson.position(&last.step)?;
            let title = lesson.steps.get(position)?.title.clone();
            let number = (position + 1).to_string();
            let values = [("number", number.as_str()), ("step", &title)];
            Some((last.lesson, last.step, fill(text.get().continue_at, &values)))
        });
        let first = || {
            let entry = course.lessons.iter().find(available)?;
            let label = fill(text.get().start_first, &[("number", &entry.number)]);
            Some((entry.id.clone(), String::new(), label))
        };
        let (lesson, step, label) = resumed.or_else(first)?;
        Some(view! {
            <p class="begin">
                <a class="button button-primary" href=move || place.href(&lesson, &step)>
                    {label}
                    <Icon path=RIGHT />
                </a>
            </p>
        })
    }
}

/// The lessons, as a table of contents.
#[component]
pub fn LessonList(
    /// Leaves the announced ones out.
    only_available: bool,
) -> impl IntoView {
    let (store, lang) = (use_course(), use_lang());
    move || match store.course().get() {
        Load::Loading => ().into_any(),
        Load::Failed(detail) => {
            let retry = Callback::new(move |()| store.retry());
            view! { <LoadFailure detail=detail.to_string() retry /> }.into_any()
        }
        Load::Ready(course) => {
            let code = lang.get().code();
            let rows = course
                .lessons
                .iter()
                .filter(|entry| !only_available || entry.status == Status::Available)
                .map(|entry| {
                    let (number, id) = (entry.number.clone(), entry.id.clone());
                    let title = entry.title(code).to_owned();
                    let summary = entry.summary(code).to_owned();
                    let available = entry.status == Status::Available;
                    view! { <LessonRow number id title summary available /> }
                })
                .collect_view();
            view! { <ol class="lesson-list">{rows}</ol> }.into_any()
        }
    }
}

#[component]
fn LessonRow(
    number: String,
    id: String,
    title: String,
    summary: String,
    available: bool,
) -> impl IntoView {
    let (text, place, lang) = (use_text(), use_place(), use_lang());
    let (store, record) = (use_course(), use_record());
    let heading = if available {
        let id = id.clone();
        view! { <a href=move || place.href(&id, "")>{title}</a> }.into_any()
    } else {
        view! { <span>{title}</span> }.into_any()
    };
    let note = move || {
        let text = text.get();
        if !available {
            return view! { <span class="tag">{text.announced}</span> }.into_any();
        }
        let lesson = store.lesson(lang.get(), &id).get();
        let Some(lesson) = lesson.ready() else { return ().into_any() };
        let all = lesson.steps.len();
        let steps = lesson.steps.iter().map(|step| step.id.as_str());
        let done = record.with(|record| record.count_done(&id, steps));
        let words = match done {
            0 => fill(text.minutes, &[("minutes", &lesson.minutes.to_string())]),
            done if done == all => text.finished.to_owned(),
            done => {
                let (done, all) = (done.to_string(), all.to_string());
                fill(text.steps_done, &[("done", &done), ("all", &all)])
            }
        };
        view! { <span class="lesson-row-note">{words}</span> }.into_any()
    };
    view! {
        <li class="lesson-row" class:lesson-row-announced=!available>
            <span class="lesson-row-number">{number}</span>
            <div>
                <h3>{heading}</h3>
                <p>{summary}</p>
            </div>
            {note}
        </li>
    }
}

/// Columns and rows of the plate, and the side of one of its cells in the drawing's units.
const PLATE: (u32, u32, u32) = (15, 13, 20);

/// The course's emblem: the FGSM formula over a field of signs, as a gradient's signs look.
#[component]
fn SignPlate() -> impl IntoView {
    let (columns, rows, cell) = PLATE;
    let (plus, minus) = signs(columns, rows, cell);
    let view_box = format!("0 0 {} {}", columns * cell, rows * cell);
    view! {
        <figure class="plate" aria-hidden="true">
            <svg viewBox=view_box>
                <path class="plate-plus" d=plus />
                <path class="plate-minus" d=minus />
            </svg>
            <figcaption>
                <var>"x"</var>
                "′ = "
                <var>"x"</var>
                " + "
                <var>"ε"</var>
                " · sign("
                <span class="nabla">"∇"</span>
                <sub><var>"x"</var></sub>
                " "
                <var>"J"</var>
                ")"
            </figcaption>
        </figure>
    }
}

/// The strokes of all plus signs and of all minus signs: a pattern with some grain to it, the same
/// every time.
fn signs(columns: u32, rows: u32, cell: u32) -> (String, String) {
    let (mut plus, mut minus) = (String::new(), String::new());
    let mut noise = 0x9E37_79B9_u32;
    for row in 0..rows {
        for column in 0..columns {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            let (x, y) = (column * cell + cell / 2, row * cell + cell / 2);
            let wave = (column + 2 * row) % 9 < 5;
            if wave ^ noise.is_multiple_of(4) {
                plus.push_str(&format!("M{} {y}h10M{x} {}v10", x - 5, y - 5));
            } else {
                minus.push_str(&format!("M{} {y}h10", x - 5));
            }
        }
    }
    (plus, minus)
}
