//! Start, pause, step, cancel: one row of buttons for all attacks together.

use leptos::prelude::*;

use super::state::{Notice, Phase, use_arena};
use super::text::pgd_text;
use super::words::bench_word;
use crate::page::bench::words::use_words;

/// The buttons, and what is going on.
#[component]
pub fn Controls() -> impl IntoView {
    let (arena, words) = (use_arena(), use_words());
    let phase = arena.phase;
    let ready = Memo::new(move |_| arena.ready());
    let anew = move || matches!(phase.get(), Phase::Idle | Phase::Finished);
    let press = move |_| match phase.get_untracked() {
        Phase::Idle | Phase::Finished => arena.start(),
        Phase::Running => arena.pause(),
        Phase::Pausing => {}
        Phase::Paused => arena.resume(),
    };
    let name = move || {
        let text = pgd_text(words.lang());
        match phase.get() {
            Phase::Idle => text.start,
            Phase::Finished => text.start_again,
            Phase::Running => text.pause,
            Phase::Pausing => text.pausing,
            Phase::Paused => text.resume,
        }
    };
    let blocked = move || (anew() && !ready.get()) || phase.get() == Phase::Pausing;
    let moving = move || matches!(phase.get(), Phase::Running | Phase::Pausing);
    // Not disabled, which would take the focus from whoever presses it with the keyboard.
    let cannot_step = move || moving() || (anew() && !ready.get());
    let status = move || {
        let text = pgd_text(words.lang());
        match phase.get() {
            Phase::Running | Phase::Pausing if arena.is_stale() => text.stale_running,
            Phase::Running | Phase::Pausing => text.running,
            Phase::Paused if arena.is_stale() => text.stale_running,
            Phase::Paused => text.paused,
            Phase::Idle | Phase::Finished if !ready.get() => words.text().wait_for_prediction,
            Phase::Idle | Phase::Finished if arena.is_stale() => text.stale,
            Phase::Idle => "",
            Phase::Finished => text.finished,
        }
    };
    let notice = move || {
        let text = pgd_text(words.lang());
        let said = match arena.notice.get()? {
            Notice::Stopped => text.notice_stopped,
            Notice::BeganAgain => text.notice_began_again,
        };
        Some(view! { <p class="bench-note">{said}</p> })
    };
    view! {
        <div class="bench-attack-row pgd-controls">
            <button
                type="button"
                class="button button-primary"
                disabled=blocked
                on:click=press
            >
                {name}
            </button>
            <button
                type="button"
                class="button"
                aria-disabled=move || cannot_step().to_string()
                on:click=move |_| {
                    if !untrack(cannot_step) {
                        arena.step();
                    }
                }
            >
                {move || {
                    let text = pgd_text(words.lang());
                    if phase.get() == Phase::Finished { text.one_step_anew } else { text.one_step }
                }}
            </button>
            <button
                type="button"
                class="button"
                aria-disabled=move || anew().to_string()
                on:click=move |_| {
                    if !untrack(anew) {
                        arena.cancel();
                    }
                }
            >
                {bench_word(|text| text.cancel)}
            </button>
            <p class="hint" role="status">{status}</p>
        </div>
        <div aria-live="polite">{notice}</div>
    }
    .into_any()
}
