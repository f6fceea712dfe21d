//! What a registry says beside the bytes, and what it names in a way that nobody can follow: a word that is wrong is a
//! finding, and hides nothing.
//!
//! To accept a new story after reading it: `INSTA_UPDATE=always cargo test --test claims`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helper may panic: that fails the test"
)]

mod support;

use insta::assert_snapshot;
use registry_inspector::digest::Digest;
use registry_inspector::pull::{Options, Pull};
use serde_json::Value;
use support::{Fake, Image, Lie, index, manifest, story, story_of};

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn image() -> Image {
    Image::new("linux", "amd64", &["first layer", "second layer"])
}

/// The index of [`Fake::with_index`].
fn root(image: &Image) -> Digest {
    let other = Image::new("linux", "arm64", &["other"]);
    let index = index(&[("linux/amd64", &image.manifest), ("linux/arm64", &other.manifest)]);
    Digest::sha256(index.to_string().as_bytes())
}

#[test]
fn a_wrong_word_on_a_tag_is_found_and_leads_nowhere() {
    let image = image();
    assert_snapshot!(story(Fake::with_index(&image).lying(Lie::WrongHeader(root(&image)))));
}

#[test]
fn a_wrong_word_on_a_tag_without_head() {
    let image = image();
    let fake = Fake::with_index(&image).lying(Lie::WrongHeader(root(&image)));
    assert_snapshot!(story(fake.without_head()));
}

#[test]
fn a_wrong_word_on_a_layer() {
    let image = image();
    let lie = Lie::WrongHeader(Digest::sha256(&image.layers[1]));
    assert_snapshot!(story(Fake::with_index(&image).lying(lie)));
}

#[test]
fn a_hidden_word_on_a_pinned_root() {
    let image = image();
    let reference = format!("registry.example/app@{}", root(&image));
    assert_snapshot!(story_of(&reference, Options::default(), Fake::with_index(&image).hiding_headers()));
}

#[test]
fn a_tag_that_brings_too_much_or_breaks_off_says_so_behind_hidden_headers() {
    let image = image();
    let huge = vec![b' '; 4 * 1024 * 1024 + 1];
    let told = [Lie::Body(root(&image), huge), Lie::BrokenBody(root(&image))]
        .map(|lie| story(Fake::with_index(&image).hiding_headers().lying(lie)));
    assert_snapshot!(told.join("\n\n"));
}

/// A document in which a descriptor was spoilt.
fn spoilt(mut document: Value, list: &str, at: usize, name: &str, value: Value) -> Vec<u8> {
    document[list][at][name] = value;
    document.to_string().into_bytes()
}

#[test]
fn an_entry_that_cannot_be_read_hides_no_other() {
    let image = image();
    let entries = index(&[("linux/s390x", b"another"), ("linux/amd64", &image.manifest)]);
    let mut fake = Fake::new();
    fake.add_image(&image);
    fake.add_manifest("1", OCI_INDEX, &spoilt(entries, "manifests", 0, "digest", "sha256:beef".into()));
    assert_snapshot!(story(fake));
}

#[test]
fn a_layer_that_cannot_be_read_hides_no_other() {
    let image = image();
    let document = manifest(&image.config, &image.layers);
    let mut fake = Fake::new();
    fake.add_image(&image);
    fake.add_manifest("1", OCI_MANIFEST, &spoilt(document, "layers", 0, "size", (-1).into()));
    assert_snapshot!(story(fake));
}

/// Indexes in one another, as many as are said; the innermost names the image.
fn nested(depth: usize) -> Fake {
    let image = image();
    let mut fake = Fake::new();
    fake.add_image(&image);
    let mut inner = index(&[("linux/amd64", &image.manifest)]).to_string();
    for at in 1..depth {
        fake.add_manifest(&format!("inner{at}"), OCI_INDEX, inner.as_bytes());
        inner = around(&[inner.as_bytes()]);
    }
    fake.add_manifest("1", OCI_INDEX, inner.as_bytes());
    fake
}

/// An index of indexes, none of which names a platform.
fn around(inner: &[&[u8]]) -> String {
    let entries: Vec<(&str, &[u8])> = inner.iter().map(|bytes| ("any/any", *bytes)).collect();
    let mut outer = index(&entries);
    for entry in outer["manifests"].as_array_mut().unwrap() {
        entry["mediaType"] = OCI_INDEX.into();
        entry.as_object_mut().unwrap().remove("platform");
    }
    outer.to_string()
}

#[test]
fn indexes_are_followed_to_a_depth() {
    assert!(story(nested(4)).ends_with("\nverified"), "{}", story(nested(4)));
    assert_snapshot!(story(nested(5)));
}

#[test]
fn indexes_are_followed_to_a_number() {
    let mut fake = Fake::new();
    let empty: Vec<String> = (0..100).map(|at| format!("{{\"manifests\":[],\"at\":{at}}}")).collect();
    for document in &empty {
        fake.add_manifest("inner", OCI_INDEX, document.as_bytes());
    }
    let all: Vec<&[u8]> = empty.iter().map(String::as_bytes).collect();
    fake.add_manifest("1", OCI_INDEX, around(&all).as_bytes());
    let pull = Pull::new("registry.example/app:1".parse().unwrap(), Options::default(), fake, |_| {});
    pollster::block_on(pull.run()).unwrap();
    let asked = pull.trace().entries.len();
    assert_eq!(asked, 33, "HEAD, the index, and 31 of those in it");
    let refused = |text: &str| {
        let graph = pull.graph();
        let findings = graph.iter().flat_map(|(_, node)| node.findings.clone());
        findings.filter(|finding| finding.message.contains(text)).count()
    };
    assert_eq!(refused("more than 32 indexes"), 69);
}
