//! Drives the built site in Chromium and Firefox over WebDriver BiDi, which reports every console message, every
//! uncaught exception and every request that a page makes.

mod bidi;
mod blobs;
mod hosted;
mod hostile;
mod issuer;
mod large;
mod lent;
mod native;
mod nginx;
mod server;
mod smooth;
mod stage;
mod streamed;
mod tab;
mod tasks;

pub use bidi::Launch;
pub use blobs::{Layer, gzip, image_of, noise};
pub use hosted::Hosted;
pub use hostile::hostile_recording;
pub use issuer::{Issuer, certificate};
pub use large::{long_layer, many_layers, many_platforms};
pub use lent::with_browsers_kept;
pub use native::Native;
pub use nginx::Nginx;
pub use server::{Server, readable};
pub use smooth::{
    NO_WORKERS, hand_over_long_recording, pull_by_module, registry_of_long_layers, registry_of_many_tags,
    with_module,
};
pub use stage::{
    Story, finish, finish_with, locked, open, prepared, pull, registry_with, site, tell, verdicts,
};
pub use streamed::{Sends, Streamed};
pub use tab::Tab;
pub use xtask::webdriver::Browser;
