//! The text that is judged: chosen, written, or opened from a file.

use leptos::prelude::*;
use web_sys::FileList;

use super::draft::Field;
use super::examples::Example;
use super::fields::{area, own, panel, radio, shown};
use super::state::use_lab;
use super::words::{filled, text, word};
use crate::page::bench::file_button::FileButton;
use crate::page::bench::given_files::take_files;
use crate::page::bench::job::Job;
use crate::page::bench::words::use_words;
use crate::page::files;
use crate::page::problem_note::ProblemNote;
use crate::protocol::{Problem, ProblemKind, UseCase};

/// The largest text file that is read, in bytes; no guard reads so much.
const MAX_FILE: f64 = 200e3;

/// From this width on the starters are there from the beginning, in CSS pixels.
const ROOMY: f64 = 640.0;

/// The text, and how it is judged.
#[component]
pub fn TextPanel(
    /// Whether an exchange can be judged too.
    #[prop(optional)]
    exchanges: bool,
) -> impl IntoView {
    let lab = use_lab();
    let use_case = Memo::new(move |_| {
        let wanted = lab.draft.with(|draft| draft.use_case);
        if exchanges { wanted } else { UseCase::PromptOnly }
    });
    let way = move |to: UseCase, label| {
        let chosen = Signal::derive(move || use_case.get() == to);
        let choose = Callback::new(move |()| lab.update(|draft| draft.use_case = to));
        radio("guard-use-case", label, chosen, choose)
    };
    let ways = exchanges.then(|| {
        view! {
            <fieldset class="bench-panel guard-choices">
                <legend>{word(|text| text.what_is_judged)}</legend>
                {way(UseCase::PromptOnly, word(|text| text.prompt_only))}
                {way(UseCase::PromptResponse, word(|text| text.prompt_response))}
            </fieldset>
        }
    });
    let response = move || {
        (use_case.get() == UseCase::PromptResponse).then(|| {
            let nothing = word(|text| text.response_here);
            area(word(|text| text.response), Field::Response, 3, nothing)
        })
    };
    let inside = view! {
        {ways}
        <Starters use_case />
        {area(word(|text| text.prompt), Field::Prompt, 3, word(|text| text.prompt_here))}
        {shown(response)}
        <ProblemNote problem=Signal::derive(move || {
            lab.draft.with(|draft| draft.lack(use_case.get()))
        }) />
        <OpenText />
    };
    panel("guard-text-heading", word(|text| text.the_text), inside.into_any())
}

/// The texts to start from.
#[component]
fn Starters(use_case: Memo<UseCase>) -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let roomy = window().inner_width().ok().and_then(|width| width.as_f64());
    let open = roomy.is_some_and(|width| width >= ROOMY);
    let starter = move |example: &Example| {
        let example = StoredValue::new(example.clone());
        let here = Memo::new(move |_| {
            example.with_value(|example| {
                lab.draft.with(|draft| {
                    let same = example.response.as_ref().is_none_or(|it| *it == draft.response);
                    draft.prompt == example.prompt && same
                })
            })
        });
        let choose = move |_| {
            let example = example.get_value();
            lab.update(|draft| {
                draft.put(Field::Prompt, example.prompt);
                if let Some(response) = example.response {
                    draft.put(Field::Response, response);
                }
            });
        };
        let (prompt, response) = example.with_value(|it| (it.prompt.clone(), it.response.clone()));
        let response = response.map(|response| view! { <span>"→ " {response}</span> });
        view! {
            <li>
                <button
                    type="button"
                    class="button guard-starter"
                    aria-pressed=move || here.get().to_string()
                    on:click=choose
                >
                    <span>{prompt}</span>
                    {response}
                </button>
            </li>
        }
        .into_any()
    };
    let starters = move || {
        let texts = lab.texts.get()?;
        let starters = texts.starters(words.lang().code(), use_case.get());
        Some(starters.into_iter().map(starter).collect_view().into_any())
    };
    // What was written is not lost when something else is chosen.
    let own = own(Field::Prompt, |button| view! { <li>{button}</li> }.into_any());
    view! {
        <details class="guard-folded" open=open>
            <summary>{word(|text| text.starters)}</summary>
            <ul class="guard-starters">{own} {shown(starters)}</ul>
        </details>
        <ProblemNote problem=lab.texts.problem() retry=move |()| lab.fetch_texts() />
    }
    .into_any()
}

/// A file in place of what was written.
#[component]
fn OpenText() -> impl IntoView {
    let (lab, words) = (use_lab(), use_words());
    let reading = Job::<()>::new();
    let refused = RwSignal::new(None::<(String, bool)>);
    let open = move |files: FileList| {
        let Some(file) = files.get(0) else { return };
        refused.set(None);
        if file.size() > MAX_FILE {
            refused.set(Some((file.name(), true)));
            return;
        }
        let work = move |_| async move {
            // What cannot be read is no text either.
            let kind = ProblemKind::Internal;
            let bytes = files::read(&file, MAX_FILE, kind, kind).await?;
            match String::from_utf8(bytes) {
                Ok(text) => {
                    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
                    lab.update(|draft| draft.put(Field::Prompt, text));
                }
                Err(_) => refused.set(Some((file.name(), false))),
            }
            Ok::<(), Problem>(())
        };
        reading.start(lab.engine, work, |_| {});
    };
    take_files(Callback::new(open));
    let note = move || {
        let (name, large) = refused.get()?;
        let text = text(words);
        let template = if large { text.file_too_large } else { text.file_no_text };
        let said = filled(template, &[("name", name)]);
        Some(view! { <p class="bench-note">{said}</p> }.into_any())
    };
    view! {
        <div class="bench-row">
            <FileButton label=word(|text| text.open_text) accept=".txt,.md,text/*" open />
            <p class="hint">{word(|text| text.stays_here)}</p>
        </div>
        <div aria-live="polite">{shown(note)}</div>
        <ProblemNote problem=reading.problem() />
    }
    .into_any()
}
