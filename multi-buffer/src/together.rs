//! Streams that wait for each other, for a moment.

use std::cell::RefCell;
use std::rc::Rc;

use sha2::block_api::compress256;

use crate::lanes::{self, BEGIN, Block, LANES, State};

/// How many streams it takes for lanes to be worth it: with one of them empty they still are.
const ENOUGH: usize = LANES - 1;

/// How many bytes of a stream are held back at most, for others to come.
const MOST: usize = 1 << 20;

/// With so many, a stream had better let others come up to it.
const AHEAD: usize = 256 << 10;

/// With fewer bytes of each, lanes are not worth it.
const LEAST: usize = 16 << 10;

/// Streams that are hashed together. Copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Streams(Rc<RefCell<Vec<Running>>>);

/// One of them; no more of it comes when it is dropped.
#[derive(Debug)]
pub struct Stream {
    among: Streams,
    number: u64,
}

#[derive(Debug)]
struct Running {
    number: u64,
    state: State,
    /// How many bytes it has had, in all.
    length: u64,
    /// Those that are not in the state yet.
    held: Held,
}

impl Streams {
    /// A new one, of which nothing has come yet.
    pub fn begin(&self) -> Stream {
        let mut running = self.0.borrow_mut();
        let number = running.last().map_or(0, |last| last.number + 1);
        running.push(Running { number, state: BEGIN, length: 0, held: Held::default() });
        Stream { among: self.clone(), number }
    }
}

impl Stream {
    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let mut running = self.among.0.borrow_mut();
        let there_are = running.len();
        let Some(own) = running.iter_mut().find(|running| running.number == self.number) else { return };
        own.length += bytes.len() as u64;
        let will_hold = own.held.rest().len() + bytes.len();
        if there_are < ENOUGH || will_hold > MOST {
            // Nobody else is there, or comes up to it.
            return own.absorb(bytes);
        }
        own.held.push(bytes);
        // Not all that are there may have bytes at present.
        let lanes = if will_hold < 2 * AHEAD { there_are.min(LANES) } else { ENOUGH };
        together(&mut running, lanes);
    }

    /// Whether so much of it is held back that others had better come first.
    pub fn is_ahead(&self) -> bool {
        let running = self.among.0.borrow();
        running.iter().any(|running| running.number == self.number && running.held.rest().len() >= AHEAD)
    }

    /// The sha256 of everything that was added.
    pub fn finish(self) -> [u8; 32] {
        let mut running = self.among.0.borrow_mut();
        // What is left of it may be all that there was, and of the others too.
        together(&mut running, ENOUGH);
        let own = running.iter_mut().find(|running| running.number == self.number);
        own.map(Running::finish).unwrap_or_default()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.among.0.borrow_mut().retain(|running| running.number != self.number);
    }
}

/// Goes through what is held of the streams that hold most, as far as all of them go, if so many hold enough.
fn together(running: &mut [Running], lanes: usize) {
    let mut fullest: Vec<&mut Running> =
        running.iter_mut().filter(|one| one.held.rest().len() >= LEAST).collect();
    if fullest.len() < lanes {
        return;
    }
    fullest.sort_by_key(|one| std::cmp::Reverse(one.held.rest().len()));
    fullest.truncate(LANES);
    let mut states = [BEGIN; LANES];
    let mut blocks: [&[Block]; LANES] = [&[]; LANES];
    // In a lane that stays empty, the last of them is hashed once more, for nothing.
    for (at, (state, blocks)) in states.iter_mut().zip(&mut blocks).enumerate() {
        if let Some(one) = fullest.get(at).or(fullest.last()) {
            (*state, *blocks) = (one.state, one.held.rest().as_chunks().0);
        }
    }
    let count = blocks.iter().map(|blocks| blocks.len()).min().unwrap_or_default();
    lanes::compress(&mut states, blocks);
    for (one, state) in fullest.into_iter().zip(states) {
        one.state = state;
        one.held.take(count * size_of::<Block>());
    }
}

/// Bytes that wait.
#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    /// So many of them were taken.
    taken: usize,
}

impl Held {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    fn take(&mut self, count: usize) {
        self.taken += count;
        if self.rest().is_empty() {
            self.bytes.clear();
            self.taken = 0;
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() > self.bytes.capacity() {
            self.bytes.drain(..self.taken);
            self.taken = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }
}

impl Running {
    /// Takes in what is held, and then these bytes, but for the last that do not fill a block.
    fn absorb(&mut self, bytes: &[u8]) {
        let held = self.held.rest().len();
        let lacking = held.next_multiple_of(size_of::<Block>()) - held;
        let (head, bytes) = bytes.split_at(lacking.min(bytes.len()));
        self.held.push(head);
        let (blocks, rest) = self.held.rest().as_chunks();
        compress256(&mut self.state, blocks);
        let is_rest = !rest.is_empty();
        self.held.take(size_of_val(blocks));
        if !is_rest {
            let (blocks, rest) = bytes.as_chunks();
            compress256(&mut self.state, blocks);
            self.held.push(rest);
        }
    }

