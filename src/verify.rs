//! The checks: what makes an object verified, and what is found where it is not.
//!
//! A check owns its expectation and names both sides. Checks collect faults; none stops at the first, save that
//! bytes of the wrong number are not also reported as bytes of the wrong digest.

use std::fmt;

use crate::digest::{Digest, Hasher};
use crate::image::{Config, Platform};
use crate::media_type::MediaType;

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
    /// Layers, diff IDs and history do not agree in number.
    LayerCountMismatch,
    /// The index and the config do not agree on the platform.
    PlatformMismatch,
    /// The body ended early.
    Truncated,
    /// A manifest over 4 MiB, or a body over its descriptor's size.
    TooLarge,
    /// The digest's algorithm cannot be computed here.
    UnsupportedAlgorithm,
    /// The document does not parse.
    Malformed,
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
            Code::LayerCountMismatch => "layer-count-mismatch",
            Code::PlatformMismatch => "platform-mismatch",
            Code::Truncated => "truncated",
            Code::TooLarge => "too-large",
            Code::UnsupportedAlgorithm => "unsupported-algorithm",
            Code::Malformed => "malformed",
            Code::NotFetched => "not-fetched",
            Code::NotRecorded => "not-recorded",
        }
    }

    /// The best verdict that an object with such a finding can have.
    pub fn verdict(self) -> Verdict {
        match self {
            // The body was hashed all the same: a hidden header takes nothing from that proof.
            Code::HeaderNotExposed => Verdict::Verified,
            Code::Truncated | Code::UnsupportedAlgorithm | Code::NotFetched | Code::NotRecorded => {
                Verdict::Unchecked
            }
            Code::DigestMismatch
            | Code::SizeMismatch
            | Code::MediaTypeMismatch
            | Code::HeaderDigestMismatch
            | Code::LayerCountMismatch
            | Code::PlatformMismatch
            | Code::TooLarge
            | Code::Malformed => Verdict::Failed,
        }
    }
}

/// What the bytes of an object should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Their digest.
    pub digest: Digest,
    /// Their number; `None` for a root, which no descriptor names.
    pub size: Option<u64>,
    /// The number at which reading stops whatever the descriptor says; `None` for layers.
    pub limit: Option<u64>,
}

/// Holds the bytes of one object against its expectation, as they stream by.
#[derive(Debug)]
pub struct Check {
    expectation: Expectation,
    hasher: Option<Hasher>,
    read: u64,
    over: bool,
}

/// How a body came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The transport said that this was all; with the length that the response had announced, if it did.
    Complete {
        /// `Content-Length`, in bytes.
        announced: Option<u64>,
    },
    /// It broke off; with what the transport said.
    Interrupted(String),
}

/// The result of a [`Check`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// How many bytes were read.
    pub read: u64,
    /// The digest of those bytes, where they are all there and the algorithm is known.
    pub computed: Option<Digest>,
    /// Whether size and digest are as expected.
    pub proven: bool,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Check {
    /// A check that has seen no bytes yet.
    pub fn new(expectation: Expectation) -> Check {
        let hasher = expectation.digest.algorithm().hasher();
        Check { expectation, hasher, read: 0, over: false }
    }

    /// Takes the next bytes. Returns `false` once there are more than there may be: stop reading then.
    #[must_use]
    pub fn update(&mut self, bytes: &[u8]) -> bool {
        self.read = self.read.saturating_add(bytes.len() as u64);
        let most = self.expectation.size.into_iter().chain(self.expectation.limit).min();
        self.over = most.is_some_and(|most| self.read > most);
        if let Some(hasher) = self.hasher.as_mut().filter(|_| !self.over) {
            hasher.update(bytes);
        }
        !self.over
    }

    /// The result, given how the body ended.
    pub fn finish(self, end: End) -> Checked {
        let Check { expectation: Expectation { digest, size, limit }, hasher, read, over } = self;
        let unproven = |finding| Checked { read, computed: None, proven: false, findings: vec![finding] };
        if over {
            let most = size.into_iter().chain(limit).min().unwrap_or_default();
            let message = "there are more bytes than there may be; reading stopped";
            let (expected, actual) = (format!("at most {most} bytes"), format!("more than {most} bytes"));
            return unproven(Finding::sides(Code::TooLarge, message, expected, actual));
        }
        let cut_short = match end {
            End::Interrupted(detail) => Some(detail),
            End::Complete { announced: Some(announced) } if read < announced => {
                Some(format!("Content-Length announced {announced} bytes"))
            }
            End::Complete { .. } => None,
        };
        if let Some(detail) = cut_short {
            let message = format!("the body ended early, after {read} bytes: {detail}");
            return unproven(Finding {
                expected: size.map(|size| format!("{size} bytes")),
                actual: Some(format!("{read} bytes")),
                ..Finding::new(Code::Truncated, message)
            });
        }
        let computed = hasher.map(Hasher::finish);
        let mut findings = Vec::new();
        if let Some(size) = size.filter(|size| *size != read) {
            let message = "the number of bytes is not the one in the descriptor";
            let (expected, actual) = (format!("{size} bytes"), format!("{read} bytes"));
            findings.push(Finding::sides(Code::SizeMismatch, message, expected, actual));
        } else {
            findings.extend(check_digest(&digest, computed.as_ref()));
        }
        Checked { read, proven: findings.is_empty(), computed, findings }
    }
}

fn check_digest(expected: &Digest, computed: Option<&Digest>) -> Option<Finding> {
    match computed {
        None => {
            let message = format!("{} cannot be computed here, only sha256 and sha512", expected.algorithm());
            Some(Finding::new(Code::UnsupportedAlgorithm, message))
        }
        Some(actual) if actual == expected => None,
        Some(actual) => {
            let message = "the digest of the bytes is not the expected one";
            Some(Finding::sides(Code::DigestMismatch, message, expected, actual))
        }
    }
}

/// Holds the value of `Docker-Content-Digest` against the body that came with it. An empty value claims nothing.
pub fn check_header_digest(value: &str, body: &[u8]) -> Option<Finding> {
    let message = "Docker-Content-Digest is not the digest of the body that came with it";
    let mismatch = |actual: &Digest| Finding::sides(Code::HeaderDigestMismatch, message, actual, value);
    match value.trim().parse::<Digest>() {
        _ if value.trim().is_empty() => None,
        Err(_) => Some(mismatch(&Digest::sha256(body))),
        Ok(claimed) => {
            let mut hasher = claimed.algorithm().hasher()?;
            hasher.update(body);
            let actual = hasher.finish();
            (actual != claimed).then(|| mismatch(&actual))
        }
    }
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
