//! The wire documents of an image: index, image manifest, config, and the descriptors that tie them together.
//!
//! OCI image specification: `image-index.md`, `manifest.md`, `config.md`, `descriptor.md`; Docker image
//! manifest version 2, schema 2. Descriptors, indexes and manifests keep the properties that they do not know; of a config
//! only what is checked or shown is read. Nothing here is ever hashed: digests are of raw bytes, which stand beside the
//! parsed value.

mod platform;
mod read;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::digest::Digest;
use crate::json::{self, Part};
use crate::media_type::MediaType;

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
    /// The stack of uncompressed layers.
    pub rootfs: RootFs,
    /// How each layer came about; optional, and then empty.
    pub history: Vec<History>,
}

impl Config {
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

/// A manifest of either kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// An OCI index or Docker manifest list.
    Index(Index),
    /// An image manifest.
    Manifest(Box<Manifest>),
}

impl Document {
    /// Reads a document as what it is said to be; where that says nothing, as what its properties make it.
    pub fn parse(bytes: &[u8], said: Option<&MediaType>) -> Result<Document, DocumentError> {
        let value = json::parse(bytes)?;
        let whole = Part::whole(&value);
        let own = whole.get("mediaType").and_then(|part| part.text().ok()).map(MediaType::parse);
        let has = |name: &str| value.get(name).is_some();
        let named = said.into_iter().chain(own.as_ref()).find(|m| m.is_index() || m.is_manifest());
        match named {
            Some(named) if named.is_index() => Ok(Document::Index(Index::read(&whole)?)),
            Some(_) => Ok(Document::Manifest(Box::new(Manifest::read(&whole)?))),
            None if has("manifests") => Ok(Document::Index(Index::read(&whole)?)),
            None if has("config") => Ok(Document::Manifest(Box::new(Manifest::read(&whole)?))),
            None => Err(DocumentError::UnknownKind { media_type: own }),
        }
    }

    /// The document's own word on what it is.
    pub fn media_type(&self) -> Option<&MediaType> {
        match self {
            Document::Index(index) => index.media_type.as_ref(),
            Document::Manifest(manifest) => manifest.media_type.as_ref(),
        }
    }

    /// A property that only the other kind of document has: such a document means two things at once,
    /// and clients disagree on which (CVE-2021-41190).
    pub fn foreign_property(&self) -> Option<&'static str> {
        let (other, foreign) = match self {
            Document::Index(index) => (&index.other, ["config", "layers"].as_slice()),
            Document::Manifest(manifest) => (&manifest.other, ["manifests"].as_slice()),
        };
        foreign.iter().copied().find(|name| other.contains_key(*name))
    }
}

/// Reads an image's config.
pub fn parse_config(bytes: &[u8]) -> Result<Config, DocumentError> {
    Ok(Config::read(&Part::whole(&json::parse(bytes)?))?)
}

/// Why bytes are not a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentError {
    /// Not JSON, or JSON that says something twice.
    Malformed {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1; 0 where the fault is before the line's first character.
        column: usize,
        /// What the parser met.
        reason: String,
    },
    /// JSON, and yet not what the document must be.
    Unfit {
        /// Where: `layers[2].digest`; empty for the whole.
        place: String,
        /// Why.
        reason: String,
    },
    /// Well-formed JSON that is neither an index nor an image manifest.
    UnknownKind {
        /// The document's own media type.
        media_type: Option<MediaType>,
    },
}

impl From<serde_json::Error> for DocumentError {
    fn from(error: serde_json::Error) -> DocumentError {
        let text = error.to_string();
        let reason = text.rsplit_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned();
        DocumentError::Malformed { line: error.line(), column: error.column(), reason }
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DocumentError::Malformed { line, column, reason } => {
                write!(f, "line {line}, column {column}: {reason}")
            }
            DocumentError::Unfit { place, reason } if place.is_empty() => f.write_str(reason),
            DocumentError::Unfit { place, reason } => write!(f, "{place}: {reason}"),
            DocumentError::UnknownKind { media_type: Some(media_type) } => {
                write!(f, "neither an index nor an image manifest: its mediaType is {media_type}")
            }
            DocumentError::UnknownKind { media_type: None } => f.write_str(
                "neither an index nor an image manifest: it has no mediaType, manifests or config",
            ),
        }
    }
}

impl std::error::Error for DocumentError {}

#[cfg(test)]
mod tests {
    use super::*;

