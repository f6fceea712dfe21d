//! One repaint for however many changes: the next animation frame; and for changes that come by themselves, none before the
//! page has rested from the last.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::*;
use web_sys::Window;

use super::clock::now;

/// How long a page in the background waits, in milliseconds: there are no animation frames then.
const UNSEEN: i32 = 100;

/// How long the page rests after it painted by itself, in times of how long that took: what it shows the progress of gets
/// most of the time, however much there is to paint. What the browser does with it then takes about as long again.
const REST: f64 = 16.0;

/// Less than this, in milliseconds, is no rest: the next frame will do.
const NO_REST: f64 = 16.0;

/// Calls one function at the next frame after it was asked to; not at all once it is dropped.
pub(super) struct Frame {
    pending: Rc<Cell<Option<Pending>>>,
    /// When it has rested, on the page's clock.
    rested: Rc<Cell<f64>>,
    callback: Closure<dyn FnMut()>,
}

#[derive(Clone, Copy)]
enum Pending {
    Frame(i32),
    Timer(i32),
    Rest(i32),
}

impl Frame {
    /// Will call `paint`.
    pub(super) fn new(mut paint: impl FnMut() + 'static) -> Frame {
        let (pending, rested) = (Rc::new(Cell::new(None)), Rc::new(Cell::new(0.0)));
        let (asked, ended) = (Rc::clone(&pending), Rc::clone(&rested));
        let callback = Closure::<dyn FnMut()>::new(move || {
            asked.set(None);
            let begun = now();
            paint();
            ended.set(now() + (now() - begun) * REST);
        });
        Frame { pending, rested, callback }
    }

    /// Asks for a frame, unless one is coming.
    pub(super) fn ask(&self) -> Result<(), JsValue> {
        let Some(window) = web_sys::window() else { return Ok(()) };
        match self.pending.get() {
            Some(Pending::Rest(id)) => window.clear_timeout_with_handle(id),
            Some(_) => return Ok(()),
            None => {}
        }
        let pending = if window.document().is_some_and(|document| document.hidden()) {
            Pending::Timer(self.after(&window, UNSEEN)?)
        } else {
            Pending::Frame(window.request_animation_frame(self.callback.as_ref().unchecked_ref())?)
        };
        self.pending.set(Some(pending));
        Ok(())
    }

    /// The same once the page has rested, unless it is asked otherwise meanwhile.
    pub(super) fn ask_rested(&self) -> Result<(), JsValue> {
        // First what costs nothing: a pull of many layers asks a hundred thousand times.
        if self.pending.get().is_some() {
            return Ok(());
        }
        let Some(window) = web_sys::window() else { return Ok(()) };
        let rest = self.rested.get() - now();
        if rest < NO_REST {
            return self.ask();
        }
        self.pending.set(Some(Pending::Rest(self.after(&window, rest as i32)?)));
        Ok(())
    }

    fn after(&self, window: &Window, milliseconds: i32) -> Result<i32, JsValue> {
        let callback = self.callback.as_ref().unchecked_ref();
        window.set_timeout_with_callback_and_timeout_and_arguments_0(callback, milliseconds)
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        let Some(window) = web_sys::window() else { return };
        match self.pending.take() {
            // What cannot be cancelled has been called.
            Some(Pending::Frame(id)) => drop(window.cancel_animation_frame(id)),
            Some(Pending::Timer(id) | Pending::Rest(id)) => window.clear_timeout_with_handle(id),
            None => {}
        }
    }
}
