//! The workers as one pull has them.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use web_sys::AbortSignal;

use super::{Distant, Inbox, POOL, Pool, Worker};
use crate::browser::message;
use crate::digest::Algorithm;
use crate::http::{Request, ResponseHead};
use crate::transport::{Blob, Body, Response, Sum, TransportError, Work};

/// How many blobs a worker has at a time: while one is waited for, others are read, and three are hashed faster side by side
/// than one after the other. Two workers then have as many as a browser has connections to one HTTP/1.1 server.
const AT_ONCE: usize = 3;

/// Some of the workers, for one pull.
pub(in crate::browser) struct Crew {
    pool: Rc<Pool>,
    most: usize,
    book: Rc<Book>,
}

/// What is known of a pull's blobs, by their jobs.
#[derive(Default)]
pub(super) struct Book {
    begun: RefCell<Vec<Begun>>,
    /// Those that a worker had when it died: one of them may be why.
    suspects: RefCell<Vec<usize>>,
    /// The origins that gave workers no answer, which the page's own thread asks since.
    barred: RefCell<Vec<String>>,
    /// The bodies that the browser keeps, outside of any memory of ours.
    pub(super) kept: RefCell<Vec<web_sys::Blob>>,
}

/// Who has the beginning of a blob, and under which number: its rest is read there as well.
pub(super) struct Begun {
    job: usize,
    worker: Weak<Worker>,
    number: u32,
}

impl Book {
    /// Strikes a blob off those that are begun.
    pub(super) fn ended(&self, job: usize) -> Option<Begun> {
        let mut begun = self.begun.borrow_mut();
        let at = begun.iter().position(|begun| begun.job == job)?;
        Some(begun.swap_remove(at))
    }

    /// Notes that a blob's worker died.
    pub(super) fn suspect(&self, job: usize) {
        self.suspects.borrow_mut().push(job);
    }

    fn is_barred(&self, origin: &str) -> bool {
        self.barred.borrow().iter().any(|barred| barred == origin)
    }

    /// What the failure of a request means that a worker sent, or the page's own thread: some browsers let only the page
    /// reach the local network, so what gives a worker no answer is asked for by the page.
    fn missed(&self, origin: &str, is_here: bool, error: TransportError) -> TransportError {
        let TransportError::NoResponse { detail, timings } = error else { return error };
        if is_here {
            // It is no worker's fault, so workers may try the next one.
            self.barred.borrow_mut().retain(|barred| barred != origin);
            return TransportError::NoResponse { detail, timings };
        }
        if !self.is_barred(origin) {
            self.barred.borrow_mut().push(origin.to_owned());
        }
        TransportError::NotHere { detail, timings }
    }
}

impl Begun {
    /// Nobody will ask for the rest.
    fn forget(self) {
        if let Some(worker) = self.worker.upgrade() {
            worker.stop(self.number);
        }
    }
}

impl Crew {
    /// Up to so many workers: at least one, and no more than the machine has cores.
    pub(in crate::browser) fn new(most: usize) -> Crew {
        let cores = web_sys::window().map_or(1.0, |window| window.navigator().hardware_concurrency());
        let most = most.min(cores as usize).max(1);
        Crew { pool: POOL.with(Rc::clone), most, book: Rc::default() }
    }

    /// Whether there is nobody to read, so that whoever asks must read for himself.
    pub(in crate::browser) fn is_broken(&self) -> bool {
        self.pool.is_broken.get()
    }

    /// How many blobs they read at a time.
    pub(in crate::browser) fn at_once(&self) -> usize {
        if self.is_broken() { 1 } else { self.most * AT_ONCE }
    }

    /// A body that was kept, by its number.
    pub(in crate::browser) fn kept(&self, number: usize) -> Option<web_sys::Blob> {
        self.book.kept.borrow().get(number).cloned()
    }

    /// Has a blob fetched and taken in, or only taken in, where its bytes are given.
    ///
    /// One whose worker died is tried again with a worker of its own: what died with it is then not its doing, and if it
    /// kills that one too, nothing else is taken along. What gave a worker no answer is tried again from here.
    pub(in crate::browser) async fn send(
        &self,
        request: &Request,
        blob: &Blob,
        given: Option<&[u8]>,
        signal: &AbortSignal,
    ) -> Result<Response<Distant>, TransportError> {
        let rest = match self.book.ended(blob.job) {
            Some(begun) if blob.from > 0 => begun.worker.upgrade().map(|worker| (worker, begun.number)),
            begun => {
                begun.into_iter().for_each(Begun::forget);
                None
            }
        };
        let origin = request.url.origin();
        let is_barred = rest.is_none() && given.is_none() && self.book.is_barred(origin);
        let is_suspect = rest.is_none() && !is_barred && self.book.suspects.borrow().contains(&blob.job);
        let alone = if is_suspect { Some(self.pool.alone().await) } else { None };
        if signal.aborted() {
            return Err(TransportError::Aborted);
        }
        // A job's number is its pull's; a worker has jobs of several pulls.
        let id = self.pool.number();
        let (worker, number) = match (rest, &alone) {
            (Some(rest), _) => rest,
            (None, Some(alone)) => (Rc::clone(&alone.worker), id),
            (None, None) if is_barred => (self.pool.here(), id),
            (None, None) => (self.pool.worker(self.most), id),
        };
        let begun = Begun { job: blob.job, worker: Rc::downgrade(&worker), number };
        self.book.begun.borrow_mut().push(begun);
        worker.boxes.borrow_mut().insert(id, Inbox::default());
        let order = message::order(id, request, &Blob { job: number as usize, ..blob.clone() }, given);
        worker.port.order(&order);
        let port = Rc::clone(&worker);
        let mut body = Distant::new((&self.pool, &self.book), (worker, alone), (id, blob.job), signal);
        match body.head().await {
            Ok(head) => Ok(Response { head, body }),
            Err(error) => Err(self.book.missed(origin, port.port.is_here(), error)),
        }
    }

    /// Asks for something as blobs are asked for, to find out whether a worker gets an answer. Nothing of it is read.
    pub(in crate::browser) async fn probe(
        &self,
        request: &Request,
        signal: &AbortSignal,
    ) -> Result<ResponseHead, TransportError> {
        let (algorithm, work) = (Algorithm::Sha256, Work::Hash);
        let blob = Blob { job: usize::MAX, algorithm, from: 0, keep: 0, work };
        let worker = self.pool.worker(self.most);
        let id = self.pool.number();
        worker.boxes.borrow_mut().insert(id, Inbox::default());
        worker.port.order(&message::order(id, request, &blob, None));
        Distant::new((&self.pool, &self.book), (worker, None), (id, blob.job), signal).head().await
    }

    /// Has bytes that are there taken in; `None` where there is nobody to do it.
    pub(in crate::browser) async fn take(
        &self,
        request: &Request,
        blob: &Blob,
        bytes: &[u8],
        signal: &AbortSignal,
    ) -> Result<Option<Sum>, TransportError> {
        let came = async {
            let mut body = self.send(request, blob, Some(bytes), signal).await?.body;
            while body.piece().await?.is_some() {}
            Ok(body.sum())
        };
        match came.await {
            Err(TransportError::Lost { .. }) => Ok(None),
            came => came,
        }
    }

    /// Nobody will ask for the rest of a blob any more.
    pub(in crate::browser) fn forget(&self, job: usize) {
        self.book.ended(job).into_iter().for_each(Begun::forget);
    }
}
