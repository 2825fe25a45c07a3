//! A problem, beside the thing it happened to.

use leptos::prelude::*;

use super::place::use_lang;
use super::text::{problem_text, use_text};
use crate::protocol::{Problem, ProblemKind};

/// Says what happened, to what, and what can be done, while there is a problem. With `retry` it
/// offers to try again.
#[component]
pub fn ProblemNote(
    #[prop(into)] problem: Signal<Option<Problem>>,
    #[prop(into, optional)] retry: Option<Callback<()>>,
) -> impl IntoView {
    let (text, lang) = (use_text(), use_lang());
    let note = move |problem: Problem| {
        let said = problem_text(lang.get(), &problem);
        let again = retry.filter(|_| can_pass(problem.kind)).map(|retry| {
            view! {
                <button type="button" class="button" on:click=move |_| retry.run(())>
                    {move || text.get().retry}
                </button>
            }
        });
        view! {
            <div class="problem" role="alert">
                <p class="problem-what">{said.what}</p>
                <p>{said.advice}</p>
                <Detail detail=problem.detail />
                {again}
            </div>
        }
    };
    move || problem.get().map(note)
}

/// Whether the same can go well another time.
fn can_pass(kind: ProblemKind) -> bool {
    kind != ProblemKind::NoGradient
}

/// The technical detail, in English, for whoever wants to report it; nothing if it is empty.
#[component]
pub fn Detail(detail: String) -> impl IntoView {
    let text = use_text();
    (!detail.is_empty()).then(|| {
        view! {
            <details class="problem-detail">
                <summary>{move || text.get().technical_detail}</summary>
                <code>{detail}</code>
            </details>
        }
    })
}
