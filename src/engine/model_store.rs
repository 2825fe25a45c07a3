//! Models by name: from memory, from the browser's cache, or from the network.

use std::rc::Rc;

use burn::tensor::Device;

use super::{
    import::{self, Model, OWN_MODEL},
    jobs::Page,
    labels, metrics,
    observer::Observer,
    shelf::Shelf,
    site_files::{Fetched, SiteFiles},
};
use crate::{
    protocol::{Localised, ModelSummary, Problem, ProblemKind, Stage},
    vision::Network,
    weights::ModelEntry,
};

/// How many classes ImageNet's labels name.
const IMAGENET_CLASSES: usize = 1000;

/// The models of a manifest and the learner's own file.
pub struct ModelStore {
    device: Device,
    /// Ready models: the few that were used last.
    shelf: Shelf<Rc<Model>>,
}

impl ModelStore {
    /// A store without models so far.
    pub fn new(device: Device) -> Self {
        Self { device, shelf: Shelf::default() }
    }

    /// The models there are: those of the manifest, and the own file if there is one.
    ///
    /// # Errors
    /// A manifest that cannot be fetched or read.
    pub async fn list(
        &mut self,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<Vec<ModelSummary>, Problem> {
        let manifest = files.manifest(page).await?;
        let mut summaries = Vec::with_capacity(manifest.models.len() + 1);
        for entry in &manifest.models {
            summaries.push(self.summary_of(entry, files, page).await?);
        }
        summaries.extend(self.shelf.take_down(OWN_MODEL).map(|own| own.summary.clone()));
        Ok(summaries)
    }

    /// What is known of a model; its labels once it is loaded.
    ///
    /// # Errors
    /// [`ProblemKind::UnknownModel`], or a manifest that cannot be fetched or read.
    pub async fn summary(
        &mut self,
        id: &str,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<ModelSummary, Problem> {
        if id == OWN_MODEL {
            let own = self.shelf.take_down(OWN_MODEL).ok_or_else(|| unknown(id))?;
            return Ok(own.summary.clone());
        }
        let manifest = files.manifest(page).await?;
        let entry = manifest.get(id).ok_or_else(|| unknown(id))?;
        self.summary_of(entry, files, page).await
    }

    async fn summary_of(
        &mut self,
        entry: &ModelEntry,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<ModelSummary, Problem> {
        let mut summary = match self.shelf.take_down(&entry.id) {
            Some(model) => model.summary.clone(),
            None => ModelSummary {
                accuracy: accuracy(entry, files, page).await,
                ..import::summary(entry)
            },
        };
        summary.cached = files.is_kept(&entry.weights).await?;
        Ok(summary)
    }

    /// A model, from memory if it is there.
    ///
    /// # Errors
    /// [`ProblemKind::UnknownModel`] (also for an own file that has not been handed in, or not
    /// since this engine started), or whatever keeps its files from being fetched, read and checked.
    pub async fn load(
        &mut self,
        id: &str,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<Rc<Model>, Problem> {
        if let Some(model) = self.shelf.take_down(id) {
            return Ok(Rc::clone(model));
        }
        let manifest = files.manifest(page).await?;
        let entry = manifest.get(id).ok_or_else(|| unknown(id))?;
        let labels = labels_of(entry, files, page).await?;
        let accuracy = accuracy(entry, files, page).await;
        let unpack = |file: &str, bytes| self.unpack(entry, file, bytes);
        let Fetched { value: network, not_kept } =
            files.unpacked(&entry.weights, page, unpack).await?;
        let summary = ModelSummary { labels, accuracy, not_kept, ..import::summary(entry) };
        let model = Rc::new(Model { network, summary });
        self.shelf.put_up(id, Rc::clone(&model), false);
        Ok(model)
    }

    /// The learner's own file, in place of the one before.
    ///
    /// # Errors
    /// What [`import::own_model`] says of the file. The one before then stays.
    pub async fn load_own(
        &mut self,
        file: &str,
        bytes: Vec<u8>,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<ModelSummary, Problem> {
        let imagenet = imagenet_labels(files, page).await;
        page.begin(Stage::Unpacking).await?;
        let model = import::own_model(file, bytes, imagenet.as_ref(), &self.device)?;
        let summary = model.summary.clone();
        self.shelf.put_up(OWN_MODEL, Rc::new(model), true);
        Ok(summary)
    }

    /// Removes a model's weights from the browser's cache. In memory it stays.
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
        let entry = manifest.get(id).ok_or_else(|| unknown(id))?;
        files.forget(&entry.weights).await
    }

    /// A network from its file. A model on the shelf makes room for it once the file is known to be
    /// the right one, and not before: what does not come must not cost what is there.
    fn unpack(
        &mut self,
        entry: &ModelEntry,
        file: &str,
        bytes: Vec<u8>,
    ) -> Result<Network, Problem> {
        let archive = import::archive(&entry.weights, file, bytes)?;
        self.shelf.make_room(&entry.id);
        import::network(entry, file, &archive, &self.device)
    }
}

async fn labels_of(
    entry: &ModelEntry,
    files: &mut SiteFiles,
    page: &Page,
) -> Result<Localised<Vec<String>>, Problem> {
    let parse = |json: &str| labels::parse(&entry.labels, json, entry.num_classes);
    files.read(&entry.labels, page, parse).await
}

/// ImageNet's labels, if a model of the manifest has them and they can be had: an own file works
/// without.
async fn imagenet_labels(files: &mut SiteFiles, page: &Page) -> Option<Localised<Vec<String>>> {
    let manifest = files.manifest(page).await.ok()?;
    let entry = manifest.models.iter().find(|entry| entry.num_classes == IMAGENET_CLASSES)?;
    labels_of(entry, files, page).await.ok()
}

async fn accuracy(entry: &ModelEntry, files: &mut SiteFiles, page: &Page) -> Option<f32> {
    let file = entry.metrics.as_deref()?;
    let none = || Problem::new(ProblemKind::BrokenManifest, file, "it names no accuracy");
    let parse = |json: &str| metrics::accuracy(json).ok_or_else(none);
    files.read(file, page, parse).await.ok()
}

fn unknown(id: &str) -> Problem {
    let detail = if id == OWN_MODEL {
        "the file has to be picked again"
    } else {
        "it is not in the manifest"
    };
    Problem::new(ProblemKind::UnknownModel, id, detail)
}
