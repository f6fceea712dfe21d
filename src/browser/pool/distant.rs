//! A body that a worker reads.

use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::AbortSignal;

use super::crew::Book;
use super::{Alone, Pool, Worker};
use crate::browser::listener::Listener;
use crate::browser::message::{self, LOST};
use crate::http::{ResponseHead, Timings};
use crate::transport::{Body, Piece, Sum, TransportError};

/// A body that a worker reads. Dropped before its end, it is stopped there.
pub(in crate::browser) struct Distant {
    pool: Rc<Pool>,
    book: Rc<Book>,
    worker: Rc<Worker>,
    id: u32,
    job: usize,
    timings: Timings,
    sum: Option<Sum>,
    has_ended: bool,
    _alone: Option<Alone>,
    _stop: Option<Listener>,
}

impl Distant {
    /// The body that an order brings, which has been given to that worker.
    pub(super) fn new(
        (pool, book): (&Rc<Pool>, &Rc<Book>),
        (worker, alone): (Rc<Worker>, Option<Alone>),
        (id, job): (u32, usize),
        signal: &AbortSignal,
    ) -> Distant {
        let stopped = Rc::downgrade(&worker);
        let stop = Listener::new(signal, "abort", move |_| {
            if let Some(worker) = stopped.upgrade() {
                worker.stop(id);
                worker.tell(message::failed(&id.into(), &TransportError::Aborted, &Timings::default()));
            }
        });
        Distant {
            pool: Rc::clone(pool),
            book: Rc::clone(book),
            worker,
            id,
            job,
            timings: Timings::default(),
            sum: None,
            has_ended: false,
            _alone: alone,
            _stop: stop.ok(),
        }
    }

    /// The head, which comes first.
    pub(super) async fn head(&mut self) -> Result<ResponseHead, TransportError> {
        loop {
            let told = self.next().await?;
            if let Some((head, timings)) = message::read_head(&told).filter(|_| told.get(1) == message::HEAD)
            {
                self.timings = timings;
                return Ok(head);
            }
        }
    }

    /// What is told next. Every failure ends it.
    async fn next(&mut self) -> Result<Array, TransportError> {
        let told = poll_fn(|context| {
            let mut boxes = self.worker.boxes.borrow_mut();
            let Some(inbox) = boxes.get_mut(&self.id) else { return Poll::Ready(None) };
            match inbox.told.pop_front() {
                Some(told) => Poll::Ready(Some(told)),
                None => {
                    inbox.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        });
        let told = told.await.ok_or(TransportError::Aborted)?;
        let what = told.get(1).as_string().unwrap_or_default();
        let failed = match what.as_str() {
            LOST => {
                self.has_ended = true;
                let detail = told.get(2).as_string().unwrap_or_default();
                // What failed once in there may be broken for good.
                self.pool.lose(&self.worker, &detail);
                self.worker.port.end();
                TransportError::Lost { detail }
            }
            message::FAILED => {
                self.end(&told);
                self.sum = self.sum.take().map(|sum| Sum { kept: sum.kept, ..Sum::default() });
                message::read_failed(&told)
            }
            _ => return Ok(told),
        };
        if self.worker.is_gone.get() {
            self.book.suspect(self.job);
        }
        Err(failed)
    }

    fn end(&mut self, told: &Array) {
        self.has_ended = true;
        self.timings = message::read_timings(told);
        let kept = told.get(7).dyn_into::<web_sys::Blob>().ok().map(|blob| {
            let mut kept = self.book.kept.borrow_mut();
            kept.push(blob);
            kept.len() - 1
        });
        let sum = message::read_done(told);
        let memory = sum.memory.filter(|_| !self.worker.port.is_here());
        self.sum = Some(Sum { kept, memory, ..sum });
    }
}

impl Body for Distant {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        match self.piece().await? {
            Some(Piece::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Piece::TakenIn { begin, .. }) => Ok(Some(begin)),
            None => Ok(None),
        }
    }

    async fn piece(&mut self) -> Result<Option<Piece>, TransportError> {
        if self.has_ended {
            return Ok(None);
        }
        let told = self.next().await?;
        match told.get(1).as_string().as_deref() {
            Some(message::PIECE) => {
                let count = told.get(5).as_f64().unwrap_or_default() as u64;
                Ok(Some(Piece::TakenIn { count, begin: message::read_bytes(&told.get(6)) }))
            }
            Some(message::BYTES) => Ok(Some(Piece::Bytes(message::read_bytes(&told.get(5))))),
            _ => {
                self.end(&told);
                if self.sum.as_ref().is_some_and(|sum| sum.digest.is_some() || sum.extracted.is_some()) {
                    // It came whole: nothing of it waits for a rest.
                    self.book.ended(self.job);
                }
                Ok(None)
            }
        }
    }

    fn sum(&mut self) -> Option<Sum> {
        self.sum.take()
    }

    fn timings(&self) -> Timings {
        self.timings
    }
}

impl Drop for Distant {
    fn drop(&mut self) {
        self.worker.boxes.borrow_mut().remove(&self.id);
        if !self.has_ended {
            self.worker.stop(self.id);
        }
    }
}
