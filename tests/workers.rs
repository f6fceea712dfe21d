//! What a worker of the page gets no answer to, and the page itself does: it is asked for once more, each try is a row of
//! the trace, and a recording of the pull replays.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test's helper may panic: that fails the test")]

mod support;

use std::cell::Cell;

use registry_inspector::har::{Recording, Replay, WriteOptions, write};
use registry_inspector::http::{Request, Timings};
use registry_inspector::pull::{Options, Pull};
use registry_inspector::report::Report;
use registry_inspector::trace::{Keep, Role, State};
use registry_inspector::transport::{Blob, Response, Transport, TransportError};
use support::{Fake, FakeBody, Image};

/// A browser whose workers get no answer the first so many times.
struct Page {
    inside: Fake,
    refusals: Cell<usize>,
}

impl Transport for Page {
    type Body = FakeBody;

    async fn send(&self, request: &Request) -> Result<Response<FakeBody>, TransportError> {
        self.inside.send(request).await
    }

    async fn send_blob(&self, request: &Request, _: &Blob) -> Result<Response<FakeBody>, TransportError> {
        let left = self.refusals.get();
        self.refusals.set(left.saturating_sub(1));
        if left > 0 {
            let detail = "the browser says only “Failed to fetch”".to_owned();
            return Err(TransportError::NotHere { detail, timings: Timings::default() });
        }
        self.inside.send(request).await
    }
}

/// The pull, and how its requests for the layer came out.
fn pulled(refusals: usize) -> (Pull<Page>, Vec<bool>) {
    let inside = Fake::with_index(&Image::new("linux", "amd64", &["a layer"]));
    let options = Options { keep: Keep::FOR_EXPORT, ..Options::default() };
    let page = Page { inside, refusals: Cell::new(refusals) };
    let pull = Pull::new("registry.example/app:1".parse().unwrap(), options, page, |_| {});
    pollster::block_on(pull.run()).unwrap();
    let trace = pull.trace();
    let layers = trace.entries.iter().filter(|entry| entry.purpose.role == Role::Layer);
    let answered = layers.map(|entry| !matches!(entry.state, State::Failed { .. })).collect();
    drop(trace);
    (pull, answered)
}

#[test]
fn what_a_worker_may_not_ask_is_asked_once_more() {
    let (pull, answered) = pulled(1);
    assert_eq!(answered, [false, true], "each try is a row");
    assert_eq!(Report::new(&pull).verdict, "verified");
    assert!(!pull.is_unexplained(), "the second answer explains the first silence");
}

#[test]
fn it_is_asked_once_more_and_no_oftener() {
    let (pull, answered) = pulled(9);
    assert_eq!(answered, [false, false]);
    let report = Report::new(&pull);
    assert_eq!(report.verdict, "unchecked");
    let told = format!("{report:?}");
    assert!(told.contains("to a worker: the browser says only"), "{told}");
}

#[test]
fn a_recording_has_the_second_answer_alone() {
    let (pull, _) = pulled(1);
    let har = write(&pull.trace(), &WriteOptions::default());
    assert!(!har.contains("Failed to fetch"), "{har}");
    let replay = Replay::new(Recording::parse(har.as_bytes()).unwrap());
    let again = Pull::new("registry.example/app:1".parse().unwrap(), Options::default(), replay, |_| {});
    pollster::block_on(again.run()).unwrap();
    assert_eq!(Report::new(&again).verdict, "verified");
}
