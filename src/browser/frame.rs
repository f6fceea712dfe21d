//! One repaint for however many changes: the next animation frame.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::*;

/// How long a page in the background waits, in milliseconds: there are no animation frames then.
const UNSEEN: i32 = 100;

/// Calls one function at the next frame after it was asked to; not at all once it is dropped.
pub(super) struct Frame {
    pending: Rc<Cell<Option<Pending>>>,
    callback: Closure<dyn FnMut()>,
}

#[derive(Clone, Copy)]
enum Pending {
    Frame(i32),
    Timer(i32),
}

impl Frame {
    /// Will call `paint`.
    pub(super) fn new(mut paint: impl FnMut() + 'static) -> Frame {
        let pending = Rc::new(Cell::new(None));
        let asked = Rc::clone(&pending);
        let callback = Closure::<dyn FnMut()>::new(move || {
            asked.set(None);
            paint();
        });
        Frame { pending, callback }
    }

    /// Asks for a frame, unless one is coming.
    pub(super) fn ask(&self) -> Result<(), JsValue> {
        let (None, Some(window)) = (self.pending.get(), web_sys::window()) else { return Ok(()) };
        let callback = self.callback.as_ref().unchecked_ref();
        let pending = if window.document().is_some_and(|document| document.hidden()) {
            Pending::Timer(window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, UNSEEN)?)
        } else {
            Pending::Frame(window.request_animation_frame(callback)?)
        };
        self.pending.set(Some(pending));
        Ok(())
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        let Some(window) = web_sys::window() else { return };
        match self.pending.take() {
            // What cannot be cancelled has been called.
            Some(Pending::Frame(id)) => drop(window.cancel_animation_frame(id)),
            Some(Pending::Timer(id)) => window.clear_timeout_with_handle(id),
            None => {}
        }
    }
}
