//! Documents that are not what they should be, in whole pulls: what two clients would read differently is never verified, and
//! what is sound is never called failed.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helper may panic: that fails the test"
)]

mod support;

use registry_inspector::digest::{Algorithm, Digest};
use registry_inspector::pull::Options;
use serde_json::{Value, json};
use support::{Fake, Image, Lie, config, descriptor, found, found_of, index, manifest, messages};

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn image() -> Image {
    Image::new("linux", "amd64", &["first layer", "second layer"])
}

/// A registry with an image whose manifest is this text, under the tag 1.
fn serving(image: &Image, manifest: &str) -> Fake {
    let mut fake = Fake::new();
    fake.add_image(image);
    fake.add_manifest("1", OCI_MANIFEST, manifest.as_bytes());
    fake
}

/// What is found where the manifest was changed.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let image = image();
    let mut document = manifest(&image.config, &image.layers);
    change(&mut document);
    found(serving(&image, &document.to_string()))
}

/// What is found where the config was changed.
fn with_config(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut document = config("linux", "amd64", 2);
    change(&mut document);
    let (config, layers) = (document.to_string().into_bytes(), image().layers);
    let manifest = manifest(&config, &layers).to_string().into_bytes();
    let image = Image { manifest: manifest.clone(), config, layers };
    found(serving(&image, &String::from_utf8(manifest).unwrap()))
}

#[test]
fn what_lacks_a_member_is_no_document() {
    for (text, media_type) in [
        ("{}", OCI_INDEX),
        (r#"{"schemaVersion":2}"#, OCI_INDEX),
        (r#"{"schemaVersion":2,"manifests":null}"#, OCI_INDEX),
        ("{}", OCI_MANIFEST),
        ("\"x\"", OCI_INDEX),
        ("7", OCI_INDEX),
        ("[]", OCI_INDEX),
        ("null", OCI_INDEX),
    ] {
        let mut fake = Fake::new();
        fake.add_manifest("1", media_type, text.as_bytes());
        assert_eq!(found(fake), ["failed", "unknown 0 failed: malformed"], "{text}");
        // Nested, it is no better.
        let inner = descriptor(media_type, text.as_bytes());
        let outer = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [inner] }).to_string();
        let mut fake = Fake::new();
        fake.add_manifest("inner", media_type, text.as_bytes());
        fake.add_manifest("1", OCI_INDEX, outer.as_bytes());
        let found = found(fake);
        assert_eq!(found[0], "failed", "{text}");
        assert!(found[1].ends_with(" 0 failed: malformed"), "{text}: {found:?}");
    }
    let empty = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [] }).to_string();
    let mut fake = Fake::new();
    fake.add_manifest("1", OCI_INDEX, empty.as_bytes());
    assert_eq!(
        found(fake),
        ["unchecked"],
        "an index may be empty; nothing is wrong with it, and it has no platform"
    );
}

#[test]
fn no_two_readers_see_different_layers_without_a_finding() {
    let image = image();
    let document = manifest(&image.config, &image.layers);
    let text = document.to_string();
    let other = json!([descriptor("a/b", b"another")]).to_string();
    for (name, twin) in [
        ("layers", "Layers"),
        ("layers", "LAYERS"),
        ("layers", "layer\u{17f}"),
        ("config", "Config"),
        ("mediaType", "MediaType"),
        ("schemaVersion", "schemaversion"),
    ] {
        let twin_value = if name == "layers" { other.clone() } else { document[name].to_string() };
        for text in [
            text.replacen('{', &format!("{{\"{twin}\":{twin_value},"), 1),
            format!("{},\"{twin}\":{twin_value}}}", &text[..text.len() - 1]),
        ] {
            let found = found(serving(&image, &text));
            assert_eq!(found, ["failed", "manifest 0 failed: ambiguous"], "{text}");
        }
        let alone = text.replacen(&format!("\"{name}\":"), &format!("\"{twin}\":"), 1);
        let found = found(serving(&image, &alone));
        assert!(found[0] == "failed" && found[1].contains("malformed"), "{alone}: {found:?}");
    }
    let digest = format!("\"digest\":\"{}\"", Digest::sha256(&image.layers[0]));
    let twice = text.replacen(&digest, &format!("{digest},\"Digest\":\"{}\"", Digest::sha256(b"x")), 1);
    assert_eq!(found(serving(&image, &twice)), ["failed", "manifest 0 failed: ambiguous"]);
    let exactly = text.replacen(&digest, &format!("{digest},{digest}"), 1);
    assert_eq!(found(serving(&image, &exactly)), ["failed", "unknown 0 failed: malformed"]);
}

