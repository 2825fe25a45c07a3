//! What the browser says of the machine that it runs on. Asked by reflection: none of it is everywhere.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Less memory than this, in gigabytes, is a phone's or a small tablet's.
const SMALL_MEMORY: f64 = 4.0;

/// Whether this is a phone, or no larger than one.
pub fn is_small() -> bool {
    let navigator: JsValue = window().navigator().into();
    let mobile = get(&navigator, "userAgentData").and_then(|data| get(&data, "mobile"));
    let named = || {
        let agent = get(&navigator, "userAgent").and_then(|agent| agent.as_string());
        // A tablet of Apple's calls itself a Macintosh, of which none has a screen to touch.
        let touched = get(&navigator, "maxTouchPoints").and_then(|points| points.as_f64());
        let touched = touched.is_some_and(|points| points > 1.0);
        agent.is_some_and(|agent| agent.contains("Mobi") || touched && agent.contains("Macintosh"))
    };
    let memory = get(&navigator, "deviceMemory").and_then(|memory| memory.as_f64());
    mobile.map_or_else(named, |mobile| mobile.is_truthy())
        || memory.is_some_and(|memory| memory < SMALL_MEMORY)
}

/// Asks the browser not to clear what the page keeps when room gets scarce. It may refuse, and then what is
/// kept is kept as before.
pub async fn keep_what_is_stored() {
    let ask = || {
        let storage = get(&window().navigator().into(), "storage")?;
        let ask: Function = get(&storage, "persist")?.dyn_into().ok()?;
        ask.call0(&storage).ok()
    };
    if let Some(answer) = ask() {
        let _ = JsFuture::from(Promise::resolve(&answer)).await;
    }
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}
