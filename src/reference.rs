//! Image references: what a user types to name an image, and the repository that it means.
//!
//! ```text
//! reference  = name [ ":" tag ] [ "@" digest ]
//! name       = [ registry "/" ] path
//! registry   = host [ ":" digits ]                 host: dotted name in any case, or "[" IPv6 "]"
//! path       = component { "/" component }         at most 255 characters
//! component  = alnum { separator alnum }           alnum: lower-case letters and digits
//! separator  = "." | "_" | "__" | "-" { "-" }
//! tag        = word { word | "." | "-" }           word: letters, digits, "_"; at most 128 characters
//! digest     = ( "sha256" | "sha384" | "sha512" ) ":" lower-case hexadecimal of the algorithm's length
//! ```
//!
//! What is accepted, and how it is normalised, is what `ParseNormalizedNamed` of the Go module
//! `github.com/distribution/reference` does, as of v0.6.0, with the three algorithms above registered.
//! Versions before 0.6.0 counted the registry in the 255 characters as well.
//!
//! Not done: references by image ID (64 hexadecimal digits), which mean nothing to a registry.

mod error;
mod grammar;
mod repository;

use std::fmt;
use std::str::FromStr;

pub use self::error::ReferenceError;
use self::repository::{DOCKER_HUB, DOCKER_HUB_API};
pub use self::repository::{Repository, Scheme, is_loopback};
use crate::digest::Digest;

const DOCKER_HUB_INDEX: &str = "index.docker.io";

/// A repository, with the tag, the digest, both or neither, as far as they were stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    repository: Repository,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Reference {
    /// Parses what a user types: as [`FromStr`], but trims surrounding white space, and takes an `http://`
    /// or `https://` prefix in any case. The prefix decides the scheme; it does not make the first component
    /// a registry where that would not be one without it.
    ///
    /// Refuses the names without registry that [`Repository::registry`] speaks of: nothing can be pulled.
    pub fn parse_typed(text: &str) -> Result<Reference, ReferenceError> {
        let text = text.trim();
        grammar::check_characters(text)?;
        let (stated, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Some(Scheme::Http), rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Some(Scheme::Https), rest),
            _ => (None, text),
        };
        let reference = parse(rest, stated)?;
        if reference.repository.registry().is_empty() {
            let first = rest.split('/').next().unwrap_or_default().to_owned();
            return Err(ReferenceError::NoRegistry { first });
        }
        Ok(reference)
    }

    /// The reference that a recording's URLs speak of: the host they went to, the repository in their path,
    /// and what was asked for. The hosts of Docker Hub become `docker.io`; the path stays as it was requested,
    /// with no `library/` put before it.
    pub fn from_parts(
        origin_scheme: Scheme,
        host: &str,
        path: &str,
        tag_or_digest: &str,
    ) -> Result<Reference, ReferenceError> {
        let registry = if matches!(host, DOCKER_HUB_API | DOCKER_HUB_INDEX) { DOCKER_HUB } else { host };
        grammar::check_registry(registry)?;
        grammar::check_path(path)?;
        grammar::check_path_length(path)?;
        let (tag, digest) = if tag_or_digest.contains(':') {
            (None, Some(grammar::parse_digest(tag_or_digest)?))
        } else {
            grammar::check_tag(tag_or_digest)?;
            (Some(tag_or_digest.to_owned()), None)
        };
        Ok(Reference {
            repository: Repository::new(registry, path.to_owned(), Some(origin_scheme)),
            tag,
            digest,
        })
    }

    /// Where the image is.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// The tag, if one is stated.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The tag that is asked for where no digest is stated.
    pub fn tag_or_default(&self) -> &str {
        self.tag().unwrap_or("latest")
    }

    /// The digest, if one is stated.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The reference in full, for example `docker.io/library/hello-world:latest`. `:latest` is added where
    /// neither tag nor digest is stated; where both are, both are kept. The scheme is not part of it.
    pub fn canonical(&self) -> String {
        let name = self.repository.name();
        match (&self.tag, &self.digest) {
            (None, None) => format!("{name}:latest"),
            (Some(tag), None) => format!("{name}:{tag}"),
            (None, Some(digest)) => format!("{name}@{digest}"),
            (Some(tag), Some(digest)) => format!("{name}:{tag}@{digest}"),
        }
    }

    /// The reference in full, as a user has to type it: with the scheme in front where it is not the host's usual one.
    pub fn typed(&self) -> String {
        match self.repository.has_unusual_scheme() {
            true => format!("{}://{}", self.repository.scheme(), self.canonical()),
            false => self.canonical(),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical())
    }
}

/// Strict: nothing is trimmed, and a scheme is refused.
impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Reference, ReferenceError> {
        grammar::check_characters(text)?;
        parse(text, None)
    }
}

