//! What is written down of an import, so that it goes on where it stopped: after a pause, in a tab that
//! was reloaded, in an engine that was killed.

use std::{collections::BTreeMap, ops::Range};

use serde::{Deserialize, Serialize};

use crate::{
    protocol::{Begun, ImportedFrom, KeptImport, Localised},
    weights::packing::PIECE_BYTES,
};

/// The version of the form that is written and read here.
const VERSION: u32 = 1;

/// What a guard is called, and what goes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub title: Localised<String>,
    pub licence: String,
    /// The most tokens that it is given to read.
    pub context: usize,
}

/// How far an import is. It is written after what it says is in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    version: u32,
    /// SHA-256 of what the file is made from: nothing else is gone on with.
    pub digest: String,
    pub from: ImportedFrom,
    pub label: Label,
    /// How long the packed file is.
    pub bytes: u64,
    /// Parts of the source that are done, in their order, and how many there are.
    pub parts: usize,
    pub of_parts: usize,
    /// Bytes of the source that these are, and how many there are.
    pub done: u64,
    pub total: u64,
    /// How long the pieces are that have a checksum each; the last one may be shorter.
    pub piece_bytes: u64,
    /// SHA-256 of the pieces of the packed file, as many as are known.
    pub sha256: Vec<String>,
    /// SHA-256 of the files beside it, by name.
    #[serde(default)]
    pub small: BTreeMap<String, String>,
}

impl State {
    /// Nothing is done yet of a file of `bytes` that is made from so many parts, `total` bytes in all.
    pub fn new(digest: String, bytes: u64, of_parts: usize, total: u64) -> Self {
        Self {
            version: VERSION,
            digest,
            from: ImportedFrom::Picked,
            label: Label::default(),
            bytes,
            parts: 0,
            of_parts,
            done: 0,
            total,
            piece_bytes: PIECE_BYTES,
            sha256: Vec::new(),
            small: BTreeMap::new(),
        }
    }

    /// What was written; none if it is of another form or says what cannot be.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let state: Self = serde_json::from_slice(json).ok()?;
        let sensible = state.version == VERSION
            && state.piece_bytes > 0
            && state.parts <= state.of_parts
            && state.done <= state.total
            && state.sha256.len() <= state.pieces();
        sensible.then_some(state)
    }

    /// What is to be written.
    pub fn to_json(&self) -> Vec<u8> {
        // Numbers and texts alone: that cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// How many pieces the packed file has.
    pub fn pieces(&self) -> usize {
        usize::try_from(self.bytes.div_ceil(self.piece_bytes)).unwrap_or(usize::MAX)
    }

    /// Where in the packed file a piece lies.
    pub fn piece(&self, piece: usize) -> Range<u64> {
        let start = (piece as u64).saturating_mul(self.piece_bytes).min(self.bytes);
        start..start.saturating_add(self.piece_bytes).min(self.bytes)
    }

    /// Whether every part is there and every piece has its checksum.
    pub fn is_complete(&self) -> bool {
        self.parts == self.of_parts && self.sha256.len() == self.pieces()
    }

    /// What the page shows of it. `in_use`: whether an import is writing it now.
    pub fn shown(&self, guard: &str, in_use: bool) -> KeptImport {
        KeptImport {
            guard: guard.to_owned(),
            title: self.label.title.clone(),
            from: self.from,
            bytes: self.bytes,
            done: self.done,
            total: self.total,
            complete: self.is_complete(),
            in_use,
        }
    }
}

/// What was written last. A state is written twice, one after the other, so that whatever ends the engine in
/// the middle leaves one of them whole.
pub fn written(main: Option<Vec<u8>>, copy: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let whole =
        |json: &Option<Vec<u8>>| json.as_deref().is_some_and(|it| State::parse(it).is_some());
    if whole(&main) || !whole(&copy) { main.or(copy) } else { copy }
}

/// What an import begins with: what `found` says if that is about the same thing and the file is as long
/// as it says, otherwise `fresh`.
pub fn begin(found: Option<&[u8]>, file_bytes: u64, fresh: State) -> (State, Begun) {
    let Some(json) = found else { return (fresh, Begun::Afresh) };
    let same = |state: &State| {
        let form = |state: &State| (state.bytes, state.of_parts, state.total, state.piece_bytes);
        state.digest == fresh.digest && form(state) == form(&fresh) && file_bytes == fresh.bytes
    };
    match State::parse(json).filter(same) {
        Some(state) => {
            let State { from, label, small, .. } = fresh;
            (State { from, label, small, ..state }, Begun::Resumed)
        }
        None => (fresh, Begun::Over),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh() -> State {
        State::new("d".to_owned(), 2 * PIECE_BYTES + 5, 4, 1000)
    }

    fn half() -> State {
        State { parts: 2, done: 500, from: ImportedFrom::Hub, ..fresh() }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(State::parse(&half().to_json()), Some(half()));
        assert_eq!(half().piece(2), 2 * PIECE_BYTES..half().bytes);
        assert_eq!(half().pieces(), 3);
    }

    #[test]
    fn the_same_import_goes_on_whoever_has_the_files() {
        let (state, begun) = begin(Some(&half().to_json()), fresh().bytes, fresh());
        assert_eq!((state.parts, state.done, begun), (2, 500, Begun::Resumed));
        assert_eq!(state.from, ImportedFrom::Picked);
    }

    #[test]
    fn anything_else_starts_over() {
        let other = State { digest: "e".to_owned(), ..half() };
        let smaller = State { total: 999, ..half() };
        for found in [other.to_json(), smaller.to_json(), b"{\"version\"".to_vec(), Vec::new()] {
            assert_eq!(begin(Some(&found), fresh().bytes, fresh()), (fresh(), Begun::Over));
        }
        // The file was lost, or cut short.
        let (state, begun) = begin(Some(&half().to_json()), fresh().bytes - 1, fresh());
        assert_eq!((state, begun), (fresh(), Begun::Over));
        assert_eq!(begin(None, 0, fresh()), (fresh(), Begun::Afresh));
    }

    #[test]
    fn a_state_that_was_cut_off_is_taken_from_its_copy() {
        let (new, old) = (half().to_json(), fresh().to_json());
        let cut = new[..new.len() / 2].to_vec();
        assert_eq!(written(Some(new.clone()), Some(old.clone())), Some(new.clone()));
        assert_eq!(written(Some(cut.clone()), Some(old.clone())), Some(old));
        assert_eq!(written(Some(new.clone()), Some(cut.clone())), Some(new.clone()));
        assert_eq!(written(None, Some(new.clone())), Some(new));
        // Something was there, which is to be said.
        assert_eq!(written(Some(cut.clone()), None), Some(cut));
        assert_eq!(written(None, None), None);
    }

    #[test]
    fn it_is_complete_with_its_last_checksum() {
        let mut state = State { parts: 4, done: 1000, ..fresh() };
        for _ in 0..3 {
            assert!(!state.is_complete());
            state.sha256.push("0".repeat(64));
        }
        assert!(state.is_complete());
        assert!(!State { parts: 3, ..state.clone() }.is_complete());
        assert!(state.shown("g", false).complete);
    }

    #[test]
    fn states_that_make_no_sense_are_none() {
        for wrong in [
            State { version: 2, ..fresh() },
            State { parts: 5, ..fresh() },
            State { done: 1001, ..fresh() },
            State { piece_bytes: 0, ..fresh() },
            State { sha256: vec![String::new(); 4], ..fresh() },
        ] {
            assert_eq!(State::parse(&serde_json::to_vec(&wrong).unwrap()), None, "{wrong:?}");
        }
    }
}
