//! What the learner wrote, in this browser's local storage. Where storage is forbidden it lasts as
//! long as the page.

use leptos::prelude::*;

use crate::page::bench::state::for_the_page;
use crate::page::guard::draft::Draft;
use crate::page::storage;

const KEY: &str = "resilient-ai-texts";

/// The draft as a signal, stored after every change.
#[derive(Clone, Copy)]
pub struct Drafts {
    pub draft: RwSignal<Draft>,
    /// Where the writing is too, once the instruments are there.
    elsewhere: StoredValue<Option<Callback<()>>>,
}

/// The page's draft.
pub fn use_drafts() -> Drafts {
    for_the_page(|| {
        let kept = storage::read(KEY);
        let draft = RwSignal::new(kept.as_deref().map(Draft::parse).unwrap_or_default());
        Effect::new(move |before: Option<()>| {
            let json = draft.with(|draft| draft.to_json().ok());
            // What was just read need not be written.
            if before.is_some() && draft.with_untracked(|draft| *draft == Draft::default()) {
                storage::remove(KEY);
            } else if let (Some(json), Some(())) = (json, before) {
                storage::write(KEY, &json);
            }
        });
        Drafts { draft, elsewhere: StoredValue::new(None) }
    })
}

impl Drafts {
    /// Whether the learner has written or chosen anything.
    pub fn is_empty(self) -> bool {
        self.draft.with(|draft| *draft == Draft::default())
    }

    /// Forgets everything that was written, and what came of it.
    pub fn forget(self) {
        self.draft.set(Draft::default());
        if let Some(elsewhere) = self.elsewhere.get_value() {
            elsewhere.run(());
        }
    }

    /// Tells what is to forget as well.
    pub(super) fn on_forget(self, forget: Callback<()>) {
        self.elsewhere.set_value(Some(forget));
    }
}
