//! What a pull takes of memory, whatever is served: each of these inputs is small where it comes from, and would take
//! gigabytes. Memory is counted as it is allocated, for each thread alone.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test's helper may panic: that fails the test")]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::fmt::Write as _;

use registry_inspector::digest::Digest;
use registry_inspector::har::{HarError, Recording, Replay};
use registry_inspector::http::{Headers, Request, ResponseHead, Timings, Visibility};
use registry_inspector::listing::Kind;
use registry_inspector::pull::{Options, Pull};
use registry_inspector::report::Report;
use registry_inspector::transport::{Body, Response, Transport, TransportError};
use serde_json::json;
use support::{Fake, OCI_INDEX};

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

fn count(bytes: isize) {
    // A thread that ends frees memory after its counters are gone.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + bytes);
        let _ = MOST.try_with(|most| most.set(most.get().max(held.get())));
    });
}

#[allow(unsafe_code, reason = "an allocator is unsafe by its nature; this one passes all on to the system's")]
// SAFETY: each method passes its arguments on as they are.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `work` comes to, and how many mebibytes it held at most.
fn measured<R>(work: impl FnOnce() -> R) -> (R, isize) {
    let before = HELD.get();
    MOST.set(before);
    let result = work();
    (result, (MOST.get() - before) >> 20)
}

fn pull_of<T: Transport>(transport: T) -> Pull<T> {
    let pull = Pull::new("registry.example/app:1".parse().unwrap(), Options::default(), transport, |_| {});
    pollster::block_on(pull.run()).unwrap();
    pull
}

