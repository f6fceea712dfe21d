//! What of a request or response may be shown or exported.
//!
//! The policy is an allow-list: a header's or a query parameter's value is kept if its name is known to carry no
//! secret, and replaced otherwise. Names are kept: that a token was sent is worth knowing. Every address is taken apart,
//! wherever it stands; what does not parse is left out.

mod address;
mod fields;

use crate::http::Url;

pub use address::address;

/// Stands where a value was taken out.
pub const REDACTED: &str = "REDACTED";

/// Request and response headers of registries, their stores and the proxies in front, that carry no secret.
const HEADERS: &[&str] = &[
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-request-headers",
    "access-control-request-method",
    "age",
    "alt-svc",
    "cache-control",
    "cf-cache-status",
    "cf-ray",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-security-policy",
    "content-type",
    "date",
    "docker-content-digest",
    "docker-distribution-api-version",
    "etag",
    "expires",
    "host",
    "if-match",
    "if-none-match",
    "last-modified",
    "link",
    "location",
    "oci-chunk-min-length",
    "oci-filters-applied",
    "oci-subject",
    "oci-tag",
    "origin",
    "pragma",
    "range",
    "ratelimit-limit",
    "ratelimit-remaining",
    "ratelimit-reset",
    "referrer-policy",
    "retry-after",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "server",
    "strict-transport-security",
    "timing-allow-origin",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "warning",
    "www-authenticate",
    "x-cache",
    "x-content-type-options",
    "x-frame-options",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "x-served-by",
];

/// A header's value as it may be shown.
pub fn header(name: &str, value: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        name if !HEADERS.contains(&name) => REDACTED.to_owned(),
        "location" => address(value),
        "link" | "www-authenticate" => fields::shown(value),
        _ => text(value),
    }
}

/// An address as it may be shown.
pub fn url(url: &Url) -> Url {
    // What is shown of a good address is one, save that its path may have been cut.
    address(url.as_str()).parse().unwrap_or_else(|_| url.with_query(None))
}

/// A message, or any other text, with the addresses in it as they may be shown.
pub fn text(message: &str) -> String {
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '"' | '<' | '>' | '`');
    let piece = |piece: &str| {
        let (word, end) = piece.split_at(piece.trim_end_matches(ends).len());
        match address_in(word) {
            Some((before, found, after)) => [before, &address(found), after, end].concat(),
            None => piece.to_owned(),
        }
    };
    message.split_inclusive(ends).map(piece).collect()
}

/// The address in a word, with what stands before it and after it: `(https://h/x).`
fn address_in(word: &str) -> Option<(&str, &str, &str)> {
    let is_slash = |c: char| matches!(c, '/' | '\\');
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let colon = word.match_indices(':').map(|(at, _)| at).find(|at| {
        let after = word.get(at + 1..).unwrap_or_default();
        let place = after.trim_start_matches(is_slash);
        !place.is_empty() && place.len() + 1 < after.len()
    });
    let begin = match colon {
        Some(colon) => word.get(..colon)?.trim_end_matches(in_scheme).len(),
        // A path with a query is an address, too.
        None => word.split_once('?').filter(|(_, query)| query.contains('=')).map(|_| 0)?,
    };
    let (before, rest) = word.split_at(begin);
    // A full stop or a bracket after an address is not the address's.
    let found = rest.trim_end_matches(['.', ',', ':', ';', '!', ')', ']', '}', '\'', '\u{201d}', '\u{2019}']);
    Some((before, found, rest.get(found.len()..).unwrap_or_default()))
}

#[cfg(test)]
mod tests;
