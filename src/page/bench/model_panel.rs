//! Which model is on the bench, where it comes from, and how large a picture it gets.

use leptos::prelude::*;
use web_sys::FileList;

use super::file_button::FileButton;
use super::problem_note::ProblemNote;
use super::progress_line::ProgressLine;
use super::state::use_bench;
use super::text::fill;
use super::words::use_words;
use crate::page::link::is_input_size;
use crate::protocol::{ModelSummary, Tier};

/// The sides that are offered, in pixels; the model's own side joins them.
const SIZES: [u32; 6] = [64, 96, 128, 160, 192, 224];

#[component]
pub fn ModelPanel() -> impl IntoView {
    let (state, words) = (use_bench(), use_words());
    let replaced = move || {
        state.model_replaced.get().map(|model| {
            let note = fill(words.text().model_replaced, &[("model", &model)]);
            view! { <p class="bench-note">{note}</p> }
        })
    };
    let not_kept = move || {
        let model = state.model.get().filter(|model| model.not_kept);
        model.map(|_| view! { <p class="bench-note">{words.text().model_not_kept}</p> })
    };
    let listing = move || (state.models.busy().get()).then(|| words.text().listing_models);
    let loading = Signal::derive(move || words.text().loading_model);
    view! {
        <section class="bench-panel bench-model" aria-labelledby="bench-model-heading">
            <h3 id="bench-model-heading">{move || words.text().model}</h3>
            <p class="hint" role="status">{listing}</p>
            <ProblemNote problem=state.models.problem() retry=move |()| state.list_models() />
            <div class="bench-row">
                <ModelSelect />
                <SizeSelect />
            </div>
            <ModelFacts />
            <div class="bench-note-place" aria-live="polite">{replaced} {not_kept}</div>
            <Download />
            <ProgressLine
                busy=state.model.busy()
                progress=Signal::derive(move || state.model.progress())
                otherwise=loading
                cancel=move |()| state.model.cancel(state.engine)
            />
            <ProblemNote problem=state.model.problem() retry=move |()| state.load_model() />
            <div class="bench-row bench-own-model">
                <FileButton
                    label=Signal::derive(move || words.text().open_model)
                    accept=".safetensors"
                    open=move |files: FileList| {
                        if let Some(file) = files.get(0) {
                            state.open_model_file(file);
                        }
                    }
                />
                <p class="hint">{move || words.text().own_model_hint}</p>
            </div>
            <ProgressLine
                busy=state.own_model.busy()
                progress=Signal::derive(move || state.own_model.progress())
                otherwise=loading
                cancel=move |()| state.own_model.cancel(state.engine)
            />
            <ProblemNote problem=state.own_model.problem() />
        </section>
    }
}

#[component]
fn ModelSelect() -> impl IntoView {
    let (state, words) = (use_bench(), use_words());
    let models = move || -> Vec<ModelSummary> {
        let mut models = state.models.get().map(|list| list.as_ref().clone()).unwrap_or_default();
        let own = state.own_models.get();
        models.extend(own.iter().map(|model| model.as_ref().clone()));
        models
    };
    let option = move |model: ModelSummary| {
        let id = model.id.clone();
        let chosen = move || state.chosen_model() == id;
        let title = move || words.localised(&model.title);
        view! { <option value=model.id.clone() selected=chosen>{title}</option> }
    };
    view! {
        <label class="bench-field bench-field-wide">
            <span>{move || words.text().model}</span>
            <select on:change=move |event| state.choose_model(&event_target_value(&event))>
                {move || models().into_iter().map(option).collect_view()}
            </select>
        </label>
    }
}

#[component]
fn SizeSelect() -> impl IntoView {
    let (state, words) = (use_bench(), use_words());
    let native = Memo::new(move |_| state.chosen_summary().map(|model| model.input_size));
    let sizes = move || {
        let mut sizes = SIZES.to_vec();
        sizes.push(state.size.get());
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
        view! { <option value=size selected=move || state.size.get() == size>{name}</option> }
    };
    let changed = move |event| {
        if let Some(size) = event_target_value(&event).parse().ok().filter(|&it| is_input_size(it))
        {
            state.set_size(size);
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
    let (state, words) = (use_bench(), use_words());
    let facts = move || {
        let chosen = state.chosen_summary()?;
        let loaded = state.model.get().filter(|model| model.id == chosen.id);
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

/// The offer to download a model that is not here.
#[component]
fn Download() -> impl IntoView {
    let (state, words) = (use_bench(), use_words());
    let wanted = move || {
        let id = state.chosen_model();
        let here = state.model.get().is_some_and(|model| model.id == id);
        let chosen = state.chosen_summary().filter(|model| model.tier == Tier::Hub);
        let idle = !state.model.busy().get() && state.model.problem().with(Option::is_none);
        chosen.filter(|_| !here && idle)
    };
    let offer = move |model: ModelSummary| {
        let size = words.bytes(model.bytes);
        let label = fill(words.text().download, &[("size", &size)]);
        view! {
            <div class="bench-note">
                <p>{words.text().not_downloaded}</p>
                <button type="button" class="button" on:click=move |_| state.load_model()>
                    {label}
                </button>
            </div>
        }
    };
    move || wanted().map(offer)
}
