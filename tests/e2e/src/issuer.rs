//! A token server with a key of its own, as the registry's token authentication wants it; and certificates that no browser
//! knows.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{CertificateParams, KeyPair, SigningKey as _};
use serde_json::json;
use xtask::http::{Answer, Asked, Method};
use xtask::scratch::Scratch;

use crate::Server;

/// Who may pull: `Basic` of `ada:lovelace`.
const ADA: &str = "Basic YWRhOmxvdmVsYWNl";

/// The name of the registry to the token server.
const SERVICE: &str = "registry.test";

/// A certificate for 127.0.0.1 that nobody has signed, and its key, as files in a directory: `cert.pem`, `key.pem`.
pub fn certificate() -> Result<Scratch> {
    let scratch = Scratch::new("certificate")?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["127.0.0.1".to_owned()])?.self_signed(&key)?;
    std::fs::write(scratch.path().join("cert.pem"), certificate.pem())?;
    std::fs::write(scratch.path().join("key.pem"), key.serialize_pem())?;
    Ok(scratch)
}

/// A running token server: anybody gets a token for nothing, ada one for what she asks for.
pub struct Issuer {
    server: Server,
    files: Scratch,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    /// Starts one.
    pub fn start() -> Result<Issuer> {
        let files = Scratch::new("issuer")?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(Vec::new())?.self_signed(&key)?;
        std::fs::write(files.path().join("cert.pem"), certificate.pem())?;
        let chain = STANDARD.encode(certificate.der());
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let server = Server::start(move |request| {
            count.fetch_add(1, Ordering::Relaxed);
            Some(answer(&request, &key, &chain).unwrap_or_else(|error| Answer::new(500, error.to_string())))
        })?;
        Ok(Issuer { server, files, asked })
    }

    /// Where it is asked for tokens.
    pub fn realm(&self) -> String {
        format!("http://{}/token", self.server.host())
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// The section of a registry's configuration that trusts it.
    pub fn section(&self) -> String {
        let (realm, certificate) = (self.realm(), self.files.path().join("cert.pem"));
        let certificate = certificate.display();
        format!(
            "auth:\n  token:\n    realm: {realm}\n    service: {SERVICE}\n    issuer: test\n    \
             rootcertbundle: {certificate}\n"
        )
    }
}

fn answer(asked: &Asked, key: &KeyPair, chain: &str) -> Result<Answer> {
    let cors = [
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Headers", "Authorization"),
        ("Content-Type", "application/json"),
    ];
    let shown = asked.headers().get("Authorization").map(|value| value.to_str()).transpose()?;
    let (status, text) = match (asked.method(), shown) {
        (&Method::OPTIONS, _) => (204, String::new()),
        (_, Some(other)) if other != ADA => {
            (401, json!({ "errors": [{ "code": "UNAUTHORIZED", "message": "wrong" }] }).to_string())
        }
        (_, shown) => {
            // skopeo writes what separates the parts of a scope in percent-encoding.
            let url = asked.uri().to_string().replace("%3A", ":").replace("%2C", ",").replace("%2F", "/");
            let query = url.split_once('?').map_or("", |(_, query)| query);
            let scopes = query.split('&').filter_map(|pair| pair.strip_prefix("scope="));
            let scopes: Vec<&str> = scopes.filter(|_| shown.is_some()).collect();
            (200, json!({ "token": token(key, chain, &scopes)?, "expires_in": 300 }).to_string())
        }
    };
    Ok(cors.iter().fold(Answer::new(status, text), |answer, (name, value)| answer.with(name, value)))
}

/// A JSON Web Token that allows these scopes, signed by ES256 (RFC 7518, section 3.4).
fn token(key: &KeyPair, chain: &str, scopes: &[&str]) -> Result<String> {
    #[allow(clippy::disallowed_methods, reason = "a test's server runs on the host")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let access = |scope: &&str| {
        let mut parts = scope.splitn(2, ':');
        let (kind, rest) = (parts.next()?, parts.next()?);
        let (name, actions) = rest.rsplit_once(':')?;
        Some(json!({ "type": kind, "name": name, "actions": actions.split(',').collect::<Vec<_>>() }))
    };
    let access: Vec<_> = scopes.iter().filter_map(access).collect();
    let head = json!({ "typ": "JWT", "alg": "ES256", "x5c": [chain] });
    let claims = json!({
        "iss": "test", "sub": "", "aud": SERVICE, "exp": now + 300, "nbf": now - 10, "iat": now,
        "jti": now.to_string(), "access": access,
    });
    let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(head), part(claims));
    let signature = fixed(&key.sign(signed.as_bytes())?).context("a signature has two numbers")?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The two numbers of an ECDSA signature, from DER to 32 bytes each.
fn fixed(der: &[u8]) -> Option<Vec<u8>> {
    let mut rest = der.get(2..)?;
    let mut fixed = Vec::new();
    for _ in 0..2 {
        let length = usize::from(*rest.get(1)?);
        let number = rest.get(2..2 + length)?;
        let number = number.get(length.saturating_sub(32)..)?;
        fixed.extend(std::iter::repeat_n(0, 32 - number.len()));
        fixed.extend(number);
        rest = rest.get(2 + length..)?;
    }
    Some(fixed)
}
