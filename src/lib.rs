//! Runs a container image pull in a browser tab, and checks every byte of it against its digest.
//!
//! The modules are listed in reading order: plain values first, then the seam to the network, then the
//! checks, then the pull that drives them. Nothing outside `browser` knows that there is a browser.

pub mod digest;
pub mod http;
pub mod json;
pub mod media_type;
pub mod reference;

pub mod image;
pub mod redact;
pub mod registry_error;
pub mod transport;

pub mod endpoint;
pub mod verify;

pub mod graph;
pub mod trace;

pub mod har;

pub mod pull;
pub mod report;

pub mod view;

#[cfg(target_arch = "wasm32")]
pub mod browser;
