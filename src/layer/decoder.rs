//! Out of the packing: gzip, zstd, or nothing, by what the first bytes are.

use std::io::Write as _;

use flate2::write::GzDecoder;

use super::zstd::Zstd;
use super::{Compression, Fault, FaultKind};

/// How much goes into a decoder at a time. Deflate makes up to 1,032 bytes of one: what comes out is held until it was
/// looked at.
const STEP: usize = 4 * 1024;

/// Where the bytes go that come out.
pub(super) trait Sink {
    /// The next bytes. With a fault, no more are wanted.
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Fault>;

    /// What comes next is decoded without what came before; at this place of the blob.
    fn begins(&mut self, _packed: u64) {}
}

/// Decodes bytes as they are pushed.
pub(super) enum Decoder {
    /// So few bytes were seen that it may be anything.
    Unknown(Vec<u8>),
    Plain,
    Gzip(Box<Gzip>),
    Zstd(Box<Zstd>),
}

impl Decoder {
    /// A decoder that has seen nothing yet.
    pub(super) fn new() -> Decoder {
        Decoder::Unknown(Vec::new())
    }

    /// A decoder of what is known to be packed so.
    pub(super) fn of_known(compression: Compression) -> Decoder {
        match compression {
            Compression::Plain => Decoder::Plain,
            Compression::Gzip => Decoder::Gzip(Box::default()),
            Compression::Zstd => Decoder::Zstd(Box::default()),
        }
    }

    /// What it decodes, once that is known.
    pub(super) fn compression(&self) -> Option<Compression> {
        match self {
            Decoder::Unknown(_) => None,
            Decoder::Plain => Some(Compression::Plain),
            Decoder::Gzip(_) => Some(Compression::Gzip),
            Decoder::Zstd(_) => Some(Compression::Zstd),
        }
    }

    /// Decodes the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<(), Fault> {
        match self {
            Decoder::Plain => sink.bytes(bytes),
            Decoder::Gzip(gzip) => gzip.push(bytes, sink),
            Decoder::Zstd(zstd) => zstd.push(bytes, sink),
            Decoder::Unknown(begin) => {
                begin.extend_from_slice(bytes);
                if begin.len() < 4 {
                    return Ok(());
                }
                let begin = std::mem::take(begin);
                *self = Decoder::of(&begin);
                self.push(&begin, sink)
            }
        }
    }

    /// Says that this was all.
    pub(super) fn finish(&mut self, sink: &mut impl Sink) -> Result<(), Fault> {
        match self {
            Decoder::Plain => Ok(()),
            Decoder::Gzip(gzip) => gzip.finish(sink),
            Decoder::Zstd(zstd) => zstd.finish(),
            Decoder::Unknown(begin) if begin.is_empty() => Ok(()),
            Decoder::Unknown(begin) => {
                let begin = std::mem::take(begin);
                *self = Decoder::of(&begin);
                self.push(&begin, sink)?;
                self.finish(sink)
            }
        }
    }

    fn of(begin: &[u8]) -> Decoder {
        Decoder::of_known(match begin {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            begin if Zstd::begins(begin) => Compression::Zstd,
            _ => Compression::Plain,
        })
    }
}

/// Members of RFC 1952, one after the other.
#[derive(Default)]
pub(super) struct Gzip {
    member: Option<GzDecoder<Vec<u8>>>,
    /// The first byte of a member whose second has not come.
    magic: Option<u8>,
    /// Zeros follow the last member: what else may follow them is no member.
    is_filled: bool,
    read: u64,
    members: u64,
}

