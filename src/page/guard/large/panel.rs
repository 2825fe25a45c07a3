//! What ShieldGemma 2B is, what can hold it, and how far its import is.

use leptos::prelude::*;

use super::delete::DeleteImport;
use super::kept::{name, said};
use super::state::{Large, Outcome, Running, use_large};
use super::text::{LargeText, large_text};
use super::ways::Ways;
use crate::page::bench::words::{Words, use_words};
use crate::page::engine_client::use_engine;
use crate::page::engine_state::EngineState;
use crate::page::guard::fields::{button, hint, keeper, panel, shown, status};
use crate::page::guard::words::filled;
use crate::page::machine;
use crate::page::problem_note::ProblemNote;
use crate::protocol::{Begun, ImportProgress, ImportStep, KeptImport, ProblemKind};

const TERMS: &str = "https://ai.google.dev/gemma/terms";
const MODEL: &str = "https://huggingface.co/google/shieldgemma-2b";

/// A string of this panel, following the language.
pub fn word(name: fn(&LargeText) -> &'static str) -> Signal<&'static str> {
    let words = use_words();
    Signal::derive(move || name(large_text(words.lang())))
}

/// Everything about the import.
#[component]
pub fn LargePanel() -> impl IntoView {
    use_large().refresh();
    let about = view! { <About /> <Devices /> }.into_any();
    let import = view! { <Import /> }.into_any();
    view! {
        {panel("guard-large-heading", word(|text| text.heading), about)}
        {panel("guard-import-heading", word(|text| text.import), import)}
    }
    .into_any()
}

#[component]
fn About() -> impl IntoView {
    view! {
        <p>{word(|text| text.intro)}</p>
        <p>{word(|text| text.licence)}</p>
        <ul class="large-links">
            <li>{link(TERMS, word(|text| text.terms))}</li>
            <li>{link(MODEL, word(|text| text.model_page))}</li>
        </ul>
        <p>{word(|text| text.sizes)}</p>
    }
    .into_any()
}

fn link(address: &'static str, name: Signal<&'static str>) -> AnyView {
    view! {
        <a href=address target="_blank" rel="noopener noreferrer">{name}</a>
    }
    .into_any()
}

/// Which devices can hold it, and whether this is one.
#[component]
fn Devices() -> impl IntoView {
    let (engine, words) = (use_engine(), use_words());
    let small = machine::is_small();
    let here = move || {
        let text = large_text(words.lang());
        if small {
            return text.here_small;
        }
        engine.gpu().with(|gpu| match gpu {
            EngineState::Ready(_) => text.here_gpu,
            EngineState::Loading | EngineState::Restarting => text.here_coming,
            EngineState::Absent(_) | EngineState::Failed(_) => text.here_cpu,
        })
    };
    view! {
        <p>{word(|text| text.devices)}</p>
        <ul>
            <li>{word(|text| text.device_gpu)}</li>
            <li>{word(|text| text.device_cpu)}</li>
            <li>{word(|text| text.device_phone)}</li>
        </ul>
        <p role="status"><strong>{here}</strong></p>
    }
    .into_any()
}

/// What is kept, what runs, and the ways to import.
#[component]
fn Import() -> impl IntoView {
    let (large, words) = (use_large(), use_words());
    let text = move || large_text(words.lang());
    let running = large.running();
    let busy = Memo::new(move |_| running.get().is_some());
    let idle = Signal::derive(move || !busy.get());
    let kept = Memo::new(move |_| large.kept());
    let complete = Memo::new(move |_| kept.with(|it| it.as_ref().is_some_and(|it| it.complete)));
    let room = move || {
        if complete.get() {
            return None;
        }
        let free = large.with(|report| report.free)?;
        Some(match free {
            Some(free) => filled(text().free, &[("free", words.bytes(free))]),
            None => text().free_unknown.to_owned(),
        })
    };
    let forbidden = Signal::derive(move || large.with(|report| report.forbidden.clone()).flatten());
    let possible =
        Memo::new(move |_| large.with(|report| report.forbidden.is_none()) == Some(true));
    let outcome = move || {
        large.outcome().get().map(|outcome| match outcome {
            Outcome::Imported => text().imported,
            Outcome::Paused => text().paused,
            Outcome::Checked => text().checked,
            Outcome::Deleted => text().deleted,
        })
    };
    let never = Signal::derive(|| false);
    let start_over = move || {
        let other = large.problem().get().is_some_and(|it| it.kind == ProblemKind::OtherImport);
        let over = Callback::new(move |()| large.start_over());
        (other && large.has_origin().get() && !busy.get())
            .then(|| button(word(|text| text.start_over), never, over))
    };
    let small = machine::is_small();
    let ways = move || {
        let offered = possible.get() && !complete.get() && !busy.get() && !small;
        offered.then(|| view! { <Ways /> }.into_any())
    };
    let stored = move || {
        let kept = kept.get().filter(|_| !busy.get())?;
        Some(stored(large, words, &kept))
    };
    let progress = move || busy.get().then(|| view! { <Progress /> }.into_any());
    let inside = view! {
        <div class="large-import">
            {shown(stored)}
            {shown(progress)}
            {status(move || if large.looking().get() { text().looking } else { "" })}
            <p role="status">{outcome}</p>
            <ProblemNote problem=large.problem() />
            {shown(start_over)}
            <ProblemNote problem=large.deletion_problem() />
            <ProblemNote problem=forbidden />
            {hint(room)}
            {shown(ways)}
        </div>
    }
    .into_any();
    let nothing = Signal::derive(move || kept.with(Option::is_none));
    keeper(nothing, keeper(busy.into(), keeper(idle, inside)))
}

/// What is kept, and what can be done with it.
fn stored(large: Large, words: Words, kept: &KeptImport) -> AnyView {
    let never = Signal::derive(|| false);
    let (guard, from) = (kept.guard.clone(), large.has_origin());
    if kept.in_use {
        let look = Callback::new(move |()| large.refresh());
        return view! {
            <p>{said(words, kept)}</p>
            <div class="bench-row">{button(word(|text| text.look_again), never, look)}</div>
        }
        .into_any();
    }
    let check = kept.complete.then(|| {
        let check = Callback::new(move |()| large.check(guard.clone()));
        button(word(|text| text.check), never, check)
    });
    let total = kept.total;
    let go_on = (!kept.complete).then(|| {
        let resume = move || {
            // What cannot be read cannot be gone on with.
            (from.get() && total > 0).then(|| {
                let go_on = Callback::new(move |()| large.go_on());
                button(word(|text| text.go_on), never, go_on)
            })
        };
        let how = move || (!from.get()).then(|| large_text(words.lang()).go_on_how.to_owned());
        let how = if total > 0 { hint(how) } else { ().into_any() };
        view! { {shown(resume)} {how} }.into_any()
    });
    view! {
        <p>{said(words, kept)}</p>
        <div class="bench-row">
            {check} {go_on}
            <DeleteImport guard=kept.guard.clone() name=name(words, kept) bytes=kept.bytes />
        </div>
    }
    .into_any()
}

/// How far the import or the check is: a bar, words, and a way to stop.
#[component]
fn Progress() -> impl IntoView {
    let (large, words) = (use_large(), use_words());
    let text = move || large_text(words.lang());
    let progress = large.progress();
    let step = Memo::new(move |_| progress.get().map(|it| (it.step, it.begun)));
    let fraction = move || {
        let ImportProgress { done, total, .. } = progress.get().filter(|it| it.total > 0)?;
        Some((done as f64 / total as f64).min(1.0).to_string())
    };
    let sentence = move || match progress.get() {
        Some(ImportProgress { step, done, total, .. }) => {
            let template = match step {
                ImportStep::Packing => text().packing_of,
                ImportStep::Copying => text().copying_of,
                ImportStep::Checking => text().checking_of,
            };
            let values = [("done", words.bytes(done)), ("total", words.bytes(total))];
            filled(template, &values)
        }
        None => text().preparing.to_owned(),
    };
    // Bytes change many times a second: only the kind of work is announced.
    let announced = move || match step.get() {
        Some((ImportStep::Packing, _)) => text().packing,
        Some((ImportStep::Copying, _)) => text().copying,
        Some((ImportStep::Checking, _)) => text().checking,
        None => text().preparing,
    };
    let begun = move || {
        let (_, begun) = step.get()?;
        match begun {
            Begun::Afresh => None,
            Begun::Resumed => Some(text().resumed),
            Begun::Over => Some(text().over),
        }
    };
    let checks = move || large.running().get() == Some(Running::Check);
    let label = Signal::derive(move || if checks() { words.text().cancel } else { text().pause });
    let never = Signal::derive(|| false);
    view! {
        <div class="bench-progress large-progress">
            <p aria-hidden="true">{sentence}</p>
            <p class="visually-hidden" role="status">{announced}</p>
            <progress max="1" prop:value=fraction aria-label=announced></progress>
            {button(label, never, Callback::new(move |()| large.stop()))}
        </div>
        <p class="hint" role="status">{begun}</p>
        <p class="hint">{move || (!checks()).then(|| text().goes_on_beside)}</p>
    }
    .into_any()
}
