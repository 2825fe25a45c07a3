//! The ways by which the files come: from disk, from the hub, from the site.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use web_sys::FileList;

use super::panel::word;
use super::state::{Origin, use_large};
use super::text::large_text;
use crate::page::bench::file_button::FileButton;
use crate::page::bench::words::use_words;
use crate::page::guard::fields::{shown, styled_button};
use crate::page::guard::words::filled;
use crate::protocol::AccessToken;

/// What has to be picked, by its names at the publisher's.
const FILES: [&str; 5] = [
    "config.json",
    "tokenizer.json",
    "model.safetensors.index.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
];

/// All ways, each with what it needs.
#[component]
pub fn Ways() -> impl IntoView {
    let site = Memo::new(move |_| use_large().with(|report| report.site).flatten());
    view! {
        <section class="large-way">
            <h4>{word(|text| text.from_disk)}</h4>
            <FromDisk />
        </section>
        <section class="large-way">
            <h4>{word(|text| text.from_hub)}</h4>
            <FromHub />
        </section>
        {shown(move || site.get().map(|bytes| view! { <FromSite bytes /> }.into_any()))}
    }
    .into_any()
}

#[component]
fn FromDisk() -> impl IntoView {
    let large = use_large();
    let pick = move |files: FileList| {
        let files = (0..files.length()).filter_map(|index| files.get(index)).collect();
        large.import(Origin::Picked(files));
    };
    let names = FILES.map(|name| view! { <li><code>{name}</code></li> });
    view! {
        <p>{word(|text| text.from_disk_says)}</p>
        <ul class="large-files">{names.into_iter().collect_view()}</ul>
        <FileButton
            label=word(|text| text.pick)
            accept=".safetensors,.json"
            multiple=true
            open=pick
        />
    }
    .into_any()
}

#[component]
fn FromHub() -> impl IntoView {
    let large = use_large();
    let token = RwSignal::new(String::new());
    let none = Memo::new(move |_| token.with(|token| token.trim().is_empty()));
    let fetch = move |event: SubmitEvent| {
        event.prevent_default();
        if !none.get_untracked() {
            large.import(Origin::Hub(AccessToken(token.get_untracked())));
        }
    };
    view! {
        <p>{word(|text| text.from_hub_says)}</p>
        <form class="large-hub" on:submit=fetch>
            <label class="bench-field">
                <span>{word(|text| text.token)}</span>
                <input
                    type="password"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=move || token.get()
                    on:input=move |event| token.set(event_target_value(&event))
                />
            </label>
            <button type="submit" class="button" disabled=none>
                {word(|text| text.fetch_hub)}
            </button>
        </form>
    }
    .into_any()
}

#[component]
fn FromSite(bytes: u64) -> impl IntoView {
    let (large, words) = (use_large(), use_words());
    let size =
        move || filled(large_text(words.lang()).from_site_says, &[("size", words.bytes(bytes))]);
    let never = Signal::derive(|| false);
    let fetch = Callback::new(move |()| large.import(Origin::Site));
    view! {
        <section class="large-way">
            <h4>{word(|text| text.from_site)}</h4>
            <p>{size}</p>
            {styled_button("button", word(|text| text.fetch_site), never, fetch)}
        </section>
    }
    .into_any()
}
