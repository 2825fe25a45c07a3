//! The frame around the lessons.

mod arrival;
mod contents;
mod device_chip;
mod device_panel;
mod dialog;
mod failure;
mod front;
mod header;
mod icons;
mod language_switch;
mod lesson;
mod missing;
mod route;
mod service_worker;
mod step;
mod theme_switch;

use leptos::mount::mount_to;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::course_store::CourseStore;
use super::engine_client::EngineClient;
use super::lang::Lang;
use super::link::Link;
use super::place::{Place, use_lang};
use super::storage::{LearnerRecord, use_record};
use super::text::use_text;

/// Replaces the static page in `#app` by the living one.
pub fn start() {
    let Some(app) = document().get_element_by_id("app") else { return };
    // What is there stays until the page has been built, so that it can say why there is none.
    let old: Vec<_> =
        std::iter::successors(app.first_child(), |node| node.next_sibling()).collect();
    mount_to(app.clone().unchecked_into(), App).forget();
    for node in old {
        // A child of the element can be taken out of it.
        let _ = app.remove_child(&node);
    }
    service_worker::register();
}

#[component]
fn App() -> impl IntoView {
    let record = LearnerRecord::open();
    let place = Place::open(first_language(&record));
    provide_context(record);
    provide_context(place);
    provide_context(CourseStore::open());
    let device = Memo::new(move |_| place.link().with(|link| link.device));
    let texts = place.link().with_untracked(Link::is_about_texts);
    let engine = EngineClient::start(device.get_untracked(), texts);
    provide_context(engine);
    follow_preferences();
    let text = use_text();
    Effect::new(move || engine.want(device.get()));
    let contents_open = RwSignal::new(false);
    let skip = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        arrival::focus_by_id("main");
    };
    view! {
        <a class="skip" href="#main" on:click=skip>{move || text.get().skip_to_content}</a>
        <header::Header contents_open />
        <contents::ContentsDrawer open=contents_open />
        <route::Route />
    }
}

/// The language of a link that names none: the learner's last choice, or the browser's.
fn first_language(record: &LearnerRecord) -> Lang {
    let chosen = record.with_untracked(|record| record.lang.as_deref().and_then(Lang::from_tag));
    chosen.unwrap_or_else(|| {
        let tags: Vec<_> =
            window().navigator().languages().iter().filter_map(|tag| tag.as_string()).collect();
        Lang::preferred(tags.iter().map(String::as_str))
    })
}

/// Keeps the document's language and colours, and what is remembered of them, up to date.
fn follow_preferences() {
    let (record, lang) = (use_record(), use_lang());
    Effect::new(move |before: Option<Lang>| {
        let lang = lang.get();
        if let Some(root) = document().document_element() {
            // An attribute of the root element can always be set.
            let _ = root.set_attribute("lang", lang.code());
        }
        if before.is_some_and(|before| before != lang) {
            record.update(|record| record.lang = Some(lang.code().to_owned()));
        }
        lang
    });
    let theme = Memo::new(move |_| record.with(|record| record.theme));
    Effect::new(move || {
        let Some(root) = document().document_element() else { return };
        let _ = match theme.get().attribute() {
            Some(theme) => root.set_attribute("data-theme", theme),
            None => root.remove_attribute("data-theme"),
        };
    });
}
