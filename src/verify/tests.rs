use super::*;
use crate::digest::Digest;
use crate::image::{Config, Document, parse_config};
use crate::media_type::MediaType;

fn expect(bytes: &[u8]) -> Expectation {
    Expectation { digest: Some(Digest::sha256(bytes)), size: Some(bytes.len() as u64), limit: None }
}

fn run(expectation: Expectation, chunks: &[&[u8]], end: End) -> Checked {
    let mut check = Check::new(expectation);
    for chunk in chunks {
        if !check.update(chunk) {
            break;
        }
    }
    check.finish(end)
}

fn codes(checked: &Checked) -> Vec<&'static str> {
    checked.findings.iter().map(|f| f.code.as_str()).collect()
}

const ALL: End = End::Complete { announced: None };

#[test]
fn the_right_bytes_are_proven_however_they_are_cut() {
    for chunks in [&[b"hello".as_slice()][..], &[b"he", b"", b"llo"], &[b"h", b"e", b"l", b"l", b"o"]] {
        let checked = run(expect(b"hello"), chunks, ALL);
        assert!(checked.proven && checked.findings.is_empty(), "{chunks:?}");
        assert_eq!((checked.read, checked.computed), (5, Some(Digest::sha256(b"hello"))));
    }
}

#[test]
fn each_lie_has_its_code() {
    let blake3 = Expectation { digest: "blake3:af1349b9".parse().ok(), size: Some(5), limit: None };
    let limited = Expectation { size: None, limit: Some(4), ..expect(b"hello") };
    let interrupted = || End::Interrupted("reset".into());
    for (expectation, bytes, end, code, why) in [
        (expect(b"hello"), b"hellO".as_slice(), ALL, "digest-mismatch", "one wrong byte"),
        (expect(b"hello"), b"hell", ALL, "size-mismatch", "short, and nothing says that more was to come"),
        (expect(b"hello"), b"hello!", ALL, "too-large", "long"),
        (expect(b"hello"), b"hell", interrupted(), "truncated", "the connection broke"),
        (expect(b"hello"), b"hello", interrupted(), "truncated", "it broke after the last byte: not proven"),
        (
            expect(b"hello"),
            b"hell",
            End::Complete { announced: Some(5) },
            "truncated",
            "Content-Length unmet",
        ),
        (limited, b"hello", ALL, "too-large", "over the limit for manifests, though no size was stated"),
        (blake3, b"hello", ALL, "unsupported-algorithm", "unknown algorithm"),
    ] {
        let checked = run(expectation, &[bytes], end);
        assert_eq!(codes(&checked), [code], "{why}");
        assert!(!checked.proven, "{why}");
    }
}

#[test]
fn a_mismatch_names_both_sides() {
    let checked = run(expect(b"a"), &[b"b"], ALL);
    assert_eq!(checked.findings[0].expected, Some(Digest::sha256(b"a").to_string()));
    assert_eq!(checked.findings[0].actual, Some(Digest::sha256(b"b").to_string()));
}

#[test]
fn nothing_is_verified_without_a_proof() {
    let note = Finding::new(Code::HeaderNotExposed, "");
    let open = Finding::new(Code::NotRecorded, "");
    let bad = Finding::new(Code::Malformed, "");
    for (proven, findings, verdict) in [
        (false, vec![], Verdict::Unchecked),
        (true, vec![], Verdict::Verified),
        (true, vec![note.clone()], Verdict::Verified),
        (false, vec![note.clone()], Verdict::Unchecked),
        (true, vec![open.clone()], Verdict::Unchecked),
        (true, vec![note, bad.clone()], Verdict::Failed),
        (false, vec![bad, open], Verdict::Failed),
    ] {
        assert_eq!(Verdict::from_findings(proven, &findings), verdict, "{proven} {findings:?}");
    }
}

#[test]
fn media_types() {
    let [index, list] = [MediaType::OciIndex, MediaType::DockerManifestList];
    let with = |media_type: &MediaType| {
        let json = format!(r#"{{"schemaVersion":2,"mediaType":"{media_type}","manifests":[]}}"#);
        Document::parse(json.as_bytes(), None).unwrap().value
    };
    let (an_index, a_list) = (with(&index), with(&list));
    for (descriptor, response, document, count, why) in [
        (Some(&index), Some(&index), Some(&an_index), 0, "all agree"),
        (Some(&index), None, None, 0, "nobody else says anything"),
        (Some(&index), Some(&list), Some(&an_index), 1, "the response differs"),
        (Some(&index), Some(&index), Some(&a_list), 1, "the document differs"),
        (Some(&index), Some(&list), Some(&a_list), 2, "both differ from the descriptor"),
        (None, Some(&list), Some(&an_index), 1, "without a descriptor the other two are compared"),
    ] {
        let findings = check_media_types(MediaTypes { descriptor, response, document, head: None });
        assert_eq!(findings.len(), count, "{why}");
        let speaks = findings.iter().any(|finding| finding.message.contains("descriptor"));
        assert_eq!(speaks, descriptor.is_some() && count > 0, "{why}: {findings:?}");
    }
}

#[test]
fn a_document_of_another_kind_than_was_said() {
    let index = Document::parse(br#"{"schemaVersion":2,"manifests":[]}"#, None).unwrap().value;
    let said = MediaType::OciManifest;
    for (words, message) in [
        (
            MediaTypes { response: Some(&said), ..MediaTypes::default() },
            "the document is of another kind than the response's Content-Type says",
        ),
        (
            MediaTypes { descriptor: Some(&said), ..MediaTypes::default() },
            "the document is of another kind than the descriptor's media type says",
        ),
    ] {
        let findings = check_media_types(MediaTypes { document: Some(&index), ..words });
        let [finding] = findings.as_slice() else { panic!("{findings:?}") };
        assert_eq!((finding.code, finding.message.as_str()), (Code::MediaTypeMismatch, message));
        assert_eq!(finding.expected.as_deref(), Some(said.as_str()));
        assert_eq!(finding.actual.as_deref(), Some("an index, by its members"));
    }
}

#[test]
fn what_head_says_alone_is_a_notice() {
    let [head, response] = [MediaType::OciIndex, MediaType::OciManifest];
    let words = MediaTypes { head: Some(&head), response: Some(&response), ..MediaTypes::default() };
    let findings = check_media_types(words);
    assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::HeadDiffers]);
}

