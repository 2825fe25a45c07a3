//! The page's door to the engines: it holds the workers and does what the [`Scheduler`] says.
//!
//! The CPU engine starts at once. The WebGPU engine follows in the background where there is an
//! adapter that is not emulated and the reader does not save data, or when the learner asks for it.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_channel::oneshot;
use leptos::leptos_dom::helpers::set_timeout;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;

use super::engine_state::{Absence, Choice, EngineState};
use super::files;
use super::gpu_probe;
use super::scheduler::{Answer, Effect, Scheduler};
use super::worker::{EngineWorker, Heard, Refusal};
use crate::protocol::{DeviceKind, JobId, Problem, ProblemKind, Progress, Request};

/// How long an engine may keep a cancelled job before it is replaced.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long an engine has to live for the deaths before it to be forgiven.
const SETTLED: Duration = Duration::from_secs(30);

/// How long the WebGPU engine waits after the CPU engine, so that the first picture and model are
/// not held up by its download.
const GPU_DELAY: Duration = Duration::from_millis(2500);

/// The workers' scripts, relative to the page, as the build wrote them into `<meta name="assets">`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assets {
    engine_cpu: Option<String>,
    /// The same for texts besides, which is twice as large.
    engine_text: Option<String>,
    /// None where the site was built without it.
    engine_gpu: Option<String>,
}

/// The engines. Copy it freely; everything shares the same two workers.
#[derive(Clone, Copy)]
pub struct EngineClient {
    edge: StoredValue<Rc<RefCell<Edge>>, LocalStorage>,
    cpu: RwSignal<EngineState>,
    gpu: RwSignal<EngineState>,
    choice: RwSignal<Choice>,
}

/// What is not data: workers, and who waits for what.
struct Edge {
    scheduler: Scheduler,
    assets: Option<Assets>,
    cpu: Seat,
    gpu: Seat,
    callers: Vec<Caller>,
    gpu_announced: bool,
    /// Whether the CPU engine is the one that knows texts.
    knows_texts: bool,
}

/// An engine's worker, and which one it is in the row of its predecessors.
#[derive(Default)]
struct Seat {
    worker: Option<EngineWorker>,
    generation: u32,
}

struct Caller {
    job: JobId,
    result: oneshot::Sender<Result<Answer, Problem>>,
    progress: ArcRwSignal<Option<Progress>>,
}

impl Edge {
    fn seat(&mut self, kind: DeviceKind) -> &mut Seat {
        match kind {
            DeviceKind::Cpu => &mut self.cpu,
            DeviceKind::WebGpu => &mut self.gpu,
        }
    }

    fn script(&self, kind: DeviceKind) -> Option<String> {
        self.assets.as_ref().and_then(|assets| match kind {
            DeviceKind::Cpu if self.knows_texts => assets.engine_text.clone(),
            DeviceKind::Cpu => assets.engine_cpu.clone(),
            DeviceKind::WebGpu => assets.engine_gpu.clone(),
        })
    }
}

/// A job on its way.
pub struct Call {
    pub id: JobId,
    /// The last thing that the engine said about it.
    pub progress: ArcReadSignal<Option<Progress>>,
    result: oneshot::Receiver<Result<Answer, Problem>>,
}

impl Call {
    /// Waits for the result.
    ///
    /// # Errors
    /// The engine's problem, or [`ProblemKind::Cancelled`] after [`EngineClient::cancel`].
    pub async fn answer(self) -> Result<Answer, Problem> {
        let gone = |_| Problem::new(ProblemKind::EngineStopped, "", "nobody answers any more");
        self.result.await.map_err(gone).flatten()
    }
}

