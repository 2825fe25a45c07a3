//! The bench in a lesson: all of it, or the part that a step is about.

use std::collections::BTreeMap;

use leptos::html::Section;
use leptos::prelude::*;
use web_sys::FileList;

use super::attack_panel::{AttackButton, ResultPanel};
use super::epsilon_panel::EpsilonPanel;
use super::given_files::take_files;
use super::goal_panel::GoalPanel;
use super::look::Look;
use super::png_panel::PngPanel;
use super::state::use_picture;
use super::summary::Summary;
use super::sweep_panel::SweepPanel;
use super::words::use_words;
use crate::page::link::BenchLink;
use crate::page::place::use_place;

/// Which part of the bench a step shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    All,
    Picture,
    Attack,
    Sweep,
    Png,
}

impl Part {
    fn named(name: Option<&str>) -> Self {
        match name {
            Some("picture") => Self::Picture,
            Some("attack") => Self::Attack,
            Some("sweep") => Self::Sweep,
            Some("png") => Self::Png,
            _ => Self::All,
        }
    }
}

/// The bench. `show` of `args` is `picture`, `attack`, `sweep` or `png`; without it everything is
/// shown. All benches of the page share one experiment; there is at most one on a step.
#[component]
pub fn Bench(args: BTreeMap<String, String>) -> impl IntoView {
    let (picture, words) = (use_picture(), use_words());
    take_files(Callback::new(move |files: FileList| picture.open_files(&files)));
    let parts = match Part::named(args.get("show").map(String::as_str)) {
        Part::All => view! { <Look /> <Attack /> <SweepPanel /> <PngPanel /> }.into_any(),
        Part::Picture => view! { <Look /> }.into_any(),
        Part::Attack => view! { <Summary /> <Attack /> }.into_any(),
        Part::Sweep => view! { <Summary /> <GoalPanel /> <SweepPanel /> }.into_any(),
        Part::Png => view! { <Summary /> <Attack /> <PngPanel /> }.into_any(),
    };
    let section = NodeRef::<Section>::new();
    let set_up = follow_set_up(section);
    let said = move || set_up.get().then(|| words.text().set_up);
    view! {
        <section class="bench" node_ref=section aria-label=move || words.text().bench>
            <p class="bench-set-up" role="status">{said}</p>
            {parts}
        </section>
    }
}

/// Shows the bench when a link on its own step has set it up. Whether it still is as that link
/// left it.
fn follow_set_up(section: NodeRef<Section>) -> Memo<bool> {
    let place = use_place();
    let (bench, set_up) = (place.bench(), place.set_up());
    let made = RwSignal::new(None::<BenchLink>);
    Effect::new(move |before: Option<u32>| {
        let now = set_up.get();
        if before.is_some_and(|before| before != now) {
            made.set(Some(bench.get_untracked()));
            if let Some(section) = section.get_untracked() {
                section.scroll_into_view();
            }
        }
        now
    });
    Memo::new(move |_| made.with(|made| made.as_ref().is_some_and(|made| *made == bench.get())))
}

/// How strong, towards what, the button, the result.
#[component]
fn Attack() -> impl IntoView {
    view! {
        <div class="bench-attack">
            <div class="bench-settings">
                <EpsilonPanel />
                <GoalPanel />
            </div>
            <AttackButton />
            <ResultPanel />
        </div>
    }
}