    const D: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn parse(json: &str) -> Result<Document, DocumentError> {
        Document::parse(json.as_bytes(), None)
    }

    #[test]
    fn the_kind_follows_what_was_said_then_the_document_then_its_shape() {
        let index = r#"{"manifests":[]}"#;
        let manifest = format!(r#"{{"config":{{"mediaType":"a/b","digest":"{D}","size":0}},"layers":null}}"#);
        assert!(matches!(parse(index), Ok(Document::Index(_))));
        assert!(matches!(parse(&manifest), Ok(Document::Manifest(m)) if m.layers.is_empty()));
        let own = r#"{"mediaType":"application/vnd.oci.image.index.v1+json","manifests":null}"#;
        assert!(matches!(parse(own), Ok(Document::Index(i)) if i.manifests.is_empty()));
        let said = Document::parse(index.as_bytes(), Some(&MediaType::OciManifest));
        assert!(matches!(said, Err(DocumentError::Unfit { .. })), "a manifest must have a config: {said:?}");
        assert_eq!(
            parse(r#"{"mediaType":"text/x"}"#),
            Err(DocumentError::UnknownKind { media_type: Some(MediaType::parse("text/x")) })
        );
    }

    #[test]
    fn faults_have_a_position() {
        for (json, line, column, reason) in [
            ("<html>", 1, 1, "expected value"),
            ("", 1, 0, "EOF while parsing a value"),
            ("{\n \"manifests\": [,]}", 2, 16, "expected value"),
            ("{\"manifests\":[]}x", 1, 17, "trailing characters"),
            ("{\"manifests\":[],\n\"manifests\":[]}", 2, 11, "duplicate field `manifests`"),
        ] {
            let expected = DocumentError::Malformed { line, column, reason: reason.into() };
            assert_eq!(parse(json), Err(expected), "{json}");
        }
    }

    #[test]
    fn a_descriptor_that_is_none_hides_nothing_beside_it() {
        let json = format!(
            r#"{{"manifests":[{{"digest":"sha256:x","size":0}},{{"digest":"{D}","size":-1}},{{"digest":"{D}","size":0}}]}}"#
        );
        let Ok(Document::Index(index)) = parse(&json) else { panic!("{json}") };
        let [digest, size, whole] = index.manifests.as_slice() else { panic!("three entries") };
        let [digest, size] = [digest, size].map(|entry| entry.clone().unwrap_err());
        assert!(digest.to_string().starts_with("manifests[0].digest: "), "{digest}");
        assert!(digest.to_string().contains("64 characters and has 1"), "{digest}");
        assert_eq!(size.to_string(), "manifests[1].size: -1 is no size");
        assert!(whole.is_ok());
    }

    #[test]
    fn what_is_not_known_is_kept() {
        let json = format!(r#"{{"manifests":[{{"digest":"{D}","size":1,"x":[1]}}],"y":{{"z":null}}}}"#);
        let Ok(Document::Index(index)) = parse(&json) else { panic!("{json}") };
        assert_eq!(index.other.get("y"), Some(&serde_json::json!({ "z": null })));
        let entry = index.manifests.first().unwrap().as_ref().unwrap();
        assert_eq!(entry.other.get("x"), Some(&serde_json::json!([1])));
        assert_eq!(entry.media_type.as_str(), "");
    }

    #[test]
    fn a_document_of_both_kinds_is_noticed() {
        let both = parse(r#"{"manifests":[],"layers":[]}"#).unwrap();
        assert_eq!(both.foreign_property(), Some("layers"));
        assert_eq!(parse(r#"{"manifests":[]}"#).unwrap().foreign_property(), None);
    }

    #[test]
    fn the_config_counts_the_steps_that_made_a_layer() {
        let json = format!(
            r#"{{"os":"linux","architecture":"arm","rootfs":{{"type":"layers","diff_ids":["{D}"]}},
                "history":[{{"created_by":"COPY"}},{{"created_by":"CMD","empty_layer":true}}]}}"#
        );
        let config = parse_config(json.as_bytes()).unwrap();
        assert_eq!((config.rootfs.diff_ids.len(), config.history_layers()), (1, Some(1)));
        let bare = parse_config(br#"{"rootfs":{"diff_ids":null},"history":null}"#).unwrap();
        assert_eq!((bare.rootfs.diff_ids.len(), bare.history_layers()), (0, None));
    }
}
