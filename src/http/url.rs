//! Absolute http and https URLs, taken apart as far as a pull needs.

use std::fmt;
use std::str::FromStr;

use super::host;

/// An absolute `http` or `https` URL without fragment. An origin has one spelling: two URLs are of the same origin
/// exactly where [`Url::origin`] gives the same text. Path and query are as written, except that dot segments are resolved.
///
/// There is no IDNA: a host with other letters than ASCII has to be written in its `xn--` form.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Url {
    text: String,
    scheme_end: usize,
    host_end: usize,
    path_end: usize,
}

impl Url {
    /// The whole URL.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        self.slice(0, self.scheme_end)
    }

    /// Host, with the port unless it is the scheme's usual one.
    pub fn host(&self) -> &str {
        self.slice(self.scheme_end + 3, self.host_end)
    }

    /// Scheme and host: `https://example.org:5000`.
    pub fn origin(&self) -> &str {
        self.slice(0, self.host_end)
    }

    /// The path; starts with a slash.
    pub fn path(&self) -> &str {
        self.slice(self.host_end, self.path_end)
    }

    /// The query without its question mark, if there is one.
    pub fn query(&self) -> Option<&str> {
        self.text.get(self.path_end + 1..)
    }

    /// Resolves a `Location` or `Link` target against this URL. RFC 3986, section 5.2, for the forms that
    /// servers send: absolute, scheme-relative, absolute path, query alone, relative path, nothing.
    pub fn join(&self, target: &str) -> Result<Url, UrlError> {
        let target = target.trim().split('#').next().unwrap_or_default();
        let has_scheme = target
            .split_once(':')
            .is_some_and(|(scheme, _)| !scheme.is_empty() && !scheme.contains(['/', '?', '.']));
        if target.is_empty() {
            Ok(self.clone())
        } else if has_scheme {
            target.parse()
        } else if target.starts_with("//") {
            format!("{}:{target}", self.scheme()).parse()
        } else if target.starts_with('/') {
            format!("{}{target}", self.origin()).parse()
        } else if target.starts_with('?') {
            format!("{}{}{target}", self.origin(), self.path()).parse()
        } else {
            let folder = self.path().rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{}{folder}/{target}", self.origin()).parse()
        }
    }

    /// The same URL with another query.
    pub fn with_query(&self, query: Option<&str>) -> Url {
        let mut text = self.slice(0, self.path_end).to_owned();
        if let Some(query) = query {
            text.push('?');
            text.push_str(query);
        }
        Url { text, ..*self }
    }

    /// The same path and query at another origin, which is that of a URL.
    pub fn with_origin(&self, origin: &str) -> Url {
        let tail = self.text.get(self.host_end..).unwrap_or_default();
        let scheme_end = origin.find("://").unwrap_or_default();
        let path_end = self.path_end - self.host_end + origin.len();
        Url { text: format!("{origin}{tail}"), scheme_end, host_end: origin.len(), path_end }
    }

    fn slice(&self, from: usize, to: usize) -> &str {
        self.text.get(from..to).unwrap_or_default()
    }
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Url, UrlError> {
        if text.bytes().any(|b| b.is_ascii_control() || b == b' ') {
            return Err(UrlError::BadCharacter);
        }
        let text = text.split('#').next().unwrap_or_default();
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::NotAbsolute)?;
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "http" && scheme != "https" {
            return Err(UrlError::UnsupportedScheme(scheme));
        }
        // By bytes, as these marks are: a pull of many layers makes many addresses.
        let host_len = rest.bytes().position(|b| matches!(b, b'/' | b'?')).unwrap_or(rest.len());
        let (host, tail) = rest.split_at(host_len);
        if host.is_empty() {
            return Err(UrlError::NoHost);
        }
        if host.contains('@') {
            return Err(UrlError::Credentials);
        }
        let host = host::normal(&scheme, host).ok_or(UrlError::BadHost)?;
        let (path, query) = tail.split_at(tail.find('?').unwrap_or(tail.len()));
        let slash = if path.is_empty() { "/" } else { "" };
        let resolved = without_dots(path);
        let path = resolved.as_deref().unwrap_or(path);
        let host_end = scheme.len() + 3 + host.len();
        Ok(Url {
            text: [&scheme, "://", &host, slash, path, query].concat(),
            scheme_end: scheme.len(),
            host_end,
            path_end: host_end + slash.len() + path.len(),
        })
    }
}

