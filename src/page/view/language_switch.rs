//! The languages, as links to this place in each.

use leptos::prelude::*;

use crate::page::lang::Lang;
use crate::page::place::use_place;
use crate::page::text::use_text;

/// A link for each language.
#[component]
pub fn LanguageSwitch() -> impl IntoView {
    let (text, place) = (use_text(), use_place());
    let links = Lang::ALL.map(|lang| {
        let current = move || (place.lang().get() == lang).then_some("true");
        let href = move || place.link().with(|link| link.in_language(lang).to_hash());
        view! {
            <a
                class="switch-option"
                href=href
                lang=lang.code()
                hreflang=lang.code()
                title=lang.endonym()
                aria-current=current
            >
                {lang.code().to_uppercase()}
                <span class="visually-hidden">" " {lang.endonym()}</span>
            </a>
        }
    });
    view! {
        <nav class="switch" aria-label=move || text.get().language>
            {links.into_iter().collect_view()}
        </nav>
    }
}
