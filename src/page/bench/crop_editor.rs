//! Moving and zooming the square within the picture, by hand or by sliders.

use leptos::html::Div;
use leptos::prelude::*;
use web_sys::{PointerEvent, WheelEvent};

use super::canvas::PictureCanvas;
use super::crop_geometry::{self, Frame, MAX_ZOOM};
use super::state::use_picture;
use super::words::use_words;
use crate::protocol::Crop;

/// How much one notch of a wheel zooms, per unit of its movement.
const WHEEL_ZOOM: f64 = 0.002;

/// A finger or mouse on the picture, in client coordinates.
#[derive(Clone, Copy)]
struct Touch {
    id: i32,
    x: f32,
    y: f32,
}

/// The square to drag, and sliders that do the same.
#[component]
pub fn CropEditor() -> impl IntoView {
    let (state, words) = (use_picture(), use_words());
    let open = RwSignal::new(false);
    let slider = move |label: fn(&super::text::BenchText) -> &'static str,
                       range: (f32, f32),
                       step: f32,
                       read: fn(&Crop) -> f32,
                       write: fn(&mut Crop, f32)| {
        let changed = move |event| {
            if let Ok(value) = event_target_value(&event).parse() {
                let mut crop = state.crop.get_untracked();
                write(&mut crop, value);
                state.set_crop(crop);
            }
        };
        view! {
            <label class="bench-slider">
                <span>{move || label(words.text())}</span>
                <input
                    type="range"
                    min=range.0
                    max=range.1
                    step=step
                    prop:value=move || state.crop.with(read).to_string()
                    on:input=changed
                />
            </label>
        }
    };
    view! {
        <details
            class="bench-crop"
            on:toggle=move |event| {
                open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
            }
        >
            <summary>{move || words.text().adjust_crop}</summary>
            <Show when=move || open.get()>
                <CropArea />
            </Show>
            <p class="hint">{move || words.text().crop_hint}</p>
            {slider(|text| text.crop_across, (0.0, 1.0), 0.01, |crop| crop.x, |crop, x| crop.x = x)}
            {slider(|text| text.crop_down, (0.0, 1.0), 0.01, |crop| crop.y, |crop, y| crop.y = y)}
            {slider(
                |text| text.crop_zoom,
                (1.0, MAX_ZOOM),
                0.1,
                |crop| crop.zoom,
                |crop, zoom| crop.zoom = zoom,
            )}
            <button
                type="button"
                class="button bench-quiet"
                on:click=move |_| state.set_crop(Crop::default())
            >
                {move || words.text().crop_reset}
            </button>
        </details>
    }
}

/// The whole picture with the square on it.
#[component]
fn CropArea() -> impl IntoView {
    let (state, words) = (use_picture(), use_words());
    let area = NodeRef::<Div>::new();
    let touches = StoredValue::new(Vec::<Touch>::new());
    let picture = Signal::derive(move || state.source.get().map(|source| source.picture.clone()));
    let sizes =
        move || picture.with(|picture| picture.as_ref().map_or((1, 1), |it| (it.width, it.height)));
    let frame = Memo::new(move |_| {
        let (width, height) = sizes();
        crop_geometry::frame(state.crop.get(), width, height)
    });
    let change = move |change: &dyn Fn(Crop, u32, u32) -> Crop| {
        let (width, height) = untrack(sizes);
        state.set_crop(change(state.crop.get_untracked(), width, height));
    };
    let down = move |event: PointerEvent| {
        if let Some(area) = area.get() {
            // Without capture a drag ends at the picture's edge, which is no harm.
            let _ = area.set_pointer_capture(event.pointer_id());
        }
        touches.update_value(|touches| {
            touches.retain(|touch| touch.id != event.pointer_id());
            touches.push(touch(&event));
        });
    };
    let up = move |event: PointerEvent| {
        touches.update_value(|touches| touches.retain(|touch| touch.id != event.pointer_id()));
    };
    let moved = move |event: PointerEvent| {
        let now = touch(&event);
        let Some(area) = area.get() else { return };
        let bounds = area.get_bounding_client_rect();
        let (width, height) = (bounds.width().max(1.0) as f32, bounds.height().max(1.0) as f32);
        let before = touches.get_value();
        let Some(old) = before.iter().find(|touch| touch.id == now.id).copied() else { return };
        let share = 1.0 / before.len() as f32;
        let (right, below) = ((now.x - old.x) / width * share, (now.y - old.y) / height * share);
        change(&|crop, w, h| crop_geometry::moved(crop, right, below, w, h));
        if let Some(other) = before.iter().find(|touch| touch.id != now.id) {
            let distance = |one: Touch| (one.x - other.x).hypot(one.y - other.y).max(1.0);
            // Fingers that spread ask to see more closely: a smaller square.
            let factor = distance(now) / distance(old);
            change(&|crop, w, h| crop_geometry::zoomed(crop, factor, w, h));
        }
        touches.update_value(|touches| {
            for touch in touches.iter_mut().filter(|touch| touch.id == now.id) {
                *touch = now;
            }
        });
    };
    // A pinch on a track pad comes as a wheel with the control key; a plain wheel scrolls the page.
    let wheel = move |event: WheelEvent| {
        if event.ctrl_key() || event.meta_key() {
            event.prevent_default();
            let factor = (-event.delta_y() * WHEEL_ZOOM).exp() as f32;
            change(&|crop, w, h| crop_geometry::zoomed(crop, factor, w, h));
        }
    };
    let share = move |read: fn(&Frame) -> f32| move || format!("{:.3}%", frame.with(read) * 100.0);
    view! {
        <div
            class="bench-crop-area"
            node_ref=area
            role="group"
            aria-label=move || words.text().crop_area
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=up
            on:wheel=wheel
        >
            <PictureCanvas picture label=String::new() />
            <div
                class="bench-crop-square"
                style:left=share(|frame| frame.left)
                style:top=share(|frame| frame.top)
                style:width=share(|frame| frame.width)
                style:height=share(|frame| frame.height)
            ></div>
        </div>
    }
}

fn touch(event: &PointerEvent) -> Touch {
    Touch { id: event.pointer_id(), x: event.client_x() as f32, y: event.client_y() as f32 }
}
