//! The experiment: what is on the bench, what the model says of it, what an attack does to it.
//!
//! It lives as long as the page, so that every part of the bench, at whatever step, shows the same
//! experiment. Picture, model, size, epsilon and goal are the link's; everything else follows.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::files;
use super::job::{Attempt, Job, unexpected};
use super::own_picture::{self, OwnPicture};
use super::photos::{self, Photo};
use super::{crop_geometry, epsilon, labels};
use crate::page::engine_client::{EngineClient, use_engine};
use crate::page::link::{BenchLink, GoalLink, OWN_PICTURE};
use crate::page::place::{Place, use_place};
use crate::protocol::{
    AttackOutcome, AttackRequest, Classification, Crop, DeviceKind, Goal, ModelSummary, Picture,
    Problem, ProblemKind, Progress, Request, Response, SweepPoint, SweepRequest, Tier,
};

/// The largest picture file that is read, in bytes.
const MAX_PICTURE_FILE: f64 = 64e6;

/// The largest model file that is read, in bytes.
const MAX_MODEL_FILE: f64 = 256e6;

/// How long the crop has to stand still before the square is cut, in milliseconds.
const CROP_SETTLED: i32 = 120;

/// A decoded picture.
#[derive(Debug)]
pub struct Source {
    /// A photograph's id, or [`OWN_PICTURE`].
    pub id: String,
    /// The file's name; for a photograph, its id.
    pub name: String,
    pub picture: Arc<Picture>,
    /// The crop to begin with.
    pub crop: Crop,
}

/// A square cut out of a [`Source`].
#[derive(Debug)]
pub struct Square {
    pub source: Arc<Source>,
    pub picture: Arc<Picture>,
}

/// What a model says of a square.
#[derive(Debug)]
pub struct Seen {
    pub model: Arc<ModelSummary>,
    pub square: Arc<Square>,
    pub classification: Classification,
    pub device: DeviceKind,
}

impl Seen {
    /// The best label.
    pub fn best(&self) -> Option<usize> {
        self.classification.top.first().map(|score| score.label)
    }
}

/// What came of an attack.
#[derive(Debug)]
pub struct Attacked {
    pub model: Arc<ModelSummary>,
    pub square: Arc<Square>,
    pub goal: Goal,
    pub epsilon: f32,
    pub outcome: AttackOutcome,
    pub perturbation: Arc<Picture>,
    pub adversarial: Arc<Picture>,
    pub device: DeviceKind,
}

/// What a sweep is about.
#[derive(Clone, Debug)]
pub struct SweepSubject {
    pub model: Arc<ModelSummary>,
    pub goal: Goal,
    /// The label moved away from or towards.
    pub label: usize,
}

/// What became of an adversarial picture that was written to a PNG and read again.
#[derive(Debug)]
pub struct FromPng {
    pub classification: Classification,
    /// Whether the file gave back every value as it was written.
    pub exact: bool,
    pub width: u32,
    pub height: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// The experiment, and what can be done with it.
#[derive(Clone, Copy)]
pub struct BenchState {
    pub engine: EngineClient,
    place: Place,
    pub picture_id: Memo<String>,
    pub model_id: Memo<String>,
    pub size: Memo<u32>,
    pub epsilon: Memo<f32>,
    pub goal_link: Memo<GoalLink>,

    pub photos: Job<Vec<Photo>>,
    pub source: Job<Source>,
    /// The learner's own picture, if there is one.
    pub own_picture: RwSignal<Option<Arc<OwnPicture>>>,
    /// Whether the link asked for a picture that is not here.
    pub picture_replaced: RwSignal<bool>,
    /// Whether more files were given than can be opened.
    pub several_files: RwSignal<bool>,
    pub crop: RwSignal<Crop>,
    pub square: Job<Square>,

    pub models: Job<Vec<ModelSummary>>,
    pub own_models: RwSignal<Vec<Arc<ModelSummary>>>,
    /// The learner's model file that is on the bench in place of the link's model.
    pub own_model_id: RwSignal<Option<String>>,
    pub model: Job<ModelSummary>,
    pub own_model: Job<ModelSummary>,
    /// The model that the link asked for and that is not here.
    pub model_replaced: RwSignal<Option<String>>,

