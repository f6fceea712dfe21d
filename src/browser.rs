//! The only code that knows of the browser: fetch, the module's exports, and the page.

mod clock;
pub mod exports;
mod failure;
pub mod fetch;

mod details;
pub mod dom;
mod element;
mod explain;
mod form;
mod frame;
mod history;
mod keyboard;
mod list;
pub mod listener;
mod objects;
pub mod page;
mod place;
mod printout;
mod recordings;
mod requests;
mod rows;
mod run;
mod search;
mod share;
mod source;
mod stop;
mod strip;
mod timer;
mod tree;
mod trouble;
mod trust;
mod walk;
mod wiring;
