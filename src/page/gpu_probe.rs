//! Whether WebGPU is worth fetching an engine for. Asked by reflection, because the typed bindings
//! of WebGPU are not stable.

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::engine_state::Absence;

/// Software that poses as a graphics adapter, by the names it gives itself.
const SOFTWARE: [&str; 4] = ["swiftshader", "llvmpipe", "lavapipe", "basic render"];

/// Asks the browser for an adapter.
///
/// # Errors
/// Why there is none, or none that would be faster than the CPU engine.
pub async fn find_adapter() -> Result<(), Absence> {
    let gpu = get(window().navigator().as_ref(), "gpu").ok_or(Absence::NoWebGpu)?;
    let request = get(&gpu, "requestAdapter")
        .and_then(|request| request.dyn_into::<Function>().ok())
        .ok_or(Absence::NoWebGpu)?;
    let promise = request.call0(&gpu).ok().and_then(|promise| promise.dyn_into::<Promise>().ok());
    let adapter = match promise {
        Some(promise) => JsFuture::from(promise).await.ok(),
        None => None,
    };
    let adapter = adapter.filter(|adapter| adapter.is_object()).ok_or(Absence::NoAdapter)?;
    if is_software(&adapter) { Err(Absence::SoftwareAdapter) } else { Ok(()) }
}

/// Whether the reader asked the browser to save data.
pub fn saves_data() -> bool {
    get(window().navigator().as_ref(), "connection")
        .and_then(|connection| get(&connection, "saveData"))
        .is_some_and(|saves| saves.is_truthy())
}

fn is_software(adapter: &JsValue) -> bool {
    let info = get(adapter, "info");
    let fallback = [Some(adapter), info.as_ref()]
        .into_iter()
        .flatten()
        .filter_map(|source| get(source, "isFallbackAdapter"))
        .any(|fallback| fallback.is_truthy());
    let named = info.is_some_and(|info| {
        ["vendor", "architecture", "device", "description"]
            .into_iter()
            .filter_map(|name| get(&info, name)?.as_string())
            .any(|words| SOFTWARE.iter().any(|name| words.to_lowercase().contains(name)))
    });
    fallback || named
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &JsValue::from_str(name)).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}
