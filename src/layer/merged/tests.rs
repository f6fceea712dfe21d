use super::*;
use crate::layer::{Entry, Listing};

fn file(path: &str, size: u64) -> Entry {
    Entry { path: path.to_owned(), size, ..Entry::default() }
}

fn directory(path: &str) -> Entry {
    Entry { path: path.to_owned(), kind: Kind::Directory, ..Entry::default() }
}

/// Layers of these entries, on top of each other.
fn put(layers: &[&[Entry]]) -> Merged {
    let indexes: Vec<Index> = layers.iter().map(|entries| Index::new(&Listing::new(entries))).collect();
    Merged::new(&indexes)
}

/// Each file as `path mark size`, directories before what is in them.
fn told(merged: &Merged) -> Vec<String> {
    fn walk(merged: &Merged, id: FileId, told: &mut Vec<String>) {
        let file = merged.get(id).unwrap();
        let slash = if file.is_directory() { "/" } else { "" };
        told.push(format!("{}{slash} {} {}", merged.path(id), file.mark.as_str(), file.size));
        file.children.iter().for_each(|child| walk(merged, *child, told));
    }
    let mut lines = Vec::new();
    walk(merged, FileId(0), &mut lines);
    lines
}

#[test]
fn later_layers_add_change_and_remove() {
    let one = [directory("./"), directory("etc/"), file("etc/a", 10), file("etc/b", 20), file("bin/sh", 5)];
    let two = [file("etc/a", 11), file("etc/.wh.b", 0), file("new/c", 1)];
    assert_eq!(
        told(&put(&[&one])),
        ["/ kept 35", "bin/ added 5", "bin/sh added 5", "etc/ added 30", "etc/a added 10", "etc/b added 20"],
    );
    let merged = put(&[&one, &two]);
    assert_eq!(
        told(&merged),
        [
            "/ kept 17",
            "bin/ kept 5",
            "bin/sh kept 5",
            "etc/ kept 11",
            "etc/a changed 11",
            "etc/b removed 20",
            "new/ added 1",
            "new/c added 1",
        ],
    );
    assert_eq!(merged.wasted, 30, "the old a, and b");
    let root = merged.get(FileId(0)).unwrap();
    assert_eq!((root.count, root.wasted), (3, 30));
    assert_eq!(merged.find("etc/b"), None);
    let found = merged.get(merged.find("etc/a").unwrap()).unwrap();
    assert_eq!(found.stored, Some(Stored { layer: 1, entry: 0 }));
    let third = put(&[&one, &two, &[]]);
    assert!(told(&third).iter().all(|line| line.contains("kept")), "what went earlier is not there");
    assert_eq!(third.find("etc/b"), None);
    assert_eq!(told(&third).len(), 7);
}

#[test]
fn whiteouts_are_about_lower_layers_wherever_they_stand() {
    let one = [file("dir/old", 7), file("dir/sub/deep", 8), file("gone/x", 9)];
    let two = [file("dir/new", 1), file("dir/.wh..wh..opq", 0), file("gone/y", 2), file(".wh.gone", 0)];
    let merged = put(&[&one, &two]);
    assert_eq!(
        told(&merged),
        [
            "/ kept 3",
            "dir/ kept 1",
            "dir/new added 1",
            "dir/old removed 7",
            "dir/sub/ removed 0",
            "dir/sub/deep removed 8",
            "gone/ changed 2",
            "gone/x removed 9",
            "gone/y added 2",
        ],
    );
    assert_eq!(merged.wasted, 24);
    assert_eq!(told(&put(&[&one, &[file(".wh.none", 0)]])).len(), 7, "of what is not there, nothing");
}

#[test]
fn a_file_in_the_place_of_a_directory_hides_what_was_in_it() {
    let one = [directory("a"), file("a/b", 4)];
    let two = [file("a", 1)];
    let merged = put(&[&one, &two]);
    assert_eq!(told(&merged), ["/ kept 1", "a changed 1", "a/b removed 4"]);
    let back = put(&[&one, &two, &[file("a/c", 2)]]);
    assert_eq!(
        told(&back),
        ["/ kept 3", "a kept 3", "a/c added 2"],
        "what a link points to is not known here"
    );
}

