//! The original's two mistakes, to be made and to be mended: one index for every row of a batch, and
//! an answer that the template has no place for.

use leptos::prelude::*;

use super::fields::{button, hint, panel, radio, select, shown, status, styled_button};
use super::model::Quality;
use super::state::use_lab;
use super::text::GuardText;
use super::words::{filled, policy_name, text, word};
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::bench::words::{Words, use_words};
use crate::page::pgd::table::{Rows, plain_table};
use crate::page::problem_note::ProblemNote;
use crate::protocol::{
    BatchReport, BatchRequest, BatchRow, Exchange, JudgeManyRequest, Judged, Policy, Request,
    Response, UseCase,
};

/// The lines of code that say which position of a row is read. The first is the original's.
const INDICES: [&str; 3] = [
    "last = sum(padding_mask[0]) - 1",
    "last = sum(padding_mask, axis=1) - 1",
    "last = padding_mask.shape[1] - 1",
];

/// The lines of code that make the prompt. The first is the original's.
const TEMPLATES: [&str; 2] =
    ["make_prompt(user_content, policy)", "make_prompt(user_content, policy, model_content)"];

/// Which row's end is read in a row, by the chosen line of [`INDICES`].
fn read_at(line: usize, row: usize, report: &BatchReport) -> usize {
    match line {
        0 => 0,
        1 => row,
        _ => report.rows.iter().position(|row| row.tokens == report.length).unwrap_or(row),
    }
}

/// A text of the learner's, not kept.
fn field(label: Signal<&'static str>, value: RwSignal<String>) -> AnyView {
    view! {
        <label class="bench-field guard-area">
            <span>{move || label.get()}</span>
            <textarea
                rows="2"
                autocomplete="off"
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
        </label>
    }
    .into_any()
}

/// A choice among lines of code.
fn lines(group: &'static str, all: &'static [&'static str], chosen: RwSignal<usize>) -> AnyView {
    let line = |(place, code): (usize, &'static &'static str)| {
        let here = Signal::derive(move || chosen.get() == place);
        let choose = Callback::new(move |()| chosen.set(place));
        view! { <li class="guard-code">{radio(group, Signal::derive(|| *code), here, choose)}</li> }
    };
    view! { <ul class="guard-lines">{all.iter().enumerate().map(line).collect_view()}</ul> }
        .into_any()
}

/// A text that begins with the page's own wording, until it is changed.
fn begins_with(name: fn(&GuardText) -> &'static str) -> RwSignal<String> {
    let words = use_words();
    RwSignal::new(name(text(words)).to_owned())
}

/// One index for every row.
#[component]
pub fn BatchPanel() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let (first, second) =
        (begins_with(|text| text.batch_short), begins_with(|text| text.batch_long));
    let chosen = RwSignal::new(0);
    let policy = RwSignal::new(String::new());
    let policies = Signal::derive(move || {
        let rules = lab.rules.get();
        rules.iter().map(|rule| (rule.id.clone(), policy_name(rule))).collect()
    });
    let rule = move || {
        let id = policy.get();
        lab.rules.with(|rules| {
            let found = rules.iter().find(|rule| rule.id == id);
            found
                .or_else(|| rules.iter().find(|rule| rule.id == "harassment"))
                .or(rules.first())
                .cloned()
        })
    };
    let shown_policy = Signal::derive(move || rule().map(|rule| rule.id).unwrap_or_default());
    let report: Job<BatchReport> = Job::new();
    let judge = move || {
        let (Some(guard), Some(policy)) = (lab.guards.loaded.peek(), untrack(rule)) else { return };
        let texts = vec![first.get_untracked(), second.get_untracked()];
        let request = BatchRequest { guard: guard.id.clone(), texts, policy };
        let work = move |attempt: Attempt| async move {
            match attempt.ask(Request::JudgeBatch(request)).await? {
                Response::Batch(report) => Ok(report),
                other => Err(unexpected(&other)),
            }
        };
        report.start(lab.engine, work, |_| {});
    };
    let turn = Callback::new(move |()| {
        let before = first.get_untracked();
        first.set(second.get_untracked());
        second.set(before);
        if report.peek().is_some() {
            judge();
        }
    });
    let lacking = Signal::derive(move || {
        let blank = |text: RwSignal<String>| text.with(|text| text.trim().is_empty());
        lab.guards.loaded.get().is_none() || blank(first) || blank(second)
    });
    let never = Signal::derive(|| false);
    let busy = report.busy();
    let table = move || Some(plain_table(batch_rows(words, &*report.get()?, chosen.get())));
    let said = Signal::derive(move || {
        let report = report.get()?;
        Some(batch_words(words, &report, chosen.get()))
    });
    let choose = Callback::new(move |id: String| {
        policy.set(id);
        if report.peek().is_some() {
            judge();
        }
    });
    let inside = view! {
        {field(word(|text| text.batch_first), first)}
        {field(word(|text| text.batch_second), second)}
        <div class="bench-row">
            {select(word(|text| text.policy), policies, shown_policy, choose)}
            {button(word(|text| text.batch_turn), never, turn)}
        </div>
        <p>{word(|text| text.batch_line)}</p>
        {lines("guard-index", &INDICES, chosen)}
        <div class="bench-row">
            {styled_button(
                "button button-primary",
                word(|text| text.batch_judge),
                lacking,
                Callback::new(move |()| judge()),
            )}
        </div>
        {status(move || if busy.get() { text(words).judging } else { "" })}
        <ProblemNote problem=report.problem() retry=move |()| judge() />
        <div class="bench-table guard-table">
            <div
                class="bench-table-scroll"
                tabindex="0"
                role="region"
                aria-label=word(|text| text.batch)
            >
                {shown(table)}
            </div>
        </div>
        <p role="status">{move || said.get()}</p>
    };
    view! {
        {panel("guard-batch-heading", word(|text| text.batch), inside.into_any())}
        <Quality />
    }
    .into_any()
}