impl EngineClient {
    /// Starts the engines. `wanted` is the device that the link insists on; with `texts` the CPU engine
    /// is the one that knows texts from the first, if it comes. To be called once.
    pub fn start(wanted: Option<DeviceKind>, texts: bool) -> Self {
        let scheduler = Scheduler::new(models_url(), wanted);
        let choice = RwSignal::new(scheduler.choice());
        let absent = EngineState::Absent(Absence::NotTried);
        let edge = Edge {
            scheduler,
            assets: read_assets(),
            cpu: Seat::default(),
            gpu: Seat::default(),
            callers: Vec::new(),
            gpu_announced: false,
            knows_texts: false,
        };
        let client = Self {
            edge: StoredValue::new_local(Rc::new(RefCell::new(edge))),
            cpu: RwSignal::new(absent.clone()),
            gpu: RwSignal::new(absent),
            choice,
        };
        if texts {
            client.with(|edge| edge.scheduler.expect_texts());
            spawn_local(async move {
                client.bring_texts().await;
                client.start_engine(DeviceKind::Cpu);
            });
        } else {
            client.start_engine(DeviceKind::Cpu);
        }
        if wanted == Some(DeviceKind::WebGpu) {
            client.start_engine(DeviceKind::WebGpu);
        }
        client
    }

    /// Has something computed. The first question about a text brings the engine for texts in.
    pub fn call(&self, request: Request) -> Call {
        if self.with(|edge| edge.scheduler.asks_for_texts(&request)) {
            let client = *self;
            spawn_local(async move { client.bring_texts().await });
        }
        let (sender, result) = oneshot::channel();
        let progress = ArcRwSignal::new(None);
        let id = self.with(|edge| {
            let job = edge.scheduler.submit(request);
            edge.callers.push(Caller { job, result: sender, progress: progress.clone() });
            job
        });
        self.perform();
        Call { id, progress: progress.read_only(), result }
    }

    /// Fetches the engine for texts, and puts it in the CPU engine's place once it is here: the one
    /// that works is not given up for one that may not come.
    async fn bring_texts(&self) {
        let script = self.with(|edge| edge.assets.as_ref()?.engine_text.clone());
        let fetched = match script {
            Some(script) => {
                let folder = script.rsplit_once('/').map_or("", |(folder, _)| folder);
                files::fetch(&format!("{folder}/engine_bg.wasm")).await.map(drop)
            }
            None => Err(Problem::new(ProblemKind::Refused, "engine-text", "not shipped")),
        };
        match fetched {
            Ok(()) => {
                self.with(|edge| edge.knows_texts = true);
                self.tell(Scheduler::texts_came);
            }
            Err(problem) => self.tell(|scheduler| scheduler.texts_failed(&problem)),
        }
    }

    /// The script of the engine for texts, for whoever needs one of their own.
    pub fn text_script(&self) -> Option<String> {
        self.with(|edge| edge.assets.as_ref()?.engine_text.clone())
    }

    /// Ends a job; its result is [`ProblemKind::Cancelled`] at once.
    pub fn cancel(&self, job: JobId) {
        self.tell(|scheduler| scheduler.cancel(job));
    }

    /// How the CPU engine is.
    pub fn cpu(&self) -> Signal<EngineState> {
        self.cpu.into()
    }

    /// How the WebGPU engine is.
    pub fn gpu(&self) -> Signal<EngineState> {
        self.gpu.into()
    }

    /// The device that computes now, and why.
    pub fn choice(&self) -> Signal<Choice> {
        self.choice.into()
    }

    /// Insists on a device and starts its engine if need be; work goes there once it is ready. None
    /// leaves the choice to the page.
    pub fn want(&self, device: Option<DeviceKind>) {
        if self.with(|edge| edge.scheduler.wanted() == device) {
            return;
        }
        self.tell(|scheduler| scheduler.want(device));
        if let Some(device) = device {
            self.start_engine(device);
        }
    }

    /// Starts an engine that is absent or failed, even one on an emulated adapter.
    pub fn start_engine(&self, kind: DeviceKind) {
        let client = *self;
        let usable = move || client.with(|edge| edge.scheduler.state(kind).is_usable());
        if usable() {
            return;
        }
        match kind {
            DeviceKind::Cpu => self.tell(|scheduler| scheduler.start(DeviceKind::Cpu)),
            DeviceKind::WebGpu => spawn_local(async move {
                match client.find_gpu().await {
                    // It may have come up meanwhile, and then nothing was wrong with it.
                    _ if usable() => {}
                    Err(absence) if absence != Absence::SoftwareAdapter => {
                        client.tell(|scheduler| scheduler.absent(kind, absence));
                    }
                    _ => client.tell(|scheduler| scheduler.start(kind)),
                }
            }),
        }
    }

