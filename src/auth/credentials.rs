//! Who the user is to one registry, and who may be told.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Pass, Recipients};
use crate::http::Url;
use crate::reference::is_loopback;

/// A text that is never shown: neither by `Debug` nor anywhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text to itself.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text, to be put into a header.
    pub(super) fn reveal(&self) -> &str {
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
    /// The token server that the user was shown or named: the one to ask where the registry's word on it is hidden.
    pub realm: Option<Url>,
    password: Secret,
    agreed: Recipients,
}

impl Credentials {
    /// A user name, and a password or an access token in its place. `agreed` are the origins that the user was shown as
    /// those that they go to: they go to no other.
    pub fn new(user: impl Into<String>, password: Secret, agreed: Recipients) -> Credentials {
        Credentials { user: user.into(), realm: None, password, agreed }
    }

    /// The same once the user has agreed to another recipient.
    pub fn agreed_to(self, recipient: &Url) -> Credentials {
        Credentials { agreed: self.agreed.and(recipient), ..self }
    }

    /// What shows them to a token server: under TLS, or to this machine.
    pub fn pass_to_realm(&self, realm: &Url) -> Result<Pass, Refusal> {
        if !is_private(realm) {
            return Err(Refusal::Insecure);
        }
        self.pass(realm)
    }

    /// What shows them to the registry at an origin, asked at `front`: its own origin, or a relay's. A registry without
    /// TLS is one that the user named so, and was warned of; a relay needs TLS, or to be this machine.
    pub fn pass_to_registry(&self, front: &Url, registry: &str) -> Result<Pass, Refusal> {
        if !is_private(front) && front.origin() != registry {
            return Err(Refusal::Insecure);
        }
        self.pass(front)
    }

    /// RFC 7617.
    fn pass(&self, recipient: &Url) -> Result<Pass, Refusal> {
        if !self.agreed.include(recipient) {
            return Err(Refusal::NotAgreed);
        }
        let pair = format!("{}:{}", self.user, self.password.reveal());
        Ok(Pass::new(Secret(format!("Basic {}", STANDARD.encode(pair))), Recipients::of(recipient)))
    }
}

/// Whether what is sent there cannot be read on the way: it has TLS, or is this machine.
pub fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url.host())
}

/// Why something secret does not go somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is asked without TLS, and is not this machine.
    Insecure,
    /// The user has not agreed to this recipient.
    NotAgreed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Method, Request};

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn ada(agreed: &[&str]) -> Credentials {
        let agreed = agreed.iter().fold(Recipients::default(), |agreed, origin| agreed.and(&url(origin)));
        Credentials::new("ada", Secret::new("x"), agreed)
    }

    #[test]
    fn credentials_go_only_where_they_may() {
        use Refusal::{Insecure, NotAgreed};
        let auth = ["https://auth.example/"];
        for (realm, agreed, expected) in [
            ("https://auth.example/token", &auth[..], None),
            ("https://auth.example/other", &auth, None),
            ("https://AUTH.example:443/other", &auth, None),
            ("https://auth.example/token", &[], Some(NotAgreed)),
            ("https://r.example/token", &auth, Some(NotAgreed)),
            ("https://evil.example/token", &auth, Some(NotAgreed)),
            ("https://auth.example:444/token", &auth, Some(NotAgreed)),
            ("http://auth.example/token", &["http://auth.example/"], Some(Insecure)),
            ("http://127.0.0.1:5001/token", &[], Some(NotAgreed)),
            ("http://127.0.0.1:5001/token", &["http://127.0.0.1:5001/"], None),
            ("http://localhost.:5001/token", &["http://localhost:5001/"], None),
            ("http://127.0.0.1.evil.example/token", &[], Some(Insecure)),
        ] {
            let judged = ada(agreed).pass_to_realm(&url(realm)).err();
            assert_eq!(judged, expected, "{realm} with consent to {agreed:?}");
        }
    }

    #[test]
    fn consent_to_a_token_server_is_none_to_the_registry() {
        use Refusal::{Insecure, NotAgreed};
        let registry = "https://r.example";
        for (front, agreed, expected) in [
            ("https://r.example/", "https://r.example/", None),
            ("https://r.example/", "https://auth.example/", Some(NotAgreed)),
            ("https://relay.example/", "https://r.example/", Some(NotAgreed)),
            ("https://relay.example/", "https://relay.example/", None),
            ("http://127.0.0.1:5080/", "http://127.0.0.1:5080/", None),
            ("http://relay.example/", "http://relay.example/", Some(Insecure)),
        ] {
            let judged = ada(&[agreed]).pass_to_registry(&url(front), registry).err();
            assert_eq!(judged, expected, "{front} with consent to {agreed}");
        }
        let plain = url("http://nas.example:5000/");
        let judged = ada(&["http://nas.example:5000/"]).pass_to_registry(&plain, plain.origin());
        assert!(judged.is_ok(), "without TLS, to the registry that was named so");
    }

    #[test]
    fn secrets_are_not_shown() {
        let front = url("https://r.example/");
        let credentials = Credentials::new("Aladdin", Secret::new("open sesame"), Recipients::of(&front));
        let pass = credentials.pass_to_registry(&front, front.origin()).unwrap();
        let shown = format!("{credentials:?} {pass:?}");
        assert!(!shown.contains("sesame") && !shown.contains("QWxh"), "{shown}");
        let mut request = Request { method: Method::Get, url: front, headers: Vec::new() };
        pass.show(&mut request).unwrap();
        // RFC 7617, section 2.
        assert_eq!(request.headers[0].1, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    }
}
