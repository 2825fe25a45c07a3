//! The instruments in a lesson: the part that a step is about.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::attack_panel::AttackPanel;
use super::models_panel::ModelsPanel;
use super::robust_panel::RobustPanel;
use super::setup::Setup;
use super::training_panel::TrainingPanel;
use super::transfer_panel::TransferPanel;
use super::trip_panel::TripPanel;
use super::words::word;

/// The part that `show` of `args` names: `models`, `attack`, `transfer`, `roundtrip`, `robustness`
/// or `training`; without it, the attack. All parts share one experiment.
#[component]
pub fn Pgd(args: BTreeMap<String, String>) -> impl IntoView {
    let part = match args.get("show").map(String::as_str) {
        Some("models") => view! { <Setup open=true /> <ModelsPanel /> }.into_any(),
        Some("transfer") => view! { <Setup open=false /> <TransferPanel /> }.into_any(),
        Some("roundtrip") => view! { <Setup open=false /> <TripPanel /> }.into_any(),
        Some("robustness") => view! { <RobustPanel /> }.into_any(),
        Some("training") => view! { <TrainingPanel /> }.into_any(),
        _ => view! { <Setup open=false /> <AttackPanel /> }.into_any(),
    };
    view! {
        <section class="bench pgd" aria-label=word(|text| text.arena)>
            {part}
        </section>
    }
    .into_any()
}
