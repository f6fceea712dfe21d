use super::bounds::MAX_PATH;
use super::*;

/// A header as POSIX has it; `change` may make it another.
pub(super) fn header(path: &str, letter: u8, size: u64, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut block = vec![0; BLOCK];
    let mut put =
        |at: usize, bytes: &[u8]| block.get_mut(at..at + bytes.len()).unwrap().copy_from_slice(bytes);
    put(0, path.as_bytes());
    put(100, b"0000644\0");
    put(108, b"0001750\0");
    put(116, b"0000144\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"14000000000\0");
    put(156, &[letter]);
    put(257, b"ustar\x0000");
    put(265, b"user");
    put(297, b"users");
    change(&mut block);
    let sum: u64 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) })
        .sum();
    block.get_mut(148..156).unwrap().copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

pub(super) fn with_data(mut header: Vec<u8>, data: &[u8]) -> Vec<u8> {
    header.extend_from_slice(data);
    header.resize(header.len().next_multiple_of(BLOCK), 0);
    header
}

pub(super) fn text(letter: u8, text: &[u8]) -> Vec<u8> {
    with_data(header("././@Long", letter, text.len() as u64, |_| {}), text)
}

pub(super) fn records(records: &[(&str, &str)]) -> Vec<u8> {
    let mut all = String::new();
    for (name, value) in records {
        let rest = format!(" {name}={value}\n");
        let length = (rest.len()..).find(|length| rest.len() + length.to_string().len() == *length).unwrap();
        all += &format!("{length}{rest}");
    }
    all.into_bytes()
}

pub(super) fn read(bytes: &[u8], step: usize) -> (Vec<Entry>, Result<(), Fault>) {
    let mut tar = Tar::default();
    let pushed = bytes.chunks(step).try_for_each(|chunk| tar.push(chunk));
    let ended = pushed.and_then(|()| tar.finish());
    (tar.entries, ended)
}

pub(super) fn end() -> Vec<u8> {
    vec![0; 2 * BLOCK]
}

/// Reads in steps of several lengths: all must come to the same.
fn entries(parts: &[Vec<u8>]) -> Vec<Entry> {
    let bytes = parts.concat();
    let (entries, ended) = read(&bytes, bytes.len());
    assert_eq!(ended, Ok(()));
    for step in [1, 7, 511, 512, 513, 4096] {
        assert_eq!(read(&bytes, step), (entries.clone(), Ok(())), "in steps of {step}");
    }
    entries
}

#[test]
fn every_field_of_a_header_is_read() {
    let link =
        header("dir/link", b'2', 0, |block| block.get_mut(157..163).unwrap().copy_from_slice(b"target"));
    let device = header("dev/null", b'3', 0, |block| {
        block.get_mut(329..336).unwrap().copy_from_slice(b"0000001");
        block.get_mut(337..344).unwrap().copy_from_slice(b"0000003");
    });
    let prefixed = header("name", b'0', 0, |block| block.get_mut(345..349).unwrap().copy_from_slice(b"some"));
    let old = header("old/", 0, 0, |block| block.get_mut(257..345).unwrap().fill(0));
    let found = entries(&[
        header("dir/", b'5', 0, |_| {}),
        with_data(header("dir/file", b'0', 5, |_| {}), b"bytes"),
        link,
        device,
        prefixed,
        old,
        end(),
    ]);
    let paths: Vec<(&str, Kind)> = found.iter().map(|entry| (entry.path.as_str(), entry.kind)).collect();
    let expected = [
        ("dir/", Kind::Directory),
        ("dir/file", Kind::File),
        ("dir/link", Kind::Symlink),
        ("dev/null", Kind::Character),
        ("some/name", Kind::File),
        ("old/", Kind::Directory),
    ];
    assert_eq!(paths, expected);
    let [_, file, link, device, ..] = found.as_slice() else { panic!("six") };
    assert_eq!(
        (file.mode, file.uid, file.gid, file.size, file.stored, file.at),
        (0o644, 1000, 100, 5, 5, 1024)
    );
    assert_eq!((file.user.as_str(), file.group.as_str(), file.modified), ("user", "users", 0o14_000_000_000));
    assert_eq!((link.link.as_str(), device.device), ("target", (1, 3)));
}

#[test]
fn long_names_and_pax_records_say_more_of_the_next_entry_alone() {
    let long = "a/".repeat(80) + "file";
    let found = entries(&[
        text(b'g', &records(&[("comment", "of all"), ("uname", "global")])),
        text(b'L', format!("{long}\0").as_bytes()),
        text(b'K', b"far/away\0"),
        header("short", b'2', 0, |_| {}),
        text(
            b'x',
            &records(&[
                ("path", "\u{fc}ber/path"),
                ("size", "3"),
                ("uid", "4294967296"),
                ("uname", "local"),
                ("mtime", "1700000000.25"),
                ("SCHILY.xattr.user.x", "1"),
            ]),
        ),
        with_data(header("name", b'0', 0, |_| {}), b"abc"),
        header("last", b'0', 0, |_| {}),
        end(),
    ]);
    let [first, second, third] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (first.path.as_str(), first.link.as_str(), first.user.as_str()),
        (long.as_str(), "far/away", "user")
    );
    assert_eq!((second.path.as_str(), second.size, second.uid), ("\u{fc}ber/path", 3, 1 << 32));
    assert_eq!((second.user.as_str(), second.modified), ("local", 1_700_000_000));
    let said =
        |entry: &Entry| entry.pax.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    assert_eq!(said(second), ["SCHILY.xattr.user.x=1"]);
    assert_eq!((third.path.as_str(), third.user.as_str(), said(third)), ("last", "user", vec![]));
}

