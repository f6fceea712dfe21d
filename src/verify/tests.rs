use super::*;
use crate::image::parse_config;

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
fn header_digest() {
    let sha512 = {
        let mut hasher = crate::digest::Algorithm::Sha512.hasher().unwrap();
        hasher.update(b"x");
        hasher.finish().to_string()
    };
    for (value, fails, why) in [
        (Digest::sha256(b"x").to_string(), false, "right"),
        (sha512, false, "right, in another algorithm than the descriptor's"),
        (String::new(), false, "empty claims nothing"),
        ("blake3:00".into(), false, "cannot be told"),
        (Digest::sha256(b"y").to_string(), true, "another body's"),
        ("sha256:deadbeef".into(), true, "not a digest"),
    ] {
        assert_eq!(check_header_digest(&value, b"x").is_some(), fails, "{why}");
    }
}

#[test]
fn media_types() {
    let [index, list] = [MediaType::OciIndex, MediaType::DockerManifestList];
    for (descriptor, response, document, count, why) in [
        (Some(&index), Some(&index), Some(&index), 0, "all agree"),
        (Some(&index), None, None, 0, "nobody else says anything"),
        (Some(&index), Some(&list), Some(&index), 1, "the response differs"),
        (Some(&index), Some(&index), Some(&list), 1, "the document differs"),
        (Some(&index), Some(&list), Some(&list), 2, "both differ from the descriptor"),
        (None, Some(&list), Some(&index), 1, "without a descriptor the other two are compared"),
    ] {
        let findings = check_media_types(MediaTypes { descriptor, response, document });
        assert_eq!(findings.len(), count, "{why}");
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
    parse_config(json.to_string().as_bytes()).unwrap()
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
    ] {
        let found = check_platform(&index.parse().unwrap(), &config(os, architecture, variant, 0, 0));
        assert_eq!(found.is_none(), same, "{index} against {os}/{architecture}/{variant:?}");
    }
}

#[test]
fn layer_count() {
    for (layers, diff_ids, history, expected) in [(2, 2, 2, 0), (2, 3, 2, 1), (2, 2, 1, 1), (2, 1, 1, 2)] {
        let findings = check_layer_count(layers, &config("linux", "amd64", None, diff_ids, history));
        assert_eq!(findings.len(), expected, "{layers} {diff_ids} {history}");
    }
    let no_history = parse_config(br#"{"rootfs":{"diff_ids":[]}}"#).unwrap();
    assert!(check_layer_count(0, &no_history).is_empty(), "a config may keep no history");
}
