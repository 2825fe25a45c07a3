//! One model's column: its name, and how its loading goes.

use leptos::prelude::*;

use super::state::{Lane, use_arena};
use crate::page::bench::progress_line::ProgressLine;
use crate::page::bench::words::use_words;
use crate::page::fill::fill;
use crate::page::problem_note::ProblemNote;
use crate::protocol::Tier;

/// The columns of all models that take part; `inside` builds what stands in each.
#[component]
pub fn LaneCards(inside: fn(Lane) -> AnyView) -> impl IntoView {
    let arena = use_arena();
    let card = move |lane: Lane| {
        let here = Memo::new(move |_| lane.id.get().is_some());
        move || here.get().then(|| view! { <LaneCard lane inside /> })
    };
    view! { <div class="pgd-lanes">{arena.lanes.map(card).into_iter().collect_view()}</div> }
        .into_any()
}

/// The sign of a model in charts, and its name.
#[component]
pub fn LaneName(lane: Lane) -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let name = move || match lane.listed() {
        Some(model) => words.localised(&model.title),
        // Until the list is there, an id would be no more than a flicker.
        None => arena.list.is_there().then(|| lane.id.get()).flatten().unwrap_or_default(),
    };
    view! { <span class=format!("pgd-sign s{}", lane.place)></span> <span>{name}</span> }.into_any()
}

#[component]
fn LaneCard(lane: Lane, inside: fn(Lane) -> AnyView) -> impl IntoView {
    let words = use_words();
    let offer = move || {
        let idle = !lane.model.busy().get()
            && lane.model.get().is_none()
            && lane.model.problem().with(Option::is_none);
        lane.listed().filter(|_| idle).map(|model| {
            let size = words.bytes(model.bytes);
            let said = (model.tier == Tier::Hub).then_some(words.text().not_downloaded);
            view! {
                <div class="bench-note">
                    {said.map(|said| view! { <p>{said}</p> })}
                    <button type="button" class="button" on:click=move |_| lane.load()>
                        {fill(words.text().download, &[("size", &size)])}
                    </button>
                </div>
            }
        })
    };
    view! {
        <section class="bench-panel pgd-lane">
            <h3><LaneName lane /></h3>
            {offer}
            <ProgressLine
                busy=lane.model.busy()
                progress=Signal::derive(move || lane.model.progress())
                otherwise=Signal::derive(move || words.text().loading_model)
                cancel=move |()| lane.cancel_load()
            />
            <ProblemNote problem=lane.model.problem() retry=move |()| lane.load() />
            <ProblemNote problem=lane.seen.problem() retry=move |()| lane.look_again() />
            {inside(lane)}
        </section>
    }
    .into_any()
}