    /// Looks for an adapter after a while.
    fn follow_with_gpu(&self, delay: Duration) {
        let client = *self;
        let look = async move {
            let found = client.find_gpu().await;
            let untouched = EngineState::Absent(Absence::NotTried);
            client.tell(|scheduler| {
                if *scheduler.state(DeviceKind::WebGpu) != untouched {
                    return;
                }
                match found {
                    Ok(()) if gpu_probe::saves_data() => {
                        scheduler.absent(DeviceKind::WebGpu, Absence::DataSaver);
                    }
                    Ok(()) => scheduler.start(DeviceKind::WebGpu),
                    Err(absence) => scheduler.absent(DeviceKind::WebGpu, absence),
                }
            });
        };
        set_timeout(move || spawn_local(look), delay);
    }

    async fn find_gpu(&self) -> Result<(), Absence> {
        if self.with(|edge| edge.script(DeviceKind::WebGpu).is_none()) {
            return Err(Absence::NotShipped);
        }
        gpu_probe::find_adapter().await
    }

    fn with<T>(&self, use_edge: impl FnOnce(&mut Edge) -> T) -> T {
        let edge = self.edge.get_value();
        let mut edge = edge.borrow_mut();
        use_edge(&mut edge)
    }

    fn tell(&self, event: impl FnOnce(&mut Scheduler)) {
        self.with(|edge| event(&mut edge.scheduler));
        self.perform();
    }

    /// Does what the scheduler wants done, until it wants nothing more.
    fn perform(&self) {
        loop {
            let effects = self.with(|edge| edge.scheduler.take_effects());
            if effects.is_empty() {
                return;
            }
            for effect in effects {
                self.perform_one(effect);
            }
        }
    }

    fn perform_one(&self, effect: Effect) {
        let client = *self;
        match effect {
            Effect::Spawn { kind, pause_ms } => {
                let generation = self.vacate(kind);
                let spawn = move || client.spawn(kind, generation);
                if pause_ms == 0 {
                    spawn();
                } else {
                    set_timeout(spawn, Duration::from_millis(pause_ms.into()));
                }
            }
            Effect::Terminate(kind) => {
                self.vacate(kind);
            }
            Effect::Post(kind, message) => {
                let posted = self.with(|edge| match &edge.seat(kind).worker {
                    Some(worker) => worker.post(&message),
                    None => Err("there is no worker".to_owned()),
                });
                if let Err(detail) = posted {
                    let generation = self.with(|edge| edge.seat(kind).generation);
                    self.stopped(kind, generation, Some(detail));
                }
            }
            Effect::Report(job, progress) => {
                let signal = self.with(|edge| {
                    let caller = edge.callers.iter().find(|caller| caller.job == job);
                    caller.map(|caller| caller.progress.clone())
                });
                if let Some(signal) = signal {
                    signal.set(Some(progress));
                }
            }
            Effect::Resolve(job, result) => {
                let caller = self.with(|edge| {
                    let place = edge.callers.iter().position(|caller| caller.job == job)?;
                    Some(edge.callers.swap_remove(place))
                });
                if let Some(caller) = caller {
                    // A caller that no longer listens has no use for the result.
                    let _ = caller.result.send(result);
                }
            }
            Effect::Watch(kind, job) => {
                set_timeout(move || client.tell(|scheduler| scheduler.hung(kind, job)), PATIENCE);
            }
            Effect::Settle { kind, life } => {
                set_timeout(
                    move || client.tell(|scheduler| scheduler.settled(kind, life)),
                    SETTLED,
                );
            }
            Effect::Changed => self.publish(),
        }
    }

