//! The adversarial picture as a PNG file.

use leptos::prelude::*;

use super::attack::{AttackState, Attacked, use_attack};
use super::for_the_page;
use crate::page::bench::epsilon;
use crate::page::bench::job::{Attempt, Job, unexpected};
use crate::page::engine_client::{EngineClient, use_engine};
use crate::page::files;
use crate::protocol::{Classification, Picture, Problem, Request, Response};

/// What became of an adversarial picture that was written to a PNG and read again.
#[derive(Debug)]
pub struct FromPng {
    /// What the model says of it.
    pub classification: Classification,
    /// Whether the file gave back every value as it was written.
    pub exact: bool,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// The file and what the model says of it.
#[derive(Clone, Copy)]
pub struct PngState {
    engine: EngineClient,
    attack: AttackState,
    /// Handing the file to the learner.
    pub saved: Job<()>,
    /// Reading it again.
    pub read: Job<FromPng>,
}

/// The page's PNG.
pub fn use_png() -> PngState {
    for_the_page(|| {
        let (engine, attack) = (use_engine(), use_attack());
        let state = PngState { engine, attack, saved: Job::new(), read: Job::new() };
        Effect::new(move |_| {
            attack.result.get();
            state.saved.reset(engine);
            state.read.reset(engine);
        });
        state
    })
}

impl PngState {
    /// Hands the adversarial picture to the learner as a PNG.
    pub fn save(self) {
        let Some(attacked) = self.attack.result.peek() else { return };
        let work = move |attempt: Attempt| async move {
            let (mime, bytes) = encode(attempt, &attacked.adversarial).await?;
            files::download(&file_name(&attacked), &mime, &bytes)
        };
        self.saved.start(self.engine, work, |_| {});
    }

    /// Writes the adversarial picture to a PNG, reads that and has it classified.
    pub fn classify(self) {
        let Some(attacked) = self.attack.result.peek() else { return };
        let work = move |attempt: Attempt| async move {
            let (_, bytes) = encode(attempt, &attacked.adversarial).await?;
            let size = bytes.len() as u64;
            let request = Request::Decode { name: file_name(&attacked), bytes };
            let picture = attempt.picture(request).await?;
            let exact = picture == *attacked.adversarial;
            let (width, height) = (picture.width, picture.height);
            let (classification, _) = attempt.classify(&attacked.model.id, picture).await?;
            Ok(FromPng { classification, exact, width, height, bytes: size })
        };
        self.read.start(self.engine, work, |_| {});
    }
}

async fn encode(attempt: Attempt, picture: &Picture) -> Result<(String, Vec<u8>), Problem> {
    match attempt.ask(Request::EncodePng { picture: picture.clone() }).await? {
        Response::File { mime, bytes, .. } => Ok((mime, bytes)),
        other => Err(unexpected(&other)),
    }
}

/// A file name that says what was done: `dandelion-fgsm-2-of-255.png`.
fn file_name(attacked: &Attacked) -> String {
    let name = &attacked.square.source.name;
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let levels = (epsilon::levels(attacked.epsilon) * 100.0).round() / 100.0;
    format!("{stem}-fgsm-{levels}-of-255.png")
}
