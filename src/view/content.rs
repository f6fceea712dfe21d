//! What a file holds, as it can be shown: text, an image, or bytes with what their header says. Of a long text, what is shown
//! is all that is laid out.

mod image;

use std::borrow::Cow;

use super::{hex, json, words};
use image::Image;

/// The most text that is shown, in bytes.
const MOST_TEXT: usize = 256 * 1024;

/// The most bytes that are shown as such.
const MOST_HEX: usize = 4096;

/// A file's bytes, to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What they are, in words.
    pub what: String,
    /// The text, or the bytes as hex.
    pub text: Option<String>,
    /// The media type of an image, which is shown as an image only.
    pub image: Option<&'static str>,
}

impl Content {
    /// Of a file with this name.
    pub fn of(bytes: &[u8], name: &str) -> Content {
        let as_hex = |mut what: String| {
            let begin = bytes.get(..MOST_HEX).unwrap_or(bytes);
            if begin.len() < bytes.len() {
                what += &format!(", of which the first {} are shown", words::bytes(MOST_HEX as u64));
            }
            Content { what, text: Some(hex::dump(begin)), image: None }
        };
        if let Some(image) = Image::of(bytes) {
            return match image.size {
                _ if image.is_drawn() => {
                    Content { what: image.words.to_owned(), text: None, image: Some(image.media_type) }
                }
                Some((width, height)) => {
                    let [width, height] = [width, height].map(|side| words::grouped(side.into()));
                    as_hex(format!(
                        "{} of {width} × {height} pixels, too large to be drawn here",
                        image.words
                    ))
                }
                None => {
                    as_hex(format!("{} that does not say how large it is, and is not drawn", image.words))
                }
            };
        }
        if let Some(what) = executable(bytes) {
            return as_hex(what);
        }
        match text(bytes) {
            Some((encoding, begin, is_cut)) => {
                // Drawn, a small one may keep the page busy for ever.
                let is_drawing = name.ends_with(".svg") && begin.contains("<svg");
                let is_json = begin.trim_start().starts_with(['{', '[']);
                let laid_out = is_json.then(|| json::begin_indented(&begin, is_cut, 2, MOST_TEXT)).flatten();
                let kind = match &laid_out {
                    Some(_) => "JSON, reformatted",
                    None if is_drawing => "text of an SVG drawing",
                    None => "text",
                };
                let (shown, is_cut) = laid_out.unwrap_or((begin.into_owned(), is_cut));
                let mut what = format!("{encoding} {kind}");
                if is_cut {
                    what += &format!(", of which the first {} are shown", words::bytes(shown.len() as u64));
                }
                Content { what, text: Some(shown), image: None }
            }
            None => as_hex("binary data".to_owned()),
        }
    }
}

