//! Tokens: asked of the realm that a challenge names, for what the user asked for.

use std::fmt;

use super::{Challenge, Credentials, Pass, Recipients, Refusal, Secret};
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
    /// What the token is to allow: `repository:NAME:pull`. It follows from what the user asked for, never from a challenge.
    pub scope: String,
    /// What the challenge wants beyond that, and what is not asked for.
    pub beyond: Option<String>,
}

impl Demand {
    /// Reads a `Bearer` challenge of the server at `registry`. `scope` is all that a token is asked for, whatever the
    /// challenge wants: else the registry could have one made that lets it do more, or lets it in elsewhere.
    pub fn of(challenge: &Challenge, registry: &Url, scope: &str) -> Result<Demand, TokenError> {
        let realm = challenge.param("realm").ok_or(TokenError::NoRealm)?;
        let realm = registry.join(realm).map_err(TokenError::BadRealm)?;
        let wanted = challenge.param("scope").unwrap_or_default();
        // The address itself may hold a scope as well.
        let hidden = pairs(&realm).filter(|pair| names_scope(pair));
        let beyond: Vec<&str> =
            wanted.split_whitespace().filter(|wanted| *wanted != scope).chain(hidden).collect();
        let beyond = Some(beyond.join(" ")).filter(|beyond| !beyond.is_empty());
        let service = challenge.param("service").filter(|service| !service.is_empty()).map(str::to_owned);
        Ok(Demand { realm, service, scope: scope.to_owned(), beyond })
    }

    /// Asks for the token, with credentials or as nobody in particular.
    pub fn request(&self, credentials: Option<&Credentials>) -> Result<Request, Refusal> {
        let service = self.service.iter().map(|service| ("service", service.as_str()));
        let asked = service.chain([("scope", self.scope.as_str())]);
        let asked = asked.map(|(name, value)| format!("{name}={}", encoded(value)));
        let own = pairs(&self.realm).filter(|pair| !names_scope(pair)).map(str::to_owned);
        let query = own.chain(asked).collect::<Vec<_>>().join("&");
        let url = self.realm.with_query(Some(&query));
        let mut request = Request { method: Method::Get, url, headers: Vec::new() };
        if let Some(credentials) = credentials {
            credentials.pass_to_realm(&self.realm)?.show(&mut request)?;
        }
        Ok(request)
    }
}

/// The pairs of an address's query. Some servers take a semicolon to separate them as well.
fn pairs(url: &Url) -> impl Iterator<Item = &str> {
    url.query().unwrap_or_default().split(['&', ';']).filter(|pair| !pair.is_empty())
}

/// Whether a pair may be a scope to the server that reads it: in any case, as one of a list, or in percent-encoding, which
/// no other name needs.
fn names_scope(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    name.starts_with("scope") || name.contains(['%', '+'])
}

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What shows it.
    pub pass: Pass,
    /// How long it holds from when it was asked for, in seconds.
    pub life: f64,
}

