//! The only code that knows of the browser: fetch, the module's exports, and the page; and what the page's workers run,
//! which is compiled to a module of its own.

#![cfg_attr(
    not(all(feature = "page", feature = "worker")),
    allow(dead_code, reason = "each of the two modules needs a part of what they share")
)]

mod clock;
mod failure;
pub mod fetch;
mod message;
mod pace;
mod reader;

#[cfg(feature = "worker")]
pub mod worker;

#[cfg(feature = "page")]
mod details;
#[cfg(feature = "page")]
mod doctor;
#[cfg(feature = "page")]
pub mod dom;
#[cfg(feature = "page")]
mod element;
#[cfg(feature = "page")]
mod explain;
#[cfg(feature = "page")]
pub mod exports;
#[cfg(feature = "page")]
mod files;
#[cfg(feature = "page")]
mod form;
#[cfg(feature = "page")]
mod frame;
#[cfg(feature = "page")]
mod history;
#[cfg(feature = "page")]
mod keyboard;
#[cfg(feature = "page")]
mod list;
#[cfg(feature = "page")]
pub mod listener;
#[cfg(feature = "page")]
mod listing;
#[cfg(feature = "page")]
mod objects;
#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "page")]
mod parts;
#[cfg(feature = "page")]
mod place;
#[cfg(feature = "page")]
mod pool;
#[cfg(feature = "page")]
mod printout;
#[cfg(feature = "page")]
mod probe;
#[cfg(feature = "page")]
mod recordings;
#[cfg(feature = "page")]
mod requests;
#[cfg(feature = "page")]
mod rows;
#[cfg(feature = "page")]
mod run;
#[cfg(feature = "page")]
mod search;
#[cfg(feature = "page")]
mod share;
#[cfg(feature = "page")]
mod sign_in;
#[cfg(feature = "page")]
mod source;
#[cfg(feature = "page")]
mod stop;
#[cfg(feature = "page")]
mod strip;
#[cfg(feature = "page")]
mod timer;
#[cfg(feature = "page")]
mod trap;
#[cfg(feature = "page")]
mod tree;
#[cfg(feature = "page")]
mod trouble;
#[cfg(feature = "page")]
mod trust;
#[cfg(feature = "page")]
mod walk;
#[cfg(feature = "page")]
mod which;
#[cfg(feature = "page")]
mod wiring;
