//! The worker's surroundings: its global scope, its clock, its event loop.

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel};

/// The worker itself.
pub fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Milliseconds since the worker started, as fine as the browser allows.
pub fn now() -> f64 {
    scope().performance().map_or(0.0, |performance| performance.now())
}

/// Waits for one turn of the event loop, so that messages from the page come in.
///
/// A promise alone would not do (it is settled before the next message), and timers are slowed
/// down to 4 ms when they nest: hence a message to oneself.
pub async fn next_turn() {
    let Ok(channel) = MessageChannel::new() else { return };
    let turn = Promise::new(&mut |resolve: Function, _| {
        channel.port1().set_onmessage(Some(&resolve));
        if channel.port2().post_message(&JsValue::NULL).is_err() {
            settle(&resolve);
        }
    });
    settled(turn).await;
    channel.port1().close();
}

/// Waits for so many milliseconds.
pub async fn sleep(milliseconds: i32) {
    let pause = Promise::new(&mut |resolve: Function, _| {
        let timer =
            scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        if timer.is_err() {
            settle(&resolve);
        }
    });
    settled(pause).await;
}

/// Resolves a promise made above; a resolver does not throw.
fn settle(resolve: &Function) {
    drop(resolve.call0(&JsValue::UNDEFINED));
}

/// Waits for a promise that is never rejected.
async fn settled(promise: Promise) {
    drop(JsFuture::from(promise).await);
}

/// The words of a JavaScript error.
pub fn describe(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.to_string()),
        None => error.as_string().unwrap_or_else(|| format!("{error:?}")),
    }
}

/// Calls `listener` for each message from the page, for as long as the worker lives.
pub fn listen(mut listener: impl FnMut(JsValue) + 'static) {
    let closure =
        Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
            listener(event.data())
        });
    scope().set_onmessage(Some(closure.as_ref().unchecked_ref()));
    closure.forget();
}
