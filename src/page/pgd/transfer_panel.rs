//! Who is fooled by the picture that was made for another.

use std::sync::Arc;

use leptos::prelude::*;

use super::controls::Controls;
use super::lane_card::{LaneCards, LaneName};
use super::outcome_view::{OutcomeView, mark};
use super::settings_panel::SettingsPanel;
use super::state::{Cell, Lane, Matrix, use_arena, use_transfer};
use super::text::pgd_text;
use super::words::{bench_word, word};
use crate::page::bench::words::{Words, use_words};
use crate::page::problem_note::ProblemNote;
use crate::protocol::Verdict;

/// The attack in short, and the matrix.
#[component]
pub fn TransferPanel() -> impl IntoView {
    let (transfer, words) = (use_transfer(), use_words());
    transfer.run_when_ready();
    let text = move || pgd_text(words.lang());
    let status = move || {
        if transfer.matrix.busy().get() {
            text().transfer_asking
        } else if transfer.ready() {
            ""
        } else {
            text().transfer_waits
        }
    };
    let matrix = move || transfer.matrix.get().map(|matrix| view! { <MatrixTable matrix /> });
    view! {
        <ShortAttack />
        <section class="bench-panel" aria-labelledby="pgd-transfer-heading">
            <h3 id="pgd-transfer-heading">{word(|text| text.transfer)}</h3>
            <p class="hint" role="status">{status}</p>
            <ProblemNote problem=transfer.matrix.problem() retry=move |()| transfer.run() />
            {matrix}
            <p class="hint">{word(|text| text.eight_bits)}</p>
        </section>
    }
    .into_any()
}

/// Settings, buttons and verdicts, for the parts that go on from an attack.
#[component]
pub fn ShortAttack() -> impl IntoView {
    view! {
        <SettingsPanel />
        <Controls />
        <LaneCards inside=progress />
    }
    .into_any()
}

/// How far a model's attack is, in a line, and its verdict.
fn progress(lane: Lane) -> AnyView {
    let (arena, words) = (use_arena(), use_words());
    let line = move || {
        let text = pgd_text(words.lang());
        let model = lane.model.get()?;
        let last = lane.run.with_history(|history| history.last().copied())?;
        let steps = arena.started().map_or(0, |link| link.steps);
        let said =
            format!("{} {}", words.label(&model, last.label), words.confidence(last.confidence));
        Some(format!("{} {}/{steps}: {said}", text.axis_step, last.step))
    };
    let going = move || lane.run.outcome.get().is_none();
    view! {
        <Show when=going>
            <p class="hint">{line}</p>
        </Show>
        <div class="pgd-short">
            <OutcomeView lane />
        </div>
    }
    .into_any()
}

#[component]
fn MatrixTable(matrix: Arc<Matrix>) -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let name = move |place: usize| arena.lanes.get(place).map(|&lane| view! { <LaneName lane /> });
    let heads = matrix
        .columns
        .iter()
        .map(|&place| view! { <th scope="col">{name(place)}</th> })
        .collect_view();
    let columns = matrix.columns.clone();
    let row = move |made_for: Option<usize>, cells: Vec<Cell>| {
        let cells = columns.iter().zip(cells).map(|(&asked, cell)| {
            let own = made_for == Some(asked);
            cell_view(words, arena.lanes[asked], cell, own)
        });
        let head = match made_for {
            Some(place) => view! {
                <span class="hint">{word(|text| text.made_for)}</span>
                " "
                {name(place)}
            }
            .into_any(),
            None => view! { {bench_word(|text| text.original)} }.into_any(),
        };
        view! { <tr><th scope="row">{head}</th>{cells.collect_view()}</tr> }
    };
    let rows = matrix.rows.iter().map(|(made_for, cells)| row(*made_for, cells.clone()));
    view! {
        <div class="bench-table-scroll pgd-matrix" tabindex="0" role="region" aria-label=word(|text| text.matrix_corner)>
            <table>
                <thead>
                    <tr>
                        <td class="hint">{word(|text| text.matrix_corner)}</td>
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn cell_view(words: Words, lane: Lane, cell: Cell, own: bool) -> AnyView {
    let label = move || {
        lane.model.get().map(|model| words.label(&model, cell.best.label)).unwrap_or_default()
    };
    let (class, sign) = match cell.verdict {
        Some(verdict) => (mark(verdict), sign(verdict)),
        None => ("", ""),
    };
    let verdict = move || cell.verdict.map(|verdict| verdict_name(words, verdict));
    view! {
        <td class=format!("pgd-cell {class}") class:own=own>
            <strong>{label}</strong>
            " "
            <span class="bench-number">{move || words.confidence(cell.best.confidence)}</span>
            <small>{sign} " " {verdict}</small>
        </td>
    }
    .into_any()
}

/// A sign beside the colour.
pub fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fooled | Verdict::HitTarget => "◆",
        Verdict::MissedTarget => "◇",
        Verdict::Resisted => "●",
        Verdict::NothingToDo => "–",
    }
}

/// The verdict in a word or two.
pub fn verdict_name(words: Words, verdict: Verdict) -> &'static str {
    let text = words.text();
    match verdict {
        Verdict::Fooled => text.fooled,
        Verdict::HitTarget => text.hit_target,
        Verdict::MissedTarget => text.missed_target,
        Verdict::Resisted => text.resisted,
        Verdict::NothingToDo => text.nothing_to_do,
    }
}
