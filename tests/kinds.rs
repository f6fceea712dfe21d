//! What is an image, and what is something else: artifacts, build caches, and kinds of manifests that are not read.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helper may panic: that fails the test"
)]

mod support;

use registry_inspector::digest::Digest;
use registry_inspector::pull::{Layers, Options, Pull};
use serde_json::{Value, json};
use support::{Fake, Image, Lie, config, descriptor, found, found_of, manifest};

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// A tar of one empty file, and its end.
fn tar() -> Vec<u8> {
    let mut block = vec![0_u8; 512];
    for (at, text) in [
        (0, "file"),
        (100, "0000644"),
        (108, "0000000"),
        (116, "0000000"),
        (124, "00000000000"),
        (136, "00000000000"),
    ] {
        block[at..at + text.len()].copy_from_slice(text.as_bytes());
    }
    block[156] = b'0';
    block[257..265].copy_from_slice(b"ustar\x0000");
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block.resize(512 + 1024, 0);
    block
}

fn unpacking() -> Options {
    Options { layers: Layers::Unpack, ..Options::default() }
}

/// What is found where a manifest, a config and layers are these, and layers are unpacked.
fn unpacked(document: &Value, config: &[u8], layers: &[Vec<u8>]) -> Vec<String> {
    let mut fake = Fake::new();
    fake.add_blob(config);
    layers.iter().for_each(|layer| fake.add_blob(layer));
    fake.add_manifest("1", OCI_MANIFEST, document.to_string().as_bytes());
    found_of("registry.example/app:1", unpacking(), fake)
}

/// A config with the right diff IDs, and one with wrong ones, of one layer.
fn configs(layer: &[u8]) -> [Vec<u8>; 2] {
    [layer, b"another"].map(|bytes| {
        let mut config = config("linux", "amd64", 1);
        config["rootfs"]["diff_ids"] = json!([Digest::sha256(bytes).to_string()]);
        config.to_string().into_bytes()
    })
}

#[test]
fn layers_of_an_image_are_unpacked_whatever_the_types_say() {
    let layers = vec![tar()];
    let [right, wrong] = configs(&layers[0]);
    for config_type in [
        "application/vnd.oci.image.config.v1+json",
        "application/octet-stream",
        "",
        "application/vnd.example.config+json",
    ] {
        for layer_type in [
            OCI_LAYER,
            "application/octet-stream",
            "",
            "application/vnd.oci.image.layer.v1.tar.gz",
            "application/vnd.oci.image.layer.nondistributable.v1.tar",
        ] {
            for (config, is_right) in [(&right, true), (&wrong, false)] {
                let mut document = manifest(config, &layers);
                document["config"]["mediaType"] = json!(config_type);
                document["layers"][0]["mediaType"] = json!(layer_type);
                let found = unpacked(&document, config, &layers);
                let of_layer = found.iter().find(|line| line.starts_with("layer 0"));
                let says = of_layer.is_some_and(|line| line.contains("diff-id-mismatch"));
                let verdict = if is_right { "verified" } else { "failed" };
                assert_eq!(
                    (found[0].as_str(), says),
                    (verdict, !is_right),
                    "{config_type} {layer_type}: {found:?}"
                );
            }
        }
    }
}

#[test]
fn a_layer_that_cannot_be_unpacked_says_why() {
    for (bytes, layer_type, code) in [
        (&b"\xfd7zXZ\0 and so on"[..], "application/octet-stream", "not-unpacked"),
        (b"\x9a\x01\x02\x03", "application/vnd.oci.image.layer.v1.tar+encrypted", "not-unpacked"),
        (b"no tar at all", OCI_LAYER, "malformed"),
    ] {
        let layers = vec![bytes.to_vec()];
        let [config, _] = configs(bytes);
        let mut document = manifest(&config, &layers);
        document["layers"][0]["mediaType"] = json!(layer_type);
        let found = unpacked(&document, &config, &layers);
        assert!(
            found.iter().any(|line| line.starts_with("layer 0") && line.contains(code)),
            "{layer_type}: {found:?}"
        );
        assert_ne!(found[0], "verified", "{layer_type}");
    }
}

#[test]
fn without_its_config_nothing_says_whether_it_is_an_image() {
    let layers = vec![tar()];
    let [config, _] = configs(&layers[0]);
    let mut document = manifest(&config, &layers);
    document["config"]["mediaType"] = json!("application/octet-stream");
    let mut fake = Fake::new();
    fake.add_blob(&layers[0]);
    fake.add_manifest("1", OCI_MANIFEST, document.to_string().as_bytes());
    let found = found_of("registry.example/app:1", unpacking(), fake);
    assert_eq!(found, ["unchecked", "config 0 unchecked: not-fetched", "blob 0 unchecked: not-unpacked"]);
}

