//! The query of the page's address: what is shown, as a link that shows the same again.

use std::fmt::{self, Write as _};

use super::words;
use crate::http::Url;

/// What the address asks for. Values are kept as they were written: they are judged where they are used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    /// `image`: the reference.
    pub image: Option<String>,
    /// `platform`: `os/architecture[/variant]`.
    pub platform: Option<String>,
    /// `layers`: `skip`, `verify` or `unpack`.
    pub layers: Option<String>,
    /// `recording`: the name of a bundled recording, or the URL of any.
    pub recording: Option<String>,
    /// `tags`: the repository whose tags are listed.
    pub tags: Option<String>,
    /// `repositories`: the registry whose repositories are listed.
    pub repositories: Option<String>,
    /// `relay`: the origin that is asked in the registry's place.
    pub relay: Option<String>,
    /// `select`: the digest of the selected object.
    pub select: Option<String>,
    /// `step`: the number of a step of the walkthrough, counted from 1.
    pub step: Option<String>,
    /// `embed`: `1` where only the walkthrough, the tree and the trace are to be shown.
    pub embed: Option<String>,
    /// `theme`: `light` or `dark`, of what is embedded.
    pub theme: Option<String>,
    /// All other parameters, in order.
    pub rest: Vec<(String, String)>,
}

/// The recording that a page without a query shows.
pub const FIRST_RECORDING: &str = "hello-world";

impl Address {
    /// Reads a query, with or without its question mark. Where a parameter stands twice, the first counts.
    pub fn parse(query: &str) -> Address {
        let mut address = Address::default();
        let query = query.strip_prefix('?').unwrap_or(query);
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name), decode(value));
            match address.slot(&name) {
                Some(slot) if slot.is_none() => *slot = Some(value),
                Some(_) => {}
                None => address.rest.push((name, value)),
            }
        }
        address
    }

    /// The query with its question mark; empty where nothing is asked for.
    pub fn to_query(&self) -> String {
        let known = [
            ("image", &self.image),
            ("platform", &self.platform),
            ("layers", &self.layers),
            ("recording", &self.recording),
            ("tags", &self.tags),
            ("repositories", &self.repositories),
            ("relay", &self.relay),
            ("select", &self.select),
            ("step", &self.step),
            ("embed", &self.embed),
            ("theme", &self.theme),
        ];
        let known = known.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        let rest = self.rest.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs = known.chain(rest).map(|(name, value)| match value {
            "" => encode(name),
            value => format!("{}={}", encode(name), encode(value)),
        });
        match pairs.collect::<Vec<_>>().join("&") {
            empty if empty.is_empty() => empty,
            query => format!("?{query}"),
        }
    }

    /// The same, with the first recording where nothing else is asked for.
    pub fn or_first(mut self) -> Address {
        let blank = |value: &Option<String>| value.as_deref().unwrap_or_default().trim().is_empty();
        if [&self.image, &self.recording, &self.tags, &self.repositories].into_iter().all(blank) {
            self.recording = Some(FIRST_RECORDING.to_owned());
        }
        self
    }

    /// Whether both show the same pull, whatever is shown of it.
    pub fn same_pull(&self, other: &Address) -> bool {
        let pull =
            |address: &Address| Address { select: None, step: None, rest: Vec::new(), ..address.alone() };
        pull(self) == pull(other)
    }

    /// What is asked for, as a reference that can be parsed. The catalogue is no repository's: any name will do.
    pub fn named(&self) -> Option<String> {
        let registry = || Some(format!("{}/any", self.repositories.as_deref()?.trim_end_matches('/')));
        self.tags.clone().or_else(registry).or_else(|| self.image.clone())
    }

    /// The same as a page of its own.
    pub fn alone(&self) -> Address {
        Address { embed: None, theme: None, ..self.clone() }
    }

    /// Whether only the walkthrough, the tree and the trace are to be shown.
    pub fn is_embedded(&self) -> bool {
        self.embed.as_deref() == Some("1")
    }

    fn slot(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "image" => Some(&mut self.image),
            "platform" => Some(&mut self.platform),
            "layers" => Some(&mut self.layers),
            "recording" => Some(&mut self.recording),
            "tags" => Some(&mut self.tags),
            "repositories" => Some(&mut self.repositories),
            "relay" => Some(&mut self.relay),
            "select" => Some(&mut self.select),
            "step" => Some(&mut self.step),
            "embed" => Some(&mut self.embed),
            "theme" => Some(&mut self.theme),
            _ => None,
        }
    }
}

/// Where a recording is: a plain name stands for a bundled one, anything else is an address relative to the page.
pub fn recording_path(recording: &str) -> String {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !recording.is_empty() && recording.bytes().all(plain) {
        format!("recordings/{recording}.har")
    } else {
        recording.to_owned()
    }
}

