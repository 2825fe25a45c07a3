//! Where an import writes.

use super::{
    guard_packing::{Store, WEIGHTS},
    kept_guards::FOLDER,
    private_file::PrivateFile,
    private_files::{self, Folder},
};
use crate::{protocol::Problem, weights::ReadAt};

/// A guard's folder with its weights open for nobody else.
pub struct OpenStore {
    folder: Folder,
    weights: PrivateFile,
}

impl OpenStore {
    /// Opens the folder of that id; made, if there is none.
    ///
    /// # Errors
    /// [`crate::protocol::ProblemKind::OpenElsewhere`],
    /// [`crate::protocol::ProblemKind::NoPrivateFiles`].
    pub async fn open(id: &str) -> Result<Self, Problem> {
        let folder = Folder::open(FOLDER).await?.make(id).await?;
        let weights = folder.open_for_writing(WEIGHTS).await?;
        Ok(Self { folder, weights })
    }
}

impl Store for OpenStore {
    async fn small(&self, file: &str) -> Result<Option<Vec<u8>>, Problem> {
        self.folder.read(file).await
    }

    async fn keep(&self, file: &str, bytes: &[u8]) -> Result<(), Problem> {
        self.folder.write(file, bytes).await
    }

    async fn free(&self) -> Option<u64> {
        private_files::free().await
    }

    fn length(&self) -> Result<u64, Problem> {
        self.weights.length()
    }

    fn resize(&self, bytes: u64) -> Result<(), Problem> {
        self.weights.resize(bytes)
    }

    fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, Problem> {
        Ok(ReadAt::read_at(&self.weights, offset, length)?)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> Result<(), Problem> {
        self.weights.write_at(offset, bytes)
    }

    fn flush(&self) -> Result<(), Problem> {
        self.weights.flush()
    }
}
