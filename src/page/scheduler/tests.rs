use super::*;
use crate::protocol::{
    AttackSettings, Classification, DeviceReport, Goal, Localised, Loss, Method, ModelSummary,
    Norm, Picture, RunOpened, SelfCheck, Stage, Tier,
};

fn report(kind: DeviceKind, milliseconds: f64) -> DeviceReport {
    DeviceReport {
        kind,
        adapter: String::new(),
        limits: Vec::new(),
        self_check: SelfCheck { error: 0.0, tolerance: 1e-4, milliseconds },
    }
}

/// The job that was last posted to an engine.
fn posted(effects: &[Effect], kind: DeviceKind) -> Option<(JobId, &Request)> {
    effects.iter().rev().find_map(|effect| match effect {
        Effect::Post(to, ToEngine::Run { job, request }) if *to == kind => Some((*job, request)),
        _ => None,
    })
}

fn resolved(effects: &[Effect], id: JobId) -> Option<&Result<Answer, Problem>> {
    effects.iter().find_map(|effect| match effect {
        Effect::Resolve(job, result) if *job == id => Some(result),
        _ => None,
    })
}

fn spawned(effects: &[Effect], kind: DeviceKind) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Spawn { kind: k, .. } if *k == kind))
}

/// Says hello for an engine that was just spawned and has it pass its self-check.
fn come_up(scheduler: &mut Scheduler, kind: DeviceKind, milliseconds: f64) -> Vec<Effect> {
    scheduler.received(kind, FromEngine::Hello);
    let effects = scheduler.take_effects();
    let (job, request) = posted(&effects, kind).expect("the first job");
    assert!(matches!(request, Request::Start { .. }));
    let response = Response::Started(report(kind, milliseconds));
    scheduler.received(kind, FromEngine::Done { job, response });
    scheduler.take_effects()
}

fn with_cpu() -> Scheduler {
    let mut scheduler = Scheduler::new("https://example.org/models/".to_owned(), None);
    scheduler.start(DeviceKind::Cpu);
    assert!(spawned(&scheduler.take_effects(), DeviceKind::Cpu));
    come_up(&mut scheduler, DeviceKind::Cpu, 10.0);
    scheduler
}

fn with_both() -> Scheduler {
    let mut scheduler = with_cpu();
    scheduler.start(DeviceKind::WebGpu);
    scheduler.take_effects();
    come_up(&mut scheduler, DeviceKind::WebGpu, 1.0);
    scheduler
}

fn classify(model: &str) -> Request {
    let picture = Picture { width: 1, height: 1, rgb: vec![0; 3] };
    Request::Classify { model: model.to_owned(), picture }
}

fn load_guard() -> Request {
    Request::LoadGuard { guard: "g".to_owned() }
}

fn stopped() -> Problem {
    Problem::new(ProblemKind::EngineStopped, "CPU", "unreachable")
}

fn own_model() -> ModelSummary {
    ModelSummary {
        id: "mine".to_owned(),
        title: Localised::default(),
        tier: Tier::OwnFile,
        input_size: 224,
        labels: Localised::default(),
        bytes: 3,
        licence: String::new(),
        cached: false,
        not_kept: false,
        pinned: false,
        accuracy: None,
        metrics: None,
    }
}

#[test]
fn a_job_waits_for_the_engine_and_then_runs() {
    let mut scheduler = Scheduler::new(String::new(), None);
    let id = scheduler.submit(Request::ListModels);
    scheduler.start(DeviceKind::Cpu);
    assert!(posted(&scheduler.take_effects(), DeviceKind::Cpu).is_none());
    let effects = come_up(&mut scheduler, DeviceKind::Cpu, 10.0);
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(id));
    let response = Response::Models(Vec::new());
    scheduler.received(DeviceKind::Cpu, FromEngine::Done { job: id, response });
    let effects = scheduler.take_effects();
    let Some(Ok(answer)) = resolved(&effects, id) else { panic!("{effects:?}") };
    assert!(matches!(answer.response, Response::Models(_)));
}

