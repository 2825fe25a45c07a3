//! Which picture is on the bench: a shipped photograph, a file, the clipboard, the camera.

use leptos::prelude::*;
use web_sys::FileList;

use super::camera::Camera;
use super::crop_editor::CropEditor;
use super::file_button::FileButton;
use super::job::Job;
use super::photos::{self, Photo};
use super::square_view::SquareView;
use super::state::{Note, PictureState, Square, use_picture};
use super::text::fill;
use super::words::use_words;
use crate::page::link::OWN_PICTURE;
use crate::page::problem_note::ProblemNote;
use crate::protocol::Problem;

/// The pictures to choose from, and the square of the chosen one.
#[component]
pub fn PicturePanel(
    /// The square that is shown, where it is not the bench's own.
    #[prop(optional)]
    square: Option<Job<Square>>,
    /// Cuts that square once more.
    #[prop(optional)]
    cut_again: Option<Callback<()>>,
) -> impl IntoView {
    let (state, words) = (use_picture(), use_words());
    let dragged_over = RwSignal::new(false);
    let camera_open = RwSignal::new(false);
    let photos =
        move || state.photos.get().map(|photos| photos.as_ref().clone()).unwrap_or_default();
    let note = move || {
        let text = words.text();
        state.note.get().map(|note| match note {
            Note::Replaced => text.picture_replaced,
            Note::SeveralFiles => text.several_files,
            Note::NoFile => text.nothing_dropped,
            Note::NotKept => text.picture_not_kept,
        })
    };
    view! {
        <section
            class="bench-panel bench-picture"
            class:dragged-over=move || dragged_over.get()
            aria-labelledby="bench-picture-heading"
            on:dragover=move |_| dragged_over.set(true)
            on:dragleave=move |_| dragged_over.set(false)
            on:drop=move |_| dragged_over.set(false)
        >
            <h3 id="bench-picture-heading">{move || words.text().picture}</h3>
            <div class="bench-thumbs" role="group" aria-label=move || words.text().photographs>
                <For each=photos key=|photo| photo.id.clone() let:photo>
                    <Thumb photo />
                </For>
            </div>
            <Credit />
            <ProblemNote problem=state.photos.problem() retry=move |()| state.list_photos() />
            <div class="bench-row">
                <FileButton
                    label=Signal::derive(move || words.text().open_picture)
                    accept="image/*"
                    open=move |files: FileList| state.open_files(&files)
                />
                <button
                    type="button"
                    class="button"
                    aria-expanded=move || camera_open.get().to_string()
                    on:click=move |_| camera_open.update(|open| *open = !*open)
                >
                    {move || words.text().use_camera}
                </button>
                <OwnPictureButtons />
            </div>
            <p class="hint">
                {move || words.text().drop_or_paste} " " {move || words.text().stays_here}
            </p>
            <Show when=move || camera_open.get()>
                <Camera open=camera_open />
            </Show>
            <div class="bench-note-place" aria-live="polite">
                {move || note().map(|note| view! { <p class="bench-note">{note}</p> })}
            </div>
            <ProblemNote
                problem=trouble(state, false)
                retry=move |()| state.load()
            />
            <ProblemNote problem=trouble(state, true) />
            <SquareView square cut_again />
            <CropEditor />
        </section>
    }
}

/// The problem with the picture that was asked for last, if the link's picture is on the bench
/// (`there`: it was a file, and opening it again would not help), or if it is not.
fn trouble(state: PictureState, there: bool) -> Signal<Option<Problem>> {
    Signal::derive(move || {
        let id = state.id.get();
        let loaded = state.source.get().is_some_and(|source| source.id == id);
        state.source.problem().get().filter(|_| loaded == there)
    })
}

/// A photograph to choose.
#[component]
fn Thumb(photo: Photo) -> impl IntoView {
    let (state, words) = (use_picture(), use_words());
    let Photo { id, file, title, width, height, .. } = photo;
    let chosen = {
        let id = id.clone();
        Memo::new(move |_| state.id.with(|chosen| *chosen == id))
    };
    view! {
        <button
            type="button"
            class="bench-thumb"
            class:chosen=move || chosen.get()
            aria-pressed=move || chosen.get().to_string()
            on:click=move |_| state.choose(&id)
        >
            <img
                src=format!("{}{file}", photos::FOLDER)
                width=width
                height=height
                alt=""
                decoding="async"
            />
            <span>{move || words.localised(&title)}</span>
        </button>
    }
}

/// Who took the photograph on the bench, and its licence.
#[component]
fn Credit() -> impl IntoView {
    let (state, words) = (use_picture(), use_words());
    let photo = Memo::new(move |_| {
        let id = state.id.get();
        state.photos.get()?.iter().find(|photo| photo.id == id).cloned()
    });
    let credit = move |photo: Photo| {
        let said = fill(words.text().photo_credit, &[("credit", &photo.credit)]);
        let licence = match photo.licence_url {
            Some(url) => {
                view! { <a href=url rel="license noreferrer">{photo.licence}</a> }.into_any()
            }
            None => photo.licence.into_any(),
        };
        view! { {said} ", " {licence} }
    };
    view! { <p class="hint bench-credit">{move || photo.get().map(credit)}</p> }
}

/// Back to the learner's own picture, and forgetting it, while there is one.
#[component]
fn OwnPictureButtons() -> impl IntoView {
    let (state, words) = (use_picture(), use_words());
    let chosen = move || state.id.with(|id| id == OWN_PICTURE);
    view! {
        <Show when=move || state.own.get().is_some()>
            <button
                type="button"
                class="button"
                aria-pressed=move || chosen().to_string()
                on:click=move |_| state.choose(OWN_PICTURE)
            >
                {move || words.text().own_picture}
            </button>
            <button
                type="button"
                class="button bench-quiet"
                on:click=move |_| state.own.forget()
            >
                {move || words.text().forget_own_picture}
            </button>
        </Show>
    }
}
