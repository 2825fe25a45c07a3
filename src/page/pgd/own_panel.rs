//! The learner's own pictures, each bisected under each model.

use js_sys::Date;
use leptos::prelude::*;
use web_sys::FileList;

use super::epsilon_field::written;
use super::lane_card::LaneCards;
use super::metrics::largest_epsilon;
use super::outcome_view::flag_words;
use super::state::{FINENESS, Lane, OwnItem, use_arena, use_own_pictures};
use super::table::{Rows, plain_table};
use super::tally::{Found, Wait, standing, time_left, wilson};
use super::text::pgd_text;
use super::truth::{Claim, Expected};
use super::words::{bench_word, word};
use crate::page::bench::canvas::PictureCanvas;
use crate::page::bench::file_button::FileButton;
use crate::page::bench::given_files::take_files;
use crate::page::bench::labels;
use crate::page::bench::photos::Photo;
use crate::page::bench::words::use_words;
use crate::page::fill::fill;
use crate::page::lang::Lang;
use crate::page::numbers;
use crate::page::problem_note::ProblemNote;
use crate::page::text::problem_text;
use crate::protocol::Norm;

/// Where the tally is read off: in levels of 1/255, and in L2's pixel units.
const LINF_LEVELS: [f32; 6] = [0.0, 0.5, 1.0, 2.0, 4.0, 8.0];
const L2_SIZES: [f32; 3] = [0.0, 0.5, 1.0];

/// Adding pictures, searching, and what was found.
#[component]
pub fn OwnPanel() -> impl IntoView {
    let (arena, own, words) = (use_arena(), use_own_pictures(), use_words());
    let text = move || pgd_text(words.lang());
    let busy = own.search.busy();
    take_files(Callback::new(move |files: FileList| own.add_files(&files)));
    let photos = move || {
        arena.picture.photos.get().map(|photos| photos.as_ref().clone()).unwrap_or_default()
    };
    let photo_button = move |photo: Photo| {
        let title = photo.title.clone();
        view! {
            <button
                type="button"
                class="button"
                on:click=move |_| own.add_photo(photo.clone())
            >
                "+ "
                {move || words.localised(&title)}
            </button>
        }
    };
    let refused = move || {
        own.refused
            .get()
            .into_iter()
            .map(|problem| {
                let said = problem_text(words.lang(), &problem);
                view! { <p class="bench-note">{said.what} " " {said.advice}</p> }
            })
            .collect_view()
    };
    let waits = move |lane: &Lane| lane.id.get().is_some() && lane.model.get().is_none();
    let loading = move || arena.lanes.iter().any(waits);
    let idle = Memo::new(move |_| own.missing().is_empty());
    let press = move |_| {
        if busy.get_untracked() { own.cancel() } else { own.run() }
    };
    let name = move || if busy.get() { words.text().cancel } else { text().own_search };
    let advance = move || {
        let advance = own.advance.get().filter(|_| busy.get())?;
        let (done, total) = (advance.done, advance.total);
        let left = time_left(done, total, Date::now() - advance.begin);
        let left = left.map(|left| {
            let (template, count) = match Wait::of(left) {
                Wait::Seconds(count) => (text().seconds_left, count),
                Wait::Minutes(count) => (text().minutes_left, count),
            };
            fill(template, &[("count", &count.to_string())])
        });
        let counted = [("done", words.whole(done)), ("total", words.whole(total))];
        let counted = counted.each_ref().map(|(name, value)| (*name, value.as_str()));
        let said = format!("{} {}", fill(text().searches, &counted), left.unwrap_or_default());
        Some(view! {
            <div class="bench-progress">
                <p role="status">{said}</p>
                <progress max=total prop:value=done aria-label=text().own_search></progress>
            </div>
        })
    };
    view! {
        <section class="bench-panel" aria-labelledby="pgd-own-heading">
            <h3 id="pgd-own-heading">{word(|text| text.own)}</h3>
            <p>{word(|text| text.own_lead)}</p>
            <div class="bench-row">
                <FileButton
                    label=word(|text| text.own_open)
                    accept="image/*"
                    multiple=true
                    open=move |files: FileList| own.add_files(&files)
                />
                {move || photos().into_iter().map(photo_button).collect_view()}
            </div>
            <p class="hint">{bench_word(|text| text.stays_here)}</p>
            <div aria-live="polite">{refused}</div>
            <p class="hint" role="status">
                {move || own.adding.busy().get().then(|| words.text().reading_picture)}
            </p>
            <ProblemNote problem=own.adding.problem() />
            <Show when=loading>
                <LaneCards inside=|_| ().into_any() />
            </Show>
            <ul class="pgd-own">
                <For each=move || own.items.get() key=|item| item.id let:item>
                    <OwnRow item />
                </For>
            </ul>
            <div class="bench-attack-row">
                <button
                    type="button"
                    class="button"
                    disabled=move || idle.get() && !busy.get()
                    on:click=press
                >
                    {name}
                </button>
            </div>
            {advance}
            <ProblemNote problem=own.search.problem() retry=move |()| own.run() />
            <Tally />
        </section>
    }
    .into_any()
}

