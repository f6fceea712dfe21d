//! Tests that need a real browser; `cargo xtask test` runs them in headless Chromium and Firefox.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helper may panic: that fails the test")]

mod fetch;
mod module;
mod painting;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);
