//! How much comes out of a compressed block, found before it is decoded. RFC 8878, sections 3.1.1.3 and 4.1.
//!
//! A block may come to 128 KiB, and the decoder does not hold it to that: a block that says "the last byte, 131,074 times
//! more" sixty thousand times over would come to eight gigabytes before anything could look at them. So the lengths in it are
//! added up here first, and nothing else is read. What is not as the RFC has it is refused, for the decoder might read it
//! otherwise.

use super::MAX_BLOCK;

/// The tables of the last block, which the next may use again.
#[derive(Default)]
pub(super) struct Lengths {
    literals: Option<Table>,
    offsets: Option<Table>,
    matches: Option<Table>,
}

impl Lengths {
    /// How many bytes come out of a block, or at least how many, if that is too many. `None`: it is not as it must be.
    pub(super) fn of(&mut self, block: &[u8]) -> Option<usize> {
        let (total, sequences) = literals(block)?;
        let (count, rest) = match *sequences.first()? {
            few @ ..128 => (usize::from(few), sequences.get(1..)?),
            more @ ..255 => {
                ((usize::from(more) - 128) << 8 | number(sequences.get(1..2)?), sequences.get(2..)?)
            }
            255 => (number(sequences.get(1..3)?) + 0x7f00, sequences.get(3..)?),
        };
        if count == 0 {
            return rest.is_empty().then_some(total);
        }
        // Its last two bits are reserved.
        let (modes, mut rest) = rest.split_first().filter(|(modes, _)| **modes & 3 == 0)?;
        choose(&mut self.literals, &LITERALS, modes >> 6, &mut rest)?;
        choose(&mut self.offsets, &OFFSETS, modes >> 4 & 3, &mut rest)?;
        choose(&mut self.matches, &MATCHES, modes >> 2 & 3, &mut rest)?;
        self.add_up(total, count, Backwards::new(rest)?)
    }

    /// Each sequence has three numbers, and each number is a code, which is the state of a table, and some bits more. Only
    /// how long the matches are adds to what comes out: what is copied of the literals is counted already.
    fn add_up(&self, mut total: usize, count: usize, mut bits: Backwards<'_>) -> Option<usize> {
        let (literals, offsets, matches) =
            (self.literals.as_ref()?, self.offsets.as_ref()?, self.matches.as_ref()?);
        let mut literal = literals.states.get(bits.take(literals.log)?)?;
        let mut offset = offsets.states.get(bits.take(offsets.log)?)?;
        let mut matched = matches.states.get(bits.take(matches.log)?)?;
        for left in (0..count).rev() {
            bits.skip(offset.extra)?;
            total += matched.least as usize + bits.take(matched.extra)?;
            bits.skip(literal.extra)?;
            if total > MAX_BLOCK {
                return Some(total);
            }
            if left > 0 {
                literal = literals.states.get(literal.next(&mut bits)?)?;
                matched = matches.states.get(matched.next(&mut bits)?)?;
                offset = offsets.states.get(offset.next(&mut bits)?)?;
            }
        }
        (bits.left == 0).then_some(total)
    }
}

/// The first part of a block: how many literals come of it; and the part that follows.
fn literals(block: &[u8]) -> Option<(usize, &[u8])> {
    let first = usize::from(*block.first()?);
    let (kind, format) = (first & 3, first >> 2 & 3);
    let (header, count, stored) = if kind < 2 {
        let (header, shift) = [(1, 3), (2, 4), (1, 3), (3, 4)].get(format).copied()?;
        let count = number(block.get(..header)?) >> shift;
        (header, count, if kind == 0 { count } else { 1 })
    } else {
        let (header, width) = [(3, 10), (3, 10), (4, 14), (5, 18)].get(format).copied()?;
        let both = super::number(block, 0, header)? >> 4;
        let mask = (1 << width) - 1;
        (header, (both & mask) as usize, (both >> width & mask) as usize)
    };
    Some((count, block.get(header + stored..)?))
}

