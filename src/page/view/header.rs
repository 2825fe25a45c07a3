//! The bar at the top.

use leptos::prelude::*;

use super::device_chip::DeviceChip;
use super::icons::{Icon, MENU, Mark};
use super::language_switch::LanguageSwitch;
use super::theme_switch::ThemeSwitch;
use crate::page::place::use_place;
use crate::page::text::use_text;

/// The bar with the brand, the device and the switches.
#[component]
pub fn Header(
    /// Opens the contents where they are a drawer.
    contents_open: RwSignal<bool>,
) -> impl IntoView {
    let (text, place) = (use_text(), use_place());
    view! {
        <header class="masthead">
            <button
                type="button"
                class="icon-button masthead-menu"
                aria-label=move || text.get().open_contents
                on:click=move |_| contents_open.set(true)
            >
                <Icon path=MENU />
            </button>
            <a class="brand" href=move || place.href("", "") title=move || text.get().home>
                <Mark />
                <span class="brand-name">{move || text.get().product}</span>
            </a>
            <div class="masthead-tools">
                <DeviceChip />
                <LanguageSwitch />
                <ThemeSwitch />
            </div>
        </header>
    }
}
