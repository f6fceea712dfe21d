//! A layer from its first byte to its last: decoded, hashed, listed; or one stretch of it taken out.

mod paths;

use super::code::Listing;
use super::decoder::{Decoder, Sink};
use super::tar::Tar;
use super::{Compression, Fault, FaultKind, Limits, Seek, Unpack, Unpacked};
use crate::digest::{BlobHasher, Hashers};
use paths::Paths;

/// Places to decode from are at least so far apart, in bytes of the tar: a file in between is not far from one.
const BETWEEN_SEEKS: u64 = 256 << 10;

/// Unpacks a layer as its bytes arrive.
pub struct Unpacker {
    decoder: Decoder,
    out: Out,
    /// Nothing more comes out, whatever goes in.
    is_over: bool,
}

/// What comes out.
struct Out {
    hasher: Option<BlobHasher>,
    tar: Option<Tar>,
    limits: Limits,
    /// How many bytes went in.
    packed: u64,
    size: u64,
    seeks: Vec<Seek>,
    faults: Vec<Fault>,
}

impl Unpacker {
    /// For a layer of which nothing has come yet; its diff ID is hashed beside what else is hashed there.
    pub fn new(unpack: &Unpack, hashers: &Hashers) -> Unpacker {
        let (seeks, faults) = Default::default();
        let out = Out {
            hasher: hashers.hasher(&unpack.algorithm),
            tar: Some(Tar::default()),
            limits: unpack.limits,
            packed: 0,
            size: 0,
            seeks,
            faults,
        };
        Unpacker { decoder: Decoder::new(), out, is_over: false }
    }

    /// Takes the next bytes of the blob.
    pub fn push(&mut self, bytes: &[u8]) {
        self.out.packed += bytes.len() as u64;
        if self.is_over {
            return;
        }
        if let Err(fault) = self.decoder.push(bytes, &mut self.out) {
            self.end(fault);
        }
    }

    /// What it came to, now that this was all.
    pub fn finish(mut self) -> Unpacked {
        let ended = if self.is_over { Ok(()) } else { self.decoder.finish(&mut self.out) };
        if let Err(fault) = ended {
            self.end(fault);
        }
        let Out { hasher, tar, size, seeks, mut faults, .. } = self.out;
        if let (Some(tar), true) = (&tar, hasher.is_some() || faults.is_empty()) {
            faults.extend(tar.finish().err());
        }
        let (entries, mut disputes) = tar.map(|tar| (tar.entries, tar.disputes)).unwrap_or_default();
        let found = Paths::of(&entries);
        disputes.extend(found.disputes);
        faults.extend(found.in_file.map(Fault::malformed));
        Unpacked {
            compression: self.decoder.compression(),
            diff_id: hasher.map(BlobHasher::finish),
            size,
            twice: found.twice,
            listing: Listing::new(&entries),
            seeks,
            disputes,
            faults,
        }
    }

    /// What follows the end does not change what came before it; anything else does.
    fn end(&mut self, fault: Fault) {
        self.is_over = true;
        if fault.kind != FaultKind::Trailing {
            self.out.hasher = None;
        }
        self.out.faults.push(fault);
    }
}

impl Out {
    fn check_limits(&self) -> Result<(), Fault> {
        let Limits { total, ratio } = self.limits;
        let stop = |what: String| {
            let more = "more would follow; it was not unpacked any further, so that its diff ID is not known";
            Err(Fault::new(FaultKind::Stopped, format!("{what}: {more}")))
        };
        if self.size > total {
            return stop(format!("the layer unpacks to over {total} bytes, the most that is allowed"));
        }
        if self.size > Limits::FREE && self.size / self.packed.max(1) >= ratio {
            return stop(format!(
                "the layer unpacks to over {} bytes from {}, and {ratio} times is the most that is allowed",
                self.size, self.packed
            ));
        }
        Ok(())
    }
}

impl Sink for Out {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.size += bytes.len() as u64;
        self.check_limits()?;
        if let Some(hasher) = self.hasher.as_mut() {
            hasher.update(bytes);
        }
        let listing = self.tar.as_mut().filter(|_| self.faults.is_empty());
        // The digest goes on where the list cannot.
        self.faults.extend(listing.and_then(|tar| tar.push(bytes).err()));
        Ok(())
    }

    fn begins(&mut self, packed: u64) {
        let last = self.seeks.last().map_or(0, |seek| seek.unpacked);
        if self.size >= last + BETWEEN_SEEKS {
            self.seeks.push(Seek { packed, unpacked: self.size });
        }
    }
}

/// Takes one stretch out of a layer's tar.
pub struct Extractor {
    decoder: Decoder,
    stretch: Stretch,
}

struct Stretch {
    skip: u64,
    left: usize,
    bytes: Vec<u8>,
}

impl Extractor {
    /// For so many bytes after the first `skip` that come out.
    pub fn new(compression: Compression, skip: u64, length: usize) -> Extractor {
        let stretch = Stretch { skip, left: length, bytes: Vec::new() };
        Extractor { decoder: Decoder::of_known(compression), stretch }
    }

    /// Takes the next bytes of the blob; returns whether all is there.
    pub fn push(&mut self, bytes: &[u8]) -> Result<bool, Fault> {
        match self.decoder.push(bytes, &mut self.stretch) {
            _ if self.stretch.left == 0 => Ok(true),
            Ok(()) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Says that this was all, and returns what was taken out.
    pub fn finish(mut self) -> Result<Vec<u8>, Fault> {
        let ended = if self.stretch.left > 0 { self.decoder.finish(&mut self.stretch) } else { Ok(()) };
        match (self.stretch.left, ended) {
            (0, _) => Ok(self.stretch.bytes),
            (_, Ok(())) => Err(Fault::malformed("the layer ends before the file does")),
            (_, Err(fault)) => Err(fault),
        }
    }
}

impl Sink for Stretch {
    fn bytes(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let skipped = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
        self.skip -= skipped as u64;
        let rest = bytes.get(skipped..).unwrap_or_default();
        let taken = rest.get(..self.left.min(rest.len())).unwrap_or_default();
        self.bytes.extend_from_slice(taken);
        self.left -= taken.len();
        // The rest is of no use: a fault stops the decoder.
        if self.left == 0 { Err(Fault::new(FaultKind::Stopped, "all is there")) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests;
