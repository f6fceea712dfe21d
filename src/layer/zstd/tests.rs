use super::*;

/// Keeps the end of what comes, and counts all of it.
#[derive(Default)]
struct Tail {
    bytes: Vec<u8>,
    count: u64,
}

impl Sink for Tail {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.count += bytes.len() as u64;
        self.bytes.extend_from_slice(bytes);
        self.bytes.drain(..self.bytes.len().saturating_sub(20_000));
        Ok(())
    }
}

fn decoded(frame: &[u8]) -> (Tail, Result<(), Fault>) {
    let (mut zstd, mut tail) = (Zstd::default(), Tail::default());
    let pushed = frame.chunks(10_000).try_for_each(|chunk| zstd.push(chunk, &mut tail));
    let ended = pushed.and_then(|()| zstd.finish());
    (tail, ended)
}

/// A frame of blocks, each with its kind and what it says of its size. The header comes after the magic number.
fn frame(header: &[u8], blocks: &[(u32, usize, &[u8])]) -> Vec<u8> {
    let mut frame = MAGIC.to_le_bytes().to_vec();
    frame.extend_from_slice(header);
    for (at, (kind, size, bytes)) in blocks.iter().enumerate() {
        let is_last = u32::from(at + 1 == blocks.len());
        let begin = is_last | kind << 1 | (*size as u32) << 3;
        frame.extend_from_slice(&begin.to_le_bytes()[..3]);
        frame.extend_from_slice(bytes);
    }
    frame
}

/// A block without literals, of so many sequences that all have the same codes: of an offset, and of a match.
fn repeating(count: usize, offset: u8, matched: u8, bits: &[u8]) -> Vec<u8> {
    let [low, high, ..] = count.wrapping_sub(0x7f00).to_le_bytes();
    let count = if count < 128 { vec![count as u8] } else { vec![255, low, high] };
    [&[0], count.as_slice(), &[0b0101_0100, 0, offset, matched], bits].concat()
}

const ONE_MIB: u8 = 10 << 3;

#[test]
fn a_block_that_comes_to_more_than_it_may_is_not_decoded() {
    let begin = (0, 8, &b"12345678"[..]);
    let decode = |block: &[u8]| decoded(&frame(&[0, ONE_MIB], &[begin, (2, block.len(), block)]));
    // The longest match, sixty thousand times: 8 GB out of 120 kB.
    let bits = [vec![0xff; 120_000], vec![1]].concat();
    let bomb = repeating(60_000, 0, 52, &bits);
    assert!(bomb.len() < MAX_BLOCK);
    let (tail, ended) = decode(&bomb);
    assert_eq!(tail.count, 0, "nothing was drained, for all is in the window");
    assert!(ended.unwrap_err().message.contains("comes to more than 131072 bytes, at byte 17"));
    // One match of 65,539 and what 16 bits add.
    for (length, fits) in [(MAX_BLOCK - 1, true), (MAX_BLOCK, true), (MAX_BLOCK + 1, false)] {
        let [low, high, ..] = (length - 65_539).to_le_bytes();
        let (tail, ended) = decode(&repeating(1, 0, 52, &[low, high, 1]));
        assert_eq!(ended.is_ok(), fits, "{length}");
        assert_eq!(tail.count, if fits { 8 + length as u64 } else { 0 });
    }
    for (block, what) in [
        (repeating(1, 0, 52, &[0, 0, 2]), "a bit too many"),
        (repeating(1, 0, 52, &[0, 1]), "too few"),
        (repeating(1, 0, 52, &[0, 0, 0]), "no mark"),
        (repeating(1, 32, 0, &[1]), "an offset of no code"),
        (repeating(1, 0, 53, &[1]), "a match of no code"),
        (vec![0, 1, 0b1100_0000, 1], "a table that no block had"),
        (vec![0, 0, 0], "bytes after none"),
        (vec![8], "no literal where one is said to be"),
        (vec![], "nothing"),
    ] {
        let (_, ended) = decode(&block);
        let fault = ended.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Malformed, "{what}");
        assert!(fault.message.contains("a block that cannot be decoded"), "{what}: {}", fault.message);
    }
}

#[test]
fn no_block_is_larger_than_the_window() {
    let (small, single) = ([0, 0], [0x20, 8]);
    for (header, most) in [(small, 1024), (single, 8)] {
        assert_eq!(decoded(&frame(&header, &[(1, most, b"x")])).1, Ok(()));
        let fault = decoded(&frame(&header, &[(1, most + 1, b"x")])).1.unwrap_err();
        assert!(fault.message.contains("that cannot be"), "{}", fault.message);
        // Literals that are one byte repeated, and no sequence.
        let literals = 0b1101 | (most as u32 + 1) << 4;
        let block = [&literals.to_le_bytes()[..3], b"x\0"].concat();
        let fault = decoded(&frame(&header, &[(2, block.len(), &block)])).1.unwrap_err();
        assert!(fault.message.contains(&format!("comes to more than {most} bytes")), "{}", fault.message);
    }
}

