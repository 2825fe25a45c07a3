//! Guards by name: from memory, from this browser's storage, or from the network.

use std::rc::Rc;

use burn::tensor::Device;

use super::{
    guard_import::{self, LoadedGuard},
    guard_list::{config, entry_of, metrics_of, summary_of, summary_of_kept},
    guard_packing::{CONFIG, TOKENIZER, WEIGHTS, missing},
    jobs::Page,
    kept_guards::{self, Kept},
    observer::Observer,
    private_file::PrivateFile,
    shelf::Shelf,
    site_files::{Fetched, SiteFiles},
};
use crate::{
    protocol::{DeviceKind, GuardSummary, Problem, Progress, Stage},
    safety::Tokenizer,
};

/// The guards of a manifest, and those that were imported.
pub struct GuardStore {
    device: Device,
    kind: DeviceKind,
    /// Ready guards: the few that were used last.
    shelf: Shelf<Ready>,
}

/// A guard in memory.
struct Ready {
    guard: Rc<LoadedGuard>,
    /// The file that it goes on reading, if it is an imported one.
    file: Option<Rc<PrivateFile>>,
}

impl Ready {
    /// Whether it can still judge: another engine may have asked for its file.
    fn is_usable(&self) -> bool {
        self.file.as_ref().is_none_or(|file| file.is_open())
    }
}

impl GuardStore {
    /// A store without guards so far.
    pub fn new(device: Device, kind: DeviceKind) -> Self {
        Self { device, kind, shelf: Shelf::default() }
    }

    /// What is known of a guard.
    ///
    /// # Errors
    /// [`crate::protocol::ProblemKind::UnknownModel`], or a manifest that cannot be fetched or read.
    pub async fn summary(
        &mut self,
        id: &str,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<GuardSummary, Problem> {
        let loaded = self.shelf.take_down(id).map(|ready| ready.guard.summary.clone());
        if let Some(kept) = kept_guards::find(id).await
            && let Some(summary) = summary_of_kept(&kept).await
        {
            return Ok(loaded.unwrap_or(summary));
        }
        let manifest = files.manifest(page).await?;
        let entry = entry_of(&manifest, id)?;
        let summary = summary_of(entry, files, page).await?;
        Ok(match loaded {
            Some(loaded) => GuardSummary { cached: summary.cached, ..loaded },
            None => summary,
        })
    }

    /// A guard, from memory if it is there.
    ///
    /// # Errors
    /// [`crate::protocol::ProblemKind::UnknownModel`], or whatever keeps its files from being
    /// fetched, read and checked.
    pub async fn load(
        &mut self,
        id: &str,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<Rc<LoadedGuard>, Problem> {
        if let Some(ready) = self.shelf.take_down(id).filter(|ready| ready.is_usable()) {
            return Ok(Rc::clone(&ready.guard));
        }
        // What cannot be used any more makes room first: it may be a gigabyte.
        self.shelf.remove(id);
        if let Some(kept) = kept_guards::find(id).await
            && let Some(summary) = summary_of_kept(&kept).await
        {
            let ready = self.open(&kept, summary, page).await?;
            let guard = Rc::clone(&ready.guard);
            self.shelf.put_up(id, ready, false);
            return Ok(guard);
        }
        let manifest = files.manifest(page).await?;
        let entry = entry_of(&manifest, id)?;
        let config = config(entry, files, page).await?;
        let metrics = metrics_of(entry, files, page).await;
        let read = |file: &str, bytes: Vec<u8>| guard_import::tokenizer(entry, file, &bytes);
        let tokenizer: Fetched<Tokenizer> = files.unpacked(&entry.tokenizer, page, read).await?;
        let read = |file: &str, bytes| {
            let tokenizer = tokenizer.value.clone();
            guard_import::guard(entry, &config, tokenizer, file, bytes, &self.device)
        };
        let weights = files.unpacked(&entry.weights, page, read).await?;
        let summary = GuardSummary {
            not_kept: tokenizer.not_kept || weights.not_kept,
            size: Some(guard_import::size(&config)),
            metrics,
            ..guard_import::summary(entry)
        };
        let guard = Rc::new(LoadedGuard { guard: weights.value, summary });
        self.shelf.put_up(id, Ready { guard: Rc::clone(&guard), file: None }, false);
        Ok(guard)
    }

    /// Forgets guards whose files another engine has asked for: they will not judge again, and may hold
    /// a gigabyte of a GPU.
    pub fn forget_unusable(&mut self) {
        self.shelf.keep_only(Ready::is_usable);
    }

    /// Forgets an imported guard in memory: its files are about to go.
    pub fn let_go(&mut self, id: &str) {
        if self.shelf.take_down(id).is_some_and(|ready| ready.file.is_some()) {
            self.shelf.remove(id);
        }
    }

    /// An imported guard from its files. Its weights stay where they are, but for what the device takes.
    async fn open(
        &self,
        kept: &Kept,
        summary: GuardSummary,
        page: &Page,
    ) -> Result<Ready, Problem> {
        page.begin(Stage::Unpacking).await?;
        let config = kept.config().await?.ok_or_else(|| missing(CONFIG))?;
        let tokenizer = kept.folder.read(TOKENIZER).await?.ok_or_else(|| missing(TOKENIZER))?;
        let file = kept.folder.open_for_reading(WEIGHTS).await?;
        let total = summary.size.map_or(0, |size| size.layers);
        let told = async |done| {
            page.report(Progress::Layers { done, total });
            page.pause().await
        };
        let parts = guard_import::Imported {
            config: &config,
            tokenizer: &tokenizer,
            weights: Rc::clone(&file) as _,
            context: summary.context,
        };
        let guard = guard_import::imported(parts, self.kind, &self.device, told).await?;
        Ok(Ready { guard: Rc::new(LoadedGuard { guard, summary }), file: Some(file) })
    }
}
