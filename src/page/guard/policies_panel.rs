//! Policies in the learner's wording, and what the verdict was before.

use leptos::prelude::*;

use super::fields::{button, keeper, panel, radio, result, select, shown, status};
use super::model::Quality;
use super::prompt_panel::PolicySelect;
use super::rules;
use super::state::{Kept, use_lab};
use super::text_panel::TextPanel;
use super::verdict_view::{gap, said_by};
use super::words::{filled, policy_name, signed, text, word};
use crate::page::bench::words::use_words;
use crate::page::problem_note::ProblemNote;
use crate::protocol::{Judgement, Policy};

/// The text, the rule, and the verdict before and after.
#[component]
pub fn PoliciesPanel() -> impl IntoView {
    view! {
        <TextPanel exchanges=true />
        {panel("guard-rule-heading", word(|text| text.rule), view! { <Editor /> }.into_any())}
        {panel(
            "guard-before-heading",
            word(|text| text.before_after),
            view! { <BeforeAfter /> }.into_any(),
        )}
    }
    .into_any()
}

/// The rule that is looked at, to be rewritten.
#[component]
fn Editor() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let rule = lab.policy;
    let change = move |change: &dyn Fn(&mut Policy)| {
        let Some(mut policy) = rule.get_untracked() else { return };
        change(&mut policy);
        let originals = untrack(|| lab.guards.policies());
        lab.update(|draft| rules::edit(&originals, &mut draft.rules, policy));
    };
    let name = Memo::new(move |_| rule.get().map(|rule| rule.name).unwrap_or_default());
    let description =
        Memo::new(move |_| rule.get().map(|rule| rule.description).unwrap_or_default());
    let renamed = move |event| {
        let name = event_target_value(&event);
        change(&|rule| rule.name = name.clone());
    };
    let reworded = move |event| {
        let description = event_target_value(&event);
        change(&|rule| rule.description = description.clone());
    };
    let way = move |forbids: bool, label| {
        let chosen = Signal::derive(move || rule.get().is_some_and(|rule| rule.forbids == forbids));
        let choose = Callback::new(move |()| change(&|rule| rule.forbids = forbids));
        radio("guard-forbids", label, chosen, choose)
    };
    let others = Signal::derive(move || {
        let first = (String::new(), "–".to_owned());
        let policies = lab.guards.policies();
        let others = policies.iter().map(|policy| (policy.id.clone(), policy.name.clone()));
        std::iter::once(first).chain(others).collect()
    });
    let borrow = Callback::new(move |id: String| {
        let policies = untrack(|| lab.guards.policies());
        if let Some(policy) = policies.iter().find(|policy| policy.id == id) {
            change(&|rule| rule.description.clone_from(&policy.description));
        }
    });
    let add = Callback::new(move |()| {
        lab.update(|draft| {
            let fresh = rules::fresh(&draft.rules);
            draft.policy.clone_from(&fresh.id);
            draft.rules.push(fresh);
        });
    });
    let is_own = Memo::new(move |_| rule.get().is_some_and(|rule| rules::is_own(&rule.id)));
    let edited = Signal::derive(move || {
        rule.get().is_some_and(|rule| {
            lab.draft.with(|draft| draft.rules.iter().any(|edit| edit.id == rule.id))
        })
    });
    let undo = Callback::new(move |()| {
        let Some(rule) = rule.get_untracked() else { return };
        lab.update(|draft| draft.rules.retain(|edit| edit.id != rule.id));
    });
    let undo_all = Callback::new(move |()| lab.update(|draft| draft.rules.clear()));
    let undo_name = Signal::derive(move || {
        let text = text(words);
        if is_own.get() { text.delete_rule } else { text.reset_rule }
    });
    let untouched = Signal::derive(move || !edited.get());
    let none = Signal::derive(move || lab.draft.with(|draft| draft.rules.is_empty()));
    let never = Signal::derive(|| false);
    let undoing = view! {
        <div class="bench-row">
            {button(undo_name, untouched, undo)} {button(word(|text| text.reset_rules), none, undo_all)}
        </div>
    }
    .into_any();
    view! {
        <div class="bench-row">
            <PolicySelect />
            {button(word(|text| text.add_rule), never, add)}
        </div>
        <fieldset class="bench-panel guard-choices">
            <legend>{word(|text| text.forbids_or_permits)}</legend>
            {way(true, word(|text| text.forbids))}
            {way(false, word(|text| text.permits))}
        </fieldset>
        <label class="bench-field">
            <span>{word(|text| text.rule_name)}</span>
            <input type="text" autocomplete="off" prop:value=move || name.get() on:input=renamed />
        </label>
        <label class="bench-field guard-area">
            <span>{word(|text| text.rule_description)}</span>
            <textarea
                rows="5"
                autocomplete="off"
                prop:value=move || description.get()
                on:input=reworded
            ></textarea>
        </label>
        <div class="bench-row">
            {select(
                word(|text| text.borrow_description),
                others,
                Signal::derive(String::new),
                borrow,
            )}
        </div>
        // What was pressed is disabled by that, and would lose the focus.
        {keeper(untouched, keeper(none, undoing))}
        <p class="hint">{word(|text| text.rules_everywhere)}</p>
    }
    .into_any()
}

