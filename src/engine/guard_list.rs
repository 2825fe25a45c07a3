//! Which guards there are and how to be rid of them: of the manifest, and imported ones. No guard is
//! needed for that, so any engine can say it.

use super::{
    guard_import,
    jobs::Page,
    kept_guards::{self, Kept},
    metrics, private_files,
    site_files::SiteFiles,
};
use crate::{
    protocol::{GuardMetrics, GuardSummary, ImportReport, Problem, ProblemKind},
    safety::Config,
    weights::{GuardEntry, Manifest},
};

/// The guards there are: those of the manifest, unless they have to be imported first, and finished
/// imports.
///
/// # Errors
/// A manifest that cannot be fetched or read.
pub async fn list(files: &mut SiteFiles, page: &Page) -> Result<Vec<GuardSummary>, Problem> {
    let manifest = files.manifest(page).await?;
    let mut summaries = Vec::with_capacity(manifest.guards.len());
    for entry in manifest.guards.iter().filter(|entry| entry.pieces.is_none()) {
        summaries.push(summary_of(entry, files, page).await?);
    }
    for kept in kept_guards::all().await.unwrap_or_default() {
        summaries.extend(summary_of_kept(&kept).await);
    }
    Ok(summaries)
}

/// What is known of a guard of the manifest.
///
/// # Errors
/// A manifest that cannot be fetched or read.
pub async fn summary_of(
    entry: &GuardEntry,
    files: &mut SiteFiles,
    page: &Page,
) -> Result<GuardSummary, Problem> {
    let config = config(entry, files, page).await.ok();
    let metrics = metrics_of(entry, files, page).await;
    let size = config.as_ref().map(guard_import::size);
    let cached = files.is_kept(&entry.weights).await?;
    Ok(GuardSummary { size, metrics, cached, ..guard_import::summary(entry) })
}

/// What is known of a finished import; none if it is not finished, or not readable.
pub async fn summary_of_kept(kept: &Kept) -> Option<GuardSummary> {
    let state = kept.complete()?;
    let config = String::from_utf8(kept.config().await.ok()??).ok()?;
    let config = guard_import::config(&kept.id, &config).ok()?;
    Some(guard_import::summary_of_import(&kept.id, state, &config))
}

/// Removes a guard's files from this browser. In memory it stays, an imported one excepted, whose
/// weights may never have been there.
///
/// # Errors
/// [`ProblemKind::UnknownModel`]; [`ProblemKind::StorageFull`] if storage is forbidden;
/// [`ProblemKind::OpenElsewhere`].
pub async fn forget(id: &str, files: &mut SiteFiles, page: &Page) -> Result<(), Problem> {
    if kept_guards::find(id).await.is_some() {
        return kept_guards::remove(id).await;
    }
    let manifest = files.manifest(page).await?;
    let entry = entry_of(&manifest, id)?;
    files.forget(&entry.tokenizer).await?;
    files.forget(&entry.weights).await
}

/// What is imported, and what an import would need.
///
/// # Errors
/// None where something is not known: it is then left out.
pub async fn imports(files: &mut SiteFiles, page: &Page) -> Result<ImportReport, Problem> {
    let (kept, forbidden) = match kept_guards::all().await {
        Ok(kept) => {
            let mut shown = Vec::with_capacity(kept.len());
            for kept in &kept {
                shown.push(kept.shown().await);
            }
            (shown, None)
        }
        Err(problem) => (Vec::new(), Some(problem)),
    };
    // Without a network there is no manifest, but still what was kept.
    let manifest = files.manifest(page).await.ok();
    let in_pieces = manifest.as_deref().and_then(|manifest| in_pieces(manifest));
    let guard = in_pieces.map_or(kept_guards::SHIELD_GEMMA, |entry| &entry.id);
    Ok(ImportReport {
        guard: guard.to_owned(),
        kept,
        site: in_pieces.map(|entry| entry.weights.bytes),
        forbidden,
        free: private_files::free().await,
    })
}

/// The guard that the site has in pieces, if it has one.
pub fn in_pieces(manifest: &Manifest) -> Option<&GuardEntry> {
    manifest.guards.iter().find(|entry| entry.pieces.is_some())
}

/// The configuration of a guard of the manifest.
///
/// # Errors
/// One that cannot be fetched or read.
pub async fn config(
    entry: &GuardEntry,
    files: &mut SiteFiles,
    page: &Page,
) -> Result<Config, Problem> {
    let parse = |json: &str| guard_import::config(&entry.config, json);
    files.read(&entry.config, page, parse).await
}

/// How good a guard of the manifest is, where that was measured.
pub async fn metrics_of(
    entry: &GuardEntry,
    files: &mut SiteFiles,
    page: &Page,
) -> Option<GuardMetrics> {
    let file = entry.metrics.as_deref()?;
    let none = || Problem::new(ProblemKind::BrokenManifest, file, "it names no AU-PRC");
    let parse = |json: &str| metrics::guard(json).ok_or_else(none);
    files.read(file, page, parse).await.ok()
}

/// A guard of the manifest.
///
/// # Errors
/// [`ProblemKind::UnknownModel`].
pub fn entry_of<'a>(manifest: &'a Manifest, id: &str) -> Result<&'a GuardEntry, Problem> {
    let unknown =
        || Problem::new(ProblemKind::UnknownModel, id, "it is not among the guards there are");
    manifest.guard(id).filter(|entry| entry.pieces.is_none()).ok_or_else(unknown)
}