#[test]
fn one_job_at_a_time_in_order() {
    let mut scheduler = with_cpu();
    let first = scheduler.submit(classify("m"));
    let second = scheduler.submit(classify("m"));
    let effects = scheduler.take_effects();
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(first));
    let problem = Problem::new(ProblemKind::BadRequest, "", "");
    scheduler.received(DeviceKind::Cpu, FromEngine::Failed { job: first, problem });
    let effects = scheduler.take_effects();
    assert!(matches!(resolved(&effects, first), Some(Err(_))));
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(second));
}

#[test]
fn pictures_go_to_the_cpu_and_models_to_the_faster_device() {
    let mut scheduler = with_both();
    scheduler.submit(Request::ListModels);
    scheduler.submit(classify("m"));
    let effects = scheduler.take_effects();
    assert!(matches!(posted(&effects, DeviceKind::Cpu), Some((_, Request::ListModels))));
    assert!(matches!(posted(&effects, DeviceKind::WebGpu), Some((_, Request::Classify { .. }))));
}

#[test]
fn a_lost_device_hands_the_job_to_the_cpu_and_comes_back() {
    let mut scheduler = with_both();
    let id = scheduler.submit(classify("m"));
    scheduler.take_effects();
    scheduler.received(DeviceKind::WebGpu, FromEngine::DeviceLost { reason: "gone".to_owned() });
    let effects = scheduler.take_effects();
    assert!(resolved(&effects, id).is_none());
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(id));
    assert!(spawned(&effects, DeviceKind::WebGpu));
    assert_eq!(scheduler.state(DeviceKind::WebGpu), &EngineState::Restarting);
    come_up(&mut scheduler, DeviceKind::WebGpu, 1.0);
    assert_eq!(scheduler.choice().device, DeviceKind::WebGpu);
}

#[test]
fn a_job_that_kills_two_engines_fails() {
    let mut scheduler = with_cpu();
    let id = scheduler.submit(classify("m"));
    let bystander = scheduler.submit(Request::ListModels);
    scheduler.died(DeviceKind::Cpu, stopped());
    let effects = come_up(&mut scheduler, DeviceKind::Cpu, 10.0);
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(id));
    let problem = Problem::new(ProblemKind::Internal, "classify", "index out of bounds");
    scheduler.received(DeviceKind::Cpu, FromEngine::Failed { job: id, problem });
    let effects = scheduler.take_effects();
    let Some(Err(problem)) = resolved(&effects, id) else { panic!("{effects:?}") };
    assert_eq!(problem.kind, ProblemKind::EngineStopped);
    assert_eq!(problem.detail, "index out of bounds");
    assert!(resolved(&effects, bystander).is_none());
    let effects = come_up(&mut scheduler, DeviceKind::Cpu, 10.0);
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(bystander));
}

#[test]
fn an_engine_that_never_comes_up_is_given_up_and_its_jobs_end() {
    let mut scheduler = Scheduler::new(String::new(), None);
    scheduler.start(DeviceKind::Cpu);
    let id = scheduler.submit(Request::ListModels);
    for _ in 0..DEATHS {
        scheduler.died(DeviceKind::Cpu, stopped());
    }
    scheduler.absent(DeviceKind::WebGpu, Absence::NotShipped);
    let effects = scheduler.take_effects();
    assert!(matches!(resolved(&effects, id), Some(Err(_))));
    assert!(matches!(scheduler.state(DeviceKind::Cpu), EngineState::Failed(_)));
    scheduler.start(DeviceKind::Cpu);
    assert_eq!(scheduler.state(DeviceKind::Cpu), &EngineState::Loading);
}

