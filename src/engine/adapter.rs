//! The browser's WebGPU adapter, asked directly (W3C WebGPU, section 4.3).

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::host;
use crate::protocol::{Problem, ProblemKind};

/// The limits that decide which models and pictures fit.
const LIMITS: [&str; 7] = [
    "maxStorageBufferBindingSize",
    "maxBufferSize",
    "maxStorageBuffersPerShaderStage",
    "maxComputeWorkgroupStorageSize",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupSizeX",
    "maxComputeWorkgroupsPerDimension",
];

/// What an adapter says of itself.
pub struct Adapter {
    pub description: String,
    /// Limits by WebGPU's names, in its units.
    pub limits: Vec<(String, u64)>,
}

/// Asks for the adapter that the engine will compute on.
///
/// # Errors
/// [`ProblemKind::NoWebGpu`] if the browser has no WebGPU or no adapter.
pub async fn probe() -> Result<Adapter, Problem> {
    let adapter = request().await.map_err(|error| no_web_gpu(host::describe(&error)))?;
    if adapter.is_null() || adapter.is_undefined() {
        return Err(no_web_gpu("the browser has no adapter to offer".to_owned()));
    }
    Ok(Adapter { description: describe(&adapter), limits: limits(&adapter) })
}

fn no_web_gpu(detail: String) -> Problem {
    Problem::new(ProblemKind::NoWebGpu, "WebGPU", detail)
}

async fn request() -> Result<JsValue, JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let gpu = Reflect::get(&navigator, &"gpu".into())?;
    if gpu.is_undefined() {
        return Err(JsValue::from_str("the browser has no WebGPU in workers"));
    }
    let ask: Function = Reflect::get(&gpu, &"requestAdapter".into())?.dyn_into()?;
    let options = Object::new();
    // The same wish that burn has, so that both get the same adapter.
    Reflect::set(&options, &"powerPreference".into(), &"high-performance".into())?;
    let answer: Promise = ask.call1(&gpu, &options)?.dyn_into()?;
    JsFuture::from(answer).await
}

/// Vendor, architecture, device and description, as far as the browser tells, and whether the
/// adapter is software.
fn describe(adapter: &JsValue) -> String {
    let Ok(info) = Reflect::get(adapter, &"info".into()) else { return String::new() };
    let mut words: Vec<String> = ["vendor", "architecture", "device", "description"]
        .into_iter()
        .filter_map(|name| Reflect::get(&info, &name.into()).ok()?.as_string())
        .filter(|text| !text.is_empty())
        .collect();
    if Reflect::get(&info, &"isFallbackAdapter".into()).is_ok_and(|value| value.is_truthy()) {
        words.push("fallback adapter (software)".to_owned());
    }
    words.join(", ")
}

fn limits(adapter: &JsValue) -> Vec<(String, u64)> {
    let Ok(limits) = Reflect::get(adapter, &"limits".into()) else { return Vec::new() };
    LIMITS
        .into_iter()
        .filter_map(|name| {
            let value = Reflect::get(&limits, &name.into()).ok()?.as_f64()?;
            Some((name.to_owned(), value as u64))
        })
        .collect()
}
