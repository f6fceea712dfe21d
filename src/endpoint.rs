//! The endpoints of the distribution specification that a pull uses, each as a pure pair: one function makes the
//! request, another reads the head of the answer. Nothing here sends anything.
//!
//! Deliberately not here: uploads, deletes.

use crate::calendar;
use crate::digest::{Claims, Digest};
use crate::http::{Field, Method, Request, ResponseHead, Url, UrlError};
use crate::listing::{AT_ONCE, Kind};
use crate::media_type::MediaType;
use crate::reference::Repository;

/// The header in which a registry says the digest of a body (distribution specification, "Pulling manifests").
const CONTENT_DIGEST: &str = "docker-content-digest";

/// Media types to ask for, in one `Accept` value.
///
/// A browser sends a cross-origin request without asking first only while `Accept` is at most 128 bytes (Fetch
/// standard, "CORS-safelisted request-header"); all four manifest types together are longer. So indexes are asked
/// for first, image manifests after a 404, and all at once, with a preflight, only when neither was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accept {
    /// OCI indexes and Docker manifest lists.
    Indexes,
    /// OCI and Docker image manifests.
    Manifests,
    /// All four; needs a preflight.
    All,
    /// The one type that a descriptor names.
    Exactly(MediaType),
}

impl Accept {
    /// The order in which a document of unknown type is asked for.
    pub const LADDER: [Accept; 3] = [Accept::Indexes, Accept::Manifests, Accept::All];

    /// The header's value; types are joined without a space to stay short. `None` for a type that cannot stand
    /// in a header.
    pub fn value(&self) -> Option<String> {
        use MediaType::*;
        let joined = |types: &[MediaType]| {
            let names: Vec<&str> = types.iter().map(MediaType::as_str).chain(["*/*"]).collect();
            names.join(",")
        };
        match self {
            Accept::Indexes => Some(joined(&[OciIndex, DockerManifestList])),
            Accept::Manifests => Some(joined(&[OciManifest, DockerManifest])),
            Accept::All => Some(joined(&[OciIndex, DockerManifestList, OciManifest, DockerManifest])),
            Accept::Exactly(media_type) => media_type.is_plain().then(|| media_type.as_str().to_owned()),
        }
    }
}

/// Asks for a manifest by tag or digest: `HEAD` or `GET /v2/<name>/manifests/<reference>` (end-2).
pub fn manifest(
    repository: &Repository,
    method: Method,
    reference: &str,
    accept: &Accept,
) -> Result<Request, UrlError> {
    let headers = accept.value().map(|value| ("Accept".to_owned(), value)).into_iter().collect();
    let url = format!("{}/v2/{}/manifests/{reference}", repository.origin(), repository.path());
    Ok(Request { method, url: url.parse()?, headers })
}

/// Asks for a blob, or for what follows its first `from` bytes: `GET /v2/<name>/blobs/<digest>` (end-2). Without
/// `Accept`: a browser would have to ask the host that the redirect leads to, too. A range that is open at its end
/// needs no such question.
pub fn blob(repository: &Repository, digest: &Digest, from: u64) -> Result<Request, UrlError> {
    let url = [repository.origin(), "/v2/", repository.path(), "/blobs/", digest.as_str()].concat();
    let range = (from > 0).then(|| ("Range".to_owned(), format!("bytes={from}-")));
    Ok(Request { method: Method::Get, url: url.parse()?, headers: range.into_iter().collect() })
}

/// Asks for a list, or for what follows a name in it: `GET /v2/<name>/tags/list` (end-8), or `GET /v2/_catalog`.
pub fn list(repository: &Repository, kind: Kind, last: Option<&str>) -> Result<Request, UrlError> {
    let origin = repository.origin();
    let path = match kind {
        Kind::Tags => format!("{}/tags/list", repository.path()),
        Kind::Repositories => "_catalog".to_owned(),
    };
    // A name that was checked by nobody goes into an address only if it is as names are.
    let is_plain = |last: &&str| last.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b));
    let last = last.filter(is_plain).map(|last| format!("&last={last}")).unwrap_or_default();
    let url = format!("{origin}/v2/{path}?n={AT_ONCE}{last}");
    Ok(Request { method: Method::Get, url: url.parse()?, headers: Vec::new() })
}

