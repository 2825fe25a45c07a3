//! Going somewhere else: the top of the page is shown and the focus moves to the new heading. A
//! change of language, or the first opening of the page, moves nothing.

use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::page::record::StepName;

thread_local! {
    static SHOWN: RefCell<Option<StepName>> = const { RefCell::new(None) };
}

/// To be called when a place is shown. `focus` is the id of the element that takes the focus when
/// the place is another one than before.
pub fn arrive(lesson: &str, step: &str, focus: &'static str) {
    let here = StepName { lesson: lesson.to_owned(), step: step.to_owned() };
    let moved = SHOWN.with_borrow_mut(|shown| {
        let moved = shown.as_ref().is_some_and(|before| *before != here);
        *shown = Some(here);
        moved
    });
    if moved {
        request_animation_frame(move || {
            window().scroll_to_with_x_and_y(0.0, 0.0);
            focus_by_id(focus);
        });
    }
}

/// Moves the keyboard's focus to an element.
pub fn focus_by_id(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) =
        element.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        // An element that cannot take the focus leaves it where it is.
        let _ = element.focus();
    }
}