    pub prediction: Job<Seen>,
    pub attack: Job<Attacked>,
    pub sweep: Job<Vec<SweepPoint>>,
    pub sweep_subject: RwSignal<Option<SweepSubject>>,
    pub sweep_points: RwSignal<Vec<SweepPoint>>,
    pub png_file: Job<()>,
    pub from_png: Job<FromPng>,
}

/// The page's experiment. The first caller creates it, for as long as the page lives.
pub fn use_bench() -> BenchState {
    if let Some(state) = use_context() {
        return state;
    }
    let (engine, place) = (use_engine(), use_place());
    let root = std::iter::successors(Owner::current(), Owner::parent).last();
    let create = move || {
        let state = BenchState::new(engine, place);
        provide_context(state);
        state.follow();
        state
    };
    match root {
        Some(root) => root.with(create),
        None => create(),
    }
}

impl BenchState {
    fn new(engine: EngineClient, place: Place) -> Self {
        let link = place.bench();
        Self {
            engine,
            place,
            picture_id: Memo::new(move |_| link.with(|link| link.picture.clone())),
            model_id: Memo::new(move |_| link.with(|link| link.model.clone())),
            size: Memo::new(move |_| link.with(|link| link.size)),
            epsilon: Memo::new(move |_| link.with(|link| epsilon::clamped(link.epsilon))),
            goal_link: Memo::new(move |_| link.with(|link| link.goal)),
            photos: Job::new(),
            source: Job::new(),
            own_picture: RwSignal::new(None),
            picture_replaced: RwSignal::new(false),
            several_files: RwSignal::new(false),
            crop: RwSignal::new(Crop::default()),
            square: Job::new(),
            models: Job::new(),
            own_models: RwSignal::new(Vec::new()),
            own_model_id: RwSignal::new(None),
            model: Job::new(),
            own_model: Job::new(),
            model_replaced: RwSignal::new(None),
            prediction: Job::new(),
            attack: Job::new(),
            sweep: Job::new(),
            sweep_subject: RwSignal::new(None),
            sweep_points: RwSignal::new(Vec::new()),
            png_file: Job::new(),
            from_png: Job::new(),
        }
    }

    /// Lets each thing follow from the ones before it.
    fn follow(self) {
        self.list_photos();
        self.list_models();
        self.recall_own_picture();
        Effect::new(move |_| {
            let id = self.picture_id.get();
            let photos_known = self.photos.get().is_some();
            let there = self.source.peek().is_some_and(|source| source.id == id);
            if !there && (photos_known || id == OWN_PICTURE) {
                self.load_source();
            }
        });
        Effect::new(move |previous: Option<Option<Arc<Source>>>| {
            let source = self.source.get();
            self.crop.track();
            self.size.track();
            let same = match (previous.flatten(), &source) {
                (Some(old), Some(new)) => Arc::ptr_eq(&old, new),
                _ => false,
            };
            self.cut_square(if same { CROP_SETTLED } else { 0 });
            source
        });
        Effect::new(move |_| {
            let listed = self.models.get();
            match self.own_model_id.get() {
                Some(own) => {
                    let models = self.own_models.get_untracked();
                    if let Some(model) = models.into_iter().find(|model| model.id == own) {
                        self.model.set(self.engine, model);
                    }
                }
                None => {
                    if let Some(models) = listed {
                        self.take_listed_model(&models, &self.model_id.get());
                    }
                }
            }
        });
        Effect::new(move |_| {
            let (square, model) = (self.square.get(), self.model.get());
            self.attack.reset(self.engine);
            self.forget_sweep();
            self.predict_with(square, model);
        });
        Effect::new(move |_| {
            if let Some(Progress::Point(point)) = self.sweep.progress() {
                self.sweep_points.update(|points| points.push(point));
            }
        });
        Effect::new(move |_| {
            self.attack.get();
            self.png_file.reset(self.engine);
            self.from_png.reset(self.engine);
        });
    }

