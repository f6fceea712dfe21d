//! One at a time: of several requests that are refused at once, one asks for a token, and the others use it.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// Whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Turn {
    is_taken: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

impl Turn {
    /// Waits until nobody has the turn, and takes it.
    pub(super) async fn take(&self) -> Taken<'_> {
        poll_fn(|context| {
            if !self.is_taken.replace(true) {
                return Poll::Ready(());
            }
            self.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
        Taken(self)
    }
}

/// The turn; it ends when this is dropped.
pub(super) struct Taken<'a>(&'a Turn);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.is_taken.set(false);
        self.0.waiting.take().into_iter().for_each(Waker::wake);
    }
}
