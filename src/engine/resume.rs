//! Whether an answer continues a download that was cut short (RFC 9110, section 14).

/// What to do with an answer's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuation {
    /// It goes on where the received bytes end.
    Append,
    /// It is the whole file: forget the received bytes.
    StartOver,
    /// It is some other part: forget the received bytes and ask for the whole file.
    AskAgain,
    /// It is an error.
    Refused,
}

/// Judges an answer to a request for the bytes from `offset` on (0: for the whole file).
///
/// `content_range` is that header where the server lets a page of another origin read it; where it
/// does not, a partial answer is taken at its word, and the file's hash or header has the last one.
pub fn continuation(status: u16, content_range: Option<&str>, offset: u64) -> Continuation {
    match status {
        206 if offset == 0 => Continuation::StartOver,
        206 => match content_range.map(first_byte) {
            None => Continuation::Append,
            Some(Some(first)) if first == offset => Continuation::Append,
            Some(_) => Continuation::AskAgain,
        },
        416 if offset > 0 => Continuation::AskAgain,
        200..=299 => Continuation::StartOver,
        _ => Continuation::Refused,
    }
}

/// The `100` of `bytes 100-199/200`.
fn first_byte(content_range: &str) -> Option<u64> {
    content_range.trim().strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_files() {
        assert_eq!(continuation(200, None, 0), Continuation::StartOver);
        assert_eq!(continuation(200, None, 100), Continuation::StartOver);
        assert_eq!(continuation(404, None, 0), Continuation::Refused);
        assert_eq!(continuation(503, None, 100), Continuation::Refused);
    }

    #[test]
    fn parts() {
        let part = |header| continuation(206, header, 100);
        assert_eq!(part(Some("bytes 100-199/200")), Continuation::Append);
        assert_eq!(part(Some("bytes 100-199/*")), Continuation::Append);
        assert_eq!(part(None), Continuation::Append);
        assert_eq!(part(Some("bytes 0-199/200")), Continuation::AskAgain);
        assert_eq!(part(Some("nonsense")), Continuation::AskAgain);
        assert_eq!(continuation(416, None, 100), Continuation::AskAgain);
        assert_eq!(continuation(416, None, 0), Continuation::Refused);
    }
}
