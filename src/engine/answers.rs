//! What each request comes to.

use std::rc::Rc;

use super::{
    attack, classify,
    device::{self, OpenDevice},
    guard_list, host,
    import::Model,
    jobs::Page,
    model_store::ModelStore,
    observer::Observer,
    pictures,
    run::{Advance, Run},
    runs::Runs,
    self_check,
    site_files::SiteFiles,
    smallest_epsilon::smallest_epsilon,
    texts::Texts,
    work::Work,
};
use crate::protocol::{DeviceReport, Problem, ProblemKind, Request, Response, RunId, Stage};

/// An engine's state between jobs. Pictures are read and written without a device, and guards imported;
/// everything else needs [`Request::Start`] first.
#[derive(Default)]
pub struct Answers {
    opened: Option<Opened>,
}

struct Opened {
    device: OpenDevice,
    report: DeviceReport,
    files: SiteFiles,
    models: ModelStore,
    texts: Texts,
    runs: Runs,
}

impl Answers {
    /// Does one job.
    ///
    /// # Errors
    /// Whatever stopped it.
    pub async fn to(&mut self, request: Request, page: &Page) -> Result<Response, Problem> {
        match request {
            Request::Start { models_url } => self.start(models_url, page).await,
            Request::Decode { name, bytes } => {
                page.pause().await?;
                pictures::decode(&name, &bytes).map(Response::Picture)
            }
            Request::Crop { picture, crop, size } => {
                page.pause().await?;
                pictures::crop(picture, crop, size).map(Response::Picture)
            }
            Request::EncodePng { picture } => {
                page.pause().await?;
                pictures::encode_png(picture)
            }
            Request::RoundTrip { picture, trip } => {
                page.pause().await?;
                pictures::round_trip(picture, trip).map(Response::Picture)
            }
            Request::ListModels => {
                let Opened { files, models, .. } = self.opened()?;
                models.list(files, page).await.map(Response::Models)
            }
            Request::LoadModel { model } => {
                let Opened { files, models, .. } = self.opened()?;
                models.load(&model, files, page).await?;
                models.summary(&model, files, page).await.map(Response::Model)
            }
            Request::LoadOwnModel { file, bytes } => {
                let Opened { files, models, .. } = self.opened()?;
                models.load_own(&file, bytes, files, page).await.map(Response::Model)
            }
            Request::ForgetModel { model } => {
                let Opened { files, models, .. } = self.opened()?;
                models.forget(&model, files, page).await?;
                Ok(Response::Nothing)
            }
            Request::Classify { model, picture } => {
                let (work, model) = self.opened()?.work_with(&model, page).await?;
                let classification = classify::classify(&work, &model.network, &picture).await?;
                Ok(Response::Classified(classification))
            }
            Request::Differentiate { model, picture, label } => {
                let (work, model) = self.opened()?.work_with(&model, page).await?;
                let derivative = attack::derivative(&work, &model.network, &picture, label).await?;
                Ok(Response::Differentiated(derivative))
            }
            Request::Attack(request) => {
                let (work, model) = self.opened()?.work_with(&request.model, page).await?;
                let outcome = attack::attack(&work, &model.network, &request).await?;
                Ok(Response::Attacked(Box::new(outcome)))
            }
            Request::Sweep(request) => {
                let (work, model) = self.opened()?.work_with(&request.model, page).await?;
                let points = attack::sweep(&work, &model.network, &request).await?;
                Ok(Response::Swept(points))
            }
            Request::OpenRun(request) => {
                let (work, model) = self.opened()?.work_with(&request.model, page).await?;
                let (run, opened) = Run::open(&work, model, request).await?;
                self.opened()?.runs.add(run);
                Ok(Response::RunOpened(opened))
            }
            Request::AdvanceRun { run, steps, every, perturbation } => {
                let advance = Advance { steps, every, perturbation };
                let (work, kept) = self.opened()?.work_on(run, page)?;
                let finished = kept.advance(&work, advance).await?;
                Ok(Response::RunAdvanced { run, finished })
            }
            Request::FinishRun { run } => {
                let (work, kept) = self.opened()?.work_on(run, page)?;
                let outcome = kept.outcome(&work).await?;
                Ok(Response::RunFinished(Box::new(outcome)))
            }
            Request::CloseRun { run } => {
                self.opened()?.runs.close(run);
                Ok(Response::Nothing)
            }
            Request::SmallestEpsilon(request) => {
                let (work, model) = self.opened()?.work_with(&request.model, page).await?;
                let found = smallest_epsilon(&work, &model.network, &request).await?;
                Ok(Response::SmallestEpsilon(found))
            }
            Request::ListGuards => {
                let Opened { files, .. } = self.opened()?;
                guard_list::list(files, page).await.map(Response::Guards)
            }
            Request::ForgetGuard { guard } => {
                let Opened { files, texts, .. } = self.opened()?;
                texts.let_go(&guard);
                guard_list::forget(&guard, files, page).await?;
                Ok(Response::Nothing)
            }
            Request::ReportImports => {
                let Opened { files, .. } = self.opened()?;
                let report = guard_list::imports(files, page).await?;
                Ok(Response::Imports(Box::new(report)))
            }
            request @ (Request::ImportGuard(_) | Request::CheckGuard { .. }) => {
                Texts::import(request, page).await
            }
            request @ (Request::LoadGuard { .. }
            | Request::Judge(_)
            | Request::JudgeMany(_)
            | Request::JudgeBatch(_)
            | Request::InspectPrompt(_)
            | Request::Explain(_)
            | Request::Flip(_)
            | Request::Convert { .. }) => {
                let Opened { files, texts, .. } = self.opened()?;
                texts.answer(request, files, page).await
            }
        }
    }

    fn opened(&mut self) -> Result<&mut Opened, Problem> {
        let not_yet = || Problem::new(ProblemKind::BadRequest, "engine", "it has not been started");
        self.opened.as_mut().ok_or_else(not_yet)
    }

    async fn start(&mut self, models_url: String, page: &Page) -> Result<Response, Problem> {
        if let Some(opened) = &self.opened {
            return Ok(Response::Started(opened.report.clone()));
        }
        page.begin(Stage::OpeningDevice).await?;
        let device = device::open().await?;
        page.begin(Stage::CheckingDevice).await?;
        let self_check = self_check::run(&device.device, device.kind, host::now).await?;
        let report = DeviceReport {
            kind: device.kind,
            adapter: device.adapter.clone(),
            limits: device.limits.clone(),
            self_check,
        };
        self.opened = Some(Opened {
            files: SiteFiles::new(models_url),
            models: ModelStore::new(device.device.clone()),
            texts: Texts::new(device.device.clone(), device.kind),
            runs: Runs::default(),
            report: report.clone(),
            device,
        });
        Ok(Response::Started(report))
    }
}

impl Opened {
    /// A model, loaded if it is not, and what it needs to compute for `page`.
    async fn work_with<'a>(
        &'a mut self,
        model: &str,
        page: &'a Page,
    ) -> Result<(Work<'a, Page>, Rc<Model>), Problem> {
        let model = self.models.load(model, &mut self.files, page).await?;
        let work = Work { device: &self.device.device, observer: page, clock: host::now };
        Ok((work, model))
    }

    /// A run, and what it needs to go on for `page`.
    fn work_on<'a>(
        &'a mut self,
        run: RunId,
        page: &'a Page,
    ) -> Result<(Work<'a, Page>, &'a mut Run), Problem> {
        let run = self.runs.get(run)?;
        Ok((Work { device: &self.device.device, observer: page, clock: host::now }, run))
    }
}
