//! The wrapper round a transport that writes the trace.

use std::cell::{Cell, Ref, RefCell};
use std::collections::HashMap;

use super::{Entry, Kept, Purpose, Role, State, Trace};
use crate::http::{Request, ResponseHead};
use crate::transport::{Blob, Body, Manner, Piece, Response, Sum, Transport, TransportError};

/// The most bytes of any body that are kept to be looked at.
pub const BEGIN: usize = 1024;

/// How much of the bodies stays in the trace, for export. Hashing needs none of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The most bytes of any one body; a longer body is not kept at all.
    pub each: usize,
    /// The most bytes of all bodies together; what comes later is not kept.
    pub total: usize,
}

impl Keep {
    /// No bodies.
    pub const NOTHING: Keep = Keep { each: 0, total: 0 };
    /// Documents and layers of a usual size, in what a tab can spare: 16 MiB each, 128 MiB together.
    pub const FOR_EXPORT: Keep = Keep { each: 16 << 20, total: 128 << 20 };
}

/// Sends through a transport, and writes down what happens.
pub struct Recorder<T> {
    transport: T,
    trace: RefCell<Trace>,
    keep: Keep,
    kept: Cell<usize>,
    /// What was asked so far, each with its entries: a map of the kind that others have too, for each kind weighs.
    asked: RefCell<HashMap<String, Vec<usize>>>,
    changed: Box<dyn Fn(usize)>,
}

impl<T: Transport> Recorder<T> {
    /// Wraps `transport`. `changed` is told the number of an entry each time that the entry changes;
    /// the trace may be read then.
    pub fn new(transport: T, keep: Keep, changed: impl Fn(usize) + 'static) -> Recorder<T> {
        Recorder {
            transport,
            trace: RefCell::default(),
            keep,
            kept: Cell::new(0),
            asked: RefCell::default(),
            changed: Box::new(changed),
        }
    }

    /// The trace so far. Not to be held across an await.
    pub fn trace(&self) -> Ref<'_, Trace> {
        self.trace.borrow()
    }

    /// What is wrapped.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    /// Sends one request; `redirected_from` is the entry whose redirect is being followed.
    /// Errors with the number of the entry: a request that fails is in the trace like any other.
    pub async fn send(
        &self,
        request: &Request,
        purpose: Purpose,
        redirected_from: Option<usize>,
    ) -> Result<Recorded<'_, T>, (usize, TransportError)> {
        let id = self.begin(request, purpose, redirected_from);
        let sent = self.transport.send(request).await;
        self.answered(id, sent)
    }

    /// The same for a blob, whose bytes may be taken in where they arrive.
    pub async fn send_blob(
        &self,
        request: &Request,
        blob: &Blob,
        purpose: Purpose,
        redirected_from: Option<usize>,
    ) -> Result<Recorded<'_, T>, (usize, TransportError)> {
        let id = self.begin(request, purpose, redirected_from);
        let Keep { each, total } = self.keep;
        let keep = each.min(total.saturating_sub(self.kept.get())) as u64;
        let sent = self.transport.send_blob(request, &Blob { keep, ..blob.clone() }).await;
        self.answered(id, sent)
    }

    /// How many blobs it is worth to ask for at a time.
    pub fn at_once(&self) -> usize {
        self.transport.at_once()
    }

    fn answered(
        &self,
        id: usize,
        sent: Result<Response<T::Body>, TransportError>,
    ) -> Result<Recorded<'_, T>, (usize, TransportError)> {
        match sent {
            Ok(Response { head, body }) => {
                self.update(id, |entry| {
                    entry.timings = body.timings();
                    entry.state = State::Receiving(head.clone());
                });
                // A token is a secret: of what brings one, nothing is kept and nothing can be looked at.
                let is_secret = self.role(id) == Some(Role::Token);
                let kept = (!is_secret).then(Vec::new);
                Ok(Recorded { recorder: self, id, head, body: Some(body), kept, is_secret, sum: None })
            }
            Err(error) => {
                self.update(id, |entry| {
                    if let TransportError::NoResponse { timings, .. }
                    | TransportError::NotHere { timings, .. } = &error
                    {
                        entry.timings = *timings;
                    }
                    entry.state = State::Failed { head: None, error: error.clone() };
                });
                Err((id, error))
            }
        }
    }

    /// Sends a request in a manner of its own.
    pub async fn probe(
        &self,
        request: &Request,
        manner: Manner,
        purpose: Purpose,
    ) -> Result<Recorded<'_, T>, (usize, TransportError)> {
        let id = self.begin(request, purpose, None);
        let sent = self.transport.probe(request, manner).await;
        self.answered(id, sent)
    }

    /// Has the last entry looked at again: something beside the requests has changed.
    pub fn touch(&self) {
        let last = self.trace.borrow().entries.len().saturating_sub(1);
        (self.changed)(last);
    }

    /// Corrects what a request was for, once its answer has shown it.
    pub fn set_role(&self, id: usize, role: Role) {
        self.update(id, |entry| entry.purpose.role = role);
    }

    fn role(&self, id: usize) -> Option<Role> {
        self.trace.borrow().entries.get(id).map(|entry| entry.purpose.role)
    }

    fn begin(&self, request: &Request, purpose: Purpose, redirected_from: Option<usize>) -> usize {
        let asked = [request.method.as_str(), " ", request.url.as_str()].concat();
        let mut trace = self.trace.borrow_mut();
        let id = trace.entries.len();
        let mut all = self.asked.borrow_mut();
        let alike = all.entry(asked).or_default();
        alike.push(id);
        trace.entries.push(Entry {
            method: request.method,
            url: request.url.clone(),
            sent: request.headers.clone(),
            purpose,
            redirected_from,
            again: alike.len() > 1,
            state: State::Waiting,
            read: 0,
            begin: Vec::new(),
            body: None,
            timings: Default::default(),
            memory: None,
        });
        drop((trace, all));
        (self.changed)(id);
        id
    }

    fn update(&self, id: usize, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.trace.borrow_mut().entries.get_mut(id) {
            change(entry);
        }
        (self.changed)(id);
    }
}

