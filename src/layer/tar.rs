//! The entries of a tar, read as its bytes stream by. POSIX pax, GNU tar.

mod header;
mod pax;

use header::{Header, Problem};
use pax::Pax;

use super::entry::{Entry, Kind};
use super::{Fault, FaultKind, Limits, begins};

/// All is in blocks of this size.
const BLOCK: usize = 512;

/// The most that a long name or a pax header may be, in bytes.
const MAX_TEXT: u64 = 1 << 20;

/// The most that the texts of all entries may come to, in bytes, with [`RECORD`] for each pax record.
const MAX_TEXTS: usize = 128 << 20;

/// What a pax record takes beside its text.
const RECORD: usize = 32;

/// The longest path that is listed, in bytes: no longer one can be opened on Linux.
const MAX_PATH: usize = 4096;

/// The most files and directories that all paths may name, those above each included.
const MAX_NAMED: usize = 2 * Limits::FILES;

/// Reads a tar.
#[derive(Debug)]
pub(super) struct Tar {
    /// The entries so far.
    pub(super) entries: Vec<Entry>,
    state: State,
    /// The part of a block, or of a text, that has come.
    held: Vec<u8>,
    /// How many bytes were taken.
    at: u64,
    /// What the headers so far say of the next entry.
    pax: Pax,
    /// How long all texts are.
    texts: usize,
    /// How many files and directories the paths name, as far as that can be seen from each and the one before.
    named: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a header.
    Header,
    /// In a text that says more of the next entry: its letter, its length and what fills its last block.
    Text { letter: u8, length: usize, fill: u64 },
    /// In the further blocks of an old sparse map, of a file of which so many bytes are stored.
    Map { stored: u64 },
    /// In a file: so many bytes of it are left, and so many that fill its last block.
    File { left: u64, fill: u64 },
    /// After so many blocks of zeros: two are the end.
    Zeros(u64),
}

impl Default for Tar {
    fn default() -> Tar {
        let (entries, held, pax) = Default::default();
        Tar { entries, state: State::Header, held, at: 0, pax, texts: 0, named: 0 }
    }
}

impl Tar {
    /// Takes the next bytes. After a fault, the rest cannot be made sense of.
    pub(super) fn push(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
        while !bytes.is_empty() {
            match self.state {
                State::File { left, fill } => {
                    let (skipped, rest) = skip(bytes, left.saturating_add(fill));
                    let of_file = skipped.min(left);
                    self.state = match (left - of_file, fill - (skipped - of_file)) {
                        (0, 0) => State::Header,
                        (left, fill) => State::File { left, fill },
                    };
                    (self.at, bytes) = (self.at + skipped, rest);
                }
                State::Text { letter, length, fill } => {
                    let Some(text) = self.hold(&mut bytes, length + fill as usize) else { return Ok(()) };
                    self.state = State::Header;
                    let text = text.get(..length).unwrap_or_default();
                    self.pax.take(letter, text).map_err(|what| self.fault(&what))?;
                }
                State::Header | State::Map { .. } | State::Zeros(_) => {
                    let Some(block) = self.hold(&mut bytes, BLOCK) else { return Ok(()) };
                    self.block(&block)?;
                }
            }
        }
        Ok(())
    }

    /// Says that this was all. A tar may end without its two blocks of zeros: readers do not mind.
    pub(super) fn finish(&self) -> Result<(), Fault> {
        let what = match self.state {
            State::File { left: 0, .. } => return Ok(()),
            State::Header if self.held.is_empty() => return Ok(()),
            State::Zeros(count) if self.held.iter().any(|byte| *byte != 0) => {
                return Err(trailing(count, self.at - self.held.len() as u64));
            }
            State::Zeros(count) if self.held.is_empty() || count > 1 => return Ok(()),
            State::File { .. } => {
                let path = self.entries.last().map(|entry| entry.path.as_str()).unwrap_or_default();
                format!("it ends in the middle of {path}")
            }
            State::Header if self.at == self.held.len() as u64 => return Err(no_tar(&self.held)),
            _ => "it ends in the middle of a header".to_owned(),
        };
        Err(self.fault(&what))
    }

    /// Gathers so many bytes, if they are there.
    fn hold(&mut self, bytes: &mut &[u8], length: usize) -> Option<Vec<u8>> {
        let lacking = length.saturating_sub(self.held.len());
        let (now, rest) = bytes.split_at(lacking.min(bytes.len()));
        self.held.extend_from_slice(now);
        (self.at, *bytes) = (self.at + now.len() as u64, rest);
        (self.held.len() == length).then(|| std::mem::take(&mut self.held))
    }