impl Gzip {
    fn push(&mut self, mut bytes: &[u8], sink: &mut impl Sink) -> Result<(), Fault> {
        while let Some(&first) = bytes.first() {
            if self.is_filled {
                let Some(other) = bytes.iter().position(|byte| *byte != 0) else {
                    self.read += bytes.len() as u64;
                    return Ok(());
                };
                return Err(trailing(self.read + other as u64));
            }
            let Some(member) = self.member.as_mut() else {
                self.read += 1;
                bytes = bytes.get(1..).unwrap_or_default();
                match (self.magic.take(), first) {
                    (None, 0x1f) => self.magic = Some(first),
                    (Some(magic), 0x8b) => {
                        sink.begins(self.read - 2);
                        let mut member = GzDecoder::new(Vec::new());
                        member.write_all(&[magic, first]).map_err(|error| self.broken(&error))?;
                        self.member = Some(member);
                    }
                    _ if self.members == 0 => return Err(Fault::malformed("it does not begin as gzip does")),
                    (None, 0) => self.is_filled = true,
                    (magic, _) => return Err(trailing(self.read - 1 - u64::from(magic.is_some()))),
                }
                continue;
            };
            let step = bytes.get(..STEP.min(bytes.len())).unwrap_or_default();
            let taken = member.write(step).map_err(|error| self.broken(&error))?;
            self.read += taken as u64;
            bytes = bytes.get(taken..).unwrap_or_default();
            self.hand_on(sink)?;
            if taken == 0 {
                self.end(sink)?;
            }
        }
        Ok(())
    }

    /// What has come out goes on.
    fn hand_on(&mut self, sink: &mut impl Sink) -> Result<(), Fault> {
        let Some(out) = self.member.as_mut().map(GzDecoder::get_mut) else { return Ok(()) };
        let handed = if out.is_empty() { Ok(()) } else { sink.bytes(out) };
        out.clear();
        handed
    }

    /// A member's end: its checksum and length are held against what came out.
    fn end(&mut self, sink: &mut impl Sink) -> Result<(), Fault> {
        let ended = self.member.as_mut().map_or(Ok(()), GzDecoder::try_finish);
        ended.map_err(|error| self.broken(&error))?;
        self.hand_on(sink)?;
        self.member = None;
        self.members += 1;
        Ok(())
    }

    /// The decoder may have held back its last bytes until now.
    fn finish(&mut self, sink: &mut impl Sink) -> Result<(), Fault> {
        match (&self.member, self.magic) {
            (Some(_), _) => self.end(sink),
            (None, Some(_)) if self.members > 0 => Err(trailing(self.read - 1)),
            (None, _) if self.members == 0 => Err(Fault::malformed("it does not begin as gzip does")),
            _ => Ok(()),
        }
    }

    fn broken(&self, error: &std::io::Error) -> Fault {
        Fault::malformed(format!("the gzip cannot be decoded at about byte {}: {error}", self.read))
    }
}

/// What follows the last member is not unpacked: gzip passes over it, and Go refuses it.
fn trailing(at: u64) -> Fault {
    Fault::new(FaultKind::Trailing, format!("bytes that are no gzip follow its end, from byte {at}"))
}

#[cfg(test)]
mod tests {
    use flate2::{Compression as Level, write::GzEncoder};

    use super::*;

    /// Keeps all.
    #[derive(Default)]
    struct All {
        bytes: Vec<u8>,
        begins: Vec<u64>,
    }

    impl Sink for All {
        fn bytes(&mut self, bytes: &[u8]) -> Result<(), Fault> {
            self.bytes.extend_from_slice(bytes);
            Ok(())
        }

        fn begins(&mut self, packed: u64) {
            self.begins.push(packed);
        }
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Level::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn decoded(packed: &[u8], step: usize) -> (All, Result<(), Fault>) {
        let (mut decoder, mut all) = (Decoder::new(), All::default());
        let pushed = packed.chunks(step).try_for_each(|chunk| decoder.push(chunk, &mut all));
        let ended = pushed.and_then(|()| decoder.finish(&mut all));
        (all, ended)
    }

    fn sample() -> Vec<u8> {
        (0..300_000_u32).flat_map(|n| (n.wrapping_mul(n) % 251).to_le_bytes()).collect()
    }

