//! A chatbot with a guard around it, played by the learner.

use leptos::prelude::*;

use super::draft::Field;
use super::examples::Example;
use super::fields::{
    area, button, cancel_button, folded, hint, keeper, panel, shown, slider, status, styled_button,
    switch,
};
use super::model::Quality;
use super::pipeline::{Check, Checked, Entry, Finding, Outcome, Reading, Settings};
use super::state::{Turn, use_lab};
use super::text::GuardText;
use super::verdict_view::shortened;
use super::words::{caution_text, filled, policy_name, text, word};
use crate::page::bench::words::{Words, use_words};
use crate::protocol::{Policy, TextCaution, UseCase};

/// The switches, the conversation, the log.
#[component]
pub fn PipelinePanel() -> impl IntoView {
    view! {
        {panel("guard-switches-heading", word(|text| text.switches), view! { <Switches /> }.into_any())}
        {panel("guard-talk-heading", word(|text| text.talk), view! { <Conversation /> }.into_any())}
        {panel("guard-log-heading", word(|text| text.log), view! { <Log /> }.into_any())}
        <Quality />
    }
    .into_any()
}

/// What is checked, where, and from which threshold on.
#[component]
fn Switches() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let settings = Memo::new(move |_| lab.draft.with(|draft| draft.pipeline.clone()));
    let toggle = move |name: fn(&GuardText) -> &'static str,
                       read: fn(&Settings) -> bool,
                       write: fn(&mut Settings, bool)| {
        switch(
            Signal::derive(move || name(text(words)).to_owned()),
            Signal::derive(move || settings.with(read)),
            Callback::new(move |on| lab.update(|draft| write(&mut draft.pipeline, on))),
        )
    };
    let check = move |policy: Policy| {
        let id = StoredValue::new(policy.id.clone());
        let name = policy_name(&policy);
        let now = move || id.with_value(|id| settings.with(|it| it.check(id)));
        let change = move |change: &dyn Fn(&mut Check)| {
            let mut check = untrack(now);
            change(&mut check);
            lab.update(|draft| draft.pipeline.set(check));
        };
        let threshold = move || now().threshold.unwrap_or_else(|| lab.threshold.get());
        let label = {
            let name = name.clone();
            Signal::derive(move || {
                let value = words.decimal(f64::from(threshold()), 2);
                filled(text(words).threshold_of, &[("policy", name.clone()), ("threshold", value)])
            })
        };
        let turn = Callback::new(move |on| change(&|check| check.on = on));
        let slid = Callback::new(move |to| change(&|check| check.threshold = Some(to)));
        let slider = move || {
            let value = Signal::derive(threshold);
            now().on.then(|| slider(label, value, [0.0, 1.0, 0.01], slid))
        };
        let on = Memo::new(move |_| now().on);
        view! {
            <li>
                {switch(Signal::derive(move || name.clone()), on.into(), turn)}
                {shown(move || if on.get() { untrack(slider) } else { None })}
            </li>
        }
        .into_any()
    };
    let rules = move || Some(lab.rules.get().into_iter().map(check).collect_view().into_any());
    let usual = Callback::new(move |()| {
        lab.update(|draft| draft.pipeline.checks.retain(|check| !check.on));
    });
    let none = Signal::derive(move || {
        settings.with(|it| it.checks.iter().all(|check| check.threshold.is_none()))
    });
    view! {
        <div class="guard-choices">
            {toggle(|text| text.check_input, |it| it.input, |it, on| it.input = on)}
            {toggle(|text| text.check_output, |it| it.output, |it, on| it.output = on)}
            {toggle(|text| text.fails_closed, |it| it.fails_closed, |it, on| it.fails_closed = on)}
        </div>
        <ul class="guard-checks">{shown(rules)}</ul>
        <div class="bench-row">{button(word(|text| text.usual_thresholds), none, usual)}</div>
        {area(word(|text| text.canned), Field::Canned, 2, word(|text| text.canned_default))}
        <p class="hint">{word(|text| text.canned_hint)}</p>
    }
    .into_any()
}

