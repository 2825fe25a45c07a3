//! Models by name: from memory, from the browser's cache, or from the network.

use std::{collections::HashMap, rc::Rc};

use burn::tensor::Device;
use web_sys::{AbortSignal, Url};

use super::{
    cache, fetch, host,
    import::{self, Model, OWN_MODEL},
    jobs::Page,
    labels, metrics,
    newest::{self, newest},
    observer::Observer,
    shelf::Shelf,
};
use crate::{
    protocol::{Localised, ModelSummary, Problem, ProblemKind, Progress, Stage},
    vision::Network,
    weights::{Manifest, ModelEntry},
};

const MANIFEST: &str = "manifest.json";
/// How many classes ImageNet's labels name.
const IMAGENET_CLASSES: usize = 1000;

/// The models of a manifest and the learner's own file.
pub struct ModelStore {
    /// Address of the folder that holds the manifest, with a slash at its end.
    folder: String,
    device: Device,
    manifest: Option<Rc<Manifest>>,
    /// Small files beside the manifest by address, once they were read.
    texts: HashMap<String, String>,
    /// Ready models: at most two.
    shelf: Shelf<Rc<Model>>,
}

impl ModelStore {
    /// A store that reads the manifest from that folder once it is asked for.
    pub fn new(mut folder: String, device: Device) -> Self {
        if !folder.ends_with('/') {
            folder.push('/');
        }
        Self { folder, device, manifest: None, texts: HashMap::new(), shelf: Shelf::default() }
    }

    /// The models there are: those of the manifest, and the own file if there is one.
    ///
    /// # Errors
    /// A manifest that cannot be fetched or read.
    pub async fn list(&mut self, page: &Page) -> Result<Vec<ModelSummary>, Problem> {
        let manifest = self.manifest(page).await?;
        let mut summaries = Vec::with_capacity(manifest.models.len() + 1);
        for entry in &manifest.models {
            summaries.push(self.summary_of(entry, page).await?);
        }
        summaries.extend(self.shelf.take_down(OWN_MODEL).map(|own| own.summary.clone()));
        Ok(summaries)
    }

    /// What is known of a model; its labels once it is loaded.
    ///
    /// # Errors
    /// [`ProblemKind::UnknownModel`], or a manifest that cannot be fetched or read.
    pub async fn summary(&mut self, id: &str, page: &Page) -> Result<ModelSummary, Problem> {
        if id == OWN_MODEL {
            let own = self.shelf.take_down(OWN_MODEL).ok_or_else(|| unknown(id))?;
            return Ok(own.summary.clone());
        }
        let manifest = self.manifest(page).await?;
        let entry = manifest.get(id).ok_or_else(|| unknown(id))?;
        self.summary_of(entry, page).await
    }

    async fn summary_of(
        &mut self,
        entry: &ModelEntry,
        page: &Page,
    ) -> Result<ModelSummary, Problem> {
        let mut summary = match self.shelf.take_down(&entry.id) {
            Some(model) => model.summary.clone(),
            None => ModelSummary {
                accuracy: self.accuracy(entry, page).await,
                ..import::summary(entry)
            },
        };
        summary.cached = cache::contains(&self.address(&entry.weights.url)?).await;
        Ok(summary)
    }

