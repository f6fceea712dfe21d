//! The wrapper round a transport that writes the trace.

use std::cell::{Cell, Ref, RefCell};

use super::{Entry, Purpose, Role, State, Trace};
use crate::http::{Request, ResponseHead};
use crate::transport::{Body, Response, Transport, TransportError};

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
            changed: Box::new(changed),
        }
    }

    /// The trace so far. Not to be held across an await.
    pub fn trace(&self) -> Ref<'_, Trace> {
        self.trace.borrow()
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
        match self.transport.send(request).await {
            Ok(Response { head, body }) => {
                self.update(id, |entry| {
                    entry.timings = body.timings();
                    entry.state = State::Receiving(head.clone());
                });
                Ok(Recorded { recorder: self, id, head, body: Some(body), kept: Some(Vec::new()) })
            }
            Err(error) => {
                self.update(id, |entry| {
                    if let TransportError::NoResponse { timings, .. } = &error {
                        entry.timings = *timings;
                    }
                    entry.state = State::Failed { head: None, error: error.clone() };
                });
                Err((id, error))
            }
        }
    }

    /// Corrects what a request was for, once its answer has shown it.
    pub fn set_role(&self, id: usize, role: Role) {
        self.update(id, |entry| entry.purpose.role = role);
    }

    fn begin(&self, request: &Request, purpose: Purpose, redirected_from: Option<usize>) -> usize {
        let mut trace = self.trace.borrow_mut();
        let id = trace.entries.len();
        trace.entries.push(Entry {
            method: request.method,
            url: request.url.clone(),
            sent: request.headers.clone(),
            purpose,
            redirected_from,
            state: State::Waiting,
            read: 0,
            begin: Vec::new(),
            body: None,
            timings: Default::default(),
        });
        drop(trace);
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

    /// The next bytes, or `None` at the end.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let Some(body) = self.body.as_mut() else { return Ok(None) };
        match body.chunk().await {
            Ok(Some(bytes)) => {
                let Keep { each, total } = self.recorder.keep;
                let most = each.min(total.saturating_sub(self.recorder.kept.get()));
                self.kept =
                    self.kept.take().filter(|kept| kept.len() + bytes.len() <= most).map(|mut kept| {
                        kept.extend_from_slice(&bytes);
                        kept
                    });
                self.recorder.update(self.id, |entry| {
                    entry.read += bytes.len() as u64;
                    let room = BEGIN.saturating_sub(entry.begin.len()).min(bytes.len());
                    entry.begin.extend_from_slice(bytes.get(..room).unwrap_or_default());
                });
                Ok(Some(bytes))
            }
            Ok(None) => {
                self.end(State::Done);
                Ok(None)
            }
            Err(error) => {
                self.kept = None;
                let failed = error.clone();
                self.end(|head| State::Failed { head: Some(head), error: failed });
                Err(error)
            }
        }
    }

    fn end(&mut self, state: impl FnOnce(ResponseHead) -> State) {
        let Some(body) = self.body.take() else { return };
        let kept = self.kept.take();
        let all = self.recorder.kept.get() + kept.as_ref().map_or(0, Vec::len);
        self.recorder.kept.set(all);
        let state = state(self.head.clone());
        self.recorder.update(self.id, |entry| {
            entry.timings = body.timings();
            entry.body = kept;
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
