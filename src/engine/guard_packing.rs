//! A large guard on its way into this browser: packed a slab at a time, or copied piece by piece. Where
//! the files come from and where they go is for others to know.

use std::{collections::BTreeMap, future::Future};

use super::{
    import_state::{Label, State, begin, written},
    observer::Observer,
    problem::about,
};
use crate::{
    protocol::{Begun, ImportProgress, ImportStep, ImportedFrom, Problem, ProblemKind, Progress},
    safety::{self, Config, Tokenizer, packing_plan},
    weights::{
        Header,
        packing::{Index, Pieces, Plan},
        sha256, verify_sha256,
    },
};

/// The packed weights, in the store and among the site's own files.
pub const WEIGHTS: &str = "model.safetensors";
/// The network's sizes.
pub const CONFIG: &str = "config.json";
/// The tokenizer.
pub const TOKENIZER: &str = "tokenizer.json";
/// How far the import is.
pub const STATE: &str = "state.json";
/// The same once more.
pub const STATE_COPY: &str = "state.copy.json";
/// Which file has which tensor, among the published files.
pub const INDEX: &str = "model.safetensors.index.json";
/// The checksums of the site's own pieces.
pub const PIECES: &str = "pieces.json";

/// The largest file that is read as a whole: Gemma's tokenizer has 35 MB.
pub const LARGEST_WHOLE: u64 = 64 << 20;
/// How many bytes of each of three places of a file tell it from one of the same form.
const SAMPLE: usize = 4096;
/// How many bytes say how long a header is.
const HEADER_LENGTH: usize = 8;
/// Room that is left for what else the browser keeps of this page, in bytes.
const SPARE: u64 = 16 << 20;

/// Files that are read a range at a time.
pub trait Source {
    /// Who has them.
    fn from(&self) -> ImportedFrom;

    /// The names of all files, where that is known.
    fn names(&self) -> Option<Vec<String>>;

    /// A small file; none if there is none of that name.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    fn whole(&self, file: &str) -> impl Future<Output = Result<Option<Vec<u8>>, Problem>>;

    /// How many bytes a file has, where that is known.
    ///
    /// # Errors
    /// [`ProblemKind::MissingFile`], and whatever keeps it from being known.
    fn bytes(&self, file: &str) -> impl Future<Output = Result<Option<u64>, Problem>>;

    /// The `length` bytes of a file from `start` on: all of them. `told` hears how many are there.
    ///
    /// # Errors
    /// [`ProblemKind::MissingFile`], and whatever keeps them from being read.
    fn read(
        &self,
        file: &str,
        start: u64,
        length: usize,
        told: &dyn Fn(u64),
    ) -> impl Future<Output = Result<Vec<u8>, Problem>>;
}

/// A folder of this browser's, with the packed weights open in it for nobody else.
pub trait Store {
    /// A small file; none if there is none of that name.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    fn small(&self, file: &str) -> impl Future<Output = Result<Option<Vec<u8>>, Problem>>;

    /// Writes a small file in place of the one before.
    ///
    /// # Errors
    /// [`ProblemKind::NoRoom`], and whatever keeps it from being written.
    fn keep(&self, file: &str, bytes: &[u8]) -> impl Future<Output = Result<(), Problem>>;

    /// How many bytes the browser still has room for, where it says so.
    fn free(&self) -> impl Future<Output = Option<u64>>;

    /// How long the weights are.
    ///
    /// # Errors
    /// Whatever keeps it from being known.
    fn length(&self) -> Result<u64, Problem>;

    /// Makes the weights that long.
    ///
    /// # Errors
    /// [`ProblemKind::NoRoom`].
    fn resize(&self, bytes: u64) -> Result<(), Problem>;

    /// Bytes of the weights.
    ///
    /// # Errors
    /// Whatever keeps them from being read.
    fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, Problem>;

    /// Writes bytes of the weights.
    ///
    /// # Errors
    /// [`ProblemKind::NoRoom`].
    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Problem>;

    /// Sees to it that what was written outlives this engine.
    ///
    /// # Errors
    /// [`ProblemKind::NoRoom`].
    fn flush(&self) -> Result<(), Problem>;
}

