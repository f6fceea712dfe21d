//! Points in time as HAR writes them: ISO 8601 with a zone, to milliseconds since the Unix epoch and back.

use crate::calendar::{DAY, date, days};

/// Reads `2022-01-25T12:06:55.123Z` or `…+01:00`; `None` for anything else.
pub(super) fn parse(text: &str) -> Option<f64> {
    let (date, rest) = text.trim().split_once(['T', 't', ' '])?;
    let mut parts = date.splitn(3, '-').map(digits);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let zone = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at_checked(zone)?;
    let mut parts = clock.splitn(3, ':');
    let (hour, minute) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let seconds = seconds(parts.next().unwrap_or("0"))?;
    let plausible = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 25 && minute < 60;
    if !plausible || !(0.0..61.0).contains(&seconds) {
        return None;
    }
    let minutes = days(year, month, day) * DAY / 60 + hour * 60 + minute - offset(zone)?;
    Some(minutes as f64 * 60_000.0 + seconds * 1000.0)
}

/// Writes milliseconds since the Unix epoch, to the millisecond, in UTC.
pub(super) fn format(ms: f64) -> String {
    let ms = (ms.round() as i64).clamp(0, 253_402_300_799_999);
    let (seconds, ms) = (ms / 1000, ms % 1000);
    let (year, month, day) = date(seconds / DAY);
    let clock = seconds % DAY;
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Seconds with their fraction. The library's own parser of floats weighs more than all the rest of this file.
fn seconds(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Nanoseconds are as fine as anyone writes.
    let fraction = fraction.bytes().take(9).rev().fold(0.0, |rest, b| (rest + f64::from(b - b'0')) / 10.0);
    Some(digits(whole)? as f64 + fraction)
}

/// Minutes east of Greenwich. No zone at all is taken for UTC.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next() {
        None | Some('Z' | 'z') => return Some(0),
        Some('-') => -1,
        Some(_) => 1,
    };
    let plain: String = zone.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = (plain.get(..2)?, plain.get(2..4).unwrap_or("0"));
    Some(sign * (digits(hours)? * 60 + digits(minutes)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_writers_write() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0.0)),
            ("2022-01-25T12:06:55.000Z", Some(1_643_112_415_000.0)),
            ("2022-01-25T13:06:55.000+01:00", Some(1_643_112_415_000.0)),
            ("2022-01-25T07:06:55.5-0500", Some(1_643_112_415_500.0)),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000.0)),
            ("2022-01-25T12:06Z", Some(1_643_112_360_000.0)),
            ("2022-01-25", None),
            ("yesterday", None),
            ("2022-13-25T12:06:55Z", None),
            ("2022-01-25T12:06:inf", None),
            ("T::", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for ms in [0.0, 1_643_112_415_123.0, 1_709_164_800_000.0, 951_782_399_999.0, 4_102_444_800_000.0] {
            assert_eq!(parse(&format(ms)), Some(ms), "{}", format(ms));
        }
    }
}
