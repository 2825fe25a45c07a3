//! Which picture and which models take part.

use leptos::prelude::*;
use web_sys::FileList;

use super::state::use_arena;
use super::words::word;
use crate::page::bench::canvas::PictureCanvas;
use crate::page::bench::given_files::take_files;
use crate::page::bench::picture_panel::PicturePanel;
use crate::page::bench::square_view::picture_title;
use crate::page::bench::words::use_words;
use crate::page::fill::fill;
use crate::page::link::MOST_MODELS;
use crate::page::problem_note::ProblemNote;
use crate::protocol::ModelSummary;

/// Picture and models in one line, and behind it everything to change them.
#[component]
pub fn Setup(
    /// Whether it is unfolded to begin with.
    open: bool,
) -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let open = RwSignal::new(open);
    // What went wrong must not hide behind a closed lid.
    let picture = arena.picture;
    let trouble = move || {
        [
            picture.source.problem(),
            picture.photos.problem(),
            arena.square.problem(),
            arena.list.problem(),
        ]
        .iter()
        .any(|problem| problem.with(Option::is_some))
    };
    Effect::new(move |_| {
        if trouble() {
            open.set(true);
        }
    });
    take_files(Callback::new(move |files: FileList| picture.open_files(&files)));
    let toggled = move |event| {
        open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    };
    let square = Signal::derive(move || arena.square.get().map(|square| square.picture.clone()));
    let side = move || {
        arena.size().map(|size| fill(words.text().square_caption, &[("size", &size.to_string())]))
    };
    view! {
        <details class="bench-summary" prop:open=move || open.get() on:toggle=toggled>
            <summary>
                <PictureCanvas picture=square label=String::new() />
                <span class="bench-summary-words">
                    <strong>{move || picture_title(picture, words)}</strong>
                    <span class="hint">{side}</span>
                    <span class="bench-summary-change">
                        {word(|text| text.change_setup)}
                    </span>
                </span>
            </summary>
            <Show when=move || open.get()>
                <div class="bench-look">
                    <PicturePanel
                        square=arena.square
                        cut_again=Callback::new(move |()| arena.retry_square())
                    />
                    <ModelsField />
                </div>
            </Show>
        </details>
    }
    .into_any()
}

/// Which models take part.
#[component]
fn ModelsField() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let models = move || arena.list.with(<[ModelSummary]>::to_vec).unwrap_or_default();
    let option = move |model: ModelSummary| {
        let id = StoredValue::new(model.id);
        let chosen = Memo::new(move |_| {
            id.with_value(|id| arena.link.with(|link| link.models.contains(id)))
        });
        // One has to take part, and there is room for three.
        let fixed = move || {
            let count = arena.link.with(|link| link.models.len());
            if chosen.get() { count == 1 } else { count >= MOST_MODELS }
        };
        let changed = move |event| {
            let on = event_target_checked(&event);
            arena.update(|link| {
                link.models.retain(|model| id.with_value(|id| model != id));
                if on {
                    link.models.push(id.get_value());
                }
                // In the list's order: colours, signs and whose labels count do not hang on the
                // order of clicks.
                let listed = untrack(models);
                let place = |id: &String| listed.iter().position(|model| model.id == *id);
                link.models.sort_by_key(|id| place(id).unwrap_or(usize::MAX));
            });
        };
        let (title, bytes) = (model.title, model.bytes);
        view! {
            <label class="bench-choice">
                <input
                    type="checkbox"
                    prop:checked=move || chosen.get()
                    disabled=fixed
                    on:change=changed
                />
                <span>{move || words.localised(&title)} " " <small>{move || words.bytes(bytes)}</small></span>
            </label>
        }
    };
    view! {
        <fieldset class="bench-panel">
            <legend>{word(|text| text.models)}</legend>
            <p class="hint">{word(|text| text.models_hint)}</p>
            <p class="hint" role="status">
                {move || arena.list.busy().get().then(|| words.text().listing_models)}
            </p>
            <ProblemNote problem=arena.list.problem() retry=move |()| arena.list.refresh() />
            {move || models().into_iter().map(option).collect_view()}
        </fieldset>
    }
    .into_any()
}
