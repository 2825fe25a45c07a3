//! A small file in its newest form that can be read: its server's, or else the one kept last time.

use std::future::Future;

use crate::protocol::{Problem, ProblemKind};

/// Where a file comes from and where it is kept between visits.
pub trait Source {
    /// Asks the server for it.
    ///
    /// # Errors
    /// Whatever keeps it from coming.
    fn fetch(&self) -> impl Future<Output = Result<Vec<u8>, Problem>>;

    /// The copy that was kept.
    fn kept(&self) -> impl Future<Output = Option<Vec<u8>>>;

    /// Keeps a copy in place of the one before.
    fn keep(&self, bytes: &[u8]) -> impl Future<Output = ()>;
}

/// What `parse` makes of the server's answer, or, where the server gives none or one that cannot be
/// read (a network's log-in page in place of the file, say), of the copy that was kept. Only what was
/// read is kept.
///
/// # Errors
/// That of the server's answer if there is no good copy either; [`ProblemKind::Cancelled`] at once.
pub async fn newest<T>(
    source: &impl Source,
    parse: impl Fn(Vec<u8>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let problem = match source.fetch().await {
        Ok(bytes) => match parse(bytes.clone()) {
            Ok(value) => {
                source.keep(&bytes).await;
                return Ok(value);
            }
            Err(problem) => problem,
        },
        Err(problem) if problem.kind == ProblemKind::Cancelled => return Err(problem),
        Err(problem) => problem,
    };
    source.kept().await.and_then(|bytes| parse(bytes).ok()).ok_or(problem)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::engine::testing::block_on;

    struct Server {
        answer: Result<&'static str, ProblemKind>,
        kept: RefCell<Option<Vec<u8>>>,
    }

    impl Source for Server {
        async fn fetch(&self) -> Result<Vec<u8>, Problem> {
            let bytes = self.answer.map(|text| text.as_bytes().to_vec());
            bytes.map_err(|kind| Problem::new(kind, "manifest.json", "no answer"))
        }

        async fn kept(&self) -> Option<Vec<u8>> {
            self.kept.borrow().clone()
        }

        async fn keep(&self, bytes: &[u8]) {
            self.kept.replace(Some(bytes.to_vec()));
        }
    }

    /// What is read, and what is kept afterwards. A good file is a number.
    fn read(
        answer: Result<&'static str, ProblemKind>,
        kept: Option<&str>,
    ) -> (Result<u32, ProblemKind>, Option<String>) {
        let kept = RefCell::new(kept.map(|text| text.as_bytes().to_vec()));
        let server = Server { answer, kept };
        let number = |bytes: Vec<u8>| {
            let text = String::from_utf8_lossy(&bytes);
            let broken = |error| Problem::new(ProblemKind::BrokenManifest, "manifest.json", error);
            text.parse().map_err(broken)
        };
        let found = block_on(newest(&server, number)).map_err(|problem| problem.kind);
        let kept = server.kept.into_inner();
        (found, kept.map(|bytes| String::from_utf8(bytes).unwrap()))
    }

    #[test]
    fn a_good_answer_is_read_and_kept() {
        assert_eq!(read(Ok("7"), None), (Ok(7), Some("7".to_owned())));
        assert_eq!(read(Ok("7"), Some("6")), (Ok(7), Some("7".to_owned())));
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_not_kept() {
        let page = "<!doctype html>";
        assert_eq!(read(Ok(page), None), (Err(ProblemKind::BrokenManifest), None));
        assert_eq!(read(Ok(page), Some("6")), (Ok(6), Some("6".to_owned())));
    }

    #[test]
    fn without_an_answer_the_kept_copy_serves() {
        for kind in [ProblemKind::Offline, ProblemKind::Refused] {
            assert_eq!(read(Err(kind), Some("6")), (Ok(6), Some("6".to_owned())));
            assert_eq!(read(Err(kind), Some("old")), (Err(kind), Some("old".to_owned())));
            assert_eq!(read(Err(kind), None), (Err(kind), None));
        }
    }

    #[test]
    fn cancelling_is_final() {
        let cancelled = read(Err(ProblemKind::Cancelled), Some("6"));
        assert_eq!(cancelled.0, Err(ProblemKind::Cancelled));
    }
}
