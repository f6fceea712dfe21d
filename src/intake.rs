//! Takes blobs in where they arrive: each is hashed as it comes, unpacked if it is to be, and what it comes to is told.
//!
//! In a browser this runs in workers, and the page never sees a layer's bytes; a native test runs it in its one thread.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::digest::{BlobHasher, Hasher, Hashers};
use crate::endpoint::claims;
use crate::http::{Request, ResponseHead, Timings};
use crate::layer::{Extractor, Fault, Unpacker};
use crate::transport::{
    Answered, Blob, Body, Extract, Piece, Response, Sum, Transport, TransportError, Work,
};
use crate::turns::{Turn, Turns};

/// The most bytes of a blob's beginning that are handed on, to be looked at.
const BEGIN: usize = 1024;

/// A zstd window over so many bytes is a large one: of those, one is held at a time.
const LARGE: u64 = 4 << 20;

/// A blob that is being taken in.
struct Intake {
    taking: Taking,
    /// Some bytes were taken.
    is_begun: bool,
    /// To have much memory.
    turn: Option<Turn>,
}

enum Taking {
    Whole { hasher: Option<BlobHasher>, also: Option<Box<Hasher>>, unpacker: Option<Box<Unpacker>> },
    Stretch { extractor: Extractor, fault: Option<Fault> },
}

impl Intake {
    fn new(blob: &Blob, head: &ResponseHead, answered: Answered, hashers: &Hashers) -> Intake {
        let hasher = hashers.hasher(&blob.algorithm);
        let also = claims(head).beside(&blob.algorithm).and_then(|claimed| claimed.hasher()).map(Box::new);
        let taking = match &blob.work {
            Work::Hash => Taking::Whole { hasher, also, unpacker: None },
            Work::Unpack(unpack) => {
                Taking::Whole { hasher, also, unpacker: Some(Box::new(Unpacker::new(unpack, hashers))) }
            }
            Work::Extract(Extract { compression, at, after, length }) => {
                let skip = if answered == Answered::Rest { *after } else { *at };
                Taking::Stretch { extractor: Extractor::new(*compression, skip, *length), fault: None }
            }
        };
        Intake { taking, is_begun: false, turn: None }
    }

    /// Takes the next bytes, once it may have as much memory as they ask for; returns whether more are wanted.
    async fn update(&mut self, bytes: &[u8], turns: &Turns) -> bool {
        let is_decoded = !matches!(self.taking, Taking::Whole { unpacker: None, .. });
        if !std::mem::replace(&mut self.is_begun, true) && is_decoded && window(bytes) > LARGE {
            self.turn = Some(turns.take().await);
        }
        match &mut self.taking {
            Taking::Whole { hasher, also, unpacker } => {
                hasher.iter_mut().for_each(|hasher| hasher.update(bytes));
                also.iter_mut().for_each(|hasher| hasher.update(bytes));
                unpacker.iter_mut().for_each(|unpacker| unpacker.push(bytes));
                true
            }
            Taking::Stretch { extractor, fault } => match extractor.push(bytes) {
                Ok(has_all) => !has_all,
                Err(error) => {
                    *fault = Some(error);
                    false
                }
            },
        }
    }

    fn finish(self) -> Sum {
        match self.taking {
            Taking::Whole { hasher, also, unpacker } => Sum {
                digest: hasher.map(BlobHasher::finish),
                also: also.map(|hasher| hasher.finish()),
                unpacked: unpacker.map(|unpacker| Box::new(unpacker.finish())),
                ..Sum::default()
            },
            Taking::Stretch { extractor, fault } => {
                let extracted = fault.map_or_else(|| extractor.finish(), Err);
                Sum { extracted: Some(extracted), ..Sum::default() }
            }
        }
    }
}

/// How many bytes a zstd frame that begins so asks to have at hand; none, if it is no such frame. RFC 8878, section 3.1.1.1,
/// to the power of two below.
fn window(begin: &[u8]) -> u64 {
    match begin {
        // A single segment: the content has a size, and that is it.
        [0x28, 0xb5, 0x2f, 0xfd, descriptor, rest @ ..] if descriptor & 0x20 != 0 => {
            match (descriptor >> 6, rest) {
                (2, [a, b, c, d, ..]) => u32::from_le_bytes([*a, *b, *c, *d]).into(),
                (3, _) => u64::MAX,
                _ => 0,
            }
        }
        [0x28, 0xb5, 0x2f, 0xfd, _, window, ..] => 1 << (10 + (window >> 3)),
        _ => 0,
    }
}

/// What the blobs of one thread have in common. Copies are the same.
#[derive(Clone, Default)]
pub struct Waiting {
    /// Those whose connection broke, by job: the rest of them may still come.
    broken: Rc<RefCell<BTreeMap<usize, Intake>>>,
    /// Who may have much memory.
    turns: Turns,
    hashers: Hashers,
}

impl Waiting {
    /// Forgets a blob whose rest will not come.
    pub fn forget(&self, job: usize) {
        self.take(job);
    }

