//! Digest by hand: what becomes of a document's digest when the document is changed.

use super::badge::{Badge, Tone};
use super::details::Sides;
use super::{json, words};
use crate::digest::{Digest, Hasher};

/// The longest document that is offered for editing, in bytes.
const MOST: usize = 64 * 1024;

/// A document as it was changed, beside what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// The digest that was named, and that of the text.
    pub digests: Sides,
    /// Whether they are the same.
    pub badge: Badge,
    /// How many bytes there are, and how much of the digest is another.
    pub count: String,
    /// What that shows.
    pub sentence: String,
}

/// The text of a document that can be changed by hand, or why it cannot.
pub fn editable(raw: &[u8]) -> Result<&str, &'static str> {
    if raw.len() > MOST {
        return Err("The document is over 64 KiB, which is too long to edit by hand.");
    }
    let text = std::str::from_utf8(raw);
    let text = text.ok().ok_or("Not all of these bytes are text, so they cannot be edited as text.")?;
    if text.contains(['\r', '\0']) {
        return Err("The document has carriage returns, which an editor would not keep: \
             the digest by hand would be wrong.");
    }
    Ok(text)
}

impl Explained {
    /// Compares a text with the document that `digest` names.
    pub fn new(text: &str, original: &str, digest: &Digest) -> Explained {
        // Of an algorithm that cannot be computed here, nothing was verified either: sha256 shows the same.
        let mut hasher = digest.algorithm().hasher().unwrap_or_else(|| Hasher::Sha256(Default::default()));
        hasher.update(text.as_bytes());
        let computed = hasher.finish();
        let differing = digest.encoded().bytes().zip(computed.encoded().bytes()).filter(|(a, b)| a != b);
        let (differing, digits) = (differing.count(), digest.encoded().len());
        let same = computed == *digest;
        let (tone, word) = if same { (Tone::Verified, "the same") } else { (Tone::Failed, "another digest") };
        let algorithm = digest.algorithm();
        let sentence = if same {
            format!(
                "These bytes go into {algorithm}, and this comes out, on any computer. Change a single character."
            )
        } else if json::indented(text, 0).is_some_and(|bare| Some(bare) == json::indented(original, 0)) {
            "It means the same, and yet it is another document: a digest is of bytes, not of meaning. \
             Reformat a manifest, even by one space, and it is a document nobody has named."
                .to_owned()
        } else if changed(text, original) == Some(1) {
            "One character changed, and the digest has nothing in common with the first. \
             Nobody knows how to change a text and keep its digest."
                .to_owned()
        } else {
            "Another text, another digest: this is not what was named.".to_owned()
        };
        let bytes = words::count(text.len(), "byte");
        let count = match differing {
            0 => bytes,
            _ => format!("{bytes}; {differing} of {digits} digits of the digest differ"),
        };
        Explained {
            digests: Sides::new(Some(digest.to_string()), Some(computed.to_string())),
            badge: Badge::new(tone, word),
            count,
            sentence,
        }
    }
}

/// How many characters differ between texts of the same length.
fn changed(text: &str, original: &str) -> Option<usize> {
    let same_length = text.chars().count() == original.chars().count();
    same_length.then(|| text.chars().zip(original.chars()).filter(|(a, b)| a != b).count())
}

/// The text with one character changed, near its middle: a letter or digit becomes the next one.
pub fn one_changed(text: &str) -> String {
    let letters = text.char_indices().filter(|(_, letter)| letter.is_ascii_alphanumeric());
    let middle = text.len() / 2;
    let Some((at, letter)) = letters.min_by_key(|(at, _)| at.abs_diff(middle)) else {
        return format!("{text} ");
    };
    let next = match letter {
        '9' => '0',
        'z' => 'a',
        'Z' => 'A',
        other => char::from(u8::try_from(other).unwrap_or(b'x').wrapping_add(1)),
    };
    let (before, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    format!("{before}{next}{}", rest.get(1..).unwrap_or_default())
}

/// The text laid out in another way; as it is, where it is no JSON.
pub fn laid_out(text: &str) -> String {
    let ways = [2, 0, 4].into_iter().filter_map(|spaces| json::indented(text, spaces));
    ways.into_iter().find(|other| other != text).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "{\"size\":1469, \"a\":[true]}";

    fn explained(text: &str) -> Explained {
        Explained::new(text, DOCUMENT, &Digest::sha256(DOCUMENT.as_bytes()))
    }

    #[test]
    fn the_text_as_it_was_has_the_digest_that_was_named() {
        let same = explained(DOCUMENT);
        assert_eq!((same.badge.tone, same.count.as_str()), (Tone::Verified, "25 bytes"));
        assert_eq!(same.digests.actual.unwrap().differs, "");
    }

    #[test]
    fn every_change_is_told_for_what_it_is() {
        let one = one_changed(DOCUMENT);
        assert_eq!(one, "{\"size\":1460, \"a\":[true]}");
        assert!(explained(&one).sentence.starts_with("One character changed"));
        assert!(explained(&one).count.contains(" of 64 digits"), "{}", explained(&one).count);
        let pretty = laid_out(DOCUMENT);
        assert!(explained(&pretty).sentence.starts_with("It means the same"));
        assert!(explained(&laid_out(&pretty)).sentence.starts_with("It means the same"), "once more");
        assert!(explained("").sentence.starts_with("Another text"));
        assert_eq!(laid_out("no JSON"), "no JSON");
        assert_eq!(
            (one_changed("{z}"), one_changed("{}"), one_changed("é1é")),
            ("{a}".into(), "{} ".into(), "é2é".into())
        );
    }

    #[test]
    fn what_an_editor_would_change_is_not_offered() {
        assert_eq!(editable(DOCUMENT.as_bytes()), Ok(DOCUMENT));
        for raw in [b"a\r\nb".as_slice(), &[0xff], &[b' '; MOST + 1]] {
            assert!(editable(raw).is_err());
        }
        let sha512: Digest = format!("sha512:{}", "0".repeat(128)).parse().unwrap();
        assert!(Explained::new("x", "x", &sha512).count.ends_with("of 128 digits of the digest differ"));
    }
}