/// A path without its segments `.` and `..`, if it has any: RFC 3986, section 5.2.4. To a browser they mean the same in
/// percent-encoding.
fn without_dots(path: &str) -> Option<String> {
    let dots = |segment: &str| match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
        "." => Some(1),
        ".." => Some(2),
        _ => None,
    };
    // Most paths have none, and a pull of many layers makes many addresses.
    if !path.contains("/.") && !path.contains("/%2") {
        return None;
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let dots = dots(segment);
        match dots {
            Some(2) => drop(kept.pop()),
            Some(_) => {}
            None => kept.push(segment),
        }
        if dots.is_some() && segments.peek().is_none() {
            kept.push("");
        }
    }
    Some(format!("/{}", kept.join("/")))
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a text is not a URL that a pull can use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// There is no `scheme://`.
    NotAbsolute,
    /// The scheme is neither `http` nor `https`.
    UnsupportedScheme(String),
    /// There is nothing between `://` and the path.
    NoHost,
    /// A user name stands in the address; credentials never go into a URL.
    Credentials,
    /// What stands between `://` and the path is no host, or has no port after its colon.
    BadHost,
    /// A space or a control character.
    BadCharacter,
}

impl fmt::Display for UrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            UrlError::NotAbsolute => f.write_str("the address has no http:// or https://"),
            UrlError::UnsupportedScheme(scheme) => {
                write!(f, "the address's scheme is {scheme:?}, and only http and https can be fetched")
            }
            UrlError::NoHost => f.write_str("the address names no host"),
            UrlError::Credentials => f.write_str("the address holds a user name, which is not allowed"),
            UrlError::BadHost => f.write_str(
                "the address's host is neither a name in ASCII nor an IP address, or its port is none",
            ),
            UrlError::BadCharacter => f.write_str("the address holds a space or a control character"),
        }
    }
}