#[test]
fn an_artifact_is_no_broken_image() {
    let layers = vec![b"any bytes".to_vec()];
    for (artifact_type, config_type, config) in [
        ("application/vnd.example", "application/vnd.oci.empty.v1+json", &b"{}"[..]),
        ("application/vnd.example", "application/vnd.oci.image.config.v1+json", b"{}"),
        ("", "application/vnd.oci.empty.v1+json", b"{}"),
        ("", "application/vnd.cncf.helm.config.v1+json", br#"{"name":"chart"}"#),
        ("", "application/vnd.example", b"no json"),
    ] {
        let mut document = manifest(config, &layers);
        document["artifactType"] = json!(artifact_type);
        document["config"]["mediaType"] = json!(config_type);
        assert_eq!(unpacked(&document, config, &layers), ["verified"], "{artifact_type} {config_type}");
    }
}

#[test]
fn a_build_cache_is_fetched_as_blobs() {
    let blobs = [b"layer one".to_vec(), b"layer two".to_vec(), br#"{"layers":[]}"#.to_vec()];
    let types = [OCI_LAYER, OCI_LAYER, "application/vnd.buildkit.cacheconfig.v0"];
    let entries: Vec<Value> = blobs.iter().zip(types).map(|(blob, kind)| descriptor(kind, blob)).collect();
    let index = json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries });
    let mut fake = Fake::new();
    blobs.iter().for_each(|blob| fake.add_blob(blob));
    fake.add_manifest("1", OCI_INDEX, index.to_string().as_bytes());
    let pull = Pull::new("registry.example/app:1".parse().unwrap(), Options::default(), fake, |_| {});
    pollster::block_on(pull.run()).unwrap();
    assert_eq!(pull.graph().verdict().as_str(), "verified");
    assert!(pull.problem().is_none());
    let asked = pull.trace().entries.iter().filter(|entry| entry.url.path().contains("/blobs/")).count();
    assert_eq!(asked, 3);
}

#[test]
fn kinds_that_are_not_read_are_named() {
    let schema1 = json!({ "schemaVersion": 1, "name": "app", "tag": "1", "fsLayers": [], "history": [] });
    let mut signed = schema1.clone();
    signed["signatures"] = json!([{ "header": {} }]);
    let artifact = "application/vnd.oci.artifact.manifest.v1+json";
    let artifact = json!({ "mediaType": artifact, "artifactType": "a/b", "blobs": [] });
    for document in [schema1, signed, artifact] {
        let bytes = document.to_string().into_bytes();
        for reference in ["1".to_owned(), Digest::sha256(&bytes).to_string()] {
            let separator = if reference == "1" { ":" } else { "@" };
            let reference = format!("registry.example/app{separator}{reference}");
            let mut fake = Fake::new();
            fake.add_manifest("1", OCI_MANIFEST, &bytes);
            let found = found_of(&reference, Options::default(), fake);
            assert_eq!(found[0], "unchecked", "{document}: {found:?}");
            assert!(found[1].contains("unsupported-kind"), "{document}: {found:?}");
        }
    }
}

#[test]
fn a_signed_schema_1_is_not_said_to_have_a_wrong_digest() {
    let mut signed = json!({ "schemaVersion": 1, "fsLayers": [], "history": [] });
    signed["signatures"] = json!([{ "header": {} }]);
    let bytes = signed.to_string().into_bytes();
    let payload = Image::new("linux", "amd64", &["x"]);
    let digest = Digest::sha256(&payload.manifest);
    for media_type in [OCI_MANIFEST, "application/vnd.docker.distribution.manifest.v1+prettyjws"] {
        let mut fake = Fake::new();
        fake.add_manifest("1", OCI_MANIFEST, &payload.manifest);
        let fake = fake.lying(Lie::Body(digest.clone(), bytes.clone()));
        let fake = fake.with_headers(&digest, &[("content-type", media_type)]);
        let found = found_of(&format!("registry.example/app@{digest}"), Options::default(), fake);
        assert_eq!(found[0], "unchecked", "{media_type}: {found:?}");
        assert!(found[1].contains("unsupported-kind"), "{media_type}: {found:?}");
    }
    assert_eq!(found(Fake::with_index(&payload))[0], "verified");
}
