//! The search over the requests: words, and `key:value` terms, all of which must fit.

use super::requests::RequestRow;
use super::{Scene, words};
use crate::trace::{Entry, Role};

/// What was typed, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// The terms, in order.
    pub terms: Vec<Term>,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// As it was typed.
    pub text: String,
    /// Why it is not understood; it then leaves nothing out.
    pub fault: Option<&'static str>,
    negated: bool,
    test: Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Anything,
    Text(String),
    Method(String),
    Status(u16, u16),
    NoStatus,
    Host(String),
    Role(String),
    Verdict(String),
    LargerThan(u64),
}

impl Filter {
    /// Takes apart what was typed. Quotation marks keep words together, and a dash in front leaves out what fits.
    pub fn parse(typed: &str) -> Filter {
        Filter { terms: words(typed).into_iter().map(|word| Term::parse(&word)).collect() }
    }

    /// Whether a request fits all terms.
    pub fn fits(&self, scene: &Scene<'_>, row: &RequestRow) -> bool {
        let Some(entry) = scene.trace.entries.get(row.id) else { return false };
        self.terms.iter().all(|term| term.fault.is_some() || term.test.fits(entry, row) != term.negated)
    }

    /// What would have to be typed for all terms but one.
    pub fn without(&self, at: usize) -> String {
        let others = self.terms.iter().enumerate().filter(|(place, _)| *place != at);
        others.map(|(_, term)| term.text.as_str()).collect::<Vec<_>>().join(" ")
    }
}

impl Term {
    fn parse(word: &str) -> Term {
        let plain = word.replace('"', "");
        let (negated, rest) = match plain.strip_prefix('-') {
            Some(rest) if !rest.is_empty() => (true, rest),
            _ => (false, plain.as_str()),
        };
        let (key, value) = rest.split_once(':').unwrap_or(("", rest));
        let value = value.to_ascii_lowercase();
        let test = match key.to_ascii_lowercase().as_str() {
            "method" => begins(value, &["get", "head"], "a method is GET or HEAD").map(Test::Method),
            "status" => status(&value),
            "host" if value.is_empty() => Err("host: needs a part of a host's name"),
            "host" => Ok(Test::Host(value)),
            "role" => begins(value, &Role::ALL.map(Role::as_str), ROLES).map(Test::Role),
            "verdict" => {
                begins(value, &["verified", "failed", "unchecked", "claim"], VERDICTS).map(Test::Verdict)
            }
            "larger-than" => size(&value).map(Test::LargerThan),
            _ if rest == "-" => Ok(Test::Anything),
            key if is_key(key, &value) && !word.trim_start_matches('-').starts_with('"') => Err(KEYS),
            // Addresses and digests have colons too.
            _ => Ok(Test::Text(rest.to_ascii_lowercase())),
        };
        let (test, fault) = match test {
            Ok(test) => (test, None),
            Err(fault) => (Test::Anything, Some(fault)),
        };
        Term { text: word.to_owned(), fault, negated, test }
    }
}

impl Test {
    fn fits(&self, entry: &Entry, row: &RequestRow) -> bool {
        match self {
            Test::Anything => true,
            Test::Text(text) => haystack(entry, row).contains(text),
            Test::Method(method) => row.method.to_ascii_lowercase().starts_with(method),
            Test::Status(from, to) => entry.status().is_some_and(|status| (*from..=*to).contains(&status)),
            Test::NoStatus => entry.status().is_none(),
            Test::Host(host) => entry.url.host().contains(host.as_str()),
            Test::Role(role) => row.role.starts_with(role.as_str()),
            Test::Verdict(verdict) => {
                let badge = row.badge.as_ref();
                badge.is_some_and(|b| {
                    b.tone.as_str().starts_with(verdict.as_str()) || b.word.contains(verdict.as_str())
                })
            }
            Test::LargerThan(size) => entry.read > *size,
        }
    }
}

/// All that is shown of a request, in lower case.
fn haystack(entry: &Entry, row: &RequestRow) -> String {
    let mut all = format!("{} {} {} {} {}", row.purpose, row.method, row.url, row.outcome.text, row.kind);
    if let Some(badge) = &row.badge {
        all += &badge.word;
    }
    let received = entry.head().map(|head| head.headers.iter()).into_iter().flatten();
    let sent = entry.sent.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in sent.chain(received) {
        all.push(' ');
        all += name;
        all += ": ";
        all += &words::header(name, value);
    }
    all.to_ascii_lowercase()
}

const KEYS: &str =
    "the filters are method, status, host, role, verdict and larger-than; in quotation marks it is text";
const ROLES: &str = "a role is ping, token, tag, index, manifest, config, layer, redirect or other";
const VERDICTS: &str = "a verdict is verified, failed, unchecked or claim";

/// Whether this looks like a filter: a word, then no port and no address.
fn is_key(key: &str, value: &str) -> bool {
    let is_word = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    is_word && !value.starts_with(|first: char| first == '/' || first.is_ascii_digit())
}

