//! Jobs, one after the other, each of which can be cancelled.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::poll_fn,
    rc::Rc,
    task::{Poll, Waker},
};

use js_sys::Array;
use web_sys::{AbortController, AbortSignal};

use super::{
    answers::Answers,
    gpu_faults, host,
    observer::Observer,
    post::{post, set_running},
    queue::{Cancellation, Job, Queue},
};
use crate::protocol::{FromEngine, JobId, Problem, ProblemKind, Progress};

/// Where messages hand jobs in and the engine takes them up.
#[derive(Default)]
pub struct Desk {
    queue: RefCell<Queue>,
    /// What came beside a job's message, by the job.
    files: RefCell<HashMap<JobId, Array>>,
    /// Stops the running job.
    stop: RefCell<Option<AbortController>>,
    /// The engine, if it waits for a job.
    waiting: RefCell<Option<Waker>>,
}

impl Desk {
    /// Adds a job to those that wait, with the files that came beside its message.
    pub fn hand_in(&self, job: Job, files: Option<Array>) {
        self.files.borrow_mut().extend(files.map(|files| (job.id, files)));
        self.queue.borrow_mut().push(job);
        if let Some(engine) = self.waiting.take() {
            engine.wake();
        }
    }

    /// Takes a waiting job out, or tells the running one to stop.
    pub fn cancel(&self, id: JobId) {
        let cancellation = self.queue.borrow_mut().cancel(id);
        match cancellation {
            Cancellation::TakenOut => {
                self.files.borrow_mut().remove(&id);
                post(&FromEngine::Failed { job: id, problem: cancelled() });
            }
            Cancellation::Running => {
                if let Some(stop) = self.stop.borrow().as_ref() {
                    stop.abort();
                }
            }
            Cancellation::Unknown => {}
        }
    }

    async fn next(&self) -> Job {
        poll_fn(|context| match self.queue.borrow_mut().start_next() {
            Some(job) => Poll::Ready(job),
            None => {
                self.waiting.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }
}

fn cancelled() -> Problem {
    Problem::new(ProblemKind::Cancelled, "job", "cancelled")
}

/// Does the jobs as they come, for as long as the worker lives.
pub async fn serve(desk: Rc<Desk>) {
    let mut answers = Answers::default();
    loop {
        let job = desk.next().await;
        set_running(Some(job.id));
        let message = match AbortController::new() {
            Ok(stop) => {
                let files = desk.files.borrow_mut().remove(&job.id).unwrap_or_default();
                let page = Page { job: job.id, signal: stop.signal(), files };
                desk.stop.replace(Some(stop));
                let answer = answers.to(job.request, &page).await;
                // What was computed beside a fault is worth nothing.
                match gpu_faults::take().map_or(answer, Err) {
                    Ok(response) => FromEngine::Done { job: job.id, response },
                    Err(problem) => FromEngine::Failed { job: job.id, problem },
                }
            }
            Err(error) => {
                let detail = host::describe(&error);
                let problem = Problem::new(ProblemKind::Internal, "job", detail);
                FromEngine::Failed { job: job.id, problem }
            }
        };
        if matches!(message, FromEngine::Failed { .. }) {
            // If the job failed because the GPU is gone, that is the better message, and it is on
            // its way.
            host::next_turn().await;
        }
        post(&message);
        set_running(None);
        desk.stop.replace(None);
        desk.queue.borrow_mut().finish();
    }
}

/// The page, waiting for one job.
pub struct Page {
    job: JobId,
    /// Aborted once the job is cancelled.
    pub signal: AbortSignal,
    /// What the learner picked for it: the browser's `File`s, of which nothing was read.
    #[cfg_attr(not(feature = "guard"), expect(dead_code, reason = "only imports read files"))]
    pub files: Array,
}

impl Observer for Page {
    fn report(&self, progress: Progress) {
        post(&FromEngine::Progress { job: self.job, progress });
    }

    async fn pause(&self) -> Result<(), Problem> {
        host::next_turn().await;
        if self.signal.aborted() { Err(cancelled()) } else { Ok(()) }
    }
}