#[test]
fn a_frame_has_as_many_bytes_as_it_says() {
    for (stated, fits) in [(7, false), (8, true), (9, false)] {
        // Two bytes say 256 less than they mean.
        let wide = [0b0100_0000, ONE_MIB, stated, 0];
        for (header, count) in [(&[0x20, stated][..], 8), (&wide, 264)] {
            let (_, ended) = decoded(&frame(header, &[(1, 4, b"x"), (1, count - 4, b"y")]));
            assert_eq!(ended.is_ok(), fits, "{stated}");
            assert!(ended.err().is_none_or(|fault| fault.kind == FaultKind::Malformed));
        }
    }
    let said = decoded(&frame(&[0x20, 9], &[(1, 8, b"x")])).1.unwrap_err().message;
    assert!(said.ends_with("says 9 bytes, and has 8"), "{said}");
}

#[test]
fn a_window_may_be_as_large_as_the_format_s_own_tool_takes_it() {
    const BLOCKS: usize = 960;
    let distance = BLOCKS * MAX_BLOCK + 8;
    let bits = ((distance + 3) as u32 - (1 << 26)) | 1 << 26;
    let far = repeating(1, 26, 5, &bits.to_le_bytes());
    let mut blocks = vec![(0, 8, &b"12345678"[..])];
    blocks.extend((0..BLOCKS).map(|_| (1, MAX_BLOCK, &b"z"[..])));
    blocks.push((2, far.len(), &far));
    // 128 MiB: as `--long=27` has it, and `--ultra -22`.
    let (tail, ended) = decoded(&frame(&[0, 17 << 3], &blocks));
    assert_eq!((tail.count, ended), (distance as u64 + 8, Ok(())));
    assert!(tail.bytes.ends_with(b"zz12345678"), "120 MiB back");
    let fault = decoded(&frame(&[0, 17 << 3 | 1], &blocks)).1.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Stopped);
    assert!(
        fault.message.contains("needs 150994944 bytes of memory; 134217728 is the most"),
        "{}",
        fault.message
    );
}

/// What `tests/fixtures/zstd/frames.zst` holds twice: made by zstd 1.5.4 with `-19 --zstd=wlog=10`, and with
/// `-3 --zstd=wlog=10`. Small windows make many blocks: they have tables of each kind, and use those of the block before.
fn plain() -> Vec<u8> {
    let mut random = 1_u64;
    let mut text = String::new();
    for number in 0..600 {
        random = (random * 1_103_515_245 + 12_345) & 0x7fff_ffff;
        let directory = ["doc", "man", "info", "locale"][(random >> 16) as usize % 4];
        text += &format!("{} usr/share/{directory}/{}.txt\n", number / 7, (random >> 20) % 9);
    }
    text.truncate(12_000);
    text.into_bytes()
}

#[test]
fn lengths_are_those_of_what_comes_out() {
    let packed = include_bytes!("../../../tests/fixtures/zstd/frames.zst");
    let (tail, ended) = decoded(packed);
    assert_eq!(ended, Ok(()));
    assert!(tail.bytes.ends_with(&plain()) && tail.count == 24_000);
    let (mut rest, mut totals) = (&packed[..], vec![]);
    while !rest.is_empty() {
        let header = Header::read(rest).unwrap();
        let (mut lengths, mut total, mut is_last) = (Lengths::default(), 0, false);
        rest = &rest[header.length..];
        while !is_last {
            let begin = number(rest, 0, 3).unwrap();
            let size = (begin >> 3) as usize;
            assert_eq!(begin >> 1 & 3, 2, "these are all compressed");
            total += lengths.of(&rest[3..3 + size]).unwrap();
            (rest, is_last) = (&rest[3 + size..], begin & 1 == 1);
        }
        rest = &rest[4..];
        totals.push(total);
    }
    assert_eq!(totals, [12_000, 12_000]);
}

#[test]
fn reserved_bits_are_refused() {
    let raw = [(0, 3, &b"all"[..])];
    assert_eq!(decoded(&frame(&[0, ONE_MIB], &raw)).1, Ok(()));
    let fault = decoded(&frame(&[8, ONE_MIB], &raw)).1.unwrap_err();
    assert_eq!((fault.kind, fault.message.contains("reserved")), (FaultKind::Malformed, true));
    let mut sequences = repeating(1, 0, 0, &[1]);
    assert_eq!(Lengths::default().of(&sequences), Some(3));
    for bits in 1..4 {
        sequences[2] = 0b0101_0100 | bits;
        assert_eq!(Lengths::default().of(&sequences), None);
    }
}
