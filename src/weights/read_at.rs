use std::fmt::Debug;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use super::Error;

/// Bytes that are read a range at a time, so that a file need not be in memory.
pub trait ReadAt: Debug {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// The `length` bytes from `offset` on: all of them.
    ///
    /// # Errors
    /// [`Error::Truncated`] if there are not as many, [`Error::Read`].
    fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, Error>;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl ReadAt for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let start = usize::try_from(offset).ok();
        let range = start.and_then(|start| Some(start..start.checked_add(length)?));
        let expected = offset.saturating_add(length as u64);
        let found = ReadAt::len(self);
        let bytes = range.and_then(|range| self.get(range));
        bytes.map(<[u8]>::to_vec).ok_or(Error::Truncated { expected, found })
    }
}

/// Not to be read from two places at a time: the file has one position.
impl ReadAt for File {
    fn len(&self) -> u64 {
        self.metadata().map_or(0, |metadata| metadata.len())
    }

    fn read_at(&self, offset: u64, length: usize) -> Result<Vec<u8>, Error> {
        let expected = offset.saturating_add(length as u64);
        let found = ReadAt::len(self);
        if expected > found {
            return Err(Error::Truncated { expected, found });
        }
        let mut file: &File = self;
        let mut bytes = vec![0; length];
        file.seek(SeekFrom::Start(offset))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(|error| Error::Read(error.to_string()))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_there_or_it_is_an_error() {
        let bytes = vec![1, 2, 3];
        assert_eq!(bytes.read_at(1, 2).unwrap(), [2, 3]);
        assert!(bytes.read_at(3, 0).unwrap().is_empty());
        let error = bytes.read_at(2, 2).unwrap_err();
        assert_eq!(error, Error::Truncated { expected: 4, found: 3 });
        assert!(bytes.read_at(u64::MAX, usize::MAX).is_err());
    }

    #[test]
    fn a_file_on_disk_is_read_likewise() {
        let path = std::env::temp_dir().join(format!("resilient-ai-read-{}", std::process::id()));
        std::fs::write(&path, [1, 2, 3]).unwrap();
        let file = File::open(&path).unwrap();
        assert_eq!(file.read_at(1, 2).unwrap(), [2, 3]);
        assert_eq!(file.read_at(0, 1).unwrap(), [1]);
        let error = file.read_at(2, 2).unwrap_err();
        assert_eq!(error, Error::Truncated { expected: 4, found: 3 });
        std::fs::remove_file(path).unwrap();
    }
}