    /// Reads which photographs there are.
    pub fn list_photos(self) {
        let work = |_| async {
            let address = format!("{}{}", photos::FOLDER, photos::LIST);
            let json = files::fetch(&address).await?;
            let broken =
                |detail| Problem::new(ProblemKind::BrokenManifest, address.clone(), detail);
            let json = String::from_utf8(json).map_err(|error| broken(error.to_string()))?;
            photos::parse(&json).map_err(broken)
        };
        self.photos.start(self.engine, work, |_| {});
    }

    /// Puts a shipped photograph, or the learner's own picture, on the bench.
    pub fn choose_picture(self, id: &str) {
        self.picture_replaced.set(false);
        self.several_files.set(false);
        let failed = self.source.problem().with_untracked(Option::is_some);
        let same = self.picture_id.with_untracked(|old| old == id);
        self.place.update_bench(|link| link.picture = id.to_owned());
        if same && failed {
            self.load_source();
        }
    }

    /// Loads the picture that the link names.
    pub fn load_source(self) {
        let id = self.picture_id.get_untracked();
        if id == OWN_PICTURE {
            self.load_own_picture();
            return;
        }
        let photos = self.photos.peek().unwrap_or_default();
        let Some(photo) = photos.iter().find(|photo| photo.id == id).cloned() else {
            self.replace_picture();
            return;
        };
        let work = move |attempt: Attempt| async move {
            let bytes = files::fetch(&format!("{}{}", photos::FOLDER, photo.file)).await?;
            let request = Request::Decode { name: photo.file.clone(), bytes };
            let picture = Arc::new(attempt.picture(request).await?);
            let crop = crop_geometry::clamped(photo.crop.unwrap_or_default());
            Ok(Source { id: photo.id.clone(), name: photo.id, picture, crop })
        };
        self.source.start(self.engine, work, move |source| self.crop.set(source.crop));
    }

    /// Looks whether an earlier visit left a picture, so that it can be offered.
    fn recall_own_picture(self) {
        spawn_local(async move {
            let kept = own_picture::recall().await;
            if kept.is_some() && self.own_picture.with_untracked(Option::is_none) {
                self.own_picture.set(kept.map(Arc::new));
            }
        });
    }

    fn load_own_picture(self) {
        let held = self.own_picture.get_untracked();
        spawn_local(async move {
            let own = match held {
                Some(own) => Some(own),
                None => own_picture::recall().await.map(Arc::new),
            };
            if self.picture_id.get_untracked() != OWN_PICTURE {
                return;
            }
            match own {
                Some(own) => self.decode_own_picture(own),
                None => self.replace_picture(),
            }
        });
    }

    /// Puts the first photograph where a picture was asked for that is not here.
    fn replace_picture(self) {
        self.picture_replaced.set(true);
        self.place.update_bench(|link| link.picture = BenchLink::default().picture);
    }

    /// Opens the first of the picture files that the learner picked, dropped or pasted. What is on
    /// the bench stays there if the file is no good.
    pub fn open_picture_files(self, files: &web_sys::FileList) {
        let Some(file) = files.get(0) else { return };
        let engine = self.engine;
        self.picture_replaced.set(false);
        self.several_files.set(files.length() > 1);
        spawn_local(async move {
            let (large, broken) = (ProblemKind::PictureTooLarge, ProblemKind::BrokenPicture);
            match files::read(&file, MAX_PICTURE_FILE, large, broken).await {
                Ok(bytes) => self.open_picture(OwnPicture { name: file.name(), bytes }),
                Err(problem) => self.source.fail(engine, problem),
            }
        });
    }

    /// Opens the bytes of a picture file, as for [`Self::open_picture_files`].
    pub fn open_picture(self, own: OwnPicture) {
        self.decode_own_picture(Arc::new(own));
    }

