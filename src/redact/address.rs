//! An address, whole or relative, as it may be shown. RFC 3986, as browsers read it.

use super::REDACTED;
use crate::http::Url;

/// Query parameters of the distribution specification and its token flow.
const PARAMETERS: &[&str] =
    &["artifacttype", "digest", "from", "last", "mount", "n", "next_page", "ns", "scope", "service", "tag"];

/// The longest name of a parameter that is not known, in bytes: what is longer may be no name.
const MAX_NAME: usize = 64;

/// An address as it may be shown, which need not be absolute: without who signs in, the values of unknown parameters and
/// the fragment. What is no address is left out as a whole.
pub fn address(text: &str) -> String {
    let text = text.trim();
    // A browser takes some of these out, and others for a slash: what it reads then is another address.
    if text.bytes().any(|b| b <= b' ' || matches!(b, 0x7f | b'\\' | b'"' | b'<' | b'>' | b'`')) {
        return REDACTED.to_owned();
    }
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (place, asked) = text.split_once('?').map_or((text, None), |(place, asked)| (place, Some(asked)));
    let Some(mut shown) = self::place(place) else { return REDACTED.to_owned() };
    if let Some(asked) = asked {
        shown.push('?');
        shown += &query(asked);
    }
    if !fragment.is_empty() {
        shown.push('#');
        shown += REDACTED;
    }
    shown
}

/// Scheme, host and path; `None` where the host is none.
fn place(text: &str) -> Option<String> {
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let scheme = text.split_once(':').map(|(scheme, _)| scheme);
    let scheme = scheme.filter(|scheme| !scheme.is_empty() && scheme.chars().all(in_scheme));
    let (scheme, rest) = text.split_at(scheme.map_or(0, |scheme| scheme.len() + 1));
    let Some(rest) = rest.strip_prefix("//") else {
        // What follows another scheme may be anything, and a browser reads `https:user@host` as a host.
        return Some(if scheme.is_empty() { path(rest) } else { [scheme, REDACTED].concat() });
    };
    let (authority, tail) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (user, host) = match authority.rsplit_once('@') {
        Some((_, host)) => ([REDACTED, "@"].concat(), host),
        None => (String::new(), authority),
    };
    let is_host = format!("http://{host}/").parse::<Url>().is_ok();
    is_host.then(|| [scheme, "//", &user, host, &path(tail)].concat())
}

/// A path, whose parts may have parameters as well: `/exp=1~hmac=abc/x;session=1`.
fn path(text: &str) -> String {
    if let Some((before, _)) = text.split_once("://") {
        // An address within an address.
        let begin = before.rfind('/').map_or(0, |slash| slash + 1);
        return [before.get(..begin).unwrap_or_default(), REDACTED].concat();
    }
    let part = |part: &str| match part.find(['=', ';']) {
        Some(at) => [part.get(..=at).unwrap_or_default(), REDACTED].concat(),
        None => part.to_owned(),
    };
    text.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn query(text: &str) -> String {
    let shown = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_known = PARAMETERS.contains(&name.to_ascii_lowercase().as_str());
        let is_name = name.len() <= MAX_NAME
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%[]$;".contains(&b));
        if pair.is_empty() || (is_known && is_plain(value)) {
            pair.to_owned()
        } else if is_known || (is_name && !value.trim_matches('=').is_empty()) {
            format!("{name}={REDACTED}")
        } else {
            // A bare word may be a signature as well as a flag, and an equals sign at its end may fill it up.
            REDACTED.to_owned()
        }
    };
    text.split('&').map(shown).collect::<Vec<_>>().join("&")
}

/// Whether a text, percent-encoded perhaps, is plain words, names and numbers: no address with secrets of its own.
pub(super) fn is_plain(text: &str) -> bool {
    let may_stand = |b: u8| b.is_ascii_alphanumeric() || !b.is_ascii() || b" -._~:/,*+()!'".contains(&b);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let byte = match byte {
            b'%' => match digit(bytes.next()).zip(digit(bytes.next())) {
                Some((high, low)) => (high * 16 + low) as u8,
                None => return false,
            },
            byte => byte,
        };
        if !may_stand(byte) {
            return false;
        }
    }
    true
}
