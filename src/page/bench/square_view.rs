//! The square that the model gets.

use leptos::prelude::*;

use super::canvas::PictureCanvas;
use super::job::Job;
use super::labels;
use super::state::{PictureState, Square, use_picture};
use super::text::fill;
use super::words::{Words, use_words};
use crate::page::lang::Lang;
use crate::page::link::OWN_PICTURE;
use crate::page::problem_note::ProblemNote;

/// The square as it is, with its size.
#[component]
pub fn SquareView(
    /// The square, where it is not the bench's own.
    square: Option<Job<Square>>,
    /// Cuts that square once more.
    cut_again: Option<Callback<()>>,
) -> impl IntoView {
    let (state, words) = (use_picture(), use_words());
    let square = square.unwrap_or(state.square);
    let cut_again = cut_again.unwrap_or_else(|| Callback::new(move |()| state.cut_square(0)));
    let picture = Signal::derive(move || square.get().map(|square| square.picture.clone()));
    let label = Signal::derive(move || {
        fill(words.text().square_alt, &[("picture", &picture_alt(state, words))])
    });
    let busy = move || state.source.busy().get() || square.busy().get();
    let caption = move || {
        let size = picture.with(|it| it.as_ref().map_or(state.size.get(), |it| it.width));
        let size = size.to_string();
        fill(words.text().square_caption, &[("size", &size)])
    };
    view! {
        <figure class="bench-square" class:busy=busy aria-busy=move || busy().to_string()>
            <PictureCanvas picture label />
            <figcaption>
                {move || {
                    if state.source.busy().get() {
                        words.text().reading_picture.to_owned()
                    } else {
                        caption()
                    }
                }}
            </figcaption>
        </figure>
        <ProblemNote problem=square.problem() retry=cut_again />
    }
}

/// What the picture on the bench shows, in words.
pub fn picture_alt(state: PictureState, words: Words) -> String {
    let Some(source) = state.source.get() else { return String::new() };
    if source.id == OWN_PICTURE {
        return fill(words.text().own_picture_alt, &[("name", &source.name)]);
    }
    let photos = state.photos.get().unwrap_or_default();
    let photo = photos.iter().find(|photo| photo.id == source.id);
    photo.map_or_else(
        || source.name.clone(),
        |photo| labels::localised(&photo.alt, words.lang() == Lang::Vi).clone(),
    )
}

/// What the picture on the bench is called.
pub fn picture_title(state: PictureState, words: Words) -> String {
    let Some(source) = state.source.get() else { return String::new() };
    if source.id == OWN_PICTURE {
        return words.text().own_picture.to_owned();
    }
    let photos = state.photos.get().unwrap_or_default();
    let photo = photos.iter().find(|photo| photo.id == source.id);
    photo.map_or_else(|| source.name.clone(), |photo| words.localised(&photo.title))
}
