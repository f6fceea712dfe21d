//! The bytes of one object, held against what they should be as they stream by.

use super::{Code, Finding};
use crate::digest::{Algorithm, Digest, Hasher};

/// What the bytes of an object should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// Their digest; `None` where nothing says it: their sha256 is computed then, and proves nothing.
    pub digest: Option<Digest>,
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
    /// For what a header claims by another algorithm.
    also: Option<Hasher>,
    /// What they came to where they were hashed elsewhere: by the expected digest's algorithm, and by the other.
    elsewhere: (Option<Digest>, Option<Digest>),
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
    /// Their digest by the algorithm of a header's claim, where that is another.
    pub also: Option<Digest>,
    /// Whether size and digest are as expected.
    pub proven: bool,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Check {
    /// A check that has seen no bytes yet.
    pub fn new(expectation: Expectation) -> Check {
        let algorithm = expectation.digest.as_ref().map_or(&Algorithm::Sha256, Digest::algorithm);
        let hasher = algorithm.hasher();
        Check { expectation, hasher, also: None, elsewhere: (None, None), read: 0, over: false }
    }

    /// Takes the next bytes. Returns `false` once there are more than there may be: stop reading then.
    #[must_use]
    pub fn update(&mut self, bytes: &[u8]) -> bool {
        self.read = self.read.saturating_add(bytes.len() as u64);
        self.over = self.most().is_some_and(|most| self.read > most);
        if !self.over {
            self.hasher.iter_mut().chain(&mut self.also).for_each(|hasher| hasher.update(bytes));
        }
        !self.over
    }

    /// Takes note of so many bytes that are hashed elsewhere. Returns `false` once there are more than there may be.
    #[must_use]
    pub fn count(&mut self, bytes: u64) -> bool {
        (self.hasher, self.also) = (None, None);
        self.read = self.read.saturating_add(bytes);
        self.over = self.most().is_some_and(|most| self.read > most);
        !self.over
    }

    /// Takes the digests of the bytes that were counted, from where they were hashed: by the expected digest's algorithm, and
    /// by that of a header's claim.
    pub fn computed(&mut self, digest: Option<Digest>, also: Option<Digest>) {
        self.elsewhere = (digest, also);
    }

    /// Has the bytes hashed by the algorithm of a header's claim as well. To be said before the first of them.
    pub fn also_by(&mut self, algorithm: Option<&Algorithm>) {
        self.also = algorithm.and_then(Algorithm::hasher).filter(|_| self.read == 0);
    }

    /// Forgets every byte: they are read anew.
    pub fn restart(&mut self) {
        *self = Check::new(self.expectation.clone());
    }

    /// How many bytes there were so far.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// How many there should be, where that is known.
    pub fn expected_size(&self) -> Option<u64> {
        self.expectation.size
    }

    fn most(&self) -> Option<u64> {
        self.expectation.size.into_iter().chain(self.expectation.limit).min()
    }

    /// The result, given how the body ended.
    pub fn finish(self, end: End) -> Checked {
        let Check { expectation: Expectation { digest, size, limit }, hasher, also, elsewhere, read, over } =
            self;
        let unproven =
            |finding| Checked { read, computed: None, also: None, proven: false, findings: vec![finding] };
        if over {
            // Whoever names an object may say how large it is; how much is read of it is up to this inspector.
            let (code, message, most) = match (size, limit) {
                (Some(size), limit) if limit.is_none_or(|limit| size <= limit) => {
                    (Code::TooLarge, "there are more bytes than there may be; reading stopped", size)
                }
                (_, limit) => {
                    let message = "it is larger than this inspector reads such a document, and may be sound; reading stopped";
                    (Code::OverLimit, message, limit.unwrap_or_default())
                }
            };
            let (expected, actual) = (format!("at most {most} bytes"), format!("more than {most} bytes"));
            return unproven(Finding::sides(code, message, expected, actual));
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
        let computed = hasher.map(Hasher::finish).or(elsewhere.0);
        let also = also.map(Hasher::finish).or(elsewhere.1);
        let mut findings = Vec::new();
        if let Some(size) = size.filter(|size| *size != read) {
            let message = "the number of bytes is not the one in the descriptor";
            let (expected, actual) = (format!("{size} bytes"), format!("{read} bytes"));
            findings.push(Finding::sides(Code::SizeMismatch, message, expected, actual));
        } else if let Some(digest) = &digest {
            findings.extend(check_digest(digest, computed.as_ref()));
        }
        Checked { read, proven: digest.is_some() && findings.is_empty(), computed, also, findings }
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
