//! Where a large guard's files come from: the learner's disk, the hub, the site itself.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, Headers, RequestCache, RequestInit, Response};

use super::{
    fetch::{self, BodyError},
    guard_packing::{CONFIG, LARGEST_WHOLE, PIECES, Source, TOKENIZER, missing},
    host,
    ranges::{Ranged, ranged},
};
use crate::protocol::{AccessToken, ImportedFrom, Problem, ProblemKind};

/// The publisher's repository.
const REPOSITORY: &str = "https://huggingface.co/google/shieldgemma-2b/resolve/main/";
/// How long to wait before each further attempt at a range that did not come, in milliseconds.
const PAUSES: [i32; 3] = [500, 2000, 8000];

#[wasm_bindgen]
extern "C" {
    /// A file of the learner's, or a part of one. Nothing of it is read before it is asked for.
    #[derive(Clone)]
    type Picked;
    #[wasm_bindgen(method, getter)]
    fn name(this: &Picked) -> String;
    #[wasm_bindgen(method, getter)]
    fn size(this: &Picked) -> f64;
    #[wasm_bindgen(method, catch)]
    fn slice(this: &Picked, start: f64, end: f64) -> Result<Picked, JsValue>;
    #[wasm_bindgen(method, catch, js_name = arrayBuffer)]
    async fn array_buffer(this: &Picked) -> Result<JsValue, JsValue>;
}

/// Files that the learner picked.
pub struct PickedFiles(Vec<Picked>);

impl PickedFiles {
    /// The files that came with a message.
    pub fn new(files: &Array) -> Self {
        Self(files.iter().map(JsCast::unchecked_into).collect())
    }

    fn find(&self, name: &str) -> Option<&Picked> {
        self.0.iter().find(|file| file.name() == name)
    }
}

/// Reads a part of a picked file. It can have been moved or changed since it was picked.
async fn read_picked(file: &Picked, start: u64, length: usize) -> Result<Vec<u8>, Problem> {
    let unreadable =
        |detail: String| Problem::new(ProblemKind::UnreadableFile, file.name(), detail);
    let end = start.saturating_add(length as u64);
    let read = async { file.slice(start as f64, end as f64)?.array_buffer().await };
    let buffer = read.await.map_err(|error| unreadable(host::describe(&error)))?;
    let bytes = Uint8Array::new(&buffer).to_vec();
    if bytes.len() == length {
        return Ok(bytes);
    }
    Err(unreadable(format!("it ends after {} bytes", file.size())))
}

impl Source for PickedFiles {
    fn from(&self) -> ImportedFrom {
        ImportedFrom::Picked
    }

    fn names(&self) -> Option<Vec<String>> {
        Some(self.0.iter().map(Picked::name).collect())
    }

    async fn whole(&self, file: &str) -> Result<Option<Vec<u8>>, Problem> {
        let Some(picked) = self.find(file) else { return Ok(None) };
        if picked.size() > LARGEST_WHOLE as f64 {
            let detail = format!("{} bytes, at most {LARGEST_WHOLE} are read", picked.size());
            return Err(Problem::new(ProblemKind::UnreadableFile, file, detail));
        }
        read_picked(picked, 0, picked.size() as usize).await.map(Some)
    }

    async fn bytes(&self, file: &str) -> Result<Option<u64>, Problem> {
        let picked = self.find(file).ok_or_else(|| missing(file))?;
        Ok(Some(picked.size() as u64))
    }

    async fn read(
        &self,
        file: &str,
        start: u64,
        length: usize,
        _told: &dyn Fn(u64),
    ) -> Result<Vec<u8>, Problem> {
        let picked = self.find(file).ok_or_else(|| missing(file))?;
        read_picked(picked, start, length).await
    }
}

/// Files of a server, asked for range by range.
pub struct Remote<'a> {
    from: ImportedFrom,
    /// What is asked for under which address.
    address: Box<dyn Fn(&str) -> String + 'a>,
    /// For the hub alone. A redirect to another host leaves it behind.
    token: Option<AccessToken>,
    signal: &'a AbortSignal,
}