fn parse(text: &str, stated: Option<Scheme>) -> Result<Reference, ReferenceError> {
    if text.is_empty() {
        return Err(ReferenceError::Empty);
    }
    grammar::check_no_scheme(text)?;
    if text.len() == 64 && text.bytes().all(grammar::is_lower_hex) {
        return Err(ReferenceError::Identifier);
    }
    // Neither name nor tag can hold an "@", and a path can hold no ":": each first one separates.
    let (named, digest) = cut(text, '@');
    let (registry, rest) = split_registry(named);
    let (path, tag) = cut(rest, ':');

    let (registry, path) = if !grammar::is_registry(registry) && grammar::is_component(registry) {
        grammar::check_path(path)?;
        ("", format!("{registry}/{path}"))
    } else {
        grammar::check_registry(registry)?;
        grammar::check_path(path)?;
        let official = registry == DOCKER_HUB && !path.contains('/');
        (registry, if official { format!("library/{path}") } else { path.to_owned() })
    };
    grammar::check_path_length(&path)?;
    tag.map(grammar::check_tag).transpose()?;
    let digest = digest.map(grammar::parse_digest).transpose()?;
    let repository = Repository::new(registry, path, stated);
    Ok(Reference { repository, tag: tag.map(str::to_owned), digest })
}

/// The registry that a name is in, and the rest of the name: the first component names the registry if it
/// looks like a host, because it holds what no path component on Docker Hub is taken to hold.
fn split_registry(name: &str) -> (&str, &str) {
    match name.split_once('/') {
        Some((DOCKER_HUB_INDEX, rest)) => (DOCKER_HUB, rest),
        Some((first, rest))
            if first == "localhost"
                || first.contains(['.', ':'])
                || first.contains(|c: char| c.is_ascii_uppercase()) =>
        {
            (first, rest)
        }
        _ => (DOCKER_HUB, name),
    }
}

fn cut(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator).map_or((text, None), |(head, tail)| (head, Some(tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Reference {
        text.parse().unwrap()
    }

    #[test]
    fn typed_references_may_state_a_scheme() {
        for (text, origin, canonical, why) in [
            ("https://localhost/a", "https://localhost", "localhost/a:latest", "stated beats loopback"),
            ("http://example.org/a:b", "http://example.org", "example.org/a:b", "stated beats the usual"),
            ("HTTPS://ghcr.io/a", "https://ghcr.io", "ghcr.io/a:latest", "in any case"),
            (" \t[::1]:80/a\n", "http://[::1]", "[::1]:80/a:latest", "pasted with white space"),
            (
                "http://hello-world",
                "http://registry-1.docker.io",
                "docker.io/library/hello-world:latest",
                "the prefix is stripped, and no more",
            ),
        ] {
            let reference = Reference::parse_typed(text).unwrap();
            let again = Reference::parse_typed(&reference.typed()).unwrap();
            assert_eq!(again.repository(), reference.repository(), "{text:?}: typed again");
            let seen = (reference.repository().origin(), reference.canonical());
            assert_eq!(seen, (origin, canonical.into()), "{text:?}: {why}");
        }
        let scheme = |scheme: &str| ReferenceError::Scheme { scheme: scheme.into() };
        for (text, expected, why) in [
            ("   ", ReferenceError::Empty, "white space alone"),
            ("https://", ReferenceError::Empty, "a prefix alone"),
            ("docker://a/b", scheme("docker"), "a scheme that is not for fetching"),
            ("http://https://a/b", scheme("https"), "only one prefix is stripped"),
            ("http:// a", ReferenceError::BadCharacter { character: ' ', position: 8 }, "a space inside"),
            ("a_b.c/d", ReferenceError::NoRegistry { first: "a_b.c".into() }, "nobody to ask"),
        ] {
            assert_eq!(Reference::parse_typed(text), Err(expected), "{text:?}: {why}");
        }
    }

    #[test]
    fn a_stated_scheme_that_is_the_usual_one_changes_nothing() {
        assert_eq!(Reference::parse_typed("https://ghcr.io/a").unwrap(), parsed("ghcr.io/a"));
        assert_ne!(Reference::parse_typed("http://ghcr.io/a").unwrap(), parsed("ghcr.io/a"));
    }

    #[test]
    fn recordings_speak_of_references() {
        let digest = Digest::sha256(b"").to_string();
        for (scheme, host, path, asked, canonical) in [
            (Scheme::Https, "registry-1.docker.io", "library/a", "1", "docker.io/library/a:1"),
            (Scheme::Https, "index.docker.io", "a/b", "1", "docker.io/a/b:1"),
            (Scheme::Https, "registry-1.docker.io", "a", "1", "docker.io/a:1"),
            (Scheme::Http, "registry:5000", "a", "v1.0", "registry:5000/a:v1.0"),
            (Scheme::Https, "localhost", "a", digest.as_str(), &format!("localhost/a@{digest}")),
        ] {
            let reference = Reference::from_parts(scheme, host, path, asked).unwrap();
            assert_eq!((reference.canonical(), reference.repository().scheme()), (canonical.into(), scheme));
        }
        for (host, path, asked, expected) in [
            ("", "a", "1", ReferenceError::BadRegistry { registry: String::new() }),
            ("h", "", "1", ReferenceError::NoRepository),
            ("h", "A", "1", ReferenceError::UpperCase { path: "A".into() }),
            ("h", &"a".repeat(256), "1", ReferenceError::PathTooLong { actual: 256 }),
            ("h", "a", "", ReferenceError::EmptyTag),
            ("h", "a", "é", ReferenceError::BadTag { tag: "é".into() }),
            ("h", "a", "md5:00", ReferenceError::UnsupportedAlgorithm { algorithm: "md5".into() }),
        ] {
            assert_eq!(Reference::from_parts(Scheme::Https, host, path, asked), Err(expected));
        }
    }
}
