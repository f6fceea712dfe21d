//! Content digests: `algorithm:encoded`, and the verifier that holds bytes against one.
//!
//! Grammar and registered algorithms: OCI image specification, `descriptor.md`, section "Digests".

mod claims;
mod hashers;

use std::fmt;
use std::str::FromStr;

pub use claims::Claims;
pub use hashers::{BlobHasher, Hashers};

use sha2::Digest as _;

/// A digest as it is written on the wire, for example `sha256:feb5d9fe…`.
///
/// An algorithm that is not known here is kept: such a digest can be shown and requested, but not verified.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    algorithm: Algorithm,
    /// All of it.
    text: String,
}

impl Digest {
    /// The sha256 digest of `bytes`.
    pub fn sha256(bytes: &[u8]) -> Digest {
        let mut hasher = Hasher::Sha256(sha2::Sha256::new());
        hasher.update(bytes);
        hasher.finish()
    }

    /// The digest that a hash has in this algorithm.
    fn of(algorithm: Algorithm, hash: &[u8]) -> Digest {
        let digit = |half: u8| char::from(half + if half < 10 { b'0' } else { b'a' - 10 });
        let mut text = String::with_capacity(8 + 2 * hash.len());
        text.push_str(algorithm.as_str());
        text.push(':');
        for byte in hash {
            text.push(digit(byte >> 4));
            text.push(digit(byte & 15));
        }
        Digest { algorithm, text }
    }

    /// The algorithm, the part before the colon.
    pub fn algorithm(&self) -> &Algorithm {
        &self.algorithm
    }

    /// The value, the part after the colon; lower-case hexadecimal for sha256 and sha512.
    pub fn encoded(&self) -> &str {
        self.text.split_once(':').map_or("", |(_, encoded)| encoded)
    }

    /// The whole, as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first twelve characters of the value with its algorithm: enough to tell objects apart on a page.
    pub fn short(&self) -> String {
        // A digest is in ASCII.
        let end = self.text.len() - self.encoded().len() + 12;
        match self.text.get(..end).filter(|head| head.len() < self.text.len()) {
            Some(head) => [head, "…"].concat(),
            None => self.text.clone(),
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Digest, DigestError> {
        let (algorithm, encoded) = text.split_once(':').ok_or(DigestError::NoColon)?;
        let well_formed = algorithm.split(['+', '.', '_', '-']).all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        });
        if !well_formed {
            return Err(DigestError::BadAlgorithm);
        }
        let encodable = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'=' | b'_' | b'-');
        if encoded.is_empty() || !encoded.bytes().all(encodable) {
            return Err(DigestError::BadEncoding);
        }
        let algorithm = Algorithm::from(algorithm);
        if let Some(expected) = algorithm.hex_length() {
            if encoded.len() != expected {
                return Err(DigestError::WrongLength { expected, actual: encoded.len() });
            }
            if !encoded.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
                return Err(DigestError::NotLowerHex);
            }
        }
        Ok(Digest { algorithm, text: text.to_owned() })
    }
}

/// A hash algorithm by its registered name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Algorithm {
    /// SHA-256: every implementation must support it.
    Sha256,
    /// SHA-512: registered, optional.
    Sha512,
    /// Anything else, kept as written.
    Other(String),
}

impl Algorithm {
    /// A fresh hasher, or `None` where the algorithm is not one that can be computed here.
    pub fn hasher(&self) -> Option<Hasher> {
        match self {
            Algorithm::Sha256 => Some(Hasher::Sha256(sha2::Sha256::new())),
            Algorithm::Sha512 => Some(Hasher::Sha512(sha2::Sha512::new())),
            Algorithm::Other(_) => None,
        }
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sha512 => "sha512",
            Algorithm::Other(name) => name,
        }
    }

    fn hex_length(&self) -> Option<usize> {
        match self {
            Algorithm::Sha256 => Some(64),
            Algorithm::Sha512 => Some(128),
            Algorithm::Other(_) => None,
        }
    }
}

impl From<&str> for Algorithm {
    fn from(name: &str) -> Algorithm {
        match name {
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            other => Algorithm::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A running hash: feed it the raw bytes in any number of pieces.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Hasher {
    /// SHA-256.
    Sha256(sha2::Sha256),
    /// SHA-512.
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Sha256(h) => h.update(bytes),
            Hasher::Sha512(h) => h.update(bytes),
        }
    }

    /// The digest of everything that was added.
    pub fn finish(self) -> Digest {
        match self {
            Hasher::Sha256(h) => Digest::of(Algorithm::Sha256, &h.finalize()),
            Hasher::Sha512(h) => Digest::of(Algorithm::Sha512, &h.finalize()),
        }
    }
}

/// Holds a stream of bytes against the digest that it should have.
#[derive(Debug, Clone)]
pub struct Verifier {
    expected: Digest,
    hasher: Hasher,
}

impl Verifier {
    /// A verifier for `expected`; refuses an algorithm that cannot be computed here.
    pub fn new(expected: Digest) -> Result<Verifier, UnsupportedAlgorithm> {
        match expected.algorithm.hasher() {
            Some(hasher) => Ok(Verifier { expected, hasher }),
            None => Err(UnsupportedAlgorithm { algorithm: expected.algorithm }),
        }
    }

    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
    }