impl<'a> Remote<'a> {
    /// The publisher's repository, for the learner whose token this is.
    ///
    /// # Errors
    /// [`ProblemKind::TokenRefused`] for a token that is none, which no server has to be asked for.
    pub fn hub(token: &AccessToken, signal: &'a AbortSignal) -> Result<Self, Problem> {
        let token = token.0.trim();
        // Whatever else is no header, and the browser's words about it could repeat it.
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let detail = "a token is a row of letters, digits and signs without a space";
            return Err(Problem::new(ProblemKind::TokenRefused, host_of(REPOSITORY), detail));
        }
        Ok(Self {
            from: ImportedFrom::Hub,
            address: Box::new(|file| format!("{REPOSITORY}{file}")),
            token: Some(AccessToken(token.to_owned())),
            signal,
        })
    }

    /// The site's own files: `address` has that of each small file, and of the weights' pieces.
    pub fn site(address: impl Fn(&str) -> String + 'a, signal: &'a AbortSignal) -> Self {
        Self { from: ImportedFrom::Site, address: Box::new(address), token: None, signal }
    }

    /// Asks for a file, or for the `range` of it (first and last byte).
    async fn ask(&self, url: &str, range: Option<(u64, u64)>) -> Result<Response, Asked> {
        let options = RequestInit::new();
        options.set_cache(RequestCache::NoStore);
        options.set_signal(Some(self.signal));
        let headers = || {
            let headers = Headers::new()?;
            if let Some(token) = &self.token {
                headers.set("authorization", &format!("Bearer {}", token.0))?;
            }
            if let Some((first, last)) = range {
                headers.set("range", &format!("bytes={first}-{last}"))?;
            }
            Ok(headers)
        };
        // What the browser says of a header could hold the token.
        let headers: Result<Headers, JsValue> = headers();
        let headers = headers.map_err(|_| Asked::Refused("the headers were refused".to_owned()))?;
        options.set_headers_headers(&headers);
        fetch::send(url, &options).await.map_err(|error| Asked::NoAnswer(host::describe(&error)))
    }

    /// Asks again and again while there is hope: connections break, and hubs slow askers down.
    async fn persistently<T>(
        &self,
        url: &str,
        mut ask: impl AsyncFnMut() -> Result<T, Asked>,
    ) -> Result<T, Problem> {
        let mut pauses = PAUSES.iter();
        loop {
            let asked = match ask().await {
                Ok(value) => return Ok(value),
                Err(asked) => asked,
            };
            if self.signal.aborted() {
                return Err(Problem::new(ProblemKind::Cancelled, url, "cancelled"));
            }
            let (kind, detail) = match asked {
                Asked::NoAnswer(detail) => (ProblemKind::Offline, detail),
                Asked::Later(detail) => (ProblemKind::Refused, detail),
                Asked::Refused(detail) => {
                    return Err(Problem::new(ProblemKind::Refused, url, detail));
                }
                Asked::Denied(detail) => {
                    let kind = match self.from {
                        ImportedFrom::Hub => ProblemKind::TokenRefused,
                        _ => ProblemKind::Refused,
                    };
                    return Err(Problem::new(kind, host_of(url), detail));
                }
                Asked::Missing => return Err(missing(file_of(url))),
            };
            match pauses.next() {
                Some(&pause) => host::sleep(pause).await,
                None => return Err(Problem::new(kind, url, detail)),
            }
            if self.signal.aborted() {
                return Err(Problem::new(ProblemKind::Cancelled, url, "cancelled"));
            }
        }
    }

    /// The range's bytes, and how long the whole file is.
    async fn range(
        &self,
        url: &str,
        start: u64,
        length: usize,
        told: &dyn Fn(u64),
    ) -> Result<(Vec<u8>, Option<u64>), Problem> {
        let last = start + (length as u64).saturating_sub(1);
        self.persistently(url, async || {
            let response = self.ask(url, Some((start, last))).await?;
            let range = response.headers().get("content-range").ok().flatten();
            let answer = ranged(response.status(), range.as_deref(), start);
            let file_bytes = match answer {
                Ranged::Part { file_bytes } => file_bytes,
                // A server that knows no ranges may still have a file of that very length.
                Ranged::Whole if start == 0 => None,
                _ => return Err(unwanted(answer, &response)),
            };
            let mut bytes = Vec::with_capacity(length);
            fetch::read_at_most(&response, &mut bytes, length, told).await.map_err(broken)?;
            if bytes.len() == length {
                Ok((bytes, file_bytes))
            } else {
                Err(Asked::NoAnswer(format!("{} of {length} bytes came", bytes.len())))
            }
        })
        .await
    }
}

