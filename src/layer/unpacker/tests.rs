use std::io::Write as _;

use flate2::{Compression as Level, write::GzEncoder};

use super::*;
use crate::digest::{Algorithm, Digest, Hashers};

fn unpack(limits: Limits) -> Unpack {
    Unpack { algorithm: Algorithm::Sha256, limits }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn unpacked(bytes: &[u8], limits: Limits) -> Unpacked {
    let mut unpacker = Unpacker::new(&unpack(limits), &Hashers::default());
    bytes.chunks(10_000).for_each(|chunk| unpacker.push(chunk));
    unpacker.finish()
}

/// A tar of nothing but its end.
const EMPTY: [u8; 1024] = [0; 1024];

#[test]
fn the_diff_id_is_of_what_comes_out() {
    let diff_id = Digest::sha256(&EMPTY);
    for (bytes, compression) in [(EMPTY.to_vec(), Compression::Plain), (gzip(&EMPTY), Compression::Gzip)] {
        let Unpacked { compression: found, diff_id: computed, size, faults, .. } =
            unpacked(&bytes, Limits::default());
        assert_eq!((found, computed, size, faults), (Some(compression), Some(diff_id.clone()), 1024, vec![]));
    }
    let nothing = unpacked(b"", Limits::default());
    assert_eq!((nothing.compression, nothing.diff_id), (None, Some(Digest::sha256(b""))));
}

#[test]
fn a_tar_that_is_none_has_its_diff_id_all_the_same() {
    let Unpacked { diff_id, faults, .. } = unpacked(&gzip(&[1; 2000]), Limits::default());
    assert_eq!(diff_id, Some(Digest::sha256(&[1; 2000])));
    let kinds: Vec<FaultKind> = faults.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [FaultKind::NoTar], "{faults:?}");
    let cut = gzip(&EMPTY);
    let Unpacked { diff_id, faults, .. } = unpacked(cut.get(..cut.len() - 1).unwrap(), Limits::default());
    assert_eq!((diff_id, faults.len()), (None, 1), "what did not come to its end has none");
    let more = [gzip(&EMPTY), b"more".to_vec()].concat();
    let Unpacked { diff_id, faults, .. } = unpacked(&more, Limits::default());
    assert_eq!((diff_id, faults.len()), (Some(Digest::sha256(&EMPTY)), 1), "what follows changes nothing");
}

#[test]
fn a_layer_is_unpacked_by_its_first_bytes() {
    let xz = [&b"\xfd7zXZ\0"[..], &[7; 600]].concat();
    let encrypted = [&b"\x8e\x12\0\xff"[..], &[9; 5000]].concat();
    for (bytes, said) in [
        (xz.as_slice(), "begins as xz does"),
        (xz.get(..300).unwrap(), "begins as xz does"),
        (b"BZh91AY&SY", "begins as bzip2 does"),
        (b"7z\xbc\xaf\x27\x1c", "begins as 7z does"),
        (b"PK\x03\x04", "begins as zip does"),
        (&encrypted, "begins with bytes 8e 12 00 ff that no known compression has"),
        (&gzip(&encrypted), "begins with bytes 8e 12 00 ff that no known compression has"),
        (&gzip(b"{}"), "begins as JSON does"),
    ] {
        let Unpacked { faults, listing, .. } = unpacked(bytes, Limits::default());
        let [fault] = faults.as_slice() else { panic!("{faults:?}") };
        assert_eq!((fault.kind, listing.count()), (FaultKind::NoTar, 0), "{}", fault.message);
        assert!(fault.message.contains(said), "{}", fault.message);
    }
    // Nothing but zeros is an empty tar.
    for length in [512, 1024, 10_240] {
        assert_eq!(unpacked(&vec![0; length], Limits::default()).faults, [], "{length}");
    }
}

#[test]
fn bombs_are_stopped() {
    let zeros = vec![0; 100 << 20];
    let bomb = gzip(&zeros);
    let limits = |total, ratio| Limits { total, ratio };
    for (limits, word) in
        [(limits(50 << 20, 10_000), "over 52428800 bytes"), (limits(1 << 40, 250), "250 times")]
    {
        let Unpacked { diff_id, faults, size, .. } = unpacked(&bomb, limits);
        assert_eq!(diff_id, None);
        let [fault] = faults.as_slice() else { panic!("{faults:?}") };
        assert_eq!(fault.kind, FaultKind::Stopped);
        assert!(fault.message.contains(word), "{}", fault.message);
        assert!(size < 90 << 20, "it stopped soon: {size}");
    }
    let whole = unpacked(&bomb, limits(1 << 40, 10_000));
    assert_eq!((whole.diff_id, whole.faults), (Some(Digest::sha256(&zeros)), vec![]));
}

#[test]
fn a_stretch_is_taken_out() {
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
    let packed = gzip(&bytes);
    for (skip, length) in [(0, 1), (7, 5000), (399_999, 1), (0, 400_000), (5, 0)] {
        let mut extractor = Extractor::new(Compression::Gzip, skip as u64, length);
        // A decoder may hold back its last bytes to the end.
        let soon = packed.chunks(1000).any(|chunk| extractor.push(chunk).unwrap());
        assert!(soon || skip + length > 390_000, "{skip} {length}");
        assert_eq!(extractor.finish().unwrap(), bytes.get(skip..skip + length).unwrap());
    }
    let mut extractor = Extractor::new(Compression::Gzip, 399_999, 2);
    assert_eq!(extractor.push(&packed), Ok(false));
    assert!(extractor.finish().unwrap_err().message.contains("ends before"));
}

#[test]
fn decoding_can_begin_at_a_later_member() {
    let member = gzip(&vec![0; 300 << 10]);
    let small = gzip(&[0; 512]);
    let packed = [member.clone(), small.clone(), member.clone(), gzip(&EMPTY)].concat();
    let Unpacked { seeks, .. } = unpacked(&packed, Limits::default());
    let (one, two) = (member.len() as u64, member.len() + small.len());
    let expected = [(one, 300 << 10), ((two + member.len()) as u64, (600 << 10) + 512)];
    let found: Vec<(u64, u64)> = seeks.iter().map(|seek| (seek.packed, seek.unpacked)).collect();
    assert_eq!(found, expected, "not nearer to each other than it is worth");
}
