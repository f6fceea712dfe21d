//! SHA-256's compression function on four blocks at a time, each of another stream. FIPS 180-4, section 6.2.2.

#![allow(clippy::indexing_slicing, reason = "by constants, and by counters below the length of an array")]

use wide::bytemuck::cast;
use wide::{u8x16, u32x4};

/// How many streams go side by side: so many words does a register hold.
pub(crate) const LANES: usize = 4;

/// A block, in bytes.
pub(crate) type Block = [u8; 64];

/// What a stream has come to so far: the words a to h.
pub(crate) type State = [u32; 8];

/// What a stream begins with. Section 5.3.3.
pub(crate) const BEGIN: State =
    [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/// Section 4.2.2.
#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
];

/// The same word of each of the streams.
type Words = u32x4;

/// Takes in as many blocks of each stream as the shortest has.
pub(crate) fn compress(states: &mut [State; LANES], blocks: [&[Block]; LANES]) {
    let [a, b, c, d] = blocks;
    let [p, q, r, s] = *states;
    let mut state: [Words; 8] = std::array::from_fn(|at| Words::new([p[at], q[at], r[at], s[at]]));
    for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
        step(&mut state, [a, b, c, d]);
    }
    for (at, words) in state.iter().enumerate() {
        for (state, word) in states.iter_mut().zip(words.to_array()) {
            state[at] = word;
        }
    }
}

fn step(state: &mut [Words; 8], blocks: [&Block; LANES]) {
    let mut schedule = [Words::splat(0); 16];
    for (quarter, words) in schedule.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        *words = Words::transpose(blocks.map(|block| read(block, quarter)));
    }
    let mut work = *state;
    for t in 0..16 {
        round(&mut work, K[t], schedule[t]);
    }
    for sixteen in 1..4 {
        for t in 0..16 {
            let (early, late) = (schedule[(t + 1) % 16], schedule[(t + 14) % 16]);
            let early = rotate(early, 7) ^ rotate(early, 18) ^ (early >> 3_u32);
            let late = rotate(late, 17) ^ rotate(late, 19) ^ (late >> 10_u32);
            schedule[t] = schedule[t] + early + (schedule[(t + 9) % 16] + late);
            round(&mut work, K[16 * sixteen + t], schedule[t]);
        }
    }
    for (state, work) in state.iter_mut().zip(work) {
        *state += work;
    }
}

/// Four words of a block: they are written with their most significant byte first.
#[inline(always)]
fn read(block: &Block, quarter: usize) -> Words {
    let bytes = block.as_chunks::<16>().0[quarter];
    cast(u8x16::new(bytes).shuffle(u8x16::new([3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12])))
}

#[inline(always)]
fn round(work: &mut [Words; 8], constant: u32, word: Words) {
    let [a, b, c, d, e, f, g, h] = *work;
    let sigma = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    let choice = e.bitselect(f, g);
    let first = h + sigma + choice + (word + Words::splat(constant));
    let sigma = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    let majority = (a & b) | (c & (a | b));
    *work = [first + sigma + majority, a, b, c, d + first, e, f, g];
}

/// To the right.
#[inline(always)]
fn rotate(words: Words, by: u32) -> Words {
    (words >> by) | (words << (32 - by))
}