impl std::error::Error for UrlError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_origin() {
        let url: Url = "https://registry-1.docker.io/v2/a?n=1".parse().unwrap();
        let other = url.with_origin("http://127.0.0.1:8080");
        assert_eq!(other, "http://127.0.0.1:8080/v2/a?n=1".parse().unwrap());
    }

    #[test]
    fn parts() {
        let url: Url = "HTTPS://Example.org:5000/v2/a/b?x=1&y=2#frag".parse().unwrap();
        assert_eq!(url.as_str(), "https://example.org:5000/v2/a/b?x=1&y=2");
        assert_eq!((url.scheme(), url.host()), ("https", "example.org:5000"));
        assert_eq!((url.origin(), url.path()), ("https://example.org:5000", "/v2/a/b"));
        assert_eq!(url.query(), Some("x=1&y=2"));
        assert_eq!(url.with_query(None).as_str(), "https://example.org:5000/v2/a/b");

        let bare: Url = "http://h?q".parse().unwrap();
        assert_eq!((bare.as_str(), bare.path(), bare.query()), ("http://h/?q", "/", Some("q")));
        for host in ["under_score:81", "127.0.0.1", "[::1]", "h.0xyz", "1.h2"] {
            assert_eq!(format!("http://{host}/").parse::<Url>().unwrap().host(), host);
        }
        let bare: Url = "http://[::1]:5000".parse().unwrap();
        assert_eq!((bare.host(), bare.path(), bare.query()), ("[::1]:5000", "/", None));
    }

    #[test]
    fn an_origin_has_one_spelling() {
        for (text, origin) in [
            ("HTTPS://GHCR.io/v2/", "https://ghcr.io"),
            ("https://ghcr.io:443/v2/", "https://ghcr.io"),
            ("https://ghcr.io:0443/v2/", "https://ghcr.io"),
            ("https://ghcr.io:/v2/", "https://ghcr.io"),
            ("https://ghcr.io./v2/", "https://ghcr.io"),
            ("https://ghcr.io.:443", "https://ghcr.io"),
            ("https://ghcr.io:80/", "https://ghcr.io:80"),
            ("http://ghcr.io:80?x", "http://ghcr.io"),
            ("http://ghcr.io:443/", "http://ghcr.io:443"),
            ("http://LocalHost:05000/", "http://localhost:5000"),
            ("https://XN--Bcher-Kva.example/", "https://xn--bcher-kva.example"),
            ("http://[0:0:0:0:0:0:0:1]:80/", "http://[::1]"),
            ("http://[2001:DB8::0:1]:5000/", "http://[2001:db8::1]:5000"),
        ] {
            assert_eq!(text.parse::<Url>().unwrap().origin(), origin, "{text}");
        }
        // A browser takes each of these for the address of a machine; a reader does not.
        for text in
            ["http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://h.1/"]
        {
            assert_eq!(text.parse::<Url>(), Err(UrlError::BadHost), "{text}");
        }
    }

    #[test]
    fn refusals() {
        for (text, expected) in [
            ("/v2/", UrlError::NotAbsolute),
            ("ftp://h/", UrlError::UnsupportedScheme("ftp".into())),
            ("javascript://x", UrlError::UnsupportedScheme("javascript".into())),
            ("https:///v2/", UrlError::NoHost),
            ("https://user:pw@h/", UrlError::Credentials),
            ("http://evil.example\\.localhost/", UrlError::BadHost),
            ("http://evil.example%2f.localhost/", UrlError::BadHost),
            ("https://аuth.example/", UrlError::BadHost),
            ("https://h:65536/", UrlError::BadHost),
            ("https://h:+80/", UrlError::BadHost),
            ("https://./", UrlError::BadHost),
            ("https://h:5000x/", UrlError::BadHost),
            ("https://:5000/", UrlError::BadHost),
            ("https://[::1]x/", UrlError::BadHost),
            ("https://[fe80::1%25eth0]/", UrlError::BadHost),
            ("https://h/a b", UrlError::BadCharacter),
            ("https://h/a\n", UrlError::BadCharacter),
        ] {
            assert_eq!(text.parse::<Url>(), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn join_takes_what_servers_send() {
        let base: Url = "https://h:5000/v2/app/blobs/x?q=1".parse().unwrap();
        for (target, expected) in [
            ("https://cdn.example/y?sig=1", "https://cdn.example/y?sig=1"),
            ("//cdn.example/y", "https://cdn.example/y"),
            ("/y?z", "https://h:5000/y?z"),
            ("y", "https://h:5000/v2/app/blobs/y"),
            ("?next", "https://h:5000/v2/app/blobs/x?next"),
            (" /y ", "https://h:5000/y"),
            ("", "https://h:5000/v2/app/blobs/x?q=1"),
            ("#part", "https://h:5000/v2/app/blobs/x?q=1"),
            ("?next#part", "https://h:5000/v2/app/blobs/x?next"),
            ("../tags/list", "https://h:5000/v2/app/tags/list"),
            ("./y", "https://h:5000/v2/app/blobs/y"),
            ("..", "https://h:5000/v2/app/"),
            ("../../../../../y", "https://h:5000/y"),
            ("/a/%2E%2e/b/.?x=/../y", "https://h:5000/b/?x=/../y"),
            ("/.well-known/..x/%2f", "https://h:5000/.well-known/..x/%2f"),
        ] {
            assert_eq!(base.join(target).unwrap().as_str(), expected, "{target:?}");
        }
        assert_eq!(base.join("data:text/plain,x"), Err(UrlError::NotAbsolute));
    }
}