/// A response whose body is written down as it is read. Dropping it before the end ends the entry as it is.
pub struct Recorded<'a, T: Transport> {
    recorder: &'a Recorder<T>,
    id: usize,
    head: ResponseHead,
    body: Option<T::Body>,
    kept: Option<Vec<u8>>,
    is_secret: bool,
    sum: Option<Sum>,
}

impl<T: Transport> Recorded<'_, T> {
    /// The entry's number.
    pub fn id(&self) -> usize {
        self.id
    }

    /// The head.
    pub fn head(&self) -> &ResponseHead {
        &self.head
    }

    /// What the bytes came to that were taken in elsewhere; after the last piece.
    pub fn sum(&mut self) -> Option<Sum> {
        self.sum.take()
    }

    /// The next piece, or `None` at the end.
    pub async fn piece(&mut self) -> Result<Option<Piece>, TransportError> {
        let Some(body) = self.body.as_mut() else { return Ok(None) };
        match body.piece().await {
            Ok(Some(piece)) => {
                let Keep { each, total } = self.recorder.keep;
                let most = each.min(total.saturating_sub(self.recorder.kept.get()));
                self.kept = match (&piece, self.kept.take()) {
                    (Piece::Bytes(bytes), Some(mut kept)) if kept.len() + bytes.len() <= most => {
                        kept.extend_from_slice(bytes);
                        Some(kept)
                    }
                    _ => None,
                };
                self.recorder.update(self.id, |entry| {
                    entry.read += piece.count();
                    let begin = if self.is_secret { &[] } else { piece.begin() };
                    let room = BEGIN.saturating_sub(entry.begin.len()).min(begin.len());
                    entry.begin.extend_from_slice(begin.get(..room).unwrap_or_default());
                });
                Ok(Some(piece))
            }
            Ok(None) => {
                self.end(State::Done);
                Ok(None)
            }
            Err(error) => {
                // What came before the connection broke is needed to replay how the rest was asked for.
                if !matches!(error, TransportError::Interrupted { .. }) {
                    self.kept = None;
                }
                let failed = error.clone();
                self.end(|head| State::Failed { head: Some(head), error: failed });
                Err(error)
            }
        }
    }

    fn end(&mut self, state: impl FnOnce(ResponseHead) -> State) {
        let Some(mut body) = self.body.take() else { return };
        self.sum = body.sum();
        let elsewhere = self.sum.as_ref().and_then(|sum| sum.kept).map(Kept::Elsewhere);
        let kept = self.kept.take();
        let memory = self.sum.as_ref().and_then(|sum| sum.memory);
        let state = state(self.head.clone());
        self.recorder.update(self.id, |entry| {
            entry.memory = memory;
            let size = match (&kept, &elsewhere) {
                (Some(bytes), _) => bytes.len(),
                (None, Some(_)) => usize::try_from(entry.read).unwrap_or(usize::MAX),
                (None, None) => 0,
            };
            self.recorder.kept.set(self.recorder.kept.get().saturating_add(size));
            entry.timings = body.timings();
            entry.body = kept.map(Kept::Here).or(elsewhere);
            entry.state = state;
        });
    }
}

impl<T: Transport> Drop for Recorded<'_, T> {
    fn drop(&mut self) {
        // What was not read to its end is not kept: half a body in a recording would replay as a whole one.
        self.kept = None;
        self.end(State::Done);
    }
}
