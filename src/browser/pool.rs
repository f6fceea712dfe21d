//! The workers: each fetches blobs and takes them in; this thread is told what they come to.

mod crew;
mod distant;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};
use std::task::Waker;

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::message;
use crate::http::Timings;
use crate::transport::TransportError;
use crate::turns::{Turn, Turns};

pub(super) use crew::Crew;
pub(super) use distant::Distant;

#[wasm_bindgen(module = "/src/browser/pool.js")]
extern "C" {
    fn start(
        tell: &Closure<dyn FnMut(Array)>,
        lost: &Closure<dyn FnMut(String, bool)>,
        is_here: bool,
    ) -> Port;

    /// The way to a worker.
    type Port;

    #[wasm_bindgen(method)]
    fn order(this: &Port, order: &Array);

    #[wasm_bindgen(method)]
    fn end(this: &Port);

    /// Whether this is no worker, but the page's own thread.
    #[wasm_bindgen(method, getter, js_name = isHere)]
    fn is_here(this: &Port) -> bool;
}

/// How many workers there are at most, unless more are asked for.
pub(super) const WORKERS: usize = 2;

thread_local! {
    /// One for the document: pulls that follow each other use the same workers.
    static POOL: Rc<Pool> = Rc::default();
}

/// The workers that there are.
#[derive(Default)]
struct Pool {
    workers: RefCell<Vec<Rc<Worker>>>,
    /// What does a worker's work in the page's own thread, for what workers get no answer to.
    here: RefCell<Option<Rc<Worker>>>,
    orders: Cell<u32>,
    /// One could not be started, so none can.
    is_broken: Cell<bool>,
    /// To have a worker of one's own.
    turns: Turns,
}

struct Worker {
    port: Port,
    /// By the order's number, what was told and not yet read.
    boxes: RefCell<BTreeMap<u32, Inbox>>,
    /// It is for one order alone.
    is_taken: Cell<bool>,
    is_gone: Cell<bool>,
    _told: [JsValue; 2],
}

#[derive(Default)]
struct Inbox {
    told: VecDeque<Array>,
    waker: Option<Waker>,
}

impl Pool {
    /// The number of a new order.
    fn number(&self) -> u32 {
        self.orders.replace(self.orders.get().wrapping_add(1))
    }

    /// The worker with the least to do; a new one, if all have something and there may be more.
    fn worker(self: &Rc<Pool>, most: usize) -> Rc<Worker> {
        let busy = |worker: &Rc<Worker>| worker.boxes.borrow().len();
        let (idle, is_full) = {
            let workers = self.workers.borrow();
            let free = workers.iter().filter(|worker| !worker.is_taken.get()).take(most);
            (free.min_by_key(|worker| busy(worker)).cloned(), workers.len() >= most)
        };
        match idle.filter(|worker| busy(worker) == 0 || is_full) {
            Some(worker) => worker,
            None => self.start(),
        }
    }

    /// What does a worker's work in the page's own thread.
    fn here(self: &Rc<Pool>) -> Rc<Worker> {
        Rc::clone(self.here.borrow_mut().get_or_insert_with(|| self.make(true)))
    }

    /// A new worker for one order alone, when nobody else has such a one.
    async fn alone(self: &Rc<Pool>) -> Alone {
        let turn = self.turns.take().await;
        let worker = self.start();
        worker.is_taken.set(true);
        Alone { worker, _turn: turn }
    }

    fn start(self: &Rc<Pool>) -> Rc<Worker> {
        let worker = self.make(false);
        self.workers.borrow_mut().push(Rc::clone(&worker));
        worker
    }

    fn make(self: &Rc<Pool>, is_here: bool) -> Rc<Worker> {
        Rc::new_cyclic(|worker: &Weak<Worker>| {
            let (telling, losing, pool) = (worker.clone(), worker.clone(), Rc::downgrade(self));
            let tell = Closure::new(move |told: Array| {
                if let Some(worker) = telling.upgrade() {
                    worker.tell(told);
                }
            });
            let lost = Closure::new(move |reason: String, has_been: bool| {
                if let (Some(pool), Some(worker)) = (pool.upgrade(), losing.upgrade()) {
                    pool.is_broken.set(pool.is_broken.get() || !has_been);
                    pool.lose(&worker, &reason);
                }
            });
            let port = start(&tell, &lost, is_here);
            let (boxes, is_taken, is_gone) = Default::default();
            Worker { port, boxes, is_taken, is_gone, _told: [tell.into_js_value(), lost.into_js_value()] }
        })
    }

    /// A worker is gone: whoever waits for it is told so.
    fn lose(&self, lost: &Rc<Worker>, reason: &str) {
        lost.is_gone.set(true);
        self.workers.borrow_mut().retain(|worker| !Rc::ptr_eq(worker, lost));
        self.here.borrow_mut().take_if(|here| Rc::ptr_eq(here, lost));
        let waiting: Vec<u32> = lost.boxes.borrow().keys().copied().collect();
        for id in waiting {
            let error = TransportError::Lost { detail: reason.to_owned() };
            lost.tell(message::failed(&id.into(), &error, &Timings::default()));
        }
    }
}

impl Worker {
    fn tell(&self, told: Array) {
        let Some(id) = told.get(0).as_f64().map(|id| id as u32) else { return };
        let waker = self.boxes.borrow_mut().get_mut(&id).and_then(|inbox| {
            inbox.told.push_back(told);
            inbox.waker.take()
        });
        waker.into_iter().for_each(Waker::wake);
    }

    /// Stops an order, or has what is left of it forgotten. A worker that does not hear it is ended.
    fn stop(&self, id: u32) {
        self.port.order(&Array::of1(&id.into()));
    }
}

/// A worker of one's own: one has such at a time.
struct Alone {
    worker: Rc<Worker>,
    _turn: Turn,
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.worker.is_taken.set(false);
    }
}
