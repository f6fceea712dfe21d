//! `Link`: where a list goes on. RFC 8288, section 3: `#( <URI> *( ; parameter ) )`.

use std::fmt;

use crate::http::{Url, UrlError, quoted};

/// Why a link is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkError {
    /// It breaks the grammar.
    Malformed,
    /// It leads to what cannot be fetched.
    BadTarget(UrlError),
    /// It leads to another origin: a registry that is listed does not get to name the next one to ask.
    Elsewhere(Url),
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::Malformed => f.write_str("the Link to the next page does not parse"),
            LinkError::BadTarget(error) => write!(f, "the Link to the next page cannot be followed: {error}"),
            LinkError::Elsewhere(url) => {
                write!(
                    f,
                    "the Link to the next page leads to another host, {}: it is not followed",
                    url.origin()
                )
            }
        }
    }
}

/// The target of the link with `rel="next"`, relative to the page that carries it, if there is one. A link that says of
/// another context than the page what its next part is (`anchor`) is none of this list.
pub fn next(value: &str, page: &Url) -> Result<Option<Url>, LinkError> {
    let mut rest = value.trim_start_matches(SEPARATORS);
    while !rest.is_empty() {
        let (target, tail) =
            rest.strip_prefix('<').and_then(|rest| rest.split_once('>')).ok_or(LinkError::Malformed)?;
        let (link, tail) = parameters(tail)?;
        if link.is_next && link.anchor.is_none_or(|anchor| is_page(&anchor, page)) {
            let url = page.join(target).map_err(LinkError::BadTarget)?;
            return if url.origin() == page.origin() {
                Ok(Some(url))
            } else {
                Err(LinkError::Elsewhere(url))
            };
        }
        rest = tail.trim_start_matches(SEPARATORS);
    }
    Ok(None)
}

const SEPARATORS: [char; 3] = [' ', '\t', ','];

/// What the parameters of a link say.
#[derive(Default)]
struct Link {
    is_next: bool,
    anchor: Option<String>,
}

/// Whether an anchor names the page as a whole, and no part of it.
fn is_page(anchor: &str, page: &Url) -> bool {
    let is_whole = anchor.split_once('#').is_none_or(|(_, part)| part.is_empty());
    is_whole && page.join(anchor).is_ok_and(|named| named == *page)
}

/// Reads the parameters of one link, and says what follows it. Of two with one name, the first counts.
fn parameters(mut rest: &str) -> Result<(Link, &str), LinkError> {
    let mut link = Link::default();
    let mut has_relation = false;
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let Some(tail) = rest.strip_prefix(';') else {
            let ends = rest.is_empty() || rest.starts_with(',');
            return if ends { Ok((link, rest)) } else { Err(LinkError::Malformed) };
        };
        let tail = tail.trim_start_matches([' ', '\t']);
        let end = tail.find(['=', ';', ',', ' ', '\t']).unwrap_or(tail.len());
        let (name, tail) = tail.split_at(end);
        let tail = tail.trim_start_matches([' ', '\t']);
        let Some(tail) = tail.strip_prefix('=') else {
            rest = tail;
            continue;
        };
        let (value, tail) = value(tail.trim_start_matches([' ', '\t'])).ok_or(LinkError::Malformed)?;
        if name.eq_ignore_ascii_case("rel") && !std::mem::replace(&mut has_relation, true) {
            link.is_next = value.split_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"));
        } else if name.eq_ignore_ascii_case("anchor") {
            link.anchor.get_or_insert(value);
        }
        rest = tail;
    }
}

