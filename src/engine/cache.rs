//! Files kept in the browser between visits, by address, in the Cache API.
//!
//! Storage can be forbidden (a private window, an insecure address) or full. Then nothing is kept,
//! and everything else works.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, CacheStorage, Response};

use super::host;
use crate::protocol::{Problem, ProblemKind};

const NAME: &str = "resilient-ai-models-v1";

fn storage_problem(url: &str, error: &JsValue) -> Problem {
    Problem::new(ProblemKind::StorageFull, url, host::describe(error))
}

/// Opens the cache. Where storage is forbidden the global is missing, or reading it throws.
async fn open() -> Result<Cache, JsValue> {
    let storage = Reflect::get(&js_sys::global(), &"caches".into())?;
    if storage.is_undefined() {
        return Err(JsValue::from_str("this browser offers no storage here"));
    }
    let storage: CacheStorage = storage.unchecked_into();
    Ok(JsFuture::from(storage.open(NAME)).await?.unchecked_into())
}

async fn find(url: &str) -> Result<Option<Response>, JsValue> {
    let found = JsFuture::from(open().await?.match_with_str(url)).await?;
    Ok(found.dyn_into().ok())
}

/// Whether the file is kept.
pub async fn contains(url: &str) -> bool {
    matches!(find(url).await, Ok(Some(_)))
}

/// The file, if it is kept and can be read.
pub async fn get(url: &str) -> Option<Vec<u8>> {
    let response = find(url).await.ok()??;
    let buffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// A file on its way into the cache. It lies in the browser's memory and not in the engine's, so
/// that the engine can take its own bytes apart before anybody knows whether they are worth keeping.
pub struct Copy(Response);

impl Copy {
    /// Copies the bytes.
    ///
    /// # Errors
    /// [`ProblemKind::StorageFull`] if the browser has no room.
    pub fn of(bytes: &[u8]) -> Result<Self, Problem> {
        let body = Uint8Array::from(bytes);
        let response = Response::new_with_opt_js_u8_array(Some(&body));
        response.map(Self).map_err(|error| storage_problem("cache", &error))
    }

    /// Keeps the copy under an address.
    ///
    /// # Errors
    /// [`ProblemKind::StorageFull`] if the browser has no room or forbids it.
    pub async fn keep(self, url: &str) -> Result<(), Problem> {
        let kept = async { JsFuture::from(open().await?.put_with_str(url, &self.0)).await };
        kept.await.map(drop).map_err(|error| storage_problem(url, &error))
    }
}

/// Removes a file; nothing happens if it is not there.
///
/// # Errors
/// [`ProblemKind::StorageFull`] if the browser forbids storage.
pub async fn remove(url: &str) -> Result<(), Problem> {
    let removed = async { JsFuture::from(open().await?.delete_with_str(url)).await };
    removed.await.map(drop).map_err(|error| storage_problem(url, &error))
}
