//! A piece of work as signals: its latest result, how far it is, what went wrong.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::page::engine_client::EngineClient;
use crate::page::scheduler::Answer;
use crate::protocol::{
    Classification, DeviceKind, JobId, Picture, Problem, ProblemKind, Progress, Request, Response,
};

/// Work that can be started again and again. Only the last start counts: the one before it is
/// cancelled. A result stays until there is a newer one; a problem does not take it away.
pub struct Job<T: Send + Sync + 'static> {
    value: RwSignal<Option<Arc<T>>>,
    busy: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    turn: Turn,
}

impl<T: Send + Sync + 'static> Clone for Job<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Job<T> {}

/// What a start does.
type Work<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// What is told of its result.
type Done<T> = Box<dyn FnOnce(&Arc<T>)>;

/// Which start of a job counts, and what the engine does for it.
#[derive(Clone, Copy)]
struct Turn {
    number: StoredValue<u64>,
    call: StoredValue<Option<JobId>>,
    progress: RwSignal<Option<ArcReadSignal<Option<Progress>>>>,
}

/// One start of a job.
#[derive(Clone, Copy)]
pub struct Attempt {
    engine: EngineClient,
    turn: Turn,
    number: u64,
}

impl<T: Send + Sync + 'static> Job<T> {
    /// Work that nobody has started yet.
    pub fn new() -> Self {
        Self {
            value: RwSignal::new(None),
            busy: RwSignal::new(false),
            problem: RwSignal::new(None),
            turn: Turn {
                number: StoredValue::new(0),
                call: StoredValue::new(None),
                progress: RwSignal::new(None),
            },
        }
    }

    /// Starts `work` in place of whatever runs. `done` is called right after its result is there.
    pub fn start<F>(
        self,
        engine: EngineClient,
        work: impl FnOnce(Attempt) -> F,
        done: impl FnOnce(&Arc<T>) + 'static,
    ) where
        F: Future<Output = Result<T, Problem>> + 'static,
    {
        let number = self.supersede(engine);
        self.problem.set(None);
        self.busy.set(true);
        let result = work(Attempt { engine, turn: self.turn, number });
        self.await_result(number, Box::pin(result), Box::new(done));
    }

    /// Boxed, so that the code is there once for a kind of result, not once for each work.
    fn await_result(self, number: u64, result: Work<T>, done: Done<T>) {
        spawn_local(async move {
            let result = result.await;
            if self.turn.number.try_get_value() != Some(number) {
                return;
            }
            self.turn.end_call();
            self.busy.set(false);
            match result {
                Ok(value) => {
                    let value = Arc::new(value);
                    self.value.set(Some(value.clone()));
                    done(&value);
                }
                Err(problem) if problem.kind == ProblemKind::Cancelled => {}
                Err(problem) => self.problem.set(Some(problem)),
            }
        });
    }

    /// Stops what runs; the last result stays.
    pub fn cancel(self, engine: EngineClient) {
        self.supersede(engine);
        self.busy.set(false);
    }

    /// Stops what runs and forgets result and problem.
    pub fn reset(self, engine: EngineClient) {
        self.cancel(engine);
        if self.value.with_untracked(Option::is_some) {
            self.value.set(None);
        }
        self.clear_problem();
    }

    /// Puts a result there that needed no work.
    pub fn set(self, engine: EngineClient, value: Arc<T>) {
        self.cancel(engine);
        self.clear_problem();
        self.value.set(Some(value));
    }

    /// The latest result.
    pub fn get(self) -> Option<Arc<T>> {
        self.value.get()
    }

    /// The latest result, without following it.
    pub fn peek(self) -> Option<Arc<T>> {
        self.value.get_untracked()
    }

    /// Whether it runs.
    pub fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// Why the last start has no result.
    pub fn problem(self) -> Signal<Option<Problem>> {
        self.problem.into()
    }

    /// The last thing that the engine said about what runs.
    pub fn progress(self) -> Option<Progress> {
        self.turn.progress.get().and_then(|progress| progress.get())
    }

    fn clear_problem(self) {
        if self.problem.with_untracked(Option::is_some) {
            self.problem.set(None);
        }
    }

    /// Makes what runs count no more. Returns the number of the next start.
    fn supersede(self, engine: EngineClient) -> u64 {
        if let Some(call) = self.turn.call.get_value() {
            engine.cancel(call);
        }
        self.turn.end_call();
        let number = self.turn.number.get_value() + 1;
        self.turn.number.set_value(number);
        number
    }
}

