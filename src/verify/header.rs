//! What the head of an answer says of the body, held against the body.

use super::{Checked, Code, Finding};
use crate::digest::{Algorithm, Claims, Digest};
use crate::http::{Field, ResponseHead};

/// Holds the claims on a body against its digests. `computed` gives the digest by an algorithm; one that it does not know
/// cannot be compared.
pub fn check_claims(claims: &Claims, computed: impl Fn(&Algorithm) -> Option<Digest>) -> Vec<Finding> {
    let wrong = claims.digests().filter_map(|claimed| {
        let actual = computed(claimed.algorithm()).filter(|actual| actual != claimed)?;
        let message = "Docker-Content-Digest is not the digest of the body that came with it";
        Some(Finding::sides(Code::HeaderDigestMismatch, message, actual, claimed))
    });
    let malformed = claims.others().map(|word| {
        let message = format!("Docker-Content-Digest is not a digest: {word:?}");
        Finding::new(Code::HeaderMalformed, message)
    });
    wrong.chain(malformed).collect()
}

/// The same for a body that is there.
pub fn check_claims_on(claims: &Claims, body: &[u8]) -> Vec<Finding> {
    check_claims(claims, |algorithm| {
        let mut hasher = algorithm.hasher()?;
        hasher.update(body);
        Some(hasher.finish())
    })
}

/// A body of which more bytes came than were sent: a browser undoes `Content-Encoding`, and what the descriptor names are the
/// bytes before that. Such a body cannot be checked; what was found of its size and digest says nothing.
pub fn check_encoding(head: &ResponseHead, size: Option<u64>, checked: Checked) -> Checked {
    let Some(size) = size.filter(|size| *size != checked.read) else { return checked };
    let sent = match head.headers.get("content-length") {
        Field::Present(length) => length.trim().parse().ok(),
        _ => None,
    };
    let message = match head.headers.get("content-encoding") {
        Field::Present(encoding)
            if !encoding.trim().is_empty() && !encoding.eq_ignore_ascii_case("identity") =>
        {
            format!(
                "the server sent it with Content-Encoding: {encoding}, which was undone on the way: \
             the descriptor names {size} bytes, and not what these unpack to"
            )
        }
        Field::NotExposed if sent == Some(size) && checked.read > size => format!(
            "more bytes came than the {size} that Content-Length and the descriptor say: the server sent it with a \
             Content-Encoding, which CORS hides and the browser undid"
        ),
        _ => return checked,
    };
    Checked {
        computed: None,
        also: None,
        proven: false,
        findings: vec![Finding::new(Code::ContentEncoded, message)],
        ..checked
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Headers, Visibility};
    use crate::verify::{Check, End, Expectation};

    fn codes(findings: &[Finding]) -> Vec<&'static str> {
        findings.iter().map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn claims_on_a_body() {
        let sha512 = |bytes: &[u8]| {
            let mut hasher = Algorithm::Sha512.hasher().unwrap();
            hasher.update(bytes);
            hasher.finish().to_string()
        };
        let (right, wrong) = (Digest::sha256(b"x").to_string(), Digest::sha256(b"y").to_string());
        for (value, expected, why) in [
            (right.clone(), vec![], "right"),
            (format!("{right}, {right}"), vec![], "twice the same word"),
            (sha512(b"x"), vec![], "right, in another algorithm than the descriptor's"),
            (sha512(b"y"), vec!["header-digest-mismatch"], "wrong in that"),
            (String::new(), vec![], "empty claims nothing"),
            ("blake3:00".into(), vec![], "cannot be told"),
            (wrong.clone(), vec!["header-digest-mismatch"], "another body's"),
            (format!("{right}, {wrong}"), vec!["header-digest-mismatch"], "one of the two is"),
            ("sha256:deadbeef".into(), vec!["header-malformed"], "too short"),
            (right.to_uppercase(), vec!["header-malformed"], "upper case"),
            (right.replace("sha256:", ""), vec!["header-malformed"], "no algorithm"),
            (format!("\"{right}\""), vec!["header-malformed"], "quoted, as an ETag is"),
        ] {
            assert_eq!(codes(&check_claims_on(&Claims::read(&value), b"x")), expected, "{why}");
        }
    }

    #[test]
    fn a_body_that_was_decoded_on_the_way() {
        let head = |list: &[(&str, &str)], visibility| ResponseHead {
            status: Some(200),
            headers: Headers::new(list.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(), visibility),
            followed_to: None,
        };
        let gzip = ("content-encoding", "gzip");
        for (list, visibility, bytes, code, why) in [
            (vec![gzip], Visibility::Complete, "abcdef", "content-encoded", "the header says so"),
            (vec![gzip], Visibility::Complete, "ab", "content-encoded", "also where it became shorter"),
            (vec![gzip], Visibility::Complete, "abc", "", "the bytes are the right ones all the same"),
            (vec![gzip], Visibility::Complete, "abd", "digest-mismatch", "as many, and others"),
            (
                vec![("content-encoding", "identity")],
                Visibility::Complete,
                "abcd",
                "too-large",
                "no encoding",
            ),
            (
                vec![("content-length", "3")],
                Visibility::CorsFiltered,
                "abcdef",
                "content-encoded",
                "it is hidden",
            ),
            (
                vec![("content-length", "6")],
                Visibility::CorsFiltered,
                "abcdef",
                "too-large",
                "it was sent so",
            ),
            (
                vec![("content-length", "3")],
                Visibility::Complete,
                "abcdef",
                "too-large",
                "it was not encoded",
            ),
        ] {
            let digest = Some(Digest::sha256(b"abc"));
            let mut check = Check::new(Expectation { digest, size: Some(3), limit: None });
            let _ = check.update(bytes.as_bytes());
            let checked = check.finish(End::Complete { announced: None });
            let checked = check_encoding(&head(&list, visibility), Some(3), checked);
            assert_eq!(codes(&checked.findings).join(" "), code, "{why}");
            assert_eq!(checked.proven, code.is_empty(), "{why}");
        }
    }
}
