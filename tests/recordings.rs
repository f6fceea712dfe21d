//! The bundled recordings: what each holds, and that all of them replay.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test's helper may panic: that fails the test")]

use std::fs;
use std::path::Path;

use registry_inspector::har::{Recording, Replay, WriteOptions, write};
use registry_inspector::pull::{Options, Pull, recorded_reference};
use registry_inspector::report::{Report, ReportNode};
use registry_inspector::trace::Keep;

fn recording(name: &str) -> Recording {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/recordings").join(format!("{name}.har"));
    Recording::parse(&fs::read(path).unwrap()).unwrap()
}

/// Pulls the image that the recording is of.
fn pull(recording: Recording, platform: &str) -> Pull<Replay> {
    let reference = recorded_reference(recording.urls()).unwrap();
    let options =
        Options { platform: platform.parse().unwrap(), keep: Keep::FOR_EXPORT, ..Options::default() };
    let pull = Pull::new(reference, options, Replay::new(recording), |_| {});
    pollster::block_on(pull.run()).unwrap();
    pull
}

/// The wanted objects as `kind digest… verdict codes`.
fn objects(node: &ReportNode) -> Vec<String> {
    let codes: Vec<&str> = node.findings.iter().map(|finding| finding.code).collect();
    let digest: String = node.digest.chars().skip("sha256:".len()).take(8).collect();
    let own = format!("{} {digest} {} {}", node.kind, node.verdict, codes.join(" "));
    let below = node.children.iter().filter(|child| child.wanted).flat_map(objects);
    std::iter::once(own.trim().to_owned()).chain(below).collect()
}

#[test]
fn the_seeds_record() {
    let pull = pull(recording("hello-world"), "linux/amd64");
    assert_eq!(pull.reference().canonical(), "docker.io/library/hello-world:latest");
    let report = Report::new(&pull);
    assert_eq!(
        objects(&report.root),
        [
            "index 975f4b14 verified",
            "manifest f54a58bc verified",
            "config feb5d9fe verified",
            "layer 2db29710 unchecked not-recorded",
        ]
    );
    assert_eq!((report.verdict, report.root.children.len()), ("unchecked", 11));
    let steps: Vec<String> = report
        .requests
        .iter()
        .map(|request| {
            let status = request.status.map_or("-".into(), |status| status.to_string());
            format!("{} {} {status} {}", request.method, request.role, request.bytes)
        })
        .collect();
    assert_eq!(
        steps,
        [
            "HEAD tag 200 0",
            "GET index 200 2562",
            "GET manifest 200 525",
            "GET config 307 0",
            "GET redirect - 1469",
            "GET layer 307 0",
            "GET redirect - 0",
        ]
    );
    let known = report.requests.iter().find(|request| {
        request.started_ms.is_some() || request.wait_ms.is_some() || request.receive_ms.is_some()
    });
    assert_eq!(known, None, "the record has no times");
}

#[test]
fn two_platforms() {
    for platform in ["linux/amd64", "linux/arm64"] {
        let report = Report::new(&pull(recording("two-platforms"), platform));
        assert_eq!((report.verdict, objects(&report.root).len()), ("verified", 6), "{platform}: {report:#?}");
    }
}

#[test]
fn flipped_byte() {
    let report = Report::new(&pull(recording("flipped-byte"), "linux/amd64"));
    let objects = objects(&report.root);
    let failed: Vec<&String> = objects.iter().filter(|object| object.contains(" failed")).collect();
    assert_eq!(failed.len(), 1, "{objects:#?}");
    assert!(
        failed.iter().all(|o| o.starts_with("layer ") && o.ends_with(" digest-mismatch")),
        "{objects:#?}"
    );
    assert_eq!(objects.iter().filter(|object| object.ends_with(" verified")).count(), 5, "{objects:#?}");
}

#[test]
fn single_manifest() {
    let report = Report::new(&pull(recording("single-manifest"), "linux/amd64"));
    assert_eq!((report.verdict, report.root.kind), ("verified", "manifest"));
}

#[test]
fn what_is_written_replays_to_the_same_report() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/recordings");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(bytes.len() < 200_000, "a bundled recording is small");
        let first = pull(Recording::parse(&bytes).unwrap(), "linux/amd64");
        let written = write(&first.trace(), &WriteOptions::default());
        let second = pull(Recording::parse(written.as_bytes()).unwrap(), "linux/amd64");
        let (first, second) = (Report::new(&first), Report::new(&second));
        assert_eq!(objects(&first.root), objects(&second.root));
        assert_eq!(first.root.children.len(), second.root.children.len());
        let shape = |report: &Report| -> Vec<_> {
            report.requests.iter().map(|r| (r.method, r.role, r.status, r.bytes, r.wait_ms)).collect()
        };
        assert_eq!(shape(&first), shape(&second));
        seen += 1;
    }
    assert_eq!(seen, 4);
}
