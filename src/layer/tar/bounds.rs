//! How much of a tar is listed: the index of all entries is held in memory.

use crate::layer::entry::Entry;
use crate::layer::{Limits, text};

/// The most that the texts of all entries may come to, in bytes, with [`RECORD`] for each pax record.
const MAX_TEXTS: usize = 128 << 20;

/// What a pax record takes beside its text.
const RECORD: usize = 32;

/// The longest path that is listed, in bytes: no longer one can be opened on Linux.
pub(super) const MAX_PATH: usize = 4096;

/// The most files and directories that all paths may name, those above each included.
const MAX_NAMED: usize = 2 * Limits::FILES;

/// What the entries so far come to.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// How long all texts are.
    pub(super) texts: usize,
    /// How many files and directories the paths name, as far as that can be seen from each and the one before.
    named: usize,
}

impl Bounds {
    /// Counts an entry in, with those before it; says what is too much, if anything is.
    pub(super) fn count(&mut self, entry: &Entry, before: &[Entry]) -> Option<String> {
        let Entry { path, link, user, group, pax, .. } = entry;
        let last = before.last().map(|last| last.path.as_str()).unwrap_or_default();
        let is_shared = |(a, b): &(&str, &str)| a == b;
        let shared = path.split('/').zip(last.split('/')).take_while(is_shared).count();
        self.named += path.split('/').count() - shared;
        self.texts += [path, link, user, group].map(String::len).iter().sum::<usize>();
        self.texts += pax.iter().map(|(name, value)| name.len() + value.len() + RECORD).sum::<usize>();
        let length = if path.len() > MAX_PATH { text::bytes_of(path).len() } else { 0 };
        match () {
            () if length > MAX_PATH => {
                Some(format!("a path of {length} bytes, and {MAX_PATH} are the most that are listed"))
            }
            () if before.len() >= Limits::FILES => Some(format!("it has more than {} files", Limits::FILES)),
            () if self.named > MAX_NAMED => Some(format!("its paths name more than {MAX_NAMED} directories")),
            () if self.texts > MAX_TEXTS => {
                Some(format!("the texts in its headers are over {MAX_TEXTS} bytes"))
            }
            () => None,
        }
    }
}