/// What the head of an answer comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The object follows, or for a `HEAD` would.
    Found,
    /// A manifest follows, but in the deprecated schema 1: the registry converted it, for want of a type that it
    /// was asked for. Its digest is not the image's.
    Converted,
    /// The object is at another address.
    Moved(Url),
    /// A redirect to an address that cannot be fetched.
    MovedNowhere(UrlError),
    /// 404: not there, or not of a type that was asked for.
    NotFound,
    /// The method is refused; another may not be.
    MethodRefused,
    /// Anything else.
    Refused(u16),
}

impl Answer {
    /// Whether another way of asking would get the same answer: the registry wants a sign-in, denies access, or wants fewer
    /// requests.
    pub fn is_final(&self) -> bool {
        matches!(self, Answer::Refused(401 | 403 | 429))
    }
}

/// Reads the head of an answer to a request for `url`.
pub fn read_head(head: &ResponseHead, url: &Url) -> Answer {
    if let Some(location) = head.redirect() {
        return match url.join(location) {
            Ok(target) => Answer::Moved(target),
            Err(error) => Answer::MovedNowhere(error),
        };
    }
    match head.status {
        // A recording may hold a body without the head that came with it; the digest decides what it is worth.
        None | Some(200..=299) if content_type(head).is_some_and(|m| m.is_schema1()) => Answer::Converted,
        None | Some(200..=299) => Answer::Found,
        Some(404) => Answer::NotFound,
        Some(405 | 501) => Answer::MethodRefused,
        Some(status) => Answer::Refused(status),
    }
}

/// The response's `Content-Type`, if it says anything.
pub fn content_type(head: &ResponseHead) -> Option<MediaType> {
    let value = head.headers.get("content-type").value()?;
    Some(MediaType::of_header(value)).filter(|media_type| !media_type.as_str().is_empty())
}

/// The `Docker-Content-Digest` of the response.
pub fn content_digest(head: &ResponseHead) -> Field<'_> {
    head.headers.get(CONTENT_DIGEST)
}

/// What it claims; nothing where it is not there, or cannot be seen.
pub fn claims(head: &ResponseHead) -> Claims {
    Claims::read(&head.headers.joined(CONTENT_DIGEST).1)
}

/// How long a 429 asks to wait, in seconds, if that can be seen: `Retry-After`, as a number or as a date (RFC 9110,
/// section 10.2.3). `now` is the moment of the answer, in milliseconds since the Unix epoch.
pub fn retry_after(head: &ResponseHead, now: Option<f64>) -> Option<f64> {
    let value = head.headers.get("retry-after").value()?.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(f64::from(seconds));
    }
    let wait = calendar::http_date(value)? as f64 - now? / 1000.0;
    Some(if wait > 0.0 { wait } else { 0.0 })
}

/// What a registry address names, if it is one: the way back from a recording's URLs to a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<'a> {
    /// The repository's path: `library/hello-world`.
    pub repository: &'a str,
    /// The tag or digest of a manifest.
    pub reference: &'a str,
}

