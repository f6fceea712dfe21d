//! OCI layouts with images in them: made by umoci or buildah, so that nothing here proves only itself.
//!
//! What umoci cannot do is done here: an index, and the variant of a platform.

#![allow(
    clippy::indexing_slicing,
    reason = "in a JSON document, what is absent reads as null; only what umoci or this file made is written to"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::process::run;
use crate::scratch::Scratch;
use crate::tar::{Entry, archive};
use crate::tools::{self, Tool};

/// When everything here was made: [`crate::tar::MTIME`] in the notation of RFC 3339.
const CREATED: &str = "2024-01-01T00:00:00Z";

/// The media type of an image index.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The media type of an image manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// An OCI layout in a temporary directory, removed on drop, and the tag of the image in it that is meant.
#[derive(Debug)]
pub struct Layout {
    scratch: Scratch,
    tag: String,
}

/// A platform as `os/architecture[/variant]`, in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Platform {
    /// The operating system, `linux`.
    pub os: &'static str,
    /// The architecture by its Go name.
    pub architecture: &'static str,
    /// The variant of the architecture.
    pub variant: Option<&'static str>,
}

/// `linux/amd64`.
pub const AMD64: Platform = Platform { os: "linux", architecture: "amd64", variant: None };

/// `linux/arm64/v8`.
pub const ARM64: Platform = Platform { os: "linux", architecture: "arm64", variant: Some("v8") };

impl Layout {
    /// An empty layout whose image will have this tag.
    pub fn new(tag: &str) -> Result<Layout> {
        let layout = Layout { scratch: Scratch::new("layout")?, tag: tag.to_owned() };
        let dir = layout.dir();
        layout.umoci(&["init", "--layout", &dir.to_string_lossy()])?;
        Ok(layout)
    }

    /// The layout's directory.
    pub fn dir(&self) -> PathBuf {
        self.scratch.path().join("layout")
    }

    /// The tag in the layout.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Adds an image with these layers under a tag of its own; returns its entry in `index.json`.
    pub fn add_image(&self, tag: &str, platform: Platform, layers: &[Vec<Entry>]) -> Result<Value> {
        let image = format!("{}:{tag}", self.dir().display());
        self.umoci(&["new", "--image", &image])?;
        for (number, layer) in layers.iter().enumerate() {
            let file = self.scratch.path().join("layer.tar");
            std::fs::write(&file, archive(layer))
                .with_context(|| format!("cannot write {}", file.display()))?;
            let by = format!("layer {} of {}", number + 1, layers.len());
            let history = ["--history.created", CREATED, "--history.created_by", &by];
            let path = file.to_string_lossy();
            self.umoci(&[&["raw", "add-layer", "--image", &image], &history[..], &[&path]].concat())?;
        }
        let platform_args = ["--os", platform.os, "--architecture", platform.architecture];
        let config = ["--created", CREATED, "--config.cmd", "/bin/true", "--no-history"];
        self.umoci(&[&["config", "--image", &image], &platform_args[..], &config[..]].concat())?;
        self.set_variant(tag, platform)?;
        self.tagged(tag)
    }

    /// Adds an image of one layer under the layout's tag, made by buildah from the files in a directory.
    pub fn add_built(&self, files: &Path) -> Result<()> {
        let place = |name: &str| self.scratch.path().join(name);
        let buildah = |args: &[&str]| -> Result<String> {
            let mut command = Command::new(tools::find(Tool::Buildah)?);
            // It needs no rights that a build in a container lacks.
            command.args(["--storage-driver", "vfs", "--root"]).arg(place("store"));
            command.arg("--runroot").arg(place("run")).args(args);
            run(&mut command, &place("buildah.txt"))
        };
        let container = buildah(&["from", "scratch"])?;
        let container = container.lines().last().context("buildah named no container")?.trim().to_owned();
        buildah(&["copy", "--quiet", &container, &files.to_string_lossy(), "/"])?;
        let image = format!("oci:{}:{}", self.dir().display(), self.tag);
        buildah(&["commit", "--quiet", &container, &image])?;
        Ok(())
    }

