//! One call, later: a timer that ends with its value.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

/// Calls once, unless it is dropped before.
pub(super) struct Timer {
    id: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    /// Calls `react` after so many milliseconds.
    pub(super) fn after(milliseconds: i32, react: impl FnOnce() + 'static) -> Result<Timer, JsValue> {
        let window = web_sys::window().ok_or_else(|| js_sys::Error::new("there is no window"))?;
        let callback = Closure::once(react);
        let function = callback.as_ref().unchecked_ref();
        let id = window.set_timeout_with_callback_and_timeout_and_arguments_0(function, milliseconds)?;
        Ok(Timer { id, _callback: callback })
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            window.clear_timeout_with_handle(self.id);
        }
    }
}
