//! What Go reads from tars on which readers differ, as `cargo xtask differ` and the sources of `archive/tar` 1.19 have it:
//! each kind once, with what is listed here, what is refused, and whether it is said that others read something else.

mod bytes;

use super::tests::{end, header, read, records, text, with_data};
use super::*;
use crate::layer::text::shown;

type Records = [(&'static str, &'static str)];

/// What a tar comes to: each entry as its path and its length, and then how it ends.
fn listed(parts: &[Vec<u8>]) -> (Vec<String>, Tar) {
    let bytes = parts.concat();
    let mut tar = Tar::default();
    let ended = bytes.chunks(700).try_for_each(|chunk| tar.push(chunk)).and_then(|()| tar.finish());
    let mut lines: Vec<String> = tar
        .entries
        .iter()
        .map(|entry| match (entry.kind, entry.size) {
            (Kind::File, 0) => shown(&entry.path),
            (Kind::File, size) => format!("{}({size})", shown(&entry.path)),
            (kind, _) => format!("{} {}", kind.as_str(), shown(&entry.path)),
        })
        .collect();
    assert_eq!(read(&bytes, 1).1, ended, "in steps of one byte");
    lines.extend(ended.err().map(|fault| format!("{:?}", fault.kind)));
    (lines, tar)
}

fn file(name: &str) -> Vec<u8> {
    header(name, b'0', 0, |_| {})
}

fn sized(name: &str, size: usize) -> Vec<u8> {
    with_data(header(name, b'0', size as u64, |_| {}), &vec![b'd'; size])
}

fn x(said: &Records) -> Vec<u8> {
    text(b'x', &records(said))
}

fn g(said: &Records) -> Vec<u8> {
    text(b'g', &records(said))
}

fn named(letter: u8, name: &str) -> Vec<u8> {
    text(letter, name.as_bytes())
}

fn raw(name: &str, letter: u8, at: usize, bytes: &'static [u8]) -> Vec<u8> {
    header(name, letter, 0, |block| block.get_mut(at..at + bytes.len()).unwrap().copy_from_slice(bytes))
}

/// Whether others read something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    Agree,
    Disagree,
}
use Others::{Agree, Disagree};

/// What it is, the tar, what is listed, and what others make of it.
type Row<'r> = (&'r str, Vec<Vec<u8>>, &'r [&'r str], Others);