    /// The entry of `index.json` with that tag.
    pub fn tagged(&self, tag: &str) -> Result<Value> {
        let index = read_json(&self.index_path())?;
        let entries = index["manifests"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found = entries.iter().find(|entry| entry["annotations"][REF_NAME] == tag);
        found.cloned().with_context(|| format!("{} has no tag {tag}", self.index_path().display()))
    }

    /// The digest of the image that is meant.
    pub fn digest(&self) -> Result<String> {
        digest_of(&self.tagged(&self.tag)?)
    }

    /// A document of the layout by its digest.
    pub fn document(&self, digest: &str) -> Result<Value> {
        read_json(&self.blob_path(digest))
    }

    /// The file of a blob.
    pub fn blob_path(&self, digest: &str) -> PathBuf {
        self.dir().join("blobs").join(digest.replacen(':', "/", 1))
    }

    /// Adds a blob; returns its descriptor.
    pub fn add_blob(&self, media_type: &str, bytes: &[u8]) -> Result<Value> {
        let digest = sha256(bytes);
        let path = self.blob_path(&digest);
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() }))
    }

    /// Adds an index of these manifests under the layout's tag: umoci makes none.
    pub fn add_index(&self, images: &[(Value, Platform)]) -> Result<()> {
        self.add_index_of(
            &images.iter().map(|(manifest, platform)| entry(manifest, *platform)).collect::<Vec<_>>(),
        )
    }

    /// Adds an index of these entries under the layout's tag.
    pub fn add_index_of(&self, manifests: &[Value]) -> Result<()> {
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        let entry = self.add_blob(INDEX, &serde_json::to_vec(&index)?)?;
        self.set_tagged(&entry)
    }

    /// Puts a manifest or an index of this layout under its tag.
    pub fn set_tagged(&self, entry: &Value) -> Result<()> {
        let mut entry = entry.clone();
        entry["annotations"] = json!({ REF_NAME: self.tag });
        let mut list = read_json(&self.index_path())?;
        // In a new layout, umoci writes null.
        let mut manifests = list["manifests"].as_array().cloned().unwrap_or_default();
        manifests.push(entry);
        list["manifests"] = manifests.into();
        write_json(&self.index_path(), &list)
    }

    /// Adds an attestation of an image, as BuildKit writes it: a manifest whose config is for no platform; returns its
    /// entry for an index.
    pub fn add_attestation(&self, image: &Value) -> Result<Value> {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2",
            "subject": [{ "name": "image", "digest": { "sha256": digest_of(image)?.replacen("sha256:", "", 1) } }],
            "predicate": {},
        });
        let layer = self.add_blob("application/vnd.in-toto+json", &serde_json::to_vec(&statement)?)?;
        let config = json!({
            "architecture": "unknown", "os": "unknown", "config": {},
            "rootfs": { "type": "layers", "diff_ids": [layer["digest"]] },
        });
        let config =
            self.add_blob("application/vnd.oci.image.config.v1+json", &serde_json::to_vec(&config)?)?;
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer],
        });
        let mut entry = self.add_blob(MANIFEST, &serde_json::to_vec(&manifest)?)?;
        entry["platform"] = json!({ "architecture": "unknown", "os": "unknown" });
        entry["annotations"] = json!({
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": image["digest"],
        });
        Ok(entry)
    }

    /// Puts the variant into the config, which umoci cannot, and corrects the digests on the way up.
    fn set_variant(&self, tag: &str, platform: Platform) -> Result<()> {
        let Some(variant) = platform.variant else { return Ok(()) };
        let old = self.tagged(tag)?;
        let mut manifest = self.document(&digest_of(&old)?)?;
        let mut config = self.document(&digest_of(&manifest["config"])?)?;
        config["variant"] = variant.into();
        let media_type = |value: &Value| value["mediaType"].as_str().unwrap_or_default().to_owned();
        manifest["config"] =
            self.add_blob(&media_type(&manifest["config"]), &serde_json::to_vec(&config)?)?;
        let mut new = self.add_blob(&media_type(&old), &serde_json::to_vec(&manifest)?)?;
        new["annotations"] = old["annotations"].clone();
        let mut list = read_json(&self.index_path())?;
        for entry in list["manifests"].as_array_mut().context("index.json lists manifests")? {
            if *entry == old {
                *entry = new.clone();
            }
        }
        write_json(&self.index_path(), &list)
    }

    fn index_path(&self) -> PathBuf {
        self.dir().join("index.json")
    }

    fn umoci(&self, args: &[&str]) -> Result<()> {
        let mut command = Command::new(tools::find(Tool::Umoci)?);
        run(command.args(args), &self.scratch.path().join("umoci.txt"))?;
        Ok(())
    }
}

/// The annotation that is a tag in a layout (image specification, annotations.md).
const REF_NAME: &str = "org.opencontainers.image.ref.name";

impl Platform {
    fn to_json(self) -> Value {
        let mut json = json!({ "architecture": self.architecture, "os": self.os });
        if let Some(variant) = self.variant {
            json["variant"] = variant.into();
        }
        json
    }
}

/// The entry of an index for an image.
pub fn entry(manifest: &Value, platform: Platform) -> Value {
    let mut entry = manifest.clone();
    entry["platform"] = platform.to_json();
    // The tag belongs to the layout's own list.
    if let Some(fields) = entry.as_object_mut() {
        fields.remove("annotations");
    }
    entry
}

/// The digest in a descriptor.
pub fn digest_of(descriptor: &Value) -> Result<String> {
    let digest = descriptor["digest"].as_str();
    digest.map(str::to_owned).with_context(|| format!("no descriptor: {descriptor}"))
}

/// The sha256 digest of some bytes, in the notation of descriptors.
pub fn sha256(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn read_json(path: &Path) -> Result<Value> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is not JSON", path.display()))
}

fn write_json(path: &Path, value: &Value) -> Result<()> {
    std::fs::write(path, serde_json::to_vec(value)?)
        .with_context(|| format!("cannot write {}", path.display()))
}
