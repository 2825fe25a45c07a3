//! The device panel: both engines, why one of them computes, a switch, and what is stored here.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::device_chip::device_label;
use super::dialog::Dialog;
use super::failure::ProblemNote;
use crate::page::engine_client::use_engine;
use crate::page::engine_state::{Absence, EngineState, Reason};
use crate::page::lang::Lang;
use crate::page::numbers;
use crate::page::place::use_lang;
use crate::page::storage::use_record;
use crate::page::text::{Text, use_text};
use crate::protocol::{
    DeviceKind, DeviceReport, Localised, ModelSummary, Problem, Request, Response,
};

#[component]
pub fn DevicePanel(open: RwSignal<bool>) -> impl IntoView {
    let text = use_text();
    let title = Signal::derive(move || text.get().device);
    view! {
        <Dialog open class="panel" title title_id="device-title">
            <p>{move || text.get().device_intro}</p>
            <Now />
            <Switch />
            <div class="engines">
                <Engine kind=DeviceKind::Cpu />
                <Engine kind=DeviceKind::WebGpu />
            </div>
            <Stored />
        </Dialog>
    }
}

/// What computes now, and why.
#[component]
fn Now() -> impl IntoView {
    let (text, engine) = (use_text(), use_engine());
    let device = move || {
        let (text, choice) = (text.get(), engine.choice().get());
        text.device_now.replace("{device}", device_label(text, choice.device))
    };
    let reason = move || {
        let text = text.get();
        match engine.choice().get().reason {
            Reason::Chosen => text.reason_chosen,
            Reason::ChosenNotReady => text.reason_chosen_not_ready,
            Reason::Faster => text.reason_faster,
            Reason::OnlyOne => text.reason_only_one,
            Reason::Waiting => text.reason_waiting,
        }
    };
    view! {
        <p class="device-now" role="status">
            <strong>{device}</strong>
            ", "
            {reason}
        </p>
    }
}

#[component]
fn Switch() -> impl IntoView {
    let (text, engine) = (use_text(), use_engine());
    let options = [None, Some(DeviceKind::Cpu), Some(DeviceKind::WebGpu)].map(|device| {
        let choose = move |_| match device {
            Some(device) => engine.choose(device),
            None => engine.choose_automatically(),
        };
        let label = move || match device {
            Some(device) => device_label(text.get(), device),
            None => text.get().device_automatic,
        };
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="device"
                    prop:checked=move || engine.wanted().get() == device
                    on:change=choose
                />
                <span>{label}</span>
            </label>
        }
    });
    view! {
        <fieldset class="choices">
            <legend>{move || text.get().device_switch}</legend>
            {options.into_iter().collect_view()}
        </fieldset>
    }
}

#[component]
fn Engine(kind: DeviceKind) -> impl IntoView {
    let (text, engine) = (use_text(), use_engine());
    let state = match kind {
        DeviceKind::Cpu => engine.cpu(),
        DeviceKind::WebGpu => engine.gpu(),
    };
    let word = move || {
        let text = text.get();
        state.with(|state| match state {
            EngineState::Absent(_) => text.state_absent,
            EngineState::Loading => text.state_loading,
            EngineState::Ready(_) => text.state_ready,
            EngineState::Failed(_) => text.state_failed,
            EngineState::Restarting => text.state_restarting,
        })
    };
    let start = move |label: fn(&'static Text) -> &'static str| {
        view! {
            <button type="button" class="button" on:click=move |_| engine.start_engine(kind)>
                {move || label(text.get())}
            </button>
        }
    };
    let body = move || match state.get() {
        EngineState::Absent(absence) => {
            let startable = matches!(absence, Absence::SoftwareAdapter | Absence::DataSaver);
            view! {
                <p>{move || absence_words(text.get(), absence)}</p>
                {startable.then(|| start(|text| text.start_engine))}
            }
            .into_any()
        }
        EngineState::Ready(report) => view! { <Report report /> }.into_any(),
        EngineState::Failed(problem) => view! {
            <ProblemNote problem />
            {start(|text| text.retry)}
        }
        .into_any(),
        EngineState::Loading | EngineState::Restarting => ().into_any(),
    };
    view! {
        <section class="engine">
            <h3>
                {move || device_label(text.get(), kind)}
                " "
                <span class="engine-state" role="status">{word}</span>
            </h3>
            {body}
        </section>
    }
}

fn absence_words(text: &'static Text, absence: Absence) -> &'static str {
    match absence {
        Absence::NotTried => text.absent_not_tried,
        Absence::NotShipped => text.absent_not_shipped,
        Absence::NoWebGpu => text.absent_no_webgpu,
        Absence::NoAdapter => text.absent_no_adapter,
        Absence::SoftwareAdapter => text.absent_software,
        Absence::DataSaver => text.absent_data_saver,
        Absence::NoModuleWorkers => text.absent_no_module_workers,
    }
}

#[component]
fn Report(report: DeviceReport) -> impl IntoView {
    let (text, lang) = (use_text(), use_lang());
    let check = report.self_check;
    let result = move || {
        let template = text.get().self_check_passed;
        template
            .replace("{error}", &scientific(check.error))
            .replace("{tolerance}", &scientific(check.tolerance))
    };
    let adapter = (report.kind == DeviceKind::WebGpu).then(|| {
        let name = report.adapter;
        let words = move || match name.as_str() {
            "" => text.get().adapter_unnamed.to_owned(),
            name => name.to_owned(),
        };
        view! {
            <dt>{move || text.get().adapter}</dt>
            <dd>{words}</dd>
        }
    });
    let limits = (!report.limits.is_empty()).then(|| {
        let rows = report.limits.into_iter().map(|(name, value)| {
            view! {
                <tr>
                    <th scope="row">{name}</th>
                    <td>{move || numbers::whole(lang.get(), value)}</td>
                </tr>
            }
        });
        view! {
            <details>
                <summary>{move || text.get().limits}</summary>
                <table class="limits">
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </details>
        }
    });
    view! {
        <dl class="report">
            {adapter}
            <dt>{move || text.get().self_check}</dt>
            <dd>{result}</dd>
            <dt>{move || text.get().time}</dt>
            <dd>{move || numbers::duration(lang.get(), check.milliseconds)}</dd>
        </dl>
        <p class="hint">{move || text.get().self_check_meaning}</p>
        {limits}
    }
}

/// A small number as engineers write it: `3.1e-6`.
fn scientific(value: f32) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value:.1e}") }
}

