//! What the paths of a layer come to among themselves: what is there more than once, what stands in a file, and what is
//! hidden by the layer's own whiteout.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use crate::layer::entry::{Entry, Kind, Whiteout, clean, whiteout};
use crate::layer::text::cut;
use crate::layer::{Dispute, Twice};

/// So many disputes of each kind are told one by one.
const MAX_DISPUTES: usize = 1000;

/// What is there twice and is counted already has this place.
const COUNTED: usize = usize::MAX;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// What is there more than once, a directory's path aside that is named again as one.
    pub(super) twice: Option<Twice>,
    /// What readers do not agree on.
    pub(super) disputes: Vec<Dispute>,
    /// The first entry that stands in what is no directory, in a sentence.
    pub(super) in_file: Option<String>,
}

impl Paths {
    /// Of all entries of a layer.
    pub(super) fn of(entries: &[Entry]) -> Paths {
        let mut paths = Paths::default();
        paths.look(entries);
        hidden(entries, &mut paths.disputes);
        paths
    }

    fn look(&mut self, entries: &[Entry]) {
        // By path, where it was first.
        let mut seen: HashMap<String, usize> = HashMap::new();
        let (mut told, mut above) = (0, String::new());
        for (at, entry) in entries.iter().enumerate() {
            let path = entry.clean_path();
            // The directory is most often that of the one before.
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            if self.in_file.is_none() && parent != above {
                let other = |end: usize| entries.get(*seen.get(path.get(..end)?)?);
                let mut ancestors = path.match_indices('/').filter_map(|(end, _)| other(end));
                self.in_file = ancestors.find(|other| is_file(other)).map(|other| in_file(entry, other));
                above = parent.to_owned();
            }
            let slot = match seen.entry(path) {
                Slot::Vacant(slot) => {
                    slot.insert(at);
                    continue;
                }
                Slot::Occupied(slot) => slot,
            };
            let Some(first) = entries.get(*slot.get()) else { continue };
            if first.kind == Kind::Directory && entry.kind == Kind::Directory {
                told += 1;
                if told <= MAX_DISPUTES {
                    self.disputes.push(directory_twice(at, first, entry));
                }
                continue;
            }
            self.twice.get_or_insert_with(|| Twice { first: cut(slot.key()), count: 0 }).count += 1;
            *slot.into_mut() = COUNTED;
        }
    }
}

/// Whether nothing can stand in it: a link may lead to a directory, and a whiteout is not there.
fn is_file(entry: &Entry) -> bool {
    !matches!(entry.kind, Kind::Directory | Kind::Symlink) && whiteout(&entry.path).is_none()
}

fn in_file(entry: &Entry, other: &Entry) -> String {
    let (path, other_path, kind) = (cut(&entry.path), cut(&other.path), other.kind.as_str());
    format!("{path} stands in {other_path}, which is a {kind}: docker and containerd refuse the layer")
}

fn directory_twice(at: usize, first: &Entry, second: &Entry) -> Dispute {
    let said = |entry: &Entry| format!("{}, {}:{}", entry.mode_text(), entry.uid, entry.gid);
    let (first, again) = (said(first), said(second));
    let message = match first == again {
        true => format!("the layer has this directory twice, both times as {first}; readers may take either"),
        false => {
            format!("the layer has this directory twice, as {first} and as {again}; readers may take either")
        }
    };
    dispute(at, second, message)
}

/// What stands in a layer before its own whiteout: by the specification that is about lower layers alone.
fn hidden(entries: &[Entry], disputes: &mut Vec<Dispute>) {
    let mut whiteouts: HashMap<String, usize> = HashMap::new();
    for (at, entry) in entries.iter().enumerate() {
        if let Some(Whiteout::Of(path)) = whiteout(&entry.path) {
            whiteouts.insert(path, at);
        }
    }
    let Some(last) = whiteouts.values().max().copied() else { return };
    let mut told = 0;
    for (at, entry) in entries.iter().enumerate().take(last) {
        let path = clean(&entry.path);
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        let is_hidden =
            |end: usize| path.get(..end).and_then(|path| whiteouts.get(path)).is_some_and(|of| *of > at);
        if ends.into_iter().any(is_hidden) && whiteout(&entry.path).is_none() && told < MAX_DISPUTES {
            told += 1;
            let message = "a whiteout of it follows in the same layer: docker and containerd remove it, by the specification it stays";
            disputes.push(dispute(at, entry, message.to_owned()));
        }
    }
}

