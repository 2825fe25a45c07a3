//! Deleting an import, which takes gigabytes to bring back: hence the second question.

use leptos::html::Button;
use leptos::prelude::*;

use super::state::use_large;
use super::text::large_text;
use crate::page::bench::words::use_words;
use crate::page::guard::words::filled;

/// A button that asks before it deletes the import of that guard.
#[component]
pub fn DeleteImport(guard: String, name: String, bytes: u64) -> impl IntoView {
    let (large, words) = (use_large(), use_words());
    let text = move || large_text(words.lang());
    let asking = RwSignal::new(false);
    let (ask, keep) = (NodeRef::<Button>::new(), NodeRef::<Button>::new());
    let busy = Memo::new(move |_| large.running().get().is_some() || large.deleting().get());
    // The focus follows the question, and goes back with it.
    Effect::new(move |before: Option<bool>| {
        let asks = asking.get();
        if before.is_some_and(|before| before != asks) {
            request_animation_frame(move || {
                let place = if asks { keep } else { ask };
                if let Some(button) = place.try_get_untracked().flatten() {
                    // An element that cannot take the focus leaves it where it is.
                    let _ = button.focus();
                }
            });
        }
        asks
    });
    let question = Signal::derive({
        let name = name.clone();
        move || {
            let size = words.bytes(bytes);
            filled(text().really_delete, &[("name", name.clone()), ("size", size)])
        }
    });
    let guard = StoredValue::new(guard);
    let delete = move |_| {
        asking.set(false);
        large.delete(guard.get_value());
    };
    let label = move || filled(text().delete, &[("name", name.clone())]);
    view! {
        <div class="large-delete">
            <button
                type="button"
                class="button"
                node_ref=ask
                hidden=move || asking.get()
                disabled=busy
                on:click=move |_| asking.set(true)
            >
                {label}
            </button>
            <div role="alertdialog" aria-label=question hidden=move || !asking.get()>
                <p>{move || question.get()}</p>
                <p class="bench-row">
                    <button type="button" class="button" on:click=delete>
                        {move || text().yes_delete}
                    </button>
                    <button
                        type="button"
                        class="button"
                        node_ref=keep
                        on:click=move |_| asking.set(false)
                    >
                        {move || text().no_keep}
                    </button>
                </p>
            </div>
        </div>
    }
    .into_any()
}
