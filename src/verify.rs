//! The checks: what makes an object verified, and what is found where it is not.
//!
//! A check owns its expectation and names both sides. Checks collect faults; none stops at the first, save that
//! bytes of the wrong number are not also reported as bytes of the wrong digest.

mod check;
mod unpacked;

use std::fmt;

use crate::digest::{Algorithm, Digest};
use crate::image::{Config, Platform};
use crate::media_type::MediaType;

pub use check::{Check, Checked, End, Expectation};
pub use unpacked::check_unpacked;

/// The sum of all checks of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The bytes were read, and every check that applies to them held.
    Verified,
    /// The bytes were not read, or not all of them, or they cannot be checked here.
    Unchecked,
    /// At least one check did not hold.
    Failed,
}

impl Verdict {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Verified => "verified",
            Verdict::Unchecked => "unchecked",
            Verdict::Failed => "failed",
        }
    }

    /// The verdict that follows from a proof, if there is one, and from what was found.
    /// Without a proof nothing is ever verified.
    pub fn from_findings(proven: bool, findings: &[Finding]) -> Verdict {
        let worst = findings.iter().map(|finding| finding.code.verdict()).max();
        match worst {
            Some(Verdict::Failed) => Verdict::Failed,
            Some(Verdict::Unchecked) => Verdict::Unchecked,
            _ if proven => Verdict::Verified,
            _ => Verdict::Unchecked,
        }
    }
}

/// One result of a check, or the reason for there being none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of finding.
    pub code: Code,
    /// One sentence for people.
    pub message: String,
    /// What should have been, where two sides were compared.
    pub expected: Option<String>,
    /// What was.
    pub actual: Option<String>,
}

impl Finding {
    /// A finding without two sides.
    pub fn new(code: Code, message: impl Into<String>) -> Finding {
        Finding { code, message: message.into(), expected: None, actual: None }
    }

    fn sides(code: Code, message: &str, expected: impl fmt::Display, actual: impl fmt::Display) -> Finding {
        let (expected, actual) = (Some(expected.to_string()), Some(actual.to_string()));
        Finding { code, message: message.to_owned(), expected, actual }
    }
}

/// The stable name of a kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The digest of the raw bytes is not the one in the descriptor, or in the reference.
    DigestMismatch,
    /// The number of bytes is not the one in the descriptor.
    SizeMismatch,
    /// Response, document and descriptor do not agree on the media type.
    MediaTypeMismatch,
    /// `Docker-Content-Digest` is not the digest of the body.
    HeaderDigestMismatch,
    /// CORS hides a header that would have been checked.
    HeaderNotExposed,
    /// The digest of the unpacked layer is not the config's diff ID.
    DiffIdMismatch,
    /// Layers, diff IDs and history do not agree in number.
    LayerCountMismatch,
    /// The index and the config do not agree on the platform.
    PlatformMismatch,
    /// A layer has the same path twice.
    DuplicatePath,
    /// The body ended early.
    Truncated,
    /// A manifest over 4 MiB, or a body over its descriptor's size.
    TooLarge,
    /// The digest's algorithm cannot be computed here.
    UnsupportedAlgorithm,
    /// The document does not parse.
    Malformed,
    /// The layer was to be unpacked and was not, or not all of it, or there is no diff ID to hold it against.
    NotUnpacked,
    /// The object was not asked for, or the registry did not hand it out.
    NotFetched,
    /// The recording lacks the object.
    NotRecorded,
}

impl Code {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::DigestMismatch => "digest-mismatch",
            Code::SizeMismatch => "size-mismatch",
            Code::MediaTypeMismatch => "media-type-mismatch",
            Code::HeaderDigestMismatch => "header-digest-mismatch",
            Code::HeaderNotExposed => "header-not-exposed",
            Code::DiffIdMismatch => "diff-id-mismatch",
            Code::LayerCountMismatch => "layer-count-mismatch",
            Code::PlatformMismatch => "platform-mismatch",
            Code::DuplicatePath => "duplicate-path",
            Code::Truncated => "truncated",
            Code::TooLarge => "too-large",
            Code::UnsupportedAlgorithm => "unsupported-algorithm",
            Code::Malformed => "malformed",
            Code::NotUnpacked => "not-unpacked",
            Code::NotFetched => "not-fetched",
            Code::NotRecorded => "not-recorded",
        }
    }

    /// The best verdict that an object with such a finding can have.
    pub fn verdict(self) -> Verdict {
        match self {
            // The body was hashed all the same: a hidden header takes nothing from that proof.
            Code::HeaderNotExposed => Verdict::Verified,
            Code::Truncated
            | Code::UnsupportedAlgorithm
            | Code::NotUnpacked
            | Code::NotFetched
            | Code::NotRecorded => Verdict::Unchecked,
            Code::DigestMismatch
            | Code::SizeMismatch
            | Code::MediaTypeMismatch
            | Code::HeaderDigestMismatch
            | Code::DiffIdMismatch
            | Code::DuplicatePath
            | Code::LayerCountMismatch
            | Code::PlatformMismatch
            | Code::TooLarge
            | Code::Malformed => Verdict::Failed,
        }
    }
}