    /// Pads it, FIPS 180-4, section 5.1.1.
    fn finish(&mut self) -> [u8; 32] {
        self.absorb(&[]);
        let (length, rest) = (8 * self.length, self.held.rest().len());
        let end = (rest + 1 + size_of::<u64>()).next_multiple_of(size_of::<Block>());
        let zeros = end - rest - 1 - size_of::<u64>();
        self.absorb(&[[0x80].as_slice(), &vec![0; zeros], &length.to_be_bytes()].concat());
        let mut hash = [0; 32];
        for (bytes, word) in hash.as_chunks_mut().0.iter_mut().zip(self.state) {
            *bytes = word.to_be_bytes();
        }
        hash
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// Bytes that differ from stream to stream.
    fn bytes(seed: usize, length: usize) -> Vec<u8> {
        (0..length).map(|at| (at * 31 + at / 256 * 7 + seed * 101) as u8).collect()
    }

    /// Gives the streams their bytes in turns, so many at a time, and holds each against sha2.
    fn check(lengths: &[usize], piece: impl Fn(usize) -> usize) {
        let streams = Streams::default();
        let all: Vec<Vec<u8>> =
            lengths.iter().enumerate().map(|(seed, length)| bytes(seed, *length)).collect();
        let mut open: Vec<(usize, Stream, &[u8])> =
            all.iter().enumerate().map(|(at, bytes)| (at, streams.begin(), bytes.as_slice())).collect();
        while !open.is_empty() {
            let mut next = Vec::new();
            for (at, mut stream, rest) in open {
                let (now, rest) = rest.split_at(piece(at).min(rest.len()));
                stream.update(now);
                match rest {
                    [] => assert_eq!(
                        stream.finish()[..],
                        Sha256::digest(&all[at])[..],
                        "stream {at} of {lengths:?}"
                    ),
                    rest => next.push((at, stream, rest)),
                }
            }
            open = next;
        }
        assert!(streams.0.borrow().is_empty());
    }

    #[test]
    fn hashes_as_sha2_does() {
        // Around the block, around the padding, and around what is held back.
        for length in [0, 1, 55, 56, 63, 64, 65, 119, 128, MOST - 1, MOST, MOST + 65, 3 * MOST + 7] {
            for count in 1..=6 {
                check(&vec![length; count], |_| 64 << 10);
            }
        }
    }

    #[test]
    fn streams_may_be_of_any_length_and_come_in_any_pieces() {
        let lengths = [5 * MOST + 3, 17, 2 * MOST, 3 * MOST + 64, LEAST, 4 * MOST - 1, 0];
        check(&lengths, |_| 1 << 16);
        check(&lengths, |at| 1 + at * 9973);
        check(&lengths, |at| if at == 0 { 3 * MOST } else { 4096 });
        check(&lengths[..3], |at| 60_000 + at);
    }

    #[test]
    fn lanes_do_what_one_does_alone() {
        let all: [Vec<u8>; LANES] = std::array::from_fn(|seed| bytes(seed, 64 * (3 + seed)));
        let mut states = [BEGIN; LANES];
        lanes::compress(&mut states, std::array::from_fn(|at| all[at].as_chunks().0));
        for (state, bytes) in states.iter().zip(&all) {
            let mut alone = BEGIN;
            compress256(&mut alone, &bytes.as_chunks().0[..3]);
            assert_eq!(*state, alone);
        }
    }

    #[test]
    fn one_that_is_dropped_changes_nothing_for_the_others() {
        let streams = Streams::default();
        let mut all: Vec<Stream> = (0..5).map(|_| streams.begin()).collect();
        for stream in &mut all {
            stream.update(&bytes(1, MOST / 2));
        }
        drop(all.remove(1));
        let late = streams.begin();
        for mut stream in all {
            stream.update(&bytes(2, MOST));
            let both = [bytes(1, MOST / 2), bytes(2, MOST)].concat();
            assert_eq!(stream.finish()[..], Sha256::digest(both)[..]);
        }
        assert_eq!(late.finish()[..], Sha256::digest(b"")[..]);
    }
}