/// How an import is to be done.
#[derive(Clone, Debug, Default)]
pub struct Manner {
    pub label: Label,
    /// Whether what there is of another import may go.
    pub start_over: bool,
}

/// Packs published files into the store, which is opened once they are known to be right. Whatever is
/// wrong with configuration, tokenizer, index or headers is found before a byte of weights is read.
///
/// # Errors
/// A file that is missing or cannot be read, of another architecture, or that does not fit the others;
/// [`ProblemKind::OtherImport`], [`ProblemKind::NoRoom`]; cancellation.
pub async fn pack<S: Store>(
    observer: &impl Observer,
    source: &impl Source,
    open: impl AsyncFnOnce() -> Result<S, Problem>,
    manner: Manner,
) -> Result<(), Problem> {
    observer.pause().await?;
    let essentials = Essentials::read(source).await?;
    let sources = headers(source).await?;
    let plan = packing_plan(&essentials.config, &sources).map_err(about(WEIGHTS))?;
    let digest = essentials.digest(&fingerprint(source, &sources, &plan).await?);
    let total = plan.slabs().iter().map(|slab| slab.length as u64).sum();
    let mut fresh = State::new(digest, plan.bytes(), plan.slabs().len(), total);
    (fresh.from, fresh.small) = (source.from(), essentials.sums());
    let store = &open().await?;
    let mut import = Import::begin(observer, store, fresh, manner, ImportStep::Packing).await?;
    import.keep(&essentials).await?;
    if import.state.parts == 0 {
        store.write_at(0, plan.header())?;
    }
    for slab in plan.slabs().iter().skip(import.state.parts) {
        let (file, _) = sources.get(slab.source).ok_or_else(|| missing("source"))?;
        let bytes = import.read(source, file, slab.start, slab.length).await?;
        for (offset, bytes) in
            slab.pack(&bytes).map_err(safety::Error::from).map_err(numbers_of(file))?
        {
            store.write_at(offset, &bytes)?;
        }
        import.advance(slab.length).await?;
    }
    import.sum_up().await
}

/// Copies the pieces of a file that was packed already, each checked before it is written.
///
/// # Errors
/// Those of [`pack`]; [`ProblemKind::WrongHash`] for a piece that is not the one that was meant.
pub async fn copy<S: Store>(
    observer: &impl Observer,
    source: &impl Source,
    open: impl AsyncFnOnce() -> Result<S, Problem>,
    manner: Manner,
) -> Result<(), Problem> {
    observer.pause().await?;
    let essentials = Essentials::read(source).await?;
    let list = whole(source, PIECES).await?;
    let pieces = Pieces::parse(&text(PIECES, &list)?).map_err(given(PIECES))?;
    let digest = essentials.digest(&sha256(&list));
    let mut fresh = State::new(digest, pieces.bytes(), pieces.count(), pieces.bytes());
    (fresh.from, fresh.small) = (source.from(), essentials.sums());
    fresh.piece_bytes = pieces.range(0).end.max(1);
    let store = &open().await?;
    let mut import = Import::begin(observer, store, fresh, manner, ImportStep::Copying).await?;
    import.keep(&essentials).await?;
    for piece in import.state.parts..pieces.count() {
        let range = pieces.range(piece);
        let name = Pieces::name(WEIGHTS, piece);
        let length = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let bytes = import.read(source, &name, 0, length).await?;
        pieces.verify(WEIGHTS, piece, &bytes)?;
        store.write_at(range.start, &bytes)?;
        import.state.sha256 = pieces.sha256().iter().take(piece + 1).cloned().collect();
        import.advance(length).await?;
    }
    import.sum_up().await
}

