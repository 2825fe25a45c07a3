//! A picture from the camera. The stream is shown, one frame is kept, nothing is sent.

use js_sys::{Function, Promise, Reflect};
use leptos::html::Video;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, DomException, HtmlCanvasElement, HtmlVideoElement, MediaStream,
    MediaStreamConstraints, MediaStreamTrack,
};

use super::own_picture::OwnPicture;
use super::state::use_picture;
use super::text::{BenchText, fill};
use super::words::use_words;
use crate::page::files;
use crate::page::text::use_text;
use crate::page::thrown::describe;

/// The name of a picture from the camera.
const FILE_NAME: &str = "camera.jpg";

/// Why the camera gives no picture.
#[derive(Clone, Debug, PartialEq)]
enum Refusal {
    /// The learner or the browser's settings forbid it.
    Forbidden,
    /// There is none.
    Absent,
    /// Something else holds it.
    Busy,
    /// The page was not opened in a way that the browser trusts with a camera.
    Insecure,
    Other(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Asking,
    /// There is a stream, and no frame of it yet.
    Opening,
    Live,
    /// A frame is being turned into a file.
    Taking,
}

/// The camera's live picture with a shutter. Closing it, or leaving the step, turns the camera off.
#[component]
pub fn Camera(open: RwSignal<bool>) -> impl IntoView {
    let (state, words, frame_text) = (use_picture(), use_words(), use_text());
    let video = NodeRef::<Video>::new();
    let stream = StoredValue::new_local(None::<MediaStream>);
    let stage = RwSignal::new(Stage::Asking);
    let refusal = RwSignal::new(None::<Refusal>);
    let turn_off = move || {
        stream.try_update_value(|stream| {
            if let Some(stream) = stream.take() {
                stop(&stream);
            }
        });
    };
    let ask = move || {
        refusal.set(None);
        stage.set(Stage::Asking);
        turn_off();
        spawn_local(async move {
            match start().await {
                // The learner may have closed the panel while the browser was asking.
                Ok(live) => match video.try_get_untracked().flatten() {
                    Some(video) => {
                        video.set_src_object(Some(&live));
                        stream.set_value(Some(live));
                        stage.set(Stage::Opening);
                        // `autoplay` starts it where this promise is refused.
                        if let Ok(playing) = video.play() {
                            let _ = JsFuture::from(playing).await;
                        }
                    }
                    None => stop(&live),
                },
                Err(error) => {
                    let _ = refusal.try_set(Some(error));
                }
            }
        });
    };
    Effect::new(move |started: Option<bool>| {
        let there = video.get().is_some();
        if there && started != Some(true) {
            ask();
        }
        there
    });
    on_cleanup(turn_off);
    let shoot = move |_| {
        let Some(video) = video.get() else { return };
        stage.set(Stage::Taking);
        spawn_local(async move {
            let taken = frame(&video).await;
            // The learner may have closed the camera, or left the step, before the file was there.
            if open.try_get_untracked() != Some(true) {
                return;
            }
            match taken {
                Ok(bytes) => {
                    open.set(false);
                    state.open(OwnPicture { name: FILE_NAME.to_owned(), bytes });
                }
                Err(error) => {
                    stage.set(Stage::Live);
                    refusal.set(Some(Refusal::Other(describe(&error))));
                }
            }
        });
    };
    let refused = move || {
        refusal.get().map(|refusal| {
            view! {
                <div class="problem" role="alert">
                    <p>{move || sentence(words.text(), &refusal)}</p>
                    <button type="button" class="button" on:click=move |_| ask()>
                        {move || frame_text.get().retry}
                    </button>
                </div>
            }
        })
    };
    let ready = move || stage.get() == Stage::Live && refusal.with(Option::is_none);
    let shown = move || stage.get() != Stage::Asking && refusal.with(Option::is_none);
    let status = move || match stage.get() {
        _ if refusal.with(Option::is_some) => "",
        Stage::Asking | Stage::Opening => words.text().camera_starting,
        Stage::Live => "",
        Stage::Taking => words.text().working,
    };
    view! {
        <div class="bench-camera">
            <p class="hint" role="status">{status}</p>
            {refused}
            <video
                node_ref=video
                class:live=shown
                on:loadeddata=move |_| stage.set(Stage::Live)
                playsinline
                muted
                autoplay
                aria-label=move || words.text().camera_live
            ></video>
            <div class="bench-row">
                <button
                    type="button"
                    class="button"
                    disabled=move || !ready()
                    on:click=shoot
                >
                    {move || words.text().camera_shoot}
                </button>
                <button
                    type="button"
                    class="button bench-quiet"
                    on:click=move |_| open.set(false)
                >
                    {move || words.text().camera_close}
                </button>
            </div>
        </div>
    }
}

fn sentence(text: &BenchText, refusal: &Refusal) -> String {
    match refusal {
        Refusal::Forbidden => text.camera_refused.to_owned(),
        Refusal::Absent => text.camera_absent.to_owned(),
        Refusal::Busy => text.camera_busy.to_owned(),
        Refusal::Insecure => text.camera_insecure.to_owned(),
        Refusal::Other(detail) => fill(text.camera_failed, &[("detail", detail)]),
    }
}

/// Asks for the camera at the back, or whichever there is.
async fn start() -> Result<MediaStream, Refusal> {
    let navigator = window().navigator();
    // Absent, not merely refused, where the page's origin is not trusted.
    let there = Reflect::has(&navigator, &JsValue::from_str("mediaDevices")).unwrap_or(false);
    if !there || !window().is_secure_context() {
        return Err(Refusal::Insecure);
    }
    let devices = navigator.media_devices().map_err(|error| reason(&error))?;
    let facing = js_sys::Object::new();
    Reflect::set(&facing, &"facingMode".into(), &"environment".into())
        .map_err(|error| reason(&error))?;
    let wanted = MediaStreamConstraints::new();
    wanted.set_video(&facing);
    let asked = devices.get_user_media_with_constraints(&wanted).map_err(|error| reason(&error))?;
    let stream = JsFuture::from(asked).await.map_err(|error| reason(&error))?;
    stream.dyn_into().map_err(|error| reason(&error))
}

fn reason(error: &JsValue) -> Refusal {
    let name = error.dyn_ref::<DomException>().map(DomException::name).unwrap_or_default();
    match name.as_str() {
        "NotAllowedError" | "SecurityError" => Refusal::Forbidden,
        "NotFoundError" | "OverconstrainedError" => Refusal::Absent,
        "NotReadableError" | "AbortError" => Refusal::Busy,
        _ => Refusal::Other(describe(error)),
    }
}

fn stop(stream: &MediaStream) {
    for track in stream.get_tracks().iter() {
        if let Ok(track) = track.dyn_into::<MediaStreamTrack>() {
            track.stop();
        }
    }
}

/// The video's frame of now, as the bytes of a JPEG file.
async fn frame(video: &HtmlVideoElement) -> Result<Vec<u8>, JsValue> {
    let canvas = document().create_element("canvas")?.dyn_into::<HtmlCanvasElement>()?;
    canvas.set_width(video.video_width());
    canvas.set_height(video.video_height());
    let context = canvas.get_context("2d")?.ok_or("no canvas")?;
    let context = context.dyn_into::<CanvasRenderingContext2d>()?;
    context.draw_image_with_html_video_element(video, 0.0, 0.0)?;
    let encoded = JsFuture::from(blob(&canvas)).await?.dyn_into::<Blob>()?;
    Ok(files::bytes(&JsFuture::from(encoded.array_buffer()).await?))
}

fn blob(canvas: &HtmlCanvasElement) -> Promise {
    Promise::new(&mut |resolve: Function, reject: Function| {
        let refuse = reject.clone();
        let done = Closure::once_into_js(move |blob: JsValue| {
            let settled = if blob.is_null() {
                reject.call1(&JsValue::UNDEFINED, &"the frame is empty".into())
            } else {
                resolve.call1(&JsValue::UNDEFINED, &blob)
            };
            // A promise's own functions do not throw.
            let _ = settled;
        });
        if let Err(error) = canvas.to_blob_with_type(done.unchecked_ref(), "image/jpeg") {
            let _ = refuse.call1(&JsValue::UNDEFINED, &error);
        }
    })
}