/// The beginning of one of these words.
fn begins(value: String, words: &[&str], fault: &'static str) -> Result<String, &'static str> {
    let fits = !value.is_empty() && words.iter().any(|word| word.starts_with(&value));
    if fits { Ok(value) } else { Err(fault) }
}

/// `404`, `4xx` or `none`.
fn status(value: &str) -> Result<Test, &'static str> {
    let class = value.strip_suffix("xx").and_then(|class| class.parse::<u16>().ok());
    match (class, value.parse::<u16>()) {
        (Some(class @ 1..=5), _) => Ok(Test::Status(class * 100, class * 100 + 99)),
        (None, Ok(status)) => Ok(Test::Status(status, status)),
        _ if value == "none" => Ok(Test::NoStatus),
        _ => Err("a status is 404, 4xx or none"),
    }
}

/// `500`, `1k`, `2kB`, `3MiB`.
fn size(value: &str) -> Result<u64, &'static str> {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = value.split_at_checked(digits).unwrap_or((value, ""));
    let factor = match unit {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => 0,
    };
    match number.parse::<u64>() {
        Ok(number) if factor > 0 => Ok(number.saturating_mul(factor)),
        _ => Err("a size is 500, 10kB or 2MiB"),
    }
}

/// Words apart at spaces, save between quotation marks.
fn words(typed: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for letter in typed.chars() {
        quoted ^= letter == '"';
        if letter.is_ascii_whitespace() && !quoted {
            words.push(std::mem::take(&mut word));
        } else {
            word.push(letter);
        }
    }
    words.push(word);
    words.retain(|word| !word.trim_matches('"').is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{Role, State, Trace};
    use crate::view::requests::Rows;
    use crate::view::samples::{at, entry, head, image, scene};
    use crate::view::sort::Sort;

    /// Which of four requests fit: a tag, a manifest, a layer that is large, and one without an answer.
    fn fitting(typed: &str) -> Vec<usize> {
        let mut graph = image(0);
        let mut tag = entry(Role::Tag, "https://r.example/v2/app/manifests/1");
        tag.state = State::Done(head(Some(404), &[("www-authenticate", "Bearer realm=\"x\"")]));
        let mut manifest = entry(Role::Manifest, "https://r.example/v2/app/manifests/sha256:ab");
        manifest.state = State::Done(head(Some(200), &[("etag", "\"Abc\"")]));
        let mut layer = entry(Role::Layer, "https://cdn.example/v2/app/blobs/sha256:cd");
        (layer.state, layer.read) = (State::Done(head(Some(200), &[])), 5_000);
        graph.get_mut(at(1)).unwrap().requests = vec![1];
        let lost = entry(Role::Layer, "https://r.example/v2/app/blobs/sha256:ef");
        let trace = Trace { entries: vec![tag, manifest, layer, lost] };
        let scene = scene(&graph, &trace);
        Rows::of(&scene).found(&Filter::parse(typed), Sort::default())
    }

    #[test]
    fn all_terms_must_fit() {
        for (typed, expected) in [
            ("", vec![0, 1, 2, 3]),
            ("MANIFESTS", vec![0, 1]),
            ("method:get", vec![0, 1, 2, 3]),
            ("status:404", vec![0]),
            ("status:2xx", vec![1, 2]),
            ("status:none", vec![3]),
            ("host:cdn", vec![2]),
            ("role:layer", vec![2, 3]),
            ("role:layer -host:cdn", vec![3]),
            ("verdict:ver", vec![1]),
            ("verdict:claim", vec![]),
            ("localhost:5000", vec![]),
            ("https://cdn", vec![2]),
            ("\"colour:red\"", vec![]),
            ("larger-than:4kB", vec![2]),
            ("larger-than:4KiB status:200", vec![2]),
            ("larger-than:5kB", vec![]),
            ("sha256:cd", vec![2]),
            ("\"bearer realm\"", vec![0]),
            ("abc", vec![1]),
            ("-", vec![0, 1, 2, 3]),
        ] {
            assert_eq!(fitting(typed), expected, "{typed}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said_and_leaves_nothing_out() {
        for typed in [
            "status:9xx",
            "status:abc",
            "larger-than:much",
            "larger-than:1parsec",
            "larger-than:",
            "role:",
            "-role:",
            "role:lair",
            "method:put",
            "verdict:good",
            "host:",
            "colour:red",
            "Size:",
        ] {
            assert!(Filter::parse(typed).terms[0].fault.is_some(), "{typed}");
            assert_eq!(fitting(typed).len(), 4, "{typed}");
        }
        assert!(Filter::parse("status:404 x").terms.iter().all(|term| term.fault.is_none()));
        assert!(Role::ALL.iter().all(|role| ROLES.contains(role.as_str())));
    }

    #[test]
    fn a_term_can_be_taken_away() {
        let filter = Filter::parse("  a  host:b \"c d\" ");
        let terms: Vec<&str> = filter.terms.iter().map(|term| term.text.as_str()).collect();
        assert_eq!(terms, ["a", "host:b", "\"c d\""]);
        assert_eq!((filter.without(1).as_str(), filter.without(2).as_str()), ("a \"c d\"", "a host:b"));
        assert_eq!(Filter::parse(" \"\" ").terms, []);
    }
}
