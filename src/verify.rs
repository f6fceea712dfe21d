//! The checks: what makes an object verified, and what is found where it is not.
//!
//! A check owns its expectation and names both sides. Checks collect faults; none stops at the first, save that
//! bytes of the wrong number are not also reported as bytes of the wrong digest.

mod check;
mod code;
mod unpacked;

use std::fmt;

use crate::digest::{Algorithm, Digest};
use crate::image::{Config, Platform};
use crate::media_type::MediaType;

pub use check::{Check, Checked, End, Expectation};
pub use code::{Class, Code};
pub use unpacked::{check_unpacked, disputed};

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
        let proof = if proven { Verdict::Verified } else { Verdict::Unchecked };
        findings.iter().map(|finding| finding.code.verdict()).fold(proof, Verdict::max)
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
