use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::Error;

/// The SHA-256 of some bytes, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Checks that `bytes` are the file that was meant.
///
/// `name` is for the message; `expected` is a SHA-256 in hexadecimal, in either case.
///
/// # Errors
/// [`Error::Hash`] with both hashes.
pub fn verify_sha256(name: &str, bytes: &[u8], expected: &str) -> Result<(), Error> {
    let found = sha256(bytes);
    if found.eq_ignore_ascii_case(expected) {
        Ok(())
    } else {
        Err(Error::Hash { file: name.to_owned(), expected: expected.to_owned(), found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_published_hash_of_abc_is_accepted_in_either_case() {
        assert_eq!(verify_sha256("abc", b"abc", ABC), Ok(()));
        assert_eq!(verify_sha256("abc", b"abc", &ABC.to_uppercase()), Ok(()));
    }

    #[test]
    fn a_wrong_hash_names_the_file_and_both_hashes() {
        let error = verify_sha256("model.safetensors", b"abd", ABC).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("model.safetensors") && text.contains(ABC), "{text}");
    }
}
