//! The same of what belongs to which entry: the maps of sparse files, and where a tar ends.

use super::*;

#[test]
fn sparse_files_fit_their_maps_or_are_refused() {
    const MALFORMED: &str = "Malformed";
    let version = |minor: &'static str| {
        [
            ("GNU.sparse.major", if minor == "1.0" { "1" } else { "0" }),
            ("GNU.sparse.minor", minor.rsplit('.').next().unwrap()),
        ]
    };
    let of =
        |said: &[(&'static str, &'static str)], size: usize| vec![x(said), sized("f", size), file("last")];
    let with_map = |letter: u8, real: &'static str, map: &'static str, size: usize| {
        let said = [version("1.0").as_slice(), &[("GNU.sparse.realsize", real)]].concat();
        let mut data = map.as_bytes().to_vec();
        data.resize(map.len().next_multiple_of(512), 0);
        data.resize(data.len() + size, b's');
        vec![x(&said), with_data(header("f", letter, data.len() as u64, |_| {}), &data), file("last")]
    };
    let blocks = ("GNU.sparse.numblocks", "1");
    check(&[
        ("1.0", with_map(b'0', "100", "1\n10\n5\n", 5), &["f(100)", "last"], Agree),
        ("1.0 of an old file", with_map(0, "100", "1\n10\n5\n", 5), &["f(100)", "last"], Agree),
        ("parts beyond the end", with_map(b'0', "14", "1\n10\n5\n", 5), &["f(14)", MALFORMED], Agree),
        ("fewer bytes than parts", with_map(b'0', "100", "1\n10\n5\n", 4), &["f(100)", MALFORMED], Agree),
        ("more bytes than parts", with_map(b'0', "100", "1\n10\n5\n", 6), &["f(100)", MALFORMED], Agree),
        ("no map", with_map(b'0', "100", "", 0), &["f(100)", MALFORMED], Agree),
        ("half a map", with_map(b'0', "100", "2\n10\n5\n", 5), &["f(100)", MALFORMED], Agree),
        ("a length below zero", with_map(b'0', "-1", "0\n", 0), &[MALFORMED], Agree),
        ("a directory", with_map(b'5', "100", "1\n10\n5\n", 5), &[MALFORMED], Agree),
        (
            "0.1",
            of(
                &[
                    version("0.1").as_slice(),
                    &[blocks, ("GNU.sparse.map", "10,5"), ("GNU.sparse.size", "100")],
                ]
                .concat(),
                5,
            ),
            &["f(100)", "last"],
            Agree,
        ),
        (
            "a map without a version",
            of(&[blocks, ("GNU.sparse.map", "10,5"), ("GNU.sparse.size", "100")], 5),
            &["f(100)", "last"],
            Agree,
        ),
        (
            "0.0",
            of(
                &[
                    blocks,
                    ("GNU.sparse.offset", "10"),
                    ("GNU.sparse.numbytes", "5"),
                    ("GNU.sparse.size", "100"),
                ],
                5,
            ),
            &["f(100)", "last"],
            Agree,
        ),
        (
            "0.0 in no order",
            of(&[blocks, ("GNU.sparse.numbytes", "5"), ("GNU.sparse.offset", "10")], 5),
            &[MALFORMED],
            Agree,
        ),
        (
            "another number of parts",
            of(&[("GNU.sparse.numblocks", "2"), ("GNU.sparse.map", "10,5"), ("GNU.sparse.size", "100")], 5),
            &[MALFORMED],
            Agree,
        ),
        (
            "two lengths",
            of(
                &[
                    blocks,
                    ("GNU.sparse.map", "10,5"),
                    ("GNU.sparse.size", "100"),
                    ("GNU.sparse.realsize", "200"),
                ],
                5,
            ),
            &["f(100)", "last"],
            Disagree,
        ),
        (
            "no version",
            of(&[("GNU.sparse.name", "s"), ("GNU.sparse.realsize", "100")], 5),
            &["f(5)", "last"],
            Disagree,
        ),
        (
            "a version that is unknown",
            of(&[("GNU.sparse.major", "1"), ("GNU.sparse.minor", "1"), ("GNU.sparse.name", "s")], 5),
            &["f(5)", "last"],
            Disagree,
        ),
        (
            "half a version",
            of(&[("GNU.sparse.major", "1"), ("GNU.sparse.name", "s")], 5),
            &["f(5)", "last"],
            Disagree,
        ),
        (
            "the name of a sparse file comes last",
            vec![
                named(b'L', "long"),
                x(&[("GNU.sparse.name", "s"), ("GNU.sparse.map", "0,0"), blocks]),
                file("f"),
            ],
            &["s"],
            Agree,
        ),
    ]);
}

#[test]
fn a_tar_ends_where_go_ends_it() {
    let block = |count: usize| vec![0; count * BLOCK];
    for (what, parts, expected) in [
        ("nothing", vec![], &[][..]),
        ("one block of zeros", vec![file("a"), block(1)], &["a"]),
        ("no zeros", vec![file("a")], &["a"]),
        ("many zeros", vec![file("a"), block(20)], &["a"]),
        ("zeros of any number", vec![file("a"), vec![0; 1500]], &["a"]),
        ("one block, and a part", vec![file("a"), vec![0; 700]], &["a", "Malformed"]),
        ("less than a block", vec![file("a"), vec![0; 100]], &["a", "Malformed"]),
        ("one block, and more", vec![file("a"), block(1), file("b")], &["a", "Malformed"]),
        ("two blocks, and more", vec![file("a"), block(2), file("b")], &["a", "Trailing"]),
        ("a last block that is not filled", vec![sized("a", 100).get(..612).unwrap().to_vec()], &["a(100)"]),
        (
            "a last block that lacks a byte",
            vec![sized("a", 100).get(..611).unwrap().to_vec()],
            &["a(100)", "Malformed"],
        ),
        ("a text that is not filled", vec![file("a"), named(b'L', "b").get(..513).unwrap().to_vec()], &["a"]),
        (
            "a text that lacks a byte",
            vec![file("a"), named(b'L', "bc").get(..513).unwrap().to_vec()],
            &["a", "Malformed"],
        ),
        (
            "records that are not filled",
            vec![file("a"), text(b'x', b"junk").get(..516).unwrap().to_vec()],
            &["a", "Malformed"],
        ),
    ] {
        assert_eq!(listed(&parts).0, *expected, "{what}");
    }
}

#[test]
fn a_damaged_tar_is_told_from_what_is_none() {
    let mut damaged = file("a");
    *damaged.first_mut().unwrap() = b'b';
    assert_eq!(listed(&[damaged.clone()]).0, ["Malformed"]);
    assert_eq!(listed(&[damaged.get(..300).unwrap().to_vec()]).0, ["Malformed"]);
    assert_eq!(listed(&[vec![7; 600]]).0, ["NoTar"]);
}
