//! Who does which job when: the two engines, what waits, what runs, and what happens when an
//! engine dies. Events in, [`Effect`]s out; the workers themselves are [`super::engine_client`]'s.
//!
//! An engine is given one job at a time. A job whose engine dies under it is run once more, on
//! whichever engine computes by then; the second time it fails.

use super::engine_state::{Absence, Choice, EngineState, choose};
use crate::protocol::{
    AttackRequest, DeviceKind, FromEngine, JobId, Problem, ProblemKind, Progress, Request,
    Response, RunId, RunRequest, SmallestEpsilonRequest, SweepRequest, ToEngine,
};

/// How often an engine may die in a row, without finishing a job, before it is given up.
const DEATHS: u8 = 3;

/// What an engine answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The engine's device, which is not always the one that computes by the time it is read.
    pub device: DeviceKind,
    pub response: Response,
}

/// What the world outside is to do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// End the engine's worker, if there is one, and start a fresh one after a pause.
    Spawn { kind: DeviceKind, pause_ms: u32 },
    /// End the engine's worker.
    Terminate(DeviceKind),
    /// Send a message to the engine's worker.
    Post(DeviceKind, ToEngine),
    /// Tell whoever asked how the job is.
    Report(JobId, Progress),
    /// Tell whoever asked what came of the job.
    Resolve(JobId, Result<Answer, Problem>),
    /// Call [`Scheduler::hung`] if the engine has not let go of this cancelled job after a while.
    Watch(DeviceKind, JobId),
    /// Call [`Scheduler::settled`] with the same numbers after a good while.
    Settle { kind: DeviceKind, life: u32 },
    /// The states or the choice may have changed.
    Changed,
}

#[derive(Debug)]
struct Job {
    id: JobId,
    request: Request,
    attempts: u8,
}

/// What an engine is busy with.
#[derive(Debug)]
enum Work {
    Start,
    /// Loading a model file of the learner's again, after a restart or a change of engines.
    Reload,
    Job(Job),
    /// A job that the learner cancelled and that the engine has not let go of yet.
    Abandoned,
}

#[derive(Debug)]
struct Engine {
    state: EngineState,
    running: Option<(JobId, Work)>,
    deaths: u8,
    /// Which engine of its kind it is, counted from the page's start.
    life: u32,
    /// Whether it has the learner's own model.
    has_own_model: bool,
    /// Which runs live in it.
    runs: Vec<RunId>,
}

/// Whether the CPU engine is the one that knows texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Texts {
    Absent,
    /// Its code is being fetched; questions about texts wait.
    Coming,
    There,
}

/// The learner's model file, kept for a fresh engine. There is one at a time.
#[derive(Debug)]
struct OwnModel {
    id: String,
    request: Request,
}

/// The jobs and the engines.
#[derive(Debug)]
pub struct Scheduler {
    models_url: String,
    cpu: Engine,
    gpu: Engine,
    waiting: Vec<Job>,
    own_model: Option<OwnModel>,
    texts: Texts,
    wanted: Option<DeviceKind>,
    next: JobId,
    effects: Vec<Effect>,
}

impl Engine {
    fn absent() -> Self {
        Self {
            state: EngineState::Absent(Absence::NotTried),
            running: None,
            deaths: 0,
            life: 0,
            has_own_model: false,
            runs: Vec::new(),
        }
    }

    /// A fresh worker takes the place of the one before it, if there was one.
    fn begin(&mut self) {
        self.life = self.life.wrapping_add(1);
        self.running = None;
        self.has_own_model = false;
    }

    fn is_free(&self) -> bool {
        self.running.is_none() && self.state.report().is_some()
    }
}

impl Scheduler {
    /// `models_url`: the absolute address of the folder that holds `manifest.json`.
    pub fn new(models_url: String, wanted: Option<DeviceKind>) -> Self {
        Self {
            models_url,
            cpu: Engine::absent(),
            gpu: Engine::absent(),
            waiting: Vec::new(),
            own_model: None,
            texts: Texts::Absent,
            wanted,
            next: 1,
            effects: Vec::new(),
        }
    }

    /// What is to be done since the last call, in this order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// How an engine is.
    pub fn state(&self, kind: DeviceKind) -> &EngineState {
        match kind {
            DeviceKind::Cpu => &self.cpu.state,
            DeviceKind::WebGpu => &self.gpu.state,
        }
    }

