//! The lines of configuration that let a page read a registry. What is shown for distribution and nginx is what the
//! end-to-end tests run.

mod relay;
mod tls;

use crate::reference::Repository;

pub use relay::{RELAY, relays};
pub use tls::{from_this_machine, without_tls};

/// The response headers that a page has to see, beside those that it always may.
pub const EXPOSED: &str = "Docker-Content-Digest, Link, Retry-After, WWW-Authenticate";

/// The lines for one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// The server.
    pub name: &'static str,
    /// Where the lines go, and what they do not cover.
    pub note: &'static str,
    /// The lines; empty where the server has none for it.
    pub text: String,
}

/// What each server needs to be told, for pages of one origin.
pub fn remedies(origin: &str) -> Vec<Remedy> {
    let filled = |text: &str| text.replace("ORIGIN", origin).replace("EXPOSED", EXPOSED);
    let of = |name, note, text| Remedy { name, note, text: filled(text) };
    vec![
        of(
            "CNCF distribution",
            "In its config.yml; then restart it. With authentication switched on it still answers the preflight with 401 \
             (distribution#4458): let a proxy in front answer that, such as nginx below. It takes one \
             origin: two in the list break both.",
            DISTRIBUTION,
        ),
        of(
            "nginx, in front",
            "In the server in front of the registry; “registry” is the upstream with its address. It answers \
             OPTIONS by itself, without authentication.",
            NGINX,
        ),
        of(
            "Caddy, in front",
            "In the site in front of the registry; put its address in place of registry:5000.",
            CADDY,
        ),
        of(
            "Traefik, in front",
            "A middleware of the dynamic configuration; name it in the router of the registry. Traefik then answers \
             OPTIONS by itself.",
            TRAEFIK,
        ),
        of("HAProxy, in front", "In the frontend that leads to the registry.", HAPROXY),
        of(
            "zot",
            "In its config.json. It covers manifests, tags and the catalogue, but no blobs, and exposes no header: for a \
             whole pull, put a proxy in front.",
            ZOT,
        ),
        of(
            "Harbor",
            "It has no setting for /v2/: put a proxy in front, or add the lines for nginx to its own.",
            "",
        ),
        of("Gitea, Forgejo", "Their CORS settings leave /v2/ out: put a proxy in front.", ""),
        of("Nexus, Artifactory", "No setting for /v2/ is known: put a proxy in front.", ""),
    ]
}

/// What spares a redirect to a store without CORS: distribution then sends blobs by itself.
pub const NO_REDIRECT: &str = "storage:\n  redirect:\n    disable: true\n";

const DISTRIBUTION: &str = "\
http:
  headers:
    Access-Control-Allow-Origin: ['ORIGIN']
    Access-Control-Allow-Methods: ['GET, HEAD']
    Access-Control-Allow-Headers: ['Authorization, Accept']
    Access-Control-Expose-Headers: ['EXPOSED']
    Access-Control-Max-Age: ['3600']
";

const NGINX: &str = "\
location /v2/ {
    if ($request_method = OPTIONS) {
        add_header Access-Control-Allow-Origin \"ORIGIN\";
        add_header Access-Control-Allow-Methods \"GET, HEAD\";
        add_header Access-Control-Allow-Headers \"Authorization, Accept\";
        add_header Access-Control-Max-Age 3600;
        return 204;
    }
    proxy_hide_header Access-Control-Allow-Origin;
    proxy_hide_header Access-Control-Expose-Headers;
    add_header Access-Control-Allow-Origin \"ORIGIN\" always;
    add_header Access-Control-Expose-Headers \"EXPOSED\" always;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_pass http://registry;
}
";

const CADDY: &str = "\
handle /v2/* {
    @preflight method OPTIONS
    handle @preflight {
        header Access-Control-Allow-Origin \"ORIGIN\"
        header Access-Control-Allow-Methods \"GET, HEAD\"
        header Access-Control-Allow-Headers \"Authorization, Accept\"
        header Access-Control-Max-Age 3600
        respond 204
    }
    reverse_proxy registry:5000 {
        header_down Access-Control-Allow-Origin \"ORIGIN\"
        header_down Access-Control-Expose-Headers \"EXPOSED\"
    }
}
";

const TRAEFIK: &str = "\
http:
  middlewares:
    readable-by-pages:
      headers:
        accessControlAllowOriginList: ['ORIGIN']
        accessControlAllowMethods: [GET, HEAD]
        accessControlAllowHeaders: [Authorization, Accept]
        accessControlExposeHeaders: [EXPOSED]
        accessControlMaxAge: 3600
        addVaryHeader: true
";

const HAPROXY: &str = "\
    http-request return status 204 hdr Access-Control-Allow-Origin \"ORIGIN\" hdr Access-Control-Allow-Methods \"GET, HEAD\" hdr Access-Control-Allow-Headers \"Authorization, Accept\" hdr Access-Control-Max-Age 3600 if METH_OPTIONS { path_beg /v2/ }
    http-request set-var(txn.registry) bool(true) if { path_beg /v2/ }
    http-response set-header Access-Control-Allow-Origin \"ORIGIN\" if { var(txn.registry) -m bool }
    http-response set-header Access-Control-Expose-Headers \"EXPOSED\" if { var(txn.registry) -m bool }
";

const ZOT: &str = "\
{
  \"http\": {
    \"allowOrigin\": \"ORIGIN\"
  }
}
";

/// A registry of which it is known that pages of others may not read it, and who runs it.
pub fn closed(repository: &Repository) -> Option<&'static str> {
    Some(match repository.api_host() {
        "registry-1.docker.io" => "Docker Hub",
        "ghcr.io" => "GitHub's registry",
        "quay.io" => "Quay",
        "registry.k8s.io" => "Kubernetes’ registry",
        "mcr.microsoft.com" => "Microsoft's registry",
        "public.ecr.aws" => "Amazon's public registry",
        "registry.gitlab.com" => "GitLab's registry",
        "gcr.io" => "Google's registry",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_filled_in() {
        let realm = Some(("https://auth.example/token", "r.example"));
        let all = remedies("https://page.example")
            .into_iter()
            .chain(relays("https://r.example", realm, "https://p"))
            .chain([true, false].into_iter().flat_map(|is_relay| {
                ["http://r.example:5000", "http://r.example"]
                    .into_iter()
                    .flat_map(move |front| without_tls(front, is_relay, "https://p"))
            }));
        for Remedy { name, text, note } in all {
            let blank = ["ORIGIN", "EXPOSED", "REGISTRY", "REALM", "SERVICE", "RELAY", "HOST", "PORT"];
            assert!(!blank.iter().any(|word| text.contains(word)), "{name}: {text}");
            assert!(!note.is_empty() && (text.is_empty() || text.ends_with('\n')), "{name}");
        }
    }

    #[test]
    fn no_more_is_allowed_than_is_needed() {
        for Remedy { name, text, .. } in remedies("https://page.example") {
            assert!(!text.contains('*') || text.contains("/v2/*"), "{name} lets everyone in");
            assert!(!text.contains("Credentials"), "{name}");
            for method in ["POST", "PUT", "PATCH", "DELETE"] {
                assert!(!text.contains(method), "{name} allows {method}");
            }
        }
    }
}
