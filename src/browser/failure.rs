//! What JavaScript throws, sorted once; and what goes out to JavaScript, with a stable `code`.

use wasm_bindgen::{JsCast, JsValue};

use crate::transport::SUPPOSED;

/// The text of something thrown.
pub(super) fn text(thrown: &JsValue) -> String {
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => thrown.as_string().unwrap_or_else(|| "an unknown error".to_owned()),
    }
}

/// What a rejected `fetch` may mean. A browser gives one and the same error for all of these, on purpose;
/// so all of them are named, and none is guessed.
pub(super) fn opaque(thrown: &JsValue) -> String {
    format!("the browser says only \u{201c}{}\u{201d} and gives the page no cause{SUPPOSED}", text(thrown))
}

/// An `Error` for the module's callers.
pub(super) fn coded(code: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    if code == "aborted" {
        error.set_name("AbortError");
    }
    // Setting a property of a fresh object cannot fail.
    let _ = js_sys::Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}
