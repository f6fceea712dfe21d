//! What the first bytes of something that is no tar say it is.

/// Formats that layers have been seen in, or that are taken for layers, by their first bytes.
const KNOWN: [(&[u8], &str); 20] = [
    (b"\xfd7zXZ\0", "xz"),
    (b"BZh", "bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP", "lzip"),
    (b"\x5d\0\0", "lzma"),
    (b"\x89LZO\0", "lzop"),
    (b"\x1f\x9d", "compress"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\xcebrotli", "brotli"),
    (b"hsqs", "squashfs"),
    (b"070701", "cpio"),
    (b"!<arch>\n", "ar"),
    (b"\x7fELF", "an ELF program"),
    (b"\0asm", "a WebAssembly module"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"%PDF-", "a PDF"),
];

/// So many bytes are shown of what nothing is known of.
const SHOWN: usize = 4;

/// Says in half a sentence how it begins: "begins as xz does".
pub(super) fn how(begin: &[u8]) -> String {
    if let Some((_, name)) = KNOWN.iter().find(|(magic, _)| begin.starts_with(magic)) {
        return format!("begins as {name} does");
    }
    let text = begin.trim_ascii_start();
    match text.first() {
        Some(b'{' | b'[') => "begins as JSON does".to_owned(),
        Some(b'<') => "begins as a web page or XML does".to_owned(),
        _ => {
            let shown: Vec<String> = begin.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
            format!("begins with bytes {} that no known compression has, and no tar", shown.join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_named_and_what_is_not_is_shown() {
        for (begin, said) in [
            (&b"\xfd7zXZ\0\0\x04"[..], "begins as xz does"),
            (b"BZh91AY&SY", "begins as bzip2 does"),
            (b"7z\xbc\xaf\x27\x1c\0\x04", "begins as 7z does"),
            (b"PK\x03\x04\x14\0", "begins as zip does"),
            (b"\r\n{\"a\": 1}", "begins as JSON does"),
            (b"<!doctype html>", "begins as a web page or XML does"),
            (
                b"\x8e\x12\0\xff\x01",
                "begins with bytes 8e 12 00 ff that no known compression has, and no tar",
            ),
            (b"x", "begins with bytes 78 that no known compression has, and no tar"),
        ] {
            assert_eq!(how(begin), said);
        }
    }
}
