//! Which model is on the bench, where it comes from, and how large a picture it gets.

use leptos::prelude::*;
use web_sys::FileList;

use super::file_button::FileButton;
use super::model_choice::is_here;
use super::progress_line::ProgressLine;
use super::state::{use_model, use_picture};
use super::text::fill;
use super::words::use_words;
use crate::page::link::is_input_size;
use crate::page::problem_note::ProblemNote;
use crate::protocol::{ModelSummary, Tier};

/// The sides that are offered, in pixels; the model's own side joins them.
const SIZES: [u32; 6] = [64, 96, 128, 160, 192, 224];

/// The model to choose, and what is known of it.
#[component]
pub fn ModelPanel() -> impl IntoView {
    let (state, words) = (use_model(), use_words());
    let replaced = move || {
        state.replaced.get().map(|model| {
            let note = fill(words.text().model_replaced, &[("model", &model)]);
            view! { <p class="bench-note">{note}</p> }
        })
    };
    let not_kept = move || {
        let model = state.loaded.get().filter(|model| model.not_kept);
        model.map(|_| view! { <p class="bench-note">{words.text().model_not_kept}</p> })
    };
    let listing = move || {
        let first = state.list.busy().get() && state.list.with(|_| ()).is_none();
        first.then(|| words.text().listing_models)
    };
    let loading = Signal::derive(move || words.text().loading_model);
    view! {
        <section class="bench-panel bench-model" aria-labelledby="bench-model-heading">
            <h3 id="bench-model-heading">{move || words.text().model}</h3>
            <p class="hint" role="status">{listing}</p>
            <ProblemNote problem=state.list.problem() retry=move |()| state.list.refresh() />
            <div class="bench-row">
                <ModelSelect />
                <SizeSelect />
            </div>
            <ModelFacts />
            <div class="bench-note-place" aria-live="polite">{replaced} {not_kept}</div>
            <Download />
            <ProgressLine
                busy=state.loaded.busy()
                progress=Signal::derive(move || state.loaded.progress())
                otherwise=loading
                cancel=move |()| state.cancel_load()
            />
            <ProblemNote problem=state.loaded.problem() retry=move |()| state.load() />
            <div class="bench-row bench-own-model">
                <FileButton
                    label=Signal::derive(move || words.text().open_model)
                    accept=".safetensors"
                    open=move |files: FileList| {
                        if let Some(file) = files.get(0) {
                            state.open_file(file);
                        }
                    }
                />
                <p class="hint">{move || words.text().own_model_hint}</p>
            </div>
            <ProgressLine
                busy=state.own_file.busy()
                progress=Signal::derive(move || state.own_file.progress())
                otherwise=loading
                cancel=move |()| state.cancel_file()
            />
            <ProblemNote problem=state.own_file.problem() />
        </section>
    }
}

#[component]
fn ModelSelect() -> impl IntoView {
    let (state, words) = (use_model(), use_words());
    let models = move || -> Vec<ModelSummary> {
        let mut models = state.list.with(<[_]>::to_vec).unwrap_or_default();
        let own = state.own.get();
        models.extend(own.iter().map(|model| model.as_ref().clone()));
        models
    };
    let option = move |model: ModelSummary| {
        let id = model.id.clone();
        let chosen = move || state.chosen_id() == id;
        let title = move || words.localised(&model.title);
        view! { <option value=model.id.clone() prop:selected=chosen>{title}</option> }
    };
    view! {
        <label class="bench-field bench-field-wide">
            <span>{move || words.text().model}</span>
            <select on:change=move |event| state.choose(&event_target_value(&event))>
                {move || models().into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}

#[component]
fn SizeSelect() -> impl IntoView {
    let (state, picture, words) = (use_model(), use_picture(), use_words());
    let native = Memo::new(move |_| state.chosen().map(|model| model.input_size));
    let sizes = move || {
        let mut sizes = SIZES.to_vec();
        sizes.push(picture.size.get());
        sizes.extend(native.get().filter(|&side| is_input_size(side)));
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    };
    let option = move |size: u32| {
        let name = move || {
            let text = words.text();
            let made_for = native.get() == Some(size);
            let template = if made_for { text.input_size_native } else { "{size} × {size}" };
            fill(template, &[("size", &size.to_string())])
        };
        view! { <option value=size prop:selected=move || picture.size.get() == size>{name}</option> }
    };
    let changed = move |event| {
        if let Some(size) = event_target_value(&event).parse().ok().filter(|&it| is_input_size(it))
        {
            picture.set_size(size);
        }
    };
    view! {
        <label class="bench-field">
            <span>{move || words.text().input_size}</span>
            <select on:change=changed aria-describedby="bench-size-hint">
                {move || sizes().into_iter().map(option).collect_view()}
            </select>
            <small id="bench-size-hint">{move || words.text().input_size_hint}</small>
        </label>
    }
}

/// Size, licence, accuracy: what is known before and after loading.
#[component]
fn ModelFacts() -> impl IntoView {
    let (state, words) = (use_model(), use_words());
    let facts = move || {
        let chosen = state.chosen()?;
        let loaded = state.loaded.get().filter(|model| model.id == chosen.id);
        let model = loaded.map_or(chosen, |model| model.as_ref().clone());
        let text = words.text();
        let size = words.bytes(model.bytes);
        let mut facts = if model.licence.is_empty() {
            vec![size]
        } else {
            vec![fill(text.model_facts, &[("size", &size), ("licence", &model.licence)])]
        };
        if let Some(accuracy) = model.accuracy {
            let percent = words.confidence(accuracy);
            facts.push(fill(text.model_accuracy, &[("percent", &percent)]));
        }
        if model.cached && model.tier == Tier::Hub {
            facts.push(text.model_kept.to_owned());
        }
        if !model.pinned && model.tier != Tier::OwnFile {
            facts.push(text.model_unpinned.to_owned());
        }
        Some(facts.join("; "))
    };
    view! { <p class="hint">{facts}</p> }
}

/// The offer to load a model that is not here, and that nothing else says anything about.
#[component]
fn Download() -> impl IntoView {
    let (state, words) = (use_model(), use_words());
    let wanted = move || {
        let id = state.chosen_id();
        let here = state.loaded.get().is_some_and(|model| model.id == id);
        let chosen = state.chosen().filter(|model| model.tier != Tier::OwnFile);
        let idle = !state.loaded.busy().get() && state.loaded.problem().with(Option::is_none);
        chosen.filter(|_| !here && idle)
    };
    let offer = move |model: ModelSummary| {
        let text = words.text();
        let (says, label) = if is_here(&model) {
            (text.not_loaded, text.load_now.to_owned())
        } else {
            let size = words.bytes(model.bytes);
            (text.not_downloaded, fill(text.download, &[("size", &size)]))
        };
        view! {
            <div class="bench-note">
                <p>{says}</p>
                <button type="button" class="button" on:click=move |_| state.load()>
                    {label}
                </button>
            </div>
        }
    };
    move || wanted().map(offer)
}
