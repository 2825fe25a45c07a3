use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
};

use super::*;
use crate::{
    engine::testing::{
        NamedTensor, Recorder, block_on, guard_config, guard_file, guard_tensors, safetensors,
    },
    weights::Archive,
};

const SHARDS: [&str; 2] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

/// Files in memory; each read of weights is noted, and can be the last one that works.
struct Files {
    files: HashMap<String, Vec<u8>>,
    reads: RefCell<Vec<(String, u64, usize)>>,
    left: Cell<usize>,
}

impl Source for Files {
    fn from(&self) -> ImportedFrom {
        ImportedFrom::Hub
    }

    fn names(&self) -> Option<Vec<String>> {
        Some(self.files.keys().cloned().collect())
    }

    async fn whole(&self, file: &str) -> Result<Option<Vec<u8>>, Problem> {
        Ok(self.files.get(file).cloned())
    }

    async fn bytes(&self, file: &str) -> Result<Option<u64>, Problem> {
        self.files.get(file).map(|bytes| Some(bytes.len() as u64)).ok_or_else(|| missing(file))
    }

    async fn read(
        &self,
        file: &str,
        start: u64,
        length: usize,
        told: &dyn Fn(u64),
    ) -> Result<Vec<u8>, Problem> {
        let bytes = self.files.get(file).ok_or_else(|| missing(file))?;
        // Headers and samples are small.
        if length > SAMPLE {
            let left = self.left.get().checked_sub(1);
            let gone = || Problem::new(ProblemKind::Offline, file, "the connection broke");
            self.left.set(left.ok_or_else(gone)?);
            self.reads.borrow_mut().push((file.to_owned(), start, length));
        }
        told(length as u64);
        let start = start as usize;
        Ok(bytes[start..start + length].to_vec())
    }
}

/// A folder in memory with so much room.
#[derive(Default)]
struct Room {
    small: RefCell<HashMap<String, Vec<u8>>>,
    weights: RefCell<Vec<u8>>,
    free: Option<u64>,
    /// Whether the engine ends once the file has a length.
    ends_at_length: Cell<bool>,
}

impl Room {
    fn state(&self) -> State {
        State::parse(&self.small.borrow()[STATE]).unwrap()
    }
}

impl Store for &Room {
    async fn small(&self, file: &str) -> Result<Option<Vec<u8>>, Problem> {
        Ok(self.small.borrow().get(file).cloned())
    }

    async fn keep(&self, file: &str, bytes: &[u8]) -> Result<(), Problem> {
        self.small.borrow_mut().insert(file.to_owned(), bytes.to_vec());
        Ok(())
    }

    async fn free(&self) -> Option<u64> {
        self.free
    }

    fn length(&self) -> Result<u64, Problem> {
        Ok(self.weights.borrow().len() as u64)
    }

    fn resize(&self, bytes: u64) -> Result<(), Problem> {
        self.weights.borrow_mut().resize(bytes as usize, 0);
        let ends = self.ends_at_length.get() && bytes > 0;
        if ends { Err(Problem::new(ProblemKind::NoRoom, WEIGHTS, "")) } else { Ok(()) }
    }

    fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, Problem> {
        let start = offset as usize;
        Ok(self.weights.borrow()[start..start + length].to_vec())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Problem> {
        let start = offset as usize;
        self.weights.borrow_mut()[start..start + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn flush(&self) -> Result<(), Problem> {
        Ok(())
    }
}

/// The published form of a guard: two shards and what goes with them.
fn published(tensors: &[NamedTensor]) -> Files {
    let (first, second) = tensors.split_at(tensors.len() / 2);
    let place = |index: usize| if index < first.len() { SHARDS[0] } else { SHARDS[1] };
    let map: HashMap<_, _> =
        tensors.iter().enumerate().map(|(index, (name, ..))| (name, place(index))).collect();
    let index = serde_json::json!({"metadata": {}, "weight_map": map}).to_string();
    let files = [
        (CONFIG, guard_config().into_bytes()),
        (TOKENIZER, guard_file("tokenizer")),
        (INDEX, index.into_bytes()),
        (SHARDS[0], safetensors(first, &[])),
        (SHARDS[1], safetensors(second, &[])),
    ];
    let files = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    Files { files, reads: RefCell::default(), left: Cell::new(usize::MAX) }
}

fn packed(source: &Files, store: &Room) -> Result<Recorder, Problem> {
    let recorder = Recorder::patient();
    block_on(pack(&recorder, source, async || Ok(store), Manner::default()))?;
    Ok(recorder)
}

/// The same where what there was may go.
fn over(source: &Files, store: &Room) -> Result<Recorder, Problem> {
    let (recorder, manner) =
        (Recorder::patient(), Manner { start_over: true, ..Manner::default() });
    block_on(pack(&recorder, source, async || Ok(store), manner))?;
    Ok(recorder)
}

fn refused(source: &Files) -> (ProblemKind, String) {
    let problem = packed(source, &Room::default()).unwrap_err();
    assert!(source.reads.borrow().is_empty(), "nothing large was read: {problem}");
    (problem.kind, problem.subject)
}

fn begun(recorder: &Recorder) -> Begun {
    match recorder.progress.borrow().first() {
        Some(Progress::Import(progress)) => progress.begun,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_import_is_a_guards_weights() {
    let (source, store) = (published(&guard_tensors()), Room::default());
    let recorder = packed(&source, &store).unwrap();
    assert_eq!(begun(&recorder), Begun::Afresh);
    let steps = recorder.progress.borrow();
    let last = steps.last().unwrap();
    assert!(
        matches!(last, Progress::Import(it) if it.step == ImportStep::Checking && it.done == it.total)
    );
    assert!(store.state().is_complete());
    assert_eq!(store.small.borrow()[CONFIG], source.files[CONFIG]);
    let archive = Archive::parse(store.weights.borrow().clone()).unwrap();
    for (name, shape, values) in guard_tensors() {
        let most = values.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let found = archive.tensor(&name, &shape).unwrap();
        let worst = found.iter().zip(&values).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst <= most / 7.0, "{name}: {worst} of {most}");
    }
    assert!(archive.description("notice").is_some());
}

#[test]
fn what_broke_off_goes_on_with_the_slab_that_was_missing() {
    let source = published(&guard_tensors());
    let whole = Room::default();
    packed(&source, &whole).unwrap();
    let all = source.reads.take();
    assert!(all.len() >= 2, "{all:?}");
    let store = Room::default();
    source.left.set(1);
    assert_eq!(packed(&source, &store).unwrap_err().kind, ProblemKind::Offline);
    assert_eq!(store.state().parts, 1);
    assert_eq!(source.reads.take(), all[..1]);
    source.left.set(usize::MAX);
    assert_eq!(begun(&packed(&source, &store).unwrap()), Begun::Resumed);
    assert_eq!(source.reads.take(), all[1..]);
    assert_eq!(store.weights, whole.weights);
    assert_eq!(store.state(), whole.state());
    // What is finished is not read again.
    packed(&source, &store).unwrap();
    assert!(source.reads.borrow().is_empty());
}

#[test]
fn a_pause_loses_nothing() {
    let (source, store) = (published(&guard_tensors()), Room::default());
    let recorder = Recorder::cancelling_after(1);
    let paused = pack(&recorder, &source, async || Ok(&store), Manner::default());
    let paused = block_on(paused).unwrap_err();
    assert_eq!((paused.kind, store.state().parts), (ProblemKind::Cancelled, 1));
    assert_eq!(begun(&packed(&source, &store).unwrap()), Begun::Resumed);
    assert!(store.state().is_complete());
}

/// An import that broke off after its first slab: its files, its store, and files with other numbers.
fn half_done() -> (Files, Room, Files) {
    let (source, store) = (published(&guard_tensors()), Room::default());
    source.left.set(1);
    packed(&source, &store).unwrap_err();
    let mut others = guard_tensors();
    others[0].2[0] += 1.0;
    (source, store, published(&others))
}

#[test]
fn other_numbers_start_over() {
    let (_, store, other) = half_done();
    // Not without having been asked for: what is done stays.
    let problem = packed(&other, &store).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::OtherImport);
    assert_eq!((store.state().parts, other.reads.borrow().len()), (1, 0));
    assert_eq!(begun(&over(&other, &store).unwrap()), Begun::Over);
    let whole = Room::default();
    packed(&other, &whole).unwrap();
    assert_eq!(store.weights, whole.weights);
}

#[test]
fn nobody_goes_on_over_a_file_that_was_emptied() {
    let (source, mut store, other) = half_done();
    // Too little room is found before anything goes.
    store.free = Some(0);
    *store.weights.borrow_mut() = store.weights.take()[..1000].to_vec();
    assert_eq!(over(&other, &store).unwrap_err().kind, ProblemKind::NoRoom);
    assert_eq!((store.state().parts, store.weights.borrow().len()), (1, 1000));
    store.free = None;
    // The engine ends where the file has its length again, and is empty.
    store.ends_at_length.set(true);
    assert_eq!(over(&other, &store).unwrap_err().kind, ProblemKind::NoRoom);
    store.ends_at_length.set(false);
    source.left.set(usize::MAX);
    assert_eq!(begun(&packed(&source, &store).unwrap()), Begun::Over);
    let whole = Room::default();
    packed(&source, &whole).unwrap();
    assert_eq!(store.weights, whole.weights);
}

#[test]
fn what_is_refused_leaves_no_folder() {
    let mut source = published(&guard_tensors());
    source.files.remove(TOKENIZER);
    let opened = Cell::new(false);
    let open = async || -> Result<&Room, Problem> {
        opened.set(true);
        Err(missing(WEIGHTS))
    };
    let refused = block_on(pack(&Recorder::patient(), &source, open, Manner::default()));
    let problem = refused.unwrap_err();
    assert!(!opened.get() && problem.detail.contains(CONFIG), "{problem}");
}

#[test]
fn whatever_is_wrong_is_named_before_anything_large_is_read() {
    let good = || published(&guard_tensors());
    for file in [CONFIG, TOKENIZER, SHARDS[1]] {
        let mut source = good();
        source.files.remove(file);
        assert_eq!(refused(&source), (ProblemKind::MissingFile, file.to_owned()));
    }
    let mut source = good();
    source.files.remove(INDEX);
    assert_eq!(refused(&source), (ProblemKind::MissingFile, INDEX.to_owned()));
    let change = |file: &str, bytes: Vec<u8>| {
        let mut source = good();
        source.files.insert(file.to_owned(), bytes);
        refused(&source)
    };
    let third = guard_config().replace("\"gemma2\"", "\"gemma3_text\"");
    let (kind, subject) = change(CONFIG, third.into_bytes());
    assert_eq!((kind, &subject[..]), (ProblemKind::WrongArchitecture, CONFIG));
    assert_eq!(change(CONFIG, b"{".to_vec()).0, ProblemKind::UnreadableFile);
    assert_eq!(change(CONFIG, vec![0xff]).0, ProblemKind::UnreadableFile);
    assert_eq!(change(INDEX, b"{}".to_vec()).0, ProblemKind::UnreadableFile);
    assert_eq!(change(TOKENIZER, b"{}".to_vec()).0, ProblemKind::WrongTokenizer);
    let larger = guard_config().replace("\"hidden_size\":32", "\"hidden_size\":64");
    assert_eq!(change(CONFIG, larger.into_bytes()).0, ProblemKind::WrongGuardTensors);
    let smaller = guard_config().replace("\"vocab_size\":607", "\"vocab_size\":300");
    assert_eq!(change(CONFIG, smaller.into_bytes()).0, ProblemKind::WrongTokenizer);
    let shard = good().files[SHARDS[0]].clone();
    let (kind, subject) = change(SHARDS[0], shard[..shard.len() - 1].to_vec());
    assert_eq!((kind, &subject[..]), (ProblemKind::BrokenWeights, SHARDS[0]));
    for length in [0, 7, 20] {
        assert_eq!(change(SHARDS[0], shard[..length].to_vec()).0, ProblemKind::BrokenWeights);
    }
}

#[test]
fn one_file_needs_no_index() {
    let mut source = published(&guard_tensors());
    source.files.retain(|file, _| [CONFIG, TOKENIZER].contains(&file.as_str()));
    source.files.insert(WEIGHTS.to_owned(), safetensors(&guard_tensors(), &[]));
    let store = Room::default();
    packed(&source, &store).unwrap();
    assert!(store.state().is_complete());
}

#[test]
fn too_little_room_is_said_with_both_sizes() {
    let (source, store) =
        (published(&guard_tensors()), Room { free: Some(1000), ..Room::default() });
    let problem = packed(&source, &store).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::NoRoom);
    assert!(problem.detail.contains("1000 are free"), "{problem}");
    assert!(source.reads.borrow().is_empty() && store.weights.borrow().is_empty());
}

#[test]
fn numbers_that_are_none_are_named() {
    let mut tensors = guard_tensors();
    tensors[0].2[40] = f32::NAN;
    let (source, store) = (published(&tensors), Room::default());
    let problem = packed(&source, &store).unwrap_err();
    assert_eq!((problem.kind, &problem.subject[..]), (ProblemKind::BrokenWeights, SHARDS[0]));
    assert!(problem.detail.contains(&tensors[0].0), "{problem}");
}

#[test]
fn a_check_finds_what_has_changed() {
    let (source, store) = (published(&guard_tensors()), Room::default());
    let checked = |store: &Room| block_on(check(&Recorder::patient(), &store));
    assert_eq!(checked(&store).unwrap_err().kind, ProblemKind::UnknownModel);
    packed(&source, &store).unwrap();
    checked(&store).unwrap();
    *store.weights.borrow_mut().last_mut().unwrap() ^= 1;
    let problem = checked(&store).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::DamagedImport);
    assert!(problem.detail.contains("model.safetensors.000"), "{problem}");
    store.small.borrow_mut().get_mut(TOKENIZER).unwrap().pop();
    assert_eq!(checked(&store).unwrap_err().subject, TOKENIZER);
    store.small.borrow_mut().remove(CONFIG);
    assert_eq!(checked(&store).unwrap_err().subject, CONFIG);
}

/// A finished import as a site has it, in pieces of so many bytes.
fn pieces_of(store: &Room, piece_bytes: usize) -> Files {
    let weights = store.weights.borrow();
    let pieces: Vec<&[u8]> = weights.chunks(piece_bytes).collect();
    let list = serde_json::json!({
        "version": 1, "bytes": weights.len(), "piece_bytes": piece_bytes,
        "sha256": pieces.iter().map(|piece| sha256(piece)).collect::<Vec<_>>()
    });
    let mut files: HashMap<_, _> = [CONFIG, TOKENIZER]
        .into_iter()
        .map(|file| (file.to_owned(), store.small.borrow()[file].clone()))
        .collect();
    files.insert(PIECES.to_owned(), list.to_string().into_bytes());
    for (number, piece) in pieces.iter().enumerate() {
        files.insert(Pieces::name(WEIGHTS, number), piece.to_vec());
    }
    Files { files, reads: RefCell::default(), left: Cell::new(usize::MAX) }
}

#[test]
fn pieces_are_checked_one_by_one_and_go_on_too() {
    let whole = Room::default();
    packed(&published(&guard_tensors()), &whole).unwrap();
    let mut source = pieces_of(&whole, 8000);
    let copied = |source: &Files, store: &Room| {
        let recorder = Recorder::patient();
        block_on(copy(&recorder, source, async || Ok(store), Manner::default())).map(|()| recorder)
    };
    let store = Room::default();
    let second = Pieces::name(WEIGHTS, 1);
    let good = source.files[&second].clone();
    source.files.get_mut(&second).unwrap()[5] ^= 1;
    let problem = copied(&source, &store).unwrap_err();
    assert_eq!((problem.kind, problem.subject), (ProblemKind::WrongHash, second.clone()));
    assert_eq!(store.state().parts, 1);
    source.files.insert(second, good);
    source.reads.take();
    assert_eq!(begun(&copied(&source, &store).unwrap()), Begun::Resumed);
    assert!(source.reads.borrow().iter().all(|(file, ..)| file != &Pieces::name(WEIGHTS, 0)));
    assert_eq!(store.weights, whole.weights);
    assert!(store.state().is_complete());
    block_on(check(&Recorder::patient(), &&store)).unwrap();
}