fn dispute(at: usize, entry: &Entry, message: String) -> Dispute {
    let at = at as u64;
    Dispute { entries: at..at + 1, path: cut(&entry.path), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, kind: Kind) -> Entry {
        Entry { path: path.to_owned(), kind, ..Entry::default() }
    }

    fn found(entries: &[Entry]) -> (Option<Twice>, Vec<String>) {
        let Paths { twice, disputes, .. } = Paths::of(entries);
        let told = disputes.iter().map(|told| format!("{:?} {}: {}", told.entries, told.path, told.message));
        (twice, told.collect())
    }

    #[test]
    fn nothing_stands_in_a_file() {
        let (in_file, directory) =
            (|entries: &[Entry]| Paths::of(entries).in_file, file("a/", Kind::Directory));
        let deep = file("./a/b/c", Kind::File);
        for (first, holds) in [
            (file("a", Kind::File), false),
            (file("a/b", Kind::Fifo), false),
            (file("a", Kind::HardLink), false),
            (file("a", Kind::Symlink), true),
            (file(".wh.a", Kind::File), true),
            (directory, true),
        ] {
            assert_eq!(
                in_file(&[first.clone(), file("x", Kind::File), deep.clone()]).is_none(),
                holds,
                "{first:?}"
            );
            assert_eq!(in_file(&[deep.clone(), first.clone()]), None, "{first:?} takes its place");
        }
        let said = "a/b stands in a, which is a file: docker and containerd refuse the layer";
        assert_eq!(in_file(&[file("a", Kind::File), file("a/b", Kind::File)]).unwrap(), said);
    }

    #[test]
    fn paths_that_are_there_twice_are_counted_however_they_are_written() {
        let entries = [
            file("a", Kind::File),
            file("b", Kind::File),
            file("./a", Kind::Symlink),
            file("/a", Kind::File),
            file("c/", Kind::Directory),
            file("c", Kind::Directory),
        ];
        assert_eq!(found(&entries).0, Some(Twice { first: "a".into(), count: 1 }));
        for (one, other, count) in [
            (Kind::File, Kind::File, 1),
            (Kind::File, Kind::Directory, 1),
            (Kind::Directory, Kind::File, 1),
            (Kind::Directory, Kind::Symlink, 1),
            (Kind::Directory, Kind::Directory, 0),
        ] {
            let (twice, disputes) = found(&[file("d", one), file("d/", other)]);
            assert_eq!(twice.map_or(0, |twice| twice.count), count, "{one:?}, {other:?}");
            assert_eq!(disputes.len(), usize::from(count == 0), "{disputes:?}");
        }
        let many: Vec<Entry> = (0..500).map(|number| file(&(number / 2).to_string(), Kind::File)).collect();
        assert_eq!(found(&many).0, Some(Twice { first: "0".into(), count: 250 }));
    }

    #[test]
    fn names_are_their_bytes() {
        let names = [
            crate::layer::text::held(b"caf\xe9"),
            crate::layer::text::held(b"caf\\xe9"),
            crate::layer::text::held(b"caf\xc3\xa9"),
        ];
        let entries: Vec<Entry> = names.iter().map(|name| file(name, Kind::File)).collect();
        assert_eq!(found(&entries), (None, vec![]));
        assert_eq!(
            found(&[file(&names[0], Kind::File), file(&names[0], Kind::File)]).0.unwrap().first,
            "caf\\xe9"
        );
    }

    #[test]
    fn a_directory_twice_is_told_as_both_have_it() {
        let with = |mode| Entry { mode, ..file("d/", Kind::Directory) };
        let told = found(&[with(0o755), with(0o700)]).1;
        let expected = "1..2 d/: the layer has this directory twice, as drwxr-xr-x, 0:0 and as drwx------, 0:0; readers may take either";
        assert_eq!(told, [expected]);
    }

    #[test]
    fn what_stands_before_its_whiteout_in_the_same_layer_is_told() {
        let told = |paths: &[&str]| {
            let entries: Vec<Entry> = paths.iter().map(|path| file(path, Kind::File)).collect();
            let told = found(&entries).1;
            told.iter().map(|line| line.split_once(':').unwrap().0.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(told(&["a", ".wh.a"]), ["0..1 a"]);
        assert_eq!(told(&[".wh.a", "a"]), [""; 0], "this removes what lower layers have");
        assert_eq!(
            told(&["gone/x", "gone/y", "going", ".wh.gone", "gone/z"]),
            ["0..1 gone/x", "1..2 gone/y"]
        );
        assert_eq!(told(&["d/a", "d/.wh..wh..opq"]), [""; 0], "docker keeps what the layer has");
    }
}