/// A row for each text: how long it is, where it is read, what stands there, and what comes of it.
fn batch_rows(words: Words, report: &BatchReport, line: usize) -> Rows {
    let text = text(words);
    let heads = [
        text.batch_row,
        text.batch_tokens,
        text.batch_position,
        text.batch_token,
        text.batch_here,
        text.batch_right,
    ];
    let row = |(place, row): (usize, &BatchRow)| {
        let at = read_at(line, place, report);
        let (found, right) = (row.at.get(at)?, row.at.get(place)?);
        let token = match &found.token {
            Some(token) => token.replace('\n', "↵"),
            None => text.batch_padding.to_owned(),
        };
        Some(vec![
            place.to_string(),
            filled(
                text.batch_of,
                &[("tokens", words.whole(row.tokens)), ("length", words.whole(report.length))],
            ),
            words.whole(found.position),
            token,
            words.confidence(found.p_yes),
            words.confidence(right.p_yes),
        ])
    };
    Rows {
        heads: heads.map(str::to_owned).to_vec(),
        rows: report.rows.iter().enumerate().filter_map(row).collect(),
    }
}

/// What the chosen line does to this batch.
fn batch_words(words: Words, report: &BatchReport, line: usize) -> String {
    let text = text(words);
    let wrong = report.rows.iter().enumerate().find_map(|(place, row)| {
        let at = row.at.get(read_at(line, place, report))?;
        (at.position + 1 != row.tokens).then_some((place, row, at))
    });
    let Some((place, row, at)) = wrong else {
        let by_luck = line != 1;
        return if by_luck { text.batch_luck } else { text.batch_all_right }.to_owned();
    };
    let said = if at.token.is_none() { text.batch_in_padding } else { text.batch_in_middle };
    let right = row.at.get(place).map_or(0.0, |right| right.p_yes);
    filled(
        said,
        &[
            ("row", place.to_string()),
            ("here", words.confidence(at.p_yes)),
            ("right", words.confidence(right)),
        ],
    )
}

