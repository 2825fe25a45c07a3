//! The one primary button, and what came of pressing it.

use std::sync::Arc;

use leptos::prelude::*;

use super::before_after::BeforeAfter;
use super::canvas::PictureCanvas;
use super::prediction_bars::{PredictionBars, WaitingBars};
use super::state::{Attacked, use_attack};
use super::text::{BenchText, fill};
use super::verdict::verdict_words;
use super::words::{Words, use_words};
use crate::page::problem_note::ProblemNote;
use crate::protocol::{Classification, Picture, Progress, Verdict};

/// The button. While the attack runs it cancels it.
#[component]
pub fn AttackButton() -> impl IntoView {
    let (state, words) = (use_attack(), use_words());
    let busy = state.result.busy();
    let ready = Memo::new(move |_| state.prediction.current().is_some());
    let waiting = move || match state.result.progress() {
        Some(Progress::Stage(stage)) => words.text().stage(stage),
        _ => words.text().attacking,
    };
    let hint = move || {
        let text = words.text();
        if busy.get() {
            waiting()
        } else if !ready.get() {
            text.wait_for_prediction
        } else if state.cancelled.get() {
            text.attack_cancelled
        } else if state.is_stale() {
            text.stale
        } else {
            ""
        }
    };
    let press = move |_| {
        if busy.get_untracked() {
            state.cancel();
        } else {
            state.run();
        }
    };
    view! {
        <div class="bench-attack-row">
            <button
                type="button"
                class="button button-primary"
                disabled=move || !ready.get() && !busy.get()
                on:click=press
            >
                {move || if busy.get() { words.text().cancel } else { words.text().attack }}
            </button>
            <p class="hint" role="status">{hint}</p>
        </div>
        <ProblemNote problem=state.result.problem() retry=move |()| state.run() />
    }
}

/// What came of the attack.
#[component]
pub fn ResultPanel() -> impl IntoView {
    let (state, words) = (use_attack(), use_words());
    let shown = move || match state.result.get() {
        Some(attacked) => view! { <Outcome attacked /> }.into_any(),
        None => view! { <NoOutcome /> }.into_any(),
    };
    let verdict = move || match state.result.get() {
        Some(attacked) => {
            let said = verdict_words(
                words.text(),
                &attacked.outcome,
                attacked.goal,
                |label| words.label(&attacked.model, label),
                |confidence| words.confidence(confidence),
            );
            let class = format!("bench-verdict {}", mark(said.verdict));
            view! { <p class=class><strong>{said.headline}</strong> " " {said.why} " " {said.advice}</p> }.into_any()
        }
        None => view! { <p class="bench-verdict none">{words.text().no_result}</p> }.into_any(),
    };
    view! {
        <section
            class="bench-panel bench-result"
            class:busy=move || state.result.busy().get()
            class:stale=move || state.is_stale()
            aria-labelledby="bench-result-heading"
            aria-busy=move || state.result.busy().get().to_string()
        >
            <h3 id="bench-result-heading">{move || words.text().result}</h3>
            <div aria-live="polite">{verdict}</div>
            {shown}
        </section>
    }
}

fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fooled | Verdict::HitTarget => "success",
        Verdict::MissedTarget => "half",
        Verdict::Resisted => "held",
        Verdict::NothingToDo => "none",
    }
}

/// The room that the outcome will take.
#[component]
fn NoOutcome() -> impl IntoView {
    let words = use_words();
    let empty = |name: fn(&BenchText) -> &'static str| {
        view! {
            <figure class="bench-shot">
                <div class="bench-canvas bench-empty"></div>
                <figcaption>{move || name(words.text())}</figcaption>
            </figure>
        }
    };
    view! {
        <div class="bench-shots bench-waiting" aria-hidden="true">
            {empty(|text| text.original)} {empty(|text| text.adversarial)}
        </div>
        <div class="bench-tops"><WaitingBars /> <WaitingBars /></div>
    }
}

