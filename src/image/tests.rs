//! What documents come to.

use super::*;
use crate::json::Position;

const D: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A document with these members besides its version.
fn parse(members: &str) -> Result<Parsed<Document>, DocumentError> {
    Document::parse(format!("{{\"schemaVersion\":2,{members}}}").as_bytes(), None)
}

fn descriptor(more: &str) -> String {
    format!(r#"{{"mediaType":"a/b","digest":"{D}","size":0{more}}}"#)
}

fn kinds(parsed: &Parsed<Document>) -> Vec<FaultKind> {
    parsed.faults.iter().map(|fault| fault.kind).collect()
}

#[test]
fn the_kind_follows_the_members_then_what_was_said_then_the_document() {
    let manifest = format!(r#""config":{},"layers":[]"#, descriptor(""));
    assert!(matches!(parse("\"manifests\":[]").unwrap().value, Document::Index(i) if i.manifests.is_empty()));
    assert!(matches!(parse(&manifest).unwrap().value, Document::Manifest(m) if m.layers.is_empty()));
    let said =
        Document::parse(br#"{"schemaVersion":2,"manifests":[]}"#, Some(&MediaType::OciManifest)).unwrap();
    assert!(!said.value.is_a(&MediaType::OciManifest) && said.value.is_a(&MediaType::OciIndex), "{said:?}");
    assert_eq!(
        parse(r#""mediaType":"text/x""#),
        Err(DocumentError::UnknownKind { media_type: Some(MediaType::parse("text/x")) })
    );
}

#[test]
fn members_must_be_there() {
    let (index, image) = (MediaType::OciIndex, MediaType::OciManifest);
    let config = descriptor("");
    for (json, said, words) in [
        ("{}".to_owned(), &index, "it has no manifests"),
        (r#"{"schemaVersion":2,"manifests":null}"#.into(), &index, "it has no manifests"),
        ("{}".into(), &image, "it has no config"),
        (format!(r#"{{"config":{config}}}"#), &image, "it has no layers"),
        (format!(r#"{{"config":{config},"layers":null}}"#), &image, "it has no layers"),
        (r#"{"layers":[]}"#.into(), &image, "it has no config"),
        (r#"{"config":null,"layers":[]}"#.into(), &image, "it has no config"),
        (
            r#"{"Manifests":[]}"#.into(),
            &index,
            "manifests stands there in another case alone, as \"Manifests\"",
        ),
        (r#"{"manifests":{}}"#.into(), &index, "manifests: it is not a list"),
        ("\"x\"".into(), &index, "it is not an object"),
        ("7".into(), &index, "it is not an object"),
        ("[]".into(), &index, "it is not an object"),
        ("null".into(), &index, "it is not an object"),
    ] {
        let error = Document::parse(json.as_bytes(), Some(said)).unwrap_err().to_string();
        assert_eq!(error, words, "{json}");
    }
}

#[test]
fn versions() {
    for (version, expected) in [
        ("\"schemaVersion\":2,", None),
        ("", Some("it has no schemaVersion, which must be 2")),
        ("\"schemaVersion\":null,", Some("it has no schemaVersion, which must be 2")),
        ("\"schemaVersion\":1,", Some("its schemaVersion is 1, and must be 2")),
        ("\"schemaVersion\":\"2\",", Some("schemaVersion: it is not a whole number")),
    ] {
        let json = format!("{{{version}\"manifests\":[]}}");
        let parsed = Document::parse(json.as_bytes(), None).unwrap();
        let found: Vec<&str> = parsed.faults.iter().map(|fault| fault.message.as_str()).collect();
        assert_eq!(found.len(), usize::from(expected.is_some()), "{json}: {found:?}");
        assert!(found.iter().zip(expected).all(|(found, expected)| found.starts_with(expected)), "{found:?}");
    }
}

#[test]
fn what_means_two_things_is_ambiguous() {
    let config = descriptor("");
    for members in [
        format!(r#""manifests":[],"layers":[],"config":{config}"#),
        format!(r#""manifests":[],"config":{config}"#),
        format!(r#""fsLayers":[],"layers":[],"config":{config}"#),
        r#""fsLayers":[],"manifests":[]"#.to_owned(),
        format!(r#""layers":[],"Layers":[],"config":{config}"#),
        format!("\"layers\":[],\"layer\u{17f}\":[],\"config\":{config}"),
        format!(r#""layers":[],"config":{}"#, descriptor(&format!(r#","Digest":"{D}""#))),
        format!(r#""manifests":[{}]"#, descriptor(r#","platform":{"os":"a","OS":"b","architecture":"c"}"#)),
    ] {
        let parsed = parse(&members).unwrap();
        assert!(kinds(&parsed).contains(&FaultKind::Ambiguous), "{members}: {:?}", parsed.faults);
    }
    let sound = format!(r#""manifests":[{}],"config":null,"x":1,"X":2"#, descriptor(""));
    assert_eq!(kinds(&parse(&sound).unwrap()), []);
}

#[test]
fn what_go_refuses_is_named_and_the_rest_is_read() {
    let descriptor = |more| descriptor(more);
    for (more, place) in [
        (r#","annotations":{"a":1}"#, "manifests[0].annotations.a"),
        (r#","annotations":[]"#, "manifests[0].annotations"),
        (r#","artifactType":1"#, "manifests[0].artifactType"),
        (r#","platform":"x""#, "manifests[0].platform"),
        (r#","urls":"x""#, "manifests[0].urls"),
        (r#","data":"%""#, "manifests[0].data"),
        (r#","MediaType":"a/b""#, "manifests[0]"),
    ] {
        let parsed = parse(&format!(r#""manifests":[{}]"#, descriptor(more))).unwrap();
        let Document::Index(index) = &parsed.value else { panic!("{parsed:?}") };
        assert!(index.manifests[0].is_ok(), "digest and size can be used: {parsed:?}");
        assert_eq!(parsed.faults.len(), 1, "{more}: {:?}", parsed.faults);
        assert!(parsed.faults[0].message.starts_with(&format!("{place}: ")), "{:?}", parsed.faults);
    }
    let listed =
        parse(&format!(r#""manifests":[{}]"#, descriptor(r#","urls":["x",null],"data":[1,null]"#))).unwrap();
    let Document::Index(index) = &listed.value else { panic!("{listed:?}") };
    let entry = index.manifests[0].as_ref().unwrap();
    assert_eq!(
        (entry.urls.as_slice(), entry.data.as_deref()),
        (&["x".to_owned(), String::new()][..], Some(&[1, 0][..]))
    );
    let empty = descriptor(r#","annotations":{"a":null,"b":"c"}"#);
    let parsed = parse(&format!(r#""manifests":[{empty}],"annotations":null,"subject":null"#)).unwrap();
    let Document::Index(index) = &parsed.value else { panic!("{parsed:?}") };
    assert_eq!(index.manifests[0].as_ref().unwrap().annotations["a"], "");
    assert_eq!(parsed.faults, []);
    for (subject, kind) in [
        ("{}", FaultKind::Incomplete),
        ("\"x\"", FaultKind::Malformed),
        (r#"{"digest":7,"size":1}"#, FaultKind::Incomplete),
        (r#"{"digest":"x","size":"1"}"#, FaultKind::Incomplete),
    ] {
        let parsed = parse(&format!(r#""manifests":[],"subject":{subject}"#)).unwrap();
        assert_eq!(kinds(&parsed).first(), Some(&kind), "{subject}");
        let is_refused = subject.contains('7') || subject.contains("\"1\"") || kind == FaultKind::Malformed;
        assert_eq!(kinds(&parsed).contains(&FaultKind::Malformed), is_refused, "{subject}");
    }
}

#[test]
fn a_text_that_is_not_unicode_is_told() {
    let parsed = parse(r#""manifests":[],"annotations":{"a":"\ud800"}"#).unwrap();
    assert_eq!(kinds(&parsed), [FaultKind::NotUnicode]);
    assert!(parsed.faults[0].message.starts_with("line 1, column "), "{:?}", parsed.faults);
}

#[test]
fn kinds_that_are_not_read() {
    use Foreign::{Artifact, Schema1};
    let schema1 = MediaType::parse("application/vnd.docker.distribution.manifest.v1+prettyjws");
    for (json, said, kind) in [
        (r#"{"schemaVersion":1,"fsLayers":[]}"#, None, Schema1 { is_signed: false }),
        (
            r#"{"schemaVersion":1,"fsLayers":[],"signatures":[{}]}"#,
            Some(&MediaType::OciManifest),
            Schema1 { is_signed: true },
        ),
        ("{}", Some(&schema1), Schema1 { is_signed: false }),
        (
            r#"{"mediaType":"application/vnd.oci.artifact.manifest.v1+json","blobs":[]}"#,
            Some(&MediaType::OciIndex),
            Artifact,
        ),
    ] {
        let error = Document::parse(json.as_bytes(), said).unwrap_err();
        assert_eq!(error, DocumentError::Unsupported { kind }, "{json}");
    }
    let said = Document::parse(br#"{"schemaVersion":2,"manifests":[]}"#, Some(&schema1));
    assert!(said.is_ok(), "the members say what it is: {said:?}");
}

#[test]
fn configs() {
    let layers = format!(r#""rootfs":{{"type":"layers","diff_ids":["{D}"]}}"#);
    let config = parse_config(format!(r#"{{{layers},"os":"","variant":""}}"#).as_bytes()).unwrap();
    assert_eq!((config.value.platform(), config.faults.len()), (Default::default(), 0));
    for (more, place) in [
        (r#""Env":1"#, None),
        (r#""config":{"Env":1}"#, Some("config.Env")),
        (r#""created":"x""#, Some("created")),
        (r#""history":[{"created":1}]"#, Some("history[0].created")),
        (r#""history":"x""#, Some("history")),
        (r#""os":7"#, Some("os")),
        (r#""config":{"Labels":{"a":"1","A":"2"},"Image":""}"#, None),
    ] {
        let config = parse_config(format!("{{{layers},{more}}}").as_bytes()).unwrap();
        let found = config.faults.first().map(|fault| fault.message.split(": ").next().unwrap());
        assert_eq!((found, config.value.rootfs.diff_ids.len()), (place, 1), "{more}");
    }
    for (json, words) in [
        ("{}", "it has no rootfs"),
        (r#"{"rootfs":"x"}"#, "rootfs: it is not an object"),
        (r#"{"rootfS":{}}"#, "rootfs stands there in another case alone, as \"rootfS\""),
        ("[]", "it is not an object"),
        (r#"{"rootfs":{"diff_ids":["x"]}}"#, "rootfs.diff_ids[0]: a digest is written algorithm:value"),
    ] {
        let error = parse_config(json.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with(words), "{json}: {error}");
    }
    assert!(is_config(br#"{"rootfs":{}}"#) && !is_config(b"{}") && !is_config(b"\x1f\x8b"));
}

#[test]
fn faults_have_a_position() {
    for (json, line, column, reason) in [
        ("<b>", 1, 1, "expected value"),
        ("<html>", 1, 1, "it is a web page (HTML), and not JSON"),
        ("", 1, 0, "EOF while parsing a value"),
        ("{\n \"manifests\": [,]}", 2, 16, "expected value"),
        ("{\"manifests\":[]}x", 1, 17, "trailing characters"),
        ("{\"manifests\":[],\n\"manifests\":[]}", 2, 11, "duplicate field `manifests`"),
    ] {
        let Err(DocumentError::Malformed(fault)) = Document::parse(json.as_bytes(), None) else {
            panic!("{json}")
        };
        assert_eq!((fault.position, fault.reason.as_str()), (Position { line, column }, reason), "{json}");
    }
}

#[test]
fn a_descriptor_that_is_none_hides_nothing_beside_it() {
    let json = format!(
        r#"{{"manifests":[{{"digest":"sha256:x","size":0}},{{"digest":"{D}","size":-1}},{{"digest":"{D}","size":0}}]}}"#
    );
    let Ok(Document::Index(index)) = Document::parse(json.as_bytes(), None).map(|parsed| parsed.value) else {
        panic!("{json}")
    };
    let [digest, size, whole] = index.manifests.as_slice() else { panic!("three entries") };
    let [digest, size] = [digest, size].map(|entry| entry.clone().unwrap_err());
    assert!(digest.to_string().starts_with("manifests[0].digest: "), "{digest}");
    assert!(digest.to_string().contains("64 characters and has 1"), "{digest}");
    assert_eq!(size.to_string(), "manifests[1].size: -1 is no size");
    assert!(whole.is_ok());
}

#[test]
fn what_is_not_known_is_kept() {
    let json = format!(r#"{{"manifests":[{{"digest":"{D}","size":1,"x":[1]}}],"y":{{"z":null}}}}"#);
    let Ok(Document::Index(index)) = Document::parse(json.as_bytes(), None).map(|parsed| parsed.value) else {
        panic!("{json}")
    };
    assert_eq!(index.other.get("y"), Some(&serde_json::json!({ "z": null })));
    let entry = index.manifests.first().unwrap().as_ref().unwrap();
    assert_eq!(entry.other.get("x"), Some(&serde_json::json!([1])));
    assert_eq!(entry.media_type.as_str(), "");
}

#[test]
fn the_config_counts_the_steps_that_made_a_layer() {
    let json = format!(
        r#"{{"os":"linux","architecture":"arm","rootfs":{{"type":"layers","diff_ids":["{D}"]}},
            "history":[{{"created_by":"COPY"}},{{"created_by":"CMD","empty_layer":true}}]}}"#
    );
    let config = parse_config(json.as_bytes()).unwrap().value;
    assert_eq!((config.rootfs.diff_ids.len(), config.history_layers()), (1, Some(1)));
    let bare = parse_config(br#"{"rootfs":{"diff_ids":null},"history":null}"#).unwrap().value;
    assert_eq!((bare.rootfs.diff_ids.len(), bare.history_layers()), (0, None));
}