/// Compares a finished import with its checksums.
///
/// # Errors
/// [`ProblemKind::DamagedImport`] with the first piece or small file that differs, or if one is cut short;
/// [`ProblemKind::UnknownModel`] if there is nothing finished; cancellation.
pub async fn check(observer: &impl Observer, store: &impl Store) -> Result<(), Problem> {
    observer.pause().await?;
    let found = written_in(store).await?;
    let state = found.as_deref().and_then(State::parse).filter(State::is_complete);
    let none = || Problem::new(ProblemKind::UnknownModel, WEIGHTS, "the import is not finished");
    let state = state.ok_or_else(none)?;
    for (file, expected) in &state.small {
        let damaged = |detail: String| Problem::new(ProblemKind::DamagedImport, file, detail);
        let bytes = store.small(file).await?.ok_or_else(|| damaged("it is gone".to_owned()))?;
        verify_sha256(file, &bytes, expected).map_err(|error| damaged(error.to_string()))?;
    }
    for (piece, expected) in state.sha256.iter().enumerate() {
        let damaged = |detail: String| Problem::new(ProblemKind::DamagedImport, WEIGHTS, detail);
        let bytes = piece_of(store, &state, piece).map_err(|problem| damaged(problem.detail))?;
        let name = Pieces::name(WEIGHTS, piece);
        verify_sha256(&name, &bytes, expected).map_err(|error| damaged(error.to_string()))?;
        observer.report(Progress::Import(ImportProgress {
            step: ImportStep::Checking,
            begun: Begun::Afresh,
            done: state.piece(piece).end,
            total: state.bytes,
        }));
        observer.pause().await?;
    }
    Ok(())
}

/// The small files that are looked at first.
struct Essentials {
    config: Config,
    config_json: Vec<u8>,
    tokenizer_json: Vec<u8>,
}

impl Essentials {
    async fn read(source: &impl Source) -> Result<Self, Problem> {
        let config_json = whole(source, CONFIG).await?;
        let config = Config::parse(&text(CONFIG, &config_json)?).map_err(given(CONFIG))?;
        let tokenizer_json = whole(source, TOKENIZER).await?;
        let tokenizer = Tokenizer::parse(&tokenizer_json).map_err(about(TOKENIZER))?;
        if tokenizer.size() > config.vocabulary {
            let (tokens, known) = (tokenizer.size(), config.vocabulary);
            let detail = format!("it has {tokens} tokens, and the network {known}");
            return Err(Problem::new(ProblemKind::WrongTokenizer, TOKENIZER, detail));
        }
        Ok(Self { config, config_json, tokenizer_json })
    }

    /// SHA-256 of these and of what else an import is made from.
    fn digest(&self, rest: &str) -> String {
        let parts = [&sha256(&self.config_json), &sha256(&self.tokenizer_json), rest];
        sha256(parts.join("\n").as_bytes())
    }