#[component]
fn Outcome(attacked: Arc<Attacked>) -> impl IntoView {
    let words = use_words();
    let shared = StoredValue::new(attacked.clone());
    let factor = move || {
        let magnification = shared.with_value(|it| f64::from(it.outcome.magnification));
        words.short(magnification, 1)
    };
    let says = move |template: fn(&BenchText) -> &'static str,
                     of: fn(&Attacked) -> &Classification| {
        Signal::derive(move || {
            shared.with_value(|attacked| {
                let top = of(attacked).top.first();
                let label = top.map(|top| words.label(&attacked.model, top.label));
                let confidence = top.map(|top| words.confidence(top.confidence));
                let (label, confidence) =
                    (label.unwrap_or_default(), confidence.unwrap_or_default());
                let values = [("label", label.as_str()), ("confidence", &confidence)];
                fill(template(words.text()), &values)
            })
        })
    };
    let original_alt = says(|text| text.original_alt, |it| &it.outcome.original);
    let adversarial_alt = says(|text| text.adversarial_alt, |it| &it.outcome.adversarial);
    let perturbation_alt =
        Signal::derive(move || fill(words.text().perturbation_alt, &[("factor", &factor())]));
    let caption = move || fill(words.text().perturbation, &[("factor", &factor())]);
    let still = |picture: &Arc<Picture>| {
        let picture = picture.clone();
        Signal::derive(move || Some(picture.clone()))
    };
    let original = still(&attacked.square.picture);
    let perturbation = still(&attacked.perturbation);
    let adversarial = still(&attacked.adversarial);
    let label = Some(attacked.outcome.label);
    view! {
        <div class="bench-shots">
            <figure class="bench-shot">
                <PictureCanvas picture=original label=original_alt />
                <figcaption>{move || words.text().original}</figcaption>
            </figure>
            <figure class="bench-shot bench-shot-noise">
                <PictureCanvas picture=perturbation label=perturbation_alt />
                <figcaption>
                    {caption} " " <small>{move || words.text().perturbation_hint}</small>
                </figcaption>
            </figure>
            <figure class="bench-shot">
                <PictureCanvas picture=adversarial label=adversarial_alt />
                <figcaption>{move || words.text().adversarial}</figcaption>
            </figure>
        </div>
        <div class="bench-tops">
            <div>
                <h4>{move || words.text().original}</h4>
                <PredictionBars
                    model=attacked.model.clone()
                    top=attacked.outcome.original.top.clone()
                    marked=label
                />
            </div>
            <div>
                <h4>{move || words.text().adversarial}</h4>
                <PredictionBars
                    model=attacked.model.clone()
                    top=attacked.outcome.adversarial.top.clone()
                    marked=label
                />
            </div>
        </div>
        <BeforeAfter before=original after=adversarial />
        <ChangeFacts attacked />
    }
}

/// The size of the change, the loss, and the time it took.
#[component]
fn ChangeFacts(attacked: Arc<Attacked>) -> impl IntoView {
    let words = use_words();
    let facts = move || {
        facts(words, &attacked)
            .into_iter()
            .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
            .collect_view()
    };
    view! {
        <h4>{move || words.text().change}</h4>
        <dl class="bench-facts">{facts}</dl>
    }
}

fn facts(words: Words, attacked: &Attacked) -> Vec<(&'static str, String)> {
    let text = words.text();
    let outcome = &attacked.outcome;
    let loss = outcome.loss.map(|loss| words.decimal(f64::from(loss), 2));
    let psnr = outcome.change.psnr.map_or_else(
        || text.psnr_none.to_owned(),
        |psnr| fill(text.psnr_value, &[("value", &words.decimal(f64::from(psnr), 1))]),
    );
    let time = words.duration(outcome.milliseconds);
    let device = words.device(attacked.device);
    vec![
        (text.linf, format!("{}/255", words.levels(outcome.change.linf))),
        (text.l2, words.decimal(f64::from(outcome.change.l2), 2)),
        (text.psnr, psnr),
        (text.loss, fill(text.loss_value, &[("before", &loss[0]), ("after", &loss[1])])),
        (text.attack_time, fill(text.took, &[("device", device), ("time", &time)])),
    ]
}
