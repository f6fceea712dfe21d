//! One header: 512 bytes. POSIX `ustar`, with GNU's additions.

use crate::layer::entry::{Entry, Kind};

/// What a header says.
#[derive(Debug)]
pub(super) struct Header {
    /// The entry, without what pax headers say.
    pub(super) entry: Entry,
    /// Its type flag.
    pub(super) letter: u8,
    /// Whether blocks with more of a sparse map follow.
    pub(super) has_map: bool,
    /// How long a sparse file really is.
    pub(super) real_size: u64,
}

/// The longest that a file can be, in bytes: POSIX counts them with a sign. What is below zero comes out as more.
pub(super) const MAX_LENGTH: u64 = u64::MAX >> 1;

/// Why a block is no header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The sum of its bytes is another.
    Checksum,
    /// A field that must be a number is none.
    Number(&'static str),
    /// A length is below zero, or larger than any file.
    Length(&'static str),
}

impl Header {
    /// Reads a block.
    pub(super) fn read(block: &[u8]) -> Result<Header, Problem> {
        let field = |at: usize, length: usize| block.get(at..at + length).unwrap_or_default();
        let number = |at, length, name| number(field(at, length)).ok_or(Problem::Number(name));
        let length = |at, name| match number(at, 12, name)? {
            length if length <= MAX_LENGTH => Ok(length),
            _ => Err(Problem::Length(name)),
        };
        check_sum(block)?;
        let letter = field(156, 1).first().copied().unwrap_or_default();
        let (magic, is_gnu) = (field(257, 6), field(257, 8) == b"ustar  \0");
        let name = text(field(0, 100));
        let prefix = if magic == b"ustar\0" { text(field(345, 155)) } else { String::new() };
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let has_names = magic == b"ustar\0" || is_gnu;
        let named = |at| if has_names { text(field(at, 32)) } else { String::new() };
        let device = |at| match has_names {
            true => number(at, 8, "device").map(|number| number as u32),
            false => Ok(0),
        };
        let is_sparse = letter == b'S';
        let size = length(124, "size")?;
        Ok(Header {
            entry: Entry {
                path,
                kind: Kind::of(letter),
                mode: (number(100, 8, "mode")? & 0o7777) as u32,
                uid: number(108, 8, "owner")?,
                gid: number(116, 8, "group")?,
                user: named(265),
                group: named(297),
                size,
                modified: number(136, 12, "time")?.cast_signed(),
                link: text(field(157, 100)),
                device: (device(329)?, device(337)?),
                ..Entry::default()
            },
            letter,
            has_map: is_sparse && field(482, 1) != [0],
            real_size: if is_sparse { length(483, "length")? } else { size },
        })
    }
}

/// The sum of all bytes, with those of the sum itself as spaces. Some programs took bytes for signed.
fn check_sum(block: &[u8]) -> Result<(), Problem> {
    let stated = number(block.get(148..156).unwrap_or_default()).ok_or(Problem::Checksum)?.cast_signed();
    let as_summed = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { b' ' } else { *byte };
    let plain: i64 = block.iter().enumerate().map(as_summed).map(i64::from).sum();
    let signed: i64 = block.iter().enumerate().map(as_summed).map(|byte| i64::from(byte.cast_signed())).sum();
    if stated == plain || stated == signed { Ok(()) } else { Err(Problem::Checksum) }
}

/// A number: octal digits between spaces and zeros, or, with the first bit set, the bits of what follows. One below zero
/// comes out as its two's complement; nothing at all is 0.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if first & 0x80 != 0 {
        let is_negative = first & 0x40 != 0;
        let begin =
            if is_negative { u64::MAX << 6 | u64::from(first & 0x3f) } else { u64::from(first & 0x3f) };
        let filled =
            |number: u64| if is_negative { number >> 55 == u64::MAX >> 55 } else { number >> 55 == 0 };
        return rest
            .iter()
            .try_fold(begin, |number, byte| filled(number).then_some(number << 8 | u64::from(*byte)));
    }
    let is_space = |byte: &u8| matches!(byte, b' ' | 0);
    let digits: Vec<u8> =
        field.iter().copied().skip_while(|byte| is_space(byte)).take_while(|byte| !is_space(byte)).collect();
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 8)?;
        number.checked_mul(8)?.checked_add(u64::from(digit))
    })
}

/// Up to the first zero; bytes that are no UTF-8 are written as `\xNN`.
pub(super) fn text(field: &[u8]) -> String {
    let bytes = field.split(|byte| *byte == 0).next().unwrap_or_default();
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_all_their_forms() {
        for (field, expected) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"\0\0\0\0", Some(0)),
            (b"77777777777 ", Some(0o77_777_777_777)),
            (b"644x", None),
            (b"9", None),
            (b"-1", None),
            (b"\x80\0\0\0\0\0\0\x02\0\0\0\0", Some(0x2_0000_0000)),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", None),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", Some(u64::MAX - 1)),
        ] {
            assert_eq!(number(field), expected, "{field:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_shown_as_it_is() {
        assert_eq!(text(b"caf\xc3\xa9\0rest"), "caf\u{e9}");
        assert_eq!(text(b"caf\xe9"), "caf\\xe9");
        assert_eq!(text(b""), "");
    }
}