impl Source for Remote<'_> {
    fn from(&self) -> ImportedFrom {
        self.from
    }

    fn names(&self) -> Option<Vec<String>> {
        None
    }

    async fn whole(&self, file: &str) -> Result<Option<Vec<u8>>, Problem> {
        let url = (self.address)(file);
        let fetched = self.persistently(&url, async || {
            let response = self.ask(&url, None).await?;
            let answer = ranged(response.status(), None, 0);
            if answer != Ranged::Whole {
                return Err(unwanted(answer, &response));
            }
            let mut bytes = Vec::new();
            let most = LARGEST_WHOLE as usize;
            fetch::read_at_most(&response, &mut bytes, most, &|_| {}).await.map_err(broken)?;
            Ok(bytes)
        });
        match fetched.await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(problem) if problem.kind == ProblemKind::MissingFile => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    async fn bytes(&self, file: &str) -> Result<Option<u64>, Problem> {
        let (_, bytes) = self.range(&(self.address)(file), 0, 1, &|_| {}).await?;
        Ok(bytes)
    }

    async fn read(
        &self,
        file: &str,
        start: u64,
        length: usize,
        told: &dyn Fn(u64),
    ) -> Result<Vec<u8>, Problem> {
        let url = (self.address)(file);
        if self.from == ImportedFrom::Site {
            // A piece is a file of its own, and static hosts need not know ranges.
            let bytes = self.whole(file).await?.ok_or_else(|| missing(file))?;
            told(bytes.len() as u64);
            return Ok(bytes);
        }
        self.range(&url, start, length, told).await.map(|(bytes, _)| bytes)
    }
}

/// Why there are no bytes.
enum Asked {
    NoAnswer(String),
    Later(String),
    Denied(String),
    Missing,
    Refused(String),
}

fn unwanted(answer: Ranged, response: &Response) -> Asked {
    let status = format!("{} {}", response.status(), response.status_text());
    let status = status.trim_end().to_owned();
    match answer {
        Ranged::Denied => Asked::Denied(status),
        Ranged::Missing => Asked::Missing,
        Ranged::Later => Asked::Later(status),
        Ranged::Whole | Ranged::Part { .. } | Ranged::OtherPart => {
            Asked::Refused(format!("{status}: the server does not hand out the range asked for"))
        }
        Ranged::Refused => Asked::Refused(status),
    }
}

fn broken(error: BodyError) -> Asked {
    match error {
        BodyError::TooLarge => Asked::Refused("more bytes than were asked for".to_owned()),
        BodyError::Dropped(error) => Asked::NoAnswer(host::describe(&error)),
    }
}

fn host_of(url: &str) -> &str {
    url.split('/').nth(2).unwrap_or(url)
}

fn file_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// The addresses of a guard's files on this site: small ones by their names in the store, pieces beside
/// the weights.
pub struct Addresses {
    pub config: String,
    pub tokenizer: String,
    pub pieces: String,
    /// Of the weights, which nothing lies under.
    pub weights: String,
}

impl Addresses {
    /// The address of a file.
    pub fn of(&self, file: &str) -> String {
        match file {
            CONFIG => self.config.clone(),
            TOKENIZER => self.tokenizer.clone(),
            PIECES => self.pieces.clone(),
            // `model.safetensors.007`
            piece => match piece.rsplit_once('.') {
                Some((_, number)) => format!("{}.{number}", self.weights),
                None => piece.to_owned(),
            },
        }
    }
}
