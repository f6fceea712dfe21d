//! Layers that were damaged at random: whatever is in them, and however it arrives, it is unpacked to its end or a fault is
//! found. Each round has a number, from which all that is random in it follows.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test's helper may panic: that fails the test"
)]

use std::io::Write as _;

use flate2::{Compression as Level, write::GzEncoder};
use registry_inspector::digest::{Algorithm, Hashers};
use registry_inspector::layer::{Compression, Index, Limits, Merged, Unpack, Unpacked, Unpacker};

/// How often each is tried.
const ROUNDS: u64 = 300;

/// Numbers that follow from the first one. Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn of_round(round: u64) -> Random {
        Random((round + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % most.max(1)
    }

    fn byte(&mut self) -> u8 {
        match self.below(4) {
            0 => [0, 1, 0x7f, 0x80, 0xff, b'/', b'9', b'='][self.below(8)],
            _ => self.below(256) as u8,
        }
    }
}

fn put(block: &mut [u8], at: usize, bytes: &[u8]) {
    block[at..at + bytes.len()].copy_from_slice(bytes);
}

fn sum_up(block: &mut [u8]) {
    put(block, 148, b"        ");
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    put(block, 148, format!("{sum:06o}\0 ").as_bytes());
}

fn entry(path: &str, letter: u8, link: &str, content: &[u8]) -> Vec<u8> {
    let mut block = vec![0_u8; 512];
    put(&mut block, 0, path.as_bytes());
    for (at, text) in [(100, "0000644"), (108, "0000000"), (116, "0000000"), (136, "00000000000")] {
        put(&mut block, at, text.as_bytes());
    }
    put(&mut block, 124, format!("{:011o}", content.len()).as_bytes());
    put(&mut block, 156, &[letter]);
    put(&mut block, 157, link.as_bytes());
    put(&mut block, 257, b"ustar\x0000");
    put(&mut block, 265, b"root");
    sum_up(&mut block);
    block.extend_from_slice(content);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

/// A tar of nearly all that there is in tars.
fn tar() -> Vec<u8> {
    let pax = [&b"18 path=pax/named\n"[..], b"18 uname=somebody\n", b"20 SCHILY.xattr.a=b\n"].concat();
    let sparse = [&b"22 GNU.sparse.major=1\n"[..], b"31 GNU.sparse.realsize=1000000\n"].concat();
    let text: Vec<u8> = (0..3000_u32).flat_map(|number| (number % 97 * number % 89).to_le_bytes()).collect();
    [
        entry("dir/", b'5', "", b""),
        entry("dir/file", b'0', "", b"some content"),
        entry("dir/link", b'2', "file", b""),
        entry("dir/hard", b'1', "dir/file", b""),
        entry("pax", b'g', "", b"16 comment=none\n"),
        entry("pax", b'x', "", &pax),
        entry("short", b'0', "", &text),
        entry("././@LongLink", b'L', "", "deep/".repeat(60).as_bytes()),
        entry("short", b'0', "", &text[..700]),
        entry("pax", b'x', "", &sparse),
        entry("sparse", b'0', "", b"1\n0\n0\n"),
        entry("dir/.wh.gone", b'0', "", b""),
        entry("dev/null", b'3', "", b""),
        vec![0; 1024],
    ]
    .concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Level::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// Of one member or frame, and of two.
fn packings() -> Vec<Vec<u8>> {
    let tar = tar();
    let (begin, end) = tar.split_at(tar.len() / 2);
    vec![gzip(&tar), [gzip(begin), gzip(end)].concat(), zstd(&tar), [zstd(begin), zstd(end)].concat(), tar]
}

/// Unpacks in steps of random lengths.
fn unpacked(bytes: &[u8], random: &mut Random) -> Unpacked {
    let limits = Limits { total: 64 << 20, ratio: 250 };
    let mut unpacker = Unpacker::new(&Unpack { algorithm: Algorithm::Sha256, limits }, &Hashers::default());
    let most = [1, 20, 600, 100_000][random.below(4)];
    let mut rest = bytes;
    while !rest.is_empty() {
        let (now, later) = rest.split_at((1 + random.below(most)).min(rest.len()));
        unpacker.push(now);
        rest = later;
    }
    unpacker.finish()
}

/// Other bytes in the place of a few.
fn overwritten(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(damaged.len());
        damaged[at] = random.byte();
    }
    damaged
}

/// A part cut off, taken out, doubled, or put in the place of another.
fn rearranged(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut ends = [random.below(bytes.len() + 1), random.below(bytes.len() + 1)];
    ends.sort_unstable();
    let [from, to] = ends;
    let (begin, part, end) = (&bytes[..from], &bytes[from..to], &bytes[to..]);
    match random.below(4) {
        0 => begin.to_vec(),
        1 => [begin, end].concat(),
        2 => [begin, part, part, end].concat(),
        _ => [end, begin, part].concat(),
    }
}

#[test]
fn a_damaged_layer_has_the_same_files_or_a_fault_or_another_diff_id() {
    for packed in packings() {
        let whole = unpacked(&packed, &mut Random::of_round(0));
        assert_eq!((whole.faults.as_slice(), whole.listing.count()), (&[][..], 9));
        for round in 0..ROUNDS {
            let random = &mut Random::of_round(round);
            let found = unpacked(&overwritten(&packed, random), random);
            // A gzip has a checksum of all that is in it. A tar has some of its headers, not of long names.
            let is_told = whole.compression != Some(Compression::Gzip) && found.diff_id != whole.diff_id;
            let is_same = found.listing == whole.listing;
            assert!(is_same || is_told || !found.faults.is_empty(), "round {round}");
        }
    }
}

#[test]
fn what_is_found_does_not_depend_on_how_the_bytes_arrive() {
    let frames = include_bytes!("fixtures/zstd/frames.zst").to_vec();
    for packed in packings().into_iter().chain([frames]) {
        for round in 0..ROUNDS {
            let random = &mut Random::of_round(round);
            let mut damaged = rearranged(&packed, random);
            if random.below(2) == 0 && !damaged.is_empty() {
                damaged = overwritten(&damaged, random);
            }
            let (one, other) = (unpacked(&damaged, random), unpacked(&damaged, random));
            if one.faults.is_empty() {
                assert_eq!(one, other, "round {round}");
            } else {
                // Of a broken gzip more or less may come out before that is noticed.
                assert_eq!(one.diff_id, other.diff_id, "round {round}");
                assert!(!other.faults.is_empty(), "round {round}");
            }
        }
    }
}

#[test]
fn headers_may_say_anything() {
    let tar = tar();
    for round in 0..10 * ROUNDS {
        let random = &mut Random::of_round(round);
        let mut damaged = tar.clone();
        let block = random.below(tar.len() / 512) * 512;
        let block = &mut damaged[block..block + 512];
        for _ in 0..1 + random.below(12) {
            // Where the numbers are, mostly; or anywhere, for a block may also be a text.
            let at = if random.below(3) > 0 { 100 + random.below(57) } else { random.below(512) };
            block[at] = random.byte();
        }
        sum_up(block);
        let found = unpacked(&damaged, random);
        let entries = found.listing.entries();
        assert_eq!(entries.len() as u64, found.listing.count(), "round {round}");
        let merged = Merged::new(&[Index::new(&found.listing), Index::new(&found.listing)]);
        assert!(merged.iter().count() >= 1 && merged.efficiency <= 1000, "round {round}");
    }
}
