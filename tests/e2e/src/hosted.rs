//! The built site as hosts serve it: with headers of theirs, and under TLS.

use anyhow::Result;
use xtask::scratch::Scratch;

use crate::issuer::certificate;
use crate::nginx::Nginx;
use crate::stage::dist;

/// What a file is, by how its name ends.
const TYPES: &str = "types { text/html html; text/css css; text/javascript js; application/wasm wasm; \
                     image/svg+xml svg; application/json json har; }";

/// The site behind nginx, until it is dropped.
pub struct Hosted {
    nginx: Nginx,
    scheme: &'static str,
    _certificate: Option<Scratch>,
}

impl Hosted {
    /// Serves the site, with more in nginx's `server` section.
    pub fn start(more: &str) -> Result<Hosted> {
        let nginx = Nginx::start(&server("", more)?)?;
        Ok(Hosted { nginx, scheme: "http", _certificate: None })
    }

    /// The same under TLS, by a certificate that no browser knows.
    pub fn secured(more: &str) -> Result<Hosted> {
        let files = certificate()?;
        let dir = files.path().display();
        let tls = format!("ssl_certificate {dir}/cert.pem; ssl_certificate_key {dir}/key.pem;");
        let nginx = Nginx::start(&server(" ssl", &format!("{tls}\n{more}"))?)?;
        Ok(Hosted { nginx, scheme: "https", _certificate: Some(files) })
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.nginx.host()
    }

    /// The origin of its pages.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.host())
    }

    /// The same under another name, which the browser has to be told of.
    pub fn origin_as(&self, name: &str) -> String {
        self.origin().replace("127.0.0.1", name)
    }
}

fn server(tls: &str, more: &str) -> Result<String> {
    let root = dist()?;
    Ok(format!("{TYPES}\nserver {{\nlisten LISTEN{tls};\nroot {};\n{more}\n}}", root.display()))
}
