//! The checks: what makes an object verified, and what is found where it is not.
//!
//! A check owns its expectation and names both sides. Checks collect faults; none stops at the first, save that
//! bytes of the wrong number are not also reported as bytes of the wrong digest.

mod check;
mod code;
mod document;
mod header;
mod unpacked;

use std::fmt;

pub use check::{Check, Checked, End, Expectation};
pub use code::{Class, Code};
pub use document::{
    MediaTypes, check_asked, check_descriptor, check_faults, check_layer_count, check_media_types,
    check_platform, check_readable, check_stated,
};
pub use header::{check_claims, check_claims_on, check_encoding};
pub use unpacked::{check_unpacked, disputed, mistaken_diff_id};

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

#[cfg(test)]
mod tests;
