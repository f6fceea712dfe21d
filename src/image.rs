//! The wire documents of an image: index, image manifest, config, and the descriptors that tie them together.
//!
//! OCI image specification: `image-index.md`, `manifest.md`, `config.md`, `descriptor.md`; Docker image
//! manifest version 2, schema 2. Descriptors, indexes and manifests keep the properties that they do not know; of a config
//! only what is checked or shown is read. Nothing here is ever hashed: digests are of raw bytes, which stand beside the
//! parsed value.

mod document;
mod platform;
mod read;
mod shapes;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::digest::Digest;
use crate::media_type::MediaType;

pub use document::{Document, DocumentError, Fault, FaultKind, Foreign, Parsed, is_config, parse_config};
pub use platform::{Platform, PlatformError};

/// Names one object: what it is, which bytes it has, and how many. `descriptor.md`, "Properties".
#[derive(Debug, Clone, PartialEq)]
pub struct Descriptor {
    /// What the object is.
    pub media_type: MediaType,
    /// The digest of the object's raw bytes.
    pub digest: Digest,
    /// How many raw bytes there are.
    pub size: u64,
    /// In an index: the platform that the entry is for.
    pub platform: Option<Platform>,
    /// Free annotations.
    pub annotations: BTreeMap<String, String>,
    /// The type of an artifact, where the descriptor points at one.
    pub artifact_type: Option<String>,
    /// Where else the object can be had, as the foreign layers of Windows images.
    pub urls: Vec<String>,
    /// The object itself, where it stands in the descriptor.
    pub data: Option<Vec<u8>>,
    /// Properties that are not known here.
    pub other: Map<String, Value>,
}

/// A descriptor in a document, or why what stands in its place is none: that hides nothing beside it.
pub type Named = Result<Descriptor, DocumentError>;

impl Descriptor {
    /// The digest of the image that the entry is an attestation of, where it says that it is one: an annotation that
    /// BuildKit sets, for the specification had no place for it (Docker, "Image attestation storage").
    pub fn describes(&self) -> Option<Digest> {
        let annotation = |name: &str| self.annotations.get(name);
        annotation("vnd.docker.reference.type").filter(|kind| *kind == "attestation-manifest")?;
        annotation("vnd.docker.reference.digest")?.parse().ok()
    }
}

/// An OCI index or a Docker manifest list: one entry for each platform, attestation, or nested index.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    /// The document's own word on what it is.
    pub media_type: Option<MediaType>,
    /// The entries, in the order in which a client must prefer them.
    pub manifests: Vec<Named>,
    /// Properties that are not known here, annotations and subject among them.
    pub other: Map<String, Value>,
}

/// An image manifest: one config and the layers in order, base first.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The document's own word on what it is.
    pub media_type: Option<MediaType>,
    /// The config.
    pub config: Named,
    /// The layers.
    pub layers: Vec<Named>,
    /// What kind of artifact it is, where it is one and no image.
    pub artifact_type: Option<String>,
    /// Properties that are not known here, annotations and subject among them.
    pub other: Map<String, Value>,
}

/// The config of a runnable image, as far as the checks need it. Its digest is the image ID.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The CPU architecture, in Go's names.
    pub architecture: String,
    /// The operating system, in Go's names.
    pub os: String,
    /// The variant of the CPU, where stated.
    pub variant: Option<String>,
    /// The version of the operating system, where stated.
    pub os_version: Option<String>,
    /// The stack of uncompressed layers.
    pub rootfs: RootFs,
    /// How each layer came about; optional, and then empty.
    pub history: Vec<History>,
}

impl Config {
    /// The platform that the image is for. What the config does not state is empty.
    pub fn platform(&self) -> Platform {
        Platform {
            architecture: self.architecture.clone(),
            os: self.os.clone(),
            variant: self.variant.clone(),
            os_version: self.os_version.clone(),
            os_features: Vec::new(),
        }
    }

    /// How many history entries made a layer, or `None` where the config keeps no history.
    pub fn history_layers(&self) -> Option<usize> {
        let filled = self.history.iter().filter(|entry| !entry.empty_layer).count();
        (!self.history.is_empty()).then_some(filled)
    }
}

/// The stack of uncompressed layers. `config.md`, "rootfs".
#[derive(Debug, Clone, PartialEq)]
pub struct RootFs {
    /// The diff IDs, base first: digests of the uncompressed layers.
    pub diff_ids: Vec<Digest>,
}

/// One step of the build. `config.md`, "history".
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The instruction.
    pub created_by: Option<String>,
    /// Whether the step made no layer.
    pub empty_layer: bool,
}

#[cfg(test)]
mod tests;
