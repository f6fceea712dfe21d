//! Drives the built site in Chromium and Firefox over WebDriver BiDi, which reports every console message, every
//! uncaught exception and every request that a page makes.

mod bidi;
mod cut;
mod hostile;
mod large;
mod native;
mod server;
mod stage;
mod tab;

pub use cut::CutShort;
pub use hostile::hostile_recording;
pub use large::{many_layers, many_platforms};
pub use native::Native;
pub use server::{Server, readable};
pub use stage::{finish, open, pull, registry_with, site, verdicts};
pub use tab::Tab;
pub use xtask::webdriver::Browser;
