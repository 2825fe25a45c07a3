//! An engine of its own for one long job, beside those that compute: they stay free, and its memory is
//! given back when the job is done. Jobs that need no device only.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use leptos::leptos_dom::helpers::set_timeout;
use leptos::prelude::window;
use leptos::task::spawn_local;
use web_sys::File;

use super::worker::{EngineWorker, Heard, Refusal};
use crate::protocol::{
    FromEngine, JobId, Problem, ProblemKind, Progress, Request, Response, ToEngine,
};

/// The engine's only job.
const JOB: JobId = 1;
/// How long it may take to stop before it is ended.
const PATIENCE: Duration = Duration::from_secs(8);

type Answer = Result<Response, Problem>;

/// An engine that does one job. Whoever holds it can stop it.
#[derive(Clone)]
pub struct Aside(Rc<Inside>);

struct Inside {
    worker: RefCell<Option<EngineWorker>>,
    answer: RefCell<Option<oneshot::Sender<Answer>>>,
    /// What is asked of it once it listens.
    job: RefCell<Option<(Request, Vec<File>)>>,
    stopping: Cell<bool>,
}

impl Aside {
    /// Starts the engine at `script` and has it do `request`, with `files` beside it. `told` hears how
    /// far it is.
    pub fn start(
        script: String,
        request: Request,
        files: Vec<File>,
        told: impl Fn(Progress) + 'static,
    ) -> (Self, impl Future<Output = Answer>) {
        let (sender, answer) = oneshot::channel();
        let aside = Self(Rc::new(Inside {
            worker: RefCell::default(),
            answer: RefCell::new(Some(sender)),
            job: RefCell::new(Some((request, files))),
            stopping: Cell::new(false),
        }));
        let (hearing, name) = (aside.clone(), script.clone());
        let started = EngineWorker::start(&script, move |heard| match heard {
            Heard::Message(FromEngine::Hello) => hearing.post_job(),
            Heard::Message(FromEngine::Progress { progress, .. }) => told(progress),
            Heard::Message(FromEngine::Done { response, .. }) => hearing.end(Ok(response)),
            Heard::Message(FromEngine::Failed { problem, .. }) => hearing.end(Err(problem)),
            Heard::Message(FromEngine::DeviceLost { reason }) => {
                hearing.end(Err(Problem::new(ProblemKind::EngineStopped, &name, reason)));
            }
            Heard::Stopped(detail) => hearing.end(Err(hearing.stopped(&name, detail))),
        });
        match started {
            Ok(worker) => {
                aside.0.worker.replace(Some(worker));
            }
            Err(Refusal::NoModules) => {
                aside.end(Err(Problem::new(ProblemKind::TooOldBrowser, script, "no modules")));
            }
            Err(Refusal::Other(detail)) => {
                aside.end(Err(Problem::new(ProblemKind::EngineNotStarted, script, detail)));
            }
        }
        let gone = |_| Problem::new(ProblemKind::EngineStopped, "", "nobody answers any more");
        (aside, async move { answer.await.map_err(gone).flatten() })
    }

    /// Stops the job; it ends with [`ProblemKind::Cancelled`], by force if it takes too long.
    pub fn stop(&self) {
        if self.0.stopping.replace(true) {
            return;
        }
        let posted = match self.0.worker.borrow().as_ref() {
            Some(worker) => worker.post(&ToEngine::Cancel { job: JOB }).is_ok(),
            None => false,
        };
        let cancelled = || Err(Problem::new(ProblemKind::Cancelled, "", "stopped"));
        // An engine that does not listen yet has done nothing.
        if !posted || self.0.job.borrow().is_some() {
            self.end(cancelled());
            return;
        }
        let aside = self.clone();
        set_timeout(move || aside.end(cancelled()), PATIENCE);
    }

    fn post_job(&self) {
        let Some((request, files)) = self.0.job.take() else { return };
        let message = ToEngine::Run { job: JOB, request };
        let posted = match self.0.worker.borrow().as_ref() {
            Some(worker) => worker.post_with(&message, &files),
            None => Err("there is no worker".to_owned()),
        };
        if let Err(detail) = posted {
            self.end(Err(Problem::new(ProblemKind::EngineStopped, "", detail)));
        }
    }

    fn stopped(&self, script: &str, detail: Option<String>) -> Problem {
        let starting = self.0.job.borrow().is_some();
        let kind = match detail {
            _ if starting && !window().navigator().on_line() => ProblemKind::Offline,
            None if starting => ProblemKind::Refused,
            Some(_) if starting => ProblemKind::EngineNotStarted,
            _ => ProblemKind::EngineStopped,
        };
        Problem::new(kind, script, detail.unwrap_or_else(|| "could not be loaded".to_owned()))
    }

    /// The first answer counts; after it there is no engine any more.
    fn end(&self, answer: Answer) {
        if let Some(waiting) = self.0.answer.take() {
            // Who no longer listens has no use for it.
            let _ = waiting.send(answer);
        }
        let worker = self.0.worker.take();
        // This may run inside one of the worker's own callbacks, which must outlive the call.
        spawn_local(async move { drop(worker) });
    }
}
