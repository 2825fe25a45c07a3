//! The device panel: both engines, why one of them computes, a switch, and what is stored here.

use leptos::prelude::*;

use super::dialog::Dialog;
use crate::page::bench::labels::localised;
use crate::page::bench::{use_model_list, use_own_picture};
use crate::page::engine_client::use_engine;
use crate::page::engine_state::{Absence, EngineState, Reason};
use crate::page::fill::fill;
use crate::page::guard::{KeptImports, is_fetched, use_drafts, use_guard_list};
use crate::page::lang::Lang;
use crate::page::numbers;
use crate::page::place::{use_lang, use_place};
use crate::page::problem_note::ProblemNote;
use crate::page::storage::use_record;
use crate::page::text::{Text, device_label, use_text};
use crate::protocol::{DeviceKind, DeviceReport, Localised};

/// The dialogue about the device.
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
        fill(text.device_now, &[("device", device_label(text, choice.device))])
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
    let (text, place) = (use_text(), use_place());
    let wanted = Memo::new(move |_| place.link().with(|link| link.device));
    let options = [None, Some(DeviceKind::Cpu), Some(DeviceKind::WebGpu)].map(|device| {
        // The link has it, and the engines follow the link.
        let choose = move |_| place.replace(|link| link.device = device);
        let label = move || match device {
            Some(device) => device_label(text.get(), device),
            None => text.get().device_automatic,
        };
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="device"
                    prop:checked=move || wanted.get() == device
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
            <ProblemNote problem=Signal::stored(Some(problem)) />
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
        let (error, tolerance) = (scientific(check.error), scientific(check.tolerance));
        let values = [("error", error.as_str()), ("tolerance", &tolerance)];
        fill(text.get().self_check_passed, &values)
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

/// What this browser keeps for the learner, and the ways to be rid of it.
#[component]
fn Stored() -> impl IntoView {
    let (text, record) = (use_text(), use_record());
    let (list, picture, drafts) = (use_model_list(), use_own_picture(), use_drafts());
    let guards = use_guard_list();
    let said = RwSignal::new(None::<fn(&'static Text) -> &'static str>);
    list.refresh();
    guards.refresh();
    let none_kept = move || {
        let models = list.with(|models| models.iter().any(|model| model.cached));
        let guards = guards.with(|guards| guards.iter().any(is_fetched));
        models != Some(true) && guards != Some(true)
    };
    // The panel may have been closed when it is done: hence `try_set`.
    let done = move || {
        said.try_set(Some(|text| text.models_deleted));
    };
    let delete_picture = move |_| {
        picture.forget();
        said.set(Some(|text| text.picture_deleted));
    };
    let delete_texts = move |_| {
        drafts.forget();
        said.set(Some(|text| text.texts_deleted));
    };
    let forget = move |_| {
        record.update(|record| record.forget_progress());
        said.set(Some(|text| text.progress_deleted));
    };
    let button = move |label: fn(&'static Text) -> &'static str| move || label(text.get());
    view! {
        <section class="stored">
            <h3>{move || text.get().stored_here}</h3>
            <p><KeptModels /></p>
            <KeptImports />
            {move || picture.get().map(|picture| {
                view! { <p>{fill(text.get().stored_picture, &[("name", &picture.name)])}</p> }
            })}
            {move || (!record.is_kept().get()).then(|| {
                view! { <p class="hint">{move || text.get().storage_forbidden}</p> }
            })}
            <p class="button-row">
                <button
                    type="button"
                    class="button"
                    disabled=none_kept
                    on:click=move |_| {
                        list.delete_kept(done);
                        guards.delete_kept();
                    }
                >
                    {button(|text| text.delete_models)}
                </button>
                <button
                    type="button"
                    class="button"
                    disabled=move || picture.get().is_none()
                    on:click=delete_picture
                >
                    {button(|text| text.delete_picture)}
                </button>
                <button
                    type="button"
                    class="button"
                    disabled=move || drafts.is_empty()
                    on:click=delete_texts
                >
                    {button(|text| text.delete_texts)}
                </button>
                <button type="button" class="button" on:click=forget>
                    {button(|text| text.delete_progress)}
                </button>
            </p>
            <p role="status">{move || said.get().map(|said| said(text.get()))}</p>
            <ProblemNote problem=list.problem() />
            <ProblemNote problem=list.deletion_problem() />
            <ProblemNote problem=guards.problem() />
            <ProblemNote problem=guards.deletion_problem() />
        </section>
    }
}

/// Which models this browser keeps, in a sentence.
#[component]
fn KeptModels() -> impl IntoView {
    let (text, lang, list, guards) = (use_text(), use_lang(), use_model_list(), use_guard_list());
    move || {
        let (text, lang) = (text.get(), lang.get());
        let name = |title: &Localised<String>, bytes: u64| {
            format!("{} ({})", localised(title, lang == Lang::Vi), numbers::bytes(lang, bytes))
        };
        let mut names = list.with(|models| {
            let kept = models.iter().filter(|model| model.cached);
            kept.map(|model| name(&model.title, model.bytes)).collect::<Vec<_>>()
        })?;
        names.extend(
            guards
                .with(|guards| {
                    let kept = guards.iter().filter(|guard| is_fetched(guard));
                    kept.map(|guard| name(&guard.title, guard.bytes)).collect::<Vec<_>>()
                })
                .unwrap_or_default(),
        );
        Some(if names.is_empty() {
            text.no_stored_models.to_owned()
        } else {
            fill(text.stored_models, &[("names", &names.join(", "))])
        })
    }
}