    fn block(&mut self, block: &[u8]) -> Result<(), Fault> {
        let is_zero = block.iter().all(|byte| *byte == 0);
        match self.state {
            State::Zeros(count) if is_zero => self.state = State::Zeros(count + 1),
            State::Zeros(count) => return Err(trailing(count, self.at - BLOCK as u64)),
            State::Map { stored } => {
                // Each block says whether another follows.
                if block.get(504).is_none_or(|more| *more == 0) {
                    self.file(stored);
                }
            }
            _ if is_zero => self.state = State::Zeros(1),
            _ => {
                let header = Header::read(block).map_err(|problem| match problem {
                    Problem::Checksum if self.at == BLOCK as u64 => no_tar(block),
                    Problem::Checksum => self.fault("the header before this place has a wrong checksum"),
                    Problem::Number(field) => self.fault(&format!("the {field} of the header is no number")),
                    Problem::Length(field) => self
                        .fault(&format!("the {field} in the header is below zero, or larger than any file")),
                })?;
                self.header(header)?;
            }
        }
        Ok(())
    }

    fn header(&mut self, header: Header) -> Result<(), Fault> {
        let Header { entry, letter, has_map, real_size } = header;
        if matches!(letter, b'L' | b'K' | b'x' | b'g' | b'X') {
            if entry.size > MAX_TEXT {
                let message =
                    format!("a header of {} bytes; {MAX_TEXT} are the most that are read", entry.size);
                return Err(self.fault(&message));
            }
            self.state = State::Text { letter, length: entry.size as usize, fill: filling(entry.size) };
            if entry.size == 0 {
                self.state = State::Header;
            }
            return Ok(());
        }
        let mut entry = entry;
        entry.size = self.pax.size().map_err(|what| self.fault(&what))?.unwrap_or(entry.size);
        entry.stored = match entry.kind {
            // Readers take no bytes for these, whatever the header says.
            Kind::HardLink | Kind::Symlink | Kind::Character | Kind::Block | Kind::Directory | Kind::Fifo => {
                0
            }
            Kind::File | Kind::Other(_) => entry.size,
        };
        if entry.stored == 0 {
            entry.size = 0;
        }
        let stored = entry.stored;
        if letter == b'S' {
            (entry.is_sparse, entry.size) = (true, real_size);
        }
        self.pax.apply(&mut entry).map_err(|what| self.fault(&what))?;
        // Before there were directories in tars, a slash at the end said it.
        if letter == 0 && entry.path.ends_with('/') {
            entry.kind = Kind::Directory;
        }
        self.count(&entry)?;
        self.entries.push(entry);
        if has_map {
            self.state = State::Map { stored }
        } else {
            self.file(stored)
        }
        Ok(())
    }

    /// Counts an entry in: the index of them all is held in memory.
    fn count(&mut self, entry: &Entry) -> Result<(), Fault> {
        let Entry { path, link, user, group, pax, .. } = entry;
        let last = self.entries.last().map(|last| last.path.as_str()).unwrap_or_default();
        let is_shared = |(a, b): &(&str, &str)| a == b;
        let shared = path.split('/').zip(last.split('/')).take_while(is_shared).count();
        self.named += path.split('/').count() - shared;
        self.texts += [path, link, user, group].map(String::len).iter().sum::<usize>();
        self.texts += pax.iter().map(|(name, value)| name.len() + value.len() + RECORD).sum::<usize>();
        let what = match () {
            () if path.len() > MAX_PATH => {
                format!("a path of {} bytes, and {MAX_PATH} are the most that are listed", path.len())
            }
            () if self.entries.len() >= Limits::FILES => format!("it has more than {} files", Limits::FILES),
            () if self.named > MAX_NAMED => format!("its paths name more than {MAX_NAMED} directories"),
            () if self.texts > MAX_TEXTS => format!("the texts in its headers are over {MAX_TEXTS} bytes"),
            () => return Ok(()),
        };
        let message = format!("the tar, at byte {}: {what}; the rest is not listed", self.at);
        Err(Fault::new(FaultKind::Stopped, message))
    }

    /// After the header, and the map if there is one: so many bytes of the file follow.
    fn file(&mut self, stored: u64) {
        let at = self.at;
        if let Some(entry) = self.entries.last_mut() {
            entry.at = at;
        }
        self.state = match stored {
            0 => State::Header,
            left => State::File { left, fill: filling(left) },
        };
    }

    fn fault(&self, what: &str) -> Fault {
        Fault::malformed(format!("the tar, at byte {}: {what}", self.at))
    }
}

/// What fills the last block of so many bytes.
fn filling(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

/// The first block is no header.
fn no_tar(begin: &[u8]) -> Fault {
    Fault::new(FaultKind::NoTar, format!("the layer is no tar: it {}", begins::how(begin)))
}

/// Something stands after so many blocks of zeros.
fn trailing(zeros: u64, begin: u64) -> Fault {
    let message = match zeros {
        1 => format!("a block of zeros stands alone in the tar, and more follows from byte {begin}"),
        _ => format!("more follows the end of the tar, from byte {begin}"),
    };
    Fault::new(FaultKind::Trailing, message)
}

fn skip(bytes: &[u8], most: u64) -> (u64, &[u8]) {
    let count = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len());
    (count as u64, bytes.get(count..).unwrap_or_default())
}

#[cfg(test)]
mod tests;