/// One picture: what it shows, and what was found of it under each model.
#[component]
fn OwnRow(item: OwnItem) -> impl IntoView {
    let (arena, own, words) = (use_arena(), use_own_pictures(), use_words());
    let text = move || pgd_text(words.lang());
    let OwnItem { id, name, picture, .. } = item;
    let claim = Memo::new(move |_| {
        own.items
            .with(|items| items.iter().find(|item| item.id == id).map(|item| item.claim.clone()))
    });
    // What of the first model's labels is chosen.
    let chosen = move || {
        let known = arena.labels();
        claim.get().map(|claim| claim.expected(&known, &known))
    };
    let busy = own.search.busy();
    let shown = Signal::derive(move || Some(picture.clone()));
    let options = move || {
        let known = arena.labels();
        let vietnamese = words.lang() == Lang::Vi;
        let option = move |value: String, name: String, is: Expected| {
            view! { <option value=value prop:selected=move || chosen() == Some(is)>{name}</option> }
        };
        let classes = (0..labels::count(&known)).map(move |place| {
            let name = labels::label_name(&known, vietnamese, place);
            option(place.to_string(), name, Expected::Label(place))
        });
        view! {
            {option(String::new(), text().own_answer.to_owned(), Expected::OwnAnswer)}
            {classes.collect_view()}
            {option("none".to_owned(), text().truth_none.to_owned(), Expected::Nothing)}
        }
    };
    let picked = move |event| {
        let known = untrack(|| arena.labels());
        let value = event_target_value(&event);
        let name = value.parse::<usize>().ok().and_then(|place| known.en.get(place));
        let claim = match name {
            Some(name) => Claim::Label(name.clone()),
            None if value.is_empty() => Claim::OwnAnswer,
            None => Claim::NoLabel,
        };
        own.set_claim(id, claim);
    };
    let result = move |lane: Lane| {
        move || {
            let model = lane.id.get()?;
            let norm = own.norm.get();
            let text = text();
            let found = own.found_of(id, &model);
            let flags = found.iter().flat_map(|(_, flags)| flags.clone()).map(|flag| {
                view! { <p class="bench-note">{flag_words(text, flag)}</p> }
            });
            let flags = flags.collect_view();
            let said = match found.map(|(found, _)| found) {
                None => "…".to_owned(),
                Some(Found::AlreadyWrong) => text.found_wrong.to_owned(),
                Some(Found::NoPart) => text.found_no_part.to_owned(),
                Some(Found::FlipsAt(epsilon)) => {
                    let grain = written(words, norm, largest_epsilon(norm) / FINENESS);
                    let epsilon = written(words, norm, epsilon);
                    fill(text.found_flips, &[("epsilon", &epsilon), ("grain", &grain)])
                }
                Some(Found::Holds) => {
                    let most = written(words, norm, largest_epsilon(norm));
                    fill(text.found_holds, &[("epsilon", &most)])
                }
            };
            Some(view! {
                <li>
                    <span class=format!("pgd-sign s{}", lane.place)></span>
                    " "
                    {said}
                    {flags}
                </li>
            })
        }
    };
    let remove_name = {
        let name = name.clone();
        move || fill(text().own_remove, &[("name", &name)])
    };
    let select_name = {
        let name = name.clone();
        move || format!("{}: {name}", text().truth)
    };
    view! {
        <li class="pgd-own-row">
            <PictureCanvas picture=shown label=String::new() />
            <div>
                <strong>{name}</strong>
                <label class="bench-field">
                    <span>{word(|text| text.truth)}</span>
                    <select
                        on:change=picked
                        disabled=move || busy.get()
                        aria-label=select_name
                    >
                        {options}
                    </select>
                </label>
                <ul class="pgd-found">{arena.lanes.map(result).into_iter().collect_view()}</ul>
            </div>
            <button
                type="button"
                class="button bench-quiet"
                disabled=move || busy.get()
                aria-label=remove_name
                on:click=move |_| own.remove(id)
            >
                "✕"
            </button>
        </li>
    }
    .into_any()
}

/// How many of the pictures are still right at each epsilon, with the interval.
#[component]
fn Tally() -> impl IntoView {
    let (arena, own, words) = (use_arena(), use_own_pictures(), use_words());
    let text = move || pgd_text(words.lang());
    let table = move || {
        if own.results.with(Vec::is_empty) {
            return None;
        }
        let norm = own.norm.get();
        let epsilons: Vec<f32> = match norm {
            Norm::Linf => LINF_LEVELS.map(|levels| levels / 255.0).to_vec(),
            Norm::L2 => L2_SIZES.to_vec(),
        };
        let models: Vec<_> = arena
            .lanes
            .iter()
            .filter_map(|lane| {
                let (id, model) = (lane.id.get()?, lane.listed()?);
                Some((own.found(&id), words.localised(&model.title)))
            })
            .collect();
        let mut heads = vec![words.text().column_epsilon.to_owned()];
        heads.extend(models.iter().map(|(_, title)| title.clone()));
        let cell = |found: &[Found], epsilon: f32| {
            let count = standing(found, epsilon);
            if found.is_empty() {
                return "–".to_owned();
            }
            let [low, high] =
                wilson(count, found.len()).map(|it| numbers::percent(words.lang(), it, 0));
            let values = [
                ("k", count.to_string()),
                ("n", found.len().to_string()),
                ("low", low),
                ("high", high),
            ];
            let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
            fill(text().tally_cell, &values)
        };
        let row = |epsilon: f32| {
            let mut row = vec![written(words, norm, epsilon)];
            row.extend(models.iter().map(|(found, _)| cell(found, epsilon)));
            row
        };
        let rows = epsilons.into_iter().map(row).collect();
        Some(view! {
            <h4>{text().tally}</h4>
            <div class="bench-table pgd-table">
                <div class="bench-table-scroll" tabindex="0" role="region" aria-label=text().tally>
                    {plain_table(Rows { heads, rows })}
                </div>
            </div>
            <p class="hint">{text().tally_note}</p>
        })
    };
    view! { {table} }.into_any()
}