    /// Which engine computes now.
    pub fn choice(&self) -> Choice {
        choose(self.wanted, &self.cpu.state, &self.gpu.state)
    }

    /// The learner's wish; none leaves the choice to the page.
    pub fn want(&mut self, device: Option<DeviceKind>) {
        self.wanted = device;
        self.effects.push(Effect::Changed);
        self.pump();
    }

    /// The device that the learner insists on.
    pub fn wanted(&self) -> Option<DeviceKind> {
        self.wanted
    }

    /// Starts an engine that is absent or failed.
    pub fn start(&mut self, kind: DeviceKind) {
        let engine = self.engine(kind);
        if engine.state.is_usable() {
            return;
        }
        engine.deaths = 0;
        engine.begin();
        self.set_state(kind, EngineState::Loading);
        self.effects.push(Effect::Spawn { kind, pause_ms: 0 });
    }

    /// There will be no engine of this kind, and why.
    pub fn absent(&mut self, kind: DeviceKind, absence: Absence) {
        let state = EngineState::Absent(absence);
        self.take_back(kind, &absent_problem(kind, &state));
        self.set_state(kind, state);
        self.effects.push(Effect::Terminate(kind));
        self.pump();
    }

    /// Takes a job; its result comes as [`Effect::Resolve`].
    pub fn submit(&mut self, request: Request) -> JobId {
        let id = self.fresh_id();
        self.waiting.push(Job { id, request, attempts: 0 });
        self.pump();
        id
    }

    /// Ends a job at once for whoever asked, and as soon as it can for the engine.
    pub fn cancel(&mut self, id: JobId) {
        if let Some(place) = self.waiting.iter().position(|job| job.id == id) {
            self.waiting.remove(place);
            self.resolve(id, Err(cancelled()));
            return;
        }
        for kind in [DeviceKind::Cpu, DeviceKind::WebGpu] {
            if let Some((running, work @ Work::Job(_))) = &mut self.engine(kind).running
                && *running == id
            {
                *work = Work::Abandoned;
                self.effects.push(Effect::Post(kind, ToEngine::Cancel { job: id }));
                self.effects.push(Effect::Watch(kind, id));
                self.resolve(id, Err(cancelled()));
            }
        }
    }

    /// A cancelled job was watched for long enough: if the engine still has it, it is replaced.
    pub fn hung(&mut self, kind: DeviceKind, id: JobId) {
        if matches!(self.engine(kind).running, Some((running, Work::Abandoned)) if running == id) {
            self.restart(kind, 0);
            self.pump();
        }
    }

    /// Whether the engine for texts has to be fetched for this request. True once, until
    /// [`Self::texts_came`] or [`Self::texts_failed`] says what came of it.
    pub fn asks_for_texts(&mut self, request: &Request) -> bool {
        let asks = is_about_texts(request) && self.texts == Texts::Absent;
        if asks {
            self.texts = Texts::Coming;
        }
        asks
    }

    /// The code of the engine for texts is on its way before anybody has asked about one.
    pub fn expect_texts(&mut self) {
        self.texts = Texts::Coming;
    }

    /// The code of the engine for texts is here: it takes the CPU engine's place.
    pub fn texts_came(&mut self) {
        self.texts = Texts::There;
        self.replace(DeviceKind::Cpu);
        self.pump();
    }

    /// The engine for texts did not come. Only questions about texts suffer from it: the engine that
    /// is there stays, and the next question asks for the other one again.
    pub fn texts_failed(&mut self, problem: &Problem) {
        self.texts = Texts::Absent;
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let (lost, kept): (Vec<_>, Vec<_>) = waiting.partition(|job| is_about_texts(&job.request));
        self.waiting = kept;
        for job in lost {
            self.resolve(job.id, Err(problem.clone()));
        }
    }

    /// Another engine of this kind takes the place of the one that is there. What that one was busy
    /// with is done by the new one, and nobody is blamed for it.
    fn replace(&mut self, kind: DeviceKind) {
        let engine = self.engine(kind);
        if !engine.state.is_usable() {
            return;
        }
        if let Some((_, Work::Job(job))) = engine.running.take() {
            self.waiting.insert(0, job);
        }
        self.restart(kind, 0);
        self.pump();
    }

