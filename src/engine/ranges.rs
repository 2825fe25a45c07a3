//! What a hub's answer to a request for a range of a file means (RFC 9110, section 14).

/// An answer to a request for some bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ranged {
    /// Its body is what was asked for; and how long the whole file is, where the server says so.
    Part { file_bytes: Option<u64> },
    /// Its body is the whole file.
    Whole,
    /// Its body is another part.
    OtherPart,
    /// Who asks has not said who they are, or may not have it.
    Denied,
    /// There is no such file.
    Missing,
    /// The server is in trouble or has too much to do: later it may answer.
    Later,
    /// It does not answer that.
    Refused,
}

/// Judges an answer to a request for the bytes from `start` on.
///
/// `content_range` is that header where the server lets a page of another origin read it; where it does
/// not, a partial answer is taken at its word.
pub fn ranged(status: u16, content_range: Option<&str>, start: u64) -> Ranged {
    match status {
        206 => match content_range.map(parts) {
            None => Ranged::Part { file_bytes: None },
            Some(Some((first, file_bytes))) if first == start => Ranged::Part { file_bytes },
            Some(_) => Ranged::OtherPart,
        },
        200 => Ranged::Whole,
        401 | 403 => Ranged::Denied,
        404 | 410 => Ranged::Missing,
        408 | 425 | 429 | 500..=599 => Ranged::Later,
        _ => Ranged::Refused,
    }
}

/// The `100` and the `200` of `bytes 100-199/200`, the second where there is one.
fn parts(content_range: &str) -> Option<(u64, Option<u64>)> {
    let (range, whole) = content_range.trim().strip_prefix("bytes ")?.split_once('/')?;
    let first = range.split('-').next()?.trim().parse().ok()?;
    Some((first, whole.trim().parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_was_asked_for() {
        let part = |header| ranged(206, header, 100);
        assert_eq!(part(Some("bytes 100-199/200")), Ranged::Part { file_bytes: Some(200) });
        assert_eq!(part(Some("bytes 100-199/*")), Ranged::Part { file_bytes: None });
        assert_eq!(part(None), Ranged::Part { file_bytes: None });
        for other in ["bytes 0-99/200", "bytes 100-199", "items 100-199/200", ""] {
            assert_eq!(part(Some(other)), Ranged::OtherPart, "{other}");
        }
    }

    #[test]
    fn other_answers_say_what_to_do() {
        let answer = |status| ranged(status, None, 0);
        assert_eq!(answer(200), Ranged::Whole);
        assert_eq!((answer(401), answer(403)), (Ranged::Denied, Ranged::Denied));
        assert_eq!(answer(404), Ranged::Missing);
        assert_eq!((answer(429), answer(503)), (Ranged::Later, Ranged::Later));
        assert_eq!((answer(416), answer(400)), (Ranged::Refused, Ranged::Refused));
    }
}
