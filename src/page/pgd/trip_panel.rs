//! Does the attack survive a file?

use leptos::prelude::*;

use super::aim::Survival;
use super::lane_card::LaneName;
use super::state::{TripKind, TripRow, use_arena, use_trips};
use super::text::{PgdText, pgd_text};
use super::transfer_panel::ShortAttack;
use super::words::word;
use crate::page::bench::canvas::PictureCanvas;
use crate::page::bench::words::{Words, use_words};
use crate::page::fill::fill;
use crate::page::problem_note::ProblemNote;
use crate::protocol::Score;

/// The attack in short, the trip, and what is left afterwards.
#[component]
pub fn TripPanel() -> impl IntoView {
    let (arena, trips, words) = (use_arena(), use_trips(), use_words());
    trips.follow();
    let text = move || pgd_text(words.lang());
    let kind = move |to: TripKind, name: fn(&PgdText) -> &'static str| {
        view! {
            <label class="bench-choice">
                <input
                    type="radio"
                    name="pgd-trip"
                    prop:checked=move || trips.kind.get() == to
                    on:change=move |_| trips.kind.set(to)
                />
                <span>{word(name)}</span>
            </label>
        }
    };
    let side = move || trips.side(arena.size().unwrap_or(1)).to_string();
    let slider = move || match trips.kind.get() {
        TripKind::Png => ().into_any(),
        TripKind::Jpeg => {
            let named = move || trips.quality.get().to_string();
            slider(word(|text| text.quality), Signal::derive(named), 1, trips.quality)
        }
        TripKind::Resize => {
            let named = move || fill(text().side_value, &[("side", &side())]);
            slider(word(|text| text.side), Signal::derive(named), 10, trips.percent)
        }
    };
    let status = move || {
        if trips.rows.busy().get() {
            text().trip_under_way
        } else if trips.ready() {
            ""
        } else {
            text().trip_waits
        }
    };
    let rows = move || {
        trips.rows.get().map(|rows| {
            let count = rows.len();
            (0..count).map(|place| row_view(words, &rows[place])).collect_view()
        })
    };
    view! {
        <ShortAttack />
        <section class="bench-panel" aria-labelledby="pgd-trip-heading">
            <h3 id="pgd-trip-heading">{word(|text| text.trip)}</h3>
            <fieldset class="bench-panel pgd-choices" aria-labelledby="pgd-trip-heading">
                {kind(TripKind::Png, |text| text.trip_png)}
                {kind(TripKind::Jpeg, |text| text.trip_jpeg)}
                {kind(TripKind::Resize, |text| text.trip_resize)}
            </fieldset>
            {slider}
            <p class="hint">{word(|text| text.eight_bits)}</p>
            <p class="hint" role="status">{status}</p>
            <ProblemNote problem=trips.rows.problem() retry=move |()| trips.again() />
            <ProblemNote problem=trips.saved.problem() />
            <div class="pgd-lanes" class:busy=move || trips.rows.busy().get()>{rows}</div>
        </section>
    }
    .into_any()
}

fn slider(
    name: Signal<&'static str>,
    said: Signal<String>,
    least: u8,
    value: RwSignal<u8>,
) -> AnyView {
    let slid = move |event| {
        if let Ok(number) = event_target_value(&event).parse::<u8>() {
            value.set(number.clamp(least, 100));
        }
    };
    view! {
        <label class="bench-slider">
            <span>{move || name.get()} " " <span class="bench-number">{move || said.get()}</span></span>
            <input
                type="range"
                min=least
                max="100"
                step="1"
                prop:value=move || value.get().to_string()
                aria-valuetext=move || said.get()
                on:input=slid
            />
        </label>
    }
    .into_any()
}

/// One model: before, after, and whether the attack is still there.
fn row_view(words: Words, row: &TripRow) -> AnyView {
    let (arena, trips) = (use_arena(), use_trips());
    let lane = arena.lanes[row.place];
    let model = row.outcome.model.clone();
    let name = StoredValue::new(model);
    let said = move |score: Score| {
        let label = name.with_value(|model| words.label(model, score.label));
        format!("{label} {}", words.confidence(score.confidence))
    };
    let before = row.outcome.result.adversarial.top.first().copied();
    let (after, control, survival) = (row.after, row.control, row.survival);
    let said_of = move |text: &PgdText| match survival {
        Survival::Survived => ("success", text.survived),
        Survival::Lost => ("held", text.lost),
        Survival::Gained => ("half", text.gained),
        Survival::NothingToLose => ("none", text.nothing_to_lose),
    };
    let verdict = move || {
        let (class, said) = said_of(pgd_text(words.lang()));
        view! { <p class=format!("bench-verdict {class}")>{said}</p> }
    };
    let text = move || pgd_text(words.lang());
    let picture = row.picture.clone();
    let shown = {
        let picture = picture.clone();
        Signal::derive(move || Some(picture.clone()))
    };
    let file = format!("{}-{}.png", row.outcome.square.source.id, row.outcome.model.id);
    let save = move |_| trips.save(file.clone(), picture.clone());
    view! {
        <div class="bench-panel pgd-lane">
            <h4><LaneName lane /></h4>
            {verdict}
            <dl class="bench-facts">
                <div>
                    <dt>{word(|text| text.before_trip)}</dt>
                    <dd>{move || before.map(said)}</dd>
                </div>
                <div>
                    <dt>{word(|text| text.after_trip)}</dt>
                    <dd>{move || said(after)}</dd>
                </div>
                <div>
                    <dt>{word(|text| text.original_after_trip)}</dt>
                    <dd>{move || said(control)}</dd>
                </div>
            </dl>
            <PictureCanvas
                picture=shown
                label=Signal::derive(move || fill(text().trip_alt, &[("label", &said(after))]))
            />
            <button type="button" class="button" on:click=save>
                {word(|text| text.save_trip)}
            </button>
        </div>
    }
    .into_any()
}