/// Reads the address of a manifest.
pub fn manifest_target(url: &Url) -> Option<Target<'_>> {
    let (repository, reference) = url.path().strip_prefix("/v2/")?.rsplit_once("/manifests/")?;
    let whole = !repository.is_empty() && !reference.is_empty() && !reference.contains('/');
    whole.then_some(Target { repository, reference })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Headers, Visibility};
    use crate::reference::Reference;

    #[test]
    fn no_planned_accept_needs_a_preflight_save_the_last() {
        use MediaType::*;
        let exact = [OciIndex, DockerManifestList, OciManifest, DockerManifest].map(Accept::Exactly);
        for accept in [Accept::Indexes, Accept::Manifests].iter().chain(&exact) {
            let value = accept.value().unwrap();
            let unsafe_byte = |b: u8| b < 0x20 || b == 0x7f || b"\"():<>?@[\\]{}".contains(&b);
            assert!(value.len() <= 128 && !value.bytes().any(unsafe_byte), "{value}");
        }
        assert!(Accept::All.value().unwrap().len() > 128, "then the ladder would not be needed");
        assert_eq!(Accept::Exactly(MediaType::parse("a/b\r\nEvil: x")).value(), None);
    }

    #[test]
    fn requests() {
        let reference: Reference = "hello-world".parse().unwrap();
        let request = manifest(reference.repository(), Method::Head, "latest", &Accept::Indexes).unwrap();
        let url = "https://registry-1.docker.io/v2/library/hello-world/manifests/latest";
        assert_eq!((request.method, request.url.as_str()), (Method::Head, url));
        assert_eq!(request.headers.len(), 1);
        assert_eq!(
            manifest_target(&request.url),
            Some(Target { repository: "library/hello-world", reference: "latest" })
        );

        let local: Reference = "127.0.0.1:5000/a/manifests/b".parse().unwrap();
        let digest = Digest::sha256(b"");
        let request = blob(local.repository(), &digest, 0).unwrap();
        assert_eq!(request.url.as_str(), format!("http://127.0.0.1:5000/v2/a/manifests/b/blobs/{digest}"));
        assert!(request.headers.is_empty());
        let request = manifest(local.repository(), Method::Get, "1", &Accept::All).unwrap();
        assert_eq!(
            manifest_target(&request.url),
            Some(Target { repository: "a/manifests/b", reference: "1" })
        );
    }

    #[test]
    fn how_long_to_wait() {
        let now = Some(1_445_412_470_000.0);
        for (value, expected) in [
            ("120", Some(120.0)),
            (" 0 ", Some(0.0)),
            ("Wed, 21 Oct 2015 07:28:00 GMT", Some(10.0)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(0.0)),
            ("-1", None),
            ("soon", None),
        ] {
            let headers = Headers::new(vec![("Retry-After".into(), value.into())], Visibility::CorsFiltered);
            let head = ResponseHead { status: Some(429), headers, followed_to: None };
            assert_eq!(retry_after(&head, now), expected, "{value}");
        }
    }

    #[test]
    fn heads() {
        let url: Url = "https://h/v2/a/blobs/x".parse().unwrap();
        let moved = |to: &str| Answer::Moved(to.parse().unwrap());
        for (status, header, expected) in [
            (Some(200), ("x", ""), Answer::Found),
            (None, ("x", ""), Answer::Found),
            (
                Some(200),
                ("content-type", "application/vnd.docker.distribution.manifest.v1+prettyjws"),
                Answer::Converted,
            ),
            (Some(307), ("location", "https://cdn/x"), moved("https://cdn/x")),
            (Some(302), ("location", "/y"), moved("https://h/y")),
            (
                Some(307),
                ("location", "ftp://h"),
                Answer::MovedNowhere(UrlError::UnsupportedScheme("ftp".into())),
            ),
            (Some(307), ("x", ""), Answer::Refused(307)),
            (Some(404), ("x", ""), Answer::NotFound),
            (Some(405), ("x", ""), Answer::MethodRefused),
            (Some(401), ("x", ""), Answer::Refused(401)),
            (Some(500), ("x", ""), Answer::Refused(500)),
        ] {
            let list = vec![(header.0.to_owned(), header.1.to_owned())];
            let headers = Headers::new(list, Visibility::Complete);
            let head = ResponseHead { status, headers, followed_to: None };
            assert_eq!(read_head(&head, &url), expected, "{status:?} {header:?}");
        }
    }
}
