//! Days and dates: the Gregorian calendar, in UTC.

/// The seconds of a day.
pub const DAY: i64 = 86_400;

/// Days since 1970-01-01, of a year, a month from 1 and a day from 1. Years begin in March here, so that the leap day is the last.
pub fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

/// The way back from [`days`].
pub fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    (year + era * 400, month, day)
}

/// Seconds since 1970 as `2022-01-25 12:06:55 UTC`.
pub fn moment(seconds: i64) -> String {
    let (year, month, day) = date(seconds.div_euclid(DAY));
    let clock = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Reads the date of an HTTP header, `Wed, 21 Oct 2015 07:28:00 GMT`, as seconds since 1970. RFC 9110, section 5.6.7; the
/// two obsolete forms are not read.
pub fn http_date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_once(", ")?.1.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? as i64 + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(str::parse::<i64>);
    let (hour, minute, second) = (clock.next()?.ok()?, clock.next()?.ok()?, clock.next()?.ok()?);
    let is_plain = (1..=31).contains(&day) && (1970..10_000).contains(&year) && words.next() == Some("GMT");
    is_plain.then(|| days(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
}

/// Whether a text is a time as RFC 3339, section 5.6, writes it: `2022-01-25T12:06:55.5+01:00`, on a day that exists.
pub fn is_rfc3339(text: &str) -> bool {
    let parsed = || {
        let number = |range: std::ops::Range<usize>| {
            let digits = text.get(range).filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()))?;
            digits.parse::<i64>().ok()
        };
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        let signs = [4, 7, 10, 13, 16].map(|at| text.as_bytes().get(at).copied());
        let exists = month > 0 && day > 0 && date(days(year, month, day)) == (year, month, day);
        let is_set = exists && hour < 24 && minute < 60 && second < 60;
        let rest = text.get(19..)?;
        let rest = match rest.strip_prefix('.') {
            Some(fraction) => {
                let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
                Some(zone).filter(|zone| zone.len() < fraction.len())?
            }
            None => rest,
        };
        let is_zone = match rest.strip_prefix(['+', '-']) {
            Some(zone) => {
                let (hours, minutes) = zone.split_once(':')?;
                let two = |text: &str, most: u8| {
                    text.len() == 2
                        && text.bytes().all(|b| b.is_ascii_digit())
                        && text.parse().is_ok_and(|n: u8| n <= most)
                };
                two(hours, 23) && two(minutes, 59)
            }
            None => rest == "Z",
        };
        Some(signs == [b'-', b'-', b'T', b':', b':'].map(Some) && is_set && is_zone)
    };
    parsed().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_lead_to_each_other() {
        for (day, expected) in
            [(0, (1970, 1, 1)), (-1, (1969, 12, 31)), (11_016, (2000, 2, 29)), (19_782, (2024, 2, 29))]
        {
            assert_eq!(date(day), expected);
            let (year, month, of_month) = expected;
            assert_eq!(days(year, month, of_month), day);
        }
        assert_eq!(moment(1_643_112_415), "2022-01-25 12:06:55 UTC");
        assert_eq!(moment(-1), "1969-12-31 23:59:59 UTC");
    }

    #[test]
    fn dates_of_headers() {
        assert_eq!(http_date("Wed, 21 Oct 2015 07:28:00 GMT"), Some(1_445_412_480));
        for text in
            ["", "21 Oct 2015", "Wed, 21 Okt 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28 GMT", "Wed, x"]
        {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    #[test]
    fn times_of_documents() {
        for text in [
            "2022-01-25T12:06:55Z",
            "1970-01-01T00:00:00.123456789Z",
            "2024-02-29T23:59:59+01:00",
            "0001-01-01T00:00:00-23:59",
        ] {
            assert!(is_rfc3339(text), "{text}");
        }
        for text in [
            "",
            "x",
            "2022-01-25",
            "2022-01-25T12:06:55",
            "2022-01-25 12:06:55Z",
            "2023-02-29T00:00:00Z",
            "2022-13-01T00:00:00Z",
            "2022-01-25T24:00:00Z",
            "2022-01-25T12:06:55.Z",
            "2022-01-25T12:06:55z",
            "2022-01-25T12:06:55+1:00",
            "2022-01-25T12:06:55Zx",
        ] {
            assert!(!is_rfc3339(text), "{text}");
        }
    }
}
