//! A modal dialogue: the browser keeps the focus in it and closes it on Escape.

use leptos::html;
use leptos::prelude::*;

use super::icons::{CLOSE, Icon};
use crate::page::text::use_text;

/// A dialogue with a heading and a way to close it.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    /// How it comes: `drawer` or `panel`.
    class: &'static str,
    /// Its heading.
    title: Signal<&'static str>,
    /// Names its heading on the page.
    title_id: &'static str,
    /// What is in it, built each time it opens.
    children: ChildrenFn,
) -> impl IntoView {
    let text = use_text();
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = element.get() else { return };
        if open.get() && !dialog.open() {
            // Refused only if it is open already.
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    let close_outside = move |event: leptos::ev::MouseEvent| {
        // A click on the backdrop counts as one on the dialogue itself.
        if event.target().is_some() && event.target() == event.current_target() {
            open.set(false);
        }
    };
    view! {
        <dialog
            node_ref=element
            class=class
            aria-labelledby=title_id
            on:close=move |_| open.set(false)
            on:click=close_outside
        >
            <Show when=move || open.get()>
                <div class="dialog-body">
                    <div class="dialog-head">
                        <h2 id=title_id>{move || title.get()}</h2>
                        <button
                            type="button"
                            class="icon-button"
                            aria-label=move || text.get().close
                            on:click=move |_| open.set(false)
                        >
                            <Icon path=CLOSE />
                        </button>
                    </div>
                    {children()}
                </div>
            </Show>
        </dialog>
    }
}
