//! A real registry with real images in it: what the end-to-end tests build on.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may")]

use xtask::images;
use xtask::layout::{INDEX, Layout, digest_of, sha256};
use xtask::probe::{Answer, request};
use xtask::registry::{Cors, Format, Options, Registry};

const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, \
                      application/vnd.docker.distribution.manifest.list.v2+json, \
                      application/vnd.docker.distribution.manifest.v2+json";

fn manifest(registry: &Registry, method: &str, name: &str, reference: &str) -> Answer {
    let path = format!("/v2/{name}/manifests/{reference}");
    request(&registry.host(), method, &path, &[("Accept", ACCEPT), ("Origin", "http://page.example")])
        .unwrap()
}

fn started(cors: Cors) -> Registry {
    Registry::start(&Options { cors, ..Options::default() }).unwrap()
}

#[test]
fn both_images_are_served_with_the_digests_of_their_layouts() {
    let registry = started(Cors::Open);
    for (layout, name) in
        [(images::single().unwrap(), "test/single"), (images::multi().unwrap(), "test/multi")]
    {
        registry.push(&layout, &format!("{name}:1.0"), Format::Oci).unwrap();
        let head = manifest(&registry, "HEAD", name, "1.0");
        assert_eq!(head.status, 200, "{name}");
        assert_eq!(head.header("docker-content-digest"), Some(layout.digest().unwrap().as_str()), "{name}");

        let body = manifest(&registry, "GET", name, "1.0").body;
        assert_eq!(sha256(&body), layout.digest().unwrap(), "{name}");
    }
}

#[test]
fn the_index_names_two_platforms_and_their_configs_agree() {
    let layout = images::multi().unwrap();
    let index = layout.document(&layout.digest().unwrap()).unwrap();
    let mut first_layers = Vec::new();
    for (entry, (architecture, variant)) in
        index["manifests"].as_array().unwrap().iter().zip([("amd64", None), ("arm64", Some("v8"))])
    {
        let manifest = layout.document(&digest_of(entry).unwrap()).unwrap();
        let config = layout.document(&digest_of(&manifest["config"]).unwrap()).unwrap();
        for document in [&entry["platform"], &config] {
            assert_eq!(document["os"], "linux");
            assert_eq!(document["architecture"], architecture);
            assert_eq!(document["variant"].as_str(), variant);
        }
        let layers = manifest["layers"].as_array().unwrap();
        assert_eq!((layers.len(), config["history"].as_array().unwrap().len()), (3, 3));
        first_layers.push(digest_of(&layers[0]).unwrap());
    }
    assert_eq!(first_layers.len(), 2);
    assert_eq!(first_layers[0], first_layers[1], "the platforms share their first layer");
}

#[test]
fn images_are_the_same_in_each_run() {
    for build in [images::single as fn() -> anyhow::Result<Layout>, images::multi] {
        let [one, two] = [(); 2].map(|()| build().unwrap().digest().unwrap());
        assert_eq!(one, two);
    }
}

#[test]
fn docker_documents_are_what_format_v2s2_pushes() {
    let registry = started(Cors::Open);
    registry.push(&images::multi().unwrap(), "test/docker:1.0", Format::V2s2).unwrap();
    let head = manifest(&registry, "HEAD", "test/docker", "1.0");
    assert_eq!(
        head.header("content-type"),
        Some("application/vnd.docker.distribution.manifest.list.v2+json")
    );
}

#[test]
fn pages_see_what_cors_allows() {
    let layout = images::single().unwrap();
    for (cors, origin, exposed) in
        [(Cors::Open, Some("*"), true), (Cors::NotExposed, Some("*"), false), (Cors::None, None, false)]
    {
        let registry = started(cors);
        registry.push(&layout, "test/cors:1.0", Format::Oci).unwrap();
        let head = manifest(&registry, "HEAD", "test/cors", "1.0");
        assert_eq!(head.header("access-control-allow-origin"), origin, "{cors:?}");
        let exposes = |name| {
            head.headers
                .iter()
                .any(|(key, value)| key == "access-control-expose-headers" && value.contains(name))
        };
        for name in ["Docker-Content-Digest", "WWW-Authenticate", "Link", "Location"] {
            assert_eq!(exposes(name), exposed, "{cors:?}: {name}");
        }
    }
}

#[test]
fn a_flipped_byte_is_served() {
    let registry = started(Cors::Open);
    let layout = images::single().unwrap();
    registry.push(&layout, "test/flipped:1.0", Format::Oci).unwrap();
    let manifest = layout.document(&layout.digest().unwrap()).unwrap();
    let digest = digest_of(&manifest["layers"][0]).unwrap();
    let blob =
        || request(&registry.host(), "GET", &format!("/v2/test/flipped/blobs/{digest}"), &[]).unwrap().body;
    assert_eq!(sha256(&blob()), digest);
    registry.flip_byte(&digest, 40).unwrap();
    assert_ne!(sha256(&blob()), digest);
    registry.flip_byte(&digest, 40).unwrap();
    assert_eq!(sha256(&blob()), digest);

    let error = registry.flip_byte(&digest, usize::MAX).unwrap_err().to_string();
    assert!(error.contains("so there is none at"), "{error}");
}

#[test]
fn a_registry_stops_on_drop_and_takes_its_files_along() {
    let registry = started(Cors::None);
    let (host, blob) = (registry.host(), registry.blob_path(&sha256(b"")).unwrap());
    let dir = blob.ancestors().find(|dir| dir.is_dir()).unwrap().to_owned();
    assert_eq!(request(&host, "GET", "/v2/", &[]).unwrap().status, 200);
    drop(registry);
    assert!(request(&host, "GET", "/v2/", &[]).is_err());
    assert!(!dir.exists(), "{} is left", dir.display());
}

#[test]
fn a_taken_port_is_an_error_and_not_another_registry() {
    let registry = started(Cors::None);
    let port = registry.host().rsplit(':').next().unwrap().parse().unwrap();
    let error = Registry::start(&Options { cors: Cors::None, port: Some(port), ..Options::default() })
        .unwrap_err()
        .to_string();
    assert!(error.contains(&format!("port {port} on 127.0.0.1 is taken")), "{error}");
}

#[test]
fn the_media_type_of_an_index_is_the_specifications() {
    let layout = images::multi().unwrap();
    assert_eq!(layout.tagged("multi").unwrap()["mediaType"], INDEX);
}