/// The message, the chatbot's turn, and what became of it.
#[component]
fn Conversation() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let talk = lab.talk;
    let busy = talk.checking.busy();
    // Sending again takes back what is on its way; a button that is pressed keeps the focus.
    let no_message = Signal::derive(move || {
        lab.guards.loaded.get().is_none() || lab.draft.with(|draft| draft.message.trim().is_empty())
    });
    let no_answer = Signal::derive(move || lab.draft.with(|draft| draft.answer.trim().is_empty()));
    let stage = Memo::new(move |_| {
        talk.turn.with(|turn| match turn {
            Turn::User => 0,
            Turn::Input => 1,
            Turn::Chatbot(_) => 2,
            Turn::Output(_) => 3,
            Turn::Over(_) => 4,
        })
    });
    let answer = move || {
        matches!(stage.get(), 2 | 3).then(|| {
            view! {
                <div class="guard-chatbot">
                    <Starters exchanges=true />
                    {area(word(|text| text.answer), Field::Answer, 3, word(|text| text.answer_here))}
                    <div class="bench-row">
                        {styled_button(
                            "button button-primary",
                            word(|text| text.send_answer),
                            no_answer,
                            Callback::new(move |()| talk.answer(lab)),
                        )}
                    </div>
                </div>
            }
            .into_any()
        })
    };
    let said = move || {
        let text = text(words);
        match stage.get() {
            1 => text.checking_input,
            2 => text.your_turn,
            3 => text.checking_output,
            _ => "",
        }
    };
    let over = move || match talk.turn.get() {
        Turn::Over(entry) => Some(ending(words, &entry)),
        _ => None,
    };
    let is_over = Signal::derive(move || stage.get() == 4);
    let cancel = Callback::new(move |()| talk.cancel(lab));
    view! {
        <Starters exchanges=false />
        {area(word(|text| text.message), Field::Message, 2, word(|text| text.message_here))}
        <div class="bench-row">
            {styled_button(
                "button button-primary",
                word(|text| text.send),
                no_message,
                Callback::new(move |()| talk.send(lab)),
            )}
            {cancel_button(busy, cancel)}
        </div>
        {status(said)}
        {shown(answer)}
        {keeper(is_over, view! { <div aria-live="polite">{shown(over)}</div> }.into_any())}
    }
    .into_any()
}

/// Messages, or answers, to take from.
#[component]
fn Starters(exchanges: bool) -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let starter = move |example: &Example| {
        let said = match (exchanges, &example.response) {
            (true, Some(response)) => response.clone(),
            _ => example.prompt.clone(),
        };
        let shown = said.clone();
        let choose = move |_| {
            let field = if exchanges { Field::Answer } else { Field::Message };
            lab.update(|draft| draft.put(field, said.clone()));
        };
        view! {
            <li>
                <button type="button" class="button guard-starter" on:click=choose>
                    <span>{shown}</span>
                </button>
            </li>
        }
        .into_any()
    };
    let starters = move |()| {
        let list = move || {
            let texts = lab.texts.get()?;
            let code = words.lang().code();
            let mut starters = texts.starters(code, UseCase::PromptResponse);
            if !exchanges {
                let mut seen = Vec::new();
                starters.retain(|it| {
                    let new = !seen.contains(&it.prompt);
                    seen.push(it.prompt.clone());
                    new
                });
                starters.extend(texts.starters(code, UseCase::PromptOnly));
            }
            Some(starters.into_iter().map(starter).collect_view().into_any())
        };
        view! { <ul class="guard-starters">{shown(list)}</ul> }.into_any()
    };
    let name = word(|text| text.starters);
    let answers = word(|text| text.answers);
    let summary =
        Signal::derive(move || if exchanges { answers.get() } else { name.get() }.to_owned());
    folded(summary, Callback::new(starters))
}

