//! What helps where a page under https may not ask a host without TLS.

use super::{CADDY, EXPOSED, Remedy};

/// The ways out, for a registry or a relay at `front` and pages of one origin.
pub fn without_tls(front: &str, is_relay: bool, origin: &str) -> Vec<Remedy> {
    let host = front.split_once("://").map_or(front, |(_, host)| host);
    let (name, port) =
        host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).unwrap_or((host, "80"));
    let site: String = CADDY.lines().map(|line| format!("    {line}\n")).collect();
    let site = format!("registry.example {{\n{site}}}\n").replace("registry:5000", &format!("{name}:{port}"));
    let (relay, tunnel) = match is_relay {
        true => (
            "A Caddyfile; put a name of your own in place of registry.example, for which Caddy gets the certificate. \
             Then the address of this page has relay=https://registry.example.",
            "Leave it open; the address of this page then has relay=http://localhost:5000.",
        ),
        false => (
            "A Caddyfile; put a name of your own in place of registry.example, for which Caddy gets the certificate. \
             Then inspect the image under that name, or add relay=https://registry.example to the address of this page.",
            "Leave it open, and inspect the image as localhost:5000/…: browsers let any page ask this machine.",
        ),
    };
    vec![
        Remedy {
            name: "A relay with TLS",
            note: relay,
            text: site.replace("ORIGIN", origin).replace("EXPOSED", EXPOSED),
        },
        Remedy {
            name: "A tunnel to this machine",
            note: tunnel,
            text: format!("ssh -N -L 5000:{name}:{port} user@host-in-that-network\n"),
        },
        from_this_machine(),
    ]
}

/// The page itself, served from the user's machine: it may ask whatever that machine reaches.
pub fn from_this_machine() -> Remedy {
    Remedy {
        name: "This page, from this machine",
        note: "In a copy of this project; then open the address that it prints. A page from there is held neither to TLS \
               nor to the permission for the local network.",
        text: "cargo xtask serve\n".to_owned(),
    }
}
