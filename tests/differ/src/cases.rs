//! Tars made at random, of all that there is in tars, and then damaged.
#![allow(clippy::indexing_slicing, reason = "tables are indexed by a number below their length")]

use super::lists::{KEYS, NAMES, NUMBERS, Random, TIMES, TYPES, VALUES, WHOLE, mostly};

/// A tar in parts: headers with what belongs to them.
pub(crate) struct Case {
    /// The parts, in order.
    pub(crate) parts: Vec<Vec<u8>>,
}

impl Case {
    /// The case of a number.
    pub(crate) fn new(seed: u64, number: u64) -> Case {
        let random = &mut Random::new(seed, number);
        let mut parts: Vec<Vec<u8>> = Vec::new();
        for _ in 0..1 + random.below(7) {
            match random.below(14) {
                0..4 => parts.push(entry(random)),
                4..6 => parts.push(whole(random)),
                6..9 => parts.push(pax(random, b'x')),
                9 => parts.push(pax(random, b'g')),
                10..12 => parts.push(long(random)),
                12 => parts.extend(sparse(random)),
                _ => parts.push(if random.once_in(4) { vec![0; 512] } else { entry(random) }),
            }
        }
        match random.below(8) {
            0 => {}
            1 => parts.push(vec![0; 512]),
            2 => parts.push(vec![0; random.below(2000)]),
            3 => parts.push([vec![0; 1024], b"rest".to_vec(), vec![0; random.below(600)]].concat()),
            _ => parts.push(vec![0; 1024]),
        }
        if random.once_in(3) {
            damage(&mut parts, random);
        }
        Case { parts }
    }

    /// All of it.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.parts.concat()
    }
}

fn put(block: &mut [u8], at: usize, bytes: &[u8]) {
    let end = block.len().min(at + bytes.len());
    if let Some(place) = block.get_mut(at..end) {
        place.copy_from_slice(bytes.get(..place.len()).unwrap_or_default());
    }
}

/// Puts the sum of a header into it.
pub(crate) fn sum_up(block: &mut [u8]) {
    put(block, 148, b"        ");
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    put(block, 148, format!("{sum:06o}\0 ").as_bytes());
}

fn header(letter: u8, name: &[u8], size: usize) -> Vec<u8> {
    let mut block = vec![0; 512];
    put(&mut block, 0, name);
    for (at, text) in [(100, "0000644\0"), (108, "0001750\0"), (116, "0000144\0"), (136, "14000000000\0")] {
        put(&mut block, at, text.as_bytes());
    }
    put(&mut block, 124, format!("{size:011o}\0").as_bytes());
    put(&mut block, 156, &[letter]);
    put(&mut block, 257, b"ustar\x0000");
    put(&mut block, 265, b"user");
    put(&mut block, 297, b"group");
    sum_up(&mut block);
    block
}

