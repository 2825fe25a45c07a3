//! A problem with what happened, what to do, and the detail for whoever wants to report it.

use leptos::prelude::*;

use crate::page::place::use_lang;
use crate::page::text::{problem_text, use_text};
use crate::protocol::Problem;

#[component]
pub fn ProblemNote(problem: Problem) -> impl IntoView {
    let (text, lang) = (use_text(), use_lang());
    let detail = problem.detail.clone();
    let words = Memo::new(move |_| {
        let words = problem_text(lang.get(), &problem);
        (words.what, words.advice)
    });
    view! {
        <div class="problem" role="alert">
            <p class="problem-what">{move || words.get().0}</p>
            <p>{move || words.get().1}</p>
            <Detail text=text detail=detail />
        </div>
    }
}

/// A file that did not come, with a button to try again.
#[component]
pub fn LoadFailure(
    /// Why, in English.
    detail: String,
    /// Tries again.
    retry: Callback<()>,
) -> impl IntoView {
    let text = use_text();
    view! {
        <div class="problem" role="alert">
            <p class="problem-what">{move || text.get().loading_failed}</p>
            <p>
                <button type="button" class="button" on:click=move |_| retry.run(())>
                    {move || text.get().retry}
                </button>
            </p>
            <Detail text=text detail=detail />
        </div>
    }
}

#[component]
fn Detail(text: Signal<&'static crate::page::text::Text>, detail: String) -> impl IntoView {
    (!detail.is_empty()).then(|| {
        view! {
            <details class="problem-detail">
                <summary>{move || text.get().technical_detail}</summary>
                <code>{detail}</code>
            </details>
        }
    })
}
