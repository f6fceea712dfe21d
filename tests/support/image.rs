//! Small images, with digests that are computed and never typed in.

use registry_inspector::digest::Digest;
use serde_json::{Value, json};

pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// An image for one platform: its documents and layers as bytes.
pub(crate) struct Image {
    pub(crate) manifest: Vec<u8>,
    pub(crate) config: Vec<u8>,
    pub(crate) layers: Vec<Vec<u8>>,
}

impl Image {
    /// An image whose layers are these bytes; nothing here unpacks them.
    pub(crate) fn new(os: &str, architecture: &str, layers: &[&str]) -> Image {
        let layers: Vec<Vec<u8>> = layers.iter().map(|layer| layer.as_bytes().to_vec()).collect();
        let config = config(os, architecture, layers.len()).to_string().into_bytes();
        let manifest = manifest(&config, &layers).to_string().into_bytes();
        Image { manifest, config, layers }
    }
}

/// A config with as many diff IDs and history entries as there are layers, and an empty step.
pub(crate) fn config(os: &str, architecture: &str, layers: usize) -> Value {
    let diff_ids: Vec<String> =
        (0..layers).map(|at| Digest::sha256(format!("diff {at}").as_bytes()).to_string()).collect();
    let mut history: Vec<Value> =
        (0..layers).map(|at| json!({ "created_by": format!("COPY {at}") })).collect();
    history.push(json!({ "created_by": "CMD", "empty_layer": true }));
    json!({
        "os": os, "architecture": architecture,
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": history,
    })
}

/// An image manifest of these bytes.
pub(crate) fn manifest(config: &[u8], layers: &[Vec<u8>]) -> Value {
    let layers: Vec<Value> = layers.iter().map(|layer| descriptor(OCI_LAYER, layer)).collect();
    json!({
        "schemaVersion": 2, "mediaType": OCI_MANIFEST,
        "config": descriptor(OCI_CONFIG, config), "layers": layers,
    })
}

/// An index of manifests, each with its platform as `os/architecture`.
pub(crate) fn index(entries: &[(&str, &[u8])]) -> Value {
    let manifests: Vec<Value> = entries
        .iter()
        .map(|(platform, bytes)| {
            let (os, architecture) = platform.split_once('/').unwrap();
            let mut entry = descriptor(OCI_MANIFEST, bytes);
            entry["platform"] = json!({ "os": os, "architecture": architecture });
            entry
        })
        .collect();
    json!({ "schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests })
}

/// The entry of an index for an attestation of the image with these bytes, as BuildKit writes it.
pub(crate) fn attestation(bytes: &[u8], image: &[u8]) -> Value {
    let mut entry = descriptor(OCI_MANIFEST, bytes);
    entry["platform"] = json!({ "os": "unknown", "architecture": "unknown" });
    entry["annotations"] = json!({
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": Digest::sha256(image).to_string(),
    });
    entry
}

/// A descriptor of these bytes.
pub(crate) fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": Digest::sha256(bytes).to_string(), "size": bytes.len() })
}
