//! What the attacks aim at.

use leptos::prelude::*;

use super::aim::{goal_for, verdict};
use super::state::use_arena;
use super::text::pgd_text;
use super::truth::Truth;
use super::words::{bench_word, word};
use crate::page::bench::labels;
use crate::page::bench::words::use_words;
use crate::page::fill::fill;
use crate::page::lang::Lang;
use crate::page::link::GoalLink;
use crate::protocol::Verdict;

/// Towards a class, or away: from what each model says, or from a label.
#[component]
pub fn GoalField() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let goal = Memo::new(move |_| arena.link.with(|link| link.goal));
    let set = move |to: GoalLink| arena.update(|link| link.goal = to);
    // The label to begin with: one to lead towards, or what the picture shows to lead away from.
    let shown = move || match untrack(|| arena.truth()) {
        Truth::Label(label) => label,
        Truth::Unknown | Truth::NoLabel => 0,
    };
    let other = move || if shown() == 4 { 0 } else { 4 };
    let choice = move |name: fn(&super::text::PgdText) -> &'static str,
                       is: fn(GoalLink) -> bool,
                       to: Callback<(), GoalLink>| {
        view! {
            <label class="bench-choice">
                <input
                    type="radio"
                    name="pgd-goal"
                    prop:checked=move || is(goal.get())
                    on:change=move |_| set(to.run(()))
                />
                <span>{word(name)}</span>
            </label>
        }
    };
    let chosen = move || match goal.get() {
        GoalLink::Away => None,
        GoalLink::AwayFrom(label) | GoalLink::Towards(label) => Some(label),
    };
    let picked = move |event| {
        if let Ok(label) = event_target_value(&event).parse() {
            set(match goal.get_untracked() {
                GoalLink::Towards(_) => GoalLink::Towards(label),
                _ => GoalLink::AwayFrom(label),
            });
        }
    };
    let wants_class = Memo::new(move |_| chosen().is_some());
    let classes = move || {
        if !wants_class.get() {
            return None;
        }
        let known = arena.labels();
        let vietnamese = words.lang() == Lang::Vi;
        let option = |label: usize| {
            let name = labels::label_name(&known, vietnamese, label);
            view! { <option value=label prop:selected=move || chosen() == Some(label)>{name}</option> }
        };
        let mut listed: Vec<_> = (0..labels::count(&known)).collect();
        // A label that the model lacks is shown as what it is, and not as another one.
        let lacking = untrack(chosen).filter(|&label| label >= listed.len());
        listed.extend(lacking);
        Some(view! {
            <label class="bench-field">
                <span>{words.text().class}</span>
                <select on:change=picked>{listed.into_iter().map(option).collect_view()}</select>
            </label>
        })
    };
    // Models for which there is nothing to do, or whose success would mean nothing.
    let odd = move || {
        let text = pgd_text(words.lang());
        let mut models = Vec::new();
        for lane in arena.lanes {
            let Some(seen) = lane.current() else { continue };
            let Some(best) = seen.classification.top.first() else { continue };
            let aim = goal_for(goal.get(), &arena.labels(), &seen.model.labels);
            if aim.is_ok_and(|aim| verdict(aim, best.label, best.label) == Verdict::NothingToDo) {
                let (model, said) =
                    (words.localised(&seen.model.title), words.label(&seen.model, best.label));
                models.push(format!("{model} ({said})"));
            }
        }
        let targeted = matches!(goal.get(), GoalLink::Towards(_));
        let template = if targeted { text.already_there } else { text.already_wrong };
        (!models.is_empty()).then(|| {
            let said = fill(template, &[("models", &models.join(", "))]);
            view! { <p class="bench-note">{said}</p> }
        })
    };
    view! {
        <fieldset class="bench-panel pgd-group">
            <legend>{bench_word(|text| text.goal)}</legend>
            {choice(
                |text| text.goal_towards,
                |goal| matches!(goal, GoalLink::Towards(_)),
                Callback::new(move |()| GoalLink::Towards(other())),
            )}
            {choice(
                |text| text.goal_away,
                |goal| goal == GoalLink::Away,
                Callback::new(|()| GoalLink::Away),
            )}
            {choice(
                |text| text.goal_away_from,
                |goal| matches!(goal, GoalLink::AwayFrom(_)),
                Callback::new(move |()| GoalLink::AwayFrom(shown())),
            )}
            {classes}
            <div aria-live="polite">{odd}</div>
        </fieldset>
    }
    .into_any()
}
