//! A lesson, one step at a time, beside the contents.

use std::sync::Arc;

use leptos::prelude::*;

use super::contents::Contents;
use super::missing::{NotFound, Unknown};
use super::route::{Failed, Loading};
use super::step::StepView;
use crate::lessons::Lesson;
use crate::page::course_store::{Load, use_course};
use crate::page::place::{use_lang, use_place};
use crate::page::storage::use_record;

/// A lesson beside the contents.
#[component]
pub fn LessonPage(id: String, number: String) -> impl IntoView {
    let (store, lang) = (use_course(), use_lang());
    let lesson = {
        let id = id.clone();
        // The lesson in the old language stays until the new one is there, and with it the place
        // that was scrolled to.
        Memo::new(move |before: Option<&Load<Lesson>>| {
            let load = store.lesson(lang.get(), &id).get();
            match (load, before) {
                (Load::Loading, Some(ready @ Load::Ready(_))) => ready.clone(),
                (load, _) => load,
            }
        })
    };
    let name = StoredValue::new((id, number));
    view! {
        <div class="frame">
            <aside class="frame-contents">
                <Contents />
            </aside>
            {move || match lesson.get() {
                Load::Loading => view! { <Loading /> }.into_any(),
                Load::Failed(detail) => view! { <Failed detail=detail.to_string() /> }.into_any(),
                Load::Ready(lesson) => view! { <Steps lesson name /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Steps(lesson: Arc<Lesson>, name: StoredValue<(String, String)>) -> impl IntoView {
    let (place, record) = (use_place(), use_record());
    let asked = Memo::new(move |_| place.link().with(|link| link.step.clone()));
    move || {
        let step = asked.get();
        let id = name.with_value(|(id, _)| id.clone());
        if step.is_empty() {
            // A link to the lesson as a whole goes on where the learner stopped.
            let steps = lesson.steps.iter().map(|step| step.id.as_str());
            let resumed = record.with_untracked(|record| record.resume(&id, steps));
            let resumed = resumed.unwrap_or_default().to_owned();
            place.replace(|link| link.step = resumed);
            return view! { <Loading /> }.into_any();
        }
        match lesson.position(&step) {
            None => view! { <NotFound what=Unknown::Step lesson=id step=step /> }.into_any(),
            Some(position) => {
                let lesson = Arc::clone(&lesson);
                view! { <StepView lesson name position /> }.into_any()
            }
        }
    }
}