    fn files(&self) -> [(&'static str, &[u8]); 2] {
        [(CONFIG, &self.config_json), (TOKENIZER, &self.tokenizer_json)]
    }

    /// SHA-256 of each by its name.
    fn sums(&self) -> BTreeMap<String, String> {
        self.files().map(|(file, bytes)| (file.to_owned(), sha256(bytes))).into()
    }
}

/// A small file that has to be there.
async fn whole(source: &impl Source, file: &str) -> Result<Vec<u8>, Problem> {
    source.whole(file).await?.ok_or_else(|| absent(source, file))
}

/// The headers of the published files of weights, in the order of their names.
async fn headers(source: &impl Source) -> Result<Vec<(String, Header)>, Problem> {
    let index = match source.whole(INDEX).await? {
        Some(json) => Some(Index::parse(&text(INDEX, &json)?).map_err(given(INDEX))?),
        None => None,
    };
    let files = match &index {
        Some(index) => index.files(),
        None => vec![WEIGHTS],
    };
    let names = source.names();
    if let Some(file) =
        files.iter().find(|file| names.as_ref().is_some_and(|names| !has(names, file)))
    {
        // Without an index nobody knows whether there should be one file or several.
        return Err(absent(source, if index.is_none() { INDEX } else { file }));
    }
    let mut headers = Vec::with_capacity(files.len());
    for file in files {
        headers.push((file.to_owned(), header(source, file).await?));
    }
    if let Some(index) = &index {
        index.check(&headers)?;
    }
    Ok(headers)
}

fn has(names: &[String], file: &str) -> bool {
    names.iter().any(|name| name == file)
}

async fn header(source: &impl Source, file: &str) -> Result<Header, Problem> {
    let bytes = source.bytes(file).await?;
    let short = |found| {
        let detail = format!("it has {found} bytes, which is no header");
        Problem::new(ProblemKind::BrokenWeights, file, detail)
    };
    if let Some(found) = bytes.filter(|bytes| *bytes < HEADER_LENGTH as u64) {
        return Err(short(found));
    }
    let first = source.read(file, 0, HEADER_LENGTH, &|_| {}).await?;
    let first =
        <[u8; HEADER_LENGTH]>::try_from(first).map_err(|first| short(first.len() as u64))?;
    let length = Header::length_of(first).map_err(about(file))?;
    let start = HEADER_LENGTH as u64;
    if let Some(found) = bytes.filter(|bytes| *bytes < start + length as u64) {
        let expected = start + length as u64;
        let detail = format!("it ends after {found} bytes, and its header after {expected}");
        return Err(Problem::new(ProblemKind::BrokenWeights, file, detail));
    }
    let json = source.read(file, start, length, &|_| {}).await?;
    // Where the server keeps the file's length to itself, the header's word is taken for it.
    let bytes = bytes.unwrap_or_else(|| start + length as u64 + data_bytes(&json));
    Header::parse(&json, bytes).map_err(about(file))
}

/// How many bytes of tensors a header promises.
fn data_bytes(json: &[u8]) -> u64 {
    let header: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
    let tensors = header.as_object().into_iter().flat_map(|tensors| tensors.values());
    tensors.filter_map(|tensor| tensor.get("data_offsets")?.get(1)?.as_u64()).max().unwrap_or(0)
}

/// SHA-256 of the plan, and of what three places of each file hold: two trainings of one network have
/// the same headers, but not the same numbers there.
async fn fingerprint(
    source: &impl Source,
    sources: &[(String, Header)],
    plan: &Plan,
) -> Result<String, Problem> {
    let mut all = plan.digest().into_bytes();
    for (file, header) in sources {
        let tensors = || header.tensors().map(|(_, stored)| stored);
        let start = tensors().map(|stored| stored.start).min().unwrap_or(0);
        let end = tensors().map(|stored| stored.start + stored.bytes).max().unwrap_or(start);
        let length = SAMPLE.min(usize::try_from(end - start).unwrap_or(SAMPLE));
        let last = end - length as u64;
        for place in [start, start + (last - start) / 2, last] {
            all.extend(source.read(file, place, length, &|_| {}).await?);
        }
    }
    Ok(sha256(&all))
}

/// An import that has begun.
struct Import<'a, O, S> {
    observer: &'a O,
    store: &'a S,
    state: State,
    begun: Begun,
    step: ImportStep,
}

impl<'a, O: Observer, S: Store> Import<'a, O, S> {
    /// Goes on with what the store has of the same thing, or makes room for something new.
    async fn begin(
        observer: &'a O,
        store: &'a S,
        mut fresh: State,
        manner: Manner,
        step: ImportStep,
    ) -> Result<Self, Problem> {
        fresh.label = manner.label;
        let (found, length) = (written_in(store).await?, store.length()?);
        let (state, begun) = begin(found.as_deref(), length, fresh);
        if begun == Begun::Over && !manner.start_over {
            let other = found.as_deref().and_then(State::parse);
            if let Some(other) = other.filter(|it| it.done > 0 && it.bytes == length) {
                let detail = format!("{} of its {} bytes are done", other.done, other.total);
                return Err(Problem::new(ProblemKind::OtherImport, WEIGHTS, detail));
            }
        }
        let import = Self { observer, store, state, begun, step };
        import.report(import.state.done);
        if begun == Begun::Resumed {
            import.note().await?;
            return Ok(import);
        }
        import.check_room(length).await?;
        // First it is written that nothing is done: whatever ends the engine in between, nobody goes on over
        // a file that was emptied.
        import.note().await?;
        store.resize(0)?;
        store.resize(import.state.bytes)?;
        Ok(import)
    }

    /// `length` bytes are there to be written over.
    async fn check_room(&self, length: u64) -> Result<(), Problem> {
        let needed = self.state.bytes + SPARE;
        let free = self.store.free().await.map(|free| free.saturating_add(length));
        if let Some(free) = free.filter(|free| *free < needed) {
            let detail = format!("{needed} bytes are needed, {free} are free");
            return Err(Problem::new(ProblemKind::NoRoom, WEIGHTS, detail));
        }
        Ok(())
    }

