//! What a layer unpacked to as bytes, on the way from a worker to the page: numbers of seven bits a byte, and paths as what
//! differs from the one before.

mod index;

use super::{Compression, Dispute, Entry, Fault, FaultKind, Kind, Seek, Twice, Unpacked};

pub use index::{Brief, Index};

/// The fewest bytes that an entry is written in: one for each of its numbers and texts.
const FIELDS: usize = 17;

/// The entries of a layer, in few bytes: an image may have a million.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    bytes: Vec<u8>,
    count: u64,
    /// How much memory the paths take when they are put in their places, about.
    paths: u64,
}

/// What a file or a directory takes beside its path.
const FILE: u64 = 200;

impl Listing {
    /// Of these entries.
    pub fn new(entries: &[Entry]) -> Listing {
        let (mut bytes, mut before, mut paths) = (Vec::new(), "", 0);
        for entry in entries {
            let shared = write(&mut bytes, before, entry);
            before = &entry.path;
            // Directories may be there only because of what is in them.
            let own =
                before.get(shared..).unwrap_or_default().trim_end_matches('/').matches('/').count() as u64;
            paths += before.len() as u64 + FILE * (own + 1);
        }
        Listing { bytes, count: entries.len() as u64, paths }
    }

    /// How much memory it takes, with all files put in their places, in bytes and about.
    pub fn weight(&self) -> usize {
        usize::try_from(self.paths).unwrap_or(usize::MAX).saturating_add(self.bytes.len())
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// All of them, in order.
    pub fn entries(&self) -> Vec<Entry> {
        let index = Index::new(self);
        (0..index.iter().len()).filter_map(|at| index.entry(self, at)).collect()
    }
}

/// Writes it.
pub fn encode(unpacked: &Unpacked) -> Vec<u8> {
    let mut out = Vec::new();
    let Unpacked { compression, diff_id, size, listing, seeks, twice, disputes, faults } = unpacked;
    number(&mut out, compression.map_or(0, |compression| compression as u64 + 1));
    text(&mut out, &diff_id.as_ref().map(ToString::to_string).unwrap_or_default());
    number(&mut out, *size);
    number(&mut out, faults.len() as u64);
    for Fault { kind, message } in faults {
        number(&mut out, *kind as u64);
        text(&mut out, message);
    }
    let (first, count) = twice.as_ref().map_or(("", 0), |twice| (twice.first.as_str(), twice.count));
    number(&mut out, count);
    text(&mut out, first);
    number(&mut out, seeks.len() as u64);
    for Seek { packed, unpacked } in seeks {
        number(&mut out, *packed);
        number(&mut out, *unpacked);
    }
    number(&mut out, disputes.len() as u64);
    for Dispute { entries, path, message } in disputes {
        number(&mut out, entries.start);
        number(&mut out, entries.end);
        text(&mut out, path);
        text(&mut out, message);
    }
    number(&mut out, listing.count);
    number(&mut out, listing.paths);
    out.extend_from_slice(&listing.bytes);
    out
}

/// Writes an entry; says how many bytes of its path are those of the one before.
fn write(out: &mut Vec<u8>, before: &str, entry: &Entry) -> usize {
    let alike = entry.path.char_indices().zip(before.chars()).find(|((_, a), b)| a != b);
    let shared = alike.map_or(before.len().min(entry.path.len()), |((at, _), _)| at);
    number(out, shared as u64);
    text(out, entry.path.get(shared..).unwrap_or_default());
    out.push(entry.kind.letter());
    let Entry { uid, gid, size, stored, at, modified, .. } = entry;
    let (major, minor) = entry.device;
    let numbers = [
        u64::from(entry.mode),
        zigzag(*uid),
        zigzag(*gid),
        *size,
        *stored,
        *at,
        zigzag(*modified),
        major.into(),
        minor.into(),
    ];
    numbers.into_iter().for_each(|value| number(out, value));
    out.push(u8::from(entry.is_sparse));
    for value in [&entry.user, &entry.group, &entry.link] {
        text(out, value);
    }
    number(out, entry.pax.len() as u64);
    for (name, value) in &entry.pax {
        text(out, name);
        text(out, value);
    }
    shared
}

/// The sign last, so that what is little above or below zero is short.
fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

fn number(out: &mut Vec<u8>, mut value: u64) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn text(out: &mut Vec<u8>, value: &str) {
    number(out, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}

/// Reads it back; `None` where it is not what [`encode`] writes.
pub fn decode(bytes: &[u8]) -> Option<Unpacked> {
    let mut bytes = Bytes(bytes);
    let compression = match bytes.number()? {
        0 => None,
        1 => Some(Compression::Plain),
        2 => Some(Compression::Gzip),
        _ => Some(Compression::Zstd),
    };
    let diff_id = bytes.text()?.parse().ok();
    let mut unpacked = Unpacked { compression, diff_id, size: bytes.number()?, ..Unpacked::default() };
    for _ in 0..bytes.number()? {
        let kind = match bytes.number()? {
            0 => FaultKind::Malformed,
            1 => FaultKind::Trailing,
            2 => FaultKind::Stopped,
            _ => FaultKind::NoTar,
        };
        unpacked.faults.push(Fault::new(kind, bytes.text()?));
    }
    let twice = Twice { count: bytes.number()?, first: bytes.text()?.to_owned() };
    unpacked.twice = Some(twice).filter(|twice| twice.count > 0);
    for _ in 0..bytes.number()? {
        unpacked.seeks.push(Seek { packed: bytes.number()?, unpacked: bytes.number()? });
    }
    for _ in 0..bytes.number()? {
        let entries = bytes.number()?..bytes.number()?;
        let (path, message) = (bytes.text()?.to_owned(), bytes.text()?.to_owned());
        unpacked.disputes.push(Dispute { entries, path, message });
    }
    unpacked.listing = Listing { count: bytes.number()?, paths: bytes.number()?, bytes: bytes.0.to_vec() };
    Some(unpacked)
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        // Nearly all are small.
        if let Some((first, rest)) = self.0.split_first().filter(|(first, _)| **first < 0x80) {
            self.0 = rest;
            return Some(u64::from(*first));
        }
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(value);
            }
            if shift > 63 {
                return None;
            }
        }
    }

    fn signed(&mut self) -> Option<i64> {
        let zigzag = self.number()?;
        Some((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed())
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    /// What follows its path.
    fn entry(&mut self, path: String) -> Option<Entry> {
        let kind = Kind::of(self.byte()?)?;
        let mut entry = Entry { path, kind, mode: self.number()? as u32, ..Entry::default() };
        (entry.uid, entry.gid) = (self.signed()?, self.signed()?);
        (entry.size, entry.stored, entry.at) = (self.number()?, self.number()?, self.number()?);
        entry.modified = self.signed()?;
        entry.device = (self.number()? as u32, self.number()? as u32);
        entry.is_sparse = self.byte()? != 0;
        for field in [&mut entry.user, &mut entry.group, &mut entry.link] {
            *field = self.text()?.to_owned();
        }
        for _ in 0..self.number()? {
            entry.pax.push((self.text()?.to_owned(), self.text()?.to_owned()));
        }
        Some(entry)
    }

    /// Passes over what follows its size.
    fn skip_rest(&mut self) -> Option<()> {
        let [_stored, _at, _modified, _major, _minor] =
            [self.number()?, self.number()?, self.number()?, self.number()?, self.number()?];
        let _is_sparse = self.byte()?;
        let [_user, _group, _link] = [self.skip_text()?, self.skip_text()?, self.skip_text()?];
        for _ in 0..self.number()? {
            let [_name, _value] = [self.skip_text()?, self.skip_text()?];
        }
        Some(())
    }

    fn skip_text(&mut self) -> Option<()> {
        let length = usize::try_from(self.number()?).ok()?;
        self.0 = self.0.get(length..)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    #[test]
    fn what_is_written_reads_back() {
        let entry = |path: &str, modified| Entry { path: path.to_owned(), modified, ..Entry::default() };
        let full = Entry {
            kind: Kind::Fifo,
            mode: 0o4755,
            uid: i64::MIN,
            gid: 300,
            user: "root".into(),
            group: "wheel".into(),
            size: 1 << 40,
            stored: 12,
            at: 512,
            link: "to".into(),
            device: (8, 1),
            is_sparse: true,
            pax: vec![("SCHILY.xattr.user.a".into(), "b".into())],
            ..entry("usr/\u{e9}\u{e8}", i64::MIN)
        };
        let entries =
            [entry("usr/", -1), entry("usr/bin/a", 1), full, entry("usr/\u{e9}\u{e9}", 0), entry("", 7)];
        let listing = Listing::new(&entries);
        assert_eq!((listing.entries().as_slice(), listing.count()), (&entries[..], 5));
        let unpacked = Unpacked {
            compression: Some(Compression::Zstd),
            diff_id: Some(Digest::sha256(b"")),
            size: 5,
            listing,
            seeks: vec![Seek { packed: 1, unpacked: 2 }],
            twice: Some(Twice { first: "a".into(), count: 2 }),
            disputes: vec![
                Dispute { entries: 3..4, path: "a".into(), message: "b".into() },
                Dispute { entries: 5..u64::MAX, path: String::new(), message: "c".into() },
            ],
            faults: vec![
                Fault::new(FaultKind::Trailing, "x"),
                Fault::new(FaultKind::Stopped, "y"),
                Fault::new(FaultKind::NoTar, "z"),
            ],
        };
        assert_eq!(decode(&encode(&unpacked)), Some(unpacked.clone()));
        assert_eq!(decode(&encode(&Unpacked::default())), Some(Unpacked::default()));
        let bytes = encode(&Unpacked { listing: Listing::default(), ..unpacked });
        for length in 0..bytes.len() {
            assert_eq!(decode(bytes.get(..length).unwrap()), None, "cut at {length}");
        }
    }
}