/// Downloaded models and the learner's progress, and the ways to be rid of them.
#[component]
fn Stored() -> impl IntoView {
    let (text, lang) = (use_text(), use_lang());
    let (engine, record) = (use_engine(), use_record());
    let models = RwSignal::new(None::<Vec<ModelSummary>>);
    let problem = RwSignal::new(None::<Problem>);
    let said = RwSignal::new(None::<fn(&'static Text) -> &'static str>);
    let list = move || {
        spawn_local(async move {
            // The panel may have been closed when the answer comes: hence `try_set`.
            match engine.call(Request::ListModels).response().await {
                Ok(Response::Models(all)) => {
                    let cached = all.into_iter().filter(|model| model.cached).collect();
                    models.try_set(Some(cached));
                }
                Ok(_) => {}
                Err(trouble) => {
                    problem.try_set(Some(trouble));
                }
            }
        });
    };
    list();
    let delete = move |_| {
        spawn_local(async move {
            for model in models.try_get_untracked().flatten().unwrap_or_default() {
                let request = Request::ForgetModel { model: model.id };
                if let Err(trouble) = engine.call(request).response().await {
                    problem.try_set(Some(trouble));
                    return;
                }
            }
            said.try_set(Some(|text| text.models_deleted));
            list();
        });
    };
    let forget = move |_| {
        record.update(|record| record.forget_progress());
        said.set(Some(|text| text.progress_deleted));
    };
    let any = Memo::new(move |_| models.with(|models| models.as_ref().map(|all| !all.is_empty())));
    let summary = move || {
        let (text, lang) = (text.get(), lang.get());
        models.with(|models| {
            models.as_ref().map(|models| match models.as_slice() {
                [] => text.no_stored_models.to_owned(),
                some => {
                    let names = some.iter().map(|model| {
                        let size = numbers::bytes(lang, model.bytes);
                        format!("{} ({size})", title(lang == Lang::Vi, &model.title))
                    });
                    let names: Vec<_> = names.collect();
                    text.stored_models.replace("{names}", &names.join(", "))
                }
            })
        })
    };
    view! {
        <section class="stored">
            <h3>{move || text.get().stored_here}</h3>
            <p>{summary}</p>
            {move || (!record.is_kept().get()).then(|| {
                view! { <p class="hint">{move || text.get().storage_forbidden}</p> }
            })}
            <p class="button-row">
                <button
                    type="button"
                    class="button"
                    disabled=move || any.get() != Some(true)
                    on:click=delete
                >
                    {move || text.get().delete_models}
                </button>
                <button type="button" class="button" on:click=forget>
                    {move || text.get().delete_progress}
                </button>
            </p>
            <p role="status">{move || said.get().map(|said| said(text.get()))}</p>
            {move || problem.get().map(|problem| view! { <ProblemNote problem /> })}
        </section>
    }
}

fn title(vietnamese: bool, title: &Localised<String>) -> &str {
    title.vi.as_ref().filter(|_| vietnamese).unwrap_or(&title.en)
}
