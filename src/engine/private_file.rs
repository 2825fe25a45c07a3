//! Open files of the browser's private file system, read and written a range at a time, by workers only.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use js_sys::{Object, Reflect};
use wasm_bindgen::{closure::Closure, prelude::*};

use super::{
    host, post,
    private_files::{CHANNEL, Folder, Openable, options, problem, when_free},
};
use crate::{
    protocol::{Problem, ProblemKind},
    weights::{self, ReadAt},
};

#[wasm_bindgen]
extern "C" {
    #[derive(Debug)]
    type Access;
    #[wasm_bindgen(method, catch)]
    fn read(this: &Access, buffer: &mut [u8], options: &Object) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn write(this: &Access, bytes: &[u8], options: &Object) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getSize)]
    fn size(this: &Access) -> Result<f64, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn truncate(this: &Access, bytes: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn flush(this: &Access) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn close(this: &Access);

    #[wasm_bindgen(js_name = BroadcastChannel)]
    type Listening;
    #[wasm_bindgen(constructor, catch, js_class = "BroadcastChannel")]
    fn new(name: &str) -> Result<Listening, JsValue>;
    #[wasm_bindgen(method, setter = onmessage)]
    fn set_listener(this: &Listening, listener: &Closure<dyn Fn(web_sys::MessageEvent)>);
}

thread_local! {
    /// The files that this engine has open for reading.
    static HELD: RefCell<Vec<Weak<PrivateFile>>> = const { RefCell::new(Vec::new()) };
    static LISTENING: RefCell<Option<Listening>> = const { RefCell::new(None) };
}

/// Lets go of files when another engine wants them, for as long as this engine lives. While a job runs,
/// they are kept.
pub fn listen() {
    // Without channels a file that is taken stays so until its tab is closed, which is what is said.
    let Ok(channel) = Listening::new(CHANNEL) else { return };
    let heard = Closure::<dyn Fn(web_sys::MessageEvent)>::new(|event: web_sys::MessageEvent| {
        if let Some(path) = event.data().as_string().filter(|_| !post::is_busy()) {
            let_go(&path);
        }
    });
    channel.set_listener(&heard);
    heard.forget();
    LISTENING.set(Some(channel));
}

/// Closes what this engine has open under a path, which may be a folder's.
fn let_go(path: &str) {
    let below = format!("{path}/");
    HELD.with_borrow_mut(|held| {
        held.retain(|file| file.strong_count() > 0);
        for file in held.iter().filter_map(Weak::upgrade) {
            if file.path == path || file.path.starts_with(&below) {
                file.close();
            }
        }
    });
}

impl Folder {
    /// The folder of that name inside; made, if there is none.
    ///
    /// # Errors
    /// [`ProblemKind::NoPrivateFiles`].
    pub async fn make(&self, name: &str) -> Result<Self, Problem> {
        let path = self.path_of(name);
        let made = self.directory.directory(name, &options(&[("create", true)])).await;
        let directory = made.map_err(|error| problem(&path, &error))?.unchecked_into();
        Ok(Self { directory, path })
    }

    /// Writes a small file in place of the one before. What is cut off in the middle is neither, which
    /// whoever reads it has to notice.
    ///
    /// # Errors
    /// [`ProblemKind::NoRoom`], [`ProblemKind::OpenElsewhere`].
    pub async fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Problem> {
        let file = self.open_for_writing(name).await?;
        file.write_at(0, bytes)?;
        file.resize(bytes.len() as u64)?;
        file.flush()
    }

    /// Opens a file for nobody else; made, if there is none.
    ///
    /// # Errors
    /// [`ProblemKind::OpenElsewhere`], [`ProblemKind::NoPrivateFiles`].
    pub async fn open_for_writing(&self, name: &str) -> Result<PrivateFile, Problem> {
        let path = self.path_of(name);
        let access = when_free(&path, async || {
            let file = self.directory.file(name, &options(&[("create", true)])).await?;
            file.unchecked_into::<Openable>().open(&options(&[])).await
        });
        let access = access.await?.unchecked_into();
        Ok(PrivateFile { access, path, open: Cell::new(true) })
    }