#[test]
fn what_is_not_known_of_a_recording_takes_no_memory() {
    let entry =
        r#"{"request":{"method":"GET","url":"https://h/"},"response":{"status":200,"content":{"text":"a"}}"#;
    let zeros = "0,".repeat(4 << 20);
    let deep = "[".repeat(4 << 20) + &"]".repeat(4 << 20);
    for unknown in [
        format!(r#""x":[{zeros}0]"#),
        format!(r#""x":{deep}"#),
        format!(r#""time":[{zeros}0]"#),
        format!(r#""timings":{{"wait":[{zeros}0]}}"#),
        format!(r#""timings":[{}{{}}]"#, "{},".repeat(2 << 20)),
        format!(r#""x":{{{}"y":0}}"#, r#""y":{},"#.repeat(1 << 20)),
        format!(r#"{}"time":1"#, r#""time":"aaaaaaaaaaaaaaaa\u0061","#.repeat(1 << 18)),
    ] {
        let file = format!(r#"{{"log":{{"entries":[{entry},{unknown}}}]}}}}"#);
        let (recording, most) = measured(|| Recording::parse(file.as_bytes()).unwrap());
        assert_eq!(recording.urls().count(), 1);
        assert!(most < 16, "{most} MiB for {}…", unknown.get(..40).unwrap());
    }
    let headers = format!(
        r#"{{"log":{{"entries":[{{"request":{{"method":"GET","url":"https://h/","headers":[{}0]}}}}]}}}}"#,
        r#"{"name":"a"},"#.repeat(1 << 20)
    );
    let (recording, most) = measured(|| Recording::parse(headers.as_bytes()).unwrap());
    assert_eq!((recording.urls().count(), most < 2), (1, true), "{most} MiB");
}

#[test]
fn a_recording_of_a_million_requests_is_refused() {
    let entry = r#"{"request":{"method":"GET","url":"https://h/"}}"#;
    let file = format!(r#"{{"log":{{"entries":[{}{entry}]}}}}"#, format!("{entry},").repeat(1 << 20));
    let (refused, most) = measured(|| Recording::parse(file.as_bytes()).unwrap_err());
    assert!(matches!(refused, HarError::TooLarge { .. }) && most < 200, "{refused:?}, {most} MiB");
    assert!(refused.to_string().contains("own limit"), "{refused}");
    let (few, _) = file.split_at(file.len() - (entry.len() + 1) * 1_000_000 - 2);
    let few = format!("{}]}}}}", few.trim_end_matches(','));
    assert_eq!(Recording::parse(few.as_bytes()).unwrap().urls().count(), (1 << 20) + 1 - 1_000_000);
}

/// An index of so many entries that are none, each different from those of other indexes, with the next one first.
fn index(number: usize, next: Option<&[u8]>, entries: usize) -> Vec<u8> {
    let mut text = r#"{"schemaVersion":2,"manifests":["#.to_owned();
    if let Some(next) = next {
        let (digest, size) = (Digest::sha256(next).to_string(), next.len());
        write!(text, "{}", json!({ "mediaType": OCI_INDEX, "digest": digest, "size": size })).unwrap();
        text.push(',');
    }
    for at in 0..entries {
        write!(text, r#"{{"digest":"{number}","size":{at}}},"#).unwrap();
    }
    text.pop();
    text.push_str("]}");
    text.into_bytes()
}

#[test]
fn nested_indexes_of_many_entries_come_to_a_limit() {
    let mut fake = Fake::new();
    let leaves: Vec<Vec<u8>> = (0..31).map(|at| index(at, None, 130_000)).collect();
    for leaf in &leaves {
        fake.add_manifest("leaf", OCI_INDEX, leaf);
    }
    let named = |leaf: &Vec<u8>| json!({ "mediaType": OCI_INDEX, "digest": Digest::sha256(leaf).to_string(), "size": leaf.len() });
    let root = json!({ "schemaVersion": 2, "manifests": leaves.iter().map(named).collect::<Vec<_>>() });
    fake.add_manifest("1", OCI_INDEX, root.to_string().as_bytes());
    drop(leaves);
    let (pull, most) = measured(|| pull_of(fake));
    assert!(most < 1024, "{most} MiB");
    let report = Report::new(&pull);
    let over = report.root.children.iter().flat_map(|node| &node.findings).filter(|f| f.code == "too-large");
    let over: Vec<_> = over.map(|finding| finding.message.as_str()).collect();
    assert!(!over.is_empty() && over.iter().all(|message| message.contains("own limit")), "{over:?}");
    assert_ne!(report.verdict, "verified");
}

#[test]
fn a_config_of_a_million_steps_is_hashed_and_not_read() {
    let config = format!(r#"{{"rootfs":{{"diff_ids":[]}},"history":[{}{{}}]}}"#, "{},".repeat(1 << 20));
    let image = support::Image::new("linux", "amd64", &[]);
    let mut manifest: serde_json::Value = serde_json::from_slice(&image.manifest).unwrap();
    let descriptor = manifest.pointer_mut("/config").unwrap().as_object_mut().unwrap();
    descriptor.insert("digest".into(), Digest::sha256(config.as_bytes()).to_string().into());
    descriptor.insert("size".into(), config.len().into());
    let mut fake = Fake::new();
    fake.add_manifest("1", support::OCI_MANIFEST, manifest.to_string().as_bytes());
    fake.add_blob(config.as_bytes());
    let (pull, most) = measured(|| pull_of(fake));
    let report = Report::new(&pull);
    let config = report.root.children.iter().find(|node| node.kind == "config").unwrap();
    assert_eq!((config.verdict, config.findings.first().unwrap().code), ("unchecked", "too-large"));
    assert!(config.findings.first().unwrap().message.contains("not read"), "{config:?}");
    assert!(most < 64, "{most} MiB");
}

/// A registry whose list never ends: each page has new names, and a link to the next.
struct Endless {
    pages: Cell<usize>,
    name: usize,
    link: usize,
}

impl Transport for Endless {
    type Body = Once;

    async fn send(&self, _: &Request) -> Result<Response<Once>, TransportError> {
        let page = self.pages.replace(self.pages.get() + 1);
        let text = format!(r#"{{"tags":["{}{page}"]}}"#, "x".repeat(self.name));
        let link = format!("</v2/app/tags/list?last={}{page}>; rel=next", "x".repeat(self.link));
        let headers = Headers::new(vec![("Link".to_owned(), link)], Visibility::Complete);
        let head = ResponseHead { status: Some(200), headers, followed_to: None };
        Ok(Response { head, body: Once(RefCell::new(Some(text.into_bytes()))) })
    }
}

struct Once(RefCell<Option<Vec<u8>>>);

impl Body for Once {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        Ok(self.0.take())
    }

    fn timings(&self) -> Timings {
        Timings::default()
    }
}

#[test]
fn tags_without_end_come_to_a_limit() {
    for (name, link) in [(1 << 20, 10), (1, 10), (1, 1 << 20)] {
        let endless = Endless { pages: Cell::new(0), name, link };
        let pull = Pull::new("registry.example/app".parse().unwrap(), Options::default(), endless, |_| {});
        let (listed, most) = measured(|| pollster::block_on(pull.list(Kind::Tags)));
        listed.unwrap();
        let listing = pull.listing().unwrap();
        assert!(!listing.is_whole && listing.names.len() > 50, "{} names", listing.names.len());
        assert!(listing.trouble.as_ref().unwrap().contains("own limit"), "{:?}", listing.trouble);
        assert!(most < 512, "{most} MiB for names of {name} and links of {link}");
    }
}

#[test]
fn a_page_of_many_values_is_not_read() {
    let page = format!(r#"{{"tags":["1"],"x":[{}0]}}"#, "{},".repeat(1 << 20));
    let entry = json!({
        "request": { "method": "GET", "url": "https://registry.example/v2/app/tags/list?n=1000" },
        "response": { "status": 200, "headers": [], "content": { "text": page } },
    });
    let har = json!({ "log": { "entries": [entry] } }).to_string();
    let replay = Replay::new(Recording::parse(har.as_bytes()).unwrap());
    let pull = Pull::new("registry.example/app".parse().unwrap(), Options::default(), replay, |_| {});
    let (listed, most) = measured(|| pollster::block_on(pull.list(Kind::Tags)));
    listed.unwrap();
    assert!(pull.listing().unwrap().trouble.as_ref().unwrap().contains("this inspector"));
    assert!(most < 32, "{most} MiB");
}
