//! Numbers and names in words.

use std::borrow::Cow;

use crate::layer::byte_of;
use crate::media_type::MediaType;
use crate::redact;
use crate::transport::SUPPOSED;

/// A number with its thousands apart: `1,469`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes, exact while it is small: `2,562 B`, `45.3 kB`, `283 MB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if number < 10_000 {
        return format!("{} B", grouped(number));
    }
    let mut value = number as f64;
    let mut unit = "B";
    for next in UNITS {
        // What would be rounded up to four digits goes to the next unit.
        if value < 999.5 {
            break;
        }
        (value, unit) = (value / 1000.0, next);
    }
    let places = if value < 99.95 { 1 } else { 0 };
    format!("{} {unit}", decimal(value, places))
}

/// A number that is not negative, with so many decimal places. The library's own way of writing floats weighs 16 kB in
/// the page, for digits that nobody reads.
pub fn decimal(value: f64, places: u32) -> String {
    let unit = 10_u64.saturating_pow(places);
    let scaled = (value * unit as f64).round() as u64;
    let width = places as usize;
    match places {
        0 => scaled.to_string(),
        _ => format!("{}.{:0width$}", scaled / unit, scaled % unit),
    }
}

/// A span of time: `<1 ms`, `12 ms`, `1.24 s`.
pub fn duration(milliseconds: f64) -> String {
    match milliseconds {
        ms if ms < 1.0 => "<1 ms".to_owned(),
        ms if ms < 999.5 => format!("{} ms", decimal(ms, 0)),
        ms if ms < 99_950.0 => format!("{} s", decimal(ms / 1000.0, 2)),
        ms => format!("{} s", decimal(ms / 1000.0, 0)),
    }
}

/// A number of things: `1 request`, `7 requests`. The plural takes an s.
pub fn count(number: usize, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {thing}{s}", grouped(number as u64))
}

