//! The page's own folders in the browser's private file system, which has room for gigabytes; open files
//! are [`super::private_file`]'s.
//!
//! A file that is open for writing is open for nobody else, and one that is open for reading cannot be
//! written or removed; in browsers that know no reading beside others, it is open once. Engines keep
//! the file of a large guard open for as long as they may be asked to judge. So whoever finds a file
//! taken asks all engines of this site to let go of it; those that are at work do not, and then the
//! file is [`ProblemKind::OpenElsewhere`].
//!
//! The browser's interface is bound here, and not taken from web-sys, where opening for reading alone is
//! not stable yet.

use js_sys::{AsyncIterator, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::host;
use crate::protocol::{Problem, ProblemKind};

/// All that is kept lies in here: other sites of the same origin may keep something too.
const ROOT: &str = "resilient-ai";
/// How engines are asked to let go of a file.
pub const CHANNEL: &str = "resilient-ai-let-go";
/// How often a file that is taken is tried again, and how long after each time, in milliseconds.
const ATTEMPTS: u32 = 20;
const PAUSE_MILLISECONDS: i32 = 150;
/// How often a file that changes while it is read is read again.
const READINGS: u32 = 5;

#[wasm_bindgen]
extern "C" {
    #[derive(Clone, Debug)]
    pub type Directory;
    #[wasm_bindgen(method, catch, js_name = getDirectoryHandle)]
    pub async fn directory(
        this: &Directory,
        name: &str,
        options: &Object,
    ) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getFileHandle)]
    pub async fn file(this: &Directory, name: &str, options: &Object) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeEntry)]
    async fn remove(this: &Directory, name: &str, options: &Object) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    fn keys(this: &Directory) -> AsyncIterator;

    pub type Openable;
    #[wasm_bindgen(method, catch, js_name = createSyncAccessHandle)]
    pub async fn open(this: &Openable, options: &Object) -> Result<JsValue, JsValue>;

    type Opened;
    #[wasm_bindgen(method)]
    fn close(this: &Opened);

    type File;
    #[wasm_bindgen(method, catch, js_name = getFile)]
    async fn snapshot(this: &File) -> Result<JsValue, JsValue>;

    type Snapshot;
    #[wasm_bindgen(method, catch, js_name = arrayBuffer)]
    async fn array_buffer(this: &Snapshot) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = BroadcastChannel)]
    type Channel;
    #[wasm_bindgen(constructor, catch, js_class = "BroadcastChannel")]
    fn new(name: &str) -> Result<Channel, JsValue>;
    #[wasm_bindgen(method, catch, js_name = postMessage)]
    fn post(this: &Channel, message: &str) -> Result<(), JsValue>;
}

/// Asks every engine to let go of what is under a path.
fn ask_for(path: &str) {
    // Who does not hear of it keeps the file, and then it stays taken.
    let _ = Channel::new(CHANNEL).and_then(|channel| channel.post(path));
}

/// Does something with a file or a folder, again and again while it is taken.
pub(super) async fn when_free<T>(
    path: &str,
    mut attempt: impl AsyncFnMut() -> Result<T, JsValue>,
) -> Result<T, Problem> {
    let mut left = ATTEMPTS;
    loop {
        match attempt().await {
            Ok(value) => return Ok(value),
            Err(error) if is_taken(&error) && left > 0 => {
                left -= 1;
                ask_for(path);
                host::sleep(PAUSE_MILLISECONDS).await;
            }
            Err(error) => return Err(problem(path, &error)),
        }
    }
}

/// A folder.
#[derive(Clone, Debug)]
pub struct Folder {
    pub(super) directory: Directory,
    pub(super) path: String,
}

impl Folder {
    /// The folder of that name in which the page keeps things; made, if there is none.
    ///
    /// # Errors
    /// [`ProblemKind::NoPrivateFiles`].
    pub async fn open(name: &str) -> Result<Self, Problem> {
        let opened = async {
            let root: Directory = root().await?.unchecked_into();
            let ours: Directory =
                root.directory(ROOT, &options(&[("create", true)])).await?.unchecked_into();
            Ok(ours.directory(name, &options(&[("create", true)])).await?.unchecked_into())
        };
        let directory: Result<Directory, JsValue> = opened.await;
        match directory {
            Ok(directory) => Ok(Self { directory, path: name.to_owned() }),
            Err(error) => {
                let detail = host::describe(&error);
                Err(Problem::new(ProblemKind::NoPrivateFiles, name, detail))
            }
        }
    }

    /// The folder of that name inside, if there is one.
    ///
    /// # Errors
    /// [`ProblemKind::NoPrivateFiles`].
    pub async fn find(&self, name: &str) -> Result<Option<Self>, Problem> {
        let path = self.path_of(name);
        match self.directory.directory(name, &options(&[])).await {
            Ok(found) => Ok(Some(Self { directory: found.unchecked_into(), path })),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(problem(&path, &error)),
        }
    }

