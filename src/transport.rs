//! The seam to the network: one request out, a head and a streaming body back.
//!
//! Implementations: the browser's fetch, the replay of a recording, and the tests' fake registry.

use std::fmt;
use std::future::Future;

use crate::digest::{Algorithm, Digest};
use crate::http::{Request, ResponseHead, Timings};
use crate::layer::{Compression, Fault, Unpack, Unpacked};

/// Sends HTTP requests. The core reads no clock: times come back with the body.
pub trait Transport {
    /// The body of this transport's responses.
    type Body: Body;

    /// Sends one request and returns as soon as the head of the response is there, whatever its status.
    fn send(&self, request: &Request) -> impl Future<Output = Result<Response<Self::Body>, TransportError>>;

    /// Sends a request for a blob. Its bytes may be taken in where they arrive, in another thread perhaps, and come
    /// here as [`Piece::TakenIn`]; or they come like those of any body.
    fn send_blob(
        &self,
        request: &Request,
        _blob: &Blob,
    ) -> impl Future<Output = Result<Response<Self::Body>, TransportError>> {
        self.send(request)
    }

    /// Waits, in milliseconds, unless the caller stops the pull. A transport that needs no rest does not take one.
    fn pause(&self, _milliseconds: f64) -> impl Future<Output = Result<(), TransportError>> {
        async { Ok(()) }
    }

    /// Sends a request in a manner of its own, to find out what the platform allows. One that knows no such manners
    /// sends it as usual.
    fn probe(
        &self,
        request: &Request,
        _manner: Manner,
    ) -> impl Future<Output = Result<Response<Self::Body>, TransportError>> {
        self.send(request)
    }

    /// How many blobs it is worth to ask for at a time.
    fn at_once(&self) -> usize {
        1
    }

    /// Says that a blob's rest will not be asked for any more, by its [`Blob::job`]: whatever was kept for that can go.
    fn forget(&self, _job: usize) {}
}

/// How a probe asks. Fetch standard, "request mode" and "redirect mode"; an answer that may not be looked into has no
/// status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Under CORS, as the pull does.
    Usual,
    /// Without CORS: whether anything answers at all.
    Opaque,
    /// Under CORS, and no redirect is followed.
    Unfollowed,
    /// Under CORS, with a preflight that no header makes needed.
    Preflighted,
    /// Under CORS, from where layers are fetched: a worker, if there are any.
    AsLayers,
}

/// What is to be done with the bytes of a blob, wherever they are taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// A number of its own: requests for the rest of it have the same.
    pub job: usize,
    /// What it is hashed by.
    pub algorithm: Algorithm,
    /// How many of its bytes earlier requests have brought. An answer with the rest (status 206) goes on from there;
    /// any other begins anew.
    pub from: u64,
    /// Up to how many bytes it is kept whole, to be exported.
    pub keep: u64,
    /// What is done with its bytes beside hashing them.
    pub work: Work,
}

/// What is done with the bytes of a blob where they are taken in, if that can be done there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Work {
    /// They are hashed, and that is all.
    #[default]
    Hash,
    /// They are unpacked as well, as a layer.
    Unpack(Unpack),
    /// One stretch is taken out of what they unpack to; then no more of them are read, and nothing is hashed.
    Extract(Extract),
}

/// A stretch of what a layer unpacks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extract {
    /// How the layer is packed.
    pub compression: Compression,
    /// Where it begins in the tar, in bytes.
    pub at: u64,
    /// Where it begins in what [`Blob::from`] leads to, in bytes.
    pub after: u64,
    /// How long it is, in bytes.
    pub length: usize,
}

impl Blob {
    /// Whether an answer with this head has the blob's bytes, and which. A recording may hold bytes without a status, and
    /// CORS may hide which bytes came: then it is believed that they are those that were asked for.
    pub fn answered(&self, head: &ResponseHead) -> Option<Answered> {
        match head.status {
            Some(206) if self.from > 0 => {
                let range = head.headers.get("content-range").value();
                let is_rest = range.is_none_or(|range| begins_at(range, self.from));
                Some(if is_rest { Answered::Rest } else { Answered::Other })
            }
            None | Some(200..=299) => Some(Answered::Whole),
            _ => None,
        }
    }
}

/// Whether this is a range of bytes that begins there, `bytes 100-199/200`. RFC 9110, section 14.4.
fn begins_at(range: &str, from: u64) -> bool {
    let begin = range.trim().strip_prefix("bytes ").and_then(|range| range.split_once('-'));
    begin.is_some_and(|(begin, _)| begin.trim().parse() == Ok(from))
}

/// What an answer to a request for a blob has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// All of it, from its first byte.
    Whole,
    /// What follows the bytes that are there.
    Rest,
    /// Bytes that were not asked for.
    Other,
}

/// What a blob came to where its bytes were taken in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sum {
    /// The digest of all its bytes; `None` where the algorithm is unknown.
    pub digest: Option<Digest>,
    /// The digest by the algorithm of a header's claim, where that is another.
    pub also: Option<Digest>,
    /// The number under which it is kept, if it is.
    pub kept: Option<usize>,
    /// How large the memory of the worker has become that took it in, in bytes.
    pub memory: Option<u64>,
    /// What it unpacked to, where it was to be unpacked and could be.
    pub unpacked: Option<Box<Unpacked>>,
    /// The stretch that was to be taken out.
    pub extracted: Option<Result<Vec<u8>, Fault>>,
}

