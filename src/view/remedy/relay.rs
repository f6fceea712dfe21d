//! A relay of one's own, for a registry that cannot be changed. What is shown for nginx is what the end-to-end tests run.

use super::{EXPOSED, Remedy};

/// Where a relay listens as it is shown: on the user's own machine, which pages under https may reach as well.
pub const RELAY: &str = "127.0.0.1:5080";

/// A relay of one's own, for a registry that cannot be changed: it asks in the page's place, follows redirects to stores,
/// and lets the page read what comes.
pub fn relays(registry: &str, realm: Option<(&str, &str)>, origin: &str) -> Vec<Remedy> {
    let host = registry.split_once("://").map_or(registry, |(_, host)| host);
    let (realm, service) = realm.unwrap_or((registry, host));
    let after_scheme = realm.find("://").map_or(0, |at| at + 3);
    let path = realm.get(after_scheme..).and_then(|rest| rest.find('/')).map(|at| after_scheme + at);
    let (realm_origin, realm_path) = realm.split_at(path.unwrap_or(realm.len()));
    let realm_host = realm_origin.get(after_scheme..).unwrap_or(host);
    let filled = |text: &str| {
        let text = text.replace("REGISTRY_HOST", host).replace("REGISTRY", registry);
        let text = text.replace("REALM_HOST", realm_host).replace("REALM_ORIGIN", realm_origin);
        let text = text.replace("REALM_PATH", realm_path).replace("REALM", realm).replace("SERVICE", service);
        text.replace("ORIGIN", origin).replace("EXPOSED", EXPOSED).replace("RELAY", RELAY)
    };
    vec![
        Remedy {
            name: "nginx, as a relay",
            note: "A file of its own in /etc/nginx/conf.d. Fill in your resolver's address.",
            text: filled(NGINX_RELAY),
        },
        Remedy {
            name: "Caddy, as a relay",
            note: "A Caddyfile of its own. It follows redirects to stores under https.",
            text: filled(CADDY_RELAY),
        },
    ]
}

const NGINX_RELAY: &str = "\
map $status $challenge {
    401 'Bearer realm=\"$scheme://$http_host/token\",service=\"SERVICE\"';
}
server {
    listen RELAY;
    resolver 127.0.0.53;
    proxy_ssl_server_name on;
    add_header Access-Control-Allow-Origin \"ORIGIN\" always;
    add_header Access-Control-Expose-Headers \"EXPOSED\" always;
    add_header WWW-Authenticate $challenge always;
    location /v2/ {
        if ($request_method = OPTIONS) {
            add_header Access-Control-Allow-Origin \"ORIGIN\";
            add_header Access-Control-Allow-Methods \"GET, HEAD\";
            add_header Access-Control-Allow-Headers \"Authorization, Accept\";
            add_header Access-Control-Max-Age 3600;
            return 204;
        }
        proxy_pass REGISTRY;
        proxy_set_header Host REGISTRY_HOST;
        proxy_hide_header WWW-Authenticate;
        proxy_hide_header Access-Control-Allow-Origin;
        proxy_hide_header Access-Control-Expose-Headers;
        proxy_intercept_errors on;
        error_page 301 302 307 308 = @store;
    }
    location @store {
        set $store $upstream_http_location;
        proxy_pass $store;
        proxy_set_header Authorization \"\";
        proxy_hide_header Access-Control-Allow-Origin;
    }
    location = /token {
        if ($request_method = OPTIONS) {
            add_header Access-Control-Allow-Origin \"ORIGIN\";
            add_header Access-Control-Allow-Headers \"Authorization\";
            return 204;
        }
        proxy_pass REALM;
        proxy_set_header Host REALM_HOST;
        proxy_hide_header Access-Control-Allow-Origin;
    }
}
";

const CADDY_RELAY: &str = "\
http://RELAY {
    bind 127.0.0.1
    @preflight method OPTIONS
    handle @preflight {
        header Access-Control-Allow-Origin \"ORIGIN\"
        header Access-Control-Allow-Methods \"GET, HEAD\"
        header Access-Control-Allow-Headers \"Authorization, Accept\"
        respond 204
    }
    header {
        defer
        Access-Control-Allow-Origin \"ORIGIN\"
        Access-Control-Expose-Headers \"EXPOSED\"
    }
    handle /token {
        rewrite * REALM_PATH?{query}
        reverse_proxy REALM_ORIGIN {
            header_up Host REALM_HOST
        }
    }
    handle {
        reverse_proxy REGISTRY {
            header_up Host REGISTRY_HOST
            @refused status 401
            handle_response @refused {
                header WWW-Authenticate `Bearer realm=\"http://RELAY/token\",service=\"SERVICE\"`
                respond 401
            }
            @moved status 301 302 307 308
            handle_response @moved {
                map {rp.header.Location} {store} {rest} {
                    ~^https://([^/]+)(/.*)$ \"${1}\" \"${2}\"
                }
                rewrite * {rest}?
                reverse_proxy {store}:443 {
                    header_up Host {store}
                    header_up -Authorization
                    transport http {
                        tls
                    }
                }
            }
        }
    }
}
";
