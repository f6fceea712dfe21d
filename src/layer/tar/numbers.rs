//! Numbers, as headers and pax records write them and Go reads them.

/// A number in a header: octal digits, or, with the first bit set, the bits of what follows, as two's complement. Nothing at
/// all is 0. `None` for what is no number, or does not fit.
pub(super) fn field(field: &[u8]) -> Option<i64> {
    let first = *field.first()?;
    if first & 0x80 == 0 {
        return octal(field);
    }
    // Of a number below zero all bits are the other way round, and it is one less.
    let inverted = if first & 0x40 == 0 { 0 } else { 0xff };
    let bits = field.iter().enumerate().try_fold(0_u64, |number, (at, byte)| {
        let byte = (byte ^ inverted) & if at == 0 { 0x7f } else { 0xff };
        (number >> 56 == 0).then_some(number << 8 | u64::from(byte))
    })?;
    let number = i64::try_from(bits).ok()?;
    Some(if inverted == 0 { number } else { !number })
}

/// Octal digits, with spaces and zeros round them.
pub(super) fn octal(field: &[u8]) -> Option<i64> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | 0);
    let Some(begin) = field.iter().position(|byte| !is_blank(byte)) else { return Some(0) };
    let end = field.iter().rposition(|byte| !is_blank(byte))?;
    let digits = field.get(begin..=end)?.split(|byte| *byte == 0).next()?;
    digits.iter().try_fold(0_i64, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit < 8)?;
        number.checked_mul(8)?.checked_add(i64::from(digit))
    })
}

/// The same digits as programs in C read them: spaces, digits, and whatever ends them. `None` where there are none.
pub(super) fn octal_in_c(field: &[u8]) -> Option<i64> {
    let field = field.strip_prefix(b"\0").unwrap_or(field).trim_ascii_start();
    if field.first().is_some_and(|byte| *byte == 0) {
        return Some(0);
    }
    let digits = field.split(|byte| !(b'0'..=b'7').contains(byte)).next()?;
    (!digits.is_empty()).then(|| octal(digits))?
}

/// A decimal number in a pax record. It may have either sign, and any zeros before it.
pub(super) fn decimal(text: &str) -> Option<i64> {
    // Rust reads what Go does.
    text.parse().ok()
}

/// A time in a pax record, in whole seconds, rounded down: `SECONDS` or `SECONDS.FRACTION`.
pub(super) fn time(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds = decimal(whole)?;
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Nanoseconds count, and nothing below.
    let has_more = fraction.bytes().take(9).any(|digit| digit != b'0');
    Some(if whole.starts_with('-') && has_more { seconds.wrapping_sub(1) } else { seconds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_headers_in_all_their_forms() {
        for (text, expected) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"\0\x00644 ", Some(0o644)),
            (b"644\0 junk", Some(0o644)),
            (b"\0\0\0\0", Some(0)),
            (b"    ", Some(0)),
            (b"77777777777 ", Some(0o77_777_777_777)),
            (b"6 44", None),
            (b"644x", None),
            (b"9", None),
            (b"-1", None),
            (b"\x80\0\0\0\0\0\0\x02\0\0\0\0", Some(0x2_0000_0000)),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", None),
            (b"\x80\0\0\0\x80\0\0\0\0\0\0\0", None),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe", Some(-2)),
            (b"\x81\0\0\0\0\0\0\0", Some(1 << 56)),
        ] {
            assert_eq!(field(text), expected, "{text:?}");
        }
        assert_eq!(octal(b"\x80\0\0\0\0\0\0\x01"), None, "a checksum is octal");
    }

    #[test]
    fn programs_in_c_stop_at_the_first_that_is_no_digit() {
        for (text, expected) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b" 12 34 ", Some(0o12)),
            (b"\0\x00644 ", Some(0)),
            (b"\x00644\0", Some(0o644)),
            (b"x", None),
            (b"    ", None),
        ] {
            assert_eq!(octal_in_c(text), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_and_times_of_pax_records() {
        for (text, expected) in [
            ("-0", Some(0)),
            ("+5", Some(5)),
            ("00000000000000000000000000012", Some(12)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("", None),
            ("1_0", None),
            (" 1", None),
        ] {
            assert_eq!(decimal(text), expected, "{text}");
        }
        for (text, expected) in [
            ("1700000000.25", Some(1_700_000_000)),
            ("-1.5", Some(-2)),
            ("-0.5", Some(-1)),
            ("-1.0000000001", Some(-1)),
            ("1.", Some(1)),
            ("1.5x", None),
            ("1.-5", None),
            (".5", None),
            ("junk", None),
        ] {
            assert_eq!(time(text), expected, "{text}");
        }
    }
}
