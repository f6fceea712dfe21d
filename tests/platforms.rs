//! Which image of several is pulled, and what is said of the others.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helper may panic: that fails the test"
)]

mod support;

use registry_inspector::pull::{Options, Pull};
use registry_inspector::report::Report;
use serde_json::Value;
use support::{Fake, Image, descriptor, found, found_of, index};

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn image(platform: &str) -> Image {
    let (os, architecture) = platform.split_once('/').unwrap();
    Image::new(os, architecture, &[platform])
}

/// A registry with an index under the tag 1, and images.
fn serving(index: &Value, images: &[Image]) -> Fake {
    let mut fake = Fake::new();
    images.iter().for_each(|image| fake.add_image(image));
    fake.add_manifest("1", OCI_INDEX, index.to_string().as_bytes());
    fake
}

/// An index whose entries state no platform.
fn unstated(images: &[Image]) -> Value {
    let entries: Vec<Value> = images.iter().map(|image| descriptor(OCI_MANIFEST, &image.manifest)).collect();
    serde_json::json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries })
}

/// The verdict, what was wanted of the manifests, and what is said of the layers that were not.
fn pulled(platform: &str, fake: Fake) -> (String, Vec<bool>, Vec<String>) {
    let options = Options { platform: platform.parse().unwrap(), ..Options::default() };
    let pull = Pull::new("registry.example/app:1".parse().unwrap(), options, fake, |_| {});
    pollster::block_on(pull.run()).unwrap();
    let graph = pull.graph();
    let root = graph.root().unwrap();
    let wanted = graph.children(root).map(|(_, node)| node.wanted).collect();
    let unwanted = graph.iter().filter(|(_, node)| !node.wanted);
    let said = unwanted.flat_map(|(_, node)| node.findings.iter().map(|finding| finding.message.clone()));
    let report = Report::new(&pull);
    let problem = report.problem.map(|problem| format!(" {}", problem.code)).unwrap_or_default();
    if let Some(problem) = pull.problem() {
        assert!(problem.to_string().contains("it has linux/"), "{problem}");
    }
    (format!("{}{problem}", report.verdict), wanted, said.collect())
}

#[test]
fn entries_without_platform_are_told_apart_by_their_configs() {
    let images = ["linux/s390x", "linux/386", "linux/amd64", "linux/arm64"].map(image);
    for (platform, verdict, wanted) in [
        ("linux/amd64", "verified", [false, false, true, false]),
        ("linux/arm64", "verified", [false, false, false, true]),
        ("linux/s390x", "verified", [true, false, false, false]),
        ("linux/ppc64le", "unchecked no-platform", [false, false, false, false]),
    ] {
        let (found, chosen, said) = pulled(platform, serving(&unstated(&images), &images));
        assert_eq!((found.as_str(), chosen.as_slice()), (verdict, &wanted[..]), "{platform}: {said:?}");
        let named = said.iter().any(|said| said.starts_with("not asked for: its config is for linux/"));
        assert!(named, "{platform}: {said:?}");
    }
    let amd64 = [image("linux/386")];
    assert_eq!(pulled("linux/amd64", serving(&unstated(&amd64), &amd64)).1, [true], "it runs there");
}

#[test]
fn what_is_alone_is_pulled_and_said_to_be_for_another_platform() {
    let arm = image("linux/arm64");
    let mut single = Fake::new();
    single.add_image(&arm);
    single.add_manifest("1", OCI_MANIFEST, &arm.manifest);
    let other = ["verified", "manifest 0 verified: other-platform"];
    assert_eq!(found(single), other, "a single manifest");
    let arms = [arm];
    assert_eq!(found(serving(&unstated(&arms), &arms)), other, "the only entry, which states none");
    let stated = index(&[("linux/arm64", &arms[0].manifest)]);
    assert_eq!(found(serving(&stated, &arms)), other, "the only entry, which states it");
    let attested = index(&[("linux/arm64", &arms[0].manifest), ("unknown/unknown", b"attestation")]);
    assert_eq!(found(serving(&attested, &arms)), other, "an attestation is no other image");
    let two = index(&[("linux/arm64", &arms[0].manifest), ("linux/s390x", b"another")]);
    let (verdict, ..) = pulled("linux/amd64", serving(&two, &arms));
    assert_eq!(verdict, "unchecked no-platform", "of two, none is taken");
    let options = Options { platform: "linux/arm64".parse().unwrap(), ..Options::default() };
    let asked = found_of("registry.example/app:1", options, serving(&stated, &arms));
    assert_eq!(asked, ["verified"], "and it is not said where it was asked for");
}

#[test]
fn the_same_platform_twice_is_said_to_be_so() {
    let images = [image("linux/amd64"), Image::new("linux", "amd64", &["another"]), image("linux/arm64")];
    let entries = index(&[
        ("linux/amd64", &images[0].manifest),
        ("linux/x86_64", &images[1].manifest),
        ("linux/arm64", &images[2].manifest),
    ]);
    let (verdict, wanted, said) = pulled("linux/amd64", serving(&entries, &images));
    assert_eq!((verdict.as_str(), wanted.as_slice()), ("verified", &[true, false, false][..]));
    assert_eq!(
        said,
        [
            "not asked for: an entry before it is for the same platform",
            "not asked for: it is not for the chosen platform"
        ]
    );
}

#[test]
fn a_config_that_states_no_platform_is_not_for_another() {
    let image = Image::new("", "", &["layer"]);
    let entries = index(&[("linux/amd64", &image.manifest)]);
    let found = found(serving(&entries, &[image]));
    assert_eq!(found, ["verified", "config 0 verified: platform-unstated"]);
}