    fn decode_own_picture(self, own: Arc<OwnPicture>) {
        let file = own.clone();
        let work = move |attempt: Attempt| async move {
            let request = Request::Decode { name: file.name.clone(), bytes: file.bytes.clone() };
            let picture = Arc::new(attempt.picture(request).await?);
            let (id, name) = (OWN_PICTURE.to_owned(), file.name.clone());
            Ok(Source { id, name, picture, crop: Crop::default() })
        };
        self.source.start(self.engine, work, move |source| {
            self.crop.set(source.crop);
            let held = self.own_picture.get_untracked();
            if !held.is_some_and(|held| Arc::ptr_eq(&held, &own)) {
                self.own_picture.set(Some(own.clone()));
                // Where the browser keeps nothing, the picture stays until the page closes.
                spawn_local(async move {
                    own_picture::keep(&own).await;
                });
            }
            self.place.update_bench(|link| link.picture = OWN_PICTURE.to_owned());
        });
    }

    /// Forgets the learner's own picture, here and in the browser's storage.
    pub fn forget_own_picture(self) {
        self.own_picture.set(None);
        spawn_local(async move {
            own_picture::forget().await;
        });
        if self.picture_id.with_untracked(|id| id == OWN_PICTURE) {
            self.place.update_bench(|link| link.picture = BenchLink::default().picture);
        }
    }

    /// Cuts the square that the model gets, after a pause in milliseconds.
    pub fn cut_square(self, pause: i32) {
        let Some(source) = self.source.peek() else { return };
        let crop = crop_geometry::clamped(self.crop.get_untracked());
        let size = self.size.get_untracked();
        let work = move |attempt: Attempt| async move {
            if pause > 0 {
                files::pause(pause).await;
                attempt.check()?;
            }
            let picture = source.picture.as_ref().clone();
            let picture = attempt.picture(Request::Crop { picture, crop, size }).await?;
            Ok(Square { source, picture: Arc::new(picture) })
        };
        self.square.start(self.engine, work, |_| {});
    }

    /// Asks which models there are.
    pub fn list_models(self) {
        let work = |attempt: Attempt| async move {
            match attempt.ask(Request::ListModels).await? {
                Response::Models(models) => Ok(models),
                other => Err(unexpected(&other)),
            }
        };
        self.models.start(self.engine, work, |_| {});
    }

    /// Puts a model on the bench: one of the list, or one of the learner's files.
    pub fn choose_model(self, id: &str) {
        self.model_replaced.set(None);
        let own = self.own_models.with_untracked(|models| models.iter().any(|own| own.id == id));
        self.own_model_id.set(own.then(|| id.to_owned()));
        self.place.update_bench(|link| {
            link.goal = GoalLink::Away;
            if !own {
                link.model = id.to_owned();
            }
        });
    }

    /// The id of the model on the bench.
    pub fn chosen_model(self) -> String {
        self.own_model_id.get().unwrap_or_else(|| self.model_id.get())
    }

    /// What is known of the model on the bench before it is loaded.
    pub fn chosen_summary(self) -> Option<ModelSummary> {
        let id = self.chosen_model();
        let own =
            self.own_models.with(|models| models.iter().find(|model| model.id == id).cloned());
        own.map(|model| model.as_ref().clone())
            .or_else(|| self.models.get()?.iter().find(|model| model.id == id).cloned())
    }

    /// Loads a listed model if that costs no download worth asking about.
    fn take_listed_model(self, models: &[ModelSummary], id: &str) {
        if self.model.peek().is_some_and(|model| model.id == id) {
            return;
        }
        match models.iter().find(|model| model.id == id) {
            Some(model) if model.tier == Tier::BuiltIn || model.cached => self.load_model(),
            Some(_) => self.model.reset(self.engine),
            None => {
                let built_in = models.iter().find(|model| model.tier == Tier::BuiltIn);
                if let Some(built_in) = built_in.filter(|model| model.id != id) {
                    self.model_replaced.set(Some(id.to_owned()));
                    self.place.update_bench(|link| {
                        link.model = built_in.id.clone();
                        link.goal = GoalLink::Away;
                    });
                }
            }
        }
    }

