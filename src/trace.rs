//! The trace: every request of one pull with its outcome, in the order in which they were sent.
//!
//! Recording is a wrapper round the transport. It keeps what was sent and seen as it was; what may be shown or
//! exported is decided where that happens, by `redact`.

mod recorder;

use crate::digest::Digest;
use crate::http::{Method, ResponseHead, Timings, Url};
use crate::transport::TransportError;

pub use recorder::{BEGIN, Keep, Recorded, Recorder};

/// All requests of one pull.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    /// The entries; an entry's place is its number.
    pub entries: Vec<Entry>,
}

/// One request with its outcome so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The method.
    pub method: Method,
    /// The address that was asked.
    pub url: Url,
    /// The headers that were set.
    pub sent: Vec<(String, String)>,
    /// What the request was for.
    pub purpose: Purpose,
    /// The entry whose redirect led to this one.
    pub redirected_from: Option<usize>,
    /// Whether the same was asked before: the method and the address.
    pub again: bool,
    /// How far it got.
    pub state: State,
    /// Bytes of the body that were read, after any `Content-Encoding` was undone.
    pub read: u64,
    /// How the body begins, to be looked at: up to [`BEGIN`] bytes.
    pub begin: Vec<u8>,
    /// The body, as far as the recorder was told to keep it.
    pub body: Option<Kept>,
    /// When it ran.
    pub timings: Timings,
    /// How large the memory of the worker had become that read it, in bytes; `None` where none did.
    pub memory: Option<u64>,
}

/// A body that was kept, to be exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Its bytes.
    Here(Vec<u8>),
    /// The number under which the transport keeps it.
    Elsewhere(usize),
}

impl Kept {
    /// The bytes, if they are here.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Kept::Here(bytes) => Some(bytes),
            Kept::Elsewhere(_) => None,
        }
    }
}

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// The step of the pull.
    pub role: Role,
    /// The object that is asked for, where it is known.
    pub digest: Option<Digest>,
    /// For one of several layers: its number, counted from 1, and how many there are.
    pub ordinal: Option<(usize, usize)>,
    /// The first byte that is asked for: 0, but for the rest of what broke off.
    pub from: u64,
    /// What a probe is to find out; empty for all other requests.
    pub asks: &'static str,
}

impl Purpose {
    /// A step of the pull, with nothing more to say of it.
    pub fn of(role: Role) -> Purpose {
        Purpose { role, digest: None, ordinal: None, from: 0, asks: "" }
    }
}

/// A step of the pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Ask whether there is a registry.
    Ping,
    /// Ask for a token.
    Token,
    /// Ask what a tag points to.
    Tag,
    /// Fetch an index.
    Index,
    /// Fetch an image manifest.
    Manifest,
    /// Fetch a config.
    Config,
    /// Fetch a layer.
    Layer,
    /// Follow a redirect.
    Redirect,
    /// Anything else.
    Other,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 9] = [
        Role::Ping,
        Role::Token,
        Role::Tag,
        Role::Index,
        Role::Manifest,
        Role::Config,
        Role::Layer,
        Role::Redirect,
        Role::Other,
    ];

    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Ping => "ping",
            Role::Token => "token",
            Role::Tag => "tag",
            Role::Index => "index",
            Role::Manifest => "manifest",
            Role::Config => "config",
            Role::Layer => "layer",
            Role::Redirect => "redirect",
            Role::Other => "other",
        }
    }
}

/// How far a request got.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Sent; no answer yet.
    Waiting,
    /// The head is there, the body is being read.
    Receiving(ResponseHead),
    /// Read to the end, or as far as anyone wanted to.
    Done(ResponseHead),
    /// It failed; with the head, if that had come.
    Failed {
        /// The head of the response.
        head: Option<ResponseHead>,
        /// Why.
        error: TransportError,
    },
}

/// A redirect, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redirect {
    /// The response was seen, with this target.
    Observed(Url),
    /// The transport followed it unseen; this is the address that answered.
    Inferred(Url),
}

impl Redirect {
    /// The address.
    pub fn target(&self) -> &Url {
        match self {
            Redirect::Observed(url) | Redirect::Inferred(url) => url,
        }
    }

    /// `observed` or `inferred`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Redirect::Observed(_) => "observed",
            Redirect::Inferred(_) => "inferred",
        }
    }
}

impl Entry {
    /// The head of the response, if it has come.
    pub fn head(&self) -> Option<&ResponseHead> {
        match &self.state {
            State::Waiting => None,
            State::Receiving(head) | State::Done(head) => Some(head),
            State::Failed { head, .. } => head.as_ref(),
        }
    }

    /// The status, if it is known.
    pub fn status(&self) -> Option<u16> {
        self.head().and_then(|head| head.status)
    }

    /// Where the request was sent on to.
    pub fn redirect(&self) -> Option<Redirect> {
        let head = self.head()?;
        match (&head.followed_to, head.redirect()) {
            (Some(url), _) => Some(Redirect::Inferred(url.clone())),
            (None, Some(location)) => self.url.join(location).ok().map(Redirect::Observed),
            (None, None) => None,
        }
    }
}
