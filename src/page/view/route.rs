//! From the link to what is shown.

use leptos::prelude::*;

use super::failure::LoadFailure;
use super::front::Front;
use super::lesson::LessonPage;
use super::missing::{NotFound, NotYet, Unknown};
use crate::lessons::Status;
use crate::page::course_store::{Load, use_course};
use crate::page::place::{use_lang, use_place};
use crate::page::text::use_text;

/// What the link leads to.
#[component]
pub fn Route() -> impl IntoView {
    let (place, store, lang) = (use_place(), use_course(), use_lang());
    let shown = Memo::new(move |_| place.link().with(|link| link.lesson.clone()));
    move || {
        let id = shown.get();
        // A lesson changes its language by itself; everything else is built anew, with its title.
        if id.is_empty() {
            lang.track();
            return view! { <Front /> }.into_any();
        }
        match store.course().get() {
            Load::Loading => view! { <Loading /> }.into_any(),
            Load::Failed(detail) => view! { <Failed detail=detail.to_string() /> }.into_any(),
            Load::Ready(course) => match course.lesson(&id) {
                None => {
                    lang.track();
                    let what = Unknown::Lesson;
                    view! { <NotFound what=what lesson=id step=String::new() /> }.into_any()
                }
                Some(entry) if entry.status == Status::Announced => {
                    let code = lang.get().code();
                    let (title, summary) =
                        (entry.title(code).to_owned(), entry.summary(code).to_owned());
                    view! { <NotYet lesson=id title summary /> }.into_any()
                }
                Some(entry) => {
                    let number = entry.number.clone();
                    view! { <LessonPage id number /> }.into_any()
                }
            },
        }
    }
}

/// Something is on its way.
#[component]
pub fn Loading() -> impl IntoView {
    let text = use_text();
    view! {
        <main id="main" class="plain" tabindex="-1">
            <p class="loading" role="status">{move || text.get().loading}</p>
        </main>
    }
}

/// Something did not come.
#[component]
pub fn Failed(detail: String) -> impl IntoView {
    let store = use_course();
    view! {
        <main id="main" class="plain" tabindex="-1">
            <LoadFailure detail retry=Callback::new(move |()| store.retry()) />
        </main>
    }
}