/// A list in a sentence, cut after `most`: `a, b and 9 more`.
pub fn list(items: &[String], most: usize) -> String {
    let shown = items.iter().take(most).cloned().collect::<Vec<_>>();
    match items.len().checked_sub(most) {
        Some(rest) if rest > 0 => format!("{} and {rest} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}

/// A text as it begins a sentence.
pub fn first_upper(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Text of a registry on one line: what does not show, or turns the reading round, is made visible, and what goes on for
/// too long is cut.
pub fn visible(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == most {
            shown.push('…');
            break;
        }
        match c {
            // Unicode has a picture for each of ASCII's control characters.
            '\0'..='\u{1f}' => shown.extend(char::from_u32(0x2400 + u32::from(c))),
            '\u{7f}' => shown.push('␡'),
            c => mark(&mut shown, c),
        }
    }
    shown
}

/// Any text that is put on the page: its lines stay, and what does not show, or turns the reading round, is made visible.
pub fn marked(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    text.chars().for_each(|c| mark(&mut shown, c));
    Cow::Owned(shown)
}

fn mark(shown: &mut String, c: char) {
    if let Some(byte) = byte_of(c) {
        *shown += &format!("\\x{byte:02x}");
        return;
    }
    // On a sign a variation selector chooses its picture; on a letter there is nothing to choose.
    let is_selector =
        matches!(c, '\u{fe00}'..='\u{fe0f}') && shown.ends_with(|c: char| c.is_ascii_alphanumeric());
    if is_selector || is_hidden(c) {
        *shown += &format!("⟨{:x}⟩", u32::from(c));
    } else {
        shown.push(c);
    }
}

/// Whether a character has no picture, or turns the direction of those that do: control and format characters, and
/// fillers (Unicode, `Bidi_Control` and `Default_Ignorable_Code_Point`).
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The beginning of a text, in no more than so many bytes.
pub fn begin(text: &str, most: usize) -> &str {
    (0..=most.min(text.len())).rev().find_map(|end| text.get(..end)).unwrap_or_default()
}

/// The most of one message or header that is shown, in bytes.
const MOST: usize = 4096;

/// What is shown of a text that may be of any length.
pub fn cut(text: &str) -> String {
    let shown = begin(text, MOST);
    if shown.len() == text.len() {
        return text.to_owned();
    }
    format!("{shown}… (the first {} of {} bytes)", grouped(shown.len() as u64), grouped(text.len() as u64))
}

/// A message as it may be shown: with the secrets in its addresses taken out, and not too long.
pub fn redacted(message: &str) -> String {
    redact::text(&cut(message))
}

/// The same of a header's value.
pub fn header(name: &str, value: &str) -> String {
    let shown = redact::header(name, begin(value, MOST));
    if value.len() > MOST { format!("{shown}… ({} bytes)", grouped(value.len() as u64)) } else { shown }
}

/// A message in short, for a title: without what it goes on to suppose.
pub fn brief(message: &str) -> String {
    let end = message.find(SUPPOSED).unwrap_or(message.len());
    visible(&redacted(message.get(..end).unwrap_or_default()), 200)
}

/// A message as a sentence of its own.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    // Our own sentences begin with plain letters; the tables for all others weigh 8 kB in the page.
    let first = letters.next().map(|first| first.to_ascii_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

/// A media type in a few words; one that is not known is shown as it is.
pub fn media_type(media_type: &MediaType) -> String {
    let known = match media_type {
        MediaType::OciIndex => Some("OCI index"),
        MediaType::DockerManifestList => Some("Docker manifest list"),
        MediaType::OciManifest => Some("OCI image manifest"),
        MediaType::DockerManifest => Some("Docker image manifest"),
        MediaType::OciConfig => Some("OCI config"),
        MediaType::DockerConfig => Some("Docker config"),
        MediaType::Other(_) => None,
    };
    let name = media_type.as_str();
    known.map(str::to_owned).or_else(|| layer(name)).unwrap_or_else(|| visible(name, 200))
}

/// The form of a layer, from the end of its media type.
fn layer(name: &str) -> Option<String> {
    let is_layer = name.contains(".image.layer.") || name.contains(".image.rootfs.");
    let (_, form) = name.rsplit_once("tar").filter(|_| is_layer)?;
    let foreign = if name.contains("foreign") || name.contains("nondistributable") {
        ", not distributable"
    } else {
        ""
    };
    match form.trim_start_matches(['.', '+']) {
        "" => Some(format!("tar{foreign}")),
        compression => Some(format!("tar, {}{foreign}", visible(compression, 40))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_keep_three_digits() {
        for (number, expected) in [
            (0, "0 B"),
            (525, "525 B"),
            (2_562, "2,562 B"),
            (9_999, "9,999 B"),
            (10_000, "10.0 kB"),
            (45_300, "45.3 kB"),
            (283_000_000, "283 MB"),
            (999_499, "999 kB"),
            (999_999, "1.0 MB"),
            (1_500_000_000_000, "1.5 TB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(bytes(number), expected);
        }
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(
            (decimal(1.005, 0), decimal(0.0996, 3), decimal(99.9996, 3)),
            ("1".into(), "0.100".into(), "100.000".into())
        );
    }

    #[test]
    fn times_and_counts() {
        for (ms, expected) in
            [(0.2, "<1 ms"), (12.4, "12 ms"), (999.6, "1.00 s"), (1240.0, "1.24 s"), (200_000.0, "200 s")]
        {
            assert_eq!(duration(ms), expected);
        }
        assert_eq!(
            (count(1, "request").as_str(), count(1200, "request").as_str()),
            ("1 request", "1,200 requests")
        );
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!((list(&items, 3).as_str(), list(&items, 2).as_str()), ("a, b, c", "a, b and 1 more"));
    }

    #[test]
    fn what_does_not_show_is_made_visible() {
        for (text, most, shown) in [
            ("COPY a b", 80, "COPY a b"),
            ("a\nb\t\u{1b}[31m\0\u{7f}", 80, "a␊b␉␛[31m␀␡"),
            ("abc\u{202e}cba\u{200b}\u{85}", 80, "abc⟨202e⟩cba⟨200b⟩⟨85⟩"),
            ("a\u{ad}b\u{e0041}\u{3164}c\u{fe0f}❤\u{fe0f}", 80, "a⟨ad⟩b⟨e0041⟩⟨3164⟩c⟨fe0f⟩❤\u{fe0f}"),
            ("größer als vier", 4, "größ…"),
            ("vier", 4, "vier"),
            ("caf\u{10ffe9}", 80, "caf\\xe9"),
        ] {
            assert_eq!(visible(text, most), shown);
        }
    }

    #[test]
    fn lines_stay_and_what_turns_the_reading_round_is_marked_everywhere() {
        for (text, shown) in [
            ("a\n\tb", "a\n\tb"),
            ("größer – “è”\n", "größer – “è”\n"),
            ("linux/\u{202e}46dma", "linux/⟨202e⟩46dma"),
            ("\u{2066}a\u{2069}\u{200f}\u{61c}", "⟨2066⟩a⟨2069⟩⟨200f⟩⟨61c⟩"),
            ("שלום", "שלום"),
        ] {
            assert_eq!(marked(text), shown);
        }
    }

    #[test]
    fn what_may_be_of_any_length_is_cut() {
        assert_eq!((begin("aé", 2), begin("aé", 3), begin("", 3), begin("é", 1)), ("a", "aé", "", ""));
        let long = "é".repeat(3000);
        assert!(cut(&long).ends_with("é… (the first 4,096 of 6,000 bytes)"), "{}", cut(&long));
        assert_eq!(cut("short"), "short");
        let link = format!("</1>; rel=next, <https://h/?sig={}>", "secret".repeat(1 << 20));
        assert_eq!(header("Link", &link), "</1>; rel=next, <REDACTED>… (6,291,489 bytes)");
        let user = format!("no answer from https://user:{}@h/", "secret".repeat(1000));
        assert!(!redacted(&user).contains("secret"), "{}", redacted(&user));
    }

    #[test]
    fn a_title_supposes_nothing_and_is_short() {
        let silent = format!("no response: the browser says only “x” and gives the page no cause{SUPPOSED}");
        for (message, shown) in [
            (silent.as_str(), "no response: the browser says only “x” and gives the page no cause"),
            ("from https://cdn/x?sig=abc", "from https://cdn/x?sig=REDACTED"),
        ] {
            assert_eq!(brief(message), shown);
        }
        assert_eq!(brief(&"x".repeat(5_000)).chars().count(), 201);
    }

    #[test]
    fn media_types_in_words() {
        for (name, expected) in [
            ("application/vnd.docker.distribution.manifest.list.v2+json", "Docker manifest list"),
            ("application/vnd.docker.image.rootfs.diff.tar.gzip", "tar, gzip"),
            ("application/vnd.oci.image.layer.v1.tar+zstd", "tar, zstd"),
            ("application/vnd.oci.image.layer.v1.tar", "tar"),
            ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "tar, gzip, not distributable"),
            ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "tar, gzip, not distributable"),
            ("application/vnd.in-toto+json", "application/vnd.in-toto+json"),
            ("text/tar", "text/tar"),
        ] {
            assert_eq!(media_type(&MediaType::parse(name)), expected, "{name}");
        }
    }
}
