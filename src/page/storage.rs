//! The learner's [`Record`] in this browser's local storage. Where storage is forbidden (private
//! windows, strict settings) the record lasts as long as the page, and nothing else changes.

use leptos::ev;
use leptos::prelude::*;

use super::record::Record;

const KEY: &str = "resilient-ai";

/// The record as a signal, stored after every change.
#[derive(Clone, Copy)]
pub struct LearnerRecord {
    record: RwSignal<Record>,
    kept: RwSignal<bool>,
}

impl LearnerRecord {
    /// Reads what is stored and follows what other tabs store. To be called once.
    pub fn open() -> Self {
        let stored = local_storage().map(|storage| storage.get_item(KEY).ok().flatten());
        let kept = RwSignal::new(stored.is_some());
        let json = stored.flatten();
        let record = RwSignal::new(json.as_deref().map(Record::parse).unwrap_or_default());
        window_event_listener(ev::storage, move |event| {
            if event.key().as_deref() == Some(KEY) {
                record.set(event.new_value().as_deref().map(Record::parse).unwrap_or_default());
            }
        });
        Self { record, kept }
    }

    /// Follows the record.
    pub fn with<T>(&self, read: impl FnOnce(&Record) -> T) -> T {
        self.record.with(read)
    }

    /// Reads the record without following it.
    pub fn with_untracked<T>(&self, read: impl FnOnce(&Record) -> T) -> T {
        self.record.with_untracked(read)
    }

    /// Changes the record and stores it.
    pub fn update(&self, change: impl FnOnce(&mut Record)) {
        self.record.update(change);
        let json = self.record.with_untracked(Record::to_json).ok();
        let stored = json
            .zip(local_storage())
            .is_some_and(|(json, storage)| storage.set_item(KEY, &json).is_ok());
        if self.kept.get_untracked() != stored {
            self.kept.set(stored);
        }
    }

    /// Whether the browser lets the page keep the record.
    pub fn is_kept(&self) -> Signal<bool> {
        self.kept.into()
    }
}

/// The learner's record, from the context.
pub fn use_record() -> LearnerRecord {
    expect_context()
}

/// What is stored under a key of its own, beside the record.
pub fn read(key: &str) -> Option<String> {
    local_storage()?.get_item(key).ok().flatten()
}

/// Stores something under a key of its own. Where storage is forbidden, nothing happens.
pub fn write(key: &str, value: &str) {
    if let Some(storage) = local_storage() {
        let _ = storage.set_item(key, value);
    }
}

/// Removes what is stored under a key.
pub fn remove(key: &str) {
    if let Some(storage) = local_storage() {
        let _ = storage.remove_item(key);
    }
}

fn local_storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