#[test]
fn members_of_two_kinds() {
    for (name, value) in [("manifests", json!([])), ("fsLayers", json!([{ "blobSum": "x" }]))] {
        let found = changed(|document| document[name] = value.clone());
        assert_eq!(found, ["failed", "manifest 0 failed: ambiguous"], "{name}");
        assert_eq!(changed(|document| document[name] = Value::Null), ["verified"], "{name}: null is nothing");
    }
}

#[test]
fn what_clients_written_in_go_refuse_is_named() {
    for (name, value) in [
        ("schemaVersion", json!("2")),
        ("schemaVersion", json!(3)),
        ("annotations", json!({ "a": 1 })),
        ("annotations", json!("x")),
        ("artifactType", json!(1)),
        ("subject", json!("x")),
    ] {
        let found = changed(|document| document[name] = value.clone());
        assert_eq!(found, ["failed", "manifest 0 failed: malformed"], "{name}: {value}");
    }
    let found = changed(|document| document["layers"][0]["annotations"] = json!({ "a": 1 }));
    assert_eq!(found, ["failed", "manifest 0 failed: malformed"], "the layer itself is read all the same");
    for (name, value) in [
        ("created", json!("x")),
        ("author", json!(1)),
        ("config", json!({ "Env": 1 })),
        ("config", json!({ "env": ["a=b"] })),
        ("Os", json!("windows")),
        ("history", json!([{ "created_by": 1 }, {}, { "empty_layer": true }])),
    ] {
        let found = with_config(|document| document[name] = value.clone());
        assert!(found[0] == "failed" && found[1].starts_with("config 0 failed: "), "{name}: {found:?}");
    }
    assert_eq!(with_config(|document| document["rootfs"] = json!("x"))[1], "config 0 failed: malformed");
}

#[test]
fn what_is_empty_or_free_is_sound() {
    assert_eq!(changed(|document| document["annotations"] = Value::Null), ["verified"]);
    assert_eq!(changed(|document| document["annotations"] = json!({ "a": null })), ["verified"]);
    assert_eq!(changed(|document| document["annotations"] = json!({ "a": "1", "A": "2" })), ["verified"]);
    assert_eq!(changed(|document| document["unknown"] = json!({ "x": [1e5, true] })), ["verified"]);
    assert_eq!(changed(|document| document["subject"] = descriptor("a/b", b"x")), ["verified"]);
    let free = json!({ "Labels": { "a": "1", "A": "2" }, "Env": null, "Image": "", "Volumes": { "/v": {} } });
    assert_eq!(with_config(|document| document["config"] = free), ["verified"]);
    assert_eq!(with_config(|document| document["created"] = json!("2022-01-25T12:06:55.5Z")), ["verified"]);
}

