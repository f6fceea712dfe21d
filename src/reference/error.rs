//! Why a text is not a reference.

use std::fmt;

use crate::digest::DigestError;

/// Why a text is not a reference: the first part that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReferenceError {
    /// There is no text.
    Empty,
    /// A character that can stand nowhere in a reference: white space, or one outside `[A-Za-z0-9._/:@[\]+-]`.
    BadCharacter {
        /// The character.
        character: char,
        /// Which one it is, counted in characters from 1.
        position: usize,
    },
    /// The text begins with `scheme://`, where none is allowed.
    Scheme {
        /// What stands before `://`.
        scheme: String,
    },
    /// 64 hexadecimal digits: an image ID, or a digest without its algorithm.
    Identifier,
    /// The registry is neither a host name nor an IPv6 address in brackets.
    BadRegistry {
        /// The registry as written, with its port.
        registry: String,
    },
    /// The registry's port is not a number.
    BadPort {
        /// The registry's host.
        host: String,
        /// What stands after its colon.
        port: String,
    },
    /// The name holds no registry that could be asked; only where one is needed.
    NoRegistry {
        /// The first component, which is no host name.
        first: String,
    },
    /// There is nothing where the repository name should be.
    NoRepository,
    /// The repository name has an upper-case letter.
    UpperCase {
        /// The repository name as written, without registry.
        path: String,
    },
    /// The repository name begins or ends with a slash, or has two in a row.
    EmptyComponent {
        /// The repository name as written, without registry.
        path: String,
    },
    /// A part of the repository name is not letters and digits with single separators between them.
    BadComponent {
        /// The part between two slashes.
        component: String,
    },
    /// The repository name has more than 255 characters, `library/` included where it is implied.
    PathTooLong {
        /// How many it has.
        actual: usize,
    },
    /// There is nothing after the tag's colon.
    EmptyTag,
    /// The tag has a character that is not allowed there.
    BadTag {
        /// The tag as written.
        tag: String,
    },
    /// The tag has more than 128 characters.
    TagTooLong {
        /// How many it has.
        actual: usize,
    },
    /// What follows the `@` is not a digest.
    BadDigest {
        /// The digest as written.
        digest: String,
        /// What is wrong with it.
        reason: DigestError,
    },
    /// The digest's algorithm is none that a reference may name.
    UnsupportedAlgorithm {
        /// The algorithm as written.
        algorithm: String,
    },
}

impl ReferenceError {
    /// The code that JavaScript sees; the same for all, because the remedy is: write another reference.
    pub fn code(&self) -> &'static str {
        "invalid-reference"
    }
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReferenceError::Empty => {
                f.write_str("the reference is empty: write one such as hello-world:latest")
            }
            ReferenceError::BadCharacter { character: ' ', position } => {
                write!(f, "character {position} is a space, and a reference has none: remove it")
            }
            ReferenceError::BadCharacter { character, position } => {
                write!(f, "character {position} is {character:?}, which no reference can hold: remove it")
            }
            ReferenceError::Scheme { scheme } => {
                write!(
                    f,
                    "a reference is not a URL and has no scheme: leave out {:?}",
                    format!("{scheme}://")
                )
            }
            ReferenceError::Identifier => f.write_str(
                "64 hexadecimal digits name no repository: write a digest as repository@sha256:digits",
            ),
            ReferenceError::BadRegistry { registry } => write!(
                f,
                "the registry {registry:?} is not a host name: write letters, digits and dashes between dots, \
                 or an IPv6 address in brackets"
            ),
            ReferenceError::BadPort { host, port } => write!(
                f,
                "the registry {host:?} has the port {port:?}, which is not a number; \
                 a tag comes last, after the whole repository name"
            ),
            ReferenceError::NoRegistry { first } => write!(
                f,
                "{first:?} cannot be a registry, because a host name has no underscore: \
                 write the registry's host name before it"
            ),
            ReferenceError::NoRepository => {
                f.write_str("the repository name is missing: write it before the tag or digest")
            }
            ReferenceError::UpperCase { path } => write!(
                f,
                "the repository name {path:?} has upper-case letters, which are not allowed: write {:?}",
                path.to_ascii_lowercase()
            ),
            ReferenceError::EmptyComponent { path } => write!(
                f,
                "the repository name {path:?} has a slash at its start or end, or two in a row: remove it"
            ),
            ReferenceError::BadComponent { component } => write!(
                f,
                "{component:?} cannot be part of a repository name: write lower-case letters and digits, \
                 with one dot, one or two underscores, or dashes between them"
            ),
            ReferenceError::PathTooLong { actual } => {
                write!(f, "the repository name has {actual} characters, and 255 are allowed: shorten it")
            }
            ReferenceError::EmptyTag => {
                f.write_str("the tag is empty: write one after the colon, or leave the colon out")
            }
            ReferenceError::BadTag { tag } => write!(
                f,
                "{tag:?} cannot be a tag: write letters, digits, underscores, dots and dashes, \
                 and no dot or dash first"
            ),
            ReferenceError::TagTooLong { actual } => {
                write!(f, "the tag has {actual} characters, and 128 are allowed: shorten it")
            }
            ReferenceError::BadDigest { digest, reason } => {
                write!(f, "{digest:?} cannot follow the @: {reason}")
            }
            ReferenceError::UnsupportedAlgorithm { algorithm } => write!(
                f,
                "the digest's algorithm {algorithm:?} is not one a reference may name: \
                 use sha256, sha384 or sha512"
            ),
        }
    }
}

impl std::error::Error for ReferenceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReferenceError::BadDigest { reason, .. } => Some(reason),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reference::Reference;

    #[test]
    fn sentences_name_the_part_and_the_remedy() {
        for (text, said) in [
            ("", &["empty", "hello-world:latest"][..]),
            ("hello world", &["character 6", "a space", "remove"]),
            ("héllo", &["character 2", "'é'"]),
            ("hello\n", &["character 6", r"'\n'"]),
            ("https://example.org/a", &["no scheme", r#"leave out "https://""#]),
            (&"a".repeat(64), &["64", "@sha256:"]),
            ("-bad-.org/a", &[r#""-bad-.org""#, "host name"]),
            ("example.org:tag/a", &[r#""example.org""#, r#"port "tag""#, "a tag comes last"]),
            ("example.org/:tag", &["name is missing"]),
            ("example.org/My/App", &[r#""My/App""#, r#"write "my/app""#]),
            ("a//b", &[r#""a//b""#, "slash"]),
            ("a/b..c", &[r#""b..c""#, "one dot"]),
            (&"a".repeat(300), &["308", "255"]),
            ("a:", &["tag is empty"]),
            ("a:-b", &[r#""-b""#, "no dot or dash first"]),
            (&format!("a:{}", "b".repeat(129)), &["129", "128"]),
            ("a@sha256:abc", &[r#""sha256:abc""#, "must have 64 characters and has 3"]),
            ("a@md5:d41d8cd98f00b204e9800998ecf8427e", &[r#""md5""#, "sha256, sha384 or sha512"]),
        ] {
            let error = text.parse::<Reference>().unwrap_err();
            let sentence = error.to_string();
            for part in said {
                assert!(sentence.contains(part), "{text:?}: {sentence:?} does not say {part:?}");
            }
            assert!(!sentence.ends_with('.') && !sentence.contains('\n'), "{sentence:?}");
            assert_eq!(error.code(), "invalid-reference");
        }
        let error = Reference::parse_typed("a_b.c/d").unwrap_err().to_string();
        assert!(error.contains(r#""a_b.c""#) && error.contains("underscore"), "{error:?}");
    }
}