/// An answer that nobody reads.
#[component]
pub fn UnreadPanel() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let request = begins_with(|text| text.unread_request);
    let answers = [begins_with(|text| text.unread_friendly), begins_with(|text| text.unread_nasty)];
    let chosen = RwSignal::new(0);
    // What was said by either template, so that they can be compared.
    let judged: [Job<Vec<Judged>>; 2] = [Job::new(), Job::new()];
    let judge = move || {
        let line = chosen.get_untracked();
        let (Some(guard), Some(job)) = (lab.guards.loaded.peek(), judged.get(line)) else { return };
        let exchange = |answer: RwSignal<String>| Exchange {
            prompt: request.get_untracked(),
            response: Some(answer.get_untracked()),
        };
        let request = JudgeManyRequest {
            guard: guard.id.clone(),
            use_case: if line == 0 { UseCase::PromptOnly } else { UseCase::PromptResponse },
            policies: lab.rules.get_untracked(),
            exchanges: answers.map(exchange).to_vec(),
            normalise: false,
        };
        let work = move |attempt: Attempt| async move {
            match attempt.ask(Request::JudgeMany(request)).await? {
                Response::JudgedMany(judged) => Ok(judged),
                other => Err(unexpected(&other)),
            }
        };
        job.start(lab.engine, work, |_| {});
    };
    let lacking = Signal::derive(move || {
        let blank = |text: &RwSignal<String>| text.with(|text| text.trim().is_empty());
        lab.guards.loaded.get().is_none() || blank(&request) || answers.iter().any(blank)
    });
    let busy = Signal::derive(move || judged.iter().any(|job| job.busy().get()));
    let current = move || judged.get(chosen.get()).and_then(|job| job.get());
    let table = move || {
        let judged = current()?;
        let rules = lab.rules.get();
        Some(plain_table(unread_rows(words, &rules, &judged)))
    };
    let said = move || {
        let judged = current()?;
        let [first, second] = judged.as_slice() else { return None };
        let text = text(words);
        let same = first.judgements == second.judgements;
        Some(if same { text.unread_same } else { text.unread_differs }.to_owned())
    };
    let problem = Signal::derive(move || judged.iter().find_map(|job| job.problem().get()));
    let inside = view! {
        {field(word(|text| text.unread_asked), request)}
        {field(word(|text| text.unread_answer_1), answers[0])}
        {field(word(|text| text.unread_answer_2), answers[1])}
        <p>{word(|text| text.unread_line)}</p>
        {lines("guard-template", &TEMPLATES, chosen)}
        <div class="bench-row">
            {styled_button(
                "button button-primary",
                word(|text| text.unread_judge),
                lacking,
                Callback::new(move |()| judge()),
            )}
        </div>
        {status(move || if busy.get() { text(words).judging } else { "" })}
        <ProblemNote problem retry=move |()| judge() />
        <div class="bench-table guard-table">
            <div
                class="bench-table-scroll"
                tabindex="0"
                role="region"
                aria-label=word(|text| text.unread)
            >
                {shown(table)}
            </div>
        </div>
        {hint(said)}
    };
    view! {
        {panel("guard-unread-heading", word(|text| text.unread), inside.into_any())}
        <Quality />
    }
    .into_any()
}

/// A row for each policy, P(Yes) with the one answer and with the other.
fn unread_rows(words: Words, rules: &[Policy], judged: &[Judged]) -> Rows {
    let text = text(words);
    let heads = [text.policy, text.unread_answer_1, text.unread_answer_2];
    let row = |rule: &Policy| {
        let p = |judged: &Judged| {
            let found = judged.judgements.iter().find(|it| it.policy == rule.id);
            found.map_or_else(String::new, |it| words.confidence(it.p_yes))
        };
        std::iter::once(policy_name(rule)).chain(judged.iter().map(p)).collect()
    };
    Rows { heads: heads.map(str::to_owned).to_vec(), rows: rules.iter().map(row).collect() }
}
