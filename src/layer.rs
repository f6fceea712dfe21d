//! What is in a layer: its bytes unpacked, their digest, and the files of its tar.
//!
//! Bytes are pushed in as they arrive, and are gone when they were looked at: what is held is the window of a decoder, and
//! the index of the files. What decodes is in the workers' module alone. OCI image specification, `layer.md`; RFC 1952 (gzip), RFC 8878 (zstd), POSIX pax and GNU tar.

#[cfg(any(feature = "worker", not(target_arch = "wasm32")))]
mod begins;
mod code;
#[cfg(any(feature = "worker", not(target_arch = "wasm32")))]
mod decoder;
mod entry;
mod merged;
#[cfg(any(feature = "worker", not(target_arch = "wasm32")))]
mod tar;
mod text;
#[cfg(any(feature = "worker", not(target_arch = "wasm32")))]
mod unpacker;
#[cfg(any(feature = "worker", not(target_arch = "wasm32")))]
mod zstd;

use std::fmt;
use std::ops::Range;

use crate::digest::{Algorithm, Digest};
use crate::media_type::MediaType;

pub use code::{Brief, Index, Listing, decode, encode};
pub use entry::{Entry, Kind, clean};
pub use merged::{File, FileId, Mark, Merged, Stored, paths_through};
pub use text::{byte_of, bytes_of, shown};
#[cfg(any(feature = "worker", not(target_arch = "wasm32")))]
pub use unpacker::{Extractor, Unpacker};

/// How a layer is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all: the blob is the tar.
    Plain,
    /// RFC 1952, of one member or of many.
    Gzip,
    /// RFC 8878, of one frame or of many.
    Zstd,
}

impl Compression {
    /// What a layer's media type says, by the suffixes of the specification and by Docker's; `None` where it names no tar.
    pub fn named_by(media_type: &MediaType) -> Option<Compression> {
        let (_, name) = media_type.as_str().rsplit_once('.')?;
        // Docker's names end in `.tar` and `.tar.gzip`; others have `tar` and `+gzip`.
        match name {
            "gzip" if media_type.as_str().ends_with(".tar.gzip") => Some(Compression::Gzip),
            "zstd" if media_type.as_str().ends_with(".tar.zstd") => Some(Compression::Zstd),
            "tar" => Some(Compression::Plain),
            "tar+gzip" => Some(Compression::Gzip),
            "tar+zstd" => Some(Compression::Zstd),
            _ => None,
        }
    }

    /// The way back from [`Compression::as_str`].
    pub fn from_name(name: &str) -> Option<Compression> {
        let all = [Compression::Plain, Compression::Gzip, Compression::Zstd];
        all.into_iter().find(|compression| compression.as_str() == name)
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Compression::Plain => "uncompressed",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far a layer may unpack: a small blob can hold more than any disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that may come out.
    pub total: u64,
    /// The most bytes that may come out for each that went in; not held against the first [`Limits::FREE`].
    pub ratio: u64,
}

impl Limits {
    /// So many bytes may come out at any ratio: a file of zeros is no bomb yet.
    pub const FREE: u64 = 64 << 20;

    /// The most files of one layer that are listed.
    pub const FILES: usize = 1_000_000;
}

impl Default for Limits {
    /// 16 GiB, and 250 for one.
    fn default() -> Limits {
        Limits { total: 16 << 30, ratio: 250 }
    }
}

/// What unpacking a layer is to come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpack {
    /// What its diff ID is computed by.
    pub algorithm: Algorithm,
    /// Where it stops.
    pub limits: Limits,
}

/// What a layer unpacked to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unpacked {
    /// How it was packed; `None` for a blob of no bytes.
    pub compression: Option<Compression>,
    /// The digest of the tar; `None` where it did not come to its end.
    pub diff_id: Option<Digest>,
    /// The bytes of the tar, as far as they came.
    pub size: u64,
    /// Its entries.
    pub listing: Listing,
    /// Where decoding can begin anew, other than at the beginning.
    pub seeks: Vec<Seek>,
    /// What more than one entry has for its path: which of them counts is up to who unpacks it. A directory may be named
    /// again, as one.
    pub twice: Option<Twice>,
    /// Where readers of tars do not agree on what it holds.
    pub disputes: Vec<Dispute>,
    /// What is wrong with it.
    pub faults: Vec<Fault>,
}

/// Something that readers of tars do not agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// The entries that it is about, counted from 0: one, all that follow, or none that is listed.
    pub entries: Range<u64>,
    /// The path in the tar, to be read.
    pub path: String,
    /// What the one reads and what the other, in a sentence.
    pub message: String,
}

/// Paths that a layer has more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twice {
    /// The first of them.
    pub first: String,
    /// How many they are.
    pub count: u64,
}

/// A place where a gzip member or a zstd frame begins: what follows is decoded without what came before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seek {
    /// In the blob, in bytes.
    pub packed: u64,
    /// In the tar, in bytes.
    pub unpacked: u64,
}

/// What is wrong with a layer's packing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault.
    pub kind: FaultKind,
    /// What and where, in a sentence.
    pub message: String,
}

/// A kind of [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// It cannot be decoded, or its tar is not as a tar must be.
    Malformed,
    /// Something follows its end.
    Trailing,
    /// It came to a limit, or needs what is not had here: the rest was not looked at.
    Stopped,
    /// What comes out, or the blob itself where no known compression is seen, does not begin as a tar does.
    NoTar,
}

impl Fault {
    pub(crate) fn new(kind: FaultKind, message: impl Into<String>) -> Fault {
        Fault { kind, message: message.into() }
    }

    #[cfg(any(feature = "worker", not(target_arch = "wasm32")))]
    fn malformed(message: impl Into<String>) -> Fault {
        Fault::new(FaultKind::Malformed, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_name_how_a_layer_is_packed() {
        use Compression::{Gzip, Plain, Zstd};
        for (name, expected) in [
            ("application/vnd.oci.image.layer.v1.tar", Some(Plain)),
            ("application/vnd.oci.image.layer.v1.tar+gzip", Some(Gzip)),
            ("application/vnd.oci.image.layer.v1.tar+zstd", Some(Zstd)),
            ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", Some(Gzip)),
            ("application/vnd.docker.image.rootfs.diff.tar.gzip", Some(Gzip)),
            ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", Some(Gzip)),
            ("application/vnd.docker.image.rootfs.diff.tar.zstd", Some(Zstd)),
            ("application/vnd.docker.image.rootfs.diff.tar", Some(Plain)),
            ("application/vnd.in-toto+json", None),
            ("application/gzip", None),
            ("", None),
        ] {
            assert_eq!(Compression::named_by(&MediaType::parse(name)), expected, "{name}");
        }
    }
}