fn check(rows: &[Row<'_>]) {
    for (what, parts, expected, others) in rows {
        let parts = [parts.as_slice(), &[end()]].concat();
        let (found, tar) = listed(&parts);
        assert_eq!(found, *expected, "{what}");
        let disagree = if tar.disputes.is_empty() { Agree } else { Disagree };
        assert_eq!(disagree, *others, "{what}: {:?}", tar.disputes);
    }
}

#[test]
fn what_stands_before_an_entry_says_of_it_what_go_takes() {
    const MALFORMED: &str = "Malformed";
    let evil = || file("evil");
    let last = || file("last");
    check(&[
        ("x alone", vec![x(&[("path", "a")]), evil(), last()], &["a", "last"], Agree),
        // A metadata header takes the place of the one before, even where it is empty.
        (
            "x, then an empty x",
            vec![x(&[("size", "512")]), x(&[]), file("f"), evil(), last()],
            &["f", "evil", "last"],
            Disagree,
        ),
        ("x, then another x", vec![x(&[("path", "a")]), x(&[("uid", "5")]), evil()], &["evil"], Disagree),
        ("L, then an empty L", vec![named(b'L', "a"), named(b'L', ""), evil()], &["evil"], Disagree),
        ("L, then L", vec![named(b'L', "a"), named(b'L', "b"), evil()], &["b"], Agree),
        ("L of a zero", vec![named(b'L', "\0"), file(".wh.a")], &[".wh.a"], Disagree),
        ("L up to its zero", vec![named(b'L', "a\0b"), evil()], &["a"], Agree),
        ("K of a zero", vec![named(b'K', "\0"), raw("l", b'2', 157, b"to")], &["symbolic link l"], Disagree),
        ("L and K keep each other", vec![named(b'L', "a"), named(b'K', "b"), evil()], &["a"], Agree),
        // A global header drops what is said of the next entry, and is not heeded itself.
        ("L, then g", vec![named(b'L', "innocent"), g(&[("comment", "c")]), evil()], &["evil"], Disagree),
        ("K, then g", vec![named(b'K', "b"), g(&[]), evil()], &["evil"], Disagree),
        ("x, then g", vec![x(&[("path", "innocent")]), g(&[]), evil()], &["evil"], Disagree),
        ("g of a path", vec![g(&[("path", "a")]), evil(), last()], &["evil", "last"], Disagree),
        ("g of a size", vec![g(&[("size", "512")]), evil(), last()], &["evil", "last"], Disagree),
        ("g of what is no number", vec![g(&[("uid", "junk"), ("mtime", "x")]), evil()], &["evil"], Disagree),
        ("g of what is no record", vec![text(b'g', b"junk"), evil()], &[MALFORMED], Agree),
        ("x, then L", vec![x(&[("path", "a")]), named(b'L', "b"), evil()], &["b"], Disagree),
        ("L, then x", vec![named(b'L', "b"), x(&[("path", "a")]), evil()], &["b"], Disagree),
        ("L and x of one mind", vec![named(b'L', "b"), x(&[("path", "b")]), evil()], &["b"], Agree),
        (
            "K and x",
            vec![named(b'K', "b"), x(&[("linkpath", "a")]), raw("l", b'2', 157, b"to")],
            &["symbolic link l"],
            Disagree,
        ),
        ("an empty path", vec![x(&[("path", "")]), evil()], &["evil"], Disagree),
        ("a path taken back", vec![x(&[("path", "a"), ("path", "")]), evil()], &["evil"], Disagree),
        ("the later path", vec![x(&[("path", "a"), ("path", "b")]), evil()], &["b"], Agree),
        ("x at the end", vec![evil(), x(&[("path", "a")])], &["evil"], Agree),
        ("X", vec![text(b'X', &records(&[("path", "a")])), evil()], &[MALFORMED], Disagree),
    ]);
}

#[test]
fn records_are_as_go_takes_them() {
    const MALFORMED: &str = "Malformed";
    let of = |bytes: &[u8]| vec![text(b'x', bytes), file("own")];
    check(&[
        (
            "a length with zeros before it",
            of(b"00000000000000000000000000032 path=a\n".get(..).unwrap()),
            &[MALFORMED],
            Agree,
        ),
        (
            "a length with zeros before it",
            of(b"0000000000000000000000000000037 path=a\n"),
            &[MALFORMED],
            Agree,
        ),
        ("a length with zeros", of(b"0011 path=a\n".get(..).unwrap()), &[MALFORMED], Agree),
        ("a length with zeros that fits", of(b"0012 path=a\n"), &["a"], Agree),
        ("a length with a sign", of(b"+11 path=a\n"), &["a"], Disagree),
        ("a length that is too short", of(b"9 path=ab\n"), &[MALFORMED], Agree),
        ("a length below five", of(b"4 a=\n"), &[MALFORMED], Agree),
        ("no name", of(b"5 =a\n"), &[MALFORMED], Agree),
        ("a zero after the last record", of(b"10 path=a\n\0"), &[MALFORMED], Agree),
        ("a line after the last record", of(b"10 path=a\n\n"), &[MALFORMED], Agree),
        ("a zero in a name", of(b"9 a\0b=c\n\0".get(..9).unwrap()), &[MALFORMED], Agree),
        ("a zero in a path", of(b"12 path=a\0b\n"), &[MALFORMED], Agree),
        ("a zero in a link", of(b"16 linkpath=a\0b\n"), &[MALFORMED], Agree),
        ("a zero in a user", of(b"13 uname=a\0b\n"), &[MALFORMED], Agree),
        ("a zero in a group", of(b"13 gname=a\0b\n"), &[MALFORMED], Agree),
        ("a zero in a comment", of(b"15 comment=a\0b\n"), &["own"], Agree),
        ("a zero in an ACL", of(b"25 SCHILY.acl.access=a\0b\n"), &["own"], Agree),
        ("a zero in a label", of(b"28 RHT.security.selinux=a\0b\n".get(..).unwrap()), &["own"], Agree),
        (
            "a zero in a sparse name",
            of(&records(&[
                ("GNU.sparse.major", "0"),
                ("GNU.sparse.minor", "1"),
                ("GNU.sparse.numblocks", "0"),
                ("GNU.sparse.name", "a\0b"),
            ])),
            &[MALFORMED],
            Agree,
        ),
        (
            "a size with a sign",
            vec![x(&[("size", "+512")]), file("own"), file("evil"), file("last")],
            &["own(512)", "last"],
            Disagree,
        ),
    ]);
    for (name, value, holds) in [
        ("uid", "-5", true),
        ("gid", "-0", true),
        ("uid", "9223372036854775808", false),
        ("gid", "18446744073709551615", false),
        ("mtime", "-1.5", true),
        ("mtime", "1.5x", false),
        ("atime", "junk", false),
        ("ctime", "1.-5", false),
        ("size", "-1", false),
        ("size", "9223372036854775808", false),
        ("hdrcharset", "BINARY", true),
    ] {
        let (found, _) = listed(&[x(&[(name, value)]), file("own"), end()]);
        assert_eq!(found == ["own"], holds, "{name}={value}: {found:?}");
    }
    let said = [
        ("uid", "-5"),
        ("gid", "-9223372036854775808"),
        ("mtime", "-1.5"),
        ("SCHILY.xattr.a", "1"),
        ("b", ""),
        ("SCHILY.xattr.a", "2"),
    ];
    let (_, tar) = listed(&[x(&said), file("own"), end()]);
    let own = tar.entries.first().unwrap();
    assert_eq!((own.uid, own.gid, own.modified), (-5, i64::MIN, -2));
    let pax: Vec<(&str, &str)> =
        own.pax.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(pax, [("b", ""), ("SCHILY.xattr.a", "2")], "of two the last counts");
}

#[test]
fn what_an_entry_is_follows_from_its_type_and_name() {
    let evil = || file("evil");
    let no_bytes = |name: &str, letter: u8| header(name, letter, 512, |_| {});
    check(&[
        (
            "an old directory has no bytes",
            vec![no_bytes("dir/", 0), evil()],
            &["directory dir/", "evil"],
            Disagree,
        ),
        (
            "an old directory by L",
            vec![named(b'L', "dir/"), no_bytes("f", 0), evil()],
            &["directory dir/", "evil"],
            Disagree,
        ),
        ("an old file has", vec![no_bytes("dir", 0), evil(), file("last")], &["dir(512)", "last"], Agree),
        ("a directory", vec![no_bytes("dir/", b'5'), evil()], &["directory dir/", "evil"], Agree),
        ("a symbolic link", vec![no_bytes("l", b'2'), evil()], &["symbolic link l", "evil"], Disagree),
        ("a hard link", vec![no_bytes("l", b'1'), evil()], &["hard link l", "evil"], Disagree),
        ("a device", vec![no_bytes("d", b'3'), evil()], &["character device d", "evil"], Disagree),
        ("a pipe", vec![no_bytes("p", b'6'), evil()], &["named pipe p", "evil"], Disagree),
        (
            "a size below zero of what has none",
            vec![raw("d", b'5', 124, &[0xff; 12]), evil()],
            &["directory d", "evil"],
            Agree,
        ),
        (
            "a size below zero of a link",
            vec![raw("l", b'2', 124, &[0xff; 12]), evil()],
            &["symbolic link l", "evil"],
            Disagree,
        ),
        ("a file that is named as a directory", vec![file("dir/")], &["dir/"], Disagree),
        ("the root", vec![header("./", b'5', 0, |_| {})], &["directory ./"], Agree),
        ("out of the root", vec![file("../a"), file("a/../../b")], &["../a", "a/../../b"], Disagree),
        ("not out of the root", vec![file("a/../b"), file("/../c")], &["a/../b", "/../c"], Agree),
    ]);
    for letter in *b"7SDVMNXAZ89 \xff" {
        let (found, tar) = listed(&[file("first"), header("f", letter, 0, |_| {}), file("last"), end()]);
        assert_eq!(found, ["first", "Malformed"], "{}", names::letter(letter));
        let told = tar.disputes.first().unwrap();
        assert!(
            told.message.contains(&format!("refuse its type, {}", names::letter(letter))),
            "{}",
            told.message
        );
    }
    for name in ["", ".", "/", "a/..", "..", ".wh.", "a/.wh.", "a/.wh..", "a/.wh...", "./.wh./"] {
        let (found, _) = listed(&[file(name), file("last"), end()]);
        assert_eq!(found, ["Malformed"], "{name}");
    }
}

#[test]
fn numbers_and_prefixes_of_headers_are_those_of_go() {
    const MALFORMED: &str = "Malformed";
    let gnu = |prefix: &'static [u8]| {
        header("name", b'0', 0, |block| {
            block.get_mut(257..265).unwrap().copy_from_slice(b"ustar  \0");
            block.get_mut(345..345 + prefix.len()).unwrap().copy_from_slice(prefix);
        })
    };
    let star = |prefix: &'static [u8], times: &'static [u8]| {
        header("name", b'0', 0, |block| {
            block.get_mut(508..512).unwrap().copy_from_slice(b"tar\0");
            block.get_mut(345..345 + prefix.len()).unwrap().copy_from_slice(prefix);
            block.get_mut(476..476 + times.len()).unwrap().copy_from_slice(times);
        })
    };
    let long = [b'p'; 131];
    let long: &'static [u8] = Box::leak(Box::new(long));
    let path = format!("{}/name", "p".repeat(131));
    check(&[
        (
            "a blank in a number",
            vec![raw("f", b'0', 124, b"00000010 00\0"), file("evil")],
            &[MALFORMED],
            Disagree,
        ),
        ("a blank in the owner", vec![raw("f", b'0', 108, b"000 100\0")], &[MALFORMED], Disagree),
        (
            "zeros before a number",
            vec![raw("f", b'0', 124, b"\0\x000000001000"), file("evil"), file("last")],
            &["f(512)", "last"],
            Disagree,
        ),
        (
            "blanks round a number",
            vec![raw("f", b'0', 124, b"      1000 \0"), file("evil"), file("last")],
            &["f(512)", "last"],
            Agree,
        ),
        (
            "what follows a zero",
            vec![raw("f", b'0', 124, b"0\0 1000     "), file("evil")],
            &["f", "evil"],
            Agree,
        ),
        ("no number", vec![raw("f", b'0', 124, b"-1         \0")], &[MALFORMED], Agree),
        ("a device that is no number", vec![raw("f", b'0', 329, b"x")], &[MALFORMED], Agree),
        (
            "a sum in bits",
            vec![{
                let mut block = file("f");
                let sum: u64 = block
                    .iter()
                    .enumerate()
                    .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) })
                    .sum();
                block.get_mut(148..156).unwrap().copy_from_slice(&(1 << 63 | sum).to_be_bytes());
                file("first").into_iter().chain(block).collect()
            }],
            &["first", MALFORMED],
            Agree,
        ),
        ("GNU's times", vec![gnu(b"14000000000\x0014000000000\0")], &["name"], Agree),
        ("old Go's prefix", vec![gnu(b"some/prefix")], &["some/prefix/name"], Disagree),
        (
            "old Go's prefix, named otherwise",
            vec![named(b'L', "long"), gnu(b"some/prefix")],
            &["long"],
            Agree,
        ),
        ("no prefix, for it is no ASCII", vec![gnu(b"some\xe9")], &["name"], Agree),
        ("star's prefix", vec![star(long, b"14000000000\x0014000000000\0")], &[&path], Disagree),
        ("a short one", vec![star(b"some", b"")], &["some/name"], Agree),
        ("star's times", vec![star(b"some", b"junk")], &[MALFORMED], Agree),
    ]);
}

