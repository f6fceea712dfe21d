//! Recordings as five tools write them, and files that are none. The five fixtures hold the same pull, each in the
//! manner of its tool: what it leaves out, how it names headers, how it writes binary bodies and times.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test's helper may panic: that fails the test")]

mod support;

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use registry_inspector::digest::Digest;
use registry_inspector::har::{HarError, Recording, Replay, WriteOptions, write};
use registry_inspector::pull::{Options, Pull, recorded_reference};
use registry_inspector::redact::REDACTED;
use registry_inspector::report::Report;
use registry_inspector::trace::Keep;
use serde_json::json;
use support::{Fake, Image, Lie, story_of};

const TOOLS: [&str; 5] = ["chromium", "firefox", "safari", "mitmproxy", "charles"];

fn fixture(tool: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/har").join(format!("{tool}.har"));
    fs::read(path).unwrap()
}

/// The pull of `app:1` from a recording, with every body kept.
fn replayed(bytes: &[u8]) -> Pull<Replay> {
    let options = Options { keep: Keep::FOR_EXPORT, ..Options::default() };
    let replay = Replay::new(Recording::parse(bytes).unwrap());
    let pull = Pull::new("registry.example/app:1".parse().unwrap(), options, replay, |_| {});
    pollster::block_on(pull.run()).unwrap();
    pull
}

#[test]
fn every_tools_file_is_the_same_pull() {
    let stories: Vec<String> = TOOLS
        .iter()
        .map(|tool| {
            let recording = Recording::parse(&fixture(tool)).unwrap();
            let reference = recorded_reference(recording.urls()).unwrap();
            assert_eq!(reference.tag(), Some("1"), "{tool}");
            story_of("registry.example/app:1", Options::default(), Replay::new(recording))
        })
        .collect();
    assert_snapshot!(stories.first().unwrap());
    for (tool, story) in TOOLS.iter().zip(&stories) {
        assert_eq!(Some(story), stories.first(), "{tool}");
    }
}

#[test]
fn every_tools_times_are_read() {
    for tool in TOOLS {
        let requests = Report::new(&replayed(&fixture(tool))).requests;
        let started: Vec<_> = requests.iter().map(|request| request.started_ms).collect();
        assert_eq!(started, [0.0, 1000.0, 2000.0, 3000.0].map(Some), "{tool}");
        for request in &requests {
            assert_eq!(request.wait_ms, Some(11.0), "{tool}: all phases before the answer");
            assert!(request.receive_ms.is_some_and(|ms| (1.0..2.0).contains(&ms)), "{tool}");
        }
    }
}

#[test]
fn what_is_no_recording_is_told_where_and_why() {
    let whole = fixture("safari");
    let truncated = whole.get(..whole.len() / 2).unwrap().to_vec();
    let bomb = [b"{\"log\":{\"entries\":[".as_slice(), &[b'['; 100_000]].concat();
    for (bytes, part, why) in [
        (b"".to_vec(), "line 1, column 0: EOF", "empty"),
        (b" <html></html>".to_vec(), "HTML or XML", "a page"),
        (b"\xef\xbb\xbf<html></html>".to_vec(), "HTML or XML", "a page with a byte-order mark"),
        (b"\xef\xbb\xbf{\"log\":\"\xff\"}".to_vec(), "byte 11 is not UTF-8", "Latin-1 behind a mark"),
        (b"har".to_vec(), "line 1, column 1: expected value", "a word"),
        (truncated, "EOF while parsing", "cut off"),
        (b"[]".to_vec(), "it has no log", "JSON of another kind"),
        (b"{\"log\":[]}".to_vec(), "it has no log", "a log that is no object"),
        (b"1.5".to_vec(), "it has no log", "a number"),
        (b"{\"log\":true}".to_vec(), "it has no log", "a log that is a word"),
        (b"{\"log\":{\"entries\":\"\"}}".to_vec(), "it has no log.entries", "entries that are a text"),
        (b"{\"log\":{\"entries\":{}}}".to_vec(), "it has no log.entries", "entries that are no list"),
        (b"\xff\xfe{\x00}\x00".to_vec(), "UTF-16", "UTF-16 with a mark"),
        (b"{\x00}\x00".to_vec(), "UTF-16", "UTF-16 without one"),
        (b"{\"log\":\"\xff\"}".to_vec(), "byte 8 is not UTF-8", "Latin-1"),
        (vec![b'['; 100_000], "line 1, column 100000: EOF", "a bomb of brackets"),
        (bomb, "line 1, column 100019: EOF", "a bomb in the place of an entry"),
        (b"[1,\n oops]".to_vec(), "line 2, column 2: expected value", "broken, and of another shape first"),
        (b"{\"log\":7,\n\"x\":}".to_vec(), "line 2, column 5: expected value", "broken behind a wrong log"),
        (
            b"{\"log\":{\"entries\":7},\"x\":[1,]}".to_vec(),
            "line 1, column 29: ",
            "broken behind wrong entries",
        ),
        (b"{\"log\":{}} x".to_vec(), "line 1, column 12: trailing characters", "more behind an empty log"),
        (b"{\"log\":{\"entries\":[]}} x".to_vec(), "trailing characters", "more behind it"),
        (b"{\"log\":{\"entries\":[1],\"a\":\"\\x\"}}".to_vec(), "invalid escape", "what is not read"),
    ] {
        let error = Recording::parse(&bytes).unwrap_err();
        assert!(error.to_string().contains(part), "{why}: {error}");
    }
    let error = Recording::parse(b"{\n x}").unwrap_err();
    assert!(matches!(error, HarError::NotJson { line: 2, column: 2, .. }), "{error:?}");
}

