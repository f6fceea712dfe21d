//! Signing in to a registry: what it asks for, how a token is had, and who may be shown a password.
//!
//! Distribution specification, "Authentication"; RFC 9110, section 11; the token flow as CNCF distribution documents it
//! ("Token Authentication Specification").

mod challenge;
mod credentials;
mod pass;
mod token;
mod wallet;

use crate::http::Url;

pub use challenge::{Challenge, MalformedChallenge};
pub use credentials::{Credentials, Refusal, Secret, is_private};
pub use pass::{Pass, Recipients, take_out};
pub use token::{Demand, Token, TokenError};
pub use wallet::{Door, Grant, Held, Wallet};

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
