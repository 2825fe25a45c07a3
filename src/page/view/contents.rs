//! The lessons and, of the one that is open, the steps: a column, or a drawer where it is narrow.

use leptos::prelude::*;

use super::dialog::Dialog;
use super::icons::{CHECK, Icon};
use crate::lessons::{LessonEntry, Status};
use crate::page::course_store::use_course;
use crate::page::place::{use_lang, use_place};
use crate::page::storage::use_record;
use crate::page::text::use_text;

/// The contents as a drawer that closes when a step is chosen.
#[component]
pub fn ContentsDrawer(open: RwSignal<bool>) -> impl IntoView {
    let (text, place) = (use_text(), use_place());
    let step =
        Memo::new(move |_| place.link().with(|link| (link.lesson.clone(), link.step.clone())));
    Effect::new(move |before: Option<(String, String)>| {
        let now = step.get();
        if before.is_some_and(|before| before != now) {
            open.set(false);
        }
        now
    });
    let title = Signal::derive(move || text.get().contents);
    // A link to the step that is shown changes nothing that could be followed.
    let clicked = move |event: leptos::ev::MouseEvent| {
        let link = event_target::<web_sys::Element>(&event).closest("a");
        if link.is_ok_and(|link| link.is_some()) {
            open.set(false);
        }
    };
    view! {
        <Dialog open class="drawer" title title_id="drawer-title">
            <div on:click=clicked>
                <Contents />
            </div>
        </Dialog>
    }
}

/// The contents themselves.
#[component]
pub fn Contents() -> impl IntoView {
    let (text, store) = (use_text(), use_course());
    let lessons = move || {
        let course = store.course().get();
        course.ready().map(|course| {
            let lessons = course.lessons.iter().cloned();
            lessons.map(|entry| view! { <ContentsLesson entry /> }).collect_view()
        })
    };
    view! {
        <nav class="contents" aria-label=move || text.get().contents>
            <ol class="contents-lessons">{lessons}</ol>
        </nav>
    }
}

#[component]
fn ContentsLesson(entry: LessonEntry) -> impl IntoView {
    let (text, place, lang) = (use_text(), use_place(), use_lang());
    let id = StoredValue::new(entry.id.clone());
    let title = {
        let entry = entry.clone();
        move || entry.title(lang.get().code()).to_owned()
    };
    let name = if entry.status == Status::Available {
        let href = move || id.with_value(|id| place.href(id, ""));
        view! { <a class="contents-lesson" href=href>{title}</a> }.into_any()
    } else {
        view! {
            <span class="contents-lesson contents-lesson-announced">
                {title} " "
                <span class="tag">{move || text.get().announced}</span>
            </span>
        }
        .into_any()
    };
    let open = Memo::new(move |_| {
        place.link().with(|link| id.with_value(|id| link.lesson == *id))
            && entry.status == Status::Available
    });
    view! {
        <li>
            <span class="contents-number" aria-hidden="true">{entry.number}</span>
            {name}
            {move || open.get().then(|| view! { <ContentsSteps lesson=id /> })}
        </li>
    }
}

#[component]
fn ContentsSteps(lesson: StoredValue<String>) -> impl IntoView {
    let (text, place, lang) = (use_text(), use_place(), use_lang());
    let (store, record) = (use_course(), use_record());
    move || {
        let loaded = lesson.with_value(|id| store.lesson(lang.get(), id)).get();
        let loaded = loaded.ready()?;
        let steps = loaded.steps.iter().map(|step| {
            let (title, id) = (step.title.clone(), StoredValue::new(step.id.clone()));
            let done = Memo::new(move |_| {
                lesson.with_value(|lesson| {
                    id.with_value(|id| record.with(|record| record.is_done(lesson, id)))
                })
            });
            let current =
                Memo::new(move |_| place.link().with(|link| id.with_value(|id| link.step == *id)));
            let href =
                move || lesson.with_value(|lesson| id.with_value(|id| place.href(lesson, id)));
            let mark = move || {
                done.get().then(|| {
                    view! {
                        <Icon path=CHECK />
                        <span class="visually-hidden">" (" {move || text.get().step_done} ")"</span>
                    }
                })
            };
            view! {
                <li class:done=move || done.get()>
                    <a href=href aria-current=move || current.get().then_some("step")>
                        <span>{title}</span>
                        {mark}
                    </a>
                </li>
            }
        });
        Some(view! { <ol class="contents-steps">{steps.collect_view()}</ol> })
    }
}
