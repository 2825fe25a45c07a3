//! The files beside the page: the manifest and what it names.

use std::{collections::HashMap, rc::Rc};

use web_sys::{AbortSignal, Url};

use super::{
    cache, fetch, host, import,
    jobs::Page,
    newest::{self, newest},
    observer::Observer,
};
use crate::{
    protocol::{Problem, ProblemKind, Progress, Stage},
    weights::{Location, Manifest},
};

const MANIFEST: &str = "manifest.json";

/// The manifest and the files that it names, from the network or from the browser's cache.
pub struct SiteFiles {
    /// Address of the folder that holds the manifest, with a slash at its end.
    folder: String,
    manifest: Option<Rc<Manifest>>,
    /// Small files beside the manifest by address, once they were read.
    texts: HashMap<String, String>,
}

/// What came of a large file.
pub struct Fetched<T> {
    /// What was made of it.
    pub value: T,
    /// Whether the browser would not keep what the server sent.
    pub not_kept: bool,
}

impl SiteFiles {
    /// The files of that folder; the manifest is read once it is asked for.
    pub fn new(mut folder: String) -> Self {
        if !folder.ends_with('/') {
            folder.push('/');
        }
        Self { folder, manifest: None, texts: HashMap::new() }
    }

    /// The manifest.
    ///
    /// # Errors
    /// One that cannot be fetched or read.
    pub async fn manifest(&mut self, page: &Page) -> Result<Rc<Manifest>, Problem> {
        if let Some(manifest) = &self.manifest {
            return Ok(Rc::clone(manifest));
        }
        let manifest = Rc::new(self.read(MANIFEST, page, import::manifest).await?);
        self.manifest = Some(Rc::clone(&manifest));
        Ok(manifest)
    }

    /// What a small text beside the manifest says: the server's, or as it was last read.
    ///
    /// # Errors
    /// A file that cannot be fetched, or that `parse` refuses.
    pub async fn read<T>(
        &mut self,
        path: &str,
        page: &Page,
        parse: impl Fn(&str) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let address = self.address(path)?;
        if let Some(text) = self.texts.get(&address) {
            return parse(text);
        }
        let file = SmallFile { address: &address, signal: &page.signal };
        let (value, text) = newest(&file, |bytes| {
            let text = String::from_utf8(bytes)
                .map_err(|error| Problem::new(ProblemKind::BrokenManifest, path, error))?;
            parse(&text).map(|value| (value, text))
        })
        .await?;
        self.texts.insert(address, text);
        Ok(value)
    }

    /// What `unpack` makes of a large file: the kept one if it is there and sound, otherwise its
    /// server's. `unpack` is given the file's address and bytes, and checks them.
    ///
    /// # Errors
    /// A file that cannot be fetched, or that `unpack` refuses.
    pub async fn unpacked<T>(
        &self,
        location: &Location,
        page: &Page,
        mut unpack: impl FnMut(&str, Vec<u8>) -> Result<T, Problem>,
    ) -> Result<Fetched<T>, Problem> {
        let address = self.address(&location.url)?;
        if let Some(bytes) = cache::get(&address).await {
            page.begin(Stage::Unpacking).await?;
            match unpack(&address, bytes) {
                Ok(value) => return Ok(Fetched { value, not_kept: false }),
                // What was kept is damaged, or of an earlier version: the server has a better one.
                Err(_) => drop(cache::remove(&address).await),
            }
        }
        page.begin(Stage::Fetching).await?;
        let expected = location.bytes_exact.then_some(location.bytes);
        let tell = |done, total| page.report(Progress::Bytes { done, total });
        let bytes = fetch::bytes(&address, expected, &page.signal, &tell).await?;
        page.begin(Stage::Unpacking).await?;
        let copy = cache::Copy::of(&bytes);
        let value = unpack(&address, bytes)?;
        // Only what works is kept.
        let kept = match copy {
            Ok(copy) => copy.keep(&address).await,
            Err(problem) => Err(problem),
        };
        Ok(Fetched { value, not_kept: kept.is_err() })
    }

    /// Whether a large file is in the browser's cache.
    ///
    /// # Errors
    /// An address that makes no sense.
    pub async fn is_kept(&self, location: &Location) -> Result<bool, Problem> {
        Ok(cache::contains(&self.address(&location.url)?).await)
    }

    /// Removes a large file from the browser's cache.
    ///
    /// # Errors
    /// [`ProblemKind::StorageFull`] if storage is forbidden.
    pub async fn forget(&self, location: &Location) -> Result<(), Problem> {
        cache::remove(&self.address(&location.url)?).await
    }

    /// The absolute address of a file named in the manifest.
    ///
    /// # Errors
    /// [`ProblemKind::BrokenManifest`] if it is no address.
    pub fn address(&self, path: &str) -> Result<String, Problem> {
        let url = Url::new_with_base(path, &self.folder).map_err(|error| {
            Problem::new(ProblemKind::BrokenManifest, path, host::describe(&error))
        })?;
        Ok(url.href())
    }
}

/// A file beside the manifest, and its copy in the browser's cache.
struct SmallFile<'a> {
    address: &'a str,
    signal: &'a AbortSignal,
}

impl newest::Source for SmallFile<'_> {
    async fn fetch(&self) -> Result<Vec<u8>, Problem> {
        fetch::bytes(self.address, None, self.signal, &|_, _| {}).await
    }

    async fn kept(&self) -> Option<Vec<u8>> {
        cache::get(self.address).await
    }

    async fn keep(&self, bytes: &[u8]) {
        // Where nothing can be kept, the file is fetched again the next time.
        if let Ok(copy) = cache::Copy::of(bytes) {
            drop(copy.keep(self.address).await);
        }
    }
}
