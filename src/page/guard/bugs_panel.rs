//! The original's two mistakes, to be made and to be mended: one index for every row of a batch, and
//! an answer that the template has no place for.

use leptos::prelude::*;

use super::draft::Bug;
use super::fields::{button, panel, radio, select, shown, styled_button};
use super::model::Quality;
use super::state::{Lab, use_lab};
use super::text::GuardText;
use super::verdict_view::notes;
use super::words::{filled, policy_name, text, word};
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::bench::progress_line::ProgressLine;
use crate::page::bench::words::{Words, use_words};
use crate::page::pgd::table::{Rows, plain_table};
use crate::page::problem_note::ProblemNote;
use crate::protocol::{
    BatchReport, BatchRequest, BatchRow, Exchange, JudgeManyRequest, Judged, Policy, Problem,
    ProblemKind, Request, Response, TextCaution, UseCase,
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

/// A text that is the page's own wording, until the learner writes another.
#[derive(Clone, Copy)]
struct Written {
    lab: Lab,
    words: Words,
    place: Bug,
    wording: fn(&GuardText) -> &'static str,
}

impl Written {
    fn new(place: Bug, wording: fn(&GuardText) -> &'static str) -> Self {
        Self { lab: use_lab(), words: use_words(), place, wording }
    }

    fn get(self) -> String {
        let written = self.lab.draft.with(|draft| draft.bugs.get(&self.place).cloned());
        written.unwrap_or_else(|| self.own_wording().to_owned())
    }

    fn is_blank(self) -> bool {
        self.get().trim().is_empty()
    }

    fn set(self, value: String) {
        let is_own = value == untrack(|| self.own_wording());
        self.lab.update(|draft| {
            if is_own {
                draft.bugs.remove(&self.place);
            } else {
                draft.bugs.insert(self.place, value);
            }
        });
    }

    fn own_wording(self) -> &'static str {
        (self.wording)(text(self.words))
    }
}

/// A field for one of them.
fn field(label: Signal<&'static str>, written: Written) -> AnyView {
    let value = Memo::new(move |_| written.get());
    view! {
        <label class="bench-field guard-area">
            <span>{move || label.get()}</span>
            <textarea
                rows="2"
                autocomplete="off"
                prop:value=move || value.get()
                on:input=move |event| written.set(event_target_value(&event))
            ></textarea>
        </label>
    }
    .into_any()
}

/// What is missing if one of the texts is blank.
fn lack(texts: &[Written]) -> Option<Problem> {
    let blank = texts.iter().any(|text| text.is_blank());
    blank.then(|| Problem::new(ProblemKind::EmptyText, "", ""))
}

/// What was asked, and what came of it: faded once something else stands there.
type Asked<Q, A> = Job<(Q, A)>;

/// A table in a frame that scrolls by itself.
fn table(label: Signal<&'static str>, rows: Rows) -> AnyView {
    view! {
        <div class="bench-table guard-table">
            <div class="bench-table-scroll" tabindex="0" role="region" aria-label=label>
                {plain_table(rows)}
            </div>
        </div>
    }
    .into_any()
}

