//! The only code that knows of the browser: fetch, the module's exports, and the page.

mod clock;
pub mod exports;
mod failure;
pub mod fetch;
