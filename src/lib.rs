//! Runs a container image pull in a browser tab, and checks every byte of it against its digest.
//!
//! The modules are listed in reading order: plain values first, then the seam to the network, then the
//! checks, then the pull that drives them. Nothing outside `browser` knows that there is a browser.

pub mod calendar;
pub mod digest;
pub mod http;
pub mod json;
pub mod listing;
pub mod media_type;
pub mod reference;
pub mod turns;

pub mod auth;
pub mod image;
pub mod layer;
pub mod redact;
pub mod registry_error;
pub mod transport;

pub mod endpoint;
#[cfg(any(feature = "worker", not(target_arch = "wasm32")))]
pub mod intake;
pub mod verify;

pub mod graph;
pub mod trace;

pub mod har;

pub mod doctor;
pub mod session;

pub mod pull;
pub mod report;

pub mod view;

#[cfg(target_arch = "wasm32")]
pub mod browser;