/// A quoted string, or what stands before the next mark; with what follows.
fn value(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        return quoted(text);
    }
    let (value, rest) = text.split_at(text.find([';', ',', ' ', '\t']).unwrap_or(text.len()));
    Some((value.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page() {
        let page: Url = "https://r.example/v2/a/tags/list?n=2".parse().unwrap();
        let found = |value: &str| match next(value, &page) {
            Ok(Some(url)) => url.to_string(),
            Ok(None) => "none".to_owned(),
            Err(error) => error.to_string(),
        };
        for (value, expected, why) in [
            (
                "</v2/a/tags/list?n=2&last=b>; rel=\"next\"",
                "https://r.example/v2/a/tags/list?n=2&last=b",
                "relative",
            ),
            ("<https://r.example/v2/x>; rel=next", "https://r.example/v2/x", "absolute, and without marks"),
            ("<?last=b>;rel=\"next\"", "https://r.example/v2/a/tags/list?last=b", "a query alone"),
            ("<list?last=b> ; rel = \"next\"", "https://r.example/v2/a/tags/list?last=b", "blanks"),
            (
                "</1>; rel=\"prev\", </2>; REL=\"NEXT\"",
                "https://r.example/2",
                "the second of two, in capitals",
            ),
            ("</1>; rel=\"first next\"", "https://r.example/1", "one of two relations"),
            ("</1,2>; title=\"a, b; c\"; rel=next", "https://r.example/1,2", "commas within"),
            ("</1>; rel=prev; rel=next", "none", "the first relation counts"),
            ("</1>; flag; rel=next", "https://r.example/1", "a parameter without a value"),
            ("</1>", "none", "no relation"),
            ("</1>; title=\"a \\\" b, <c>\"; rel=next", "https://r.example/1", "a quotation mark in a title"),
            ("</1>; title=\"a\\\\\"; rel=next", "https://r.example/1", "a backslash at its end"),
            ("</1>; rel=\"ne\\xt\"", "https://r.example/1", "an escape that changes nothing"),
            ("</1>; rel=\"first\tnext\"", "https://r.example/1", "a tab between relations"),
            ("<https://r.example:443/1>; rel=next", "https://r.example/1", "the usual port, said"),
            ("<//R.Example./1>; rel=next", "https://r.example/1", "another spelling of the host"),
            ("<../../../_catalog?last=b>; rel=next", "https://r.example/_catalog?last=b", "dot segments"),
            ("<https://r.example/../1#x>; rel=next", "https://r.example/1", "and a fragment"),
            ("</1>; rel=next; anchor=\"\"", "https://r.example/1", "of this page"),
            ("</1>; rel=next; anchor=\"#\"", "https://r.example/1", "of this page, with an empty fragment"),
            (
                "</1>; rel=next; anchor=\"https://r.example:443/v2/a/tags/list?n=2\"",
                "https://r.example/1",
                "of this page, in full",
            ),
            ("</1>; anchor=\"/v2/b/tags/list\"; rel=next", "none", "of another page"),
            ("</1>; rel=next; anchor=\"#part\"", "none", "of a part of this page"),
            ("</1>; rel=next; anchor=https://evil.example/", "none", "of another host's page"),
            (
                "</1>; rel=next; anchor=/b, </2>; rel=next",
                "https://r.example/2",
                "the next one is of this page",
            ),
            ("</1>; rel=next; anchor=\"\"; anchor=/b", "https://r.example/1", "the first anchor counts"),
            ("", "none", "nothing"),
            ("/1; rel=next", "the Link to the next page does not parse", "no brackets"),
            ("</1; rel=next", "the Link to the next page does not parse", "no end"),
            ("</1>; rel=\"next", "the Link to the next page does not parse", "no end of the quotation"),
            (
                "<https://evil.example/v2/x>; rel=next",
                "the Link to the next page leads to another host, https://evil.example: it is not followed",
                "elsewhere",
            ),
            (
                "<//evil.example/v2/x>; rel=next",
                "the Link to the next page leads to another host, https://evil.example: it is not followed",
                "elsewhere, without a scheme",
            ),
            (
                "<http://r.example/v2/x>; rel=next",
                "the Link to the next page leads to another host, http://r.example: it is not followed",
                "without TLS it is another",
            ),
        ] {
            assert_eq!(found(value), expected, "{why}: {value}");
        }
        assert!(found("<ftp://r.example/x>; rel=next").contains("cannot be followed"));
    }
}
