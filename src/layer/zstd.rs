//! Frames of RFC 8878, block by block.
//!
//! The decoder reads blocks that are whole. Which bytes make up the next block, what stands between frames, what a frame
//! asks for, and how much may come of it is read here.

mod block;

use std::io::Read as _;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::decoder::Sink;
use super::{Fault, FaultKind};
use block::Lengths;

/// A frame's first bytes, section 3.1.1.
const MAGIC: u32 = 0xfd2f_b528;

/// The first of the sixteen that begin a skippable frame, section 3.1.2.
const SKIPPABLE: u32 = 0x184d_2a50;

/// The most that a frame may ask to have at hand, in bytes: the format's own tool stops here too, unless it is told.
const MAX_WINDOW: u64 = 128 << 20;

/// The decoder itself refuses 100 MiB. It is told that a frame needs this, and what it needs above that is left with it.
const TOLD_WINDOW: u64 = 64 << 20;

/// The most that a block holds, and the most that it may come to, section 3.1.1.2.4.
const MAX_BLOCK: usize = 128 << 10;

/// Decodes frames as their bytes are pushed.
pub(super) struct Zstd {
    decoder: FrameDecoder,
    /// What came and was not decoded yet.
    waiting: Vec<u8>,
    /// How many bytes were taken from it, over all.
    read: u64,
    state: State,
    /// What the blocks of this frame so far say of the next.
    lengths: Lengths,
    out: Vec<u8>,
    frames: u64,
}

enum State {
    /// Before a frame, or at the end.
    Between,
    /// In a frame, before a block; how many bytes have come of the frame.
    Block(Header, u64),
    /// In a skippable frame, with so many bytes to skip.
    Skip(u64),
    /// In zeros that follow the last frame.
    Filled,
}

impl Default for Zstd {
    fn default() -> Zstd {
        let (waiting, lengths, out) = Default::default();
        let decoder = FrameDecoder::new();
        Zstd { decoder, waiting, read: 0, state: State::Between, lengths, out, frames: 0 }
    }
}

impl Zstd {
    /// Whether bytes begin as a frame does, of either kind.
    pub(super) fn begins(bytes: &[u8]) -> bool {
        number(bytes, 0, 4).is_some_and(|magic| magic as u32 == MAGIC || magic as u32 & !0xf == SKIPPABLE)
    }

    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<(), Fault> {
        self.waiting.extend_from_slice(bytes);
        let waiting = std::mem::take(&mut self.waiting);
        let mut rest = waiting.as_slice();
        let stepped = loop {
            match self.step(rest, sink) {
                Ok(0) => break Ok(()),
                Ok(taken) => {
                    self.read += taken as u64;
                    rest = rest.get(taken..).unwrap_or_default();
                }
                Err(fault) => break Err(fault),
            }
        };
        self.waiting = rest.to_vec();
        stepped
    }

    pub(super) fn finish(&mut self) -> Result<(), Fault> {
        match self.state {
            State::Between | State::Filled if self.waiting.is_empty() => Ok(()),
            State::Between if self.frames > 0 => Err(self.trailing()),
            _ => Err(Fault::malformed(format!(
                "the zstd ends in the middle of a frame, after byte {}",
                self.read
            ))),
        }
    }

