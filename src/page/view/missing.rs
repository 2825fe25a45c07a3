//! Addresses that lead nowhere, and lessons that are not there yet.

use leptos::prelude::*;

use super::arrival::arrive;
use super::front::LessonList;
use crate::page::fill::fill;
use crate::page::place::use_place;
use crate::page::text::use_text;

/// What an unknown link named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    Lesson,
    /// A step of a lesson that exists.
    Step,
}

/// An address that leads nowhere. `step` is empty where the lesson is unknown.
#[component]
pub fn NotFound(what: Unknown, lesson: String, step: String) -> impl IntoView {
    let (text, place) = (use_text(), use_place());
    arrive(&lesson, &step, "main");
    document().set_title(text.get_untracked().not_found);
    let name = if what == Unknown::Lesson { lesson.clone() } else { step };
    let sentence = move || {
        let text = text.get();
        let template = match what {
            Unknown::Lesson => text.not_found_lesson,
            Unknown::Step => text.not_found_step,
        };
        fill(template, &[("name", &name)])
    };
    let to_lesson = (what == Unknown::Step).then(|| {
        view! {
            <a class="button" href=move || place.href(&lesson, "")>
                {move || text.get().to_lesson_start}
            </a>
        }
    });
    view! {
        <main id="main" class="plain" tabindex="-1">
            <h1>{move || text.get().not_found}</h1>
            <p>{sentence}</p>
            <p class="button-row">
                {to_lesson}
                <a class="button" href=move || place.href("", "")>
                    {move || text.get().to_front_page}
                </a>
            </p>
        </main>
    }
}

/// An announced lesson.
#[component]
pub fn NotYet(lesson: String, title: String, summary: String) -> impl IntoView {
    let text = use_text();
    arrive(&lesson, "", "main");
    document().set_title(&title);
    view! {
        <main id="main" class="plain" tabindex="-1">
            <p class="eyebrow">{move || text.get().not_yet}</p>
            <h1>{title}</h1>
            <p class="lead">{summary}</p>
            <p>{move || text.get().not_yet_body}</p>
            <LessonList only_available=true />
        </main>
    }
}