/// Each policy before and after.
#[component]
fn BeforeAfter() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    lab.comparison.follow();
    let cell = move |judgement: Option<&Judgement>| match judgement {
        Some(judgement) => view! {
            <td>
                <strong class="bench-number">{words.confidence(judgement.p_yes)}</strong>
                <small>{signed(words, gap(judgement))}</small>
            </td>
        }
        .into_any(),
        None => view! { <td>"–"</td> }.into_any(),
    };
    let row = move |kept: &std::sync::Arc<Kept>, rule: &Policy, here: bool| {
        let before = said_by(kept, &rule.id);
        let after = said_by(kept, &rules::changed_id(&rule.id));
        let change = before.as_ref().zip(after.as_ref());
        let change = change.map(|(before, after)| signed(words, gap(after) - gap(before)));
        let change = change.unwrap_or_else(|| "–".to_owned());
        view! {
            <tr class:guard-here=here>
                <th scope="row">{policy_name(rule)}</th>
                {cell(before.as_ref())}
                {cell(after.as_ref())}
                <td class="bench-number">{change}</td>
            </tr>
        }
        .into_any()
    };
    let table = move || {
        let kept = lab.comparison.get()?;
        let text = text(words);
        let here = lab.policy.get().map(|policy| policy.id);
        let rules = lab.rules.get();
        let rows = rules.iter().map(|rule| row(&kept, rule, here.as_ref() == Some(&rule.id)));
        let inside = view! {
            <div class="bench-table guard-table">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{text.policy}</th>
                            <th scope="col">{text.wording_original}</th>
                            <th scope="col">{text.wording_yours}</th>
                            <th scope="col">{text.gap_moves}</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        };
        Some(inside.into_any())
    };
    let busy = lab.comparison.busy();
    let said = move || if busy.get() { text(words).judging } else { "" };
    let pin = Callback::new(move |()| lab.noted.set(lab.comparison.get()));
    let none = Signal::derive(move || lab.comparison.get().is_none());
    // The gaps of another text under the same rules: what “reading” is computed from.
    let other = move || {
        let (pinned, rule) = (lab.noted.get()?, lab.policy.get()?);
        let said = |id: &str| {
            said_by(&pinned, id).map_or_else(|| "–".to_owned(), |it| signed(words, gap(&it)))
        };
        let values = [
            ("text", super::verdict_view::shortened(&pinned.subject.judge.exchange.prompt)),
            ("policy", policy_name(&rule)),
            ("before", said(&rule.id)),
            ("after", said(&rules::changed_id(&rule.id))),
        ];
        let said = filled(text(words).noted, &values);
        Some(view! { <p class="bench-note">{said}</p> }.into_any())
    };
    view! {
        {status(said)}
        <ProblemNote problem=lab.comparison.problem() retry=move |()| lab.comparison.again() />
        {result(lab.comparison, table)}
        <p class="hint">{word(|text| text.gap_beneath)}</p>
        <div class="bench-row">{button(word(|text| text.note_gaps), none, pin)}</div>
        <div aria-live="polite">{shown(other)}</div>
        <Quality />
    }
    .into_any()
}
