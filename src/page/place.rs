//! Where the learner is: the link in the address bar, as signals.

use std::time::Duration;

use leptos::ev;
use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::lang::Lang;
use super::link::{BenchLink, Link, PgdLink, sets_up};

/// How long the experiment has to stand still before it is written into the address bar. Browsers
/// limit how often a page may do that.
const SETTLED: Duration = Duration::from_millis(200);

/// The link, and the ways to change it.
///
/// Every entry of the browser's history that was shown is marked, so that going back to it can be
/// told from following a link.
#[derive(Clone, Copy)]
pub struct Place {
    link: RwSignal<Link>,
    lang: Memo<Lang>,
    bench: Memo<BenchLink>,
    pgd: Memo<PgdLink>,
    set_up: RwSignal<u32>,
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
            pgd: Memo::new(move |_| link.with(|link| link.pgd.clone())),
            set_up: RwSignal::new(0),
            write: StoredValue::new(None),
        };
        write_address(&current_hash());
        window_event_listener(ev::hashchange, move |_| {
            place.forget_write();
            let (hash, old) = (current_hash(), link.get_untracked());
            if is_marked() {
                link.set(old.returned(&hash));
            } else {
                let new = old.followed(&hash);
                let set_up = new.bench != old.bench || sets_up(&hash);
                link.set(new);
                if set_up {
                    place.set_up.update(|count| *count = count.wrapping_add(1));
                }
            }
            place.write_now();
        });
        place
    }

    /// The whole link.
    pub fn link(&self) -> ReadSignal<Link> {
        self.link.read_only()
    }

    /// The language of the link.
    pub fn lang(&self) -> Memo<Lang> {
        self.lang
    }

    /// The bench's experiment as the link has it.
    pub fn bench(&self) -> Memo<BenchLink> {
        self.bench
    }

    /// The iterative attack as the link has it.
    pub fn pgd(&self) -> Memo<PgdLink> {
        self.pgd
    }

    /// Changes the iterative attack, as [`Self::update_bench`] does the bench's experiment.
    pub fn update_pgd(&self, change: impl FnOnce(&mut PgdLink)) {
        self.replace(|link| change(&mut link.pgd));
    }

    /// How many links that set up an experiment were followed.
    pub fn set_up(&self) -> ReadSignal<u32> {
        self.set_up.read_only()
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

    fn write_soon(&self) {
        self.forget_write();
        let place = *self;
        let write = move || place.write_now();
        self.write.set_value(set_timeout_with_handle(write, SETTLED).ok());
    }

    fn write_now(&self) {
        self.forget_write();
        write_address(&self.link.with_untracked(Link::to_hash));
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

/// Writes a hash into the address bar and marks this entry of the history.
fn write_address(hash: &str) {
    if let Ok(history) = window().history() {
        // Refused when done too often; the next change writes it.
        let _ = history.replace_state_with_url(&JsValue::TRUE, "", Some(hash));
    }
}

/// Whether this entry of the history was shown before. A followed link makes one without a mark.
fn is_marked() -> bool {
    window().history().and_then(|history| history.state()).is_ok_and(|state| state.is_truthy())
}

fn current_hash() -> String {
    window().location().hash().unwrap_or_default()
}