    /// Keeps the small files, those that are there already excepted: what is not written cannot be torn.
    async fn keep(&self, essentials: &Essentials) -> Result<(), Problem> {
        for (file, bytes) in essentials.files() {
            if self.store.small(file).await?.as_deref() != Some(bytes) {
                self.store.keep(file, bytes).await?;
            }
        }
        Ok(())
    }

    /// Reads a part, and tells how far it is.
    async fn read(
        &self,
        source: &impl Source,
        file: &str,
        start: u64,
        length: usize,
    ) -> Result<Vec<u8>, Problem> {
        let before = self.state.done;
        source.read(file, start, length, &|read| self.report(before + read)).await
    }

    /// One more part is written.
    async fn advance(&mut self, length: usize) -> Result<(), Problem> {
        self.store.flush()?;
        self.state.parts += 1;
        self.state.done += length as u64;
        self.note().await?;
        self.report(self.state.done);
        self.observer.pause().await
    }

    /// Takes the checksums that are missing, the last thing before it is complete.
    async fn sum_up(&mut self) -> Result<(), Problem> {
        self.step = ImportStep::Checking;
        for piece in self.state.sha256.len()..self.state.pieces() {
            let bytes = piece_of(self.store, &self.state, piece)?;
            self.state.sha256.push(sha256(&bytes));
            self.note().await?;
            self.tell(self.state.piece(piece).end, self.state.bytes);
            self.observer.pause().await?;
        }
        Ok(())
    }

    async fn note(&self) -> Result<(), Problem> {
        let json = self.state.to_json();
        self.store.keep(STATE, &json).await?;
        self.store.keep(STATE_COPY, &json).await
    }

    fn report(&self, done: u64) {
        self.tell(done, self.state.total);
    }

    fn tell(&self, done: u64, total: u64) {
        let progress = ImportProgress { step: self.step, begun: self.begun, done, total };
        self.observer.report(Progress::Import(progress));
    }
}

async fn written_in(store: &impl Store) -> Result<Option<Vec<u8>>, Problem> {
    Ok(written(store.small(STATE).await?, store.small(STATE_COPY).await?))
}

fn piece_of(store: &impl Store, state: &State, piece: usize) -> Result<Vec<u8>, Problem> {
    let range = state.piece(piece);
    store.read_at(range.start, usize::try_from(range.end - range.start).unwrap_or(usize::MAX))
}

/// A file that is not among those of a source.
fn absent(source: &impl Source, file: &str) -> Problem {
    match source.names() {
        Some(names) => {
            let detail = format!("there are: {}", names.join(", "));
            Problem::new(ProblemKind::MissingFile, file, detail)
        }
        None => missing(file),
    }
}

/// A file that is not there.
pub fn missing(file: &str) -> Problem {
    Problem::new(ProblemKind::MissingFile, file, "there is no file of that name")
}

/// Names a small file that an error is about; it is the learner's or the hub's, not the site's.
fn given<E: Into<Problem>>(file: &str) -> impl Fn(E) -> Problem {
    about_instead(file, ProblemKind::BrokenManifest, ProblemKind::UnreadableFile)
}

/// Names a file whose numbers cannot be packed. No guard has come to them: they stand in the file.
fn numbers_of(file: &str) -> impl Fn(safety::Error) -> Problem {
    about_instead(file, ProblemKind::GuardNotFinite, ProblemKind::BrokenWeights)
}

/// Names the file that an error is about, and calls problems of one kind another.
fn about_instead<E: Into<Problem>>(
    file: &str,
    kind: ProblemKind,
    instead: ProblemKind,
) -> impl Fn(E) -> Problem {
    let named = about(file);
    move |error| match named(error) {
        problem if problem.kind == kind => Problem { kind: instead, ..problem },
        problem => problem,
    }
}

fn text(file: &str, bytes: &[u8]) -> Result<String, Problem> {
    let broken = |error| Problem::new(ProblemKind::UnreadableFile, file, error);
    String::from_utf8(bytes.to_vec()).map_err(broken)
}

#[cfg(test)]
#[path = "guard_packing_tests.rs"]
mod tests;