    /// A model, from memory if it is there.
    ///
    /// # Errors
    /// [`ProblemKind::UnknownModel`] (also for an own file that has not been handed in, or not
    /// since this engine started), or whatever keeps its files from being fetched, read and checked.
    pub async fn load(&mut self, id: &str, page: &Page) -> Result<Rc<Model>, Problem> {
        if let Some(model) = self.shelf.take_down(id) {
            return Ok(Rc::clone(model));
        }
        let manifest = self.manifest(page).await?;
        let entry = manifest.get(id).ok_or_else(|| unknown(id))?;
        let labels = self.labels(entry, page).await?;
        let accuracy = self.accuracy(entry, page).await;
        let (network, not_kept) = self.network(entry, page).await?;
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
        page: &Page,
    ) -> Result<ModelSummary, Problem> {
        let imagenet = self.imagenet_labels(page).await;
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
    pub async fn forget(&mut self, id: &str, page: &Page) -> Result<(), Problem> {
        let manifest = self.manifest(page).await?;
        let entry = manifest.get(id).ok_or_else(|| unknown(id))?;
        cache::remove(&self.address(&entry.weights.url)?).await
    }

    /// The network from the cache if it is there and sound, otherwise from its server; and whether
    /// the browser would not keep what the server sent.
    async fn network(
        &mut self,
        entry: &ModelEntry,
        page: &Page,
    ) -> Result<(Network, bool), Problem> {
        let address = self.address(&entry.weights.url)?;
        if let Some(bytes) = cache::get(&address).await {
            page.begin(Stage::Unpacking).await?;
            match self.unpack(entry, &address, bytes) {
                Ok(network) => return Ok((network, false)),
                // What was kept is damaged, or of an earlier version: the server has a better one.
                Err(_) => drop(cache::remove(&address).await),
            }
        }
        page.begin(Stage::Fetching).await?;
        let expected = entry.weights.bytes_exact.then_some(entry.weights.bytes);
        let tell = |done, total| page.report(Progress::Bytes { done, total });
        let bytes = fetch::bytes(&address, expected, &page.signal, &tell).await?;
        page.begin(Stage::Unpacking).await?;
        let copy = cache::Copy::of(&bytes);
        let network = self.unpack(entry, &address, bytes)?;
        // Only what works is kept.
        let kept = match copy {
            Ok(copy) => copy.keep(&address).await,
            Err(problem) => Err(problem),
        };
        Ok((network, kept.is_err()))
    }

    /// A network from its file. A model on the shelf makes room for it once the file is known to be
    /// the right one, and not before: what does not come must not cost what is there.
    fn unpack(
        &mut self,
        entry: &ModelEntry,
        file: &str,
        bytes: Vec<u8>,
    ) -> Result<Network, Problem> {
        let archive = import::archive(entry, file, bytes)?;
        self.shelf.make_room(&entry.id);
        import::network(entry, file, &archive, &self.device)
    }

    async fn manifest(&mut self, page: &Page) -> Result<Rc<Manifest>, Problem> {
        if let Some(manifest) = &self.manifest {
            return Ok(Rc::clone(manifest));
        }
        let manifest = Rc::new(self.read(MANIFEST, page, import::manifest).await?);
        self.manifest = Some(Rc::clone(&manifest));
        Ok(manifest)
    }

    async fn labels(
        &mut self,
        entry: &ModelEntry,
        page: &Page,
    ) -> Result<Localised<Vec<String>>, Problem> {
        let parse = |json: &str| labels::parse(&entry.labels, json, entry.num_classes);
        self.read(&entry.labels, page, parse).await
    }

    /// ImageNet's labels, if a model of the manifest has them and they can be had: an own file
    /// works without.
    async fn imagenet_labels(&mut self, page: &Page) -> Option<Localised<Vec<String>>> {
        let manifest = self.manifest(page).await.ok()?;
        let entry = manifest.models.iter().find(|entry| entry.num_classes == IMAGENET_CLASSES)?;
        self.labels(entry, page).await.ok()
    }

    async fn accuracy(&mut self, entry: &ModelEntry, page: &Page) -> Option<f32> {
        let file = entry.metrics.as_deref()?;
        let none = || Problem::new(ProblemKind::BrokenManifest, file, "it names no accuracy");
        let parse = |json: &str| metrics::accuracy(json).ok_or_else(none);
        self.read(file, page, parse).await.ok()
    }

    /// What a small text beside the manifest says: the server's, or as it was last read.
    async fn read<T>(
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

    /// The absolute address of a file named in the manifest.
    fn address(&self, path: &str) -> Result<String, Problem> {
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

fn unknown(id: &str) -> Problem {
    let detail = if id == OWN_MODEL {
        "the file has to be picked again"
    } else {
        "it is not in the manifest"
    };
    Problem::new(ProblemKind::UnknownModel, id, detail)
}
