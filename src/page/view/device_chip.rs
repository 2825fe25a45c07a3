//! The device in the bar at the top: what computes, how it is, and the way to the panel.

use leptos::prelude::*;

use super::device_panel::DevicePanel;
use super::icons::{CHIP, Icon};
use crate::page::engine_client::use_engine;
use crate::page::engine_state::{EngineState, Reason};
use crate::page::fill::fill;
use crate::page::text::{device_label, use_text};

/// The button that names the device and opens its panel.
#[component]
pub fn DeviceChip() -> impl IntoView {
    let (text, engine) = (use_text(), use_engine());
    let open = RwSignal::new(false);
    let hopeless = Memo::new(move |_| {
        let dead = matches!(engine.cpu().get(), EngineState::Failed(_) | EngineState::Absent(_));
        dead && engine.choice().get().reason == Reason::Waiting && !engine.gpu().get().is_coming()
    });
    let words = move || {
        let (text, choice) = (text.get(), engine.choice().get());
        let device = device_label(text, choice.device);
        match choice.reason {
            _ if hopeless.get() => format!("{device} · {}", text.chip_failed),
            Reason::Waiting => format!("{device} · {}", text.chip_loading),
            _ => device.to_owned(),
        }
    };
    let state = move || {
        if hopeless.get() {
            "failed"
        } else if engine.choice().get().reason == Reason::Waiting {
            "loading"
        } else {
            "ready"
        }
    };
    let label = move || fill(text.get().device_open, &[("state", &words())]);
    view! {
        <button
            type="button"
            class="chip"
            data-state=state
            aria-label=label
            aria-haspopup="dialog"
            on:click=move |_| open.set(true)
        >
            <Icon path=CHIP />
            <span class="chip-words">{words}</span>
        </button>
        <DevicePanel open />
    }
}
