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
}
