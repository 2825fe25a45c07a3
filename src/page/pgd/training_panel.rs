//! How the models were trained: loss and accuracy by epoch.

use leptos::prelude::*;

use super::chart::{Chart, Ticks};
use super::metrics::{Curve, Metrics, training_plot};
use super::robust_panel::{Legend, load_metrics, with_metrics};
use super::state::use_arena;
use super::table::{FoldedTable, Rows};
use super::text::pgd_text;
use super::words::word;
use crate::page::bench::words::use_words;
use crate::page::fill::fill;

/// The curves of the trainings.
#[component]
pub fn TrainingPanel() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    load_metrics(arena);
    let text = move || pgd_text(words.lang());
    let plot_of = move |curve| {
        Signal::derive(move || with_metrics(arena, |metrics| training_plot(curve, metrics)))
    };
    let x_name = Signal::derive(move || text().axis_epoch.to_owned());
    let loss_title = Signal::derive(move || text().training_loss.to_owned());
    let accuracy_title = Signal::derive(move || text().held_out_accuracy.to_owned());
    // The last epoch of each model, in words.
    let summary = Signal::derive(move || {
        let said = with_metrics(arena, |metrics| {
            let one = |(place, metrics): (usize, &Option<&Metrics>)| {
                let last = (*metrics)?.curves.last()?;
                let model = words.localised(&arena.lanes[place].listed()?.title);
                let accuracy = words.confidence(last.accuracy);
                Some(fill(text().training_summary, &[("model", &model), ("accuracy", &accuracy)]))
            };
            metrics.iter().enumerate().filter_map(one).collect::<Vec<_>>()
        });
        said.join(" ")
    });
    let rows = move |()| {
        let text = text();
        let heads = [
            text.column_model,
            text.axis_epoch,
            text.column_clean_loss,
            text.column_attacked_loss,
            text.column_accuracy,
            text.column_attacked_accuracy,
        ];
        let number = |value: Option<f32>| {
            value.map_or_else(|| "–".to_owned(), |value| words.decimal(f64::from(value), 3))
        };
        let share = |value: Option<f32>| {
            value.map_or_else(|| "–".to_owned(), |value| words.confidence(value))
        };
        let rows = with_metrics(arena, |metrics| {
            let mut rows = Vec::new();
            for (place, metrics) in metrics.iter().enumerate() {
                let Some(metrics) = metrics else { continue };
                let model = arena.lanes[place].listed();
                let name = model.map(|it| words.localised(&it.title)).unwrap_or_default();
                for epoch in &metrics.curves {
                    rows.push(vec![
                        name.clone(),
                        epoch.epoch.to_string(),
                        number(epoch.clean_loss),
                        number(epoch.adversarial_loss),
                        share(Some(epoch.accuracy)),
                        share(epoch.pgd5_accuracy),
                    ]);
                }
            }
            rows
        });
        Rows { heads: heads.map(str::to_owned).to_vec(), rows }
    };
    view! {
        <section class="bench-panel" aria-label=word(|text| text.training)>
            <Legend />
            <p class="hint">{word(|text| text.training_strokes)}</p>
            <div class="pgd-columns">
                <Chart plot=plot_of(Curve::Loss) ticks=Ticks::Number title=loss_title x_name summary />
                <Chart
                    plot=plot_of(Curve::Accuracy)
                    ticks=Ticks::Share
                    title=accuracy_title
                    x_name
                    summary
                />
            </div>
            <FoldedTable rows />
        </section>
    }
    .into_any()
}
