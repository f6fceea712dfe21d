//! What a header says that the digest of a body is.

use super::{Algorithm, Digest};

/// The words of a `Docker-Content-Digest` header, each once: proxies in front of a registry send it a second time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims(Vec<Result<Digest, String>>);

impl Claims {
    /// Reads the header's value, or several joined by commas. An empty one claims nothing.
    pub fn read(value: &str) -> Claims {
        let mut words: Vec<&str> = value.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
        words.dedup();
        Claims(words.into_iter().map(|word| word.parse().map_err(|_not_a_digest| word.to_owned())).collect())
    }

    /// The digest, where there is exactly one word and it is one.
    pub fn single(&self) -> Option<&Digest> {
        match self.0.as_slice() {
            [Ok(digest)] => Some(digest),
            _ => None,
        }
    }

    /// The digests.
    pub fn digests(&self) -> impl Iterator<Item = &Digest> {
        self.0.iter().filter_map(|word| word.as_ref().ok())
    }

    /// The words that are not digests.
    pub fn others(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|word| word.as_ref().err()).map(String::as_str)
    }

    /// The algorithm of a digest that is of another one than `own`, and can be computed here.
    pub fn beside(&self, own: &Algorithm) -> Option<Algorithm> {
        let algorithms = self.digests().map(Digest::algorithm);
        algorithms.filter(|algorithm| *algorithm != own).find(|a| a.hasher().is_some()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let (one, two) = (Digest::sha256(b"1"), Digest::sha256(b"2"));
        let sha512 = format!("sha512:{}", "0".repeat(128));
        for (value, single, digests, others) in [
            (one.to_string(), Some(&one), 1, 0),
            (format!(" {one} "), Some(&one), 1, 0),
            (format!("{one}, {one}"), Some(&one), 1, 0),
            (format!("{one},{two}"), None, 2, 0),
            (one.to_string().to_uppercase(), None, 0, 1),
            (one.encoded().to_owned(), None, 0, 1),
            (format!("{one}, x"), None, 1, 1),
            (String::new(), None, 0, 0),
            (" , ".to_owned(), None, 0, 0),
        ] {
            let claims = Claims::read(&value);
            assert_eq!(claims.single(), single, "{value:?}");
            assert_eq!((claims.digests().count(), claims.others().count()), (digests, others), "{value:?}");
        }
        assert_eq!(Claims::read(&sha512).beside(&Algorithm::Sha256), Some(Algorithm::Sha512));
        assert_eq!(Claims::read(&sha512).beside(&Algorithm::Sha512), None);
        assert_eq!(Claims::read("blake3:00").beside(&Algorithm::Sha256), None, "it cannot be computed");
    }
}
