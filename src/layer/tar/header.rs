//! One header: 512 bytes. POSIX `ustar`, with GNU's and star's additions, as Go reads them.

use super::numbers;
use crate::layer::entry::Entry;
use crate::layer::text;

/// What a header says.
#[derive(Debug)]
pub(super) struct Header {
    /// The entry, without its kind, its size, and what other headers say of it.
    pub(super) entry: Entry,
    /// Its type flag.
    pub(super) letter: u8,
    /// How many bytes follow; it may be below zero.
    pub(super) size: i64,
    /// The path as other readers have it, where they take other bytes for the prefix.
    pub(super) other_path: Option<String>,
    /// Numbers that other readers take for others, in words.
    pub(super) notes: Vec<String>,
}

/// Why a block is no header.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The sum of its bytes is another.
    Checksum,
    /// A field that must be a number is none: which, and what GNU tar takes it for, if for anything.
    Number(&'static str, Option<i64>),
}

/// Who wrote it, by its magic bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    V7,
    Ustar,
    Star,
    Gnu,
}

impl Header {
    /// Reads a block.
    pub(super) fn read(block: &[u8]) -> Result<Header, Problem> {
        let field = |at: usize, length: usize| block.get(at..at + length).unwrap_or_default();
        let mut notes = Vec::new();
        let mut number = |at, length, name| {
            let bytes = field(at, length);
            let in_c = || numbers::octal_in_c(bytes);
            let number = numbers::field(bytes).ok_or_else(|| Problem::Number(name, in_c()))?;
            // Digits to the end, maybe with a blank behind them: all read that alike.
            let is_plain = bytes.first().is_none_or(|first| *first & 0x80 != 0)
                || bytes.iter().rev().skip(1).all(u8::is_ascii_digit);
            if let Some(other) = in_c().filter(|other| !is_plain && *other != number) {
                notes.push(format!("docker and containerd read its {name} as {number}, GNU tar as {other}"));
            }
            Ok(number)
        };
        check_sum(block)?;
        let format = Format::of(block);
        let letter = field(156, 1).first().copied().unwrap_or_default();
        let name = text_of(field(0, 100));
        let size = number(124, 12, "size")?;
        let mut entry = Entry {
            mode: (number(100, 8, "mode")? & 0o7777) as u32,
            uid: number(108, 8, "owner")?,
            gid: number(116, 8, "group")?,
            modified: number(136, 12, "time")?,
            link: text_of(field(157, 100)),
            ..Entry::default()
        };
        let number = |at, length, name| numbers::field(field(at, length)).ok_or(Problem::Number(name, None));
        if format != Format::V7 {
            (entry.user, entry.group) = (text_of(field(265, 32)), text_of(field(297, 32)));
            entry.device = (number(329, 8, "device")? as u32, number(337, 8, "device")? as u32);
        }
        let posix = field(345, 155);
        let (prefix, other) = match format {
            Format::V7 => (&[][..], &[][..]),
            Format::Ustar => (posix, posix),
            Format::Star => {
                number(476, 12, "time of access")?;
                number(488, 12, "time of change")?;
                (field(345, 131), posix)
            }
            // Old Go wrote a prefix where GNU has times.
            Format::Gnu if has_times(block) => (&[][..], &[][..]),
            Format::Gnu => {
                (Some(posix).filter(|prefix| to_zero(prefix).is_ascii()).unwrap_or_default(), &[][..])
            }
        };
        let (prefix, other) = (to_zero(prefix), to_zero(other));
        let other_path = (prefix != other).then(|| prefixed(other, &name));
        entry.path = prefixed(prefix, &name);
        Ok(Header { entry, letter, size, other_path, notes })
    }
}

impl Format {
    fn of(block: &[u8]) -> Format {
        let at = |at: usize, bytes: &[u8]| block.get(at..).is_some_and(|block| block.starts_with(bytes));
        match () {
            () if at(257, b"ustar\0") && at(508, b"tar\0") => Format::Star,
            () if at(257, b"ustar\0") => Format::Ustar,
            () if at(257, b"ustar  \0") => Format::Gnu,
            () => Format::V7,
        }
    }
}

/// Whether GNU's times of access and change are numbers, or are not there.
fn has_times(block: &[u8]) -> bool {
    [345..357, 357..369]
        .into_iter()
        .filter_map(|place| block.get(place))
        .all(|field| field.first().is_some_and(|first| *first == 0) || numbers::field(field).is_some())
}

/// The sum of all bytes, with those of the sum itself as spaces. Some programs took bytes for signed.
fn check_sum(block: &[u8]) -> Result<(), Problem> {
    let stated = numbers::octal(block.get(148..156).unwrap_or_default()).ok_or(Problem::Checksum)?;
    let as_summed = |(at, byte): (usize, &u8)| if (148..156).contains(&at) { b' ' } else { *byte };
    let plain: i64 = block.iter().enumerate().map(as_summed).map(i64::from).sum();
    let signed =
        || -> i64 { block.iter().enumerate().map(as_summed).map(|byte| i64::from(byte.cast_signed())).sum() };
    if stated == plain || stated == signed() { Ok(()) } else { Err(Problem::Checksum) }
}

fn prefixed(prefix: &[u8], name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", text::held(prefix)) }
}

/// Up to the first zero.
fn to_zero(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// The text up to the first zero.
pub(super) fn text_of(field: &[u8]) -> String {
    text::held(to_zero(field))
}
