//! What is imported, among all that this browser keeps.

use leptos::prelude::*;

use super::delete::DeleteImport;
use super::state::{Outcome, use_large};
use super::text::large_text;
use crate::page::bench::words::{Words, use_words};
use crate::page::guard::fields::keeper;
use crate::page::guard::words::filled;
use crate::page::numbers;
use crate::page::problem_note::ProblemNote;
use crate::protocol::KeptImport;

/// Every import with its size and a way to be rid of it; nothing where there is none.
#[component]
pub fn KeptImports() -> impl IntoView {
    let (large, words) = (use_large(), use_words());
    large.refresh();
    let all = Memo::new(move |_| large.with(|report| report.kept.clone()).unwrap_or_default());
    let row = move |kept: KeptImport| {
        let name = name(words, &kept);
        let said = said(words, &kept);
        view! {
            <li>
                <p>{said}</p>
                <DeleteImport guard=kept.guard name bytes=kept.bytes />
            </li>
        }
        .into_any()
    };
    let deleted = move || {
        let deleted = large.outcome().get() == Some(Outcome::Deleted);
        deleted.then(|| large_text(words.lang()).deleted)
    };
    let nothing = Signal::derive(move || all.with(Vec::is_empty));
    let inside = view! {
        <ul class="large-kept">{move || all.get().into_iter().map(row).collect_view()}</ul>
        <p role="status">{deleted}</p>
        <ProblemNote problem=large.deletion_problem() />
    };
    keeper(nothing, inside.into_any())
}

/// What an import is called, whatever is left of it.
pub fn name(words: Words, kept: &KeptImport) -> String {
    let name = words.localised(&kept.title);
    if name.is_empty() { kept.guard.clone() } else { name }
}

/// What is kept, in a sentence.
pub fn said(words: Words, kept: &KeptImport) -> String {
    let text = large_text(words.lang());
    let name = name(words, kept);
    let share = || {
        let share = kept.done as f32 / kept.total.max(1) as f32;
        numbers::percent(words.lang(), share, 0)
    };
    if kept.in_use {
        filled(text.in_use, &[("name", name), ("share", share())])
    } else if kept.complete {
        filled(text.kept, &[("name", name), ("size", words.bytes(kept.bytes))])
    } else if kept.total == 0 {
        filled(text.broken, &[("name", name)])
    } else {
        filled(text.unfinished, &[("name", name), ("share", share())])
    }
}
