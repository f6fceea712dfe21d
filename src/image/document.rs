//! Documents out of bytes: which kind they are, and what is odd about them.

use std::fmt;

use serde_json::Value;

use super::{Config, Index, Manifest, shapes};
use crate::json::{self, OddKind, Part, Position, Shape, Unfit};
use crate::media_type::MediaType;

/// A manifest of either kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// An OCI index or Docker manifest list.
    Index(Index),
    /// An image manifest.
    Manifest(Box<Manifest>),
}

/// A document that can be read, with what is odd about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed<T> {
    /// The document.
    pub value: T,
    /// What is odd.
    pub faults: Vec<Fault>,
}

/// Something odd about a document that can be read all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it means.
    pub kind: FaultKind,
    /// Where and what, in a sentence.
    pub message: String,
}

/// What an oddity means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// Some clients refuse the document.
    Malformed,
    /// Clients read different things in it.
    Ambiguous,
    /// A text is not Unicode, and was read with replacements.
    NotUnicode,
    /// Something that should be there is not, and nothing depends on it here.
    Incomplete,
}

impl Fault {
    pub(super) fn new(kind: FaultKind, message: impl Into<String>) -> Fault {
        Fault { kind, message: message.into() }
    }
}

impl Document {
    /// Reads a document as what its members make it; where they do not say, as what it is said to be.
    pub fn parse(bytes: &[u8], said: Option<&MediaType>) -> Result<Parsed<Document>, DocumentError> {
        let read = json::read(bytes)?;
        let whole = Part::whole(&read.value).object()?;
        let own = whole.get("mediaType").and_then(|part| part.text().ok()).map(MediaType::parse);
        let has = |name: &str| whole.has(name);
        let is_index = has("manifests");
        let is_manifest = has("config") || has("layers");
        let mut faults = not_unicode(read.replaced);
        let is_foreign = own.as_ref().is_some_and(|own| Foreign::named_by(own).is_some());
        let foreign = Foreign::of(&read.value, own.as_ref(), said);
        if let Some(kind) = foreign.filter(|_| is_foreign || !(is_index || is_manifest)) {
            return Err(DocumentError::Unsupported { kind });
        }
        if has("fsLayers") && (is_index || is_manifest || version(&whole) == Some(2)) {
            faults.push(Fault::new(
                FaultKind::Ambiguous,
                "it has fsLayers, a member of schema 1, beside those of schema 2: clients may take it for another kind",
            ));
        }
        let named = said.into_iter().chain(own.as_ref()).find(|m| m.is_index() || m.is_manifest());
        let is_index = match (is_index, is_manifest) {
            (true, true) => {
                faults.push(Fault::new(
                    FaultKind::Ambiguous,
                    "it has members of an index (manifests) and of an image manifest (config, layers): clients may take \
                     it for either",
                ));
                named.is_none_or(MediaType::is_index)
            }
            (false, false) => match named {
                Some(named) => named.is_index(),
                None => return Err(DocumentError::UnknownKind { media_type: own }),
            },
            (is_index, _) => is_index,
        };
        let (shape, value) = match is_index {
            true => (&shapes::INDEX, Document::Index(Index::read(&whole, &mut faults)?)),
            false => (&shapes::MANIFEST, Document::Manifest(Box::new(Manifest::read(&whole, &mut faults)?))),
        };
        faults.extend(odd(shape, &whole));
        check_version(&whole, &mut faults);
        Ok(Parsed { value, faults })
    }

    /// The document's own word on what it is.
    pub fn media_type(&self) -> Option<&MediaType> {
        match self {
            Document::Index(index) => index.media_type.as_ref(),
            Document::Manifest(manifest) => manifest.media_type.as_ref(),
        }
    }

    /// Whether it is what a media type of manifests says; one of another kind says nothing.
    pub fn is_a(&self, media_type: &MediaType) -> bool {
        match self {
            Document::Index(_) => !media_type.is_manifest(),
            Document::Manifest(_) => !media_type.is_index(),
        }
    }
}

/// Reads an image's config.
pub fn parse_config(bytes: &[u8]) -> Result<Parsed<Config>, DocumentError> {
    let read = json::read(bytes)?;
    let whole = Part::whole(&read.value).object()?;
    let value = Config::read(&whole)?;
    let faults = not_unicode(read.replaced).into_iter().chain(odd(&shapes::CONFIG, &whole)).collect();
    Ok(Parsed { value, faults })
}

/// Whether bytes are the config of an image, whatever their media type says: they have the stack of layers.
pub fn is_config(bytes: &[u8]) -> bool {
    json::parse(bytes).is_ok_and(|value| Part::whole(&value).has("rootfs"))
}