    /// Fetches and unpacks the listed model that is on the bench.
    pub fn load_model(self) {
        let id = self.model_id.get_untracked();
        if self.model.peek().is_some_and(|model| model.id != id) {
            self.model.reset(self.engine);
        }
        let work = move |attempt: Attempt| async move {
            match attempt.ask(Request::LoadModel { model: id }).await? {
                Response::Model(model) => Ok(model),
                other => Err(unexpected(&other)),
            }
        };
        self.model.start(self.engine, work, |_| {});
    }

    /// Loads a model file that the learner picked, and puts it on the bench.
    pub fn open_model_file(self, file: web_sys::File) {
        let work = move |attempt: Attempt| async move {
            let broken = ProblemKind::BrokenWeights;
            let bytes = files::read(&file, MAX_MODEL_FILE, broken, broken).await?;
            match attempt.ask(Request::LoadOwnModel { file: file.name(), bytes }).await? {
                Response::Model(model) => Ok(model),
                other => Err(unexpected(&other)),
            }
        };
        self.own_model.start(self.engine, work, move |model| {
            let model = model.clone();
            let id = model.id.clone();
            self.own_models.update(|models| {
                models.retain(|old| old.id != model.id);
                models.push(model);
            });
            self.choose_model(&id);
        });
    }

    /// Sets the side of the model's input, in pixels.
    pub fn set_size(self, size: u32) {
        self.place.update_bench(|link| link.size = size);
    }

    /// Sets epsilon, in pixel units.
    pub fn set_epsilon(self, value: f32) {
        self.place.update_bench(|link| link.epsilon = epsilon::clamped(value));
    }

    /// Sets what the attack aims at.
    pub fn set_goal(self, goal: GoalLink) {
        self.place.update_bench(|link| link.goal = goal);
    }

    /// Asks the model what it sees.
    pub fn predict(self) {
        self.predict_with(self.square.peek(), self.model.peek());
    }

    fn predict_with(self, square: Option<Arc<Square>>, model: Option<Arc<ModelSummary>>) {
        let (Some(square), Some(model)) = (square, model) else {
            self.prediction.reset(self.engine);
            return;
        };
        let engine = self.engine;
        let work = move |attempt: Attempt| async move {
            let picture = square.picture.as_ref().clone();
            let classification = attempt.classify(&model.id, picture).await?;
            let device = engine.active().get_untracked();
            Ok(Seen { model, square, classification, device })
        };
        self.prediction.start(engine, work, |_| {});
    }

    /// The prediction, if it is of the square and by the model that are on the bench.
    pub fn current_prediction(self) -> Option<Arc<Seen>> {
        let seen = self.prediction.get()?;
        let (square, model) = (self.square.get()?, self.model.get()?);
        let current = Arc::ptr_eq(&seen.square, &square) && Arc::ptr_eq(&seen.model, &model);
        current.then_some(seen)
    }

    /// The goal as the engine takes it. Labels that the model does not have are passed over.
    pub fn goal(self) -> Goal {
        let classes = self.model.get().map_or(0, |model| labels::count(&model.labels));
        match self.goal_link.get() {
            GoalLink::AwayFrom(label) if label < classes => Goal::Untargeted { label: Some(label) },
            GoalLink::Towards(label) if label < classes => Goal::Targeted { label },
            _ => Goal::Untargeted { label: None },
        }
    }

    /// Attacks the square on the bench.
    pub fn run_attack(self) {
        let Some(seen) = untrack(|| self.current_prediction()) else { return };
        let (goal, epsilon) = (untrack(|| self.goal()), self.epsilon.get_untracked());
        let engine = self.engine;
        let work = move |attempt: Attempt| async move {
            let request = AttackRequest {
                model: seen.model.id.clone(),
                picture: seen.square.picture.as_ref().clone(),
                goal,
                epsilon,
            };
            let mut outcome = match attempt.ask(Request::Attack(request)).await? {
                Response::Attacked(outcome) => *outcome,
                other => return Err(unexpected(&other)),
            };
            let empty = || Picture { width: 0, height: 0, rgb: Vec::new() };
            let adversarial = Arc::new(std::mem::replace(&mut outcome.picture, empty()));
            let perturbation = Arc::new(std::mem::replace(&mut outcome.perturbation, empty()));
            Ok(Attacked {
                model: seen.model.clone(),
                square: seen.square.clone(),
                goal,
                epsilon,
                outcome,
                perturbation,
                adversarial,
                device: engine.active().get_untracked(),
            })
        };
        self.attack.start(engine, work, |_| {});
    }

