//! Files that are dropped or pasted anywhere on the page. Without this, a browser that is given a
//! file leaves the page for it.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Event, FileList, HtmlElement};

/// Hands dropped and pasted files to `open`, until the caller's owner is gone. A drop without files
/// is handed over as an empty list.
pub fn take_files(open: Callback<FileList>) {
    let over = window_event_listener(ev::dragover, |event| {
        if !is_for_text(&event) {
            event.prevent_default();
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        if is_for_text(&event) {
            return;
        }
        event.prevent_default();
        if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
            open.run(files);
        }
    });
    let paste = window_event_listener(ev::paste, move |event| {
        let files = event.clipboard_data().and_then(|data| data.files());
        if let Some(files) = files.filter(|files| files.length() > 0 && !is_for_text(&event)) {
            event.prevent_default();
            open.run(files);
        }
    });
    on_cleanup(move || {
        over.remove();
        drop.remove();
        paste.remove();
    });
}

/// Whether an event happens to a field that takes text.
fn is_for_text(event: &Event) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|target| match target.tag_name().as_str() {
        "TEXTAREA" => true,
        "INPUT" => {
            matches!(target.get_attribute("type").as_deref(), None | Some("text" | "search"))
        }
        _ => false,
    })
}
