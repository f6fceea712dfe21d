//! Where an image is: the registry, the path in it, and how to speak to it.

use std::fmt;
use std::net::IpAddr;

use super::grammar;
use crate::http::Url;

pub(super) const DOCKER_HUB: &str = "docker.io";
pub(super) const DOCKER_HUB_API: &str = "registry-1.docker.io";

/// A registry and the path of one repository in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Repository {
    registry: String,
    path: String,
    scheme: Scheme,
    origin: String,
}

impl Repository {
    pub(super) fn new(registry: &str, path: String, stated: Option<Scheme>) -> Repository {
        let scheme = stated.unwrap_or_else(|| usual_scheme(registry));
        // Host names have no case.
        let is_hub = registry.eq_ignore_ascii_case(DOCKER_HUB);
        let written = format!("{scheme}://{}", if is_hub { DOCKER_HUB_API } else { registry });
        // What the grammar of references takes for a host and no address can have is refused where it is asked for.
        let origin = written.parse::<Url>().map_or(written, |url| url.origin().to_owned());
        Repository { registry: registry.to_owned(), path, scheme, origin }
    }

    /// The registry's normalised domain with its port, if one is stated; `docker.io` for Docker Hub.
    ///
    /// Empty in one case, as in distribution: the first component has a dot, and so is not taken for a part
    /// of a repository on Docker Hub, and an underscore, and so is no host name either (`a_b.c/d`). Its path
    /// is then the whole name.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The name within the registry, for example `library/hello-world`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Registry and path: `docker.io/library/hello-world`.
    pub fn name(&self) -> String {
        if self.registry.is_empty() { self.path.clone() } else { format!("{}/{}", self.registry, self.path) }
    }

    /// The host that answers the registry's API, as addresses have it: the registry itself, but for Docker Hub
    /// `registry-1.docker.io`.
    pub fn api_host(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, host)| host)
    }

    /// Whether the scheme was stated against what is usual for the host.
    pub(super) fn has_unusual_scheme(&self) -> bool {
        self.scheme != usual_scheme(&self.registry)
    }

    /// The scheme that was stated; otherwise `http` for a loopback host (`localhost` and the names under it,
    /// 127.0.0.0/8, `[::1]`), and `https` for all others.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Scheme and API host in the one spelling of [`Url::origin`]: `https://registry-1.docker.io`.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// How a registry is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS.
    Https,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        })
    }
}

fn usual_scheme(registry: &str) -> Scheme {
    if is_loopback(registry) { Scheme::Http } else { Scheme::Https }
}

/// Whether a host, with or without its port, is this machine: `localhost` and the names under it, 127.0.0.0/8, `[::1]`.
pub fn is_loopback(registry: &str) -> bool {
    let (host, _) = grammar::split_port(registry);
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let address = host.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(&host);
    host == "localhost"
        || host.ends_with(".localhost")
        || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use crate::reference::Reference;

    #[test]
    fn where_a_repository_is_asked_for() {
        for (text, origin, why) in [
            ("hello-world", "https://registry-1.docker.io", "Docker Hub's API has a host of its own"),
            ("index.docker.io/a/b", "https://registry-1.docker.io", "and so under its old name"),
            ("docker.io:443/a/b", "https://docker.io", "with a port it is not Docker Hub's name"),
            ("Docker.io/a/b", "https://registry-1.docker.io", "in capitals it is"),
            ("GHCR.io/a/b", "https://ghcr.io", "and so is any other"),
            ("ghcr.io:443/a/b", "https://ghcr.io", "the usual port is not said"),
            ("ghcr.io/a/b", "https://ghcr.io", "any other registry is its own API host"),
            ("example.org:5000/a", "https://example.org:5000", "a port does not change the scheme"),
            ("localhost/a", "http://localhost", "loopback by name"),
            ("localhost:5000/a", "http://localhost:5000", "loopback by name, with a port"),
            ("LocalHost:5000/a", "http://localhost:5000", "host names have no case"),
            ("app.localhost/a", "http://app.localhost", "RFC 6761, section 6.3"),
            ("notlocalhost.org/a", "https://notlocalhost.org", "only whole labels count"),
            ("localhost.org/a", "https://localhost.org", "and only at the end"),
            ("127.0.0.1:5000/a", "http://127.0.0.1:5000", "loopback by address"),
            ("127.255.1.2/a", "http://127.255.1.2", "all of 127.0.0.0/8"),
            ("128.0.0.1/a", "https://128.0.0.1", "and nothing beside it"),
            ("127.0.0.1.org/a", "https://127.0.0.1.org", "a name, not an address"),
            ("[::1]/a", "http://[::1]", "IPv6 loopback"),
            ("[::1]:5000/a", "http://[::1]:5000", "IPv6 loopback with a port"),
            ("[0:0:0:0:0:0:0:1]/a", "http://[::1]", "the same address in full"),
            ("[::2]:5000/a", "https://[::2]:5000", "another address"),
        ] {
            assert_eq!(text.parse::<Reference>().unwrap().repository().origin(), origin, "{text}: {why}");
        }
    }
}
