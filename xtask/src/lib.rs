//! What the developer's commands are made of: tools, builds, servers, real registries and real browsers.
//!
//! `cargo xtask` (`main.rs`) dispatches to these modules, and the end-to-end tests use them as a library. Whatever is
//! started here is a value that stops it on drop, by its own handle. Nothing is installed outside the project's cache
//! directory, but for the system packages that [`tools::ensure`] names as it installs them.

/// What `cargo xtask bench` can measure alone.
pub const BENCH_PARTS: &[&str] = &["hash", "pull", "unpack", "growth", "page", "halts"];

pub mod workspace;

pub mod http;
pub mod process;
pub mod scratch;
pub mod step;

pub mod tools;

pub mod build;
pub mod dist;
pub mod site;

pub mod images;
pub mod layout;
pub mod probe;
pub mod registry;
pub mod tar;
pub mod webdriver;

pub mod suite;
