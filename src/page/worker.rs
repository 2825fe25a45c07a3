//! One engine's worker: how it is started, heard and ended.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::{ErrorEvent, File, MessageEvent, Worker, WorkerOptions};

use super::thrown::describe;
use crate::protocol::{FromEngine, ToEngine};

/// What a worker lets the page know.
pub enum Heard {
    /// What the engine said.
    Message(FromEngine),
    /// It stopped, or said something that is not in the protocol. Nothing is known of a worker that
    /// could not be loaded.
    Stopped(Option<String>),
}

/// Why a worker was not started.
pub enum Refusal {
    /// The browser does not look at a worker's `type`: it cannot run a module in it.
    NoModules,
    /// What the browser said.
    Other(String),
}

/// A running worker. Dropping it ends it.
pub struct EngineWorker {
    worker: Worker,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(ErrorEvent)>,
    on_message_error: Closure<dyn Fn(MessageEvent)>,
}

impl EngineWorker {
    /// Starts the module at `script` (relative to the page) in a worker.
    ///
    /// # Errors
    /// Why there is no worker.
    pub fn start(script: &str, hear: impl Fn(Heard) + 'static) -> Result<Self, Refusal> {
        let asked = Rc::new(Cell::new(false));
        let worker = Worker::new_with_options(script, &module_options(&asked))
            .map_err(|error| Refusal::Other(describe(&error)))?;
        if !asked.get() {
            worker.terminate();
            return Err(Refusal::NoModules);
        }
        let hear = Rc::new(hear);
        let (heard, lost) = (Rc::clone(&hear), Rc::clone(&hear));
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            heard(match serde_wasm_bindgen::from_value(event.data()) {
                Ok(message) => Heard::Message(message),
                Err(error) => Heard::Stopped(Some(format!("not in the protocol: {error}"))),
            });
        });
        let on_error = Closure::<dyn Fn(ErrorEvent)>::new(move |event: ErrorEvent| {
            // Handled here, so it need not be in the console as well.
            event.prevent_default();
            let message = Reflect::get(&event, &"message".into()).ok();
            hear(Heard::Stopped(message.and_then(|message| message.as_string())));
        });
        // Without this a message that cannot be read would be lost, and its job wait for ever.
        let on_message_error = Closure::<dyn Fn(MessageEvent)>::new(move |_| {
            lost(Heard::Stopped(Some("a message could not be read".to_owned())));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let on_lost = on_message_error.as_ref().unchecked_ref();
        worker
            .add_event_listener_with_callback("messageerror", on_lost)
            .map_err(|error| Refusal::Other(describe(&error)))?;
        Ok(Self { worker, _on_message: on_message, _on_error: on_error, on_message_error })
    }

    /// Sends a message; its byte arrays change hands instead of being copied.
    ///
    /// # Errors
    /// What the browser said if it refused.
    pub fn post(&self, message: &ToEngine) -> Result<(), String> {
        let value = written(message)?;
        let buffers = Array::new();
        collect_buffers(&value, &buffers);
        self.worker.post_message_with_transfer(&value, &buffers).map_err(|error| describe(&error))
    }

    /// Sends a message with files beside it, of which nothing is read here.
    ///
    /// # Errors
    /// As for [`Self::post`].
    pub fn post_with(&self, message: &ToEngine, files: &[File]) -> Result<(), String> {
        let (both, files) = (Object::new(), files.iter().collect::<Array>());
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&both, &"message".into(), &written(message)?);
        let _ = Reflect::set(&both, &"files".into(), &files);
        self.worker.post_message(&both).map_err(|error| describe(&error))
    }
}

impl Drop for EngineWorker {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        let on_lost = self.on_message_error.as_ref().unchecked_ref();
        // A listener that was added can be removed.
        let _ = self.worker.remove_event_listener_with_callback("messageerror", on_lost);
        self.worker.terminate();
    }
}

/// Options that ask for a module and note in `asked` whether the browser looked.
fn module_options(asked: &Rc<Cell<bool>>) -> WorkerOptions {
    let (options, property) = (Object::new(), Object::new());
    let asked = Rc::clone(asked);
    let getter = Closure::<dyn Fn() -> JsValue>::new(move || {
        asked.set(true);
        JsValue::from_str("module")
    });
    // Setting a property of a fresh plain object cannot fail.
    let _ = Reflect::set(&property, &"get".into(), &getter.into_js_value());
    Object::define_property(&options, &"type".into(), &property);
    options.unchecked_into()
}

fn written(message: &ToEngine) -> Result<JsValue, String> {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    message.serialize(&serializer).map_err(|error| error.to_string())
}

fn collect_buffers(value: &JsValue, buffers: &Array) {
    if let Some(bytes) = value.dyn_ref::<Uint8Array>() {
        buffers.push(&bytes.buffer());
    } else if !Array::is_array(value)
        && let Some(object) = value.dyn_ref::<Object>()
    {
        for part in Object::values(object) {
            collect_buffers(&part, buffers);
        }
    }
}
