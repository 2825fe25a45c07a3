//! The engine that everybody downloads knows pictures only: the one that knows texts too is twice as
//! large, and the page puts it in its place when the first question about a text comes up.

use burn::tensor::Device;

use super::{jobs::Page, site_files::SiteFiles};
use crate::protocol::{DeviceKind, Problem, ProblemKind, Request, Response};

/// The guards of an engine that has none.
pub struct Texts;

impl Texts {
    /// Nothing.
    pub fn new(_device: Device, _kind: DeviceKind) -> Self {
        Self
    }

    /// Refuses.
    ///
    /// # Errors
    /// Always [`ProblemKind::BadRequest`].
    pub async fn answer(
        &mut self,
        _request: Request,
        _files: &mut SiteFiles,
        _page: &Page,
    ) -> Result<Response, Problem> {
        Err(refused())
    }

    /// Refuses.
    ///
    /// # Errors
    /// Always [`ProblemKind::BadRequest`].
    pub async fn import(_request: Request, _page: &Page) -> Result<Response, Problem> {
        Err(refused())
    }

    /// There is nothing to forget.
    pub fn let_go(&mut self, _guard: &str) {}
}

/// It has no file open that another engine could want.
pub fn listen() {}

fn refused() -> Problem {
    Problem::new(ProblemKind::BadRequest, "engine", "it was built without texts")
}
