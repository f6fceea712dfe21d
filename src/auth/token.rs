//! Tokens: asked of the realm that a challenge names, for the scope that it names.

use std::fmt;

use super::{Challenge, Credentials, Secret};
use crate::http::{Method, Request, Url, UrlError};
use crate::json::{self, Part, Shape};

/// How long a token holds that does not say it, in seconds; and the least that one does.
const USUAL_LIFE: f64 = 60.0;

/// What is read of an answer. Distribution, "Token Authentication Specification", "Token Response Fields".
const SHAPE: Shape =
    Shape::Object(&[("token", Shape::Text), ("access_token", Shape::Text), ("expires_in", Shape::Integer)]);

/// What a token is asked for with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The address of the token server.
    pub realm: Url,
    /// The name of the registry with it.
    pub service: Option<String>,
    /// What the token is to allow: `repository:NAME:pull`.
    pub scope: String,
}

impl Demand {
    /// Reads a `Bearer` challenge of the server at `registry`. `usual` is the scope where it states none, as Gitea does.
    pub fn of(challenge: &Challenge, registry: &Url, usual: &str) -> Result<Demand, TokenError> {
        let realm = challenge.param("realm").ok_or(TokenError::NoRealm)?;
        let stated = |name| challenge.param(name).filter(|value: &&str| !value.is_empty());
        Ok(Demand {
            realm: registry.join(realm).map_err(TokenError::BadRealm)?,
            service: stated("service").map(str::to_owned),
            scope: stated("scope").unwrap_or(usual).to_owned(),
        })
    }

    /// Asks for the token, with credentials or as nobody in particular.
    pub fn request(&self, credentials: Option<&Credentials>) -> Request {
        let service = self.service.iter().map(|service| ("service", service.as_str()));
        // Several scopes are written with blanks between them, and asked for one by one.
        let scopes = self.scope.split(' ').filter(|scope| !scope.is_empty()).map(|scope| ("scope", scope));
        let pairs = service.chain(scopes).map(|(name, value)| format!("{name}={}", encoded(value)));
        let own = self.realm.query().filter(|query| !query.is_empty()).map(str::to_owned);
        let query = own.into_iter().chain(pairs).collect::<Vec<_>>().join("&");
        let shown =
            |credentials: &Credentials| ("Authorization".to_owned(), credentials.basic().reveal().to_owned());
        Request {
            method: Method::Get,
            url: self.realm.with_query(Some(&query).filter(|query| !query.is_empty()).map(String::as_str)),
            headers: credentials.map(shown).into_iter().collect(),
        }
    }
}

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The value of `Authorization` that shows it.
    pub header: Secret,
    /// How long it holds from when it was asked for, in seconds.
    pub life: f64,
}

impl Token {
    /// Reads the answer of a token server. `token` and `access_token` are the same; the first is taken.
    pub fn parse(body: &[u8]) -> Result<Token, TokenError> {
        let value = json::parse(body).map_err(|error| TokenError::Malformed(error.to_string()))?;
        let part = Part::whole(&value);
        SHAPE.check_names(&part).map_err(|unfit| TokenError::Malformed(unfit.to_string()))?;
        let text = |name| part.get_text(name).filter(|text: &String| !text.is_empty());
        let token = text("token").or_else(|| text("access_token")).ok_or(TokenError::NoToken)?;
        if !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(TokenError::Malformed("a token that cannot stand in a header".to_owned()));
        }
        let stated = part.get("expires_in").and_then(|part| part.value().as_f64()).unwrap_or(USUAL_LIFE);
        let life = if stated > USUAL_LIFE { stated } else { USUAL_LIFE };
        Ok(Token { header: Secret::new(format!("Bearer {token}")), life })
    }
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenError {
    /// The challenge names no token server.
    NoRealm,
    /// The challenge names one that cannot be asked.
    BadRealm(UrlError),
    /// The answer is not what the flow demands; with how.
    Malformed(String),
    /// The answer holds no token.
    NoToken,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenError::NoRealm => f.write_str("the registry's challenge names no token server"),
            TokenError::BadRealm(error) => {
                write!(f, "the registry's challenge names a token server that cannot be asked: {error}")
            }
            TokenError::Malformed(how) => write!(f, "the token server's answer does not parse: {how}"),
            TokenError::NoToken => f.write_str("the token server's answer holds no token"),
        }
    }
}

impl std::error::Error for TokenError {}

/// Percent-encodes a query's value. What the flow's values have, slashes and colons, may stand.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:,*".contains(&byte) {
            encoded.push(byte as char);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(value: &str) -> Result<Demand, TokenError> {
        let all = Challenge::parse_all(value).unwrap();
        Demand::of(&all[0], &"https://r.example/v2/a/manifests/1".parse().unwrap(), "repository:a:pull")
    }

    #[test]
    fn what_is_asked_for() {
        for (challenge, expected) in [
            (
                "Bearer realm=\"https://auth.example/token\",service=\"r.example\",scope=\"repository:b/c:pull\"",
                "https://auth.example/token?service=r.example&scope=repository:b/c:pull",
            ),
            ("Bearer realm=\"/token\"", "https://r.example/token?scope=repository:a:pull"),
            (
                "Bearer realm=\"https://a/t?x=1\",service=\"a b&c\",scope=\"registry:catalog:*\"",
                "https://a/t?x=1&service=a%20b%26c&scope=registry:catalog:*",
            ),
            (
                "Bearer realm=\"https://a/t\",scope=\"repository:a:pull repository:b:pull,push\"",
                "https://a/t?scope=repository:a:pull&scope=repository:b:pull,push",
            ),
        ] {
            let request = demand(challenge).unwrap().request(None);
            assert_eq!((request.url.as_str(), request.headers.len()), (expected, 0), "{challenge}");
        }
        let credentials = Credentials { user: "a".into(), password: Secret::new("b"), realm: None };
        let request = demand("Bearer realm=\"/t\"").unwrap().request(Some(&credentials));
        assert_eq!(request.headers, [("Authorization".to_owned(), "Basic YTpi".to_owned())]);
        assert_eq!(demand("Bearer service=x"), Err(TokenError::NoRealm));
        assert!(matches!(demand("Bearer realm=\"ftp://h/\""), Err(TokenError::BadRealm(_))));
    }

    #[test]
    fn what_is_answered() {
        for (body, expected) in [
            (r#"{"token":"abc","expires_in":300}"#, Ok(("Bearer abc", 300.0))),
            (r#"{"access_token":"abc"}"#, Ok(("Bearer abc", 60.0))),
            (r#"{"token":"abc","access_token":"def","expires_in":1}"#, Ok(("Bearer abc", 60.0))),
            (r#"{"token":"","access_token":"def"}"#, Ok(("Bearer def", 60.0))),
            (r#"{"expires_in":300}"#, Err(TokenError::NoToken)),
        ] {
            let parsed = Token::parse(body.as_bytes());
            let parsed = parsed.as_ref().map(|token| (token.header.reveal(), token.life));
            assert_eq!(parsed, expected.as_ref().copied(), "{body}");
        }
        for body in [
            "<html>",
            r#"{"token":"a\r\nb"}"#,
            r#"{"token":"a b"}"#,
            r#"{"token":"a","Token":"b"}"#,
            r#"{"access_token":"a","access_toKen":"b"}"#,
            r#"{"Token":"a"}"#,
        ] {
            assert!(matches!(Token::parse(body.as_bytes()), Err(TokenError::Malformed(_))), "{body}");
        }
    }
}
