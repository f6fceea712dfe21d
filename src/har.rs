//! Recordings: HAR 1.2 files in and out, and their replay in place of a network.
//!
//! A trace is not HAR and HAR is not a trace: this is where one is turned into the other. What is not known stays
//! unknown: the format demands a start for each entry, so a start counts only where the entry has a duration too.
//!
//! Properties of our own, which other readers ignore: `_followedTo` (a redirect that the browser followed unseen),
//! `_headersVisibility` (how much of the headers could be seen), `_error` (also Chromium's), `_role`.

mod file;
mod json;
mod read;
mod replay;
mod time;
mod write;

use std::fmt;

use crate::http::{Headers, Method, Timings, Url};

pub use replay::Replay;
pub use write::{WriteOptions, write};

/// What a HAR file holds of a pull: its `GET` and `HEAD` requests to http and https addresses, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    entries: Vec<Recorded>,
}

/// One request with its answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recorded {
    method: Method,
    url: Url,
    /// The part of the body that was asked for, as `Range` has it; `None` for all of it. RFC 9110, section 14.2.
    part: Option<String>,
    status: Option<u16>,
    headers: Headers,
    followed_to: Option<Url>,
    /// `None` where the file does not hold the body, and why it cannot be read where it does.
    body: Option<Result<Vec<u8>, String>>,
    /// What went wrong, if it did.
    error: Option<String>,
    timings: Timings,
}

impl Recording {
    /// Reads a HAR file, as browsers and proxies write them: with or without a byte-order mark, and with optional
    /// properties left out. A text body stands for its UTF-8 bytes: where the writer decoded it with losses, its
    /// digest will not fit, and rightly so. A body that cannot be decoded costs its entry, and not the file.
    pub fn parse(bytes: &[u8]) -> Result<Recording, HarError> {
        Ok(Recording { entries: read::entries(bytes)? })
    }

    /// The requests, in order.
    pub fn urls(&self) -> impl Iterator<Item = (Method, &Url)> {
        self.entries.iter().map(|entry| (entry.method, &entry.url))
    }
}

/// Why a file is not a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HarError {
    /// UTF-16, with or without a byte-order mark.
    Utf16,
    /// HTML or XML: a page in the place of a file, perhaps for a sign-in.
    Markup,
    /// Not UTF-8.
    Encoding {
        /// The place of the first byte that does not fit, counted from 0.
        position: usize,
    },
    /// Not JSON.
    NotJson {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// What the parser met.
        reason: String,
    },
    /// JSON, but not HAR.
    NotHar {
        /// The property that is missing, or is not of the right kind.
        missing: &'static str,
    },
    /// More than this inspector holds in memory.
    TooLarge {
        /// The most that it does, in bytes.
        most: usize,
    },
}

impl fmt::Display for HarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HarError::Utf16 => f.write_str("not a HAR file: the text is UTF-16; save the file as UTF-8"),
            HarError::Markup => {
                f.write_str("not a HAR file but HTML or XML, from line 1 on: was a page served in its place?")
            }
            HarError::Encoding { position } => {
                write!(f, "not a HAR file: byte {position} is not UTF-8; save the file as UTF-8")
            }
            HarError::NotJson { line, column, reason } => {
                write!(f, "not a HAR file: line {line}, column {column}: {reason}")
            }
            HarError::NotHar { missing } => {
                write!(f, "JSON, but not a HAR file: it has no {missing}")
            }
            HarError::TooLarge { most } => {
                let most = most >> 20;
                write!(
                    f,
                    "its requests and bodies take more than {most} MiB, which is this inspector's own limit"
                )
            }
        }
    }
}

impl std::error::Error for HarError {}
