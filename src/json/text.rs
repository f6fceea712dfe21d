//! Bytes that are not the texts of JSON: what is replaced as Go's reader does, and what something else looks like.

use std::borrow::Cow;
use std::cell::Cell;

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
        mended = mended.utf8_chunks().fold(Vec::with_capacity(bytes.len()), |mut mended, chunk| {
            mended.extend_from_slice(chunk.valid().as_bytes());
            chunk.invalid().iter().for_each(|_| mended.extend_from_slice("\u{fffd}".as_bytes()));
            mended
        });
    }
    first.map(|first| (mended, first))
}

/// The document with numbers that the library reads otherwise than Go, as numbers of the same kind: a negative zero, which it
/// takes for a fraction, and one beyond what it can hold, which is nobody's unless it is in a place that nobody reads.
pub(super) fn with_plain_numbers(bytes: &[u8]) -> Cow<'_, [u8]> {
    const LARGE: &[u8] = b"1e308";
    let mut plain = Cow::Borrowed(bytes);
    let (mut at, mut in_text) = (0, false);
    while let Some(byte) = plain.get(at).copied() {
        match byte {
            b'\\' if in_text => at += 1,
            b'"' => in_text = !in_text,
            b'-' | b'0'..=b'9' if !in_text => {
                let is_number = |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let end = at + plain.get(at..).unwrap_or_default().iter().take_while(is_number).count();
                let token = plain.get(at..end).unwrap_or_default();
                if token == b"-0" {
                    plain.to_mut().splice(at..end, *b" 0");
                } else if token.contains(&b'e') || token.contains(&b'E') || token.len() > 300 {
                    let read = super::parse_strict(token, &Cell::default());
                    if read.is_err_and(|fault| fault.reason == super::OUT_OF_RANGE) {
                        plain.to_mut().splice(at..end, LARGE.iter().copied());
                    }
                }
                at = end.max(at + 1) - 1;
            }
            _ => {}
        }
        at += 1;
    }
    plain
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
