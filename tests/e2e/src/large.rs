//! Recordings of pulls that are larger than any real one: what the page must still draw and scroll.

use serde_json::{Value, json};
use xtask::layout::sha256;

const HOST: &str = "https://registry.example/v2/app";

/// A pull of an image with so many layers, of a few bytes each, all of them there: three more entries than layers.
pub fn many_layers(layers: usize) -> String {
    layers_of((0..layers).map(|at| format!("layer {at}")).collect())
}

/// A pull of an image with one layer of so many bytes.
pub fn long_layer(length: usize) -> String {
    layers_of(vec!["a".repeat(length)])
}

fn layers_of(blobs: Vec<String>) -> String {
    let digests: Vec<String> = blobs.iter().map(|blob| sha256(blob.as_bytes())).collect();
    let config = json!({
        "os": "linux", "architecture": "amd64", "rootfs": { "type": "layers", "diff_ids": digests },
    })
    .to_string();
    let layer = |(digest, blob): (&String, &String)| json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest, "size": blob.len() });
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": sha256(config.as_bytes()), "size": config.len() },
        "layers": digests.iter().zip(&blobs).map(layer).collect::<Vec<Value>>(),
    })
    .to_string();
    let digest = sha256(manifest.as_bytes());
    let mut entries = vec![
        entry("HEAD", "manifests/1", MANIFEST, &digest, ""),
        entry("GET", &format!("manifests/{digest}"), MANIFEST, &digest, &manifest),
        entry("GET", &format!("blobs/{}", sha256(config.as_bytes())), BYTES, "", &config),
    ];
    let blob = |(digest, blob): (&String, &String)| entry("GET", &format!("blobs/{digest}"), BYTES, "", blob);
    entries.extend(digests.iter().zip(&blobs).map(blob));
    har(entries)
}

/// A pull from an index of so many entries, none of which is for the platform that is asked for.
pub fn many_platforms(entries: usize) -> String {
    let entry_of = |at: usize| {
        json!({
            "mediaType": MANIFEST, "digest": sha256(format!("image {at}").as_bytes()), "size": 500,
            "platform": { "os": "linux", "architecture": format!("cpu{at}") },
        })
    };
    let manifests: Vec<Value> = (0..entries).map(entry_of).collect();
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests }).to_string();
    let digest = sha256(index.as_bytes());
    har(vec![
        entry("HEAD", "manifests/1", INDEX, &digest, ""),
        entry("GET", &format!("manifests/{digest}"), INDEX, &digest, &index),
    ])
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const BYTES: &str = "application/octet-stream";

fn entry(method: &str, path: &str, media_type: &str, digest: &str, body: &str) -> Value {
    let mut headers = vec![json!({ "name": "content-type", "value": media_type })];
    if !digest.is_empty() {
        headers.push(json!({ "name": "docker-content-digest", "value": digest }));
    }
    json!({
        "startedDateTime": "2026-01-01T00:00:00.000Z", "time": 1,
        "request": { "method": method, "url": format!("{HOST}/{path}"), "headers": [] },
        "response": { "status": 200, "headers": headers, "content": { "mimeType": media_type, "text": body } },
        "timings": { "send": 0, "wait": 1, "receive": 0 },
    })
}

fn har(entries: Vec<Value>) -> String {
    json!({ "log": { "version": "1.2", "creator": { "name": "a test", "version": "1" }, "entries": entries } }).to_string()
}