#[test]
fn cancelling_answers_at_once_and_a_deaf_engine_is_replaced() {
    let mut scheduler = with_cpu();
    let running = scheduler.submit(classify("m"));
    let queued = scheduler.submit(classify("m"));
    scheduler.take_effects();
    scheduler.cancel(queued);
    scheduler.cancel(running);
    let effects = scheduler.take_effects();
    for id in [queued, running] {
        let Some(Err(problem)) = resolved(&effects, id) else { panic!("{effects:?}") };
        assert_eq!(problem.kind, ProblemKind::Cancelled);
    }
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Watch(_, id) if *id == running)));
    scheduler.hung(DeviceKind::Cpu, running);
    assert!(spawned(&scheduler.take_effects(), DeviceKind::Cpu));
    scheduler.hung(DeviceKind::Cpu, running);
    assert!(scheduler.take_effects().is_empty());
}

#[test]
fn a_cancelled_job_that_ends_lets_the_next_one_run() {
    let mut scheduler = with_cpu();
    let running = scheduler.submit(classify("m"));
    scheduler.cancel(running);
    let next = scheduler.submit(classify("m"));
    assert!(scheduler.take_effects().iter().all(|effect| !matches!(
        effect,
        Effect::Post(_, ToEngine::Run { job, .. }) if *job == next
    )));
    let problem = cancelled();
    scheduler.received(DeviceKind::Cpu, FromEngine::Failed { job: running, problem });
    let effects = scheduler.take_effects();
    assert!(resolved(&effects, running).is_none());
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(next));
}

#[test]
fn a_failed_self_check_keeps_the_device_out() {
    let mut scheduler = with_cpu();
    scheduler.start(DeviceKind::WebGpu);
    scheduler.received(DeviceKind::WebGpu, FromEngine::Hello);
    let effects = scheduler.take_effects();
    let (job, _) = posted(&effects, DeviceKind::WebGpu).expect("the start");
    let mut wrong = report(DeviceKind::WebGpu, 1.0);
    wrong.self_check.error = f32::NAN;
    let response = Response::Started(wrong);
    scheduler.received(DeviceKind::WebGpu, FromEngine::Done { job, response });
    let EngineState::Failed(problem) = scheduler.state(DeviceKind::WebGpu) else {
        panic!("{scheduler:?}")
    };
    assert_eq!(problem.kind, ProblemKind::SelfCheckFailed);
    assert_eq!(scheduler.choice().device, DeviceKind::Cpu);
}

#[test]
fn an_answer_names_the_device_that_computed_it() {
    let mut scheduler = with_cpu();
    let id = scheduler.submit(classify("m"));
    scheduler.start(DeviceKind::WebGpu);
    scheduler.take_effects();
    come_up(&mut scheduler, DeviceKind::WebGpu, 1.0);
    assert_eq!(scheduler.choice().device, DeviceKind::WebGpu);
    let response = Response::Nothing;
    scheduler.received(DeviceKind::Cpu, FromEngine::Done { job: id, response });
    let effects = scheduler.take_effects();
    let Some(Ok(answer)) = resolved(&effects, id) else { panic!("{effects:?}") };
    assert_eq!(answer.device, DeviceKind::Cpu);
}

#[test]
fn an_engine_that_is_taken_away_gives_its_job_back() {
    let mut scheduler = with_both();
    let id = scheduler.submit(classify("m"));
    assert!(posted(&scheduler.take_effects(), DeviceKind::WebGpu).is_some());
    scheduler.absent(DeviceKind::WebGpu, Absence::NoAdapter);
    let effects = scheduler.take_effects();
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(id));
    scheduler.absent(DeviceKind::Cpu, Absence::NoModuleWorkers);
    let effects = scheduler.take_effects();
    let Some(Err(problem)) = resolved(&effects, id) else { panic!("{effects:?}") };
    assert_eq!(problem.kind, ProblemKind::TooOldBrowser);
}

#[test]
fn a_browser_without_module_workers_is_told_so() {
    let mut scheduler = Scheduler::new(String::new(), None);
    scheduler.start(DeviceKind::Cpu);
    let id = scheduler.submit(Request::ListModels);
    scheduler.absent(DeviceKind::Cpu, Absence::NoModuleWorkers);
    let effects = scheduler.take_effects();
    let Some(Err(problem)) = resolved(&effects, id) else { panic!("{effects:?}") };
    assert_eq!(problem.kind, ProblemKind::TooOldBrowser);
}