/// Whose word a recording is that does not come with the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    /// The name of the file.
    pub file: String,
    /// The origin that it is from, or that it is a file of the user's computer.
    pub place: String,
}

impl Claimant {
    /// The one behind a recording, whose address may be relative to the site; `None` for a bundled recording.
    pub fn of(recording: &str, site: &str) -> Option<Claimant> {
        if let Some(name) = file_name(recording) {
            return Some(Claimant { file: words::visible(name, 80), place: "this computer".to_owned() });
        }
        if recording_path(recording) != recording {
            return None;
        }
        let url = site.parse::<Url>().ok()?.join(recording).ok()?;
        let name = url.path().rsplit('/').find(|name| !name.is_empty()).unwrap_or("/");
        Some(Claimant { file: words::visible(name, 80), place: url.origin().to_owned() })
    }
}

impl fmt::Display for Claimant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the recording {} from {}", self.file, self.place)
    }
}

/// The name of the file of the user's computer that a recording is, if it is one.
pub fn file_name(recording: &str) -> Option<&str> {
    recording.strip_prefix(FILE)
}

/// What the address says of a file of the user's computer: its name, and that it is one.
pub fn of_file(name: &str) -> String {
    format!("{FILE}{name}")
}

const FILE: &str = "file:";

/// Undoes percent-encoding, and `+` for a space as forms write it. What is not well encoded stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) => match hex(*high).zip(hex(*low)) {
                Some((high, low)) => {
                    bytes.push(high * 16 + low);
                    rest = tail;
                }
                None => bytes.push(b'%'),
            },
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    (digit as char).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Percent-encodes what a query value cannot hold. References stay readable: `/`, `:` and `@` may stand.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:@!$'()*,;?".contains(&byte) {
            encoded.push(byte as char);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_round_trips() {
        for query in [
            "",
            "?image=127.0.0.1:5000/app:1",
            "?image=ghcr.io/a/b@sha256:00&platform=linux/arm64/v8&layers=skip",
            "?recording=https://example.org/a.har?x%3D1%26y&select=sha256:ab&step=3&embed=1",
            "?recording=hello-world&debug",
        ] {
            assert_eq!(Address::parse(query).to_query(), query, "{query}");
        }
        let odd = Address { image: Some("a b+c&d=é%".into()), ..Address::default() };
        assert_eq!(Address::parse(&odd.to_query()), odd);
    }

    #[test]
    fn encodings_that_others_write_are_read() {
        for (query, image) in [
            ("?image=localhost%3A5000%2Fx", "localhost:5000/x"),
            ("image=a%2fb", "a/b"),
            ("?image=a+b", "a b"),
            ("?image=%zz%4", "%zz%4"),
            ("?image=%ff", "\u{fffd}"),
            ("?image=first&image=second", "first"),
        ] {
            assert_eq!(Address::parse(query).image.as_deref(), Some(image), "{query}");
        }
    }

    #[test]
    fn without_a_query_the_first_recording_is_shown() {
        assert_eq!(Address::parse("").or_first().recording.as_deref(), Some(FIRST_RECORDING));
        assert_eq!(Address::parse("?image=").or_first().recording.as_deref(), Some(FIRST_RECORDING));
        assert_eq!(Address::parse("?image=x").or_first().recording, None);
        assert_eq!(Address::parse("?step=2").or_first().step.as_deref(), Some("2"));
    }

    #[test]
    fn a_recording_from_elsewhere_has_a_claimant() {
        let site = "https://page.example/inspector/";
        for (recording, expected) in [
            ("hello-world", None),
            ("https://evil.example/x/a.har?y", Some("the recording a.har from https://evil.example")),
            ("//Evil.example:443/a.har", Some("the recording a.har from https://evil.example")),
            ("../a.har", Some("the recording a.har from https://page.example")),
            ("file:a\u{202e}b.har", Some("the recording a⟨202e⟩b.har from this computer")),
        ] {
            let claimant = Claimant::of(recording, site).map(|claimant| claimant.to_string());
            assert_eq!(claimant.as_deref(), expected, "{recording}");
        }
    }

    #[test]
    fn a_selection_is_not_another_pull() {
        let (one, two) = (Address::parse("?image=x&select=a:b&step=2"), Address::parse("?image=x"));
        assert!(one.same_pull(&Address::parse("?image=x&embed=1&theme=dark")));
        assert!(one.same_pull(&two) && !one.same_pull(&Address::parse("?image=y")));
    }

    #[test]
    fn names_are_bundled_and_all_else_is_an_address() {
        assert_eq!(file_name(&of_file("a b.har")), Some("a b.har"));
        assert_eq!(file_name("hello-world"), None);
        for (recording, path) in [
            ("hello-world", "recordings/hello-world.har"),
            ("https://example.org/a.har", "https://example.org/a.har"),
            ("../a.har", "../a.har"),
            ("A", "A"),
        ] {
            assert_eq!(recording_path(recording), path);
        }
    }
}
