//! The controls that the lesson's instruments are made of.

use std::sync::Arc;

use leptos::html::Div;
use leptos::prelude::*;

use super::draft::Field;
use super::state::{Latest, use_drafts};
use super::words::{filled, text};
use crate::page::bench::words::use_words;

/// A field for a text that is kept.
pub fn area(
    label: Signal<&'static str>,
    field: Field,
    rows: u32,
    placeholder: Signal<&'static str>,
) -> AnyView {
    let draft = use_drafts().draft;
    let written = move |event| {
        let text = event_target_value(&event);
        draft.update(|draft| draft.set_text(field, text));
    };
    let value = Memo::new(move |_| draft.with(|draft| draft.text(field).to_owned()));
    // The prompt's stands among the texts to start from.
    let back = (field != Field::Prompt).then(|| own(field, |button| button));
    view! {
        <label class="bench-field guard-area">
            <span>{move || label.get()}</span>
            <textarea
                rows=rows
                autocomplete="off"
                placeholder=move || placeholder.get()
                prop:value=move || value.get()
                on:input=written
            ></textarea>
        </label>
        {back}
    }
    .into_any()
}

/// The way back to what the learner wrote, while something else stands in the field.
pub fn own(field: Field, around: fn(AnyView) -> AnyView) -> AnyView {
    let (draft, words) = (use_drafts().draft, use_words());
    let own = Memo::new(move |_| draft.with(|draft| draft.own(field).map(str::to_owned)));
    shown(move || {
        let written = own.get()?;
        let said = filled(text(words).your_text, &[("text", written.clone())]);
        let back = move |_| draft.update(|draft| draft.put(field, written.clone()));
        let button = view! {
            <button type="button" class="button guard-starter" on:click=back>
                <span>{said}</span>
            </button>
        };
        Some(around(button.into_any()))
    })
}

/// One of several choices that exclude each other.
pub fn radio(
    group: &'static str,
    label: Signal<&'static str>,
    chosen: Signal<bool>,
    choose: Callback<()>,
) -> AnyView {
    view! {
        <label class="bench-choice">
            <input
                type="radio"
                name=group
                prop:checked=move || chosen.get()
                on:change=move |_| choose.run(())
            />
            <span>{move || label.get()}</span>
        </label>
    }
    .into_any()
}

/// A switch.
pub fn switch(label: Signal<String>, on: Signal<bool>, turn: Callback<bool>) -> AnyView {
    view! {
        <label class="bench-choice">
            <input
                type="checkbox"
                prop:checked=move || on.get()
                on:change=move |event| turn.run(event_target_checked(&event))
            />
            <span>{move || label.get()}</span>
        </label>
    }
    .into_any()
}

