//! The parts of a reference, each with the check that says what is wrong with it.

use super::ReferenceError;
use crate::digest::{Algorithm, Digest, DigestError};

/// Longest path and longest tag, in characters; both are ASCII.
const PATH_MAX: usize = 255;
const TAG_MAX: usize = 128;
const SHA384_HEX: usize = 96;

/// Refuses what can stand nowhere in a reference. After this, the text is ASCII.
pub(super) fn check_characters(text: &str) -> Result<(), ReferenceError> {
    let known = |c: char| c.is_ascii_alphanumeric() || "._-/:@[]+".contains(c);
    match text.chars().enumerate().find(|&(_, c)| !known(c)) {
        Some((index, character)) => Err(ReferenceError::BadCharacter { character, position: index + 1 }),
        None => Ok(()),
    }
}

pub(super) fn check_no_scheme(text: &str) -> Result<(), ReferenceError> {
    match text.split_once("://") {
        Some((scheme, _)) if !scheme.is_empty() && !scheme.contains(['/', ':', '@', '[', ']']) => {
            Err(ReferenceError::Scheme { scheme: scheme.to_owned() })
        }
        _ => Ok(()),
    }
}

pub(super) fn check_registry(registry: &str) -> Result<(), ReferenceError> {
    match split_port(registry) {
        _ if is_registry(registry) => Ok(()),
        (host, Some(port)) if is_host(host) => {
            Err(ReferenceError::BadPort { host: host.to_owned(), port: port.to_owned() })
        }
        _ => Err(ReferenceError::BadRegistry { registry: registry.to_owned() }),
    }
}

pub(super) fn is_registry(text: &str) -> bool {
    let (host, port) = split_port(text);
    is_host(host) && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()))
}

/// The host, with its brackets where it is an IPv6 address, and what follows the colon.
pub(super) fn split_port(registry: &str) -> (&str, Option<&str>) {
    match registry.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (registry, None),
    }
}

fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        // Any mix of digits and colons passes: the grammar leaves the rest to whoever connects.
        return !address.is_empty() && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    }
    let alnum = |c: char| c.is_ascii_alphanumeric();
    text.split('.').all(|label| {
        label.starts_with(alnum) && label.ends_with(alnum) && label.chars().all(|c| alnum(c) || c == '-')
    })
}

/// Everything but the length, which counts after normalisation.
pub(super) fn check_path(path: &str) -> Result<(), ReferenceError> {
    if path.is_empty() {
        return Err(ReferenceError::NoRepository);
    }
    if path.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(ReferenceError::UpperCase { path: path.to_owned() });
    }
    match path.split('/').find(|component| !is_component(component)) {
        Some("") => Err(ReferenceError::EmptyComponent { path: path.to_owned() }),
        Some(component) => Err(ReferenceError::BadComponent { component: component.to_owned() }),
        None => Ok(()),
    }
}

pub(super) fn check_path_length(path: &str) -> Result<(), ReferenceError> {
    if path.len() > PATH_MAX {
        return Err(ReferenceError::PathTooLong { actual: path.len() });
    }
    Ok(())
}

pub(super) fn is_component(text: &str) -> bool {
    let alnum = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let separator = |run: &str| matches!(run, "." | "_" | "__") || run.bytes().all(|b| b == b'-');
    // Splitting at each letter and digit leaves the runs between them, most of them empty.
    text.starts_with(alnum) && text.ends_with(alnum) && text.split(alnum).all(separator)
}

pub(super) fn check_tag(tag: &str) -> Result<(), ReferenceError> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if tag.is_empty() {
        return Err(ReferenceError::EmptyTag);
    }
    if !tag.starts_with(word) || !tag.chars().all(|c| word(c) || c == '.' || c == '-') {
        return Err(ReferenceError::BadTag { tag: tag.to_owned() });
    }
    if tag.len() > TAG_MAX {
        return Err(ReferenceError::TagTooLong { actual: tag.len() });
    }
    Ok(())
}

/// A digest of one of the three algorithms that the image specification has registered with a hexadecimal
/// value. sha384 cannot be verified here, but a reference may name it.
pub(super) fn parse_digest(text: &str) -> Result<Digest, ReferenceError> {
    let bad = |reason| ReferenceError::BadDigest { digest: text.to_owned(), reason };
    let digest: Digest = text.parse().map_err(bad)?;
    match digest.algorithm() {
        Algorithm::Sha256 | Algorithm::Sha512 => Ok(digest),
        Algorithm::Other(name) if name == "sha384" => match digest.encoded().len() {
            SHA384_HEX if digest.encoded().bytes().all(is_lower_hex) => Ok(digest),
            SHA384_HEX => Err(bad(DigestError::NotLowerHex)),
            actual => Err(bad(DigestError::WrongLength { expected: SHA384_HEX, actual })),
        },
        other => Err(ReferenceError::UnsupportedAlgorithm { algorithm: other.to_string() }),
    }
}

pub(super) fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}