    /// Whether no blob's rest is waited for.
    pub fn is_empty(&self) -> bool {
        self.broken.borrow().is_empty()
    }

    fn take(&self, job: usize) -> Option<Intake> {
        self.broken.borrow_mut().remove(&job)
    }

    fn put(&self, job: usize, intake: Intake) {
        self.broken.borrow_mut().insert(job, intake);
    }
}

/// Sends through a transport, and takes in the bodies of blobs here.
pub struct Inline<T> {
    transport: T,
    waiting: Waiting,
}

impl<T> Inline<T> {
    /// Wraps `transport`.
    pub fn new(transport: T) -> Inline<T> {
        Inline::among(transport, &Waiting::default())
    }

    /// Wraps `transport`; what breaks off waits among those of others.
    pub fn among(transport: T, waiting: &Waiting) -> Inline<T> {
        Inline { transport, waiting: waiting.clone() }
    }
}

impl<T: Transport> Transport for Inline<T> {
    type Body = InlineBody<T::Body>;

    async fn send(&self, request: &Request) -> Result<Response<Self::Body>, TransportError> {
        let Response { head, body } = self.transport.send(request).await?;
        Ok(Response { head, body: InlineBody { body, intake: None, lacking: 0, sum: None, is_over: false } })
    }

    async fn send_blob(
        &self,
        request: &Request,
        blob: &Blob,
    ) -> Result<Response<Self::Body>, TransportError> {
        let Response { head, body } = self.transport.send(request).await?;
        let earlier = self.waiting.take(blob.job);
        let is_stretch = matches!(blob.work, Work::Extract(_));
        let taken = match (blob.answered(&head), earlier) {
            // Whoever asked sees that in the head, and begins anew.
            (None | Some(Answered::Other), _) => None,
            (Some(Answered::Rest), Some(earlier)) => Some(earlier),
            (Some(answered), _) if is_stretch || answered == Answered::Whole => {
                Some(Intake::new(blob, &head, answered, &self.waiting.hashers))
            }
            // What came before is not here: its rest proves nothing.
            (Some(_), _) => {
                return Err(TransportError::Lost { detail: "what came before the break is gone".into() });
            }
        };
        let job = (blob.job, self.waiting.clone());
        let lacking = head.headers.content_length().unwrap_or_default();
        let intake = taken.map(|intake| (intake, job));
        Ok(Response { head, body: InlineBody { body, intake, lacking, sum: None, is_over: false } })
    }

    fn forget(&self, job: usize) {
        self.waiting.forget(job);
    }
}

/// A body that is taken in as it is read, if it is a blob's.
pub struct InlineBody<B> {
    body: B,
    intake: Option<(Intake, (usize, Waiting))>,
    /// How many of the bytes that were announced have not come yet.
    lacking: u64,
    sum: Option<Sum>,
    /// No more of it is wanted.
    is_over: bool,
}

impl<B> InlineBody<B> {
    /// Whether it is worth it to let the other blobs of this thread come first.
    pub fn is_ahead(&self) -> bool {
        match &self.intake {
            Some((Intake { taking: Taking::Whole { hasher: Some(hasher), .. }, .. }, _)) => hasher.is_ahead(),
            _ => false,
        }
    }

    /// Whether the bytes are a blob's, and not those of a refusal.
    pub fn is_taken_in(&self) -> bool {
        self.intake.is_some()
    }
}

impl<B: Body> Body for InlineBody<B> {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let came = if self.is_over { Ok(None) } else { self.body.chunk().await };
        match &came {
            Ok(Some(bytes)) => {
                if let Some((intake, (_, waiting))) = self.intake.as_mut() {
                    self.is_over = !intake.update(bytes, &waiting.turns).await;
                    self.lacking = self.lacking.saturating_sub(bytes.len() as u64);
                }
            }
            Ok(None) | Err(TransportError::Interrupted { .. }) => {
                let broke_off = came.is_err() || (self.lacking > 0 && !self.is_over);
                match self.intake.take() {
                    // An end that comes too early may be none: the rest may still come.
                    Some((intake, (job, waiting))) if broke_off => waiting.put(job, intake),
                    Some((intake, _)) => self.sum = Some(intake.finish()),
                    None => {}
                }
            }
            Err(_) => {}
        }
        came
    }

    async fn piece(&mut self) -> Result<Option<Piece>, TransportError> {
        let is_taken_in = self.is_taken_in();
        let piece = |bytes: Vec<u8>| match is_taken_in {
            true => {
                let begin = bytes.get(..BEGIN.min(bytes.len())).unwrap_or_default().to_vec();
                Piece::TakenIn { count: bytes.len() as u64, begin }
            }
            false => Piece::Bytes(bytes),
        };
        Ok(self.chunk().await?.map(piece))
    }

    fn sum(&mut self) -> Option<Sum> {
        self.sum.take()
    }

    fn timings(&self) -> Timings {
        self.body.timings()
    }
}
