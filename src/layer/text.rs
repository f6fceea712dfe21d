//! Names as text. A name in a tar is any bytes, and two names are the same only if their bytes are.
//!
//! What is UTF-8 stands as it is. Each byte that is none stands as one of the last 128 characters of Unicode, which are for
//! private use; so does each byte of such a character, where a name really has one. Each text stands for one name then, and
//! each name is one text: they can be compared as texts.

/// The character for byte 0 would be this one: those from 0x80 on are used.
const BYTES: u32 = 0x10_ff00;

/// The text for some bytes.
#[cfg(any(feature = "worker", not(target_arch = "wasm32")))]
pub(super) fn held(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        // Nearly all are.
        Ok(text) if !bytes.contains(&0xf4) => text.to_owned(),
        _ => escaped(bytes),
    }
}

#[cfg(any(feature = "worker", not(target_arch = "wasm32")))]
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::new();
    let byte = |byte: &u8| char::from_u32(BYTES + u32::from(*byte));
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match byte_of(c) {
                Some(_) => text.extend(c.encode_utf8(&mut [0; 4]).as_bytes().iter().filter_map(byte)),
                None => text.push(c),
            }
        }
        text.extend(chunk.invalid().iter().filter_map(byte));
    }
    text
}

/// The byte that a character stands for, if it stands for one.
pub fn byte_of(c: char) -> Option<u8> {
    u32::from(c).checked_sub(BYTES).filter(|byte| *byte >= 0x80).map(|byte| byte as u8)
}

/// The bytes of a text, as they were.
pub fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for c in text.chars() {
        match byte_of(c) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    bytes
}

/// A text as people read it: bytes that are no UTF-8 are written as `\xNN`.
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match byte_of(c) {
            Some(byte) => shown += &format!("\\x{byte:02x}"),
            None => shown.push(c),
        }
    }
    shown
}

/// The same, and no more of it than can be read in a sentence.
pub(super) fn cut(text: &str) -> String {
    shown(text).chars().take(200).collect()
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_one_text_and_reads_back() {
        let names: [&[u8]; 9] = [
            b"caf\xc3\xa9",
            b"caf\xe9",
            b"caf\\xe9",
            b"\xff\xfe",
            b"\xf4\x8f\xbf\xa9",
            "\u{10ff7f}\u{10ff80}\u{10fffe}\u{10ffff}".as_bytes(),
            b"\xed\xa0\x80",
            b"a\0b",
            b"",
        ];
        for name in names {
            assert_eq!(bytes_of(&held(name)), name, "{name:?}");
            let same: Vec<_> = names.iter().filter(|other| held(other) == held(name)).collect();
            assert_eq!(same, [&name]);
        }
        assert_eq!(shown(&held(b"caf\xe9")), "caf\\xe9");
        assert_eq!(shown(&held(b"caf\xc3\xa9")), "caf\u{e9}");
    }
}
