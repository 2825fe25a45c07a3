//! The learner's own picture, kept in this browser so that it is still there after a reload. Where
//! storage is forbidden or full it lasts as long as the page.

use js_sys::{Reflect, Uint8Array, decode_uri_component, encode_uri_component};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, CacheStorage, Headers, Response, ResponseInit};

use crate::page::files;

const CACHE: &str = "resilient-ai-own-picture-v1";
const ENTRY: &str = "own-picture";
const NAME: &str = "x-file-name";

/// A picture file of the learner's.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnPicture {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Keeps a picture in place of the one before. Whether the browser allowed it.
pub async fn keep(picture: &OwnPicture) -> bool {
    store(picture).await.is_ok()
}

/// The picture that was kept last, if there is one.
pub async fn recall() -> Option<OwnPicture> {
    load().await.ok().flatten()
}

/// Forgets the picture. Where nothing can be stored there is nothing to forget.
pub async fn forget() {
    if let Ok(storage) = storage() {
        let _ = JsFuture::from(storage.delete(CACHE)).await;
    }
}

/// The browser's storage. Where it is forbidden the property is missing, or reading it throws.
fn storage() -> Result<CacheStorage, JsValue> {
    let storage = Reflect::get(&window(), &"caches".into())?;
    if storage.is_undefined() {
        return Err(JsValue::from_str("this browser offers no storage here"));
    }
    Ok(storage.unchecked_into())
}

async fn open() -> Result<Cache, JsValue> {
    JsFuture::from(storage()?.open(CACHE)).await?.dyn_into()
}

async fn store(picture: &OwnPicture) -> Result<(), JsValue> {
    let headers = Headers::new()?;
    headers.set(NAME, &String::from(encode_uri_component(&picture.name)))?;
    let options = ResponseInit::new();
    options.set_headers(&headers);
    let body = Uint8Array::from(picture.bytes.as_slice());
    let response = Response::new_with_opt_js_u8_array_and_init(Some(&body), &options)?;
    JsFuture::from(open().await?.put_with_str(ENTRY, &response)).await.map(|_| ())
}

async fn load() -> Result<Option<OwnPicture>, JsValue> {
    let found = JsFuture::from(open().await?.match_with_str(ENTRY)).await?;
    let Ok(response) = found.dyn_into::<Response>() else { return Ok(None) };
    let name = response.headers().get(NAME)?.unwrap_or_default();
    let name = decode_uri_component(&name).map(String::from).unwrap_or(name);
    let bytes = files::bytes(&JsFuture::from(response.array_buffer()?).await?);
    Ok(Some(OwnPicture { name, bytes }))
}