/// How far the guard is, with a way to stop it.
fn progress<T: Send + Sync + 'static>(lab: Lab, job: Job<T>) -> AnyView {
    view! {
        <ProgressLine
            busy=job.busy()
            progress=Signal::derive(move || job.progress())
            otherwise=word(|text| text.judging)
            cancel=move |()| job.cancel(lab.engine)
        />
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

/// One index for every row.
#[component]
pub fn BatchPanel() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let texts = [
        Written::new(Bug::FirstRow, |text| text.batch_short),
        Written::new(Bug::SecondRow, |text| text.batch_long),
    ];
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
    let wanted = Memo::new(move |_| {
        let guard = lab.guards.loaded.get()?.id.clone();
        let texts = texts.map(Written::get).to_vec();
        Some(BatchRequest { guard, texts, policy: rule()? })
    });
    let report: Asked<BatchRequest, BatchReport> = Job::new();
    let judge = move || {
        let Some(request) = wanted.get_untracked() else { return };
        let work = move |attempt: Attempt| async move {
            match attempt.ask(Request::JudgeBatch(request.clone())).await? {
                Response::Batch(report) => Ok((request, report)),
                other => Err(unexpected(&other)),
            }
        };
        report.start(lab.engine, work, |_| {});
    };
    let turn = Callback::new(move |()| {
        let [first, second] = texts;
        let [before, after] = untrack(|| texts.map(Written::get));
        first.set(after);
        second.set(before);
        if report.peek().is_some() {
            judge();
        }
    });
    let missing = Signal::derive(move || lack(&texts));
    let lacking = Signal::derive(move || wanted.get().is_none() || missing.get().is_some());
    let never = Signal::derive(|| false);
    let stale =
        Memo::new(move |_| report.get().is_some_and(|kept| wanted.get().as_ref() != Some(&kept.0)));
    let result = move || {
        let kept = report.get()?;
        let (_, report) = &*kept;
        let remarks = report.rows.iter().map(|row| notes(words, row.cut, &row.cautions));
        let remarks = remarks.collect_view();
        let rows = batch_rows(words, report, chosen.get());
        let inside = view! { {table(word(|text| text.batch), rows)} {remarks} };
        Some(inside.into_any())
    };
    let said = Signal::derive(move || {
        let kept = report.get()?;
        Some(batch_words(words, &kept.1, chosen.get()))
    });
    let choose = Callback::new(move |id: String| {
        policy.set(id);
        if report.peek().is_some() {
            judge();
        }
    });
    let [first, second] = texts;
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
        <ProblemNote problem=missing />
        {progress(lab, report)}
        <ProblemNote problem=report.problem() retry=move |()| judge() />
        <div class="guard-result" class:stale=move || stale.get()>
            {shown(result)}
            <p role="status">{move || said.get()}</p>
        </div>
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
            Some(token) => token.replace('\n', "↵").replace('\u{2581}', "·"),
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
    let asked = Written::new(Bug::Asked, |text| text.unread_request);
    let answers = [
        Written::new(Bug::FirstAnswer, |text| text.unread_friendly),
        Written::new(Bug::SecondAnswer, |text| text.unread_nasty),
    ];
    let chosen = RwSignal::new(0);
    let wanted = move |line: usize| {
        let exchange =
            |answer: Written| Exchange { prompt: asked.get(), response: Some(answer.get()) };
        Some(JudgeManyRequest {
            guard: lab.guards.loaded.get()?.id.clone(),
            use_case: if line == 0 { UseCase::PromptOnly } else { UseCase::PromptResponse },
            policies: lab.rules.get(),
            exchanges: answers.map(exchange).to_vec(),
            normalise: false,
        })
    };
    // What was said by either template, so that they can be compared.
    let judged: [Asked<JudgeManyRequest, Vec<Judged>>; 2] = [Job::new(), Job::new()];
    let judge = move || {
        let line = chosen.get_untracked();
        let request = untrack(|| wanted(line));
        let (Some(request), Some(job)) = (request, judged.get(line)) else { return };
        let work = move |attempt: Attempt| async move {
            match attempt.ask(Request::JudgeMany(request.clone())).await? {
                Response::JudgedMany(judged) => Ok((request, judged)),
                other => Err(unexpected(&other)),
            }
        };
        job.start(lab.engine, work, |_| {});
    };
    let [first, second] = answers;
    let missing = Signal::derive(move || lack(&[asked, first, second]));
    let lacking =
        Signal::derive(move || lab.guards.loaded.get().is_none() || missing.get().is_some());
    let problem = Signal::derive(move || judged.iter().find_map(|job| job.problem().get()));
    let block = |line: usize, job: Asked<JudgeManyRequest, Vec<Judged>>| {
        let stale = Memo::new(move |_| {
            job.get().is_some_and(|kept| wanted(line).as_ref() != Some(&kept.0))
        });
        let inside = move || {
            let kept = job.get()?;
            let (request, judged) = &*kept;
            let code = TEMPLATES.get(line).copied().unwrap_or_default();
            let rows = unread_rows(words, &request.policies, judged);
            let note = |judged: &Judged| {
                // That the answer is not read is for the learner to find.
                let rest = judged.cautions.iter().copied();
                let rest: Vec<_> =
                    rest.filter(|caution| *caution != TextCaution::ResponseUnread).collect();
                notes(words, judged.cut, &rest)
            };
            let remarks = judged.iter().map(note).collect_view();
            let inside = view! {
                <p><code>{code}</code></p>
                {table(word(|text| text.unread), rows)}
                {remarks}
            };
            Some(inside.into_any())
        };
        let said = Signal::derive(move || {
            let kept = job.get()?;
            let [first, second] = kept.1.as_slice() else { return None };
            let text = text(words);
            let same = first.judgements == second.judgements;
            Some(if same { text.unread_same } else { text.unread_differs })
        });
        view! {
            {progress(lab, job)}
            <div class="guard-result" class:stale=move || stale.get()>
                {shown(inside)}
                <p role="status">{move || said.get()}</p>
            </div>
        }
        .into_any()
    };
    let blocks = judged.iter().enumerate().map(|(line, job)| block(line, *job)).collect_view();
    let inside = view! {
        {field(word(|text| text.unread_asked), asked)}
        {field(word(|text| text.unread_answer_1), first)}
        {field(word(|text| text.unread_answer_2), second)}
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
        <ProblemNote problem=missing />
        <ProblemNote problem retry=move |()| judge() />
        {blocks}
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
