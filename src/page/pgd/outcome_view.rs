//! What an attack came to: verdict, size of the change, and reasons to doubt it.

use std::sync::Arc;

use leptos::prelude::*;

use super::attack_panel::step_name;
use super::state::{Lane, Outcome, use_arena};
use super::text::{PgdText, pgd_text};
use super::words::word;
use crate::page::bench::before_after::BeforeAfter;
use crate::page::bench::prediction_bars::PredictionBars;
use crate::page::bench::verdict::verdict_words;
use crate::page::bench::words::{Words, use_words};
use crate::page::fill::fill;
use crate::protocol::{AttackOutcome, Caution, HonestyFlag, Picture, Verdict};

/// The verdict's style: good and bad are the defender's.
pub fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fooled | Verdict::HitTarget => "success",
        Verdict::MissedTarget => "half",
        Verdict::Resisted => "held",
        Verdict::NothingToDo => "none",
    }
}

/// The outcome of a model's attack, once there is one.
#[component]
pub fn OutcomeView(lane: Lane) -> impl IntoView {
    let words = use_words();
    let shown = move || lane.run.outcome.get().map(|outcome| view! { <Details lane outcome /> });
    let verdict = move || match lane.run.outcome.get() {
        Some(outcome) => verdict_view(lane, words, &outcome),
        None => ().into_any(),
    };
    view! {
        <div aria-live="polite">{verdict}</div>
        {shown}
    }
    .into_any()
}

fn verdict_view(lane: Lane, words: Words, outcome: &Outcome) -> AnyView {
    let nothing = || Picture { width: 0, height: 0, rgb: Vec::new() };
    let result = &outcome.result;
    // An attack in many steps is told in the words of one in a single step.
    let told = AttackOutcome {
        verdict: result.verdict,
        label: result.label,
        original: outcome.original.clone(),
        adversarial: result.adversarial.clone(),
        rounded: result.rounded.clone(),
        picture: nothing(),
        perturbation: nothing(),
        magnification: result.magnification,
        change: result.change,
        loss: result.loss,
        milliseconds: result.milliseconds,
    };
    let said = verdict_words(
        words.text(),
        &told,
        outcome.goal,
        |label| words.label(&outcome.model, label),
        |confidence| words.confidence(confidence),
    );
    let text = pgd_text(words.lang());
    // A walk that was there and went on has broken the model all the same.
    let on_the_way = lane.run.with_history(|history| {
        let failed = matches!(said.verdict, Verdict::Resisted | Verdict::MissedTarget);
        history.points().iter().find(|point| point.reached && failed).copied()
    });
    let advice = match on_the_way {
        Some(point) => {
            let label = words.label(&outcome.model, point.label);
            let place = step_name(words, &point);
            Some(fill(text.on_the_way_why, &[("label", &label), ("place", &place)]))
        }
        None => (!said.advice.is_empty()).then(|| text.held_advice.to_owned()),
    };
    let (mark, headline) = match on_the_way {
        Some(_) => ("half", text.fell_on_the_way),
        None => (mark(said.verdict), said.headline),
    };
    let so_far = (!outcome.complete).then_some(text.so_far);
    view! {
        <p class=format!("bench-verdict {mark}")>
            <strong>{headline} " " {so_far}</strong>
            " "
            {said.why}
            " "
            {advice}
        </p>
    }
    .into_any()
}

