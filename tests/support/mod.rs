//! What whole-pull tests share: a fake registry with one switch per lie, and a pull written down as text.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helper may panic: that fails the test"
)]
#![allow(dead_code, unused_imports, reason = "each test uses some of it")]

mod fake;
mod found;
mod image;
mod story;
mod telling;

pub(crate) use fake::{CDN, Fake, FakeBody, HOST, Lie};
pub(crate) use found::{found, found_of, messages};
pub(crate) use image::{Image, OCI_INDEX, OCI_MANIFEST, attestation, config, descriptor, index, manifest};
pub(crate) use story::{story, story_of, written};
pub(crate) use telling::telling;