#[test]
fn notices_take_nothing_from_a_proof() {
    let notice = |found: Vec<String>, object: &str, code: &str| {
        assert_eq!(found, ["verified".to_owned(), format!("{object} verified: {code}")]);
    };
    notice(changed(|d| d["layers"][1]["mediaType"] = Value::Null), "layer 1", "descriptor-incomplete");
    notice(changed(|d| d["layers"][1]["mediaType"] = json!("x")), "layer 1", "descriptor-incomplete");
    notice(changed(|d| d["subject"] = json!({})), "manifest 0", "descriptor-incomplete");
    notice(with_config(|d| d["history"] = json!([{}])), "config 0", "history-mismatch");
    notice(with_config(|d| d["os"] = json!("")), "config 0", "platform-unstated");
    let surrogate = |text: String| text.replacen("\"os\"", "\"author\":\"\\ud800\",\"os\"", 1);
    let config = surrogate(config("linux", "amd64", 2).to_string()).into_bytes();
    let layers = image().layers;
    let manifest = manifest(&config, &layers).to_string().into_bytes();
    let image = Image { manifest: manifest.clone(), config, layers };
    notice(found(serving(&image, &String::from_utf8(manifest).unwrap())), "config 0", "invalid-text");
}

#[test]
fn data_in_a_descriptor() {
    use base64::Engine as _;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let image = image();
    let (right, wrong) = (encode(&image.layers[0]), encode(b"other bytes"));
    let with = |data: &str| {
        let mut document = manifest(&image.config, &image.layers);
        document["layers"][0]["data"] = json!(data);
        document.to_string()
    };
    assert_eq!(found(serving(&image, &with(&right))), ["verified"]);
    assert_eq!(found(serving(&image, &with(&wrong))), ["failed", "layer 0 failed: data-mismatch"]);
    let gone = |data: &str| {
        let refusal = Lie::Status(Digest::sha256(&image.layers[0]), 404, "gone".into());
        found(serving(&image, &with(data)).lying(refusal))
    };
    assert_eq!(gone(&right), ["verified", "layer 0 verified: from-data"]);
    assert_eq!(gone(&wrong), ["failed", "layer 0 failed: data-mismatch not-fetched"]);
    let mut entries = index(&[("linux/amd64", &image.manifest)]);
    entries["manifests"][0]["data"] = json!(encode(&image.manifest));
    let mut fake = Fake::new();
    fake.add_image(&image);
    fake.add_manifest("1", OCI_INDEX, entries.to_string().as_bytes());
    let fake = fake.lying(Lie::Status(Digest::sha256(&image.manifest), 500, String::new()));
    assert_eq!(found(fake), ["verified", "manifest 0 verified: from-data"]);
}

#[test]
fn words_on_the_digest() {
    let image = image();
    let (layer, bytes) = (Digest::sha256(&image.layers[0]), &image.layers[0]);
    let sha512 = |bytes: &[u8]| {
        let mut hasher = Algorithm::Sha512.hasher().unwrap();
        hasher.update(bytes);
        hasher.finish().to_string()
    };
    let root = Digest::sha256(&image.manifest);
    let text = String::from_utf8(image.manifest.clone()).unwrap();
    for (word, layer_code, root_code) in [
        (format!("{layer}, {layer}"), "", "header-digest-mismatch"),
        (layer.to_string().to_uppercase(), "header-malformed", "header-malformed"),
        (layer.encoded().to_owned(), "header-malformed", "header-malformed"),
        (sha512(bytes), "", "header-digest-mismatch"),
        (sha512(b"other"), "header-digest-mismatch", "header-digest-mismatch"),
    ] {
        for (object, digest, code) in [("layer 0", &layer, layer_code), ("manifest 0", &root, root_code)] {
            let found = found_of(
                &format!("registry.example/app@{root}"),
                Options::default(),
                serving(&image, &text).with_headers(digest, &[("docker-content-digest", word.as_str())]),
            );
            let verdict = if code == "header-digest-mismatch" { "failed" } else { "verified" };
            let mut expected = vec![verdict.to_owned()];
            expected.extend((!code.is_empty()).then(|| format!("{object} {verdict}: {code}")));
            assert_eq!(found, expected, "{word} on {object}");
        }
    }
    // By the tag, a word that is no digest leads nowhere, and what comes is hashed.
    let upper = root.to_string().to_uppercase();
    let found = found(serving(&image, &text).with_headers(&root, &[("docker-content-digest", &upper)]));
    assert_eq!(found, ["verified", "manifest 0 verified: header-malformed"]);
}

