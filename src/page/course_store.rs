//! The course's files, fetched once and kept: `lessons/course.json` and `lessons/<lang>/<id>.md`.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::files;
use super::lang::Lang;
use crate::lessons::{Course, Lesson};

/// A file on its way.
#[derive(Debug)]
pub enum Load<T> {
    Loading,
    Ready(Arc<T>),
    /// It did not come or cannot be read; why, in English.
    Failed(Arc<str>),
}

impl<T> Clone for Load<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Loading => Self::Loading,
            Self::Ready(value) => Self::Ready(Arc::clone(value)),
            Self::Failed(detail) => Self::Failed(Arc::clone(detail)),
        }
    }
}

/// Two that are ready are the same if they are one file.
impl<T> PartialEq for Load<T> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Loading, Self::Loading) => true,
            (Self::Ready(one), Self::Ready(other)) => Arc::ptr_eq(one, other),
            (Self::Failed(one), Self::Failed(other)) => one == other,
            _ => false,
        }
    }
}

impl<T> Load<T> {
    /// The file, if it is there.
    pub fn ready(&self) -> Option<&Arc<T>> {
        match self {
            Self::Ready(value) => Some(value),
            _ => None,
        }
    }
}

#[derive(Clone)]
struct Kept {
    lang: Lang,
    id: String,
    lesson: RwSignal<Load<Lesson>>,
}

/// The course and its lessons.
#[derive(Clone, Copy)]
pub struct CourseStore {
    course: RwSignal<Load<Course>>,
    lessons: StoredValue<Vec<Kept>>,
    owner: StoredValue<Owner>,
}

impl CourseStore {
    /// Begins to fetch the list of lessons. To be called once, under the owner that lives as long
    /// as the page.
    pub fn open() -> Self {
        let store = Self {
            course: RwSignal::new(Load::Loading),
            lessons: StoredValue::new(Vec::new()),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        };
        store.fetch_course();
        store
    }

    /// The list of lessons.
    pub fn course(&self) -> ReadSignal<Load<Course>> {
        self.course.read_only()
    }

    /// A lesson in a language; fetched if it was not yet.
    pub fn lesson(&self, lang: Lang, id: &str) -> ReadSignal<Load<Lesson>> {
        let known = self.lessons.with_value(|kept| {
            kept.iter().find(|kept| kept.lang == lang && kept.id == id).map(|kept| kept.lesson)
        });
        let lesson = known.unwrap_or_else(|| {
            let lesson = self.owner.get_value().with(|| RwSignal::new(Load::Loading));
            self.lessons.update_value(|kept| kept.push(Kept { lang, id: id.to_owned(), lesson }));
            fetch_lesson(lang, id.to_owned(), lesson);
            lesson
        });
        lesson.read_only()
    }

    /// Fetches again what failed.
    pub fn retry(&self) {
        if matches!(self.course.get_untracked(), Load::Failed(_)) {
            self.fetch_course();
        }
        for kept in self.lessons.get_value() {
            if matches!(kept.lesson.get_untracked(), Load::Failed(_)) {
                fetch_lesson(kept.lang, kept.id, kept.lesson);
            }
        }
    }

    fn fetch_course(&self) {
        let course = self.course;
        course.set(Load::Loading);
        spawn_local(async move {
            let read = |json: String| Course::parse(&json).map_err(|error| error.to_string());
            let loaded = fetch_text("lessons/course.json").await.and_then(read);
            course.set(load(loaded));
        });
    }
}

/// The course, from the context.
pub fn use_course() -> CourseStore {
    expect_context()
}

fn fetch_lesson(lang: Lang, id: String, lesson: RwSignal<Load<Lesson>>) {
    lesson.set(Load::Loading);
    spawn_local(async move {
        let address = format!("lessons/{}/{id}.md", lang.code());
        let read = |markdown: String| Lesson::parse(&markdown).map_err(|error| error.to_string());
        let loaded = fetch_text(&address).await.and_then(read);
        lesson.set(load(loaded));
    });
}

fn load<T>(result: Result<T, String>) -> Load<T> {
    match result {
        Ok(value) => Load::Ready(Arc::new(value)),
        Err(detail) => Load::Failed(detail.into()),
    }
}

/// A text file next to the page.
async fn fetch_text(address: &str) -> Result<String, String> {
    let bytes = files::fetch(address).await.map_err(|problem| problem.detail)?;
    String::from_utf8(bytes).map_err(|error| format!("{address}: {error}"))
}