    /// Takes what is next from `bytes`, if all of it is there; returns how many bytes that were.
    fn step(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Fault> {
        match &mut self.state {
            State::Skip(0) => {
                self.state = State::Between;
                self.step(bytes, sink)
            }
            State::Skip(left) => {
                let taken = bytes.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= taken as u64;
                Ok(taken)
            }
            State::Between if self.frames > 0 && bytes.first() == Some(&0) => {
                self.state = State::Filled;
                self.step(bytes, sink)
            }
            State::Between => self.frame(bytes, sink),
            State::Filled => match bytes.iter().position(|byte| *byte != 0) {
                None => Ok(bytes.len()),
                Some(0) => Err(self.trailing()),
                Some(other) => Ok(other),
            },
            State::Block(header, came) => {
                let (header, came) = (*header, *came);
                self.block(bytes, header, came, sink)
            }
        }
    }

    fn frame(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, Fault> {
        if bytes.len() < 4 {
            return Ok(0);
        }
        if !Zstd::begins(bytes) {
            return Err(self.trailing());
        }
        if number(bytes, 0, 4) != Some(u64::from(MAGIC)) {
            let Some(length) = number(bytes, 4, 4) else { return Ok(0) };
            self.state = State::Skip(length);
            return Ok(8);
        }
        let Some(header) = Header::read(bytes) else { return Ok(0) };
        if header.is_reserved {
            let message = format!("the zstd frame at byte {} has a bit set that is reserved", self.read);
            return Err(Fault::malformed(message));
        }
        if header.window > MAX_WINDOW {
            let message = format!(
                "the zstd frame at byte {} needs {} bytes of memory; {MAX_WINDOW} is the most that it gets here",
                self.read, header.window
            );
            return Err(Fault::new(FaultKind::Stopped, message));
        }
        if header.dictionary != 0 {
            let message =
                format!("the zstd frame at byte {} needs dictionary {}", self.read, header.dictionary);
            return Err(Fault::new(FaultKind::Stopped, message));
        }
        let told = header.told();
        let mut head = if header.window > TOLD_WINDOW { &told[..] } else { bytes };
        self.decoder.reset(&mut head).map_err(|error| self.broken(&error))?;
        sink.begins(self.read);
        (self.state, self.lengths) = (State::Block(header, 0), Lengths::default());
        self.frames += 1;
        Ok(header.length)
    }

    /// Section 3.1.1.2: three bytes say what the block is and how long.
    fn block(
        &mut self,
        bytes: &[u8],
        header: Header,
        came: u64,
        sink: &mut impl Sink,
    ) -> Result<usize, Fault> {
        let Some(begin) = number(bytes, 0, 3) else { return Ok(0) };
        let (is_last, kind, size) = (begin & 1 == 1, begin >> 1 & 3, (begin >> 3) as usize);
        let at = self.read;
        let wrong = |what: &str| Err(Fault::malformed(format!("the zstd has a block {what}, at byte {at}")));
        let most = header.most_of_block();
        if kind == 3 || size > most {
            return wrong("that cannot be");
        }
        // One byte that is repeated, or as many as it says.
        let end = 3 + if kind == 1 { 1 } else { size };
        let length = end + if is_last && header.has_checksum { 4 } else { 0 };
        let Some(mut block) = bytes.get(..length) else { return Ok(0) };
        if kind == 2 {
            match self.lengths.of(block.get(3..end).unwrap_or_default()) {
                Some(total) if total <= most => {}
                Some(_) => return wrong(&format!("that comes to more than {most} bytes")),
                None => return wrong("that cannot be decoded"),
            }
        }
        let one = BlockDecodingStrategy::UptoBlocks(1);
        self.decoder.decode_blocks(&mut block, one).map_err(|error| self.broken(&error))?;
        let came = came + self.hand_on(if is_last { 0 } else { header.left_behind() }, sink)?;
        self.state = State::Block(header, came);
        if is_last {
            self.end(header, came)?;
        }
        Ok(length)
    }

    /// What has come out goes on, save so many bytes beside those that the decoder keeps by itself; returns how many went.
    fn hand_on(&mut self, left_behind: u64, sink: &mut impl Sink) -> Result<u64, Fault> {
        let ready = self.decoder.can_collect().saturating_sub(left_behind as usize);
        let mut left = ready;
        while left > 0 {
            self.out.resize(left.min(MAX_BLOCK), 0);
            let count = self.decoder.read(&mut self.out).map_err(|error| self.broken(&error))?;
            sink.bytes(self.out.get(..count).unwrap_or_default())?;
            left = left.saturating_sub(count.max(1));
        }
        Ok(ready as u64)
    }

    /// A frame's end: its checksum and its length are held against what came of it.
    fn end(&mut self, header: Header, came: u64) -> Result<(), Fault> {
        self.state = State::Between;
        let at = self.read;
        if let Some(content) = header.content.filter(|content| *content != came) {
            let message =
                format!("the zstd frame that ends at byte {at} says {content} bytes, and has {came}");
            return Err(Fault::malformed(message));
        }
        let stated = self.decoder.get_checksum_from_data();
        if stated.is_some() && stated != self.decoder.get_calculated_checksum() {
            let message = format!("the checksum of the zstd frame that ends at byte {at} is wrong");
            return Err(Fault::malformed(message));
        }
        Ok(())
    }

    fn trailing(&self) -> Fault {
        let message = format!("bytes that are no zstd follow its end, from byte {}", self.read);
        Fault::new(FaultKind::Trailing, message)
    }

    fn broken(&self, error: &impl std::fmt::Display) -> Fault {
        Fault::malformed(format!("the zstd cannot be decoded at byte {}: {error}", self.read))
    }
}

/// A frame's header, section 3.1.1.1.
#[derive(Clone, Copy)]
struct Header {
    length: usize,
    window: u64,
    /// How many bytes come of the frame, if it says so.
    content: Option<u64>,
    dictionary: u64,
    has_checksum: bool,
    /// A bit is set that means nothing yet: whoever does not know what it means cannot decode the frame.
    is_reserved: bool,
}

impl Header {
    /// `None` where not all of it is there.
    fn read(bytes: &[u8]) -> Option<Header> {
        let descriptor = number(bytes, 4, 1)?;
        let is_single = descriptor & 0x20 != 0;
        let dictionary = [0, 1, 2, 4].get(descriptor as usize & 3).copied()?;
        let size = match descriptor >> 6 {
            0 => usize::from(is_single),
            flag => 1 << flag,
        };
        let (window_at, dictionary_at) = (5, 5 + usize::from(!is_single));
        let size_at = dictionary_at + dictionary;
        let content = number(bytes, size_at, size)? + if size == 2 { 256 } else { 0 };
        let window = match is_single {
            true => content,
            false => {
                let byte = number(bytes, window_at, 1)?;
                let base = 1_u64 << (10 + (byte >> 3));
                base + (base / 8) * (byte & 7)
            }
        };
        Some(Header {
            length: size_at + size,
            window,
            content: (size > 0).then_some(content),
            dictionary: number(bytes, dictionary_at, dictionary)?,
            has_checksum: descriptor & 4 != 0,
            is_reserved: descriptor & 8 != 0,
        })
    }

    /// A header for the decoder, of a frame that needs no more than [`TOLD_WINDOW`].
    fn told(&self) -> [u8; 6] {
        let [a, b, c, d] = MAGIC.to_le_bytes();
        let exponent = TOLD_WINDOW.trailing_zeros() as u8 - 10;
        [a, b, c, d, if self.has_checksum { 4 } else { 0 }, exponent << 3]
    }

    /// How much the decoder must be left with, beside what it was told that it needs.
    fn left_behind(&self) -> u64 {
        self.window.saturating_sub(TOLD_WINDOW)
    }

    /// The most that a block may come to.
    fn most_of_block(&self) -> usize {
        usize::try_from(self.window).unwrap_or(MAX_BLOCK).min(MAX_BLOCK)
    }
}

/// So many bytes at a place, the least significant first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests;
