//! A button that opens the system's file dialog.

use leptos::html::Input;
use leptos::prelude::*;
use web_sys::FileList;

/// Hands the picked files to `open`. `accept` is as in HTML.
#[component]
pub fn FileButton(
    #[prop(into)] label: Signal<&'static str>,
    accept: &'static str,
    /// Whether several files can be picked at once.
    #[prop(optional)]
    multiple: bool,
    #[prop(into)] open: Callback<FileList>,
) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    let picked = move |_| {
        let Some(input) = input.get() else { return };
        if let Some(files) = input.files().filter(|files| files.length() > 0) {
            open.run(files);
        }
        // So that picking the same file again is a change too.
        input.set_value("");
    };
    view! {
        <label class="button bench-file">
            <input type="file" accept=accept multiple=multiple node_ref=input on:change=picked />
            <span>{move || label.get()}</span>
        </label>
    }
}
