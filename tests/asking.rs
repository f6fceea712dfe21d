//! How a pull goes on where a registry refuses one way of asking, and what it says where it cannot.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helper may panic: that fails the test"
)]

mod support;

use registry_inspector::digest::Digest;
use registry_inspector::http::Method;
use registry_inspector::pull::Options;
use support::{Fake, Image, Lie, found, found_of, manifest, messages, story};

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn image() -> Image {
    Image::new("linux", "amd64", &["first layer"])
}

/// A registry with a single manifest under the tag 1.
fn single() -> Fake {
    let image = image();
    let mut fake = Fake::new();
    fake.add_image(&image);
    fake.add_manifest("1", OCI_MANIFEST, &image.manifest);
    fake
}

#[test]
fn after_a_refusal_the_next_types_are_asked_for() {
    let words = r#"{"errors":[{"code":"MANIFEST_INVALID","message":"manifest invalid"}]}"#;
    let pinned = format!("registry.example/app@{}", Digest::sha256(&image().manifest));
    for status in [400, 404, 405, 406, 415, 500, 502] {
        let refusing = |method| single().lying(Lie::RefusedAccept(method, "index", status, words));
        assert_eq!(found(refusing(Method::Head)), ["verified"], "HEAD of the tag: {status}");
        assert_eq!(found(refusing(Method::Get).without_head()), ["verified"], "GET of the tag: {status}");
        let by_digest = found_of(&pinned, Options::default(), refusing(Method::Get));
        assert_eq!(by_digest, ["verified"], "GET by digest: {status}");
    }
}

#[test]
fn whoever_is_not_let_in_does_not_ask_again() {
    for (status, requests) in [(401, 1), (403, 2), (429, 6)] {
        let told = story(single().lying(Lie::Always(status, String::new())));
        let asked = told.lines().take_while(|line| !line.is_empty()).count();
        // A 403 to HEAD may be for HEAD alone; a 429 asks to wait, five times at most.
        assert_eq!(asked, requests, "{status}: {told}");
    }
}

#[test]
fn head_that_is_refused_is_followed_by_short_requests() {
    for status in [403, 404] {
        let told = story(single().lying(Lie::RefusedAccept(Method::Head, "", status, "")));
        let gets: Vec<&str> =
            told.lines().filter(|line| line.contains(" GET /v2/app/manifests/1 ")).collect();
        assert!(gets.len() == 2 && gets.iter().all(|line| !line.contains("all types")), "{told}");
        assert!(told.contains("\nverified"), "{told}");
    }
}

#[test]
fn the_refusal_that_tells_most_is_told() {
    let fake = single().lying(Lie::RefusedAccept(Method::Get, "", 500, "out of order"));
    let told = messages(Options::default(), fake);
    assert!(told.contains("answered 500") && told.contains("out of order"), "{told}");
}

#[test]
fn a_store_that_refuses_is_named_with_its_words() {
    let image = image();
    let layer = Digest::sha256(&image.layers[0]);
    for (body, words) in [
        (
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
            "AccessDenied: Request has expired",
        ),
        ("not today", ": not today"),
        (r#"{"errors":[{"code":403,"message":"no"}]}"#, ": 403: no"),
    ] {
        let fake = single().redirecting().lying(Lie::Status(layer.clone(), 403, body.into()));
        let told = messages(Options::default(), fake);
        assert!(
            told.contains("https://cdn.example, to which the registry redirected, answered 403"),
            "{told}"
        );
        assert!(told.contains(words), "{told}");
    }
}

#[test]
fn where_else_a_foreign_layer_is_had_is_named() {
    let image = image();
    let mut document = manifest(&image.config, &image.layers);
    document["layers"][0]["urls"] =
        serde_json::json!(["https://mcr.example/layer?sig=secret", "not an address"]);
    let text = document.to_string();
    let mut fake = Fake::new();
    fake.add_image(&image);
    fake.add_manifest("1", OCI_MANIFEST, text.as_bytes());
    let fake = fake.lying(Lie::Status(Digest::sha256(&image.layers[0]), 404, String::new()));
    let told = messages(Options::default(), fake);
    assert!(told.contains("names where else it is: https://mcr.example/layer"), "{told}");
    assert!(!told.contains("secret") && !told.contains("not an address"), "{told}");
}

#[test]
fn a_blob_that_was_decoded_on_the_way_is_not_said_to_be_another() {
    let image = image();
    let layer = Digest::sha256(&image.layers[0]);
    let mut fake = Fake::new();
    fake.add_image(&image);
    fake.add_manifest("1", OCI_MANIFEST, &image.manifest);
    fake.replace_blob(&layer, b"what the layer unpacks to");
    let others = Digest::sha256(b"what the layer unpacks to");
    let fake = fake.with_headers(&others, &[("content-encoding", "gzip")]);
    assert_eq!(found(fake), ["unchecked", "layer 0 unchecked: content-encoded"]);
}
