//! What each request comes to.

use std::rc::Rc;

use super::{
    attack, classify,
    device::{self, OpenDevice},
    host,
    import::Model,
    jobs::Page,
    model_store::ModelStore,
    observer::Observer,
    pictures, self_check,
    work::Work,
};
use crate::protocol::{DeviceReport, Problem, ProblemKind, Request, Response, Stage};

/// An engine's state between jobs. Pictures are read and written without a device; everything else
/// needs [`Request::Start`] first.
#[derive(Default)]
pub struct Answers {
    opened: Option<Opened>,
}

struct Opened {
    device: OpenDevice,
    report: DeviceReport,
    models: ModelStore,
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
            Request::ListModels => self.opened()?.models.list(page).await.map(Response::Models),
            Request::LoadModel { model } => {
                let models = &mut self.opened()?.models;
                models.load(&model, page).await?;
                models.summary(&model, page).await.map(Response::Model)
            }
            Request::LoadOwnModel { file, bytes } => {
                let models = &mut self.opened()?.models;
                models.load_own(&file, bytes, page).await.map(Response::Model)
            }
            Request::ForgetModel { model } => {
                self.opened()?.models.forget(&model, page).await?;
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
        let models = ModelStore::new(models_url, device.device.clone());
        self.opened = Some(Opened { device, report: report.clone(), models });
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
        let model = self.models.load(model, page).await?;
        let work = Work { device: &self.device.device, observer: page, clock: host::now };
        Ok((work, model))
    }
}