    /// What is inside, by name.
    ///
    /// # Errors
    /// [`ProblemKind::NoPrivateFiles`].
    pub async fn names(&self) -> Result<Vec<String>, Problem> {
        let listed = async {
            let keys = self.directory.keys();
            let mut names = Vec::new();
            loop {
                let step = JsFuture::from(keys.next()?).await?;
                if Reflect::get(&step, &"done".into())?.is_truthy() {
                    return Ok(names);
                }
                names.extend(Reflect::get(&step, &"value".into())?.as_string());
            }
        };
        listed.await.map_err(|error: JsValue| problem(&self.path, &error))
    }

    /// The bytes of a small file, if there is one of that name; it may be open elsewhere.
    ///
    /// # Errors
    /// [`ProblemKind::NoPrivateFiles`].
    pub async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Problem> {
        let read = async || {
            let file: File = self.directory.file(name, &options(&[])).await?.unchecked_into();
            let snapshot: Snapshot = file.snapshot().await?.unchecked_into();
            Ok(Uint8Array::new(&snapshot.array_buffer().await?).to_vec())
        };
        let mut left = READINGS;
        loop {
            match read().await {
                Ok(bytes) => return Ok(Some(bytes)),
                Err(error) if is_absent(&error) => return Ok(None),
                Err(error) if has_changed(&error) && left > 0 => left -= 1,
                Err(error) => return Err(problem(&self.path_of(name), &error)),
            }
            host::sleep(PAUSE_MILLISECONDS / 10).await;
        }
    }

    /// Whether somebody has a file open who writes it, as far as can be told: who reads it may count too.
    pub async fn is_written_to(&self, name: &str) -> bool {
        let opened = async {
            let file = self.directory.file(name, &options(&[])).await?;
            file.unchecked_into::<Openable>().open(&options(&[])).await
        };
        match opened.await {
            Ok(access) => {
                access.unchecked_into::<Opened>().close();
                false
            }
            Err(error) => is_taken(&error),
        }
    }

    /// Removes a file, or a folder with all that is in it; nothing happens if there is none.
    ///
    /// # Errors
    /// [`ProblemKind::OpenElsewhere`], [`ProblemKind::NoPrivateFiles`].
    pub async fn remove(&self, name: &str) -> Result<(), Problem> {
        let path = self.path_of(name);
        let everything = options(&[("recursive", true)]);
        when_free(&path, async || match self.directory.remove(name, &everything).await {
            Err(error) if !is_absent(&error) => Err(error),
            _ => Ok(()),
        })
        .await
    }

    /// The path of what is called that inside.
    pub(super) fn path_of(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }
}

/// How many bytes this browser still has room for; none where it does not say.
pub async fn free() -> Option<u64> {
    let storage = storage().ok()?;
    let estimate = Reflect::get(&storage, &"estimate".into()).ok()?;
    let estimate = estimate.dyn_into::<js_sys::Function>().ok()?.call0(&storage).ok()?;
    let estimate = JsFuture::from(js_sys::Promise::resolve(&estimate)).await.ok()?;
    let number = |name: &str| Reflect::get(&estimate, &name.into()).ok()?.as_f64();
    Some((number("quota")? - number("usage")?).max(0.0) as u64)
}

/// The browser's storage manager.
fn storage() -> Result<JsValue, JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let storage = Reflect::get(&navigator, &"storage".into())?;
    if storage.is_object() {
        Ok(storage)
    } else {
        Err(JsValue::from_str("this browser offers no storage here"))
    }
}

/// The private file system's root. Where it is forbidden its door is missing, or asking throws.
async fn root() -> Result<JsValue, JsValue> {
    let storage = storage()?;
    let door = Reflect::get(&storage, &"getDirectory".into())?;
    let door = door
        .dyn_into::<js_sys::Function>()
        .map_err(|_| JsValue::from_str("this browser offers no private files"))?;
    JsFuture::from(js_sys::Promise::resolve(&door.call0(&storage)?)).await
}

/// An object with these flags.
pub(super) fn options(flags: &[(&str, bool)]) -> Object {
    let options = Object::new();
    for (name, flag) in flags {
        // Setting a property of a fresh plain object cannot fail.
        let _ = Reflect::set(&options, &(*name).into(), &(*flag).into());
    }
    options
}

fn name_of(error: &JsValue) -> Option<String> {
    Reflect::get(error, &"name".into()).ok()?.as_string()
}

fn is_absent(error: &JsValue) -> bool {
    name_of(error).as_deref() == Some("NotFoundError")
}

/// Whether a file was written between its opening and its reading.
fn has_changed(error: &JsValue) -> bool {
    name_of(error).as_deref() == Some("NotReadableError")
}

/// Whether somebody else has a file open.
fn is_taken(error: &JsValue) -> bool {
    let name = name_of(error);
    matches!(name.as_deref(), Some("NoModificationAllowedError" | "InvalidStateError"))
}

/// What a file's or a folder's refusal comes to.
pub(super) fn problem(path: &str, error: &JsValue) -> Problem {
    let kind = match name_of(error).as_deref() {
        Some("QuotaExceededError") => ProblemKind::NoRoom,
        _ if is_taken(error) => ProblemKind::OpenElsewhere,
        _ => ProblemKind::NoPrivateFiles,
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    Problem::new(kind, name, host::describe(error))
}
