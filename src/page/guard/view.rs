//! The instruments in a lesson: the part that a step is about.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::attempts_panel::AttemptsPanel;
use super::bugs_panel::{BatchPanel, UnreadPanel};
use super::flip_panel::FlipPanel;
use super::large::LargePanel;
use super::model::GuardLine;
use super::pipeline_panel::PipelinePanel;
use super::policies_panel::PoliciesPanel;
use super::prompt_panel::PromptPanel;
use super::threshold_panel::ThresholdPanel;
use super::verdict_view::VerdictPanel;
use super::words::word;

/// The part that `show` of `args` names: `prompt`, `verdict`, `threshold`, `policies`, `pipeline`,
/// `attempts`, `batch`, `unread`, `flip` or `large`; without it, the prompt. All parts share one text
/// and one guard.
#[component]
pub fn Guard(args: BTreeMap<String, String>) -> impl IntoView {
    let part = match args.get("show").map(String::as_str) {
        Some("verdict") => view! { <VerdictPanel /> }.into_any(),
        Some("threshold") => view! { <ThresholdPanel /> }.into_any(),
        Some("policies") => view! { <PoliciesPanel /> }.into_any(),
        Some("pipeline") => view! { <PipelinePanel /> }.into_any(),
        Some("attempts") => view! { <AttemptsPanel /> }.into_any(),
        Some("batch") => view! { <BatchPanel /> }.into_any(),
        Some("unread") => view! { <UnreadPanel /> }.into_any(),
        Some("flip") => view! { <FlipPanel /> }.into_any(),
        Some("large") => view! { <LargePanel /> }.into_any(),
        _ => view! { <PromptPanel /> }.into_any(),
    };
    view! {
        <section class="bench guard" aria-label=word(|text| text.instruments)>
            <GuardLine />
            {part}
        </section>
    }
    .into_any()
}
