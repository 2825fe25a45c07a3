//! Bytes in and out of the browser: fetched files, picked files, downloads, a short pause.

use js_sys::{Array, ArrayBuffer, Promise, Uint8Array};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, Response, Url};

use super::thrown::describe;
use crate::protocol::{Problem, ProblemKind};

/// Fetches a file; `address` is relative to the page.
///
/// # Errors
/// [`ProblemKind::Offline`] if nobody answers, [`ProblemKind::Refused`] with the HTTP status.
pub async fn fetch(address: &str) -> Result<Vec<u8>, Problem> {
    let offline = |error: JsValue| Problem::new(ProblemKind::Offline, address, describe(&error));
    let response = JsFuture::from(window().fetch_with_str(address)).await.map_err(offline)?;
    let response: Response = response.dyn_into().map_err(offline)?;
    if !response.ok() {
        let status = format!("HTTP {}", response.status());
        return Err(Problem::new(ProblemKind::Refused, address, status));
    }
    let body = response.array_buffer().map_err(offline)?;
    JsFuture::from(body).await.map(|buffer| bytes(&buffer)).map_err(offline)
}

/// Reads a picked, dropped or pasted file of at most `limit` bytes.
///
/// # Errors
/// A problem of the kind `too_large` above the limit, of the kind `unreadable` if the browser
/// cannot read it.
pub async fn read(
    file: &File,
    limit: f64,
    too_large: ProblemKind,
    unreadable: ProblemKind,
) -> Result<Vec<u8>, Problem> {
    if file.size() > limit {
        let detail = format!("{} bytes, at most {limit} are read", file.size());
        return Err(Problem::new(too_large, file.name(), detail));
    }
    JsFuture::from(file.array_buffer())
        .await
        .map(|buffer| bytes(&buffer))
        .map_err(|error| Problem::new(unreadable, file.name(), describe(&error)))
}

/// Hands a file to the learner, as a click on a download link would.
///
/// # Errors
/// [`ProblemKind::Internal`] if the browser makes no file of it.
pub fn download(name: &str, mime: &str, bytes: &[u8]) -> Result<(), Problem> {
    let failed = |error: JsValue| Problem::new(ProblemKind::Internal, name, describe(&error));
    let parts = Array::of1(&Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).map_err(failed)?;
    let address = Url::create_object_url_with_blob(&blob).map_err(failed)?;
    let link = document().create_element("a").map_err(failed)?;
    let clicked = link.dyn_into::<HtmlAnchorElement>().map(|link| {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    });
    // The browser has taken the file over by the time it is revoked; a failure only keeps memory.
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&address);
        },
        std::time::Duration::from_secs(30),
    );
    clicked.map_err(|_| Problem::new(ProblemKind::Internal, name, "no link to click"))
}

/// Waits. At once if the browser has no timers.
pub async fn pause(milliseconds: i32) {
    let timer = Promise::new(&mut |resolve, _| {
        let set =
            window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        if set.is_err() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    // This promise is never rejected.
    let _ = JsFuture::from(timer).await;
}

/// The bytes of an `ArrayBuffer`.
pub fn bytes(buffer: &JsValue) -> Vec<u8> {
    match buffer.dyn_ref::<ArrayBuffer>() {
        Some(buffer) => Uint8Array::new(buffer).to_vec(),
        None => Vec::new(),
    }
}