/// What the header of a program says: ELF (System V ABI) and PE (Microsoft's specification).
fn executable(bytes: &[u8]) -> Option<String> {
    let number = |at: usize, is_big: bool| {
        let two: [u8; 2] = bytes.get(at..at + 2)?.try_into().ok()?;
        Some(if is_big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    };
    if bytes.starts_with(b"\x7fELF") {
        let width = if bytes.get(4) == Some(&2) { "64-bit" } else { "32-bit" };
        let is_big = bytes.get(5) == Some(&2);
        let kind = match number(16, is_big)? {
            1 => "relocatable object",
            2 => "executable",
            3 => "shared object or position-independent executable",
            4 => "core dump",
            _ => "file",
        };
        let machine = match number(18, is_big)? {
            3 => "x86".to_owned(),
            0x08 => "MIPS".to_owned(),
            0x15 => "PowerPC 64".to_owned(),
            0x16 => "s390".to_owned(),
            0x28 => "ARM".to_owned(),
            0x3e => "x86-64".to_owned(),
            0xb7 => "AArch64".to_owned(),
            0xf3 => "RISC-V".to_owned(),
            0x102 => "LoongArch".to_owned(),
            other => format!("machine {other}"),
        };
        return Some(format!("an ELF {width} {kind} for {machine}"));
    }
    let header = bytes.get(0x3c..0x40).filter(|_| bytes.starts_with(b"MZ"))?;
    let at = u32::from_le_bytes(header.try_into().ok()?) as usize;
    if bytes.get(at..at.checked_add(4)?) != Some(b"PE\0\0") {
        return None;
    }
    let machine = match number(at + 4, false)? {
        0x014c => "x86".to_owned(),
        0x8664 => "x86-64".to_owned(),
        0xaa64 => "AArch64".to_owned(),
        other => format!("machine {other}"),
    };
    Some(format!("a PE executable for {machine}"))
}

/// The beginning of a text with its encoding, and whether more follows: UTF-8, or UTF-16 that says so. What holds a zero, or
/// much that is no text, is none.
fn text(bytes: &[u8]) -> Option<(&'static str, Cow<'_, str>, bool)> {
    let begin = bytes.get(..MOST_TEXT).unwrap_or(bytes);
    let is_cut = begin.len() < bytes.len();
    let wide = |read: fn([u8; 2]) -> u16| {
        let units = begin.get(2..).unwrap_or_default().chunks_exact(2);
        let units = units.filter_map(|pair| pair.try_into().ok()).map(read);
        Some(("UTF-16", Cow::Owned(String::from_utf16_lossy(&units.collect::<Vec<u16>>())), is_cut))
    };
    match bytes {
        [0xff, 0xfe, ..] => return wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => return wide(u16::from_be_bytes),
        _ => {}
    }
    if bytes.iter().any(|byte| *byte < 9 || (14..27).contains(byte)) {
        return None;
    }
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => {
            let begin = words::begin(text, MOST_TEXT);
            (if text.is_ascii() { "ASCII" } else { "UTF-8" }, Cow::Borrowed(begin), is_cut)
        }
        // What has no zeros and no controls was text in some encoding of one byte a letter.
        Err(_) => {
            let text = begin.iter().map(|byte| char::from(*byte)).collect();
            ("ISO 8859-1, it seems,", Cow::Owned(text), is_cut)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_holds_is_named() {
        let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
        elf.resize(64, 0);
        elf[16] = 3;
        elf[18] = 0x3e;
        let mut pe = b"MZ".to_vec();
        pe.resize(0x80, 0);
        pe[0x3c] = 0x60;
        pe[0x60..0x66].copy_from_slice(b"PE\0\0\x64\x86");
        for (bytes, name, what, image) in [
            (
                &elf[..],
                "sh",
                "an ELF 64-bit shared object or position-independent executable for x86-64",
                None,
            ),
            (&pe, "a.exe", "a PE executable for x86-64", None),
            (b"\x89PNG\r\n\x1a\n....IHDR\0\0\0\x01\0\0\0\x01", "a", "a PNG image", Some("image/png")),
            (
                b"\x89PNG\r\n\x1a\n....IHDR\0\x01\0\0\0\x01\0\0",
                "a",
                "a PNG image of 65,536 \u{d7} 65,536 pixels, too large to be drawn here",
                None,
            ),
            (
                b"\x89PNG\r\n\x1a\n..",
                "a",
                "a PNG image that does not say how large it is, and is not drawn",
                None,
            ),
            (b"<svg xmlns='x'/>", "a.svg", "ASCII text of an SVG drawing", None),
            (b"<html><svg/>", "a.html", "ASCII text", None),
            (b"<svg xmlns='x'/>", "a.txt", "ASCII text", None),
            (b"RIFF....WAVE", "a", "ASCII text", None),
            (b"plain\n", "a", "ASCII text", None),
            ("stra\u{df}e".as_bytes(), "a", "UTF-8 text", None),
            (b"stra\xdfe", "a", "ISO 8859-1, it seems, text", None),
            (b"\xff\xfea\0", "a", "UTF-16 text", None),
            (b"a\0b", "a", "binary data", None),
            (b"{\"a\":1}", "a.json", "ASCII JSON, reformatted", None),
        ] {
            let content = Content::of(bytes, name);
            assert_eq!((content.what.as_str(), content.image), (what, image));
            assert_eq!(content.text.is_none(), image.is_some());
        }
        for open in ["[", "{\"a\":", "[{\"a\": [\"x\", "] {
            let deep = open.repeat((40 << 20) / open.len());
            let content = Content::of(deep.as_bytes(), "a.json");
            assert!(
                content.what.starts_with("ASCII JSON, reformatted, of which the first"),
                "{}",
                content.what
            );
            assert!(content.text.unwrap().len() <= MOST_TEXT);
        }
        let broken = "[1,]".repeat(MOST_TEXT);
        assert!(
            Content::of(broken.as_bytes(), "a").what.starts_with("ASCII text, of which the first 262 kB")
        );
        let long = "\u{e9}".repeat(MOST_TEXT);
        let content = Content::of(long.as_bytes(), "a");
        assert!(content.what.ends_with("of which the first 262 kB are shown"), "{}", content.what);
        elf.resize(MOST_HEX, 0);
        for (bytes, is_cut) in
            [(vec![0; MOST_HEX], false), (vec![0; MOST_HEX + 1], true), (elf.clone(), false)]
        {
            let content = Content::of(&bytes, "a");
            assert_eq!(content.what.ends_with(", of which the first 4,096 B are shown"), is_cut);
            assert_eq!(content.text.unwrap().lines().count(), MOST_HEX / 16);
        }
        elf.push(0);
        assert!(Content::of(&elf, "a").what.ends_with("for x86-64, of which the first 4,096 B are shown"));
    }

    #[test]
    fn a_header_that_breaks_off_is_no_header() {
        for bytes in [&b"\x7fELF"[..], b"MZ", b"MZ\0\0"] {
            assert!(Content::of(bytes, "a").image.is_none());
        }
    }
}
