//! Hosts in their one spelling: what is one origin to a browser is one text here.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A name or an IPv4 address, or an IPv6 address in brackets; with a port perhaps. It comes back in lower case, without a
/// dot at its end and without the scheme's usual port, an IPv6 address in its shortest form.
///
/// Anything else may be taken for another host by a browser, as what follows a backslash is: that is `None`.
pub(super) fn normal(scheme: &str, host: &str) -> Option<String> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port),
        _ => (host, ""),
    };
    let mut normal = match name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => format!("[{}]", address.parse::<Ipv6Addr>().ok()?),
        None => {
            let name = name.strip_suffix('.').unwrap_or(name);
            if !is_name(name) {
                return None;
            }
            name.to_ascii_lowercase()
        }
    };
    if !port.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let usual = if scheme == "https" { 443 } else { 80 };
    match port {
        "" => {}
        port => match port.parse::<u16>().ok()? {
            port if port == usual => {}
            port => normal += &format!(":{port}"),
        },
    }
    Some(normal)
}

/// A name that ends in a number is an IPv4 address to a browser, also in unusual forms: `127.1`, `0x7f000001`.
/// Only the usual one is taken.
fn is_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    let is_number = !last.is_empty()
        && hexadecimal.map_or_else(
            || last.bytes().all(|b| b.is_ascii_digit()),
            |digits| digits.bytes().all(|b| b.is_ascii_hexdigit()),
        );
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        && (!is_number || name.parse::<Ipv4Addr>().is_ok())
}
