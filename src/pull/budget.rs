//! How much memory a pull may take, whatever a registry serves: a limit for one object does not keep a thousand of them
//! from filling a tab. These limits are this inspector's own, and what meets one says so.

use std::cell::Cell;

use crate::layer::Listing;
use crate::verify::{Code, Finding};

/// The most that the documents of one pull may take, in bytes, with the objects that they name.
const MOST_OF_DOCUMENTS: usize = 256 << 20;

/// The most that the files of all its layers may take, in bytes, once they are listed.
const MOST_OF_FILES: usize = 512 << 20;

/// What a value in a document takes, in bytes.
const VALUE: usize = 64;

/// What an object in a document takes, with its place in the tree of what was pulled.
const OBJECT: usize = 1024;

/// What one pull has taken so far.
#[derive(Debug, Default)]
pub(super) struct Budget {
    documents: Cell<usize>,
    files: Cell<usize>,
}

impl Budget {
    /// The bytes of a document, if there is room for what they say; else what is found.
    pub(super) fn admit(&self, raw: Option<Vec<u8>>) -> (Option<Vec<u8>>, Option<Finding>) {
        match raw.as_deref().map(|raw| self.document(raw)) {
            Some(Err(over)) => (None, Some(over)),
            _ => (raw, None),
        }
    }

    /// Takes a document in, before it is read. The finding stands where there is no room for it.
    pub(super) fn document(&self, raw: &[u8]) -> Result<(), Finding> {
        take(&self.documents, weight(raw), MOST_OF_DOCUMENTS, "documents", "it was hashed, and not read")
    }

    /// Takes the files of a layer in. The finding stands where there is no room for them.
    pub(super) fn files(&self, listing: &Listing) -> Result<(), Finding> {
        let done = "it was unpacked and hashed, and its files are not listed";
        take(&self.files, listing.weight(), MOST_OF_FILES, "listed files", done)
    }
}

fn take(taken: &Cell<usize>, more: usize, most: usize, what: &str, done: &str) -> Result<(), Finding> {
    let all = taken.get().saturating_add(more);
    if all <= most {
        taken.set(all);
        return Ok(());
    }
    let limit = format!("the {what} of this pull would take more than {} MiB of memory", most >> 20);
    let message = format!("{limit}, which is this inspector's own limit: {done}");
    Err(Finding::new(Code::OverLimit, message))
}

/// How much memory a document takes when it is read, at most: told by the marks between its values, before any is made.
/// Whatever it is, the number of them is not.
pub(super) fn weight(json: &[u8]) -> usize {
    let (mut weight, mut in_text, mut is_escaped) = (json.len().saturating_mul(2), false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' => weight = weight.saturating_add(OBJECT),
            b',' | b'[' | b':' => weight = weight.saturating_add(VALUE),
            _ => {}
        }
    }
    weight
}

/// Whether a document of its own, that is read and let go, has room.
pub(super) fn fits(json: &[u8]) -> bool {
    weight(json) <= MOST_OF_DOCUMENTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::Entry;

    #[test]
    fn a_document_weighs_what_its_values_take() {
        for (json, marks) in [
            ("", 0),
            ("7", 0),
            ("[0,0,0]", 3 * VALUE),
            (r#"{"a":[],"b":"x,[{\"\\"}"#, OBJECT + 4 * VALUE),
            (r#"{"a":{"b":{}}}"#, 3 * OBJECT + 2 * VALUE),
        ] {
            assert_eq!(weight(json.as_bytes()), json.len() * 2 + marks, "{json}");
        }
    }

    #[test]
    fn documents_are_taken_until_they_fill_the_budget() {
        let budget = Budget::default();
        let large = format!("[{}0]", "{},".repeat(60_000));
        let taken = (0..10).take_while(|_| budget.document(large.as_bytes()).is_ok()).count();
        assert_eq!(taken, MOST_OF_DOCUMENTS / weight(large.as_bytes()));
        let finding = budget.document(large.as_bytes()).unwrap_err();
        assert_eq!(finding.code, Code::OverLimit);
        assert!(finding.message.contains("256 MiB") && finding.message.contains("own limit"), "{finding:?}");
        assert!(budget.document(b"{}").is_ok(), "a small one has room yet");
        assert!(fits(large.as_bytes()) && !fits("{".repeat(300_000).as_bytes()));
    }

    #[test]
    fn files_are_listed_until_they_fill_the_budget() {
        let budget = Budget::default();
        let link = "x".repeat(1 << 20);
        let entries: Vec<Entry> = (0..64)
            .map(|at| Entry { path: at.to_string(), link: link.clone(), ..Entry::default() })
            .collect();
        let listing = Listing::new(&entries);
        let taken = (0..32).take_while(|_| budget.files(&listing).is_ok()).count();
        assert_eq!(taken, 7, "seven times 64 MiB, and what the names take");
        let message = budget.files(&listing).unwrap_err().message;
        assert!(
            message.starts_with("the listed files of this pull would take more than 512 MiB"),
            "{message}"
        );
        assert!(budget.files(&Listing::default()).is_ok());
    }
}
