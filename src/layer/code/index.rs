//! A layer's entries as far as it takes to put each in its place. The rest of one is read when it is looked at: of a hundred
//! thousand, that are those in view.

use std::ops::Range;

use super::{Bytes, FIELDS, Listing};
use crate::layer::{Entry, Kind};

/// Where the entries of a listing are.
#[derive(Debug, Default)]
pub struct Index {
    /// All paths, one behind the other.
    paths: String,
    places: Vec<Place>,
}

/// Where one is.
#[derive(Debug)]
struct Place {
    path: Range<usize>,
    /// Where in the listing it goes on behind its path.
    at: usize,
    kind: Kind,
    mode: u32,
    size: u64,
}

/// What puts an entry in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Brief<'i> {
    /// As written.
    pub path: &'i str,
    /// What it is.
    pub kind: Kind,
    /// The permission bits, with setuid, setgid and sticky.
    pub mode: u32,
    /// How long the file is, in bytes.
    pub size: u64,
}

impl Index {
    /// Of all entries of a listing.
    pub fn new(listing: &Listing) -> Index {
        let mut bytes = Bytes(&listing.bytes);
        // Each has at least as many bytes as it has fields.
        let most = usize::try_from(listing.count).unwrap_or(usize::MAX).min(listing.bytes.len() / FIELDS);
        let mut index = Index { paths: String::new(), places: Vec::with_capacity(most) };
        while !bytes.0.is_empty() && index.read(&mut bytes, listing.bytes.len()).is_some() {}
        index
    }

    fn read(&mut self, bytes: &mut Bytes<'_>, length: usize) -> Option<()> {
        let before = self.places.last().map_or(0, |place| place.path.start);
        let (shared, own) = (usize::try_from(bytes.number()?).ok()?, bytes.text()?);
        let begin = self.paths.len();
        self.paths.get(before..before.checked_add(shared)?)?;
        self.paths.extend_from_within(before..before + shared);
        self.paths.push_str(own);
        let at = length - bytes.0.len();
        let (kind, mode) = (Kind::of(bytes.byte()?)?, bytes.number()? as u32);
        let [_uid, _gid, size] = [bytes.number()?, bytes.number()?, bytes.number()?];
        bytes.skip_rest()?;
        self.places.push(Place { path: begin..self.paths.len(), at, kind, mode, size });
        Some(())
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Brief<'_>> + ExactSizeIterator {
        self.places.iter().map(|place| self.brief(place))
    }

    /// One of them, counted from 0.
    pub fn get(&self, entry: usize) -> Option<Brief<'_>> {
        self.places.get(entry).map(|place| self.brief(place))
    }

    fn brief(&self, place: &Place) -> Brief<'_> {
        let path = self.paths.get(place.path.clone()).unwrap_or_default();
        Brief { path, kind: place.kind, mode: place.mode, size: place.size }
    }

    /// All of an entry, counted from 0, from the listing that this is the index of.
    pub fn entry(&self, listing: &Listing, entry: usize) -> Option<Entry> {
        let place = self.places.get(entry)?;
        let path = self.brief(place).path.to_owned();
        Bytes(listing.bytes.get(place.at..)?).entry(path)
    }
}

impl Brief<'_> {
    /// Whether it runs as its owner, whoever starts it.
    pub fn is_setuid(&self) -> bool {
        self.mode & 0o4000 != 0 && matches!(self.kind, Kind::File | Kind::HardLink)
    }

    /// Whether it is a directory in which all may create files, and remove those of others.
    pub fn is_open_to_all(&self) -> bool {
        self.kind == Kind::Directory && self.mode & 0o1002 == 0o002
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_indexed_is_what_is_listed() {
        let entry = |path: &str, mode, size| Entry { path: path.into(), mode, size, ..Entry::default() };
        let pax = vec![("a".into(), "b".into()), ("c".into(), String::new())];
        let entries = [
            entry("usr/", 0o755, 0),
            Entry {
                kind: Kind::Symlink,
                link: "\u{e9}".into(),
                pax,
                ..entry("usr/\u{e9}\u{e8}", 0, 1 << 40)
            },
            Entry { user: "root".into(), uid: i64::MAX, modified: -1, ..entry("usr/\u{e9}", 0o4755, 3) },
            entry("", 1, 2),
        ];
        let listing = Listing::new(&entries);
        let index = Index::new(&listing);
        let briefs = entries.iter().map(|entry| {
            let Entry { kind, mode, size, .. } = *entry;
            Brief { path: &entry.path, kind, mode, size }
        });
        assert!(index.iter().eq(briefs));
        let read: Vec<Entry> = (0..4).filter_map(|at| index.entry(&listing, at)).collect();
        assert_eq!(read, entries);
        assert_eq!(
            (index.get(3).map(|brief| brief.size), index.get(4), index.entry(&listing, 4)),
            (Some(2), None, None)
        );
        for length in 0..listing.bytes.len() {
            let bytes = listing.bytes.get(..length).unwrap().to_vec();
            let cut = Listing { bytes, count: u64::MAX, ..listing };
            assert!(Index::new(&cut).iter().len() < 4 && cut.entries().len() < 4, "cut at {length}");
        }
    }

    #[test]
    fn what_is_worth_a_look_is_told_by_its_mode() {
        let of = |kind, mode| Brief { path: "a", kind, mode, size: 0 };
        assert!(of(Kind::File, 0o4755).is_setuid() && !of(Kind::Directory, 0o4755).is_setuid());
        assert!(of(Kind::Directory, 0o777).is_open_to_all());
        assert!(!of(Kind::Directory, 0o1777).is_open_to_all(), "sticky: none removes another's");
        assert!(!of(Kind::File, 0o777).is_open_to_all());
    }
}
