//! Where the learner is: the link in the address bar, as signals.

use std::time::Duration;

use leptos::ev;
use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::lang::Lang;
use super::link::{BenchLink, Link};

/// How long the experiment has to stand still before it is written into the address bar. Browsers
/// limit how often a page may do that.
const SETTLED: Duration = Duration::from_millis(200);

/// The link, and the ways to change it.
#[derive(Clone, Copy)]
pub struct Place {
    link: RwSignal<Link>,
    lang: Memo<Lang>,
    bench: Memo<BenchLink>,
    write: StoredValue<Option<TimeoutHandle>>,
}

impl Place {
    /// Reads the address bar and follows it. `lang` is for links that name none. To be called once.
    pub fn open(lang: Lang) -> Self {
        let link = RwSignal::new(Link::parse(&current_hash(), lang));
        let place = Self {
            link,
            lang: Memo::new(move |_| link.with(|link| link.lang)),
            bench: Memo::new(move |_| link.with(|link| link.bench.clone())),
            write: StoredValue::new(None),
        };
        window_event_listener(ev::hashchange, move |_| {
            place.forget_write();
            let (hash, old) = (current_hash(), link.get_untracked());
            let mut new = Link::parse(&hash, old.lang);
            if !hash.contains('?') {
                // Links in a lesson's text name a step; they are not meant to undo the experiment.
                (new.bench, new.device) = (old.bench, old.device);
            }
            if new.to_hash() != hash {
                place.write_soon();
            }
            link.set(new);
        });
        place
    }

    /// The whole link.
    pub fn link(&self) -> ReadSignal<Link> {
        self.link.read_only()
    }

    pub fn lang(&self) -> Memo<Lang> {
        self.lang
    }

    /// The bench's experiment as the link has it.
    pub fn bench(&self) -> Memo<BenchLink> {
        self.bench
    }

    /// The address of another step with the same experiment, for an anchor's `href`.
    pub fn href(&self, lesson: &str, step: &str) -> String {
        self.link.with(|link| link.at(lesson, step).to_hash())
    }

    /// Changes the experiment. The address bar follows when it stands still; going back does not
    /// undo it.
    pub fn update_bench(&self, change: impl FnOnce(&mut BenchLink)) {
        self.replace(|link| change(&mut link.bench));
    }

    /// Changes the link without a new entry in the browser's history.
    pub fn replace(&self, change: impl FnOnce(&mut Link)) {
        let mut link = self.link.get_untracked();
        change(&mut link);
        if link == self.link.get_untracked() {
            return;
        }
        self.link.set(link);
        self.write_soon();
    }

    /// Goes to a step, as a click on a link to it would.
    pub fn go(&self, lesson: &str, step: &str) {
        self.forget_write();
        let hash = self.link.with_untracked(|link| link.at(lesson, step).to_hash());
        // A browser that refuses to navigate leaves the learner where they are.
        let _ = window().location().set_hash(&hash);
    }

    fn write_soon(&self) {
        self.forget_write();
        let place = *self;
        let write = move || place.write_now();
        self.write.set_value(set_timeout_with_handle(write, SETTLED).ok());
    }

    fn write_now(&self) {
        self.forget_write();
        let hash = self.link.with_untracked(Link::to_hash);
        if let Ok(history) = window().history() {
            // Refused when done too often; the next change writes it.
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&hash));
        }
    }

    fn forget_write(&self) {
        self.write.update_value(|write| {
            if let Some(write) = write.take() {
                write.clear();
            }
        });
    }
}

/// Where the learner is, from the context.
pub fn use_place() -> Place {
    expect_context()
}

/// The language of the page.
pub fn use_lang() -> Memo<Lang> {
    use_place().lang()
}

fn current_hash() -> String {
    window().location().hash().unwrap_or_default()
}
