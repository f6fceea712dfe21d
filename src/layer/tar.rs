//! The entries of a tar, read as its bytes stream by. POSIX pax, GNU tar.
//!
//! They are those that Go's `archive/tar` yields, since docker, containerd, umoci and buildah unpack with it: what Go refuses
//! is refused here, and so are the types that those refuse. Where GNU tar or POSIX have other entries, that is noted.
//! `cargo xtask differ` holds this reader against Go's.

mod bounds;
mod header;
mod names;
mod numbers;
mod pax;
mod sparse;

use std::ops::Range;

use bounds::Bounds;
use header::{Header, Problem};
use pax::Pax;
use sparse::Map;

use super::entry::{Entry, Kind};
use super::{Dispute, Fault, FaultKind, begins};

/// All is in blocks of this size.
const BLOCK: usize = 512;

/// The most that a long name or a pax header may be, in bytes, here and in Go.
const MAX_TEXT: i64 = 1 << 20;

/// So many disputes are told one by one.
const MAX_DISPUTES: usize = 10_000;

/// Reads a tar.
#[derive(Debug)]
pub(super) struct Tar {
    /// The entries so far.
    pub(super) entries: Vec<Entry>,
    /// What other readers have otherwise.
    pub(super) disputes: Vec<Dispute>,
    state: State,
    /// The part of a block, or of a text, that has come.
    held: Vec<u8>,
    /// How many bytes were taken.
    at: u64,
    /// What the headers so far say of the next entry.
    pax: Pax,
    /// The name of the last global header.
    global: String,
    /// The map of the last entry, which is a sparse file.
    map: Map,
    bounds: Bounds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a header.
    Header,
    /// In a text that says more of the next entry: its letter, its length and what fills its last block.
    Text { letter: u8, length: usize, fill: u64 },
    /// In the map of a sparse file: so many bytes of it are left, the map's included, and so many fill the last block.
    Map { left: u64, fill: u64 },
    /// In a file: so many bytes of it are left, and so many that fill its last block.
    File { left: u64, fill: u64 },
    /// After one block of zeros.
    Zeros,
    /// After two.
    End,
    /// After a fault.
    Over,
}

impl Default for Tar {
    fn default() -> Tar {
        let (entries, disputes, held, at, pax, global, map, bounds) = Default::default();
        Tar { entries, disputes, state: State::Header, held, at, pax, global, map, bounds }
    }
}

