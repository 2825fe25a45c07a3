//! How far the packing has come, so that it can go on.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Outcome, about};

/// What is packed, from what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The plan's.
    pub digest: String,
    /// Name, length and time of change of each source.
    pub sources: Vec<(String, u64, u64)>,
    /// How many slabs are packed and safely on disk.
    pub slabs: usize,
}

impl Progress {
    /// What an earlier run left in a folder, if it packed the same.
    pub fn read(folder: &Path, digest: &str, sources: &[(String, u64, u64)]) -> Option<Self> {
        let text = fs::read_to_string(path(folder)).ok()?;
        let found: Self = serde_json::from_str(&text).ok()?;
        (found.digest == digest && found.sources == sources).then_some(found)
    }

    /// Writes it down, all or nothing.
    pub fn write(&self, folder: &Path) -> Outcome<()> {
        let path = path(folder);
        let new = path.with_extension("new");
        let json = serde_json::to_vec(self).map_err(about(&path))?;
        fs::write(&new, json).and_then(|()| fs::rename(&new, &path)).map_err(about(&path))
    }

    /// Removes it: the folder is whole.
    pub fn remove(folder: &Path) -> Outcome<()> {
        let path = path(folder);
        fs::remove_file(&path).map_err(about(&path))
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("progress.json")
}
