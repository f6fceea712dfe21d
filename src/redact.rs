//! What of a request or response may be shown or exported.
//!
//! The policy is an allow-list: a header's or a query parameter's value is kept if its name is known to carry no
//! secret, and replaced otherwise. Names are always kept: that a token was sent is worth knowing.

use crate::http::Url;

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

/// Query parameters of the distribution specification and its token flow.
const PARAMETERS: &[&str] =
    &["artifacttype", "digest", "from", "last", "mount", "n", "next_page", "ns", "scope", "service", "tag"];

/// A header's value as it may be shown. Addresses in `Location` and `Link` lose the values of unknown parameters.
pub fn header(name: &str, value: &str) -> String {
    let name = name.to_ascii_lowercase();
    if !HEADERS.contains(&name.as_str()) {
        return REDACTED.to_owned();
    }
    match (name.as_str(), value.split_once('?')) {
        ("location", Some((base, rest))) => format!("{base}?{}", query(rest)),
        ("link", Some((base, rest))) => {
            let (target, attributes) = rest.split_at(rest.find('>').unwrap_or(rest.len()));
            format!("{base}?{}{attributes}", query(target))
        }
        _ => value.to_owned(),
    }
}

/// An address as it may be shown: the values of unknown parameters are taken out.
pub fn url(url: &Url) -> Url {
    match url.query() {
        Some(text) => url.with_query(Some(&query(text))),
        None => url.clone(),
    }
}

fn query(text: &str) -> String {
    let kept = |pair: &str| match pair.split_once('=') {
        Some((name, value)) if !value.is_empty() && !is_known(name) => format!("{name}={REDACTED}"),
        // A bare word may be a signature as well as a flag.
        None if !pair.is_empty() && !is_known(pair) => REDACTED.to_owned(),
        _ => pair.to_owned(),
    };
    text.split('&').map(kept).collect::<Vec<_>>().join("&")
}

fn is_known(name: &str) -> bool {
    PARAMETERS.contains(&name.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_kept_by_name() {
        for (name, value, expected) in [
            ("Content-Type", "text/plain", "text/plain"),
            ("Authorization", "Bearer abc", REDACTED),
            ("Cookie", "a=b", REDACTED),
            ("Set-Cookie", "a=b", REDACTED),
            ("X-Amz-Security-Token", "abc", REDACTED),
            (
                "Location",
                "https://cdn.example/x?X-Amz-Signature=abc&n=1",
                "https://cdn.example/x?X-Amz-Signature=REDACTED&n=1",
            ),
            (
                "Link",
                "</v2/_catalog?last=a&n=5&sig=q>; rel=\"next\"",
                "</v2/_catalog?last=a&n=5&sig=REDACTED>; rel=\"next\"",
            ),
            ("Location", "/v2/x", "/v2/x"),
        ] {
            assert_eq!(header(name, value), expected, "{name}");
        }
    }

    #[test]
    fn addresses_lose_the_values_of_unknown_parameters() {
        for (before, after) in [
            ("https://h/p?verify=164-fS%3D", "https://h/p?verify=REDACTED"),
            (
                "https://h/p?scope=repository:a:pull&service=s",
                "https://h/p?scope=repository:a:pull&service=s",
            ),
            ("https://h/p?abcdef", "https://h/p?REDACTED"),
            ("https://h/p", "https://h/p"),
        ] {
            assert_eq!(url(&before.parse().unwrap()).as_str(), after);
        }
    }
}