    /// An engine has lived for a while since it came up: what befell those before it is forgiven.
    pub fn settled(&mut self, kind: DeviceKind, life: u32) {
        let engine = self.engine(kind);
        if engine.life == life && engine.state.report().is_some() {
            engine.deaths = 0;
        }
    }

    /// The engine said something.
    pub fn received(&mut self, kind: DeviceKind, message: FromEngine) {
        match message {
            FromEngine::Hello => {
                let job = self.fresh_id();
                let request = Request::Start { models_url: self.models_url.clone() };
                self.run(kind, job, request, Work::Start);
            }
            FromEngine::Progress { job, progress } => {
                for listener in self.listeners(kind, job) {
                    self.effects.push(Effect::Report(listener, progress.clone()));
                }
            }
            FromEngine::Done { job, response } => self.done(kind, job, response),
            FromEngine::Failed { job, problem } => self.failed(kind, job, problem),
            FromEngine::DeviceLost { reason } => {
                self.died(kind, Problem::new(ProblemKind::DeviceLost, device_name(kind), reason));
            }
        }
    }

    /// The engine's worker stopped, and what is known of it.
    pub fn died(&mut self, kind: DeviceKind, problem: Problem) {
        let engine = self.engine(kind);
        engine.deaths = engine.deaths.saturating_add(1);
        let deaths = engine.deaths;
        self.take_back(kind, &problem);
        if deaths < DEATHS {
            self.restart(kind, u32::from(deaths - 1) * 1000);
        } else {
            self.set_state(kind, EngineState::Failed(problem));
            self.effects.push(Effect::Terminate(kind));
        }
        self.pump();
    }

    fn done(&mut self, kind: DeviceKind, id: JobId, response: Response) {
        let Some(work) = self.release(kind, id) else { return };
        match (work, response) {
            (Work::Start, Response::Started(report)) if report.self_check.passed() => {
                self.set_state(kind, EngineState::Ready(report));
                let life = self.engine(kind).life;
                self.effects.push(Effect::Settle { kind, life });
            }
            (Work::Start, answer) => {
                let detail = match answer {
                    Response::Started(report) => {
                        let check = report.self_check;
                        format!("relative error {}, accepted {}", check.error, check.tolerance)
                    }
                    other => format!("an answer to something else: {other:?}"),
                };
                let kind_of = ProblemKind::SelfCheckFailed;
                self.give_up(kind, Problem::new(kind_of, device_name(kind), detail));
            }
            (Work::Job(job), response) => {
                if let (Request::LoadOwnModel { .. }, Response::Model(model)) =
                    (&job.request, &response)
                {
                    self.keep_own_model(kind, model.id.clone(), job.request);
                } else if let Response::RunOpened(opened) = &response {
                    self.forget_run(opened.run);
                    self.engine(kind).runs.push(opened.run);
                } else if let Request::CloseRun { run } = job.request {
                    self.forget_run(run);
                }
                self.engine(kind).deaths = 0;
                self.resolve(id, Ok(Answer { device: kind, response }));
            }
            (Work::Reload | Work::Abandoned, _) => {}
        }
        self.pump();
    }

    fn failed(&mut self, kind: DeviceKind, id: JobId, problem: Problem) {
        if problem.kind == ProblemKind::Internal {
            // After a panic the module's state cannot be trusted: as good as dead.
            let stopped = ProblemKind::EngineStopped;
            self.died(kind, Problem { kind: stopped, ..problem });
            return;
        }
        let Some(work) = self.release(kind, id) else { return };
        match work {
            Work::Start => self.give_up(kind, problem),
            Work::Job(mut job) => {
                let forgotten = problem.kind == ProblemKind::UnknownModel
                    && job.attempts == 0
                    && self.forget_loaded(kind, &job.request);
                if forgotten {
                    job.attempts += 1;
                    self.waiting.insert(0, job);
                } else {
                    self.resolve(id, Err(problem));
                }
            }
            Work::Reload | Work::Abandoned => {}
        }
        self.pump();
    }

    /// Gives free engines the jobs that wait for them, and ends jobs that nobody will ever do.
    fn pump(&mut self) {
        let mut place = 0;
        while let Some(job) = self.waiting.get(place) {
            if is_about_texts(&job.request) && self.texts != Texts::There {
                place += 1;
                continue;
            }
            match self.engine_for(&job.request) {
                Ok(kind) if self.engine(kind).is_free() => self.dispatch(kind, place),
                Ok(_) => place += 1,
                Err(problem) => {
                    let job = self.waiting.remove(place);
                    self.resolve(job.id, Err(problem));
                }
            }
        }
    }

