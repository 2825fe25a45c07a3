//! Offline use.

use leptos::prelude::window;
use wasm_bindgen_futures::spawn_local;

/// Registers `sw.js` next to the page. Where that is not possible (private windows, no HTTPS) the
/// page works online only, which needs no words.
pub fn register() {
    let navigator = window().navigator();
    let key = wasm_bindgen::JsValue::from_str("serviceWorker");
    if !js_sys::Reflect::has(&navigator, &key).unwrap_or(false) {
        return;
    }
    let registration = navigator.service_worker().register("sw.js");
    spawn_local(async move {
        let _ = wasm_bindgen_futures::JsFuture::from(registration).await;
    });
}