/// A response whose body has not been read yet.
#[derive(Debug)]
pub struct Response<B> {
    /// Status and headers.
    pub head: ResponseHead,
    /// The body, to be read to its end or dropped.
    pub body: B,
}

/// A body that arrives in pieces: nothing ever holds a whole layer.
pub trait Body {
    /// The next bytes, or `None` at the end. A body that breaks off is an error, never an end.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, TransportError>>;

    /// The next piece, where bytes may be taken in elsewhere.
    fn piece(&mut self) -> impl Future<Output = Result<Option<Piece>, TransportError>> {
        async { Ok(self.chunk().await?.map(Piece::Bytes)) }
    }

    /// What the bytes came to that were taken in elsewhere; after the last piece.
    fn sum(&mut self) -> Option<Sum> {
        None
    }

    /// The times as far as they are known by now; `receive` only at the end.
    fn timings(&self) -> Timings;
}

/// A piece of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// The bytes.
    Bytes(Vec<u8>),
    /// So many bytes were taken in where they arrived; with the first of them, to be looked at.
    TakenIn {
        /// How many.
        count: u64,
        /// Up to a kilobyte, of the first piece alone.
        begin: Vec<u8>,
    },
}

impl Piece {
    /// How many bytes.
    pub fn count(&self) -> u64 {
        match self {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::TakenIn { count, .. } => *count,
        }
    }

    /// What of it can be looked at.
    pub fn begin(&self) -> &[u8] {
        match self {
            Piece::Bytes(bytes) => bytes,
            Piece::TakenIn { begin, .. } => begin,
        }
    }
}

/// What ends the `detail` of a failure of which the platform gives no cause: all that it may be. Whoever has found the
/// cause leaves this out.
pub const SUPPOSED: &str = ". It may be that the host is misspelt or down; that its certificate is not trusted; that an \
    https page asked a plain http host; that the permission to reach the local network is missing; or that the registry \
    sends no CORS headers (Access-Control-Allow-Origin) for this page";

/// Why there is no response, or no more of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TransportError {
    /// The caller stopped the pull.
    Aborted,
    /// The recording holds no answer to this request.
    NotRecorded,
    /// The recording holds the body in a form that cannot be read.
    Unreadable {
        /// Why.
        detail: String,
    },
    /// No response that may be read. A browser does not tell a dead host from a refused one.
    NoResponse {
        /// What the platform said, which is rarely much.
        detail: String,
        /// When it was tried.
        timings: Timings,
    },
    /// No response to the worker that asked. The page itself may get one: asked once more, it is the page that asks.
    NotHere {
        /// What the platform said, which is rarely much.
        detail: String,
        /// When it was tried.
        timings: Timings,
    },
    /// What took the bytes in is gone, and with it what they came to so far.
    Lost {
        /// What the platform said.
        detail: String,
    },
    /// The body ended before its end.
    Interrupted {
        /// What the platform said.
        detail: String,
    },
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransportError::Aborted => f.write_str("stopped by the caller"),
            TransportError::NotRecorded => f.write_str("not in the recording"),
            TransportError::Unreadable { detail } => {
                write!(f, "the body in the recording cannot be read: {detail}")
            }
            TransportError::NoResponse { detail, .. } => write!(f, "no response: {detail}"),
            TransportError::NotHere { detail, .. } => {
                write!(f, "no response to a worker of this page: {detail}")
            }
            TransportError::Lost { detail } => write!(f, "the worker that read it ended: {detail}"),
            TransportError::Interrupted { detail } => write!(f, "the body ended early: {detail}"),
        }
    }
}

impl std::error::Error for TransportError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Headers, Visibility};

    #[test]
    fn a_part_is_the_rest_only_where_it_does_not_say_otherwise() {
        use Answered::{Other, Rest, Whole};
        let range = |value: &str| vec![("Content-Range".to_owned(), value.to_owned())];
        for (status, headers, from, expected) in [
            (Some(206), range("bytes 100-199/200"), 100, Some(Rest)),
            (Some(206), range("bytes 100-199/*"), 100, Some(Rest)),
            (Some(206), vec![], 100, Some(Rest)),
            (Some(206), range("bytes 0-199/200"), 100, Some(Other)),
            (Some(206), range("bytes 1000-1999/2000"), 100, Some(Other)),
            (Some(206), range("bytes */200"), 100, Some(Other)),
            (Some(206), range("items 100-199/200"), 100, Some(Other)),
            (Some(206), range(""), 100, Some(Other)),
            (Some(206), range("bytes 0-199/200"), 0, Some(Whole)),
            (Some(200), range("bytes 0-199/200"), 100, Some(Whole)),
            (None, vec![], 100, Some(Whole)),
            (Some(416), range("bytes */200"), 100, None),
        ] {
            let (algorithm, work) = (Algorithm::Sha256, Work::Hash);
            let blob = Blob { job: 0, algorithm, from, keep: 0, work };
            let headers = Headers::new(headers, Visibility::CorsFiltered);
            let head = ResponseHead { status, headers, followed_to: None };
            assert_eq!(blob.answered(&head), expected, "{head:?}");
        }
    }
}
