use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::weights::{Error, verify_sha256};

/// How large the pieces are that a large file is hosted in: what some hosts allow a file to have.
pub const PIECE_BYTES: u64 = 24 << 20;
/// The largest pieces that are read, for each is in memory as a whole.
const LARGEST: u64 = 64 << 20;
/// The version of the form that is read here.
const VERSION: u32 = 1;

/// A large file in pieces: `pieces.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pieces {
    version: u32,
    bytes: u64,
    piece_bytes: u64,
    sha256: Vec<String>,
}

impl Pieces {
    /// How many pieces of [`PIECE_BYTES`] a file of so many bytes has.
    pub fn count_for(bytes: u64) -> usize {
        bytes.div_ceil(PIECE_BYTES) as usize
    }

    /// A file of `bytes` in pieces of [`PIECE_BYTES`], with the SHA-256 of each in hexadecimal.
    ///
    /// # Errors
    /// [`Error::Pieces`] if these are not as many as there are pieces, or no SHA-256.
    pub fn new(bytes: u64, sha256: Vec<String>) -> Result<Self, Error> {
        Self { version: VERSION, bytes, piece_bytes: PIECE_BYTES, sha256 }.checked()
    }

    /// Reads `pieces.json`.
    ///
    /// # Errors
    /// [`Error::Pieces`] if it is no JSON of this form, or contradicts itself.
    pub fn parse(json: &str) -> Result<Self, Error> {
        let pieces: Self =
            serde_json::from_str(json).map_err(|error| Error::Pieces(error.to_string()))?;
        pieces.checked()
    }

    fn checked(self) -> Result<Self, Error> {
        let wrong = |what: &str| Err(Error::Pieces(what.to_owned()));
        if self.version != VERSION {
            return wrong("its version is not read here");
        }
        if !(1..=LARGEST).contains(&self.piece_bytes) {
            return wrong("`piece_bytes` is zero or too large");
        }
        if self.bytes.div_ceil(self.piece_bytes) != self.sha256.len() as u64 {
            return wrong("`sha256` has not one entry a piece");
        }
        let is_hash =
            |hash: &String| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
        if !self.sha256.iter().all(is_hash) {
            return wrong("`sha256` is not 64 hexadecimal digits");
        }
        Ok(self)
    }

    /// How long the whole file is.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How many pieces there are.
    pub fn count(&self) -> usize {
        self.sha256.len()
    }

    /// The SHA-256 of each piece, in hexadecimal.
    pub fn sha256(&self) -> &[String] {
        &self.sha256
    }

    /// Where in the file a piece lies; empty beyond the last.
    pub fn range(&self, piece: usize) -> Range<u64> {
        let start = (piece as u64).saturating_mul(self.piece_bytes).min(self.bytes);
        start..start.saturating_add(self.piece_bytes).min(self.bytes)
    }

    /// What a piece of a file is called, from 0 on: `model.safetensors.000`.
    pub fn name(file: &str, piece: usize) -> String {
        format!("{file}.{piece:03}")
    }

    /// Checks that a piece is the one that was meant.
    ///
    /// # Errors
    /// [`Error::Hash`] naming the piece of `file`; [`Error::Pieces`] if there is no such piece.
    pub fn verify(&self, file: &str, piece: usize, bytes: &[u8]) -> Result<(), Error> {
        let name = Self::name(file, piece);
        match self.sha256.get(piece) {
            Some(expected) => verify_sha256(&name, bytes, expected),
            None => Err(Error::Pieces(format!("there is no piece `{name}`"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::sha256;

    #[test]
    fn pieces_cover_the_file() {
        let bytes = 2 * PIECE_BYTES + 5;
        let hashes: Vec<String> = (0..3_u8).map(|piece| sha256(&[piece])).collect();
        let pieces = Pieces::new(bytes, hashes.clone()).unwrap();
        assert_eq!((pieces.count(), Pieces::count_for(bytes)), (3, 3));
        assert_eq!(pieces.range(0), 0..PIECE_BYTES);
        assert_eq!(pieces.range(2), 2 * PIECE_BYTES..bytes);
        assert!(pieces.range(3).is_empty());
        let json = serde_json::to_string(&pieces).unwrap();
        assert!(json.starts_with(r#"{"version":1,"bytes":50331653,"piece_bytes":25165824"#));
        assert_eq!(Pieces::parse(&json), Ok(pieces.clone()));
        assert_eq!(pieces.verify("m", 1, &[1]), Ok(()));
        let error = pieces.verify("m", 1, &[2]).unwrap_err().to_string();
        assert!(error.contains("m.001") && error.contains(&hashes[1]), "{error}");
        assert!(matches!(pieces.verify("m", 3, &[3]), Err(Error::Pieces(_))));
    }

    #[test]
    fn pieces_that_contradict_themselves_are_refused() {
        let parse = |version: u32, bytes: u64, piece: u64, hash: &str| {
            let json = serde_json::json!({
                "version": version, "bytes": bytes, "piece_bytes": piece, "sha256": [hash]
            });
            Pieces::parse(&json.to_string())
        };
        let hash = "0".repeat(64);
        assert!(parse(1, 7, 7, &hash).is_ok());
        for wrong in [
            parse(2, 7, 7, &hash),
            parse(1, 7, 0, &hash),
            parse(1, 7, u64::MAX, &hash),
            parse(1, 8, 7, &hash),
            parse(1, 0, 7, &hash),
            parse(1, 7, 7, "12"),
        ] {
            assert!(matches!(wrong, Err(Error::Pieces(_))), "{wrong:?}");
        }
    }
}
