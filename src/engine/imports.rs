//! Imports as jobs of an engine that does nothing else.

use super::{
    guard_list::in_pieces,
    guard_packing::{self, Manner},
    guard_sources::{Addresses, PickedFiles, Remote},
    import,
    import_state::Label,
    import_store::OpenStore,
    jobs::Page,
    site_files::SiteFiles,
};
use crate::{
    protocol::{ImportRequest, ImportSource, Localised, Problem, ProblemKind},
    weights::GuardEntry,
};

/// The most tokens that a large guard is given: the prompts of all policies go through it side by side,
/// and what they need of memory grows with the square.
const LARGE_CONTEXT: usize = 1024;

/// Brings a large guard's files in.
///
/// # Errors
/// Whatever stopped it. What is done stays, and the next time it goes on from there.
pub async fn import(request: ImportRequest, page: &Page) -> Result<(), Problem> {
    let ImportRequest { guard, models_url, source, start_over } = request;
    let open = async || OpenStore::open(&guard).await;
    let manner = |label| Manner { label, start_over };
    match source {
        ImportSource::Picked => {
            let source = PickedFiles::new(&page.files);
            guard_packing::pack(page, &source, open, manner(shield_gemma())).await
        }
        ImportSource::Hub { token } => {
            let source = Remote::hub(&token, &page.signal)?;
            guard_packing::pack(page, &source, open, manner(shield_gemma())).await
        }
        ImportSource::Site => {
            let mut files = SiteFiles::new(models_url);
            let manifest = files.manifest(page).await?;
            let none = || Problem::new(ProblemKind::UnknownModel, &guard, "the site has no pieces");
            let entry = in_pieces(&manifest).filter(|entry| entry.id == guard).ok_or_else(none)?;
            let addresses = addresses(entry, &files)?;
            let source = Remote::site(|file| addresses.of(file), &page.signal);
            let label = Label {
                title: import::title(&entry.id, &entry.title),
                licence: entry.licence.clone(),
                context: entry.context.min(LARGE_CONTEXT),
            };
            guard_packing::copy(page, &source, open, manner(label)).await
        }
    }
}

/// Compares a finished import with its checksums.
///
/// # Errors
/// Those of [`guard_packing::check`].
pub async fn check(guard: &str, page: &Page) -> Result<(), Problem> {
    guard_packing::check(page, &OpenStore::open(guard).await?).await
}

fn addresses(entry: &GuardEntry, files: &SiteFiles) -> Result<Addresses, Problem> {
    Ok(Addresses {
        config: files.address(&entry.config)?,
        tokenizer: files.address(&entry.tokenizer.url)?,
        pieces: files.address(entry.pieces.as_deref().unwrap_or_default())?,
        weights: files.address(&entry.weights.url)?,
    })
}

/// What the publisher's files are called.
fn shield_gemma() -> Label {
    Label {
        title: Localised { en: "ShieldGemma 2B".to_owned(), vi: None },
        licence: "Gemma Terms of Use".to_owned(),
        context: LARGE_CONTEXT,
    }
}
