//! Tests that need a real browser; `cargo xtask test` runs them in headless Chromium and Firefox.
#![cfg(target_arch = "wasm32")]

use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn there_is_a_document() {
    let document = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("document"));
    assert!(document.is_ok_and(|document| document.is_object()), "these tests must run in a page");
}