    fn dispatch(&mut self, kind: DeviceKind, place: usize) {
        let model = self.waiting.get(place).and_then(|job| model_of(&job.request));
        let own = self.own_model.as_ref().filter(|own| model == Some(own.id.as_str()));
        let reload = own.map(|own| own.request.clone());
        if let Some(request) = reload
            && !self.engine(kind).has_own_model
        {
            self.engine(kind).has_own_model = true;
            let job = self.fresh_id();
            self.run(kind, job, request, Work::Reload);
        } else {
            let job = self.waiting.remove(place);
            self.run(kind, job.id, job.request.clone(), Work::Job(job));
        }
    }

    /// The engine that a job is for, ready or on the way; an error if neither will come.
    fn engine_for(&self, request: &Request) -> Result<DeviceKind, Problem> {
        if let Some(home) = self.home_of(request) {
            return Ok(home);
        }
        let (cpu, gpu) = (&self.cpu.state, &self.gpu.state);
        let untried = EngineState::Absent(Absence::NotTried);
        let kind = match request {
            _ if !is_for_cpu(request) && (cpu.report().is_some() || gpu.report().is_some()) => {
                self.choice().device
            }
            _ if cpu.is_usable() || *cpu == untried => DeviceKind::Cpu,
            _ if gpu.is_usable() => DeviceKind::WebGpu,
            // It is looked for as soon as the CPU engine has failed.
            _ if matches!(cpu, EngineState::Failed(_)) && *gpu == untried => DeviceKind::WebGpu,
            _ => return Err(absent_problem(DeviceKind::Cpu, cpu)),
        };
        Ok(kind)
    }

    /// The engine in which the run that a request is about lives, whichever engine computes now.
    fn home_of(&self, request: &Request) -> Option<DeviceKind> {
        let run = run_of(request)?;
        let lives_in = |engine: &Engine| engine.runs.contains(&run);
        let cpu = lives_in(&self.cpu).then_some(DeviceKind::Cpu);
        cpu.or_else(|| lives_in(&self.gpu).then_some(DeviceKind::WebGpu))
    }

    fn forget_run(&mut self, run: RunId) {
        for engine in [&mut self.cpu, &mut self.gpu] {
            engine.runs.retain(|known| *known != run);
        }
    }

    fn run(&mut self, kind: DeviceKind, job: JobId, request: Request, work: Work) {
        self.engine(kind).running = Some((job, work));
        self.effects.push(Effect::Post(kind, ToEngine::Run { job, request }));
    }

    /// What the engine was busy with, if it was this job.
    fn release(&mut self, kind: DeviceKind, id: JobId) -> Option<Work> {
        let engine = self.engine(kind);
        match engine.running.take() {
            Some((running, work)) if running == id => Some(work),
            other => {
                engine.running = other;
                None
            }
        }
    }

