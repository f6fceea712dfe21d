//! Paths that go through what is no directory: through a symbolic link of a lower layer, most often. Some readers follow the
//! link, and some make a directory in its place.

use std::collections::BTreeSet;

use super::Merged;
use crate::layer::entry::{Kind, split};
use crate::layer::text::cut;
use crate::layer::{Brief, Dispute, Index};

/// So many are told one by one, of all layers.
pub(super) const MOST: usize = 1000;

/// The entries of each layer, counted from 0, whose path goes through what is no directory.
///
/// To put all files in their places takes a while, so it is looked first whether any path that has others in it is also that
/// of something else than a directory: that is next to never so. Paths are looked up by their hashes, and two that have the
/// same cost time alone.
pub fn paths_through(layers: &[Index]) -> Vec<(usize, Dispute)> {
    let (mut directories, mut others) = (BTreeSet::new(), Vec::new());
    let (mut before, mut parts) = (Vec::new(), Vec::new());
    for entry in layers.iter().flat_map(Index::iter) {
        split(entry.path, &mut parts);
        let last = parts.pop();
        // The way to it is much the same as to the one before.
        let is_known = before == parts;
        let mut hash = 0x811c_9dc5;
        for part in &parts {
            hash = hashed(hash, part);
            if !is_known {
                directories.insert(hash);
            }
        }
        if let Some(last) = last.filter(|_| entry.kind != Kind::Directory) {
            others.push(hashed(hash, last));
        }
        std::mem::swap(&mut before, &mut parts);
    }
    if !others.iter().any(|hash| directories.contains(hash)) {
        return Vec::new();
    }
    Merged::new(layers).through
}

/// FNV-1a, over a name and what stands before it.
fn hashed(before: usize, name: &str) -> usize {
    let step = |hash: usize, byte: u8| (hash ^ usize::from(byte)).wrapping_mul(0x0100_0193);
    name.bytes().chain([b'/']).fold(before, step)
}

/// What is said of an entry whose path goes through another.
pub(super) fn dispute(
    at: usize,
    entry: Brief<'_>,
    layer: usize,
    over: Option<Brief<'_>>,
    from: usize,
) -> Dispute {
    let (through, kind) = over.map_or_else(Default::default, |over| (cut(over.path), over.kind));
    let (what, become_of) = match kind {
        Kind::Symlink => {
            ("symbolic link", "some readers put it where that leads, others make a directory in its place")
        }
        kind => (kind.as_str(), "some readers refuse it, others make a directory in its place"),
    };
    let place = if from == layer { "this layer".to_owned() } else { format!("layer {}", from + 1) };
    let message = format!("its path goes through {through}, a {what} of {place}: {become_of}");
    Dispute { entries: at as u64..at as u64 + 1, path: cut(entry.path), message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::{Entry, Listing};

    fn told(layers: &[&[Entry]]) -> Vec<String> {
        let indexes: Vec<Index> = layers.iter().map(|entries| Index::new(&Listing::new(entries))).collect();
        let found = paths_through(&indexes);
        assert_eq!(found, Merged::new(&indexes).through, "what is looked at first hides none");
        found.iter().map(|(layer, told)| format!("{layer} {}: {}", told.path, told.message)).collect()
    }

    fn of(kind: Kind) -> impl Fn(&str) -> Entry {
        move |path| Entry { path: path.to_owned(), kind, ..Entry::default() }
    }

    #[test]
    fn what_goes_through_a_link_of_a_lower_layer_is_told() {
        let (file, link, directory) = (of(Kind::File), of(Kind::Symlink), of(Kind::Directory));
        let base = [directory("usr/lib/"), link("lib")];
        let by_link = "its path goes through lib, a symbolic link of layer 1: some readers put it where that leads, others make a directory in its place";
        for path in ["lib/x", "./lib/deep/x", "lib/.wh.x", "lib/.wh..wh..opq", "lib/deep/"] {
            assert_eq!(told(&[&base, &[file(path)]]), [format!("1 {path}: {by_link}")]);
        }
        assert_eq!(told(&[&base, &[], &[file("lib/x")]]).len(), 1, "however low it is");
        // What was replaced or removed is no link any more.
        assert_eq!(told(&[&base, &[directory("lib/"), file("lib/x")]]), [""; 0]);
        assert_eq!(told(&[&base, &[file(".wh.lib")], &[file("lib/x")]]), [""; 0]);
        assert_eq!(told(&[&base, &[file(".wh.lib"), file("lib/x")]]), [""; 0]);
        assert_eq!(told(&[&base, &[file("lib/x"), directory("lib/")]]).len(), 1, "too late");
        assert_eq!(told(&[&base, &[file("library/x"), file("usr/lib/x"), link("lib")]]), [""; 0]);
        let same = told(&[&[link("lib"), file("lib/x"), file("lib/y")]]);
        assert_eq!(same.len(), 2);
        assert!(same[0].contains("a symbolic link of this layer"), "{same:?}");
        assert!(
            told(&[&[file("a")], &[file("a/b")]])[0]
                .contains("through a, a file of layer 1: some readers refuse it")
        );
    }

    #[test]
    fn no_more_are_told_than_can_be_read() {
        let many: Vec<Entry> = (0..2000).map(|at| of(Kind::File)(&format!("lib/{at}"))).collect();
        assert_eq!(told(&[&[of(Kind::Symlink)("lib")], &many]).len(), MOST);
    }
}
