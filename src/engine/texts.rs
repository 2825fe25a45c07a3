//! What each request about texts comes to.

use std::rc::Rc;

use burn::tensor::Device;

use super::{
    flip, guard_import::LoadedGuard, guard_store::GuardStore, host, imports, jobs::Page, judge,
    observer::Observer, question, site_files::SiteFiles, work::Work,
};
use crate::protocol::{DeviceKind, Problem, ProblemKind, Request, Response};

/// Lets go of files that other engines want.
pub use super::private_file::listen;

/// The guards of an engine.
pub struct Texts {
    device: Device,
    guards: GuardStore,
}

impl Texts {
    /// No guard is loaded so far.
    pub fn new(device: Device, kind: DeviceKind) -> Self {
        Self { guards: GuardStore::new(device.clone(), kind), device }
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
        self.guards.forget_unusable();
        match request {
            Request::LoadGuard { guard } => {
                self.guards.load(&guard, files, page).await?;
                let summary = self.guards.summary(&guard, files, page).await?;
                Ok(Response::Guard(Box::new(summary)))
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

    /// An import or its check, which needs no device.
    ///
    /// # Errors
    /// Whatever stopped it; [`ProblemKind::BadRequest`] for another request.
    pub async fn import(request: Request, page: &Page) -> Result<Response, Problem> {
        match request {
            Request::ImportGuard(request) => imports::import(request, page).await?,
            Request::CheckGuard { guard } => imports::check(&guard, page).await?,
            _ => return Err(Problem::new(ProblemKind::BadRequest, "engine", "this is no import")),
        }
        Ok(Response::Nothing)
    }

    /// Forgets a guard in memory, so that its file can be removed.
    pub fn let_go(&mut self, guard: &str) {
        self.guards.let_go(guard);
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
