//! A part of the course that did not come.

use leptos::prelude::*;

use crate::page::problem_note::Detail;
use crate::page::text::use_text;

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
            <Detail detail />
        </div>
    }
}