    #[test]
    fn all_members_and_frames_come_out_however_they_arrive() {
        let (long, short) = (sample(), b"short".to_vec());
        let skippable = [&[0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"any"].concat();
        let whole = [long.clone(), short.clone()].concat();
        let gzipped = [gzip(&long), gzip(b""), gzip(&short)].concat();
        let zstded = [skippable.clone(), zstd(&long), skippable, zstd(&short)].concat();
        for packed in [&gzipped, &zstded, &whole] {
            for step in [1, 2, 3, 7, 1000, 65_536, packed.len()] {
                let (all, ended) = decoded(packed, step);
                assert_eq!(ended, Ok(()), "in steps of {step}");
                assert!(all.bytes == whole, "in steps of {step}");
            }
        }
        let (first, second) = (gzip(&long).len() as u64, gzip(b"").len() as u64);
        assert_eq!(decoded(&gzipped, 999).0.begins, [0, first, first + second]);
        assert_eq!(decoded(&zstded, 999).0.begins, [11, 11 + zstd(&long).len() as u64 + 11]);
        for few in [&b""[..], b"a", b"abc"] {
            assert_eq!(decoded(few, 1).0.bytes, few);
        }
    }

    #[test]
    fn what_follows_the_end_is_found() {
        let packed = gzip(b"all");
        for (rest, step) in [(&b"\x1f"[..], 1), (b"\x1f?", 100), (b"more", 1), (b"more", 100)] {
            let (all, ended) = decoded(&[&packed, rest].concat(), step);
            let fault = ended.unwrap_err();
            assert_eq!((fault.kind, all.bytes.as_slice()), (FaultKind::Trailing, &b"all"[..]), "{rest:?}");
            assert!(fault.message.contains(&format!("byte {}", packed.len())), "{}", fault.message);
        }
        let packed = zstd(b"all");
        let fault = decoded(&[packed.as_slice(), b"more"].concat(), 100).1.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Trailing);
        assert!(fault.message.contains(&format!("byte {}", packed.len())), "{}", fault.message);
    }

    #[test]
    fn zeros_after_the_end_are_no_fault() {
        for packed in [
            gzip(b"all"),
            zstd(b"all"),
            [gzip(b"a"), gzip(b"ll")].concat(),
            [zstd(b"al"), zstd(b"l")].concat(),
        ] {
            for (zeros, step) in [(1, 1), (3, 2), (4, 100), (5, 1), (10_000, 100)] {
                let filled = [packed.as_slice(), &vec![0; zeros]].concat();
                let (all, ended) = decoded(&filled, step);
                assert_eq!(
                    (all.bytes.as_slice(), ended),
                    (&b"all"[..], Ok(())),
                    "{zeros} in steps of {step}"
                );
                // Whatever follows them is not read, be it a member or a frame.
                for rest in [b"?", packed.as_slice()] {
                    let (all, ended) = decoded(&[&filled, rest].concat(), step);
                    let fault = ended.unwrap_err();
                    assert_eq!((all.bytes.as_slice(), fault.kind), (&b"all"[..], FaultKind::Trailing));
                    assert!(
                        fault.message.ends_with(&format!("from byte {}", filled.len())),
                        "{}",
                        fault.message
                    );
                }
            }
        }
    }

    #[test]
    fn any_cut_and_any_flipped_bit_of_the_end_is_found() {
        let all: Vec<u8> = (0..2000_u32).flat_map(|n| (n.wrapping_mul(n) % 251).to_le_bytes()).collect();
        for packed in [gzip(&all), zstd(&all)] {
            for length in 1..packed.len() {
                let (_, ended) = decoded(packed.get(..length).unwrap(), 64);
                // Three bytes or fewer could be a tar, which the reader of the tar refuses.
                assert!(ended.is_err() || length < 4, "cut at {length}");
            }
        }
        // zstd's encoder here writes no checksum; gzip's has one and a length.
        let packed = gzip(&all);
        for at in packed.len() - 8..packed.len() {
            let mut flipped = packed.clone();
            *flipped.get_mut(at).unwrap() ^= 1;
            assert!(decoded(&flipped, 64).1.is_err(), "{at}");
        }
    }
}