#[test]
fn jobs_outlive_the_cpu_engine_while_webgpu_is_still_to_be_tried() {
    let mut scheduler = Scheduler::new(String::new(), None);
    scheduler.start(DeviceKind::Cpu);
    let waits = scheduler.submit(Request::ListModels);
    for _ in 0..DEATHS {
        scheduler.died(DeviceKind::Cpu, stopped());
    }
    assert!(resolved(&scheduler.take_effects(), waits).is_none());
    scheduler.start(DeviceKind::WebGpu);
    scheduler.take_effects();
    let effects = come_up(&mut scheduler, DeviceKind::WebGpu, 1.0);
    assert_eq!(posted(&effects, DeviceKind::WebGpu).map(|(job, _)| job), Some(waits));
}

#[test]
fn deaths_are_forgiven_to_an_engine_that_has_lived_a_while() {
    let mut scheduler = with_both();
    for _ in 0..2 * DEATHS {
        let lost = FromEngine::DeviceLost { reason: "asleep".to_owned() };
        scheduler.received(DeviceKind::WebGpu, lost);
        scheduler.take_effects();
        let effects = come_up(&mut scheduler, DeviceKind::WebGpu, 1.0);
        let settle = effects.iter().find_map(|effect| match effect {
            Effect::Settle { kind: DeviceKind::WebGpu, life } => Some(*life),
            _ => None,
        });
        let life = settle.expect("a time to settle");
        scheduler.settled(DeviceKind::WebGpu, life - 1);
        scheduler.settled(DeviceKind::WebGpu, life);
    }
    assert!(scheduler.state(DeviceKind::WebGpu).report().is_some());
}

#[test]
fn an_engine_that_died_before_it_settled_is_not_forgiven() {
    let mut scheduler = with_both();
    for death in 1..=DEATHS {
        let lost = FromEngine::DeviceLost { reason: "again".to_owned() };
        scheduler.received(DeviceKind::WebGpu, lost);
        if death < DEATHS {
            come_up(&mut scheduler, DeviceKind::WebGpu, 1.0);
            scheduler.settled(DeviceKind::WebGpu, 1);
        }
    }
    assert!(matches!(scheduler.state(DeviceKind::WebGpu), EngineState::Failed(_)));
}

#[test]
fn those_who_wait_for_an_engine_hear_how_its_start_goes() {
    let mut scheduler = with_both();
    scheduler.want(Some(DeviceKind::Cpu));
    scheduler.died(DeviceKind::Cpu, stopped());
    let waits = scheduler.submit(Request::ListModels);
    let elsewhere = scheduler.submit(classify("m"));
    scheduler.received(DeviceKind::Cpu, FromEngine::Hello);
    let effects = scheduler.take_effects();
    let (start, _) = posted(&effects, DeviceKind::Cpu).expect("the start");
    let progress = Progress::Stage(Stage::CheckingDevice);
    scheduler.received(DeviceKind::Cpu, FromEngine::Progress { job: start, progress });
    let told: Vec<_> = scheduler
        .take_effects()
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Report(job, _) => Some(job),
            _ => None,
        })
        .collect();
    assert!(told.contains(&waits) && !told.contains(&elsewhere), "{told:?}");
}

