//! Blobs that are taken in where they arrive: what is kept for a rest that may come, and what is held at a time.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's helper may panic: that fails the test")]

mod support;

use std::cell::RefCell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use registry_inspector::digest::{Algorithm, Digest};
use registry_inspector::http::{Headers, Method, Request, ResponseHead, Timings, Visibility};
use registry_inspector::intake::{Inline, InlineBody, Waiting};
use registry_inspector::layer::{Limits, Unpack};
use registry_inspector::transport::{Blob, Body, Response, Transport, TransportError, Work};
use support::{Fake, Image, Lie, story};

#[test]
fn of_a_blob_that_is_given_up_nothing_stays() {
    let image = Image::new("linux", "amd64", &["first layer", "second layer"]);
    let fake = Fake::with_index(&image).lying(Lie::BreaksOften(Digest::sha256(&image.layers[1]), 9));
    let waiting = Waiting::default();
    let told = story(Inline::among(fake, &waiting));
    assert!(told.contains("truncated"), "{told}");
    assert!(waiting.is_empty());
}

/// Sends one body, chunk by chunk.
struct Chunks(RefCell<Vec<Vec<u8>>>);

impl Transport for Chunks {
    type Body = Rest;

    async fn send(&self, _: &Request) -> Result<Response<Rest>, TransportError> {
        let headers = Headers::new(Vec::new(), Visibility::Complete);
        let head = ResponseHead { status: Some(200), headers, followed_to: None };
        Ok(Response { head, body: Rest(self.0.take()) })
    }
}

struct Rest(Vec<Vec<u8>>);

impl Body for Rest {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        Ok(if self.0.is_empty() { None } else { Some(self.0.remove(0)) })
    }

    fn timings(&self) -> Timings {
        Timings::default()
    }
}

/// A zstd frame of one raw block of one byte, whose window is two to the power of ten and so much more.
fn frame(window: u8) -> Vec<Vec<u8>> {
    vec![vec![0x28, 0xb5, 0x2f, 0xfd, 0, window << 3], vec![0b1001, 0, 0, 0]]
}

/// The body of a blob that comes in these chunks.
fn body(chunks: Vec<Vec<u8>>, job: usize, work: Work, waiting: &Waiting) -> InlineBody<Rest> {
    let inline = Inline::among(Chunks(RefCell::new(chunks)), waiting);
    let url = "https://registry.example/v2/app/blobs/a".parse().unwrap();
    let request = Request { method: Method::Get, url, headers: Vec::new() };
    let blob = Blob { job, algorithm: Algorithm::Sha256, from: 0, keep: 0, work };
    pollster::block_on(inline.send_blob(&request, &blob)).unwrap().body
}

#[test]
fn large_windows_are_held_one_at_a_time() {
    let waiting = Waiting::default();
    let unpack = Unpack { algorithm: Algorithm::Sha256, limits: Limits::default() };
    let body = |window, job| body(frame(window), job, Work::Unpack(unpack.clone()), &waiting);
    let mut context = Context::from_waker(Waker::noop());
    let mut come = |body: &mut InlineBody<Rest>| match pin!(body.chunk()).poll(&mut context) {
        Poll::Ready(come) => Some(come.unwrap().is_some()),
        Poll::Pending => None,
    };
    let (mut first, mut second, mut small) = (body(16, 1), body(13, 2), body(10, 3));
    assert_eq!(come(&mut first), Some(true));
    let mut waits = pin!(second.chunk());
    assert!(waits.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending(), "64 MiB are held");
    assert_eq!(come(&mut small), Some(true), "a small window waits for nobody");
    assert_eq!(come(&mut first), Some(true));
    assert_eq!(come(&mut first), Some(false));
    assert!(first.sum().unwrap().unpacked.is_some());
    assert!(waits.poll(&mut Context::from_waker(Waker::noop())).is_ready(), "now it is its turn");
}

#[test]
fn blobs_that_come_at_the_same_time_are_hashed_side_by_side() {
    let waiting = Waiting::default();
    let blobs: Vec<Vec<u8>> =
        (0..5_u8).map(|seed| (0..700_000_u32).map(|at| (at / 7) as u8 ^ seed).collect()).collect();
    let chunks = |bytes: &[u8]| bytes.chunks(64 << 10).map(<[u8]>::to_vec).collect();
    let begun = blobs.iter().enumerate().map(|(job, bytes)| body(chunks(bytes), job, Work::Hash, &waiting));
    let mut bodies: Vec<_> = begun.collect();
    // One is far ahead of the others: it had better wait for them.
    let read = |body: &mut InlineBody<Rest>| pollster::block_on(body.chunk()).unwrap().is_some();
    let mut ahead = 0;
    while !bodies[0].is_ahead() {
        assert!(read(&mut bodies[0]));
        ahead += 1;
    }
    assert_eq!(ahead, 4);
    assert!(!bodies[1].is_ahead());
    while bodies.iter_mut().fold(false, |more, body| read(body) | more) {}
    for (body, bytes) in bodies.iter_mut().zip(&blobs) {
        assert_eq!(body.sum().unwrap().digest, Some(Digest::sha256(bytes)));
    }
}
