//! What the worst of registries would write.

use serde_json::{Value, json};
use xtask::layout::sha256;

/// A recording that has markup in every place that a registry can write to.
pub fn hostile_recording() -> String {
    let markup = "<img src=x onerror=globalThis.hacked=1><script>globalThis.hacked=1</script>";
    let digest = |bytes: &str| sha256(bytes.as_bytes());
    let text = |value: Value| value.to_string();
    let config = text(json!({ "os": markup, "architecture": markup, "rootfs": { "diff_ids": [] } }));
    let manifest = text(json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": { "mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(&config), "size": config.len() },
        "layers": [{ "mediaType": markup, "digest": digest("layer"), "size": 5 }],
        "annotations": { markup: markup },
    }));
    let index = text(json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", markup: markup,
        "manifests": [{
            "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest(&manifest), "size": manifest.len(),
            "platform": { "os": "linux", "architecture": "amd64", "os.version": markup },
        }],
    }));
    let refusal = text(json!({ "errors": [{ "code": markup, "message": markup }] }));
    let entry = |method: &str, path: String, status: u16, body: &str, kind: &str| {
        let header = |name: &str, value: &str| json!({ "name": name, "value": value });
        json!({
            "request": { "method": method, "url": format!("https://hostile.example/v2/app/{path}") },
            "response": {
                "status": status, "content": { "text": body },
                "headers": [header("Content-Type", kind), header("Server", markup), header("Docker-Content-Digest", &digest(body))],
            },
        })
    };
    let [of_index, of_manifest] =
        ["index", "manifest"].map(|kind| format!("application/vnd.oci.image.{kind}.v1+json"));
    text(json!({ "log": { "entries": [
        entry("GET", "manifests/1".into(), 200, &index, &of_index),
        entry("GET", format!("manifests/{}", digest(&index)), 200, &index, &of_index),
        entry("GET", format!("manifests/{}", digest(&manifest)), 200, &manifest, &of_manifest),
        entry("GET", format!("blobs/{}", digest(&config)), 200, &config, markup),
        entry("GET", format!("blobs/{}", digest("layer")), 404, &refusal, markup),
    ] } }))
}