impl Turn {
    fn end_call(self) {
        self.call.set_value(None);
        if self.progress.with_untracked(Option::is_some) {
            self.progress.set(None);
        }
    }
}

impl Attempt {
    /// Has the engine do something, as part of this job.
    ///
    /// # Errors
    /// The engine's problem, or [`ProblemKind::Cancelled`] if the job was started anew meanwhile.
    pub async fn ask(&self, request: Request) -> Result<Response, Problem> {
        self.answer(request).await.map(|answer| answer.response)
    }

    /// Has the engine do something, and tells which device did it.
    ///
    /// # Errors
    /// As for [`Self::ask`].
    pub async fn answer(&self, request: Request) -> Result<Answer, Problem> {
        self.check()?;
        let call = self.engine.call(request);
        self.turn.call.set_value(Some(call.id));
        self.turn.progress.set(Some(call.progress.clone()));
        let answer = call.answer().await;
        self.check()?;
        self.turn.end_call();
        answer
    }

    /// Has the engine do something that ends in a picture.
    ///
    /// # Errors
    /// As for [`Self::ask`].
    pub async fn picture(&self, request: Request) -> Result<Picture, Problem> {
        match self.ask(request).await? {
            Response::Picture(picture) => Ok(picture),
            other => Err(unexpected(&other)),
        }
    }

    /// Has a picture classified, and tells which device did it.
    ///
    /// # Errors
    /// As for [`Self::ask`].
    pub async fn classify(
        &self,
        model: &str,
        picture: Picture,
    ) -> Result<(Classification, DeviceKind), Problem> {
        let answer = self.answer(Request::Classify { model: model.to_owned(), picture }).await?;
        match answer.response {
            Response::Classified(classification) => Ok((classification, answer.device)),
            other => Err(unexpected(&other)),
        }
    }

    /// Whether this start still counts.
    ///
    /// # Errors
    /// [`ProblemKind::Cancelled`] if it does not.
    pub fn check(&self) -> Result<(), Problem> {
        if self.turn.number.try_get_value() == Some(self.number) {
            Ok(())
        } else {
            Err(Problem::new(ProblemKind::Cancelled, "", "started anew"))
        }
    }
}

/// The problem of an engine that answers another question.
pub fn unexpected(response: &Response) -> Problem {
    let kind = match response {
        Response::Nothing => "Nothing",
        Response::Started(_) => "Started",
        Response::Picture(_) => "Picture",
        Response::File { .. } => "File",
        Response::Models(_) => "Models",
        Response::Model(_) => "Model",
        Response::Classified(_) => "Classified",
        Response::Differentiated(_) => "Differentiated",
        Response::Attacked(_) => "Attacked",
        Response::Swept(_) => "Swept",
        Response::RunOpened(_) => "RunOpened",
        Response::RunAdvanced { .. } => "RunAdvanced",
        Response::RunFinished(_) => "RunFinished",
        Response::SmallestEpsilon(_) => "SmallestEpsilon",
        Response::Guards(_) => "Guards",
        Response::Guard(_) => "Guard",
        Response::Imports(_) => "Imports",
        Response::Judged(_) => "Judged",
        Response::JudgedMany(_) => "JudgedMany",
        Response::Prompt(_) => "Prompt",
        Response::Explained(_) => "Explained",
        Response::Flipped(_) => "Flipped",
        Response::Batch(_) => "Batch",
        Response::Text(_) => "Text",
    };
    Problem::new(ProblemKind::Internal, "", format!("an unexpected answer: {kind}"))
}
