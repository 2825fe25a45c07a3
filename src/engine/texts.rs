//! What each request about texts comes to.

use std::rc::Rc;

use burn::tensor::Device;

use super::{
    flip, guard_import::LoadedGuard, guard_store::GuardStore, host, jobs::Page, judge,
    observer::Observer, question, site_files::SiteFiles, work::Work,
};
use crate::protocol::{Problem, ProblemKind, Request, Response};

/// The guards of an engine.
pub struct Texts {
    device: Device,
    guards: GuardStore,
}

impl Texts {
    /// No guard is loaded so far.
    pub fn new(device: Device) -> Self {
        Self { guards: GuardStore::new(device.clone()), device }
    }

    /// Does one job.
    ///
    /// # Errors
    /// Whatever stopped it; [`ProblemKind::BadRequest`] for a request that is not about texts.
    pub async fn answer(
        &mut self,
        request: Request,
        files: &mut SiteFiles,
        page: &Page,
    ) -> Result<Response, Problem> {
        match request {
            Request::ListGuards => self.guards.list(files, page).await.map(Response::Guards),
            Request::LoadGuard { guard } => {
                self.guards.load(&guard, files, page).await?;
                let summary = self.guards.summary(&guard, files, page).await?;
                Ok(Response::Guard(Box::new(summary)))
            }
            Request::ForgetGuard { guard } => {
                self.guards.forget(&guard, files, page).await?;
                Ok(Response::Nothing)
            }
            Request::Judge(request) => {
                let (work, loaded) = self.guard(&request.guard, files, page).await?;
                judge::judge(&work, &loaded.guard, &request).await.map(Response::Judged)
            }
            Request::JudgeMany(request) => {
                let (work, loaded) = self.guard(&request.guard, files, page).await?;
                judge::judge_many(&work, &loaded.guard, &request).await.map(Response::JudgedMany)
            }
            Request::JudgeBatch(request) => {
                let (work, loaded) = self.guard(&request.guard, files, page).await?;
                judge::judge_batch(&work, &loaded.guard, &request).await.map(Response::Batch)
            }
            Request::InspectPrompt(request) => {
                let (_, loaded) = self.guard(&request.judge.guard, files, page).await?;
                judge::inspect(&loaded.guard, &request).map(Response::Prompt)
            }
            Request::Explain(request) => {
                let (work, loaded) = self.guard(&request.judge.guard, files, page).await?;
                let explanation = judge::explain(&work, &loaded.guard, &request).await?;
                Ok(Response::Explained(Box::new(explanation)))
            }
            Request::Flip(request) => {
                let (work, loaded) = self.guard(&request.judge.guard, files, page).await?;
                let flipped = flip::flip(&work, &loaded.guard, &request).await?;
                Ok(Response::Flipped(Box::new(flipped)))
            }
            Request::Convert { text, converter } => {
                page.pause().await?;
                Ok(Response::Text(question::converter(converter).convert(&text)))
            }
            _ => Err(Problem::new(ProblemKind::BadRequest, "engine", "this is not about texts")),
        }
    }

    /// A guard, loaded if it is not, and what it needs to judge for `page`.
    async fn guard<'a>(
        &'a mut self,
        guard: &str,
        files: &mut SiteFiles,
        page: &'a Page,
    ) -> Result<(Work<'a, Page>, Rc<LoadedGuard>), Problem> {
        let guard = self.guards.load(guard, files, page).await?;
        Ok((Work { device: &self.device, observer: page, clock: host::now }, guard))
    }
}
