//! What JavaScript throws, in words.

use wasm_bindgen::{JsCast, JsValue};

/// What a thrown value says of itself.
pub fn describe(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.to_string()),
        None => error.as_string().unwrap_or_else(|| format!("{error:?}")),
    }
}
