//! Signing in to a registry: what it asks for, how a token is had, and who may be shown a password.
//!
//! Distribution specification, "Authentication"; RFC 9110, section 11; the token flow as CNCF distribution documents it
//! ("Token Authentication Specification").

mod challenge;
mod token;
mod wallet;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::Url;
use crate::reference::is_loopback;

pub use challenge::{Challenge, MalformedChallenge};
pub use token::{Demand, Token, TokenError};
pub use wallet::{Grant, Held, Wallet};

/// A text that is never shown: neither by `Debug` nor anywhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text to itself.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text, to be put into a request.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Who the user is to one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The name of the account.
    pub user: String,
    /// The password, or an access token in its place.
    pub password: Secret,
    /// The token server that the user has agreed to, or named where the registry's word on it is hidden. Beside the
    /// registry itself, credentials go to no other origin.
    pub realm: Option<Url>,
}

impl Credentials {
    /// The value of `Authorization` that shows them. RFC 7617.
    pub fn basic(&self) -> Secret {
        let pair = format!("{}:{}", self.user, self.password.reveal());
        Secret(format!("Basic {}", STANDARD.encode(pair)))
    }

    /// Whether they may be shown to the token server at `realm`, which the registry at `registry` (an origin) has named.
    pub fn may_go_to(&self, realm: &Url, registry: &str) -> Result<(), Refusal> {
        if realm.scheme() != "https" && !is_loopback(realm.host()) {
            return Err(Refusal::Insecure);
        }
        let agreed = self.realm.as_ref().is_some_and(|agreed| agreed.origin() == realm.origin());
        if realm.origin() == registry || agreed { Ok(()) } else { Err(Refusal::NotAgreed) }
    }
}

/// Why credentials do not go to a token server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is asked without TLS, and is not this machine.
    Insecure,
    /// It is another origin than the registry's, and the user has not agreed to it.
    NotAgreed,
}

/// The token server of a registry that is known by its host, and the registry's name there: what can be tried where
/// the registry's own word is hidden from pages.
pub fn known_realm(host: &str) -> Option<(Url, &'static str)> {
    let (realm, service) = match host {
        "registry-1.docker.io" => ("https://auth.docker.io/token", "registry.docker.io"),
        "ghcr.io" => ("https://ghcr.io/token", "ghcr.io"),
        "quay.io" => ("https://quay.io/v2/auth", "quay.io"),
        "registry.gitlab.com" => ("https://gitlab.com/jwt/auth", "container_registry"),
        _ => return None,
    };
    Some((realm.parse().ok()?, service))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_only_where_they_may() {
        let registry = "https://r.example";
        let agreed = Some("https://auth.example/token".parse().unwrap());
        for (realm, consent, expected) in [
            ("https://r.example/token", None, Ok(())),
            ("https://auth.example/token", None, Err(Refusal::NotAgreed)),
            ("https://auth.example/other", agreed.clone(), Ok(())),
            ("https://evil.example/token", agreed.clone(), Err(Refusal::NotAgreed)),
            ("https://r.example:444/token", None, Err(Refusal::NotAgreed)),
            ("http://r.example/token", agreed.clone(), Err(Refusal::Insecure)),
            ("http://auth.example/token", agreed, Err(Refusal::Insecure)),
            ("http://127.0.0.1:5001/token", None, Err(Refusal::NotAgreed)),
            ("http://127.0.0.1:5001/token", Some("http://127.0.0.1:5001/".parse().unwrap()), Ok(())),
            ("http://127.0.0.1.evil.example/token", None, Err(Refusal::Insecure)),
        ] {
            let credentials =
                Credentials { user: "ada".into(), password: Secret::new("x"), realm: consent.clone() };
            let judged = credentials.may_go_to(&realm.parse().unwrap(), registry);
            assert_eq!(judged, expected, "{realm} with consent to {consent:?}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let credentials =
            Credentials { user: "Aladdin".into(), password: Secret::new("open sesame"), realm: None };
        // RFC 7617, section 2.
        assert_eq!(credentials.basic().reveal(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        let shown = format!("{credentials:?} {:?}", credentials.basic());
        assert!(!shown.contains("sesame") && !shown.contains("QWxh"), "{shown}");
    }
}
