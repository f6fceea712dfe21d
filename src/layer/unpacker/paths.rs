//! Paths that a layer has more than once: which of them counts is up to who unpacks it.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use crate::layer::entry::{Entry, Kind, Whiteout, clean, whiteout};
use crate::layer::{Dispute, Twice, text};

/// So many disputes are told one by one.
const MAX_DISPUTES: usize = 1000;

/// The paths that are there more than once, a directory's aside that is named again as one: of these readers only disagree
/// on what is said of them.
pub(super) fn twice(entries: &[Entry], disputes: &mut Vec<Dispute>) -> Option<Twice> {
    let mut twice: Option<Twice> = None;
    // By path, where it was first, and whether it is a directory so far; none once it was counted.
    let mut seen: HashMap<String, Option<(usize, bool)>> = HashMap::new();
    let mut told = 0;
    for (at, entry) in entries.iter().enumerate() {
        let is_directory = entry.kind == Kind::Directory;
        match seen.entry(entry.clean_path()) {
            Slot::Vacant(slot) => drop(slot.insert(Some((at, is_directory)))),
            Slot::Occupied(mut slot) => match *slot.get() {
                Some((first, true)) if is_directory => {
                    told += 1;
                    if let Some(first) = entries.get(first).filter(|_| told <= MAX_DISPUTES) {
                        disputes.push(directory_twice(at, first, entry));
                    }
                }
                Some(_) => {
                    slot.insert(None);
                    let first = slot.key();
                    twice.get_or_insert_with(|| Twice { first: text::shown(first), count: 0 }).count += 1;
                }
                None => {}
            },
        }
    }
    twice
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
pub(super) fn hidden(entries: &[Entry], disputes: &mut Vec<Dispute>) {
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
    Dispute { entries: at..at + 1, path: text::shown(&entry.path).chars().take(200).collect(), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, kind: Kind) -> Entry {
        Entry { path: path.to_owned(), kind, ..Entry::default() }
    }

    fn found(entries: &[Entry]) -> (Option<Twice>, Vec<String>) {
        let mut disputes = Vec::new();
        let twice = twice(entries, &mut disputes);
        hidden(entries, &mut disputes);
        (
            twice,
            disputes
                .iter()
                .map(|told| format!("{:?} {}: {}", told.entries, told.path, told.message))
                .collect(),
        )
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
        let names = [text::held(b"caf\xe9"), text::held(b"caf\\xe9"), text::held(b"caf\xc3\xa9")];
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
