//! Messages to the page.

use std::cell::Cell;

use js_sys::{Array, Object, Uint8Array};
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

use super::host;
use crate::protocol::{FromEngine, JobId, Problem, ProblemKind};

/// Buffers from this size on are handed over instead of copied.
const WORTH_TRANSFERRING: u32 = 1 << 16;

thread_local! {
    static RUNNING: Cell<Option<JobId>> = const { Cell::new(None) };
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Remembers which job runs, for the last words of an engine that panics.
pub fn set_running(job: Option<JobId>) {
    RUNNING.set(job);
}

/// Whether a job runs.
#[cfg(feature = "guard")]
pub fn is_busy() -> bool {
    RUNNING.get().is_some()
}

/// Whether the engine has said its last word.
pub fn is_silent() -> bool {
    SILENT.get()
}

/// Posts a message, unless the engine has already said its last word.
pub fn post(message: &FromEngine) {
    if is_silent() {
        return;
    }
    if let Err(error) = try_post(message) {
        // Nothing that can be posted would say more: the page learns of it as the worker's error.
        wasm_bindgen::throw_val(error);
    }
}

/// Says that the GPU is gone, and nothing after that.
#[cfg(feature = "webgpu")]
pub fn last_word_device_lost(reason: String) {
    post(&FromEngine::DeviceLost { reason });
    SILENT.set(true);
}

/// Says that a panic ended the running job, and nothing after that.
pub fn last_word_panic(detail: &str) {
    if let Some(job) = RUNNING.get()
        && !is_silent()
    {
        let problem = Problem::new(ProblemKind::Internal, "engine", detail);
        drop(try_post(&FromEngine::Failed { job, problem }));
    }
    SILENT.set(true);
}

fn try_post(message: &FromEngine) -> Result<(), JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    let value = message.serialize(&serializer)?;
    let transfer = Array::new();
    collect_buffers(&value, &transfer);
    host::scope().post_message_with_transfer(&value, &transfer)
}

/// Finds the large byte arrays in a message. Lists hold only small things here (labels, scores), so
/// they are not searched.
fn collect_buffers(value: &JsValue, buffers: &Array) {
    if let Some(bytes) = value.dyn_ref::<Uint8Array>() {
        if bytes.byte_length() >= WORTH_TRANSFERRING {
            buffers.push(&bytes.buffer());
        }
    } else if value.is_object() && !Array::is_array(value) {
        for member in Object::values(value.unchecked_ref()).iter() {
            collect_buffers(&member, buffers);
        }
    }
}