/// Up to three bytes, the least significant first.
fn number(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// One of the three numbers of a sequence.
struct Field {
    /// The most that a table may have, as a power of two.
    most_log: u32,
    /// What the first code stands for; each other begins where the one before it ends.
    least: u32,
    /// How many bits follow each code.
    extras: &'static [u8],
    /// The table that needs no telling: its size as a power of two, and each code's share of it.
    usual: (u32, &'static [i16]),
}

const LITERALS: Field = Field {
    most_log: 9,
    least: 0,
    extras: &[
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12,
        13, 14, 15, 16,
    ],
    usual: (
        6,
        &[
            4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1,
            -1, -1, -1, -1,
        ],
    ),
};

const OFFSETS: Field = Field {
    most_log: 8,
    least: 0,
    extras: &[
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
        28, 29, 30, 31,
    ],
    usual: (5, &[1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1]),
};

const MATCHES: Field = Field {
    most_log: 9,
    least: 3,
    extras: &[
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
        1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ],
    usual: (
        6,
        &[
            1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
            1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
        ],
    ),
};

impl Field {
    /// What a code stands for at least, and how many bits follow it.
    fn code(&self, code: usize) -> Option<State> {
        let extra = *self.extras.get(code)?;
        let before = self.extras.get(..code)?.iter().map(|extra| 1_u32 << extra).sum::<u32>();
        Some(State { least: self.least + before, extra, bits: 0, base: 0 })
    }
}

/// A table of finite state entropy, section 4.1.
struct Table {
    /// Its size as a power of two.
    log: u32,
    states: Vec<State>,
}

/// What a state stands for, and which states may follow.
#[derive(Clone, Copy, Default)]
struct State {
    least: u32,
    extra: u8,
    bits: u8,
    base: u16,
}

impl State {
    fn next(self, bits: &mut Backwards<'_>) -> Option<usize> {
        Some(usize::from(self.base) + bits.take(self.bits)?)
    }
}

/// The table for a field: the usual one, one code alone, one that is told here, or that of the last block.
fn choose(kept: &mut Option<Table>, field: &Field, mode: u8, rest: &mut &[u8]) -> Option<()> {
    let table = match mode {
        0 => Table::new(field, field.usual.0, field.usual.1)?,
        1 => {
            let (code, after) = rest.split_first()?;
            *rest = after;
            Table { log: 0, states: vec![field.code(usize::from(*code))?] }
        }
        2 => Table::read(field, rest)?,
        _ => return kept.as_ref().map(|_| ()),
    };
    *kept = Some(table);
    Some(())
}

impl Table {
    /// Reads each code's share, section 4.1.1.
    fn read(field: &Field, rest: &mut &[u8]) -> Option<Table> {
        let mut at = 0;
        let mut take = |width: u32| {
            let bits = bits_at(rest, at, width)?;
            at += width as usize;
            (at <= rest.len() * 8).then_some(bits)
        };
        let log = 5 + take(4)? as u32;
        if log > field.most_log {
            return None;
        }
        let (mut left, mut shares) = (1_i16 << log, Vec::new());
        while left > 0 {
            // Any number up to this one may come. As many as are spare in its width take a bit less.
            let most = left as usize + 1;
            let width = most.ilog2();
            let spare = (2 << width) - 1 - most;
            let mut value = take(width)?;
            if value >= spare {
                value |= take(1)? << width;
                value -= if value >> width > 0 { spare } else { 0 };
            }
            let share = value as i16 - 1;
            left -= share.abs();
            shares.push(share);
            let mut more = if share == 0 { 3 } else { 0 };
            while more == 3 {
                more = take(2)?;
                shares.resize(shares.len() + more, 0);
            }
        }
        *rest = rest.get(at.div_ceil(8)..)?;
        Table::new(field, log, &shares)
    }

    /// Gives each code its share of the states, section 4.1.1, "From normalized distribution to decoding tables".
    fn new(field: &Field, log: u32, shares: &[i16]) -> Option<Table> {
        let size = 1_usize << log;
        let mut codes = vec![0_usize; size];
        let mut high = size;
        for (code, _) in shares.iter().enumerate().filter(|(_, share)| **share < 0) {
            high -= 1;
            *codes.get_mut(high)? = code;
        }
        let mut at = 0;
        for (code, share) in shares.iter().enumerate() {
            for _ in 0..*share {
                *codes.get_mut(at)? = code;
                // Once all have their share, this is 0 again.
                at = (at + (size >> 1) + (size >> 3) + 3) & (size - 1);
                while at >= high {
                    at = (at + (size >> 1) + (size >> 3) + 3) & (size - 1);
                }
            }
        }
        let known: Vec<State> = (0..shares.len()).map(|code| field.code(code)).collect::<Option<_>>()?;
        let mut nexts: Vec<usize> = shares.iter().map(|share| share.unsigned_abs().into()).collect();
        let states = codes.into_iter().map(|code| {
            let next = nexts.get_mut(code)?;
            let bits = log - next.ilog2();
            let base = ((*next << bits) - size) as u16;
            *next += 1;
            Some(State { bits: bits as u8, base, ..*known.get(code)? })
        });
        Some(Table { log, states: states.collect::<Option<_>>()? })
    }
}

/// Bits that are read from their end to their beginning; the last is a mark.
struct Backwards<'a> {
    bytes: &'a [u8],
    left: usize,
}

impl<'a> Backwards<'a> {
    fn new(bytes: &'a [u8]) -> Option<Backwards<'a>> {
        let mark = bytes.last()?.checked_ilog2()?;
        Some(Backwards { bytes, left: bytes.len() * 8 - 8 + mark as usize })
    }

    fn skip(&mut self, count: impl Into<u32>) -> Option<()> {
        self.left = self.left.checked_sub(count.into() as usize)?;
        Some(())
    }

    fn take(&mut self, count: impl Into<u32>) -> Option<usize> {
        let count = count.into();
        self.skip(count)?;
        bits_at(self.bytes, self.left, count)
    }
}

/// Up to 24 bits at a place; those after the end are 0.
fn bits_at(bytes: &[u8], at: usize, count: u32) -> Option<usize> {
    let word = match bytes.get(at / 8..at / 8 + 4) {
        Some(four) => u32::from_le_bytes(four.try_into().ok()?),
        None => number(bytes.get(at / 8..)?) as u32,
    };
    Some((word >> (at % 8) & ((1 << count) - 1)) as usize)
}
