//! The picture on the bench, and the square of it that a model gets.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::for_the_page;
use super::own_picture::{OwnPictureState, use_own_picture};
use crate::page::bench::crop_geometry;
use crate::page::bench::job::{Attempt, Job};
use crate::page::bench::own_picture::OwnPicture;
use crate::page::bench::photos::{self, Photo};
use crate::page::engine_client::{EngineClient, use_engine};
use crate::page::files;
use crate::page::link::{BenchLink, OWN_PICTURE};
use crate::page::place::{Place, use_place};
use crate::protocol::{Crop, Picture, Problem, ProblemKind, Request};

/// The largest picture file that is read, in bytes.
const MAX_FILE: f64 = 64e6;

/// How long the crop has to stand still before the square is cut, in milliseconds.
pub const CROP_SETTLED: i32 = 120;

/// A decoded picture.
#[derive(Debug)]
pub struct Source {
    /// A photograph's id, or [`OWN_PICTURE`].
    pub id: String,
    /// The file's name; for a photograph, its id.
    pub name: String,
    /// Upright, on white where it was transparent.
    pub picture: Arc<Picture>,
    /// The crop to begin with.
    pub crop: Crop,
    /// The file, if it is the learner's own.
    own: Option<Arc<OwnPicture>>,
}

/// Where a picture of the learner's comes from.
enum Origin {
    /// A file that was picked, dropped or pasted.
    File(web_sys::File),
    /// Bytes that are already here.
    Bytes(Arc<OwnPicture>),
    /// An earlier visit.
    Storage,
}

/// What the learner should know about the picture on the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The link asked for a picture that is not here.
    Replaced,
    /// More files were given than can be opened.
    SeveralFiles,
    /// What was dropped holds no file.
    NoFile,
    /// The browser does not keep the picture.
    NotKept,
}

/// A square cut out of a [`Source`].
#[derive(Debug)]
pub struct Square {
    /// What it was cut from.
    pub source: Arc<Source>,
    /// As large as the model's input.
    pub picture: Arc<Picture>,
}

impl Square {
    /// Cuts a square of `size` pixels, once the crop has stood still for `pause` milliseconds.
    ///
    /// # Errors
    /// As for [`Attempt::ask`].
    pub async fn cut(
        attempt: Attempt,
        source: Arc<Source>,
        crop: Crop,
        size: u32,
        pause: i32,
    ) -> Result<Self, Problem> {
        if pause > 0 {
            files::pause(pause).await;
            attempt.check()?;
        }
        let picture = source.picture.as_ref().clone();
        let crop = crop_geometry::clamped(crop);
        let picture = attempt.picture(Request::Crop { picture, crop, size }).await?;
        Ok(Self { source, picture: Arc::new(picture) })
    }
}

/// The picture, and what can be done with it.
#[derive(Clone, Copy)]
pub struct PictureState {
    engine: EngineClient,
    place: Place,
    /// The link's picture: a photograph's id, or [`OWN_PICTURE`].
    pub id: Memo<String>,
    /// Side of the square in pixels.
    pub size: Memo<u32>,
    /// The photographs that are shipped.
    pub photos: Job<Vec<Photo>>,
    /// The picture, decoded.
    pub source: Job<Source>,
    /// The learner's own picture, which need not be on the bench.
    pub own: OwnPictureState,
    /// What the learner should know about the picture.
    pub note: RwSignal<Option<Note>>,
    /// Where the square lies in the picture: where the link says, or the picture's own place.
    pub crop: Memo<Crop>,
    /// The square, cut and resampled.
    pub square: Job<Square>,
}

/// The page's picture.
pub fn use_picture() -> PictureState {
    for_the_page(|| {
        let state = PictureState::new(use_engine(), use_place());
        state.follow();
        state
    })
}

impl PictureState {
    fn new(engine: EngineClient, place: Place) -> Self {
        let (link, source) = (place.bench(), Job::<Source>::new());
        let crop = move || {
            let said = link.with(|link| link.crop);
            said.or_else(|| source.get().map(|source| source.crop)).unwrap_or_default()
        };
        Self {
            engine,
            place,
            id: Memo::new(move |_| link.with(|link| link.picture.clone())),
            size: Memo::new(move |_| link.with(|link| link.size)),
            photos: Job::new(),
            source,
            own: use_own_picture(),
            note: RwSignal::new(None),
            crop: Memo::new(move |_| crop()),
            square: Job::new(),
        }
    }

