//! Hashing where several blobs are read at the same time.

use multi_buffer::{Stream, Streams};

use super::{Algorithm, Digest, Hasher};

/// What one thread hashes at the same time. Copies are the same.
#[derive(Debug, Clone, Default)]
pub struct Hashers(Streams);

/// The running hash of one blob among several: feed it the raw bytes in any number of pieces.
#[derive(Debug)]
pub struct BlobHasher(Kind);

#[derive(Debug)]
enum Kind {
    Sha256(Stream),
    Other(Box<Hasher>),
}

impl Hashers {
    /// A fresh hasher, or `None` where the algorithm is not one that can be computed here.
    pub fn hasher(&self, algorithm: &Algorithm) -> Option<BlobHasher> {
        Some(BlobHasher(match algorithm {
            Algorithm::Sha256 => Kind::Sha256(self.0.begin()),
            other => Kind::Other(Box::new(other.hasher()?)),
        }))
    }
}

impl BlobHasher {
    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Kind::Sha256(stream) => stream.update(bytes),
            Kind::Other(hasher) => hasher.update(bytes),
        }
    }

    /// Whether it goes faster if the bytes of others come first.
    pub fn is_ahead(&self) -> bool {
        matches!(&self.0, Kind::Sha256(stream) if stream.is_ahead())
    }

    /// The digest of everything that was added.
    pub fn finish(self) -> Digest {
        match self.0 {
            Kind::Sha256(stream) => Digest::of(Algorithm::Sha256, &stream.finish()),
            Kind::Other(hasher) => hasher.finish(),
        }
    }
}