    /// Whether epsilon or the goal is another than the attack's.
    pub fn attack_is_stale(self) -> bool {
        self.attack.get().is_some_and(|attacked| {
            attacked.goal != self.goal() || !epsilon::same(attacked.epsilon, self.epsilon.get())
        })
    }

    /// Attacks the square on the bench at many epsilons.
    pub fn run_sweep(self) {
        let Some(seen) = untrack(|| self.current_prediction()) else { return };
        let Some(best) = seen.best() else { return };
        let goal = untrack(|| self.goal());
        let label = match goal {
            Goal::Untargeted { label } => label.unwrap_or(best),
            Goal::Targeted { label } => label,
        };
        self.forget_sweep();
        self.sweep_subject.set(Some(SweepSubject { model: seen.model.clone(), goal, label }));
        let work = move |attempt: Attempt| async move {
            let request = SweepRequest {
                model: seen.model.id.clone(),
                picture: seen.square.picture.as_ref().clone(),
                goal,
                epsilons: epsilon::sweep(),
            };
            match attempt.ask(Request::Sweep(request)).await? {
                Response::Swept(points) => Ok(points),
                other => Err(unexpected(&other)),
            }
        };
        self.sweep.start(self.engine, work, move |points| {
            self.sweep_points.set(points.as_ref().clone());
        });
    }

    /// Whether the goal is another than the sweep's.
    pub fn sweep_is_stale(self) -> bool {
        let goal = self.goal();
        self.sweep_subject.with(|subject| subject.as_ref().is_some_and(|old| old.goal != goal))
    }

    fn forget_sweep(self) {
        self.sweep.reset(self.engine);
        if self.sweep_subject.with_untracked(Option::is_some) {
            self.sweep_subject.set(None);
            self.sweep_points.set(Vec::new());
        }
    }

    /// Hands the adversarial picture to the learner as a PNG.
    pub fn save_png(self) {
        let Some(attacked) = self.attack.peek() else { return };
        let work = move |attempt: Attempt| async move {
            let (mime, bytes) = encode_png(attempt, &attacked.adversarial).await?;
            files::download(&png_name(&attacked), &mime, &bytes)
        };
        self.png_file.start(self.engine, work, |_| {});
    }

    /// Writes the adversarial picture to a PNG, reads that and has it classified.
    pub fn classify_png(self) {
        let Some(attacked) = self.attack.peek() else { return };
        let work = move |attempt: Attempt| async move {
            let (_, bytes) = encode_png(attempt, &attacked.adversarial).await?;
            let size = bytes.len() as u64;
            let request = Request::Decode { name: png_name(&attacked), bytes };
            let picture = attempt.picture(request).await?;
            let exact = picture == *attacked.adversarial;
            let (width, height) = (picture.width, picture.height);
            let classification = attempt.classify(&attacked.model.id, picture).await?;
            Ok(FromPng { classification, exact, width, height, bytes: size })
        };
        self.from_png.start(self.engine, work, |_| {});
    }
}

async fn encode_png(attempt: Attempt, picture: &Picture) -> Result<(String, Vec<u8>), Problem> {
    match attempt.ask(Request::EncodePng { picture: picture.clone() }).await? {
        Response::File { mime, bytes, .. } => Ok((mime, bytes)),
        other => Err(unexpected(&other)),
    }
}

/// A file name that says what was done: `dandelion-fgsm-2-of-255.png`.
fn png_name(attacked: &Attacked) -> String {
    let name = &attacked.square.source.name;
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let levels = (epsilon::levels(attacked.epsilon) * 100.0).round() / 100.0;
    format!("{stem}-fgsm-{levels}-of-255.png")
}