    /// Lets the picture follow from the link, and the square from the picture.
    fn follow(self) {
        self.list_photos();
        Effect::new(move |_| {
            let id = self.id.get();
            let photos_known = self.photos.get().is_some();
            let there = self.source.peek().is_some_and(|source| source.id == id);
            if !there && (photos_known || id == OWN_PICTURE) {
                self.load();
            }
        });
        Effect::new(move |had: Option<bool>| {
            let has = self.own.get().is_some();
            if had == Some(true) && !has {
                self.leave_own();
            }
            has
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
    pub fn choose(self, id: &str) {
        self.note.set(None);
        let failed = self.source.problem().with_untracked(Option::is_some);
        let same = self.id.with_untracked(|old| old == id);
        if !same {
            self.place.update_bench(|link| link.show(id));
        }
        if same && failed {
            self.load();
        }
    }

    /// Loads the picture that the link names.
    pub fn load(self) {
        let id = self.id.get_untracked();
        if id == OWN_PICTURE {
            self.decode_own(Origin::Storage);
            return;
        }
        let photos = self.photos.peek().unwrap_or_default();
        let Some(photo) = photos.iter().find(|photo| photo.id == id).cloned() else {
            self.replace();
            return;
        };
        let work = move |attempt: Attempt| async move {
            let bytes = files::fetch(&format!("{}{}", photos::FOLDER, photo.file)).await?;
            let request = Request::Decode { name: photo.file.clone(), bytes };
            let picture = Arc::new(attempt.picture(request).await?);
            let crop = crop_geometry::clamped(photo.crop.unwrap_or_default());
            Ok(Source { id: photo.id.clone(), name: photo.id, picture, crop, own: None })
        };
        self.source.start(self.engine, work, |_| {});
    }

    /// Puts the first photograph where a picture was asked for that is not here.
    fn replace(self) {
        self.note.set(Some(Note::Replaced));
        self.place.update_bench(|link| link.show(&BenchLink::default().picture));
    }

    /// Opens the first of the picture files that the learner picked, dropped or pasted. What is on
    /// the bench stays there if the file is no good.
    pub fn open_files(self, files: &web_sys::FileList) {
        let Some(file) = files.get(0) else {
            self.note.set(Some(Note::NoFile));
            return;
        };
        self.note.set((files.length() > 1).then_some(Note::SeveralFiles));
        self.decode_own(Origin::File(file));
    }

    /// Opens the bytes of a picture file, as for [`Self::open_files`].
    pub fn open(self, own: OwnPicture) {
        self.note.set(None);
        self.decode_own(Origin::Bytes(Arc::new(own)));
    }

    fn decode_own(self, origin: Origin) {
        // One of an earlier visit is the link's own, and so is the link's crop of it.
        let recalled = matches!(origin, Origin::Storage);
        let work = move |attempt: Attempt| async move {
            let own = self.read_own(origin, attempt).await?;
            attempt.check()?;
            let request = Request::Decode { name: own.name.clone(), bytes: own.bytes.clone() };
            let picture = Arc::new(attempt.picture(request).await?);
            let (id, name) = (OWN_PICTURE.to_owned(), own.name.clone());
            Ok(Source { id, name, picture, crop: Crop::default(), own: Some(own) })
        };
        self.source.start(self.engine, work, move |source| {
            if let Some(own) = source.own.clone() {
                spawn_local(async move {
                    if !self.own.keep(own).await {
                        self.note.set(Some(Note::NotKept));
                    }
                });
            }
            if !recalled {
                self.place.update_bench(|link| link.show(OWN_PICTURE));
            }
        });
    }

    async fn read_own(self, origin: Origin, attempt: Attempt) -> Result<Arc<OwnPicture>, Problem> {
        match origin {
            Origin::Bytes(own) => Ok(own),
            Origin::File(file) => {
                let (large, broken) = (ProblemKind::PictureTooLarge, ProblemKind::BrokenPicture);
                let bytes = files::read(&file, MAX_FILE, large, broken).await?;
                Ok(Arc::new(OwnPicture { name: file.name(), bytes }))
            }
            Origin::Storage => match self.own.recall().await {
                Some(own) => Ok(own),
                None => {
                    attempt.check()?;
                    self.replace();
                    Err(Problem::new(ProblemKind::Cancelled, OWN_PICTURE, "nothing is kept"))
                }
            },
        }
    }

    /// Puts the first photograph in the place of a picture of the learner's that was forgotten.
    fn leave_own(self) {
        if self.id.with_untracked(|id| id == OWN_PICTURE) {
            self.place.update_bench(|link| link.show(&BenchLink::default().picture));
        }
    }

    /// Cuts the square that the model gets, after a pause in milliseconds.
    pub fn cut_square(self, pause: i32) {
        let Some(source) = self.source.peek() else { return };
        let crop = self.crop.get_untracked();
        let size = self.size.get_untracked();
        let work = move |attempt| Square::cut(attempt, source, crop, size, pause);
        self.square.start(self.engine, work, |_| {});
    }

    /// Moves or zooms the square.
    pub fn set_crop(self, crop: Crop) {
        let own = self.source.peek().map(|source| source.crop).unwrap_or_default();
        let differs = crop_geometry::rounded(crop) != crop_geometry::rounded(own);
        self.place.update_bench(|link| link.crop = differs.then_some(crop));
    }

    /// Sets the side of the square, in pixels.
    pub fn set_size(self, size: u32) {
        self.place.update_bench(|link| link.size = size);
    }
}