/// What the user gets to see.
fn ending(words: Words, entry: &Entry) -> AnyView {
    let (lab, text) = (use_lab(), text(words));
    let (class, said) = match entry.outcome() {
        Outcome::StoppedAtInput => ("success", text.stopped_at_input),
        Outcome::StoppedAtOutput => ("half", text.stopped_at_output),
        Outcome::Delivered => ("held", text.delivered),
    };
    // As it was when it went out; otherwise every key that is pressed would be read out here.
    let canned = lab.draft.with_untracked(|draft| draft.canned.clone());
    let canned = if canned.trim().is_empty() { text.canned_default.to_owned() } else { canned };
    let seen = match (entry.outcome(), &entry.answer) {
        (Outcome::Delivered, Some(answer)) => answer.clone(),
        _ => canned,
    };
    view! {
        <div class=format!("bench-verdict {class}")>
            <strong>{said}</strong>
            <p>{text.user_sees} " " <q>{seen}</q></p>
        </div>
    }
    .into_any()
}

/// What was decided, newest first.
#[component]
fn Log() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let log = lab.talk.log;
    let empty = move || log.with(Vec::is_empty).then(|| text(words).log_empty.to_owned());
    let rows = move || {
        Some(log.get().into_iter().rev().map(|it| line(words, it)).collect_view().into_any())
    };
    let clear = Callback::new(move |()| log.set(Vec::new()));
    let none = Signal::derive(move || log.with(Vec::is_empty));
    let clear = button(word(|text| text.clear_log), none, clear);
    view! {
        {hint(empty)}
        <ol class="guard-log">{shown(rows)}</ol>
        {keeper(none, view! { <div class="bench-row">{clear}</div> }.into_any())}
        <p class="hint">{word(|text| text.log_hint)}</p>
    }
    .into_any()
}

/// A line of the log.
fn line(words: Words, entry: Entry) -> AnyView {
    let (lab, text) = (use_lab(), text(words));
    let decision = match entry.outcome() {
        Outcome::StoppedAtInput => text.log_input,
        Outcome::StoppedAtOutput => text.log_output,
        Outcome::Delivered => text.log_delivered,
    };
    let version = filled(text.log_version, &[("version", words.whole(entry.version))]);
    let check = |name: &'static str, checked: &Checked| {
        let found = |findings: &[Finding]| {
            findings.iter().map(|it| finding(words, it)).collect::<Vec<_>>().join("; ")
        };
        let said = match checked {
            Checked::Off => text.check_off.to_owned(),
            Checked::Failed(detail) => filled(text.check_failed, &[("detail", detail.clone())]),
            Checked::Done(Reading { findings, cut, cautions }) => {
                let cut =
                    (*cut > 0).then(|| filled(text.check_cut, &[("count", words.whole(*cut))]));
                let others = cautions.iter().filter(|it| **it != TextCaution::Cut);
                let others = others.map(|it| caution_text(text, *it).to_owned());
                let said = cut.into_iter().chain(others).chain([found(findings)]);
                said.collect::<Vec<_>>().join(" ")
            }
        };
        view! { <p><strong>{name} ":"</strong> " " {said}</p> }
    };
    let input = check(text.check_input, &entry.input);
    let output = entry.output.as_ref().map(|output| check(text.check_output, output));
    let (message, answer) = (entry.message.clone(), entry.answer.clone());
    let again = Callback::new(move |()| {
        let (message, answer) = (message.clone(), answer.clone());
        lab.update(|draft| {
            draft.put(Field::Message, message);
            if let Some(answer) = answer {
                draft.put(Field::Answer, answer);
            }
        });
    });
    let never = Signal::derive(|| false);
    view! {
        <li>
            <p class="guard-log-head">
                <span class="bench-number">"#" {entry.number}</span>
                " "
                <strong>{decision}</strong>
                " "
                <small>{version}</small>
            </p>
            <p class="guard-log-text">{shortened(&entry.message)}</p>
            {input}
            {output}
            {styled_button("button bench-quiet", word(|text| text.put_back), never, again)}
        </li>
    }
    .into_any()
}

/// What was found by one policy, in a few words.
fn finding(words: Words, finding: &Finding) -> String {
    let (sign, relation) = if finding.is_flagged() { ("⚑", "≥") } else { ("✓", "<") };
    filled(
        text(words).finding,
        &[
            ("sign", sign.to_owned()),
            ("policy", finding.name.clone()),
            ("p", words.confidence(finding.p_yes)),
            ("relation", relation.to_owned()),
            ("threshold", words.confidence(finding.threshold)),
        ],
    )
}
