//! The course as data: what is under `www/lessons`, read and checked.
//!
//! [`Course`] is `course.json`, the list of lessons. [`Lesson`] is one Markdown file: front matter,
//! steps, and in each step [`Block`]s of HTML and widgets in the order they were written. The page sets the
//! HTML as it is, so nothing gets through here that could run or restyle the page: see
//! [`Fault`] for everything that is refused. `www/lessons/README.md` tells authors the rules.

mod callout;
mod course;
mod fault;
mod front_matter;
mod lesson;
mod markup;
mod nesting;
mod reader;
mod widget;

pub use course::{Course, CourseError, LessonEntry, Status};
pub use fault::{Fault, LessonError};
pub use lesson::{Block, Lesson, Step};

/// Whether `text` can name a lesson, a step, a widget or a language: lower-case ASCII letters,
/// digits, `-` and `_`, beginning with a letter.
fn is_slug(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}