/// A list to choose from: values and names.
pub fn select(
    label: Signal<&'static str>,
    options: Signal<Vec<(String, String)>>,
    chosen: Signal<String>,
    choose: Callback<String>,
) -> AnyView {
    let option = move |(value, name): (String, String)| {
        let here = value.clone();
        view! { <option value=value selected=move || chosen.get() == here>{name}</option> }
    };
    let changed = move |event| {
        choose.run(event_target_value(&event));
        // Where nothing stays chosen the same can be chosen again.
        event_target::<web_sys::HtmlSelectElement>(&event).set_value(&chosen.get_untracked());
    };
    view! {
        <label class="bench-field">
            <span>{move || label.get()}</span>
            <select on:change=changed>
                {move || options.get().into_iter().map(option).collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// A slider from `range`'s first to its second value in steps of its third.
pub fn slider(
    label: Signal<String>,
    value: Signal<f32>,
    [least, most, step]: [f32; 3],
    slid: Callback<f32>,
) -> AnyView {
    let moved = move |event| {
        if let Ok(number) = event_target_value(&event).parse::<f32>() {
            slid.run(number.clamp(least, most));
        }
    };
    view! {
        <label class="bench-slider">
            <span>{move || label.get()}</span>
            <input
                type="range"
                min=least
                max=most
                step=step
                prop:value=move || value.get().to_string()
                aria-valuetext=move || label.get()
                on:input=moved
            />
        </label>
    }
    .into_any()
}

/// A button.
pub fn button(label: Signal<&'static str>, disabled: Signal<bool>, press: Callback<()>) -> AnyView {
    styled_button("button", label, disabled, press)
}

/// A button of a kind of its own.
pub fn styled_button(
    class: &'static str,
    label: Signal<&'static str>,
    disabled: Signal<bool>,
    press: Callback<()>,
) -> AnyView {
    view! {
        <button
            type="button"
            class=class
            disabled=move || disabled.get()
            on:click=move |_| press.run(())
        >
            {move || label.get()}
        </button>
    }
    .into_any()
}

/// A part of the instruments under a heading of its own.
pub fn panel(id: &'static str, heading: Signal<&'static str>, inside: AnyView) -> AnyView {
    view! {
        <section class="bench-panel" aria-labelledby=id>
            <h3 id=id>{move || heading.get()}</h3>
            {inside}
        </section>
    }
    .into_any()
}

/// Something that is folded away until it is wanted. It is built when it is first unfolded.
pub fn folded(summary: Signal<String>, inside: Callback<(), AnyView>) -> AnyView {
    let open = RwSignal::new(false);
    let toggled = move |event| {
        open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
    };
    view! {
        <details class="guard-folded" on:toggle=toggled>
            <summary>{move || summary.get()}</summary>
            {shown(move || open.get().then(|| inside.run(())))}
        </details>
    }
    .into_any()
}

/// Something that is there at times, or changes as a whole. Boxed, so that the code that puts it on
/// the page is there once.
pub fn shown(inside: impl Fn() -> Option<AnyView> + Send + Sync + 'static) -> AnyView {
    let inside: Arc<dyn Fn() -> Option<AnyView> + Send + Sync> = Arc::new(inside);
    view! { {move || inside()} }.into_any()
}

/// A remark in small print that follows what it is about.
pub fn hint(said: impl Fn() -> Option<String> + Send + Sync + 'static) -> AnyView {
    let said = Signal::derive(move || said().unwrap_or_default());
    view! { <p class="hint">{move || said.get()}</p> }.into_any()
}

/// What is going on, read out when it changes.
pub fn status(said: impl Fn() -> &'static str + Send + Sync + 'static) -> AnyView {
    let said = Signal::derive(said);
    view! { <p class="hint bench-status" role="status">{move || said.get()}</p> }.into_any()
}

/// An answer, faded while it is about something else than what stands there now.
pub fn result(
    latest: Latest,
    inside: impl Fn() -> Option<AnyView> + Send + Sync + 'static,
) -> AnyView {
    let inside = shown(inside);
    view! {
        <div class="guard-result" class:stale=move || latest.is_stale()>{inside}</div>
    }
    .into_any()
}

/// A button that stops something, while there is something to stop.
pub fn cancel_button(busy: Signal<bool>, cancel: Callback<()>) -> AnyView {
    let words = use_words();
    let name = Signal::derive(move || words.text().cancel);
    let never = Signal::derive(|| false);
    let idle = Signal::derive(move || !busy.get());
    keeper(idle, shown(move || busy.get().then(|| button(name, never, cancel))))
}

/// A place that takes the focus up when what may have had it is gone: otherwise a keyboard would
/// begin at the top of the page again.
pub fn keeper(gone: Signal<bool>, inside: AnyView) -> AnyView {
    let place = NodeRef::<Div>::new();
    let take = move || {
        let lost = document().active_element().is_none_or(|it| it.tag_name() == "BODY");
        let Some(place) = place.try_get_untracked().flatten().filter(|_| lost) else { return };
        // What somebody reads stays where it is.
        let (x, y) = (window().scroll_x(), window().scroll_y());
        // An element that cannot take the focus leaves it where it is.
        let _ = place.focus();
        if let (Ok(x), Ok(y)) = (x, y) {
            window().scroll_to_with_x_and_y(x, y);
        }
    };
    Effect::new(move |before: Option<bool>| {
        let gone = gone.get();
        if gone && before == Some(false) {
            request_animation_frame(take);
        }
        gone
    });
    view! { <div tabindex="-1" node_ref=place>{inside}</div> }.into_any()
}
