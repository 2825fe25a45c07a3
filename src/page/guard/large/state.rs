//! The large guard's import: what is kept, what runs, what came of it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::File;

use crate::page::aside::Aside;
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::bench::state::for_the_page;
use crate::page::engine_client::{EngineClient, models_url, use_engine};
use crate::page::guard::state::{GuardList, use_guard_list};
use crate::page::machine;
use crate::protocol::{
    AccessToken, ImportProgress, ImportReport, ImportRequest, ImportSource, KeptImport, Problem,
    ProblemKind, Progress, Request, Response,
};

/// Where the learner takes the files from. It is in memory only.
#[derive(Clone)]
pub enum Origin {
    Picked(Vec<File>),
    Hub(AccessToken),
    Site,
}

/// What came of the last thing that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Imported,
    Paused,
    Checked,
    Deleted,
}

/// What runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running {
    Import,
    Check,
}

/// The import, for the lesson and for whoever shows what is stored.
#[derive(Clone, Copy)]
pub struct Large {
    engine: EngineClient,
    list: GuardList,
    report: Job<ImportReport>,
    deletion: Job<()>,
    running: RwSignal<Option<Running>>,
    progress: RwSignal<Option<ImportProgress>>,
    problem: RwSignal<Option<Problem>>,
    outcome: RwSignal<Option<Outcome>>,
    /// What an import that stopped can go on with.
    origin: StoredValue<Option<Origin>, LocalStorage>,
    has_origin: RwSignal<bool>,
    aside: StoredValue<Option<Aside>, LocalStorage>,
}

/// The page's import.
pub fn use_large() -> Large {
    for_the_page(|| Large {
        engine: use_engine(),
        list: use_guard_list(),
        report: Job::new(),
        deletion: Job::new(),
        running: RwSignal::new(None),
        progress: RwSignal::new(None),
        problem: RwSignal::new(None),
        outcome: RwSignal::new(None),
        origin: StoredValue::new_local(None),
        has_origin: RwSignal::new(false),
        aside: StoredValue::new_local(None),
    })
}

impl Large {
    /// Asks what is kept and how much room there is.
    pub fn refresh(self) {
        let work = |attempt: Attempt| async move {
            match attempt.ask(Request::ReportImports).await? {
                Response::Imports(report) => Ok(*report),
                other => Err(unexpected(&other)),
            }
        };
        self.report.start(self.engine, work, |_| {});
    }

    /// Follows what is known; none until it is.
    pub fn with<T>(self, read: impl FnOnce(&ImportReport) -> T) -> Option<T> {
        self.report.get().map(|report| read(&report))
    }

    /// What is kept of the guard that an import would bring.
    pub fn kept(self) -> Option<KeptImport> {
        self.with(|report| report.kept.iter().find(|kept| kept.guard == report.guard).cloned())?
    }

    /// Whether it is being asked what is kept, and nothing is known yet.
    pub fn looking(self) -> Signal<bool> {
        Signal::derive(move || self.report.busy().get() && self.report.get().is_none())
    }

    /// What runs.
    pub fn running(self) -> Signal<Option<Running>> {
        self.running.into()
    }

    /// How far it is.
    pub fn progress(self) -> Signal<Option<ImportProgress>> {
        self.progress.into()
    }

    /// Why the last thing went wrong, or nothing is known.
    pub fn problem(self) -> Signal<Option<Problem>> {
        Signal::derive(move || self.problem.get().or_else(|| self.report.problem().get()))
    }

    /// Why the last deletion went wrong.
    pub fn deletion_problem(self) -> Signal<Option<Problem>> {
        self.deletion.problem()
    }

    /// What came of the last thing.
    pub fn outcome(self) -> Signal<Option<Outcome>> {
        self.outcome.into()
    }

    /// Whether an import can go on without asking where the files are.
    pub fn has_origin(self) -> Signal<bool> {
        self.has_origin.into()
    }

    /// Imports, or goes on where an import stopped.
    pub fn import(self, origin: Origin) {
        self.begin(origin, false);
    }

    /// Imports in place of what there is of other files.
    pub fn start_over(self) {
        if let Some(origin) = self.origin.get_value() {
            self.begin(origin, true);
        }
    }

    fn begin(self, origin: Origin, start_over: bool) {
        let Some(guard) = self.report.peek().map(|report| report.guard.clone()) else { return };
        let (source, files) = match &origin {
            Origin::Picked(files) => (ImportSource::Picked, files.clone()),
            Origin::Hub(token) => (ImportSource::Hub { token: token.clone() }, Vec::new()),
            Origin::Site => (ImportSource::Site, Vec::new()),
        };
        self.remember(Some(origin));
        let request = ImportRequest { guard, models_url: models_url(), source, start_over };
        self.run(Running::Import, Request::ImportGuard(request), files);
    }

    /// Goes on with what an import had before it stopped.
    pub fn go_on(self) {
        if let Some(origin) = self.origin.get_value() {
            self.import(origin);
        }
    }

    /// Compares what is kept with its checksums.
    pub fn check(self, guard: String) {
        self.run(Running::Check, Request::CheckGuard { guard }, Vec::new());
    }

    /// Stops what runs.
    pub fn stop(self) {
        if let Some(aside) = self.aside.get_value() {
            aside.stop();
        }
    }

    /// Removes an import, finished or not.
    pub fn delete(self, guard: String) {
        self.outcome.set(None);
        self.problem.set(None);
        let work = move |attempt: Attempt| async move {
            attempt.ask(Request::ForgetGuard { guard }).await.map(drop)
        };
        self.deletion.start(self.engine, work, move |_| {
            self.outcome.set(Some(Outcome::Deleted));
            self.remember(None);
            self.refresh_all();
        });
    }

    /// Whether something is being removed.
    pub fn deleting(self) -> Signal<bool> {
        self.deletion.busy()
    }

    fn remember(self, origin: Option<Origin>) {
        self.has_origin.set(origin.is_some());
        self.origin.set_value(origin);
    }

    fn refresh_all(self) {
        self.refresh();
        self.list.refresh();
    }

    fn run(self, what: Running, request: Request, files: Vec<File>) {
        if self.running.with_untracked(Option::is_some) {
            return;
        }
        self.outcome.set(None);
        self.problem.set(None);
        self.progress.set(None);
        let Some(script) = self.engine.text_script() else {
            let detail = "the site was built without it";
            self.problem.set(Some(Problem::new(ProblemKind::Refused, "engine-text", detail)));
            return;
        };
        self.running.set(Some(what));
        let told = move |progress| {
            if let Progress::Import(progress) = progress {
                self.progress.set(Some(progress));
            }
        };
        if what == Running::Import {
            // Beside the import: some browsers ask the person, who may not see it.
            spawn_local(machine::keep_what_is_stored());
        }
        let (aside, answer) = Aside::start(script, request, files, told);
        self.aside.set_value(Some(aside));
        spawn_local(async move {
            let answer = answer.await;
            self.aside.set_value(None);
            self.running.set(None);
            match answer {
                Ok(_) if what == Running::Import => {
                    self.outcome.set(Some(Outcome::Imported));
                    // The token has done what it was for.
                    self.remember(None);
                }
                Ok(_) => self.outcome.set(Some(Outcome::Checked)),
                Err(problem) if problem.kind == ProblemKind::Cancelled => {
                    let paused = what == Running::Import;
                    self.outcome.set(paused.then_some(Outcome::Paused));
                }
                Err(problem) => self.problem.set(Some(problem)),
            }
            self.refresh_all();
        });
    }
}
