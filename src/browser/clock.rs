//! The one place that reads a clock.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(thread_local_v2, js_namespace = performance, js_name = timeOrigin)]
    static TIME_ORIGIN: f64;
}

/// Milliseconds since the Unix epoch, on a clock that never runs backwards.
pub(super) fn now() -> f64 {
    TIME_ORIGIN.with(|origin| *origin) + performance_now()
}
