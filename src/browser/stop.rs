//! The switch that stops what runs. It is renewed for each thing that is asked for after a pull.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::{AbortController, AbortSignal};

use super::dom::Painted;

/// The switch; its copies are the same switch.
#[derive(Clone)]
pub(super) struct Stop(Rc<RefCell<AbortController>>);

impl Stop {
    /// A switch that nobody has turned.
    pub(super) fn new() -> Result<Stop, JsValue> {
        Ok(Stop(Rc::new(RefCell::new(AbortController::new()?))))
    }

    /// Fires when what runs now is to stop.
    pub(super) fn signal(&self) -> AbortSignal {
        self.0.borrow().signal()
    }

    /// Stops what runs now.
    pub(super) fn turn(&self) {
        self.0.borrow().abort();
    }

    /// Lets something else run.
    pub(super) fn renew(&self) -> Painted {
        self.0.replace(AbortController::new()?);
        Ok(())
    }
}
