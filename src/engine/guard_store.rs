//! Guards by name: from memory, from the browser's cache, or from the network.

use std::rc::Rc;

use burn::tensor::Device;

use super::{
    guard_import::{self, LoadedGuard},
    jobs::Page,
    metrics,
    shelf::Shelf,
    site_files::{Fetched, SiteFiles},
};
use crate::{
    protocol::{GuardMetrics, GuardSummary, Problem, ProblemKind},
    safety::{Config, Tokenizer},
    weights::GuardEntry,
};

/// The guards of a manifest.
pub struct GuardStore {
    device: Device,
    /// Ready guards: the few that were used last.
    shelf: Shelf<Rc<LoadedGuard>>,
}

impl GuardStore {
    /// A store without guards so far.
    pub fn new(device: Device) -> Self {
        Self { device, shelf: Shelf::default() }
    }

    /// The guards there are.
    ///
    /// # Errors
    /// A manifest that cannot be fetched or read.
    pub async fn list(
        &mut self,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<Vec<GuardSummary>, Problem> {
        let manifest = files.manifest(page).await?;
        let mut summaries = Vec::with_capacity(manifest.guards.len());
        for entry in &manifest.guards {
            summaries.push(self.summary_of(entry, files, page).await?);
        }
        Ok(summaries)
    }

    /// What is known of a guard.
    ///
    /// # Errors
    /// [`ProblemKind::UnknownModel`], or a manifest that cannot be fetched or read.
    pub async fn summary(
        &mut self,
        id: &str,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<GuardSummary, Problem> {
        let manifest = files.manifest(page).await?;
        let entry = manifest.guard(id).ok_or_else(|| unknown(id))?;
        self.summary_of(entry, files, page).await
    }

    async fn summary_of(
        &mut self,
        entry: &GuardEntry,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<GuardSummary, Problem> {
        let mut summary = match self.shelf.take_down(&entry.id) {
            Some(guard) => guard.summary.clone(),
            None => {
                let config = config(entry, files, page).await.ok();
                let metrics = metrics_of(entry, files, page).await;
                let size = config.as_ref().map(guard_import::size);
                GuardSummary { size, metrics, ..guard_import::summary(entry) }
            }
        };
        summary.cached = files.is_kept(&entry.weights).await?;
        Ok(summary)
    }

    /// A guard, from memory if it is there.
    ///
    /// # Errors
    /// [`ProblemKind::UnknownModel`], or whatever keeps its files from being fetched, read and
    /// checked.
    pub async fn load(
        &mut self,
        id: &str,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<Rc<LoadedGuard>, Problem> {
        if let Some(guard) = self.shelf.take_down(id) {
            return Ok(Rc::clone(guard));
        }
        let manifest = files.manifest(page).await?;
        let entry = manifest.guard(id).ok_or_else(|| unknown(id))?;
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
        self.shelf.put_up(id, Rc::clone(&guard), false);
        Ok(guard)
    }

    /// Removes a guard's files from the browser's cache. In memory it stays.
    ///
    /// # Errors
    /// [`ProblemKind::UnknownModel`], or [`ProblemKind::StorageFull`] if storage is forbidden.
    pub async fn forget(
        &self,
        id: &str,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<(), Problem> {
        let manifest = files.manifest(page).await?;
        let entry = manifest.guard(id).ok_or_else(|| unknown(id))?;
        files.forget(&entry.tokenizer).await?;
        files.forget(&entry.weights).await
    }
}

async fn config(entry: &GuardEntry, files: &mut SiteFiles, page: &Page) -> Result<Config, Problem> {
    let parse = |json: &str| guard_import::config(&entry.config, json);
    files.read(&entry.config, page, parse).await
}

async fn metrics_of(
    entry: &GuardEntry,
    files: &mut SiteFiles,
    page: &Page,
) -> Option<GuardMetrics> {
    let file = entry.metrics.as_deref()?;
    let none = || Problem::new(ProblemKind::BrokenManifest, file, "it names no AU-PRC");
    let parse = |json: &str| metrics::guard(json).ok_or_else(none);
    files.read(file, page, parse).await.ok()
}

fn unknown(id: &str) -> Problem {
    Problem::new(ProblemKind::UnknownModel, id, "it is not among the manifest's guards")
}