#[test]
fn a_fresh_engine_is_given_the_learners_own_model_again() {
    let mut scheduler = with_cpu();
    let file = "mine.safetensors".to_owned();
    let load = scheduler.submit(Request::LoadOwnModel { file, bytes: vec![1, 2, 3] });
    let response = Response::Model(own_model());
    scheduler.received(DeviceKind::Cpu, FromEngine::Done { job: load, response });
    let id = scheduler.submit(classify("mine"));
    scheduler.take_effects();
    scheduler.died(DeviceKind::Cpu, stopped());
    let effects = come_up(&mut scheduler, DeviceKind::Cpu, 10.0);
    let (reload, request) = posted(&effects, DeviceKind::Cpu).expect("the model first");
    assert!(matches!(request, Request::LoadOwnModel { bytes, .. } if bytes == &[1, 2, 3]));
    scheduler
        .received(DeviceKind::Cpu, FromEngine::Done { job: reload, response: Response::Nothing });
    let effects = scheduler.take_effects();
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(id));
}

#[test]
fn an_engine_that_was_given_up_starts_without_the_learners_own_model() {
    let mut scheduler = with_cpu();
    let file = "mine.safetensors".to_owned();
    let load = scheduler.submit(Request::LoadOwnModel { file, bytes: vec![1, 2, 3] });
    let response = Response::Model(own_model());
    scheduler.received(DeviceKind::Cpu, FromEngine::Done { job: load, response });
    scheduler.absent(DeviceKind::Cpu, Absence::NotShipped);
    scheduler.start(DeviceKind::Cpu);
    come_up(&mut scheduler, DeviceKind::Cpu, 10.0);
    scheduler.submit(classify("mine"));
    let effects = scheduler.take_effects();
    let (_, request) = posted(&effects, DeviceKind::Cpu).expect("the model first");
    assert!(matches!(request, Request::LoadOwnModel { .. }));
}

fn open_run(run: RunId) -> Request {
    let picture = Picture { width: 1, height: 1, rgb: vec![0; 3] };
    let settings = AttackSettings {
        method: Method::Pgd,
        loss: Loss::CrossEntropy,
        norm: Norm::Linf,
        epsilon: 0.01,
        step_size: 0.002,
        steps: 10,
        random_start: false,
        seed: 0,
        restarts: 1,
        early_stop: false,
    };
    let goal = Goal::Untargeted { label: None };
    Request::OpenRun(RunRequest { run, model: "m".to_owned(), picture, goal, settings })
}

/// Submits a request, answers it on the engine that it is posted to, and names that engine.
fn answer(scheduler: &mut Scheduler, request: Request, response: Response) -> Option<DeviceKind> {
    let id = scheduler.submit(request);
    let effects = scheduler.take_effects();
    let kind = [DeviceKind::Cpu, DeviceKind::WebGpu]
        .into_iter()
        .find(|&kind| posted(&effects, kind).is_some_and(|(job, _)| job == id))?;
    scheduler.received(kind, FromEngine::Done { job: id, response });
    scheduler.take_effects();
    Some(kind)
}

fn opened(run: RunId) -> Response {
    let original = Classification { top: Vec::new(), milliseconds: 1.0 };
    Response::RunOpened(RunOpened { run, label: 0, original, loss: 0.0, cautions: Vec::new() })
}

fn go_on(scheduler: &mut Scheduler, run: RunId) -> Option<DeviceKind> {
    let request = Request::AdvanceRun { run, steps: 1, every: 1, perturbation: false };
    answer(scheduler, request, Response::RunAdvanced { run, finished: false })
}

#[test]
fn a_run_goes_on_where_it_was_opened() {
    let (cpu, gpu) = (Some(DeviceKind::Cpu), Some(DeviceKind::WebGpu));
    let mut scheduler = with_both();
    assert_eq!(answer(&mut scheduler, open_run(1), opened(1)), gpu);
    scheduler.want(cpu);
    assert_eq!(answer(&mut scheduler, open_run(2), opened(2)), cpu);
    assert_eq!(go_on(&mut scheduler, 1), gpu);
    scheduler.want(gpu);
    assert_eq!(go_on(&mut scheduler, 2), cpu);
    assert_eq!(go_on(&mut scheduler, 3), gpu);
    // Opened again, it has moved; closed, it is nowhere.
    assert_eq!(answer(&mut scheduler, open_run(2), opened(2)), gpu);
    scheduler.want(cpu);
    assert_eq!(go_on(&mut scheduler, 2), gpu);
    assert_eq!(answer(&mut scheduler, Request::CloseRun { run: 2 }, Response::Nothing), gpu);
    assert_eq!(go_on(&mut scheduler, 2), cpu);
    assert_eq!(go_on(&mut scheduler, 1), gpu);
}