#[test]
fn both_readings_are_told() {
    let told = |parts: &[Vec<u8>]| {
        let tar = listed(&[parts, &[end()]].concat()).1;
        tar.disputes
            .into_iter()
            .map(|told| format!("{:?} {}: {}", told.entries, told.path, told.message))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(&[file("first"), named(b'L', "innocent"), x(&[("path", "evil")]), file("own")]),
        [
            "1..2 innocent: a GNU long name and a pax path stand before it: docker and containerd take innocent, GNU tar takes evil"
        ]
    );
    assert_eq!(
        told(&[file("first"), g(&[("path", "evil"), ("comment", "c")]), file("own")]),
        [
            "1..18446744073709551615 evil: a global header says path=evil, which GNU tar and POSIX take of all files after it; \
          docker and containerd pass over what it says, and remove what has its name before it"
        ]
    );
    assert_eq!(
        told(&[g(&[("comment", "c")]), file("own")]),
        [
            "0..0 ././@Long: a global header says nothing of what files are; docker and containerd pass over what it says, and \
          remove what has its name before it"
        ]
    );
    assert_eq!(
        told(&[named(b'L', "innocent"), g(&[("comment", "c")]), file("own")]).get(1).unwrap(),
        "0..1 own: a global header stands between it and its GNU long name: docker and containerd drop that, GNU tar takes innocent"
    );
}