/// Reckoned by hand, as dive's `filetree/efficiency.go` does: of each layer's own tree it visits the leaves. What a
/// leaf weighs is its size; for a whiteout, the sum of what the tree of the layers below has under that path if the node
/// there is a directory, and 0 if it is none. To each path it adds that weight, and keeps the least. The score is the sum of
/// the least over the sum of all.
#[test]
fn efficiency_is_that_of_dive() {
    let one = [
        directory("etc/"),
        directory("etc/nginx/"),
        file("etc/nginx/nginx.conf", 2000),
        file("etc/nginx/public", 3000),
    ];
    let two = [
        directory("etc/"),
        directory("etc/nginx/"),
        file("etc/nginx/nginx.conf", 5000),
        file("etc/athing", 10_000),
    ];
    let three = [directory("etc/"), file("etc/.wh.nginx", 0)];
    let four = [directory("etc/"), file("etc/.wh.athing", 0)];
    let five = [directory("etc/"), directory("etc/nginx/"), file("etc/nginx/public", 3000)];
    let twice = [file("a", 10), file("./a", 3)];
    let implied = [file("dir/a", 10)];
    let whole = [one.as_slice(), &two, &three, &four, &five];
    for (layers, least, all) in [
        (whole.get(..0).unwrap(), 1, 1),
        // nginx.conf 2000, public 3000.
        (whole.get(..1).unwrap(), 5000, 5000),
        // nginx.conf 2000 of 2000 + 5000, public 3000, athing 10,000.
        (whole.get(..2).unwrap(), 15_000, 20_000),
        // The whiteout of nginx, a directory of 5000 + 3000, under a path that was no leaf before: 8000 of 8000.
        (whole.get(..3).unwrap(), 23_000, 28_000),
        // The whiteout of athing, a file: 0, which is now the least that a layer has of it.
        (whole.get(..4).unwrap(), 13_000, 28_000),
        // public 3000 of 3000 + 3000. The directory nginx is no leaf.
        (&whole, 13_000, 31_000),
        // A path that a layer has twice is one node of its tree, with the later size.
        (&[twice.as_slice()], 3, 3),
        // A directory that no layer names is none: its whiteout weighs nothing.
        (&[implied.as_slice(), &[file(".wh.dir", 0)]], 10, 10),
        // A file in the place of a directory, and an empty directory in the place of a file.
        (&[[directory("a")].as_slice(), &[file("a", 10)], &[directory("a")]], 0, 10),
        // A directory that a whiteout is in is no leaf: d weighs 10 of 10 where it is removed, and nothing before; d/b 0 of 7.
        (
            &[
                [directory("d"), file("d/a", 10), file("d/b", 7)].as_slice(),
                &[directory("d"), file("d/.wh.b", 0)],
                &[file(".wh.d", 0)],
            ],
            20,
            27,
        ),
    ] {
        let found = put(layers).efficiency;
        assert_eq!(found, least * 1000 / all, "{least} of {all}");
    }
}

#[test]
fn sums_of_what_tars_say_do_not_wrap() {
    let huge = u64::MAX >> 1;
    let layer = [file("d/a", huge), file("d/b", huge), file("d/c", huge), file("e", 5)];
    let merged = put(&[&layer, &layer, &layer, &[file(".wh.d", 0)]]);
    let whole = put(&[&layer]);
    assert_eq!(whole.get(FileId(0)).unwrap().size, u64::MAX);
    assert_eq!((merged.wasted, merged.get(FileId(0)).unwrap().wasted), (u64::MAX, u64::MAX));
    assert_eq!(merged.get(FileId(0)).unwrap().size, 5);
    assert_eq!(whole.efficiency, 1000);
}

#[test]
fn a_path_as_long_as_a_header_allows_is_a_file_like_any_other() {
    let long = "a/".repeat(1 << 19);
    let merged = put(&[&[file(&long, 3)], &[file(&format!("{long}b"), 4)]]);
    assert_eq!(merged.iter().count(), (1 << 19) + 2);
    assert_eq!(merged.find(&long), Some(FileId(1 << 19)));
    assert_eq!(merged.path(FileId(1 << 19)).len(), (1 << 20) - 1);
}

#[test]
fn the_same_path_twice_in_a_layer_is_one_file() {
    let merged = put(&[&[file("a", 10), file("./a", 3)]]);
    assert_eq!(told(&merged), ["/ kept 3", "a added 3"]);
    assert_eq!(merged.wasted, 10);
}