    /// Opens a file for reading, beside others who read it where the browser can do that.
    ///
    /// # Errors
    /// [`ProblemKind::OpenElsewhere`]; [`ProblemKind::NoPrivateFiles`] also if there is none.
    pub async fn open_for_reading(&self, name: &str) -> Result<Rc<PrivateFile>, Problem> {
        let path = self.path_of(name);
        let access = when_free(&path, async || {
            let file = self.directory.file(name, &options(&[])).await?;
            let mode = Object::new();
            Reflect::set(&mode, &"mode".into(), &"read-only".into())?;
            file.unchecked_into::<Openable>().open(&mode).await
        });
        let access = access.await?.unchecked_into();
        let file = Rc::new(PrivateFile { access, path, open: Cell::new(true) });
        HELD.with_borrow_mut(|held| held.push(Rc::downgrade(&file)));
        Ok(file)
    }
}

/// An open file. Dropping it closes it.
#[derive(Debug)]
pub struct PrivateFile {
    access: Access,
    path: String,
    open: Cell<bool>,
}

impl PrivateFile {
    /// Whether it has not been let go of since it was opened.
    pub fn is_open(&self) -> bool {
        self.open.get()
    }

    fn close(&self) {
        if self.open.replace(false) {
            self.access.close();
        }
    }

    /// How long it is.
    ///
    /// # Errors
    /// [`ProblemKind::NoPrivateFiles`].
    pub fn length(&self) -> Result<u64, Problem> {
        let size = self.access.size().map_err(|error| problem(&self.path, &error))?;
        Ok(size as u64)
    }

    /// Makes it that long; what is new is zero.
    ///
    /// # Errors
    /// [`ProblemKind::NoRoom`].
    pub fn resize(&self, bytes: u64) -> Result<(), Problem> {
        self.access.truncate(bytes as f64).map_err(|error| problem(&self.path, &error))
    }

    /// Writes all of these bytes.
    ///
    /// # Errors
    /// [`ProblemKind::NoRoom`].
    pub fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Problem> {
        let written = self.access.write(bytes, &at(offset));
        let written = written.map_err(|error| problem(&self.path, &error))?;
        if written as usize == bytes.len() {
            return Ok(());
        }
        let detail = format!("{written} of {} bytes were written", bytes.len());
        Err(Problem::new(ProblemKind::NoRoom, &self.path, detail))
    }

    /// Sees to it that what was written is kept.
    ///
    /// # Errors
    /// [`ProblemKind::NoRoom`].
    pub fn flush(&self) -> Result<(), Problem> {
        self.access.flush().map_err(|error| problem(&self.path, &error))
    }
}

impl ReadAt for PrivateFile {
    fn len(&self) -> u64 {
        // A file that cannot be asked is as good as empty: every read of it then fails.
        self.access.size().unwrap_or(0.0) as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, weights::Error> {
        let failed = |error: JsValue| weights::Error::Read(host::describe(&error));
        if !self.is_open() {
            return Err(weights::Error::Read("the file was closed, or removed".to_owned()));
        }
        let expected = offset.saturating_add(length as u64);
        let found = self.access.size().map_err(failed)? as u64;
        if found < expected {
            return Err(weights::Error::Truncated { expected, found });
        }
        let mut bytes = vec![0; length];
        let mut done = 0;
        while let Some(rest) = bytes.get_mut(done..).filter(|rest| !rest.is_empty()) {
            let read = self.access.read(rest, &at(offset + done as u64)).map_err(failed)?;
            if read < 1.0 {
                return Err(weights::Error::Read("the file gives no more".to_owned()));
            }
            done += read as usize;
        }
        Ok(bytes)
    }
}

impl Drop for PrivateFile {
    fn drop(&mut self) {
        self.close();
    }
}

fn at(offset: u64) -> Object {
    let options = Object::new();
    // As above.
    let _ = Reflect::set(&options, &"at".into(), &(offset as f64).into());
    options
}