#[test]
fn descriptors() {
    let digest = Digest::sha256(b"abc");
    let of = |more: &str| {
        let json = format!(r#"{{"manifests":[{{"digest":"{digest}","size":3{more}}}]}}"#);
        let Ok(Document::Index(index)) = Document::parse(json.as_bytes(), None).map(|parsed| parsed.value)
        else {
            panic!("{json}")
        };
        check_descriptor(index.manifests[0].as_ref().unwrap())
    };
    let typed = |more: &str| of(&format!(r#","mediaType":"a/b"{more}"#));
    for (found, codes, why) in [
        (typed(""), "", "nothing is wrong"),
        (of(""), "descriptor-incomplete", "no mediaType"),
        (of(r#","mediaType":"x""#), "descriptor-incomplete", "not a media type"),
        (typed(r#","platform":{"os":"linux"}"#), "descriptor-incomplete", "no architecture"),
        (typed(r#","platform":{}"#), "descriptor-incomplete", "neither"),
        (typed(r#","platform":{"os":"linux","architecture":"amd64"}"#), "", "both"),
        (typed(r#","data":"YWJj""#), "", "the object itself"),
        (typed(r#","data":"YWJk""#), "data-mismatch", "other bytes"),
        (typed(r#","data":"YWJjZA==""#), "data-mismatch", "more bytes"),
        (typed(r#","data":"""#), "data-mismatch", "none"),
    ] {
        let found: Vec<&str> = found.iter().map(|finding| finding.code.as_str()).collect();
        assert_eq!(found.join(" "), codes, "{why}");
    }
}

fn config(os: &str, architecture: &str, variant: Option<&str>, layers: usize, history: usize) -> Config {
    let diff_id = Digest::sha256(b"").to_string();
    let step = |empty: bool| serde_json::json!({ "created_by": "x", "empty_layer": empty });
    let steps: Vec<_> = std::iter::repeat_n(step(false), history).chain([step(true)]).collect();
    let json = serde_json::json!({
        "os": os, "architecture": architecture, "variant": variant,
        "rootfs": { "type": "layers", "diff_ids": vec![diff_id; layers] },
        "history": steps,
    });
    parse_config(json.to_string().as_bytes()).unwrap().value
}

#[test]
fn platform() {
    for (index, os, architecture, variant, same) in [
        ("linux/amd64", "linux", "amd64", None, true),
        ("linux/arm64/v8", "linux", "arm64", None, true),
        ("linux/arm64", "linux", "arm64", Some("v8"), true),
        ("linux/arm/v5", "linux", "arm", None, true),
        ("linux/arm/v5", "linux", "arm", Some("v7"), false),
        ("linux/amd64", "linux", "arm64", None, false),
        ("windows/amd64", "linux", "amd64", None, false),
        ("linux/amd64", "", "", None, true),
        ("linux/amd64", "", "amd64", None, true),
        ("linux/amd64", "", "arm64", None, false),
        ("linux/arm/v7", "linux", "", Some("v6"), true),
    ] {
        let found = check_platform(&index.parse().unwrap(), &config(os, architecture, variant, 0, 0));
        assert_eq!(found.is_none(), same, "{index} against {os}/{architecture}/{variant:?}");
    }
}

#[test]
fn what_a_config_does_not_state_is_told() {
    for (os, architecture, told) in [("linux", "amd64", false), ("", "amd64", true), ("linux", "", true)] {
        let found = check_stated(&config(os, architecture, None, 0, 0));
        assert_eq!(
            found.map(|finding| finding.code),
            told.then_some(Code::PlatformUnstated),
            "{os}/{architecture}"
        );
    }
}

#[test]
fn another_platform_than_was_asked_for() {
    let asked = |platform: &str, os: &str, architecture: &str| {
        check_asked(&platform.parse().unwrap(), &config(os, architecture, None, 0, 0).platform())
    };
    assert_eq!(asked("linux/amd64", "linux", "amd64"), None);
    assert_eq!(asked("linux/amd64", "linux", "386"), None, "it runs there");
    assert_eq!(asked("linux/amd64", "", ""), None, "not stated");
    let found = asked("linux/amd64", "linux", "arm64").unwrap();
    assert_eq!((found.code, found.expected.as_deref()), (Code::OtherPlatform, Some("linux/amd64")));
    assert_eq!(found.actual.as_deref(), Some("linux/arm64"));
}

#[test]
fn layer_count() {
    for (layers, diff_ids, history, expected) in [
        (2, 2, 2, vec![]),
        (2, 3, 2, vec![Code::LayerCountMismatch]),
        (2, 2, 1, vec![Code::HistoryMismatch]),
        (2, 1, 1, vec![Code::LayerCountMismatch, Code::HistoryMismatch]),
    ] {
        let findings = check_layer_count(layers, &config("linux", "amd64", None, diff_ids, history));
        let codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, expected, "{layers} {diff_ids} {history}");
    }
    let no_history = parse_config(br#"{"rootfs":{"diff_ids":[]}}"#).unwrap().value;
    assert!(check_layer_count(0, &no_history).is_empty(), "a config may keep no history");
}
