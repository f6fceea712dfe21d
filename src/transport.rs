//! The seam to the network: one request out, a head and a streaming body back.
//!
//! Implementations: the browser's fetch, the replay of a recording, and the tests' fake registry.

use std::fmt;
use std::future::Future;

use crate::http::{Request, ResponseHead, Timings};

/// Sends HTTP requests. The core reads no clock: times come back with the body.
pub trait Transport {
    /// The body of this transport's responses.
    type Body: Body;

    /// Sends one request and returns as soon as the head of the response is there, whatever its status.
    fn send(&self, request: &Request) -> impl Future<Output = Result<Response<Self::Body>, TransportError>>;
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

    /// The times as far as they are known by now; `receive` only at the end.
    fn timings(&self) -> Timings;
}

/// Why there is no response, or no more of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TransportError {
    /// The caller stopped the pull.
    Aborted,
    /// The recording holds no answer to this request.
    NotRecorded,
    /// No response that may be read. A browser does not tell a dead host from a refused one.
    NoResponse {
        /// What the platform said, which is rarely much.
        detail: String,
        /// When it was tried.
        timings: Timings,
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
            TransportError::NoResponse { detail, .. } => write!(f, "no response: {detail}"),
            TransportError::Interrupted { detail } => write!(f, "the body ended early: {detail}"),
        }
    }
}

impl std::error::Error for TransportError {}
