//! Light, dark, or as the system is set.

use leptos::prelude::*;

use super::icons::{Icon, MOON, SUN, SYSTEM};
use crate::page::fill::fill;
use crate::page::record::Theme;
use crate::page::storage::use_record;
use crate::page::text::use_text;

/// Goes round the three choices.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let (text, record) = (use_text(), use_record());
    let theme = Memo::new(move |_| record.with(|record| record.theme));
    let label = move || {
        let text = text.get();
        let name = match theme.get() {
            Theme::Auto => text.theme_auto,
            Theme::Light => text.theme_light,
            Theme::Dark => text.theme_dark,
        };
        fill(text.theme, &[("theme", name)])
    };
    let icon = move || match theme.get() {
        Theme::Auto => view! { <Icon path=SYSTEM /> },
        Theme::Light => view! { <Icon path=SUN /> },
        Theme::Dark => view! { <Icon path=MOON /> },
    };
    view! {
        <button
            type="button"
            class="icon-button"
            aria-label=label
            title=label
            on:click=move |_| record.update(|record| record.theme = record.theme.next())
        >
            {icon}
        </button>
    }
}
