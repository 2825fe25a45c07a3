//! A problem, beside the thing it happened to.

use leptos::prelude::*;

use super::words::use_words;
use crate::page::text::problem_text;
use crate::protocol::Problem;

/// Says what happened, to what, and what can be done, while there is a problem. With `retry` it
/// offers to try again.
#[component]
pub fn ProblemNote(
    #[prop(into)] problem: Signal<Option<Problem>>,
    #[prop(into, optional)] retry: Option<Callback<()>>,
) -> impl IntoView {
    let words = use_words();
    let note = move |problem: Problem| {
        let said = problem_text(words.lang(), &problem);
        let detail = (!problem.detail.is_empty()).then(|| {
            view! {
                <details class="problem-detail">
                    <summary>{move || words.text().details}</summary>
                    <code>{problem.detail.clone()}</code>
                </details>
            }
        });
        let again = retry.map(|retry| {
            view! {
                <button type="button" class="button" on:click=move |_| retry.run(())>
                    {move || words.text().try_again}
                </button>
            }
        });
        view! {
            <div class="problem" role="alert">
                <p class="problem-what">{said.what}</p>
                <p>{said.advice}</p>
                {detail}
                {again}
            </div>
        }
    };
    move || problem.get().map(note)
}
