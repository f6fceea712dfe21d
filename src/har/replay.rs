//! A recording in place of a network.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{Recorded, Recording};
use crate::http::{Method, Request, ResponseHead, Timings, Url};
use crate::transport::{Body, Response, Transport, TransportError};

/// Answers each request by its method, its address and the part that it asks for, in recorded order: the first time with
/// the first answer, the next time with the next; the last one stays. What the recording lacks is said to be lacking.
pub struct Replay {
    entries: Vec<Recorded>,
    /// For each request, the entries that answer it.
    answers: HashMap<String, Vec<usize>>,
    /// For the first of them, how often an answer was given.
    given: RefCell<Vec<usize>>,
}

impl Replay {
    /// A replay from the beginning.
    pub fn new(recording: Recording) -> Replay {
        let mut answers: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, entry) in recording.entries.iter().enumerate() {
            answers.entry(key(entry.method, &entry.url, entry.part.as_deref())).or_default().push(at);
        }
        let given = RefCell::new(vec![0; recording.entries.len()]);
        Replay { entries: recording.entries, answers, given }
    }

    fn answer(&self, request: &Request) -> Option<&Recorded> {
        let part = request.headers.iter().find_map(|(name, value)| part(name, value));
        let found = |part| self.answers.get(&key(request.method, &request.url, part));
        // Not every writer tells what was asked for.
        let answers = found(part.as_deref()).or_else(|| found(None))?;
        let mut given = self.given.borrow_mut();
        let turn = given.get_mut(*answers.first()?)?;
        let at = answers.get(*turn).or(answers.last())?;
        *turn += 1;
        self.entries.get(*at)
    }
}

impl Transport for Replay {
    type Body = ReplayBody;

    async fn send(&self, request: &Request) -> Result<Response<ReplayBody>, TransportError> {
        self.answer(request).ok_or(TransportError::NotRecorded)?.replay()
    }
}

impl Recorded {
    fn replay(&self) -> Result<Response<ReplayBody>, TransportError> {
        if self.status.is_none() && self.body.is_none() {
            let detail = self.error.clone().unwrap_or_else(|| "the recording holds no answer".to_owned());
            return Err(TransportError::NoResponse { detail, timings: self.timings });
        }
        let head = ResponseHead {
            status: self.status,
            headers: self.headers.clone(),
            followed_to: self.followed_to.clone(),
        };
        let broken = |detail: &String| TransportError::Interrupted { detail: detail.clone() };
        let (bytes, end) = match (&self.body, &self.error) {
            (Some(Ok(bytes)), error) => (bytes.clone(), error.as_ref().map(broken).map_or(Ok(()), Err)),
            (Some(Err(detail)), _) => {
                (Vec::new(), Err(TransportError::Unreadable { detail: detail.clone() }))
            }
            (None, Some(detail)) => (Vec::new(), Err(broken(detail))),
            (None, None) => (Vec::new(), Err(TransportError::NotRecorded)),
        };
        Ok(Response { head, body: ReplayBody { bytes, end, timings: self.timings } })
    }
}

/// The body of a recorded answer.
#[derive(Debug)]
pub struct ReplayBody {
    bytes: Vec<u8>,
    /// Whether they are all, or what follows them.
    end: Result<(), TransportError>,
    timings: Timings,
}

impl Body for ReplayBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        if self.bytes.is_empty() {
            return self.end.clone().map(|()| None);
        }
        Ok(Some(std::mem::take(&mut self.bytes)))
    }

    fn timings(&self) -> Timings {
        self.timings
    }
}

/// The part that a header of a request asks for: all but all of it. RFC 9110, section 14.2.
pub(super) fn part(name: &str, value: &str) -> Option<String> {
    let asked = name.eq_ignore_ascii_case("range").then(|| value.trim().to_ascii_lowercase());
    asked.filter(|part| part != "bytes=0-")
}

/// A request as it is compared: a default port is the same as none.
fn key(method: Method, url: &Url, part: Option<&str>) -> String {
    let port = if url.scheme() == "https" { ":443" } else { ":80" };
    let origin = url.origin().strip_suffix(port).unwrap_or(url.origin());
    let query = url.query().map_or(["", ""], |query| ["?", query]).concat();
    [method.as_str(), " ", origin, url.path(), &query, " ", part.unwrap_or_default()].concat()
}
