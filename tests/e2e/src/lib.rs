//! Drives the built site in Chromium and Firefox over WebDriver BiDi, which reports every console message, every
//! uncaught exception and every request that a page makes.

mod bidi;
mod native;
mod tab;

pub use native::Native;
pub use tab::Tab;
pub use xtask::webdriver::Browser;