#[test]
fn a_restarted_engine_has_lost_its_runs() {
    let mut scheduler = with_both();
    assert_eq!(answer(&mut scheduler, open_run(1), opened(1)), Some(DeviceKind::WebGpu));
    scheduler.received(DeviceKind::WebGpu, FromEngine::DeviceLost { reason: "gone".to_owned() });
    scheduler.take_effects();
    // The engine that computes by now says that it does not know it.
    let request = Request::AdvanceRun { run: 1, steps: 1, every: 1, perturbation: false };
    let id = scheduler.submit(request);
    let effects = scheduler.take_effects();
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(id));
    let problem = Problem::new(ProblemKind::UnknownRun, "run", "");
    scheduler.received(DeviceKind::Cpu, FromEngine::Failed { job: id, problem: problem.clone() });
    let effects = scheduler.take_effects();
    assert!(matches!(resolved(&effects, id), Some(Err(found)) if *found == problem));
}

#[test]
fn an_engine_that_makes_room_for_another_hands_its_work_on() {
    let mut scheduler = with_cpu();
    let id = scheduler.submit(classify("a"));
    scheduler.take_effects();
    scheduler.texts_came();
    let effects = scheduler.take_effects();
    assert!(spawned(&effects, DeviceKind::Cpu) && resolved(&effects, id).is_none());
    let effects = come_up(&mut scheduler, DeviceKind::Cpu, 10.0);
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(id));
    // The move does not count as the job's first death.
    scheduler.died(DeviceKind::Cpu, stopped());
    assert!(resolved(&scheduler.take_effects(), id).is_none());
}

#[test]
fn the_engine_for_texts_is_asked_for_once_and_waited_for() {
    let mut scheduler = with_cpu();
    assert!(!scheduler.asks_for_texts(&classify("a")));
    // Any engine knows what is kept.
    for request in [Request::ListModels, Request::ListGuards, Request::ReportImports] {
        assert!(!scheduler.asks_for_texts(&request));
    }
    assert!(scheduler.asks_for_texts(&load_guard()));
    assert!(!scheduler.asks_for_texts(&load_guard()));
    let id = scheduler.submit(load_guard());
    assert!(posted(&scheduler.take_effects(), DeviceKind::Cpu).is_none());
    // Pictures do not wait for it.
    let picture = scheduler.submit(classify("a"));
    let effects = scheduler.take_effects();
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(picture));
    scheduler.texts_came();
    scheduler.take_effects();
    let effects = come_up(&mut scheduler, DeviceKind::Cpu, 10.0);
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(picture));
    let response = Response::Nothing;
    scheduler.received(DeviceKind::Cpu, FromEngine::Done { job: picture, response });
    let effects = scheduler.take_effects();
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(id));
}

#[test]
fn without_the_engine_for_texts_pictures_go_on() {
    let mut scheduler = with_cpu();
    assert!(scheduler.asks_for_texts(&load_guard()));
    let id = scheduler.submit(load_guard());
    let problem = Problem::new(ProblemKind::Offline, "engine-text", "");
    scheduler.texts_failed(&problem);
    let effects = scheduler.take_effects();
    assert!(matches!(resolved(&effects, id), Some(Err(found)) if *found == problem));
    assert!(!spawned(&effects, DeviceKind::Cpu));
    let picture = scheduler.submit(classify("a"));
    let effects = scheduler.take_effects();
    assert_eq!(posted(&effects, DeviceKind::Cpu).map(|(job, _)| job), Some(picture));
    assert!(scheduler.asks_for_texts(&load_guard()), "the next question asks again");
}