    /// The digest of the bytes where it is the expected one; otherwise both sides.
    pub fn finish(self) -> Result<Digest, Mismatch> {
        let actual = self.hasher.finish();
        if actual == self.expected { Ok(actual) } else { Err(Mismatch { expected: self.expected, actual }) }
    }
}

/// Bytes whose digest is not the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The digest that was asked for.
    pub expected: Digest,
    /// The digest that the bytes have.
    pub actual: Digest,
}

/// An algorithm that cannot be computed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsupportedAlgorithm {
    /// The algorithm as the digest names it.
    pub algorithm: Algorithm,
}

/// Why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DigestError {
    /// There is no `:` between algorithm and value.
    NoColon,
    /// The algorithm is not lower-case letters and digits joined by single `+ . _ -`.
    BadAlgorithm,
    /// The value is empty, or has a character outside `[a-zA-Z0-9=_-]`.
    BadEncoding,
    /// The value of a known algorithm does not have that algorithm's length, in characters.
    WrongLength {
        /// The algorithm's length.
        expected: usize,
        /// The length that was found.
        actual: usize,
    },
    /// The value of a known algorithm is not lower-case hexadecimal.
    NotLowerHex,
}

impl fmt::Display for DigestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DigestError::NoColon => f.write_str("a digest is written algorithm:value, and there is no colon"),
            DigestError::BadAlgorithm => {
                f.write_str("the digest's algorithm is not lower-case letters and digits")
            }
            DigestError::BadEncoding => {
                f.write_str("the digest's value is empty or has a character that is not allowed")
            }
            DigestError::WrongLength { expected, actual } => {
                write!(f, "the digest's value must have {expected} characters and has {actual}")
            }
            DigestError::NotLowerHex => f.write_str("the digest's value must be lower-case hexadecimal"),
        }
    }
}

impl std::error::Error for DigestError {}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY_256: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn known_answers() {
        // FIPS 180-2, appendices B.1 and C.1, and the digest of nothing.
        assert_eq!(Digest::sha256(b"").to_string(), EMPTY_256);
        let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::sha256(b"abc").to_string(), abc);
        let mut hasher = Algorithm::Sha512.hasher().unwrap();
        hasher.update(b"a");
        hasher.update(b"bc");
        let abc = "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                   2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
        assert_eq!(hasher.finish().to_string(), abc);
    }

    #[test]
    fn parses_or_says_why_not() {
        let hex_64 = "a".repeat(64);
        for (text, expected, why) in [
            (format!("sha256:{hex_64}"), None, "the usual form"),
            (format!("sha512:{hex_64}{hex_64}"), None, "sha512 has twice the length"),
            ("blake3:af1349b9".into(), None, "unknown algorithms are kept, whatever their length"),
            ("sha256+b64:LCa0a2j_xo=".into(), None, "a compound algorithm with base64url"),
            (hex_64.clone(), Some(DigestError::NoColon), "no algorithm"),
            (format!(":{hex_64}"), Some(DigestError::BadAlgorithm), "an empty algorithm"),
            (format!("SHA256:{hex_64}"), Some(DigestError::BadAlgorithm), "upper case"),
            (format!("sha256+:{hex_64}"), Some(DigestError::BadAlgorithm), "a separator at the end"),
            ("other:".into(), Some(DigestError::BadEncoding), "an empty value"),
            ("other:a b".into(), Some(DigestError::BadEncoding), "a space"),
            ("sha256:abc".into(), Some(DigestError::WrongLength { expected: 64, actual: 3 }), "too short"),
            (format!("sha256:{}", "A".repeat(64)), Some(DigestError::NotLowerHex), "upper-case value"),
            (format!("sha256:{}", "g".repeat(64)), Some(DigestError::NotLowerHex), "not hexadecimal"),
        ] {
            match (text.parse::<Digest>(), expected) {
                (Ok(digest), None) => assert_eq!(digest.to_string(), text, "{why}"),
                (Err(error), Some(expected)) => assert_eq!(error, expected, "{why}"),
                (result, expected) => panic!("{why}: {result:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn a_verifier_names_both_sides() {
        let expected: Digest = EMPTY_256.parse().unwrap();
        assert_eq!(Verifier::new(expected.clone()).unwrap().finish(), Ok(expected.clone()));

        let mut verifier = Verifier::new(expected.clone()).unwrap();
        verifier.update(b"abc");
        let actual = Digest::sha256(b"abc");
        assert_eq!(verifier.finish(), Err(Mismatch { expected, actual }));
    }

    #[test]
    fn a_verifier_refuses_what_it_cannot_compute() {
        let error = Verifier::new("blake3:af1349b9".parse().unwrap()).unwrap_err();
        assert_eq!(error.algorithm, Algorithm::Other("blake3".into()));
    }

    #[test]
    fn short_form_keeps_the_algorithm() {
        assert_eq!(Digest::sha256(b"").short(), "sha256:e3b0c44298fc…");
        assert_eq!("x:abc".parse::<Digest>().unwrap().short(), "x:abc");
    }
}