impl Token {
    /// Reads the answer of a token server to a demand of the server at `registry`, which alone is shown the token. `token`
    /// and `access_token` are the same; the first is taken.
    pub fn parse(body: &[u8], registry: &Url) -> Result<Token, TokenError> {
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
        let pass = Pass::new(Secret::new(format!("Bearer {token}")), Recipients::of(registry));
        Ok(Token { pass, life })
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
            TokenError::Malformed(how) => write!(f, "the answer does not parse: {how}"),
            TokenError::NoToken => f.write_str("there is no token in the answer"),
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
    fn a_token_is_asked_for_what_the_user_asked_for_and_nothing_else() {
        let own = "repository:a:pull";
        for (challenge, expected, beyond) in [
            (
                "Bearer realm=\"https://auth.example/token\",service=\"r.example\",scope=\"repository:a:pull\"",
                "https://auth.example/token?service=r.example&scope=repository:a:pull",
                None,
            ),
            ("Bearer realm=\"/token\"", "https://r.example/token?scope=repository:a:pull", None),
            ("Bearer realm=\"/token\",scope=\"\"", "https://r.example/token?scope=repository:a:pull", None),
            (
                "Bearer realm=\"https://a/t\",scope=\"repository:b/c:pull\"",
                "https://a/t?scope=repository:a:pull",
                Some("repository:b/c:pull"),
            ),
            (
                "Bearer realm=\"https://a/t\",scope=\"repository:a:pull,push\"",
                "https://a/t?scope=repository:a:pull",
                Some("repository:a:pull,push"),
            ),
            (
                "Bearer realm=\"https://a/t\",scope=\"repository:a:pull  repository:*:* registry:catalog:*\"",
                "https://a/t?scope=repository:a:pull",
                Some("repository:*:* registry:catalog:*"),
            ),
            (
                "Bearer realm=\"https://a/t?x=1\",service=\"a b&scope=c\",scope=\"aws\"",
                "https://a/t?x=1&service=a%20b%26scope%3Dc&scope=repository:a:pull",
                Some("aws"),
            ),
            (
                "Bearer realm=\"https://a/t?scope=repository:b:push&x=1\"",
                "https://a/t?x=1&scope=repository:a:pull",
                Some("scope=repository:b:push"),
            ),
            (
                "Bearer realm=\"https://a/t?x=1;Scope[]=b&%73cope=c\"",
                "https://a/t?x=1&scope=repository:a:pull",
                Some("Scope[]=b %73cope=c"),
            ),
        ] {
            let demand = demand(challenge).unwrap();
            let request = demand.request(None).unwrap();
            assert_eq!((request.url.as_str(), request.headers.len()), (expected, 0), "{challenge}");
            assert_eq!((demand.scope.as_str(), demand.beyond.as_deref()), (own, beyond), "{challenge}");
        }
        assert_eq!(demand("Bearer service=x"), Err(TokenError::NoRealm));
        assert!(matches!(demand("Bearer realm=\"ftp://h/\""), Err(TokenError::BadRealm(_))));
        assert!(matches!(demand("Bearer realm=\"https://a@b/\""), Err(TokenError::BadRealm(_))));
    }

    #[test]
    fn credentials_are_shown_with_consent_alone() {
        let agreed = Recipients::of(&"https://r.example/".parse().unwrap());
        let credentials = Credentials::new("a", Secret::new("b"), agreed);
        let request = demand("Bearer realm=\"/t\"").unwrap().request(Some(&credentials)).unwrap();
        assert_eq!(request.headers, [("Authorization".to_owned(), "Basic YTpi".to_owned())]);
        for (realm, refusal) in
            [("https://evil/t", Refusal::NotAgreed), ("http://r.example/t", Refusal::Insecure)]
        {
            let demand = demand(&format!("Bearer realm=\"{realm}\"")).unwrap();
            assert_eq!(demand.request(Some(&credentials)), Err(refusal), "{realm}");
        }
    }

    #[test]
    fn what_is_answered() {
        let registry: Url = "https://r.example/".parse().unwrap();
        for (body, expected) in [
            (r#"{"token":"abc","expires_in":300}"#, Ok(("Bearer abc", 300.0))),
            (r#"{"access_token":"abc"}"#, Ok(("Bearer abc", 60.0))),
            (r#"{"token":"abc","access_token":"def","expires_in":1}"#, Ok(("Bearer abc", 60.0))),
            (r#"{"token":"","access_token":"def"}"#, Ok(("Bearer def", 60.0))),
            (r#"{"expires_in":300}"#, Err(TokenError::NoToken)),
            (r#"{"token":null}"#, Err(TokenError::NoToken)),
            (r#"{"token":7}"#, Err(TokenError::NoToken)),
        ] {
            let mut request = Request { method: Method::Get, url: registry.clone(), headers: Vec::new() };
            let parsed = Token::parse(body.as_bytes(), &registry).map(|token| {
                token.pass.show(&mut request).unwrap();
                (request.headers[0].1.as_str(), token.life)
            });
            assert_eq!(parsed, expected, "{body}");
        }
        for body in [
            "<html>",
            r#"{"token":"a\r\nb"}"#,
            r#"{"token":"a b"}"#,
            r#"{"token":"a","Token":"b"}"#,
            r#"{"access_token":"a","access_toKen":"b"}"#,
            r#"{"Token":"a"}"#,
        ] {
            let parsed = Token::parse(body.as_bytes(), &registry);
            assert!(matches!(parsed, Err(TokenError::Malformed(_))), "{body}");
        }
    }
}
