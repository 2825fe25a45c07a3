//! A large file that lies in pieces.

use std::fs::{self, File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use resilient_ai::weights::packing::{PIECE_BYTES, Pieces};
use resilient_ai::weights::sha256;

use crate::{Outcome, about};

/// The pieces of a file in a folder, which are written in any order.
pub struct PieceFiles<'a> {
    folder: &'a Path,
    file: &'a str,
    bytes: u64,
}

impl<'a> PieceFiles<'a> {
    /// Of a file that will have so many bytes.
    pub fn new(folder: &'a Path, file: &'a str, bytes: u64) -> Self {
        Self { folder, file, bytes }
    }

    /// Writes bytes to where they belong, and returns when they are on disk.
    pub fn write(&self, offset: u64, bytes: &[u8]) -> Outcome<()> {
        let (mut offset, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            let (piece, start) = (offset / PIECE_BYTES, offset % PIECE_BYTES);
            let room = (PIECE_BYTES - start) as usize;
            let (now, later) = rest.split_at(room.min(rest.len()));
            let path = self.path(piece as usize);
            write_at(&path, start, now).map_err(|error| {
                format!("{}: {error}. What is packed is kept: run it again", path.display())
            })?;
            offset += now.len() as u64;
            rest = later;
        }
        Ok(())
    }

    /// What says which pieces there are.
    pub fn list(&self) -> Outcome<Pieces> {
        let mut hashes = Vec::new();
        for piece in 0..Pieces::count_for(self.bytes) {
            let path = self.path(piece);
            hashes.push(sha256(&fs::read(&path).map_err(about(&path))?));
        }
        Pieces::new(self.bytes, hashes).map_err(about(self.folder))
    }

    fn path(&self, piece: usize) -> PathBuf {
        self.folder.join(Pieces::name(self.file, piece))
    }
}

fn write_at(path: &Path, start: u64, bytes: &[u8]) -> std::io::Result<()> {
    let mut file: File = OpenOptions::new().create(true).write(true).truncate(false).open(path)?;
    file.seek(SeekFrom::Start(start))?;
    file.write_all(bytes)?;
    file.sync_data()
}