impl Tar {
    /// Takes the next bytes. After a fault, the rest cannot be made sense of.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let pushed = self.take(bytes);
        if pushed.is_err() {
            self.state = State::Over;
        }
        pushed
    }

    fn take(&mut self, mut bytes: &[u8]) -> Result<(), Fault> {
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
                    let Some(text) = self.hold(&mut bytes, length) else { return Ok(()) };
                    self.text(letter, &text)?;
                    self.state = after(0, fill);
                }
                State::Map { left, fill } => {
                    let Some(block) = self.hold(&mut bytes, BLOCK) else { return Ok(()) };
                    self.map(&block, left, fill)?;
                }
                State::Header | State::Zeros if self.held.is_empty() && bytes.len() >= BLOCK => {
                    let (block, rest) = bytes.split_at(BLOCK);
                    (self.at, bytes) = (self.at + BLOCK as u64, rest);
                    self.block(block)?;
                }
                State::Header | State::Zeros => {
                    let Some(block) = self.hold(&mut bytes, BLOCK) else { return Ok(()) };
                    self.block(&block)?;
                }
                State::End => {
                    if let Some(other) = bytes.iter().position(|byte| *byte != 0) {
                        let at = self.at + other as u64;
                        let message =
                            format!("more follows the end of the tar, from byte {}", at - at % BLOCK as u64);
                        return Err(Fault::new(FaultKind::Trailing, message));
                    }
                    self.at += bytes.len() as u64;
                    return Ok(());
                }
                State::Over => return Ok(()),
            }
        }
        Ok(())
    }

    /// Says that this was all. A tar may end without its two blocks of zeros, and without what fills the last block: readers
    /// do not mind.
    pub(super) fn finish(&self) -> Result<(), Fault> {
        let what = match self.state {
            State::File { left: 0, .. } | State::End | State::Over => return Ok(()),
            State::Header | State::Zeros if self.held.is_empty() => return Ok(()),
            State::Header if self.at == self.held.len() as u64 => return Err(no_tar(&self.held)),
            State::Zeros => "it ends in the middle of a block, after one of zeros".to_owned(),
            State::File { .. } | State::Map { .. } => {
                let path = self.entries.last().map(|entry| entry.path.as_str()).unwrap_or_default();
                format!("it ends in the middle of {}", pax::shown(path))
            }
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
            State::Zeros if is_zero => self.state = State::End,
            State::Zeros => {
                return Err(self.fault("a block of zeros stands alone before this place, and more follows"));
            }
            _ if is_zero => self.state = State::Zeros,
            _ => {
                let header = Header::read(block).map_err(|problem| match problem {
                    Problem::Checksum if self.at == BLOCK as u64 => no_tar(block),
                    Problem::Checksum => self.fault("the header before this place has a wrong checksum"),
                    Problem::Number(field, other) => self.no_number(field, other),
                })?;
                self.header(header)?;
            }
        }
        Ok(())
    }

    fn no_number(&mut self, field: &str, other: Option<i64>) -> Fault {
        if let Some(other) = other {
            let note = format!(
                "docker and containerd refuse the {field} of its header, GNU tar reads it as {other}"
            );
            self.tell(0..0, "an entry", vec![note]);
        }
        self.fault(&format!("the {field} of the header is no number, or one that is too large"))
    }

    fn header(&mut self, header: Header) -> Result<(), Fault> {
        let Header { mut entry, letter, mut size, other_path, notes } = header;
        if size < 0 && Kind::of(letter).is_none_or(|kind| kind == Kind::File) {
            return Err(self.fault("the size in the header is below zero"));
        }
        if matches!(letter, b'L' | b'K' | b'x' | b'g') {
            if size > MAX_TEXT {
                let message = format!("a header of {size} bytes; {MAX_TEXT} are the most that are read");
                return Err(self.fault(&message));
            }
            if letter == b'g' {
                self.global = entry.path;
            }
            self.state = State::Text { letter, length: size as usize, fill: filling(size as u64) };
            if size == 0 {
                self.text(letter, &[])?;
                self.state = State::Header;
            }
            return Ok(());
        }
        let mut notes = [notes, std::mem::take(&mut self.pax.notes)].concat();
        if let Some(other) = other_path.filter(|_| !self.pax.has_path()) {
            let (here, other) = (pax::shown(&entry.path), pax::shown(&other));
            notes.push(format!(
                "its name has a prefix or none: docker and containerd read {here}, other readers {other}"
            ));
        }
        let completed = self.complete(&mut entry, letter, &mut size, &mut notes);
        notes.append(&mut self.pax.notes);
        let at = self.entries.len() as u64;
        self.tell(at..at + 1, &entry.path, notes);
        let map = completed.map_err(|what| self.fault(&what))?;
        self.count(&entry)?;
        entry.at = self.at;
        let (stored, fill) = (entry.stored, filling(entry.stored));
        self.entries.push(entry);
        self.state = after(stored, fill);
        if let Some(map) = map {
            self.map = map;
            if self.map.is_whole() {
                self.map.check(size, stored).map_err(|what| self.fault(&what))?;
            } else {
                self.state = self.in_map(stored, fill)?;
            }
        }
        Ok(())
    }

    /// Gives an entry its kind and its size, and what other headers say of it; returns the map of a sparse file.
    fn complete(
        &mut self,
        entry: &mut Entry,
        letter: u8,
        size: &mut i64,
        notes: &mut Vec<String>,
    ) -> Result<Option<Map>, String> {
        self.pax.apply(entry, size)?;
        entry.kind = match Kind::of(letter) {
            // Before there were directories in tars, a slash at the end said it.
            Some(_) if letter == 0 && entry.path.ends_with('/') => Kind::Directory,
            Some(kind) => kind,
            None => {
                let (name, letter, other) =
                    (pax::shown(&entry.path), names::letter(letter), names::of_letter(letter));
                notes.push(format!("docker, containerd and umoci refuse its type, {letter}; {other}"));
                return Err(format!("{name} is of type {letter}, which docker, containerd and umoci refuse"));
            }
        };
        let is_file = entry.kind == Kind::File;
        let stored = *size;
        if is_file && stored < 0 {
            return Err("the size of an entry is below zero".to_owned());
        }
        let map = self.pax.sparse(entry, size)?;
        if map.is_some() && (!is_file || *size < 0) {
            return Err(format!("a {} has records of a sparse file that cannot be", entry.kind.as_str()));
        }
        // Other kinds have no bytes, whatever the header says. Of directories all readers know that.
        if is_file {
            (entry.size, entry.stored) = (size.cast_unsigned(), stored.cast_unsigned());
        } else if stored != 0 && letter != b'5' {
            notes.push(names::has_size(entry.kind, stored));
        }
        entry.is_sparse = map.is_some();
        names::check(entry, letter, notes)?;
        self.pax.rest(entry);
        Ok(map)
    }

    /// Takes a text that says more of the next entry, or of all that follow.
    fn text(&mut self, letter: u8, bytes: &[u8]) -> Result<(), Fault> {
        if letter != b'g' {
            return self.pax.take(letter, bytes).map_err(|what| self.fault(&what));
        }
        let (said, path) = self.pax.take_global(bytes).map_err(|what| self.fault(&what))?;
        let own = std::mem::take(&mut self.global);
        let name = path.unwrap_or(own);
        let (entries, what) = match said.as_str() {
            "" => (0..0, "says nothing of what files are".to_owned()),
            said => (
                self.entries.len() as u64..u64::MAX,
                format!("says {said}, which GNU tar and POSIX take of all files after it"),
            ),
        };
        let note = format!(
            "a global header {what}; docker and containerd pass over what it says, and remove what has its name before it"
        );
        self.tell(entries, &name, vec![note]);
        Ok(())
    }

    fn in_map(&self, left: u64, fill: u64) -> Result<State, Fault> {
        // A map ends with a block.
        if left < BLOCK as u64 {
            return Err(self.fault("a sparse file ends before its map does"));
        }
        Ok(State::Map { left, fill })
    }

    fn map(&mut self, block: &[u8], left: u64, fill: u64) -> Result<(), Fault> {
        let left = left - BLOCK as u64;
        self.map.take(block).map_err(|what| self.fault(&what))?;
        if !self.map.is_whole() {
            self.state = self.in_map(left, fill)?;
            return Ok(());
        }
        let size = self.entries.last().map_or(0, |entry| entry.size.cast_signed());
        self.map.check(size, left).map_err(|what| self.fault(&what))?;
        self.state = after(left, fill);
        Ok(())
    }

    /// Takes note of what other readers have otherwise.
    fn tell(&mut self, entries: Range<u64>, path: &str, notes: Vec<String>) {
        for message in notes {
            match self.disputes.len() {
                MAX_DISPUTES => {
                    let message = format!("readers disagree on more than {MAX_DISPUTES} of its entries");
                    self.disputes.push(Dispute { entries: 0..0, path: "the layer".to_owned(), message });
                }
                ..MAX_DISPUTES => {
                    let dispute = Dispute { entries: entries.clone(), path: pax::shown(path), message };
                    self.bounds.texts += dispute.path.len() + dispute.message.len();
                    self.disputes.push(dispute);
                }
                _ => return,
            }
        }
    }

    /// Counts an entry in: the index of them all is held in memory.
    fn count(&mut self, entry: &Entry) -> Result<(), Fault> {
        let Some(what) = self.bounds.count(entry, &self.entries) else { return Ok(()) };
        let message = format!("the tar, at byte {}: {what}; the rest is not listed", self.at);
        Err(Fault::new(FaultKind::Stopped, message))
    }

    fn fault(&self, what: &str) -> Fault {
        Fault::malformed(format!("the tar, at byte {}: {what}", self.at))
    }
}

/// With so many bytes of a file left, and so many that fill its last block.
fn after(left: u64, fill: u64) -> State {
    if left == 0 && fill == 0 { State::Header } else { State::File { left, fill } }
}

/// What fills the last block of so many bytes.
fn filling(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

/// The first block is no header. One that has the magic bytes all the same was one before it was damaged.
fn no_tar(begin: &[u8]) -> Fault {
    if begin.get(257..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        return Fault::malformed("the tar, at byte 0: the first header is damaged, its checksum is wrong");
    }
    Fault::new(FaultKind::NoTar, format!("the layer is no tar: it {}", begins::how(begin)))
}

fn skip(bytes: &[u8], most: u64) -> (u64, &[u8]) {
    let count = usize::try_from(most).unwrap_or(usize::MAX).min(bytes.len());
    (count as u64, bytes.get(count..).unwrap_or_default())
}

#[cfg(test)]
mod readers;
#[cfg(test)]
mod tests;
