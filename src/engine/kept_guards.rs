//! Large guards that were imported into this browser: which there are, how far they are, and their files.

use super::{
    guard_packing::{CONFIG, STATE, STATE_COPY, WEIGHTS},
    import_state::{State, written},
    private_files::Folder,
};
use crate::protocol::{ImportedFrom, KeptImport, Problem};

/// The folder that they lie in, each in one that is called by its id.
pub const FOLDER: &str = "guards";

/// A guard's folder.
pub struct Kept {
    pub id: String,
    pub folder: Folder,
    /// None where what is written cannot be read: nothing can be made of its files any more.
    pub state: Option<State>,
}

impl Kept {
    /// None where nothing was written down: then nothing was imported either.
    async fn of(id: &str, folder: Folder) -> Result<Option<Self>, Problem> {
        let json = written(folder.read(STATE).await?, folder.read(STATE_COPY).await?);
        Ok(json.map(|json| Self { id: id.to_owned(), folder, state: State::parse(&json) }))
    }

    /// What is written, if it is finished.
    pub fn complete(&self) -> Option<&State> {
        self.state.as_ref().filter(|state| state.is_complete())
    }

    /// What the page shows of it.
    pub async fn shown(&self) -> KeptImport {
        // A finished one is open where it judges.
        let in_use = self.complete().is_none() && self.folder.is_written_to(WEIGHTS).await;
        match &self.state {
            Some(state) => state.shown(&self.id, in_use),
            None => KeptImport {
                guard: self.id.clone(),
                title: Default::default(),
                from: ImportedFrom::Picked,
                bytes: 0,
                done: 0,
                total: 0,
                complete: false,
                in_use,
            },
        }
    }

    /// Its `config.json`, if it is there.
    ///
    /// # Errors
    /// [`crate::protocol::ProblemKind::NoPrivateFiles`].
    pub async fn config(&self) -> Result<Option<Vec<u8>>, Problem> {
        self.folder.read(CONFIG).await
    }
}

/// All of them, finished or not.
///
/// # Errors
/// [`crate::protocol::ProblemKind::NoPrivateFiles`].
pub async fn all() -> Result<Vec<Kept>, Problem> {
    let guards = Folder::open(FOLDER).await?;
    let mut all = Vec::new();
    for id in guards.names().await? {
        // One that cannot be read just now hides no other.
        if let Ok(Some(folder)) = guards.find(&id).await
            && let Ok(Some(kept)) = Kept::of(&id, folder).await
        {
            all.push(kept);
        }
    }
    all.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(all)
}

/// The one of that id, if there is one. Where nothing can be kept there is none.
pub async fn find(id: &str) -> Option<Kept> {
    let guards = Folder::open(FOLDER).await.ok()?;
    let folder = guards.find(id).await.ok()??;
    Kept::of(id, folder).await.ok()?
}

/// Removes one with all its files.
///
/// # Errors
/// [`crate::protocol::ProblemKind::OpenElsewhere`].
pub async fn remove(id: &str) -> Result<(), Problem> {
    Folder::open(FOLDER).await?.remove(id).await
}

/// The id that ShieldGemma 2B gets where the site says nothing of it.
pub const SHIELD_GEMMA: &str = "shieldgemma_2b";