#[component]
fn Details(lane: Lane, outcome: Arc<Outcome>) -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let top = outcome.result.adversarial.top.iter().take(3).copied().collect();
    let label = Some(outcome.result.label);
    let still = |picture: &Arc<Picture>| {
        let picture = picture.clone();
        Signal::derive(move || Some(picture.clone()))
    };
    let (before, after) = (still(&outcome.square.picture), still(&outcome.adversarial));
    let shared = StoredValue::new(outcome.clone());
    let facts = move || {
        shared
            .with_value(|outcome| facts(words, outcome))
            .into_iter()
            .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
            .collect_view()
    };
    let notes = move || {
        let text = pgd_text(words.lang());
        let result = shared.with_value(|outcome| outcome.result.flags.clone());
        let mut notes: Vec<String> =
            result.into_iter().map(|flag| flag_words(text, flag).to_owned()).collect();
        let before = shared.with_value(|outcome| {
            let best = outcome.original.top.first()?.label;
            super::aim::translated(best, &outcome.model.labels, &arena.labels())
        });
        let wrong = before.and_then(|label| arena.truth().is_wrong(label)) == Some(true);
        let opened = lane.run.opened.get();
        let cautions = opened.map(|opened| opened.cautions.clone()).unwrap_or_default();
        // That the model was wrong says all that the engine has to say of a label it did not say.
        let said = |caution: &Caution| !(wrong && *caution == Caution::AlreadyWrong);
        notes.extend(
            cautions
                .into_iter()
                .filter(said)
                .filter_map(|it| caution_words(text, it))
                .map(str::to_owned),
        );
        if wrong {
            notes.push(text.wrong_before.to_owned());
        }
        let lost = shared.with_value(|outcome| {
            let best = |it: &crate::protocol::Classification| it.top.first().map(|it| it.label);
            best(&outcome.result.adversarial) != best(&outcome.result.rounded)
        });
        if lost {
            notes.push(text.rounding_changes.to_owned());
        }
        notes.into_iter().map(|note| view! { <p class="bench-note">{note}</p> }).collect_view()
    };
    view! {
        <PredictionBars model=outcome.model.clone() top marked=label />
        <div class="pgd-notes">{notes}</div>
        <details class="bench-table">
            <summary>{word(|text| text.size_and_picture)}</summary>
            <dl class="bench-facts">{facts}</dl>
            <BeforeAfter before after />
        </details>
    }
    .into_any()
}

fn facts(words: Words, outcome: &Outcome) -> Vec<(&'static str, String)> {
    let (text, own) = (words.text(), pgd_text(words.lang()));
    let result = &outcome.result;
    let loss = result.loss.map(|loss| words.decimal(f64::from(loss), 2));
    let psnr = result.change.psnr.map_or_else(
        || text.psnr_none.to_owned(),
        |psnr| fill(text.psnr_value, &[("value", &words.decimal(f64::from(psnr), 1))]),
    );
    let (steps, restart) = (result.steps.to_string(), (result.restart + 1).to_string());
    vec![
        (text.linf, format!("{}/255", words.levels(result.change.linf))),
        (own.linf_saved, format!("{}/255", words.whole(levels_apart(outcome)))),
        (text.l2, words.decimal(f64::from(result.change.l2), 3)),
        (text.psnr, psnr),
        (text.loss, fill(text.loss_value, &[("before", &loss[0]), ("after", &loss[1])])),
        (own.best_at, fill(own.best_at_value, &[("steps", &steps), ("restart", &restart)])),
        (own.time_of_all, words.duration(result.milliseconds)),
    ]
}

/// The largest change of a number between the two pictures in 8 bits, in levels.
fn levels_apart(outcome: &Outcome) -> usize {
    let (before, after) = (&outcome.square.picture.rgb, &outcome.adversarial.rgb);
    let apart = before.iter().zip(after).map(|(before, after)| before.abs_diff(*after));
    usize::from(apart.max().unwrap_or(0))
}

/// Why a flag is a reason to look at the attack.
pub fn flag_words(text: &PgdText, flag: HonestyFlag) -> &'static str {
    match flag {
        HonestyFlag::ZeroGradient => text.flag_zero_gradient,
        HonestyFlag::OutputsLookLikeProbabilities => text.flag_probabilities,
        HonestyFlag::NoGrowthWithEpsilon => text.flag_no_growth,
        HonestyFlag::RandomBeatsSteps => text.flag_random,
    }
}

/// What the engine found odd; what concerns a field is said there already.
fn caution_words(text: &PgdText, caution: Caution) -> Option<&'static str> {
    match caution {
        Caution::StepAboveEpsilon | Caution::EpsilonZero => None,
        Caution::AlreadyThere => Some(text.caution_already_there),
        Caution::AlreadyWrong => Some(text.caution_already_wrong),
    }
}
