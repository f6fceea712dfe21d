//! HTTP as plain values: what is asked, what the head of an answer says, and how long it took.

mod host;
mod quoted;
mod url;

use std::fmt;

pub use quoted::quoted;
pub use url::{Url, UrlError};

/// A request method of the pull flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `HEAD`
    Head,
    /// `GET`
    Get,
    /// `POST`: a pull has none, and of the probes one.
    Post,
}

impl Method {
    /// The method as it stands in a request.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Head => "HEAD",
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request. None of the pull flow's requests has a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The absolute URL.
    pub url: Url,
    /// The headers to set, beside those that the transport adds itself.
    pub headers: Vec<(String, String)>,
}

/// The head of a response, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseHead {
    /// The status; `None` where a recording holds the body and not the head.
    pub status: Option<u16>,
    /// The headers.
    pub headers: Headers,
    /// The address that answered, where the transport itself followed redirects to another one.
    /// The hops between cannot be seen then.
    pub followed_to: Option<Url>,
}

impl ResponseHead {
    /// Where the response sends the client, if it is a redirect with a `Location` that is known.
    pub fn redirect(&self) -> Option<&str> {
        match (self.status, self.headers.get("location")) {
            (Some(301 | 302 | 303 | 307 | 308), Field::Present(location)) => Some(location),
            _ => None,
        }
    }
}

/// Response headers, with how much of them could be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers {
    list: Vec<(String, String)>,
    visibility: Visibility,
}

impl Headers {
    /// Headers in the order in which they came.
    pub fn new(list: Vec<(String, String)>, visibility: Visibility) -> Headers {
        Headers { list, visibility }
    }

    /// The first value of a header, told apart from one that is absent and from one that cannot be seen.
    pub fn get(&self, name: &str) -> Field<'_> {
        let found = self.list.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        match (found, self.visibility) {
            (Some((_, value)), _) => Field::Present(value),
            (None, Visibility::Complete) => Field::Absent,
            (None, Visibility::CorsFiltered) if is_cors_safelisted(name) => Field::Absent,
            (None, Visibility::CorsFiltered) => Field::NotExposed,
            (None, Visibility::NotRecorded) => Field::NotRecorded,
        }
    }

    /// All values of a header that may be sent several times, joined by commas as a browser joins them; otherwise like
    /// [`Headers::get`], with an empty text in place of none.
    pub fn joined(&self, name: &str) -> (Field<'_>, String) {
        let values = self.list.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name));
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        (self.get(name), values.join(", "))
    }

    /// Every header that could be seen, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How much could be seen.
    pub fn visibility(&self) -> Visibility {
        self.visibility
    }

    /// `Content-Length` in bytes, where it is known, well-formed, and counts the bytes that are read
    /// (with a `Content-Encoding` it counts others).
    pub fn content_length(&self) -> Option<u64> {
        match (self.get("content-length"), self.get("content-encoding")) {
            (_, Field::Present(encoding)) if !encoding.eq_ignore_ascii_case("identity") => None,
            // A page cannot see Content-Encoding across origins: the length is then not to be relied on.
            (_, Field::NotExposed) => None,
            (Field::Present(value), _) => value.trim().parse().ok(),
            _ => None,
        }
    }
}

/// How much of a response's headers could be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// All of them: what is not in the list was not sent.
    Complete,
    /// Those that CORS lets a page read: the safelisted ones, and those in `Access-Control-Expose-Headers`.
    CorsFiltered,
    /// None: a recording that holds a body without its headers.
    NotRecorded,
}

impl Visibility {
    /// The name by which recordings know it.
    pub fn name(self) -> &'static str {
        match self {
            Visibility::Complete => "complete",
            Visibility::CorsFiltered => "cors-filtered",
            Visibility::NotRecorded => "not-recorded",
        }
    }

    /// The way back from [`Visibility::name`].
    pub fn from_name(name: &str) -> Option<Visibility> {
        let all = [Visibility::Complete, Visibility::CorsFiltered, Visibility::NotRecorded];
        all.into_iter().find(|visibility| visibility.name() == name)
    }
}

/// One header of a response. Absent, hidden and empty are three different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field<'a> {
    /// The header was sent, with this value (which may be empty).
    Present(&'a str),
    /// The header was not sent.
    Absent,
    /// CORS hides the header if it was sent.
    NotExposed,
    /// The recording does not hold this response's headers.
    NotRecorded,
}

impl<'a> Field<'a> {
    /// The value, if there is one to be seen.
    pub fn value(self) -> Option<&'a str> {
        match self {
            Field::Present(value) => Some(value),
            Field::Absent | Field::NotExposed | Field::NotRecorded => None,
        }
    }
}

/// When a request ran, in milliseconds; `None` is unknown, which is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Timings {
    /// The start, since the Unix epoch.
    pub started: Option<f64>,
    /// From the start to the head of the response.
    pub wait: Option<f64>,
    /// From the head to the end of the body.
    pub receive: Option<f64>,
}

/// The CORS-safelisted response-header names: readable by a page without being exposed. Fetch standard, 2.2.2.
fn is_cors_safelisted(name: &str) -> bool {
    const NAMES: [&str; 7] = [
        "cache-control",
        "content-language",
        "content-length",
        "content-type",
        "expires",
        "last-modified",
        "pragma",
    ];
    NAMES.iter().any(|safe| safe.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(visibility: Visibility) -> Headers {
        let list = [("Content-Type", "text/plain"), ("X-Empty", ""), ("Content-Length", "12")];
        Headers::new(list.map(|(n, v)| (n.to_owned(), v.to_owned())).to_vec(), visibility)
    }

    #[test]
    fn absent_hidden_empty_and_unrecorded_are_told_apart() {
        for (visibility, name, expected) in [
            (Visibility::Complete, "content-type", Field::Present("text/plain")),
            (Visibility::Complete, "x-empty", Field::Present("")),
            (Visibility::Complete, "docker-content-digest", Field::Absent),
            (Visibility::CorsFiltered, "docker-content-digest", Field::NotExposed),
            (Visibility::CorsFiltered, "Expires", Field::Absent),
            (Visibility::NotRecorded, "docker-content-digest", Field::NotRecorded),
        ] {
            assert_eq!(headers(visibility).get(name), expected, "{visibility:?} {name}");
        }
    }

    #[test]
    fn a_length_counts_only_where_it_counts_these_bytes() {
        assert_eq!(headers(Visibility::Complete).content_length(), Some(12));
        assert_eq!(headers(Visibility::CorsFiltered).content_length(), None);
        let gzip = [("content-length", "12"), ("content-encoding", "gzip")];
        let gzip = Headers::new(gzip.map(|(n, v)| (n.into(), v.into())).to_vec(), Visibility::Complete);
        assert_eq!(gzip.content_length(), None);
    }

    #[test]
    fn a_redirect_needs_a_redirect_status_and_a_location() {
        let head = |status, list: &[(&str, &str)]| ResponseHead {
            status,
            headers: Headers::new(
                list.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
                Visibility::Complete,
            ),
            followed_to: None,
        };
        assert_eq!(head(Some(307), &[("Location", "/x")]).redirect(), Some("/x"));
        assert_eq!(head(Some(200), &[("Location", "/x")]).redirect(), None);
        assert_eq!(head(Some(307), &[]).redirect(), None);
        assert_eq!(head(None, &[("Location", "/x")]).redirect(), None);
    }
}