#[test]
fn a_body_that_is_no_base64_costs_its_entry_alone() {
    let mut har: serde_json::Value = serde_json::from_slice(&fixture("firefox")).unwrap();
    let config = har.pointer_mut("/log/entries/2/response/content").unwrap().as_object_mut().unwrap();
    config.insert("text".into(), "e30@@".into());
    config.insert("encoding".into(), "base64".into());
    let report = Report::new(&replayed(har.to_string().as_bytes()));
    let found = |node: &registry_inspector::report::ReportNode| {
        let finding = node.findings.first();
        (node.kind, node.verdict, finding.map(|finding| (finding.code, finding.message.clone())))
    };
    let manifest = report.root.children.first().unwrap_or(&report.root);
    let told: Vec<_> = std::iter::once(&report.root)
        .chain(&report.root.children)
        .chain(&manifest.children)
        .map(found)
        .collect();
    let lacking: Vec<_> = told.iter().filter(|(_, verdict, _)| *verdict != "verified").collect();
    let [(_, "unchecked", Some(("not-recorded", message)))] = lacking.as_slice() else { panic!("{told:?}") };
    assert!(message.contains("said to be base64 and is not: "), "{message}");
    assert_eq!(report.requests.len(), replayed(&fixture("firefox")).trace().entries.len());
}

#[test]
fn secrets_in_headers_messages_and_refusals_are_in_no_export() {
    let entry = |url: &str, status: u16, headers: serde_json::Value, text: &str, more: serde_json::Value| {
        let response = json!({ "status": status, "headers": headers, "content": { "text": text } });
        let mut entry = json!({ "request": { "method": "GET", "url": url }, "response": response });
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    };
    let header = |name: &str, value: &str| json!({ "name": name, "value": value });
    let tag = "https://registry.example/v2/app/manifests/1";
    for (status, headers, text, more) in [
        (307, vec![header("Location", "https://user:secret@cdn.example/x?sig=secret#secret")], "", json!({})),
        (307, vec![header("Location", "ftp://cdn.example/x?sig=secret")], "", json!({})),
        (
            401,
            vec![header(
                "WWW-Authenticate",
                "Bearer realm=\"https://u:secret@a.example/t?key=secret#secret\",nonce=\"secret\"",
            )],
            "",
            json!({}),
        ),
        (
            200,
            vec![header("Link", "</a?n=1>; rel=prev, <https://u:secret@h/b?sig=secret>; rel=next")],
            "{}",
            json!({}),
        ),
        (200, vec![header("Docker-Content-Digest", "https://h/?sig=secret")], "{}", json!({})),
        (
            200,
            vec![header("X-Secret", "secret"), header("Content-Type", "a/b; at=https://h/?sig=secret")],
            "{}",
            json!({}),
        ),
        (403, vec![], "<a href=\"https://h/x?sig=secret\">", json!({})),
        (
            403,
            vec![],
            "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"see https://u:secret@h/\"}]}",
            json!({}),
        ),
        (200, vec![], "{}", json!({ "_error": "cannot reach https://h/?sig=secret" })),
    ] {
        let har = json!({ "log": { "entries": [entry(tag, status, json!(headers), text, more)] } });
        let pull = replayed(har.to_string().as_bytes());
        let exported = write(&pull.trace(), &WriteOptions::default());
        assert!(!exported.contains("secret"), "{exported}");
        assert!(
            write(&pull.trace(), &WriteOptions { secrets: true, ..WriteOptions::default() })
                .contains("secret")
        );
        let report = serde_json::to_string(&Report::new(&pull)).unwrap();
        assert!(!report.contains("secret"), "{report}");
    }
}

