//! The worker's beginning, and the messages that come in.

use std::{panic, rc::Rc};

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::{host, jobs, jobs::Desk, post, queue::Job, texts};
use crate::protocol::{FromEngine, ToEngine};

/// Starts the engine in the dedicated worker that this runs in. Returns at once; from then on the
/// engine answers messages.
///
/// A panic ends the engine: the running job fails with it, later messages are ignored, and the page
/// starts another one.
pub fn start() {
    panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        post::last_word_panic(&info.to_string());
    }));
    let desk = Rc::new(Desk::default());
    let reception = Rc::clone(&desk);
    host::listen(move |message| receive(&reception, message));
    texts::listen();
    wasm_bindgen_futures::spawn_local(jobs::serve(desk));
    post::post(&FromEngine::Hello);
}

fn receive(desk: &Desk, message: JsValue) {
    if post::is_silent() {
        return;
    }
    let (message, files) = opened(message);
    match serde_wasm_bindgen::from_value(message) {
        Ok(ToEngine::Run { job, request }) => desk.hand_in(Job { id: job, request }, files),
        Ok(ToEngine::Cancel { job }) => desk.cancel(job),
        // Without a job's number it cannot be answered: it becomes the worker's error event.
        Err(error) => wasm_bindgen::throw_val(error.into()),
    }
}

/// A message and the files beside it, if it came with any: then it is `{ message, files }`.
fn opened(posted: JsValue) -> (JsValue, Option<Array>) {
    let member = |name: &str| Reflect::get(&posted, &name.into()).ok();
    let files = member("files").and_then(|files| files.dyn_into::<Array>().ok());
    match (member("message"), files) {
        (Some(message), Some(files)) => (message, Some(files)),
        _ => (posted, None),
    }
}
