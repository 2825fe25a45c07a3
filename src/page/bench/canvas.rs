//! A picture on a canvas.

use std::sync::Arc;

use leptos::html::Canvas;
use leptos::prelude::*;
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::pixels::rgba;
use crate::protocol::Picture;

/// Draws a picture pixel by pixel. `label` says what it shows; without one it is decoration.
#[component]
pub fn PictureCanvas(
    #[prop(into)] picture: Signal<Option<Arc<Picture>>>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    let canvas = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        if let (Some(canvas), Some(picture)) = (canvas.get(), picture.get()) {
            draw(&canvas, &picture);
        }
    });
    let named = move || label.with(|label| !label.is_empty());
    view! {
        <canvas
            node_ref=canvas
            class="bench-canvas"
            role=move || if named() { "img" } else { "presentation" }
            aria-label=move || named().then(|| label.get())
            aria-hidden=move || (!named()).then_some("true")
        ></canvas>
    }
}

/// A canvas that cannot be drawn on (out of memory) stays empty; its label still says what it is.
fn draw(canvas: &HtmlCanvasElement, picture: &Picture) {
    let Some(rgba) = rgba(picture) else { return };
    canvas.set_width(picture.width);
    canvas.set_height(picture.height);
    let Ok(Some(context)) = canvas.get_context("2d") else { return };
    let Ok(context) = context.dyn_into::<CanvasRenderingContext2d>() else { return };
    let data = ImageData::new_with_u8_clamped_array(Clamped(&rgba), picture.width);
    if let Ok(data) = data {
        // Refused only for a picture without pixels.
        let _ = context.put_image_data(&data, 0.0, 0.0);
    }
}