#[test]
fn strange_entries_are_passed_over_and_the_rest_is_kept() {
    let entries = r#"[null, 7, {}, {"request":null}, {"request":{"method":"GET"}}, {"request":{"method":"POST","url":"https://h/"}},
        {"request":{"method":"get","url":"https://h/"},"response":null},
        {"request":{"method":"GET","url":"https://h/"},"response":{"status":"200","headers":[null,{"name":1}],"content":null},"timings":[]}]"#;
    let recording = Recording::parse(format!(r#"{{"log":{{"entries":{entries}}}}}"#).as_bytes()).unwrap();
    assert_eq!(recording.urls().count(), 2);
}

#[test]
fn a_body_that_was_not_saved_is_not_recorded_and_not_empty() {
    let text = String::from_utf8(fixture("firefox")).unwrap();
    let mut har: serde_json::Value = serde_json::from_str(&text).unwrap();
    let content = har.pointer_mut("/log/entries/3/response/content").unwrap().as_object_mut().unwrap();
    content.remove("text");
    let recording = Recording::parse(har.to_string().as_bytes()).unwrap();
    let story = story_of("registry.example/app:1", Options::default(), Replay::new(recording));
    assert!(story.contains("layer sha256:") && story.contains("! not-recorded"), "{story}");
    assert!(!story.contains("size-mismatch"), "{story}");
}

#[test]
fn bodies_are_kept_up_to_a_limit_in_all() {
    let image = Image::new("linux", "amd64", &["one", "two"]);
    let kept = |keep| {
        let options = Options { keep, ..Options::default() };
        let pull =
            Pull::new("registry.example/app:1".parse().unwrap(), options, Fake::with_index(&image), |_| {});
        pollster::block_on(pull.run()).unwrap();
        let trace = pull.trace();
        let read: u64 = trace.entries.iter().map(|entry| entry.read).sum();
        let kept: usize =
            trace.entries.iter().filter_map(|entry| entry.body.as_ref()?.bytes()).map(<[u8]>::len).sum();
        (read as usize, kept)
    };
    let (read, all) = kept(Keep::FOR_EXPORT);
    assert_eq!(read, all);
    assert_eq!(kept(Keep::NOTHING), (read, 0));
    let (_, some) = kept(Keep { each: read, total: read - 1 });
    assert!(some > 0 && some < read, "{some} of {read}");
}

#[test]
fn no_damage_to_a_file_panics() {
    let bytes = fixture("charles");
    for at in 0..bytes.len() {
        for new in [None, Some(b'0'), Some(b'"')] {
            let mut damaged = bytes.clone();
            match new {
                Some(byte) => damaged.splice(at..=at, [byte]).for_each(drop),
                None => drop(damaged.remove(at)),
            }
            if let Ok(recording) = Recording::parse(&damaged) {
                story_of("registry.example/app:1", Options::default(), Replay::new(recording));
            }
        }
    }
}

#[test]
fn an_export_replays_and_keeps_no_secret() {
    let image = Image::new("linux", "amd64", &["one", "two"]);
    for fake in [
        Fake::with_index(&image).redirecting(),
        Fake::with_index(&image).hiding_headers(),
        Fake::with_index(&image).lying(Lie::RedirectToRefusal),
        Fake::with_index(&image).lying(Lie::BreaksOften(Digest::sha256(&image.layers[1]), 2)),
        Fake::with_index(&image).lying(Lie::BreaksAndStartsOver(Digest::sha256(&image.layers[1]))),
    ] {
        let options = Options { keep: Keep::FOR_EXPORT, ..Options::default() };
        let pull = Pull::new("registry.example/app:1".parse().unwrap(), options, fake, |_| {});
        pollster::block_on(pull.run()).unwrap();
        let open = write(&pull.trace(), &WriteOptions { secrets: true, ..WriteOptions::default() });
        let redacted = write(&pull.trace(), &WriteOptions::default());
        assert!(!redacted.contains("secret"), "{redacted}");
        assert_eq!(open.contains("secret"), redacted.contains(REDACTED));
        let replay = |text: &str| {
            let replay = Replay::new(Recording::parse(text.as_bytes()).unwrap());
            story_of("registry.example/app:1", Options::default(), replay)
        };
        assert_eq!(replay(&open), replay(&redacted));
        let objects = |story: &str| story.split_once("\n\n").unwrap().1.to_owned();
        let verdicts = Report::new(&pull);
        assert!(objects(&replay(&open)).contains(verdicts.verdict));
    }
}

#[test]
fn a_client_that_asks_for_the_tag_alone_is_replayed_too() {
    let mut har: serde_json::Value = serde_json::from_slice(&fixture("mitmproxy")).unwrap();
    let entries = har.pointer_mut("/log/entries").unwrap().as_array_mut().unwrap();
    let head = entries.remove(0);
    let of_tag = head.pointer("/request/url").unwrap().clone();
    *entries.first_mut().unwrap().pointer_mut("/request/url").unwrap() = of_tag;
    let replay = |har: &serde_json::Value| {
        let recording = Recording::parse(har.to_string().as_bytes()).unwrap();
        story_of("registry.example/app:1", Options::default(), Replay::new(recording))
    };
    let story = replay(&har);
    assert!(story.ends_with("verified") && !story.contains("unchecked"), "{story}");

    let body = har.pointer_mut("/log/entries/0/response/content/text").unwrap();
    *body = format!("{} ", body.as_str().unwrap()).into();
    let story = replay(&har);
    assert!(story.contains("! header-digest-mismatch") && story.ends_with("failed"), "{story}");

    let headers = har.pointer_mut("/log/entries/0/response/headers").unwrap().as_array_mut().unwrap();
    headers.retain(|header| !header.to_string().contains("ocker-"));
    let story = replay(&har);
    assert!(
        story.contains("! not-recorded") && story.ends_with("unchecked"),
        "nobody claimed a digest: {story}"
    );
}

#[test]
fn a_part_of_a_blob_is_not_taken_for_all_of_it() {
    let whole =
        write(&replayed(&fixture("firefox")).trace(), &WriteOptions { secrets: false, comment: None });
    let mut har: serde_json::Value = serde_json::from_str(&whole).unwrap();
    let entries = har["log"]["entries"].as_array_mut().unwrap();
    let at = entries.iter().position(|entry| entry["request"]["url"].as_str().unwrap().contains("/blobs/"));
    let mut part = entries[at.unwrap()].clone();
    part["request"]["headers"] = serde_json::json!([{ "name": "range", "value": "bytes=1-" }]);
    part["response"]["status"] = 206.into();
    part["response"]["content"] = serde_json::json!({ "size": 1, "text": "x" });
    entries.insert(at.unwrap(), part);
    let story = |har: &str| {
        let replay = Replay::new(Recording::parse(har.as_bytes()).unwrap());
        story_of("registry.example/app:1", Options::default(), replay)
    };
    assert_eq!(story(&har.to_string()), story(&whole));
}

#[test]
fn a_duration_without_a_start_stays_without_one() {
    let mut har: serde_json::Value = serde_json::from_slice(&fixture("safari")).unwrap();
    for entry in har.pointer_mut("/log/entries").unwrap().as_array_mut().unwrap() {
        entry.as_object_mut().unwrap().remove("startedDateTime");
    }
    let first = replayed(har.to_string().as_bytes());
    let second = replayed(write(&first.trace(), &WriteOptions::default()).as_bytes());
    for pull in [first, second] {
        let requests = Report::new(&pull).requests;
        assert!(requests.iter().all(|r| r.started_ms.is_none() && r.wait_ms == Some(11.0)), "{requests:#?}");
    }
}
