//! Headers that are lists of addresses, schemes and parameters, as they may be shown: `Link` (RFC 8288) and
//! `WWW-Authenticate` (RFC 9110, section 11.6.1).
//!
//! They are taken apart into words only. What they mean is found out elsewhere; here, what is not known is left out.

use super::REDACTED;
use super::address::{address, is_plain};

/// Parameters whose values are shown.
const NAMES: &[&str] = &[
    "algorithm",
    "anchor",
    "charset",
    "error",
    "hreflang",
    "media",
    "qop",
    "realm",
    "rel",
    "scope",
    "service",
    "stale",
    "title",
    "type",
];

/// Schemes of challenges.
const SCHEMES: &[&str] = &["basic", "bearer", "digest", "negotiate", "ntlm"];

/// The value of such a header.
pub(super) fn shown(value: &str) -> String {
    let (mut out, mut rest) = (String::new(), value);
    while !rest.is_empty() {
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', ',', ';']).len();
        let (between, tail) = rest.split_at(blanks);
        out += between;
        if tail.is_empty() {
            break;
        }
        rest = match tail.strip_prefix('<') {
            Some(target) => {
                let (target, after) = target.split_once('>').unwrap_or((REDACTED, ""));
                out += &["<", &address(target), ">"].concat();
                after
            }
            None => word(tail, &mut out),
        };
    }
    out
}

/// Writes a word, with its value if it has one; what follows comes back.
fn word<'v>(text: &'v str, out: &mut String) -> &'v str {
    let (name, tail) = text.split_at(text.find([' ', '\t', ',', ';', '=', '<', '"']).unwrap_or(text.len()));
    let lower = name.to_ascii_lowercase();
    let Some(value) = tail.trim_start_matches([' ', '\t']).strip_prefix('=') else {
        out.push_str(if SCHEMES.contains(&lower.as_str()) { name } else { REDACTED });
        // A quotation mark where none can be.
        return if tail.starts_with('"') { quoted(tail).1 } else { tail };
    };
    let value = value.trim_start_matches([' ', '\t']);
    let (value, after, mark) = match value.starts_with('"') {
        true => {
            let (value, after) = quoted(value);
            (value, after, "\"")
        }
        false => {
            let (value, after) = value.split_at(value.find([' ', '\t', ',', ';']).unwrap_or(value.len()));
            (Some(value.to_owned()), after, "")
        }
    };
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_*.".contains(&b));
    let shown = match value {
        // What is filled up with equals signs is no name, but a token.
        Some(value) if mark.is_empty() && value.trim_matches('=').is_empty() => None,
        Some(value) if NAMES.contains(&lower.as_str()) && is_plain(&value) => Some(value),
        Some(value) if NAMES.contains(&lower.as_str()) => Some(address(&value)),
        _ => Some(REDACTED.to_owned()),
    };
    match shown.filter(|_| is_name) {
        Some(shown) => *out += &[name, "=", mark, &escaped(&shown), mark].concat(),
        None => out.push_str(REDACTED),
    }
    after
}

/// What stands between quotation marks, if both are there; and what follows.
fn quoted(text: &str) -> (Option<String>, &str) {
    let (mut value, mut is_escaped) = (String::new(), false);
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\\' if !is_escaped => is_escaped = true,
            '"' if !is_escaped => return (Some(value), text.get(at + 1..).unwrap_or_default()),
            c => {
                value.push(c);
                is_escaped = false;
            }
        }
    }
    (None, "")
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}
