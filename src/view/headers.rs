//! What the headers of a registry mean, each in a sentence.

use crate::digest::Digest;

use super::words;

/// The headers that a page should be able to read, with what is lost where it may not.
pub const WANTED: [(&str, &str); 5] = [
    ("Docker-Content-Digest", "without it, the registry's own word on the digest cannot be compared"),
    ("WWW-Authenticate", "without it, a page cannot learn where to ask for a token"),
    (
        "Link",
        "without it, the next page of a list is guessed from its last name, where the registry allows that",
    ),
    ("Location", "without it, nothing is known of a redirect"),
    ("RateLimit-Remaining", "without it, nobody can tell how many pulls are left"),
];

/// What a header says, where that is worth a word. `digest` is that of the object that was asked for.
pub fn explained(name: &str, value: &str, digest: Option<&Digest>) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let is_digest = digest.is_some_and(|digest| value.contains(&digest.to_string()));
    let fixed = match name.as_str() {
        "docker-content-digest" if is_digest => {
            "The registry's word on the digest; here it is the one that was asked for. The bytes decide, not this."
        }
        "docker-content-digest" if digest.is_some() => {
            "The registry's word on the digest; here it is not the one that was asked for. The bytes decide, not this."
        }
        "docker-content-digest" => {
            "The registry's word on the digest of what it serves. The bytes decide, not this."
        }
        "location" => {
            "Where the bytes are. Whoever serves them there need not be trusted: the digest decides."
        }
        "link" => "Where the list continues.",
        "www-authenticate" if value.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic")) => {
            "A challenge: it asks for a user name and a password. This page keeps them in memory only."
        }
        "www-authenticate" => {
            "A challenge: where to ask for a token (realm), for whom (service), and for what (scope)."
        }
        "etag" if is_digest => "A name for this version, made from the digest.",
        "etag" => "A name for this version, for caches.",
        "accept" => {
            "The media types that this client understands. A registry may convert or refuse what is not among them."
        }
        "content-type" => {
            "What the registry says this is. It should agree with the descriptor and with the document."
        }
        "content-length" => "The size of the body, as announced. What counts is the size in the descriptor.",
        "docker-distribution-api-version" => "A registry that speaks the distribution protocol, version 2.",
        "docker-ratelimit-source" => "Who the limit on pulls applies to.",
        "access-control-allow-origin" if value == "*" => "Any page may read this answer.",
        "access-control-allow-origin" => "The page that may read this answer.",
        "access-control-expose-headers" => "The headers that a page may read besides the default ones.",
        "access-control-allow-headers" => "The headers that a page may send.",
        "access-control-allow-methods" => "The methods that a page may use.",
        "strict-transport-security" => "Browsers must use HTTPS from now on.",
        "range" | "content-range" => "Which part of the bytes this is.",
        "cache-control" => return Some(cached(value)),
        "ratelimit-limit" => return limit("pulls allowed", value),
        "ratelimit-remaining" => return limit("pulls left", value),
        _ => return None,
    };
    Some(fixed.to_owned())
}

/// `max-age=31536000` in words.
fn cached(value: &str) -> String {
    let value = value.to_ascii_lowercase();
    let age = value.split(',').find_map(|part| part.trim().strip_prefix("max-age=")?.parse::<u64>().ok());
    match age {
        _ if value.contains("no-store") => "No copy may be kept.".to_owned(),
        age if age == Some(0) || value.contains("no-cache") => {
            "A copy must be checked with the server each time.".to_owned()
        }
        Some(seconds) => format!("A copy may be used for {}.", span(seconds)),
        None => "How long a copy may be used.".to_owned(),
    }
}

/// `100;w=21600` in words.
fn limit(what: &str, value: &str) -> Option<String> {
    let (count, window) = value.split_once(";w=").unwrap_or((value, ""));
    let count: u64 = count.trim().parse().ok()?;
    let within = window.trim().parse().map(|seconds| format!(" within {}", span(seconds)));
    Some(format!("{} {what}{}.", words::grouped(count), within.unwrap_or_default()))
}

fn span(seconds: u64) -> String {
    let units = [(86_400 * 365, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute")];
    let (length, unit) = units.into_iter().find(|(length, _)| seconds >= *length).unwrap_or((1, "second"));
    words::count(usize::try_from(seconds / length).unwrap_or(usize::MAX), unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notable_headers_are_explained_by_their_value() {
        let digest = Digest::sha256(b"x");
        for (name, value, expected) in [
            ("Cache-Control", "public, max-age=31536000", "A copy may be used for 1 year."),
            ("cache-control", "max-age=7200", "A copy may be used for 2 hours."),
            ("cache-control", "private, no-store", "No copy may be kept."),
            ("cache-control", "max-age=0", "A copy must be checked with the server each time."),
            ("cache-control", "No-Cache, max-age=60", "A copy must be checked with the server each time."),
            (
                "content-length",
                "525",
                "The size of the body, as announced. What counts is the size in the descriptor.",
            ),
            (
                "www-authenticate",
                "BASIC realm=\"x\"",
                "A challenge: it asks for a user name and a password. This page keeps them in memory only.",
            ),
            ("ratelimit-limit", "100;w=21600", "100 pulls allowed within 6 hours."),
            ("ratelimit-remaining", "1200", "1,200 pulls left."),
            ("access-control-allow-origin", "*", "Any page may read this answer."),
            ("etag", &format!("\"{digest}\""), "A name for this version, made from the digest."),
        ] {
            assert_eq!(explained(name, value, Some(&digest)).as_deref(), Some(expected), "{name}: {value}");
        }
        assert_eq!(explained("ratelimit-limit", "many", None), None);
        assert_eq!(explained("date", "today", None), None);
        let said = explained("docker-content-digest", &digest.to_string(), Some(&digest)).unwrap();
        assert!(said.contains("it is the one that was asked for"), "{said}");
        let other = explained("docker-content-digest", "sha256:00", Some(&digest)).unwrap();
        assert!(other.contains("it is not the one that was asked for"), "{other}");
        let bearer = explained("www-authenticate", "Bearer realm=\"https://auth\"", None).unwrap();
        assert!(bearer.contains("where to ask for a token"), "{bearer}");
    }
}
