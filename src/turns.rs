//! One at a time: whoever has the turn has it until he drops it, and the others wait.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// What one at a time may have. Copies are the same one.
#[derive(Clone, Default)]
pub struct Turns(Rc<State>);

#[derive(Default)]
struct State {
    is_taken: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

/// The turn.
pub struct Turn(Rc<State>);

impl Turns {
    /// Waits for the turn. Of those that wait, anyone may be next.
    pub async fn take(&self) -> Turn {
        poll_fn(|context| {
            if !self.0.is_taken.replace(true) {
                return Poll::Ready(());
            }
            let mut waiting = self.0.waiting.borrow_mut();
            if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                waiting.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await;
        Turn(Rc::clone(&self.0))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.is_taken.set(false);
        // All are woken: the first may be gone by now.
        self.0.waiting.take().into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::Context;

    use super::*;

    #[test]
    fn the_second_waits_for_the_first_also_where_another_gave_up() {
        let turns = Turns::default();
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(first) = pin!(turns.take()).poll(&mut context) else { panic!("it is free") };
        assert!(pin!(turns.take()).poll(&mut context).is_pending(), "and this one gives up");
        let mut second = pin!(turns.take());
        assert!(second.as_mut().poll(&mut context).is_pending());
        drop(first);
        assert!(second.poll(&mut context).is_ready());
    }
}