    /// Who is told of an engine's progress: whoever asked for the job, or, while it starts or is
    /// given the learner's model again, those whose jobs wait for it.
    fn listeners(&self, kind: DeviceKind, job: JobId) -> Vec<JobId> {
        let engine = match kind {
            DeviceKind::Cpu => &self.cpu,
            DeviceKind::WebGpu => &self.gpu,
        };
        match &engine.running {
            Some((id, Work::Job(_))) if *id == job => vec![job],
            Some((id, Work::Start | Work::Reload)) if *id == job => {
                let waits = |job: &&Job| self.engine_for(&job.request) == Ok(kind);
                self.waiting.iter().filter(waits).map(|job| job.id).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Takes from an engine that is no more what it was busy with. A job waits again, unless this
    /// has happened to it before.
    fn take_back(&mut self, kind: DeviceKind, problem: &Problem) {
        if let Some((id, Work::Job(mut job))) = self.engine(kind).running.take() {
            job.attempts += 1;
            if job.attempts > 1 {
                self.resolve(id, Err(problem.clone()));
            } else {
                self.waiting.insert(0, job);
            }
        }
    }

    fn restart(&mut self, kind: DeviceKind, pause_ms: u32) {
        self.engine(kind).begin();
        self.set_state(kind, EngineState::Restarting);
        self.effects.push(Effect::Spawn { kind, pause_ms });
    }

    fn give_up(&mut self, kind: DeviceKind, problem: Problem) {
        self.set_state(kind, EngineState::Failed(problem));
        self.effects.push(Effect::Terminate(kind));
    }

    fn keep_own_model(&mut self, kind: DeviceKind, id: String, request: Request) {
        for engine in [&mut self.cpu, &mut self.gpu] {
            engine.has_own_model = false;
        }
        self.engine(kind).has_own_model = true;
        self.own_model = Some(OwnModel { id, request });
    }

    /// The engine no longer has a model of the learner's that the page still has.
    fn forget_loaded(&mut self, kind: DeviceKind, request: &Request) -> bool {
        let own = self.own_model.as_ref().map(|own| own.id.as_str());
        let is_own = own.is_some() && model_of(request) == own;
        if is_own {
            self.engine(kind).has_own_model = false;
        }
        is_own
    }

    fn set_state(&mut self, kind: DeviceKind, state: EngineState) {
        let engine = self.engine(kind);
        if state.report().is_none() {
            // Without an engine there are no runs in it.
            engine.runs.clear();
        }
        engine.state = state;
        self.effects.push(Effect::Changed);
    }

    fn resolve(&mut self, id: JobId, result: Result<Answer, Problem>) {
        self.effects.push(Effect::Resolve(id, result));
    }

    fn engine(&mut self, kind: DeviceKind) -> &mut Engine {
        match kind {
            DeviceKind::Cpu => &mut self.cpu,
            DeviceKind::WebGpu => &mut self.gpu,
        }
    }

    fn fresh_id(&mut self) -> JobId {
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        id
    }
}

/// Whether only an engine that knows texts can do it.
fn is_about_texts(request: &Request) -> bool {
    matches!(
        request,
        Request::LoadGuard { .. }
            | Request::ImportGuard(_)
            | Request::CheckGuard { .. }
            | Request::Judge(_)
            | Request::JudgeMany(_)
            | Request::JudgeBatch(_)
            | Request::InspectPrompt(_)
            | Request::Explain(_)
            | Request::Flip(_)
            | Request::Convert { .. }
    )
}

/// Work without a model goes to the CPU, whichever engine computes.
fn is_for_cpu(request: &Request) -> bool {
    matches!(
        request,
        Request::Decode { .. }
            | Request::Crop { .. }
            | Request::EncodePng { .. }
            | Request::RoundTrip { .. }
            | Request::ListModels
            | Request::ForgetModel { .. }
            | Request::ListGuards
            | Request::ForgetGuard { .. }
            | Request::ReportImports
            | Request::ImportGuard(_)
            | Request::CheckGuard { .. }
            | Request::Convert { .. }
    )
}

fn model_of(request: &Request) -> Option<&str> {
    match request {
        Request::LoadModel { model }
        | Request::Classify { model, .. }
        | Request::Differentiate { model, .. }
        | Request::Attack(AttackRequest { model, .. })
        | Request::Sweep(SweepRequest { model, .. })
        | Request::OpenRun(RunRequest { model, .. })
        | Request::SmallestEpsilon(SmallestEpsilonRequest { model, .. }) => Some(model),
        _ => None,
    }
}

/// The run that a request goes on with or ends.
fn run_of(request: &Request) -> Option<RunId> {
    match *request {
        Request::AdvanceRun { run, .. }
        | Request::FinishRun { run }
        | Request::CloseRun { run } => Some(run),
        _ => None,
    }
}

fn device_name(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Cpu => "CPU",
        DeviceKind::WebGpu => "WebGPU",
    }
}

/// Why nobody does a job for which this engine is the last hope.
fn absent_problem(kind: DeviceKind, state: &EngineState) -> Problem {
    let reason = match state {
        EngineState::Failed(problem) => return problem.clone(),
        EngineState::Absent(Absence::NoModuleWorkers) => ProblemKind::TooOldBrowser,
        _ => ProblemKind::EngineStopped,
    };
    Problem::new(reason, device_name(kind), format!("{state:?}"))
}

fn cancelled() -> Problem {
    Problem::new(ProblemKind::Cancelled, "", "cancelled by the learner")
}

#[cfg(test)]
mod tests;
