//! Bytes that are not the texts of JSON: what is replaced as Go's reader does, and what something else looks like.

use std::borrow::Cow;

use super::{Fault, Position};

/// The replacement character as JSON writes it, as long as what it stands for.
const REPLACEMENT: &[u8] = b"\\ufffd";

/// The document with U+FFFD for each half of a surrogate pair that is alone and for each byte that is not UTF-8, and where
/// the first of them stood; `None` where there is nothing to replace. RFC 8259, sections 8.1 and 8.2, leave open what a
/// reader does then.
pub(super) fn mended(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let not_utf8 = std::str::from_utf8(bytes).err().map(|error| error.valid_up_to());
    let mut mended = bytes.to_vec();
    let mut first = not_utf8;
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += found;
        match (unit(bytes, at), unit(bytes, at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => at += 12,
            (Some(0xd800..=0xdfff), _) => {
                if let Some(place) = mended.get_mut(at..at + 6) {
                    place.copy_from_slice(REPLACEMENT);
                }
                first = Some(first.map_or(at, |first| first.min(at)));
                at += 6;
            }
            // The sign after a backslash is never the beginning of another escape.
            _ => at += 2,
        }
    }
    if not_utf8.is_some() {
        mended = match String::from_utf8_lossy(&mended) {
            Cow::Owned(text) => text.into_bytes(),
            Cow::Borrowed(_) => mended,
        };
    }
    first.map(|first| (mended, first))
}

/// The code unit of an escape `\uXXXX` at `at`.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

/// What bytes are that are no JSON, where they can be recognised by how they begin.
pub(super) fn recognised(bytes: &[u8]) -> Option<Fault> {
    let at = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let begin = bytes.get(at..).unwrap_or_default();
    let is =
        |tag: &str| begin.get(..tag.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(tag.as_bytes()));
    let reason = match () {
        () if begin.starts_with(b"\xef\xbb\xbf") => {
            "it begins with a byte order mark (BOM), which JSON does not allow"
        }
        () if begin.starts_with(b"\xff\xfe") || begin.starts_with(b"\xfe\xff") => {
            "it is UTF-16, and JSON is exchanged as UTF-8"
        }
        () if is("<!doctype html") || is("<html") || is("<head") || is("<body") => {
            "it is a web page (HTML), and not JSON"
        }
        () if is("<?xml") => "it is XML, and not JSON",
        () if begin.starts_with(b"\x1f\x8b") => "it is compressed (gzip), and not JSON",
        () if begin.starts_with(b"\x28\xb5\x2f\xfd") => "it is compressed (zstd), and not JSON",
        () => return None,
    };
    Some(Fault { position: Position::of(bytes, at), reason: reason.to_owned(), is_limit: false })
}