fn filled(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// A header that says what it is followed by.
fn whole(random: &mut Random) -> Vec<u8> {
    let data = if random.once_in(2) { vec![] } else { vec![b'd'; random.below(1100)] };
    let letter = if data.is_empty() { random.of(&[b"0", b"5", b"2", b"1", b"\0"])[0] } else { b'0' };
    let name = mostly(random, &NAMES, 17);
    filled([header(letter, name, data.len()), data].concat())
}

/// A header of which something is otherwise.
fn entry(random: &mut Random) -> Vec<u8> {
    let letter = mostly(random, TYPES, 18);
    let name = mostly(random, &NAMES, 17);
    let size = [0, 0, 0, 1, 511, 512, 513, 1024][random.below(8)];
    let mut block = header(letter, name, size);
    if random.once_in(3) {
        put(&mut block, 157, mostly(random, &NAMES, 17));
    }
    if random.once_in(3) {
        let (magic, end): (&[u8], &[u8]) = match random.below(6) {
            0 => (b"\0\0\0\0\0\0\0\0", b""),
            1 => (b"ustar  \0", b""),
            2 => (b"ustar  0", b""),
            3 => (b"ustar\0xx", b""),
            4 => (b"ustar\x0000", b"tar\0"),
            _ => (b"ustar  \0", b"tar\0"),
        };
        put(&mut block, 257, magic);
        put(&mut block, 508, end);
    }
    if random.once_in(4) {
        let long = [b'p'; 155];
        let prefix = random.of(&[
            &b"some/prefix"[..],
            &long,
            &long[..131],
            b"\xe9",
            b"12345670123",
            b"0000000000\0",
            b"\0\0x",
        ]);
        put(&mut block, 345, prefix);
    }
    if random.once_in(3) {
        for _ in 0..1 + random.below(2) {
            let (at, length) = [
                (100, 8),
                (108, 8),
                (116, 8),
                (124, 12),
                (124, 12),
                (136, 12),
                (329, 8),
                (337, 8),
                (345, 12),
                (357, 12),
                (476, 12),
                (488, 12),
            ][random.below(12)];
            let number = mostly(random, &NUMBERS, 21);
            let mut field = number.get(..number.len().min(length)).unwrap_or_default().to_vec();
            field.resize(length, if random.once_in(3) { b' ' } else { 0 });
            put(&mut block, at, &field);
        }
    }
    if random.once_in(20) {
        put(&mut block, 265, mostly(random, &NAMES, 17));
    }
    sum_up(&mut block);
    if random.once_in(30) {
        let sum = random.of(&NUMBERS);
        put(&mut block, 148, sum);
    } else if random.once_in(30) {
        // In another form.
        let sum = block.get(148..154).unwrap_or_default().to_vec();
        let form = match random.below(4) {
            0 => [b" ", &sum[..], b" "].concat(),
            1 => [b"\0\0", &sum[..]].concat(),
            2 => [&sum[1..], b"\0 \0"].concat(),
            _ => [&sum[..3], b" ", &sum[3..], b" "].concat(),
        };
        put(&mut block, 148, &form);
    }
    let data = match random.below(8) {
        0 => 0,
        1 => size,
        2 => random.below(3) * 512,
        _ if (b'1'..=b'6').contains(&letter) => 0,
        _ => size.next_multiple_of(512),
    };
    block.resize(512 + data, b'd');
    block
}

fn record(random: &mut Random, name: &str, value: &[u8]) -> Vec<u8> {
    let rest = [b" ", name.as_bytes(), b"=", value, b"\n"].concat();
    let length =
        (rest.len()..).find(|length| rest.len() + length.to_string().len() == *length).unwrap_or_default();
    let length = match random.below(60) {
        0 => format!("+{}", length + 1),
        1 => format!("00000000000000000000000000000{}", length + 29),
        2 => format!("{}", length + 1),
        3 => format!("{}", length.saturating_sub(1)),
        4 => "4".to_owned(),
        5 => format!("-{length}"),
        6 => "9223372036854775808".to_owned(),
        _ => length.to_string(),
    };
    [length.as_bytes(), &rest].concat()
}

/// A header of records about what follows.
fn pax(random: &mut Random, letter: u8) -> Vec<u8> {
    let mut records = Vec::new();
    for _ in 0..random.below(4) {
        let (key, value) = (mostly(random, &KEYS, 30), random.of(&VALUES));
        // Mostly one that fits.
        let value = match (key, random.below(4)) {
            ("path" | "linkpath" | "GNU.sparse.name", 1..) => mostly(random, &NAMES, 17),
            ("size", 1..) => random.of(&[&b"0"[..], b"1", b"512", b"1024"]),
            ("uid" | "gid", 1..) => mostly(random, &VALUES, WHOLE),
            ("mtime" | "atime" | "ctime", 1..) => mostly(random, &VALUES, TIMES),
            ("GNU.sparse.major" | "GNU.sparse.minor", 1..) => random.of(&[&b"0"[..], b"1"]),
            _ => value,
        };
        records.extend(record(random, key, value));
    }
    match random.below(30) {
        0 => records.push(0),
        1 => records.extend_from_slice(b"\n"),
        2 => drop(records.pop()),
        3 => records.extend_from_slice(&[0; 5]),
        _ => {}
    }
    meta(random, letter, records)
}

/// A header whose text says more of what follows.
fn meta(random: &mut Random, letter: u8, text: Vec<u8>) -> Vec<u8> {
    let name = if random.once_in(4) { mostly(random, &NAMES, 17) } else { b"././@meta" };
    let mut block = header(letter, name, text.len());
    if random.once_in(40) {
        put(&mut block, 124, random.of(&NUMBERS));
        sum_up(&mut block);
    }
    if random.once_in(40) { [block, text].concat() } else { filled([block, text].concat()) }
}

fn long(random: &mut Random) -> Vec<u8> {
    let letter = random.of(&[b"L", b"L", b"K"])[0];
    let name = mostly(random, &NAMES, 17).to_vec();
    let text = match random.below(4) {
        0 => vec![],
        1 => name,
        2 => [name, vec![0]].concat(),
        _ => [vec![b'n'; 90 + random.below(500)], vec![0]].concat(),
    };
    meta(random, letter, text)
}

/// A sparse file with its map, of which something may be otherwise.
fn sparse(random: &mut Random) -> Vec<Vec<u8>> {
    let numbers: Vec<i64> = (0..2 * random.below(4))
        .scan(0, |at, turn| {
            let number = random.below(600) as i64;
            // A place, and then a length.
            *at += number;
            Some(match turn % 2 {
                0 if !random.once_in(20) => *at,
                _ if random.once_in(60) => -number,
                _ => number,
            })
        })
        .collect();
    let stored: i64 = numbers.iter().skip(1).step_by(2).sum();
    let end = numbers.chunks(2).last().map_or(0, |last| last.iter().sum::<i64>());
    let count = (numbers.len() / 2 + usize::from(random.once_in(20))).to_string();
    let real = if random.once_in(5) { end.saturating_sub(1) } else { end + random.below(1000) as i64 };
    let texts: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let mut said: Vec<(String, String)> =
        vec![(random.of(&["GNU.sparse.size", "GNU.sparse.realsize"]).to_owned(), real.to_string())];
    let mut data = Vec::new();
    let form = random.below(3);
    let version = [("0", "0"), ("0", "1"), ("1", "0")][form];
    if form == 2 || random.once_in(2) {
        said.push(("GNU.sparse.major".into(), version.0.into()));
        said.push(("GNU.sparse.minor".into(), version.1.into()));
    }
    match form {
        0 => {
            said.push(("GNU.sparse.numblocks".into(), count));
            for (at, text) in texts.iter().enumerate() {
                let name = if at % 2 == 0 { "GNU.sparse.offset" } else { "GNU.sparse.numbytes" };
                said.push((name.into(), text.clone()));
            }
        }
        1 => {
            said.push(("GNU.sparse.numblocks".into(), count));
            said.push(("GNU.sparse.map".into(), texts.join(",")));
        }
        _ => {
            let lines: String = [count].iter().chain(&texts).map(|text| format!("{text}\n")).collect();
            data = filled(lines.into_bytes());
        }
    }
    if random.once_in(3) {
        said.push(("GNU.sparse.name".into(), "sparse".into()));
    }
    if random.once_in(8) {
        let at = random.below(said.len());
        said.swap_remove(at);
    }
    let stored = stored.max(0) as usize + if random.once_in(10) { random.below(3) } else { 0 };
    data.resize(data.len() + stored, b's');
    let records = said.iter().flat_map(|(name, value)| record(random, name, value.as_bytes())).collect();
    let letter = if random.once_in(10) { random.of(&[b"5", b"\0", b"2", b"1", b"S"])[0] } else { b'0' };
    let size = data.len();
    vec![meta(random, b'x', records), filled([header(letter, b"file", size), data].concat())]
}

/// Some bytes otherwise, a part cut off, doubled, or put elsewhere.
fn damage(parts: &mut Vec<Vec<u8>>, random: &mut Random) {
    let at = random.below(parts.len());
    let Some(part) = parts.get_mut(at) else { return };
    match random.below(6) {
        0..3 if part.len() >= 512 => {
            for _ in 0..1 + random.below(3) {
                let place = if random.once_in(2) { 100 + random.below(57) } else { random.below(512) };
                let byte = [0, b' ', b'0', b'7', b'9', b'/', b'=', b'x', 0x80, 0xff][random.below(10)];
                put(part, place, &[byte]);
            }
            if let Some(header) = part.get_mut(..512) {
                sum_up(header);
            }
        }
        3 => part.truncate(random.below(part.len() + 1)),
        4 => {
            let again = part.clone();
            parts.insert(at, again);
        }
        _ => {
            let moved = parts.swap_remove(at);
            let to = random.below(parts.len() + 1);
            parts.insert(to, moved);
        }
    }
}
