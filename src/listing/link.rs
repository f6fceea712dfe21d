//! `Link`: where a list goes on. RFC 8288, section 3: `#( <URI> *( ; parameter ) )`.

use std::fmt;

use crate::http::{Url, UrlError};

/// Why a link is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkError {
    /// It breaks the grammar.
    Malformed,
    /// It leads to what cannot be fetched.
    BadTarget(UrlError),
    /// It leads to another origin: who lists a registry does not let it send him elsewhere.
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

/// The target of the link with `rel="next"`, relative to the page that carries it, if there is one.
pub fn next(value: &str, page: &Url) -> Result<Option<Url>, LinkError> {
    let mut rest = value.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let (target, tail) =
            rest.strip_prefix('<').and_then(|rest| rest.split_once('>')).ok_or(LinkError::Malformed)?;
        let (is_next, tail) = parameters(tail)?;
        if is_next {
            let url = page.join(target).map_err(LinkError::BadTarget)?;
            return if url.origin() == page.origin() {
                Ok(Some(url))
            } else {
                Err(LinkError::Elsewhere(url))
            };
        }
        rest = tail.trim_start_matches([' ', '\t', ',']);
    }
    Ok(None)
}

/// Reads the parameters of one link; says whether it is the next, and what follows the link.
fn parameters(mut rest: &str) -> Result<(bool, &str), LinkError> {
    let (mut is_next, mut has_relation) = (false, false);
    loop {
        rest = rest.trim_start_matches([' ', '\t']);
        let Some(tail) = rest.strip_prefix(';') else {
            let ends = rest.is_empty() || rest.starts_with(',');
            return if ends { Ok((is_next, rest)) } else { Err(LinkError::Malformed) };
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
        // Of two, the first counts.
        if name.eq_ignore_ascii_case("rel") && !std::mem::replace(&mut has_relation, true) {
            is_next = value.split(' ').any(|relation| relation.eq_ignore_ascii_case("next"));
        }
        rest = tail;
    }
}

/// A token, or what stands in quotation marks; with what follows. No relation has an escape in it.
fn value(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"'),
        None => Some(text.split_at(text.find([';', ',', ' ', '\t']).unwrap_or(text.len()))),
    }
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
