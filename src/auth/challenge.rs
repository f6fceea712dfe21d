//! `WWW-Authenticate`, read to its grammar: `#( auth-scheme [ 1*SP ( token68 / #auth-param ) ] )`. RFC 9110, section 11.6.1.
//! Beyond the grammar, a value that lacks its quotation marks is taken where it can mean one thing only.

use std::fmt;

use crate::http::quoted;

/// One way to sign in that a server offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    scheme: String,
    token68: Option<String>,
    params: Vec<(String, String)>,
}

impl Challenge {
    /// Reads the value of the header; several headers are joined by a comma first, as a browser does.
    ///
    /// A value that breaks the grammar is an error as a whole: what stands before the break may be cut short.
    pub fn parse_all(value: &str) -> Result<Vec<Challenge>, MalformedChallenge> {
        let mut scan = Scan { text: value, at: 0 };
        let mut found: Vec<Challenge> = Vec::new();
        loop {
            scan.skip(|b| matches!(b, b' ' | b'\t' | b','));
            if scan.is_done() {
                return Ok(found);
            }
            let word = scan.token().ok_or(scan.fault("a scheme or a parameter"))?.to_owned();
            match found.last_mut().filter(|last| last.token68.is_none()) {
                Some(last) if scan.assigns() => {
                    let value = scan.value()?;
                    last.params.push((word, value));
                    scan.separate()?;
                }
                _ => {
                    let mut challenge = Challenge { scheme: word, token68: None, params: Vec::new() };
                    if scan.peek() == Some(b' ') {
                        scan.skip(|b| b == b' ');
                        challenge.token68 = scan.token68().map(str::to_owned);
                    } else {
                        scan.separate()?;
                    }
                    found.push(challenge);
                }
            }
        }
    }

    /// Whether it is of a scheme, whose case does not count.
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The scheme as the server wrote it.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// A parameter's value. The name's case does not count; of two with one name, the first is taken.
    pub fn param(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// A value that breaks the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedChallenge {
    /// The byte at which it does, counted from 0.
    pub at: usize,
    /// What should have stood there.
    pub expected: &'static str,
}

impl fmt::Display for MalformedChallenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {} there should be {}", self.at, self.expected)
    }
}

impl std::error::Error for MalformedChallenge {}

struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn is_done(&self) -> bool {
        self.at >= self.text.len()
    }

    fn fault(&self, expected: &'static str) -> MalformedChallenge {
        MalformedChallenge { at: self.at, expected }
    }

    fn skip(&mut self, is_skipped: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&is_skipped) {
            self.at += 1;
        }
    }

    fn take(&mut self, is_taken: impl Fn(u8) -> bool) -> &'a str {
        let from = self.at;
        self.skip(is_taken);
        self.text.get(from..self.at).unwrap_or_default()
    }

    fn token(&mut self) -> Option<&'a str> {
        let taken = self.take(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
        (!taken.is_empty()).then_some(taken)
    }

    /// `token68`, if that is all there is before the next comma; otherwise parameters follow, and nothing is taken.
    fn token68(&mut self) -> Option<&'a str> {
        let from = self.at;
        self.skip(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b));
        let is_empty = self.at == from;
        self.skip(|b| b == b'=');
        let taken = self.text.get(from..self.at).unwrap_or_default();
        self.skip(|b| matches!(b, b' ' | b'\t'));
        if !is_empty && matches!(self.peek(), None | Some(b',')) {
            return Some(taken);
        }
        self.at = from;
        None
    }

    /// Whether an equals sign follows, with blanks around it perhaps; it is taken then.
    fn assigns(&mut self) -> bool {
        let from = self.at;
        self.skip(|b| matches!(b, b' ' | b'\t'));
        if self.peek() != Some(b'=') {
            self.at = from;
            return false;
        }
        self.at += 1;
        self.skip(|b| matches!(b, b' ' | b'\t'));
        true
    }

    /// A quoted string, or whatever stands before the next comma: a token, or an address or words that should have been
    /// quoted.
    fn value(&mut self) -> Result<String, MalformedChallenge> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        if rest.starts_with('"') {
            let Some((value, tail)) = quoted(rest) else {
                self.at = self.text.len();
                return Err(self.fault("the quotation mark that ends the value"));
            };
            self.at = self.text.len() - tail.len();
            return Ok(value);
        }
        let value = rest.split(',').next().unwrap_or_default().trim_end_matches([' ', '\t']);
        if value.is_empty() {
            return Err(self.fault("a value"));
        }
        // A mark in the middle may begin or end anything, and an equals sign after a blank belongs to another parameter.
        let blank = value.find([' ', '\t']).unwrap_or(value.len());
        let is_two = value.get(blank..).is_some_and(|words| words.contains('='));
        let odd = value.find(|c: char| c == '"' || c == '\\' || c.is_control()).or(is_two.then_some(blank));
        self.at += odd.unwrap_or(value.len());
        if odd.is_some() { Err(self.fault("a comma")) } else { Ok(value.to_owned()) }
    }

    /// The end, or a comma.
    fn separate(&mut self) -> Result<(), MalformedChallenge> {
        self.skip(|b| matches!(b, b' ' | b'\t'));
        if matches!(self.peek(), None | Some(b',')) { Ok(()) } else { Err(self.fault("a comma")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Challenges as `scheme name=value name=value`, one after the other.
    fn read(value: &str) -> String {
        let told = |challenge: &Challenge| {
            let params = challenge.params.iter().map(|(name, value)| format!(" {name}={value}"));
            let token = challenge.token68.as_ref().map(|token| format!(" <{token}>"));
            format!("{}{}{}", challenge.scheme, token.unwrap_or_default(), params.collect::<String>())
        };
        match Challenge::parse_all(value) {
            Ok(all) => all.iter().map(told).collect::<Vec<_>>().join(" | "),
            Err(fault) => format!("{} {}", fault.at, fault.expected),
        }
    }

    #[test]
    fn the_grammar() {
        for (value, expected, why) in [
            ("", "", "an empty value offers nothing"),
            (" , ,", "", "a list may have empty elements"),
            ("Basic realm=\"x\"", "Basic realm=x", "what htpasswd asks for"),
            (
                "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",\
                 scope=\"repository:library/hello-world:pull\"",
                "Bearer realm=https://auth.docker.io/token service=registry.docker.io \
                 scope=repository:library/hello-world:pull",
                "what Docker Hub asks for",
            ),
            (
                "Bearer realm=\"https://r/token\", Basic realm=\"gitea\"",
                "Bearer realm=https://r/token | Basic realm=gitea",
                "two, from two headers that a browser has joined",
            ),
            (
                "Bearer scope=\"repository:a:pull,push\",realm=\"r\"",
                "Bearer scope=repository:a:pull,push realm=r",
                "a comma within quotation marks separates nothing",
            ),
            ("Basic realm=\"a \\\"b\\\" \\\\c\"", "Basic realm=a \"b\" \\c", "escapes"),
            ("bAsIc Realm=plain", "bAsIc Realm=plain", "a token needs no quotation marks, and case is kept"),
            ("Basic realm = \"x\" , charset = UTF-8", "Basic realm=x charset=UTF-8", "blanks around"),
            ("Negotiate", "Negotiate", "a scheme alone"),
            ("Negotiate, Basic realm=x", "Negotiate | Basic realm=x", "and followed by another"),
            ("Negotiate YWJj==, Basic realm=x", "Negotiate <YWJj==> | Basic realm=x", "token68"),
            ("Basic   realm=\"x\"", "Basic realm=x", "several blanks after the scheme"),
            ("Basic realm=\"é\"", "Basic realm=é", "what is not ASCII stays"),
            ("Basic realm=\"x", "14 the quotation mark that ends the value", "cut short"),
            ("Basic realm=\"x\\\"", "16 the quotation mark that ends the value", "cut short in an escape"),
            ("Basic realm=\"x\" service=\"y\"", "16 a comma", "parameters are separated"),
            ("=x", "0 a scheme or a parameter", "nothing before the equals sign"),
            ("Basic realm=\"x\",a=,b=1", "18 a value", "a value that is missing"),
            (
                "Bearer realm=https://h/token, service=r",
                "Bearer realm=https://h/token service=r",
                "an address without quotation marks",
            ),
            (
                "Bearer realm=https://h:5001/t?a=b&c=d,scope=repository:a/b:pull",
                "Bearer realm=https://h:5001/t?a=b&c=d scope=repository:a/b:pull",
                "the same with all that an address may hold",
            ),
            (
                "Bearer realm=https://h/t,Basic realm=/",
                "Bearer realm=https://h/t | Basic realm=/",
                "and followed by another scheme",
            ),
            ("Basic realm=/", "Basic realm=/", "a path"),
            ("Basic realm=Docker Registry , charset=x", "Basic realm=Docker Registry charset=x", "words"),
            ("Basic realm=[::1]:5000;x", "Basic realm=[::1]:5000;x", "what no token holds"),
            ("Bearer realm=https://h/t service=r", "24 a comma", "one value, or two"),
            ("Bearer realm=https://h/\"t\"", "23 a comma", "a mark in the middle"),
            ("Bearer realm=https://h/\\t", "23 a comma", "a backslash outside a quotation"),
        ] {
            assert_eq!(read(value), expected, "{why}: {value}");
        }
    }

    #[test]
    fn names_and_schemes_have_no_case() {
        let all = Challenge::parse_all("BEARER Realm=a, REALM=b").unwrap();
        let [challenge] = all.as_slice() else { panic!("{all:?}") };
        assert!(challenge.is("bearer") && !challenge.is("basic"));
        assert_eq!((challenge.param("realm"), challenge.param("scope")), (Some("a"), None));
    }

    #[test]
    fn no_value_makes_it_panic_and_none_hangs_it() {
        let pieces = ["Basic", " ", "=", "\"", ",", "\\", "a", "é", "=="];
        for number in 0..pieces.len().pow(6) {
            let digits = (0..6).scan(number, |rest, _| {
                let digit = *rest % pieces.len();
                *rest /= pieces.len();
                Some(digit)
            });
            let value: String = digits.map(|digit| pieces[digit]).collect();
            if let Err(fault) = Challenge::parse_all(&value) {
                assert!(fault.at <= value.len(), "{value:?}: {fault}");
            }
        }
    }
}