#[test]
fn a_document_of_another_kind_than_its_content_type() {
    let image = image();
    let entries = index(&[("linux/amd64", &image.manifest)]);
    let mut untyped = entries.clone();
    untyped.as_object_mut().unwrap().remove("mediaType");
    for document in [entries, untyped] {
        let mut fake = Fake::new();
        fake.add_image(&image);
        fake.add_manifest("1", OCI_MANIFEST, document.to_string().as_bytes());
        let told = messages(Options::default(), fake);
        assert!(
            told.contains("Content-Type") && !told.contains("descriptor") && !told.contains("has no config"),
            "{told}"
        );
        let mut fake = Fake::new();
        fake.add_image(&image);
        fake.add_manifest("1", OCI_MANIFEST, document.to_string().as_bytes());
        assert_eq!(found(fake), ["failed", "index 0 failed: media-type-mismatch"]);
    }
}

#[test]
fn media_types_are_exact_in_documents_and_not_in_headers() {
    let mismatch = ["failed", "manifest 0 failed: media-type-mismatch"];
    for other in ["Application/vnd.oci.image.manifest.v1+json", &format!("{OCI_MANIFEST}; charset=utf-8")] {
        assert_eq!(changed(|document| document["mediaType"] = json!(other)), mismatch, "{other}");
    }
    let image = image();
    let text = String::from_utf8(image.manifest.clone()).unwrap();
    let odd = format!("{}; charset=utf-8", OCI_MANIFEST.to_uppercase());
    let root = Digest::sha256(&image.manifest);
    let fake = serving(&image, &text).with_headers(&root, &[("content-type", &odd)]);
    assert_eq!(found(fake), ["verified"]);
}

#[test]
fn head_and_get_may_differ_on_the_type() {
    let image = image();
    let text = String::from_utf8(image.manifest.clone()).unwrap();
    let fake = serving(&image, &text).lying(Lie::TypeOfHead(OCI_INDEX));
    assert_eq!(found(fake), ["verified", "manifest 0 verified: head-differs"]);
    let fake = serving(&image, &text).lying(Lie::TypeOfHead("text/html"));
    assert_eq!(found(fake), ["verified", "manifest 0 verified: head-differs"]);
}

#[test]
fn what_is_no_json_is_said_to_be_what_it_is() {
    let image = image();
    for (body, words) in [
        ("<!DOCTYPE html><title>Sign in</title>", "it is a web page (HTML), and not JSON"),
        ("\u{feff}{}", "it begins with a byte order mark (BOM)"),
    ] {
        let fake = serving(&image, body);
        let told = messages(Options::default(), fake);
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn limits_that_are_ours_are_unchecked() {
    let layers = image().layers;
    let large = |bytes: usize| {
        let mut document = config("linux", "amd64", 2);
        document["author"] = json!("x".repeat(bytes));
        let config = document.to_string().into_bytes();
        let manifest = manifest(&config, &layers).to_string();
        let layers = layers.clone();
        let image = Image { manifest: manifest.clone().into_bytes(), config, layers };
        found(serving(&image, &manifest))
    };
    assert_eq!(large(5 << 20), ["verified"], "a config of 5 MiB is read");
    assert_eq!(large(17 << 20), ["unchecked", "config 0 unchecked: too-large"]);
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let found = changed(|document| document["x"] = json!("DEEP"));
    assert_eq!(found, ["verified"]);
    let image = image();
    let text = manifest(&image.config, &image.layers).to_string();
    let text = format!("{},\"x\":{deep}}}", &text[..text.len() - 1]);
    assert_eq!(support::found(serving(&image, &text)), ["unchecked", "unknown 0 unchecked: too-large"]);
    let told = messages(Options::default(), serving(&image, &text));
    assert!(told.contains("a limit of this inspector"), "{told}");
}