#[test]
fn sparse_files_of_every_kind_have_their_length_and_their_name() {
    let mut one = b"2\n0\n3\n69000\n2\n".to_vec();
    one.resize(BLOCK, 0);
    one.extend_from_slice(b"abcde");
    let version = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", "one")];
    let length = [("GNU.sparse.realsize", "70000")];
    let nought = [
        ("GNU.sparse.size", "80000"),
        ("GNU.sparse.numblocks", "1"),
        ("GNU.sparse.offset", "7"),
        ("GNU.sparse.numbytes", "0"),
        ("path", "nought"),
    ];
    let long = "1000\n".to_owned() + &"0\n0\n".repeat(1000);
    let found = entries(&[
        text(b'x', &records(&[version.as_slice(), &length].concat())),
        with_data(header("GNUSparseFile.0/one", b'0', 517, |_| {}), &one),
        text(b'x', &records(&nought)),
        header("x", b'0', 0, |_| {}),
        text(b'x', &records(version.get(..2).unwrap())),
        with_data(header("many", b'0', 4096, |_| {}), &[long.as_bytes(), &[0; 91]].concat()),
        header("last", b'0', 0, |_| {}),
    ]);
    let told: Vec<_> = found.iter().map(|e| (e.path.as_str(), e.size, e.stored, e.at, e.is_sparse)).collect();
    let expected = [
        ("one", 70_000, 517, 1536, true),
        ("nought", 80_000, 0, 4096, true),
        ("many", 4096, 4096, 5632, true),
        ("last", 0, 0, 10_240, false),
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_follows_the_end_or_breaks_off_is_found() {
    let file = with_data(header("file", b'0', 600, |_| {}), &[1; 600]);
    let zeros = vec![0; 10 * BLOCK];
    assert_eq!(read(&[file.clone(), zeros.clone()].concat(), 99).1, Ok(()), "tars are filled up with zeros");
    assert_eq!(read(&file, 99).1, Ok(()), "two blocks of zeros may be missing");
    for (bytes, kind, word) in [
        ([file.clone(), zeros, b"x".repeat(BLOCK)].concat(), FaultKind::Trailing, "from byte 6656"),
        ([file.clone(), vec![0; BLOCK], file.clone()].concat(), FaultKind::Malformed, "stands alone"),
        (file.get(..700).unwrap().to_vec(), FaultKind::Malformed, "middle of file"),
        (file.get(..100).unwrap().to_vec(), FaultKind::NoTar, "begins with bytes 66 69 6c 65"),
        (b"{\"no\": \"tar\"}".repeat(50), FaultKind::NoTar, "begins as JSON does"),
        ([file, b"?".repeat(BLOCK)].concat(), FaultKind::Malformed, "at byte 2048"),
        (
            header("file", b'0', 0, |block| *block.get_mut(124).unwrap() = b'x'),
            FaultKind::Malformed,
            "the size",
        ),
        (header("long", b'L', 1 << 30, |_| {}), FaultKind::Malformed, "1048576 are the most"),
        (text(b'x', b"12 no record"), FaultKind::Malformed, "no record"),
    ] {
        for step in [1, 100, 100_000] {
            let fault = read(&bytes, step).1.unwrap_err();
            assert_eq!(fault.kind, kind, "{}", fault.message);
            assert!(fault.message.contains(word), "{} has no {word}", fault.message);
        }
    }
}

#[test]
fn any_flipped_bit_of_a_header_is_found() {
    let block = header("file", b'0', 0, |_| {});
    for bit in 0..BLOCK * 8 {
        let mut flipped = block.clone();
        *flipped.get_mut(bit / 8).unwrap() ^= 1 << (bit % 8);
        // A checksum may be written in several ways: only there can a flip change nothing.
        assert!(read(&flipped, BLOCK).1.is_err() || (148 * 8..156 * 8).contains(&bit), "bit {bit}");
    }
}

/// A number with its first bit set, as GNU tar writes what does not fit into octal digits.
fn in_bits(field: &mut [u8], number: i128) {
    let bytes = number.to_be_bytes();
    field.copy_from_slice(bytes.get(bytes.len() - field.len()..).unwrap());
    *field.first_mut().unwrap() |= 0x80;
}

#[test]
fn what_is_longer_than_any_file_is_refused() {
    let most = i128::from(i64::MAX);
    let wrong = (-512..0).chain([i128::from(i64::MIN), most + 1, most + 2, i128::from(u64::MAX) - 511]);
    for size in wrong.chain([i128::from(u64::MAX)]) {
        let plain = header("a", b'0', 0, |block| in_bits(block.get_mut(124..136).unwrap(), size));
        let long_name = header("a", b'L', 0, |block| in_bits(block.get_mut(124..136).unwrap(), size));
        let sparse = header("a", b'S', 0, |block| in_bits(block.get_mut(483..495).unwrap(), size));
        let said = |name: &str| {
            let version =
                [("GNU.sparse.major", "0"), ("GNU.sparse.minor", "0"), ("GNU.sparse.numblocks", "0")];
            let records = records(&[version.as_slice(), &[(name, &size.to_string())]].concat());
            [text(b'x', &records), header("a", b'0', 0, |_| {})].concat()
        };
        let paxes = ["size", "GNU.sparse.realsize", "GNU.sparse.size"].map(said);
        for bytes in [plain, long_name, sparse].iter().chain(&paxes) {
            let bytes = [bytes.as_slice(), &end()].concat();
            let fault = read(&bytes, 600).1.unwrap_err();
            assert_eq!(fault.kind, FaultKind::Malformed, "{size}");
            assert!(fault.message.starts_with("the tar, at byte "), "{}", fault.message);
        }
    }
    for size in [most, most - 1, most - 511, most - 512, 1 << 40] {
        let plain = header("a", b'0', 0, |block| in_bits(block.get_mut(124..136).unwrap(), size));
        let pax = text(b'x', &records(&[("size", &size.to_string())]));
        for bytes in [plain, [pax, header("a", b'0', 0, |_| {})].concat()] {
            let (entries, ended) = read(&[bytes, vec![0; 5000]].concat(), 600);
            assert_eq!(i128::from(entries.first().unwrap().size), size);
            assert!(ended.unwrap_err().message.ends_with("the middle of a"), "{size}");
        }
    }
}

#[test]
fn paths_are_listed_as_far_as_they_can_be_opened() {
    let named = |length: usize| text(b'L', "a/".repeat(length / 2).as_bytes());
    let last = header("x", b'0', 0, |_| {});
    let (found, ended) = read(&[named(MAX_PATH), last.clone()].concat(), 512);
    assert_eq!((found.len(), ended), (1, Ok(())));
    for length in [MAX_PATH + 2, 1 << 20] {
        let fault = read(&[named(length), last.clone()].concat(), 512).1.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Stopped);
        assert!(fault.message.contains(&format!("a path of {length} bytes")), "{}", fault.message);
    }
    let mut tar = Tar::default();
    let pushed = (0..2000).try_for_each(|number| {
        let path = format!("{number}/{}", "a/".repeat(2000));
        tar.push(&[text(b'L', path.as_bytes()), header("x", b'0', 0, |_| {})].concat())
    });
    assert!(pushed.unwrap_err().message.contains("name more than 2000000"), "a thousand of these");
    assert_eq!(tar.entries.len(), 999);
}

#[test]
fn the_texts_of_all_entries_are_counted() {
    let long = "n".repeat(1_000_000);
    for name in ["uname", "gname", "linkpath", "other"] {
        let mut tar = Tar::default();
        let entry = [text(b'x', &records(&[(name, &long)])), header("x", b'0', 0, |_| {})].concat();
        let fault = (0..200).find_map(|_| tar.push(&entry).err()).unwrap();
        assert_eq!(fault.kind, FaultKind::Stopped, "{name}");
        assert!(fault.message.contains("the texts"), "{}", fault.message);
        assert_eq!(tar.entries.len(), 134, "{name}");
    }
}

#[test]
fn what_is_said_of_all_that_follows_is_kept_within_bounds() {
    let mut tar = Tar::default();
    let long = "v".repeat(900_000);
    tar.push(&text(b'g', &records(&[("path", &long)]))).unwrap();
    let again = text(b'g', &records(&[("comment", "same")]));
    (0..MAX_DISPUTES + 50).for_each(|_| tar.push(&again).unwrap());
    assert_eq!(tar.disputes.len(), MAX_DISPUTES + 1);
    assert!(tar.disputes.iter().all(|told| told.message.len() < 1000));
}

#[test]
fn any_length_of_what_follows_the_end_is_found() {
    for length in 1..BLOCK {
        let (mut last, mut first) = (vec![0; length], vec![0; length]);
        (*last.last_mut().unwrap(), *first.first_mut().unwrap()) = (1, 1);
        for rest in [last, first] {
            let fault = read(&[end(), rest].concat(), 1000).1.unwrap_err();
            assert_eq!(fault.kind, FaultKind::Trailing, "{length}");
            assert!(fault.message.ends_with("from byte 1024"), "{}", fault.message);
        }
        assert_eq!(read(&[end(), vec![0; length]].concat(), 1000).1, Ok(()), "{length} zeros");
    }
}
