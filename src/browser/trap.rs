//! What becomes of the page, and of the module's promises, when the module traps. That is up to a script: nothing of the
//! module may be called any more.

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use web_sys::Element;

#[wasm_bindgen(module = "/src/browser/trap.js")]
extern "C" {
    /// Has a page's main part say then that all has stopped.
    pub(super) fn watch(main: &Element);

    /// The same promise, which rejects then.
    pub(super) fn guarded(promise: &Promise) -> Promise;
}