    /// Brings the signals up to date.
    fn publish(&self) {
        let (cpu, gpu, choice) = self.with(|edge| {
            let scheduler = &edge.scheduler;
            let state = |kind| scheduler.state(kind).clone();
            (state(DeviceKind::Cpu), state(DeviceKind::WebGpu), scheduler.choice())
        });
        let delay = match cpu {
            EngineState::Ready(_) => Some(GPU_DELAY),
            // Everything waits for it.
            EngineState::Failed(_) => Some(Duration::ZERO),
            _ => None,
        };
        let follow =
            delay.filter(|_| self.with(|edge| !std::mem::replace(&mut edge.gpu_announced, true)));
        if self.cpu.with_untracked(|old| *old != cpu) {
            self.cpu.set(cpu);
        }
        if self.gpu.with_untracked(|old| *old != gpu) {
            self.gpu.set(gpu);
        }
        if self.choice.get_untracked() != choice {
            self.choice.set(choice);
        }
        if let Some(delay) = follow {
            self.follow_with_gpu(delay);
        }
    }

    /// Ends an engine's worker. Returns the number of the next one.
    fn vacate(&self, kind: DeviceKind) -> u32 {
        let (worker, generation) = self.with(|edge| {
            let seat = edge.seat(kind);
            seat.generation = seat.generation.wrapping_add(1);
            (seat.worker.take(), seat.generation)
        });
        // This may run inside one of the worker's own callbacks, which must outlive the call.
        spawn_local(async move { drop(worker) });
        generation
    }

    fn spawn(&self, kind: DeviceKind, generation: u32) {
        let client = *self;
        let Some(script) = self.with(|edge| edge.script(kind)) else {
            let detail = "the page does not name its engines".to_owned();
            self.stopped(kind, generation, Some(detail));
            return;
        };
        let started = EngineWorker::start(&script, move |heard| {
            if client.with(|edge| edge.seat(kind).generation) != generation {
                return;
            }
            match heard {
                Heard::Message(message) => {
                    client.tell(|scheduler| scheduler.received(kind, message));
                }
                Heard::Stopped(detail) => client.stopped(kind, generation, detail),
            }
        });
        match started {
            Ok(worker) => self.with(|edge| {
                let seat = edge.seat(kind);
                if seat.generation == generation {
                    seat.worker = Some(worker);
                }
            }),
            Err(Refusal::NoModules) => {
                self.tell(|scheduler| scheduler.absent(kind, Absence::NoModuleWorkers));
            }
            Err(Refusal::Other(detail)) => self.stopped(kind, generation, Some(detail)),
        }
    }

    /// The worker is no more. Without a `detail` it could not be loaded.
    fn stopped(&self, kind: DeviceKind, generation: u32, detail: Option<String>) {
        let script = self.with(|edge| {
            (edge.seat(kind).generation == generation)
                .then(|| edge.script(kind).unwrap_or_default())
        });
        let Some(script) = script else { return };
        let starting = self.with(|edge| edge.scheduler.state(kind).is_coming());
        let problem = match detail {
            _ if starting && !window().navigator().on_line() => ProblemKind::Offline,
            None if starting => ProblemKind::Refused,
            Some(_) if starting => ProblemKind::EngineNotStarted,
            _ => ProblemKind::EngineStopped,
        };
        let detail = detail.unwrap_or_else(|| "could not be loaded".to_owned());
        self.tell(|scheduler| scheduler.died(kind, Problem::new(problem, script, detail)));
    }
}

/// The absolute address of the folder that holds `manifest.json`.
pub fn models_url() -> String {
    let base = document().base_uri().ok().flatten().unwrap_or_default();
    web_sys::Url::new_with_base("models/", &base)
        .map_or_else(|_| "models/".to_owned(), |url| url.href())
}

/// The engines, from the context.
pub fn use_engine() -> EngineClient {
    expect_context()
}

fn read_assets() -> Option<Assets> {
    let meta = document().query_selector("meta[name=assets]").ok().flatten()?;
    serde_json::from_str(&meta.get_attribute("content")?).ok()
}