/// Holds the value of `Docker-Content-Digest` against the body that came with it. An empty value claims nothing.
pub fn check_header_digest(value: &str, body: &[u8]) -> Option<Finding> {
    let claimed = value.trim().parse::<Digest>();
    let mut hasher = claimed.map_or(Algorithm::Sha256, |claimed| claimed.algorithm().clone()).hasher()?;
    hasher.update(body);
    check_header(value, &hasher.finish())
}

/// The same for a body whose digest is known. A value of another algorithm cannot be compared with that.
pub fn check_header(value: &str, actual: &Digest) -> Option<Finding> {
    let value = value.trim();
    let holds = match value.parse::<Digest>() {
        Ok(claimed) => claimed == *actual || claimed.algorithm() != actual.algorithm(),
        Err(_) => value.is_empty(),
    };
    let message = "Docker-Content-Digest is not the digest of the body that came with it";
    (!holds).then(|| Finding::sides(Code::HeaderDigestMismatch, message, actual, value))
}

/// The three words on what a manifest is.
#[derive(Debug, Clone, Copy, Default)]
pub struct MediaTypes<'a> {
    /// The descriptor's, or for a root what the answer to the tag said.
    pub descriptor: Option<&'a MediaType>,
    /// The response's `Content-Type`.
    pub response: Option<&'a MediaType>,
    /// The document's own `mediaType`.
    pub document: Option<&'a MediaType>,
}

/// Holds the words on a manifest's media type against each other; those that are missing say nothing.
pub fn check_media_types(words: MediaTypes<'_>) -> Vec<Finding> {
    let MediaTypes { descriptor, response, document } = words;
    let pairs = [
        ("the document's mediaType is not the descriptor's", descriptor, document),
        ("the response's Content-Type is not the descriptor's media type", descriptor, response),
        // Only where no descriptor was there to compare both with.
        (
            "the response's Content-Type is not the document's mediaType",
            document.filter(|_| descriptor.is_none()),
            response,
        ),
    ];
    let differing = |(message, expected, actual): (&str, Option<&MediaType>, Option<&MediaType>)| {
        let (expected, actual) = expected.zip(actual)?;
        (expected != actual).then(|| Finding::sides(Code::MediaTypeMismatch, message, expected, actual))
    };
    pairs.into_iter().filter_map(differing).collect()
}

/// Holds the index's word on the platform against the config's. A variant that either leaves out is not compared:
/// many configs do.
pub fn check_platform(index: &Platform, config: &Config) -> Option<Finding> {
    let said = Platform {
        architecture: config.architecture.clone(),
        os: config.os.clone(),
        variant: config.variant.clone(),
        ..Platform::default()
    };
    let (a, b) = (index.normalized(), said.normalized());
    let stated = index.variant.is_some() && config.variant.as_ref().is_some_and(|v| !v.is_empty());
    let same = a.os == b.os && a.architecture == b.architecture && (!stated || a.variant == b.variant);
    let message = "the config is for another platform than the index says";
    (!same).then(|| Finding::sides(Code::PlatformMismatch, message, index, &said))
}

/// Holds the number of layers in the manifest against the config's diff IDs and history.
pub fn check_layer_count(layers: usize, config: &Config) -> Vec<Finding> {
    let diff_ids = config.rootfs.diff_ids.len();
    let history = config.history_layers().unwrap_or(layers);
    let differing = |count: usize, what: &str| {
        let message = format!("the config has another number of {what} than the manifest has layers");
        let (expected, actual) = (format!("{layers} layers"), format!("{count} {what}"));
        (count != layers).then(|| Finding::sides(Code::LayerCountMismatch, &message, expected, actual))
    };
    differing(diff_ids, "diff IDs")
        .into_iter()
        .chain(differing(history, "history entries that made a layer"))
        .collect()
}

#[cfg(test)]
mod tests;
