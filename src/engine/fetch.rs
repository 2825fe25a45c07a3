//! Files from the network, with progress, cancellation and one resumption.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, ReadableStreamDefaultReader, RequestCache, RequestInit, Response,
};

use super::{
    host,
    resume::{Continuation, continuation},
};
use crate::protocol::{Problem, ProblemKind};

/// No file of ours is larger; a browser tab on a phone could not hold more.
const MAX_BYTES: u64 = 512 << 20;
/// How often progress is told.
const PROGRESS_MILLISECONDS: f64 = 50.0;
/// How long to wait before asking a server again that hung up.
const RETRY_MILLISECONDS: i32 = 500;
/// The answers that a server gives: the whole, the rest, and the whole after a rest of no use.
const MAX_ATTEMPTS: u32 = 3;

/// Fetches a file, past the browser's own cache. Redirects are followed. If the connection drops in
/// the middle, the rest is asked for once (`Range`).
///
/// `on_progress` is told the bytes received so far and their number in the end, which is
/// `expected_bytes` or else what the server says.
///
/// # Errors
/// [`ProblemKind::Offline`] without a connection, [`ProblemKind::Refused`] if the server answers
/// with an error or with too much, [`ProblemKind::Cancelled`] once `signal` is aborted.
pub async fn bytes(
    url: &str,
    expected_bytes: Option<u64>,
    signal: &AbortSignal,
    on_progress: &dyn Fn(u64, Option<u64>),
) -> Result<Vec<u8>, Problem> {
    let mut received = Vec::new();
    let mut dropped_before = false;
    for _ in 0..MAX_ATTEMPTS {
        let offset = received.len() as u64;
        let response = request(url, offset, signal).await?;
        let range = response.headers().get("content-range").ok().flatten();
        match continuation(response.status(), range.as_deref(), offset) {
            Continuation::Append => {}
            Continuation::StartOver => received.clear(),
            Continuation::AskAgain => {
                received.clear();
                continue;
            }
            Continuation::Refused => return Err(refused(url, &response)),
        }
        let total = expected_bytes
            .or_else(|| body_bytes(&response).map(|rest| received.len() as u64 + rest));
        match read_body(&response, &mut received, &|done| on_progress(done, total)).await {
            Ok(()) => return Ok(received),
            Err(BodyError::TooLarge) => {
                let detail = format!("more than {MAX_BYTES} bytes");
                return Err(Problem::new(ProblemKind::Refused, url, detail));
            }
            Err(BodyError::Dropped(error)) if dropped_before || signal.aborted() => {
                return Err(failed(url, signal, &error));
            }
            Err(BodyError::Dropped(_)) => {
                dropped_before = true;
                host::sleep(RETRY_MILLISECONDS).await;
            }
        }
    }
    Err(Problem::new(ProblemKind::Offline, url, "the connection keeps breaking"))
}

/// Why a body was not read to its end.
pub enum BodyError {
    /// It has more bytes than were wanted.
    TooLarge,
    /// The connection broke, or the job was cancelled.
    Dropped(JsValue),
}

/// Sends a request.
///
/// # Errors
/// What the browser says where there is no answer.
pub async fn send(url: &str, options: &RequestInit) -> Result<Response, JsValue> {
    let answer = host::scope().fetch_with_str_and_init(url, options);
    JsFuture::from(answer).await?.dyn_into::<Response>()
}

async fn request(url: &str, offset: u64, signal: &AbortSignal) -> Result<Response, Problem> {
    let sent = async {
        let options = RequestInit::new();
        // What is worth keeping is kept in a cache of our own, and a stale copy would not match
        // the manifest's hash.
        options.set_cache(RequestCache::NoStore);
        options.set_signal(Some(signal));
        if offset > 0 {
            let headers = Headers::new()?;
            headers.set("range", &format!("bytes={offset}-"))?;
            options.set_headers_headers(&headers);
        }
        send(url, &options).await
    };
    sent.await.map_err(|error| failed(url, signal, &error))
}

fn failed(url: &str, signal: &AbortSignal, error: &JsValue) -> Problem {
    let kind = if signal.aborted() { ProblemKind::Cancelled } else { ProblemKind::Offline };
    Problem::new(kind, url, host::describe(error))
}

fn refused(url: &str, response: &Response) -> Problem {
    let status = format!("{} {}", response.status(), response.status_text());
    Problem::new(ProblemKind::Refused, url, status.trim_end())
}

/// The body's size as the server says. Of a compressed body it is another number than that of the
/// bytes read here.
fn body_bytes(response: &Response) -> Option<u64> {
    let header = |name| response.headers().get(name).ok().flatten();
    if header("content-encoding").is_some() {
        return None;
    }
    header("content-length")?.parse().ok()
}

async fn read_body(
    response: &Response,
    received: &mut Vec<u8>,
    on_progress: &dyn Fn(u64),
) -> Result<(), BodyError> {
    read_at_most(response, received, MAX_BYTES as usize, on_progress).await
}

/// Reads a body, behind what was received before, until there are `most` bytes or it ends.
/// `on_progress` is told how many there are.
///
/// # Errors
/// [`BodyError::TooLarge`] if there would be more.
pub async fn read_at_most(
    response: &Response,
    received: &mut Vec<u8>,
    most: usize,
    on_progress: &dyn Fn(u64),
) -> Result<(), BodyError> {
    let Some(body) = response.body() else { return Ok(()) };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let mut told_at = f64::NEG_INFINITY;
    loop {
        let step = JsFuture::from(reader.read()).await.map_err(BodyError::Dropped)?;
        let member =
            |name: &str| Reflect::get(&step, &JsValue::from_str(name)).map_err(BodyError::Dropped);
        if member("done")?.is_truthy() {
            on_progress(received.len() as u64);
            return Ok(());
        }
        let chunk: Uint8Array = member("value")?.dyn_into().map_err(BodyError::Dropped)?;
        if received.len() + chunk.length() as usize > most {
            drop(JsFuture::from(reader.cancel()).await);
            return Err(BodyError::TooLarge);
        }
        append(received, &chunk);
        if host::now() - told_at >= PROGRESS_MILLISECONDS {
            on_progress(received.len() as u64);
            told_at = host::now();
        }
    }
}

fn append(received: &mut Vec<u8>, chunk: &Uint8Array) {
    let start = received.len();
    received.resize(start + chunk.length() as usize, 0);
    chunk.copy_to(&mut received[start..]);
}