fn not_unicode(replaced: Option<Position>) -> Vec<Fault> {
    let fault = |position| {
        let message = format!(
            "{position}: a text is not valid Unicode; U+FFFD is read in its place, as most clients do"
        );
        Fault::new(FaultKind::NotUnicode, message)
    };
    replaced.map(fault).into_iter().collect()
}

fn odd(shape: &Shape, whole: &Part<'_>) -> impl Iterator<Item = Fault> {
    shape.odd(whole).into_iter().map(|odd| {
        let kind = match odd.kind {
            OddKind::Twice => FaultKind::Ambiguous,
            OddKind::Case | OddKind::Type => FaultKind::Malformed,
        };
        Fault::new(kind, Unfit { place: odd.place, reason: odd.reason }.to_string())
    })
}

fn version(whole: &Part<'_>) -> Option<i64> {
    whole.get("schemaVersion")?.value().as_i64()
}

/// The version of index and manifest is 2. One of another type is told of already.
fn check_version(whole: &Part<'_>, faults: &mut Vec<Fault>) {
    let message = match (whole.get("schemaVersion"), version(whole)) {
        (_, Some(2)) | (Some(_), None) => return,
        (_, Some(other)) => format!("its schemaVersion is {other}, and must be 2"),
        (None, None) => "it has no schemaVersion, which must be 2".to_owned(),
    };
    faults.push(Fault::new(FaultKind::Malformed, message));
}

/// Kinds of documents that are not read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// Docker image manifest version 2, schema 1. The digest of a signed one is that of its payload, without the signatures.
    Schema1 {
        /// Whether it is signed.
        is_signed: bool,
    },
    /// The artifact manifest of the OCI specification's 1.1 release candidates, which 1.1 dropped again.
    Artifact,
}

impl Foreign {
    fn of(value: &Value, own: Option<&MediaType>, said: Option<&MediaType>) -> Option<Foreign> {
        let has = |name: &str| value.get(name).is_some_and(|value| !value.is_null());
        let by_members = has("fsLayers") && value.get("schemaVersion").and_then(Value::as_i64) == Some(1);
        let schema1 = by_members.then_some(Foreign::Schema1 { is_signed: false });
        let named = || own.into_iter().chain(said).find_map(Foreign::named_by);
        match schema1.or_else(named)? {
            Foreign::Schema1 { .. } => Some(Foreign::Schema1 { is_signed: has("signatures") }),
            Foreign::Artifact => Some(Foreign::Artifact),
        }
    }

    fn named_by(media_type: &MediaType) -> Option<Foreign> {
        match media_type {
            m if m.is_schema1() => Some(Foreign::Schema1 { is_signed: false }),
            m if m.is_artifact_manifest() => Some(Foreign::Artifact),
            _ => None,
        }
    }
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Foreign::Schema1 { is_signed: false } => "a Docker image manifest of schema 1, which is deprecated",
            Foreign::Schema1 { is_signed: true } => {
                "a signed Docker image manifest of schema 1, which is deprecated: its digest is that of the payload without \
                 the signatures"
            }
            Foreign::Artifact => "an artifact manifest of a release candidate of OCI 1.1, which the release dropped",
        })
    }
}

/// Why bytes are not a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentError {
    /// Not JSON, or JSON that says something twice.
    Malformed(json::Fault),
    /// JSON, and yet not what the document must be.
    Unfit(Unfit),
    /// Well-formed JSON that is neither an index nor an image manifest.
    UnknownKind {
        /// The document's own media type.
        media_type: Option<MediaType>,
    },
    /// A kind of document that is not read here.
    Unsupported {
        /// Which.
        kind: Foreign,
    },
}

impl From<json::Fault> for DocumentError {
    fn from(fault: json::Fault) -> DocumentError {
        DocumentError::Malformed(fault)
    }
}

impl From<Unfit> for DocumentError {
    fn from(unfit: Unfit) -> DocumentError {
        DocumentError::Unfit(unfit)
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DocumentError::Malformed(fault) => fault.fmt(f),
            DocumentError::Unfit(unfit) => unfit.fmt(f),
            DocumentError::UnknownKind { media_type: Some(media_type) } => {
                write!(f, "neither an index nor an image manifest: its mediaType is {media_type}")
            }
            DocumentError::UnknownKind { media_type: None } => f.write_str(
                "neither an index nor an image manifest: it has no mediaType, manifests, config or layers",
            ),
            DocumentError::Unsupported { kind } => write!(f, "{kind}; it is not read here"),
        }
    }
}

impl std::error::Error for DocumentError {}
