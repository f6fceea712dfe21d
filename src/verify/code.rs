//! The kinds of finding: the name of each, what it means for a verdict, and its short words. One table says all three.

use super::Verdict;

/// The stable name of a kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// The digest of the raw bytes is not the one in the descriptor, or in the reference.
    DigestMismatch,
    /// The number of bytes is not the one in the descriptor.
    SizeMismatch,
    /// Response, document and descriptor do not agree on the media type.
    MediaTypeMismatch,
    /// `Docker-Content-Digest` is not the digest of the body.
    HeaderDigestMismatch,
    /// `Docker-Content-Digest` is not a digest.
    HeaderMalformed,
    /// CORS hides a header that would have been checked.
    HeaderNotExposed,
    /// `HEAD` and `GET` do not agree on the media type.
    HeadDiffers,
    /// The body was decoded on the way, and is not what the descriptor names.
    ContentEncoded,
    /// The digest of the unpacked layer is not the config's diff ID.
    DiffIdMismatch,
    /// Layers and diff IDs do not agree in number.
    LayerCountMismatch,
    /// Layers and history do not agree in number.
    HistoryMismatch,
    /// The index and the config do not agree on the platform.
    PlatformMismatch,
    /// The config does not state the platform.
    PlatformUnstated,
    /// The image is for another platform than the one that was asked for.
    OtherPlatform,
    /// A layer has the same path twice.
    DuplicatePath,
    /// Tools differ on what an entry of a layer is.
    ReadersDisagree,
    /// Bytes follow the end of a layer's tar or of its compressed stream.
    TrailingBytes,
    /// The body ended early.
    Truncated,
    /// A body over its descriptor's size.
    TooLarge,
    /// Something over a limit of this inspector's own, and not of a specification.
    OverLimit,
    /// The digest's algorithm cannot be computed here.
    UnsupportedAlgorithm,
    /// The document or the layer does not parse.
    Malformed,
    /// The document means different things to different readers.
    Ambiguous,
    /// A text in the document is not valid Unicode.
    InvalidText,
    /// A kind of document that is not read here.
    UnsupportedKind,
    /// A descriptor lacks a property that it should have, or has one that says nothing.
    DescriptorIncomplete,
    /// A descriptor's inline `data` is not the object.
    DataMismatch,
    /// The object could not be fetched; its bytes are the descriptor's inline `data`.
    FromData,
    /// The layer was to be unpacked and was not, or not all of it, or there is no diff ID to hold it against.
    NotUnpacked,
    /// The object was not asked for, or the registry did not hand it out.
    NotFetched,
    /// The recording lacks the object.
    NotRecorded,
}

impl Code {
    /// Every code.
    pub const ALL: [Code; 31] = [
        Code::DigestMismatch,
        Code::SizeMismatch,
        Code::MediaTypeMismatch,
        Code::HeaderDigestMismatch,
        Code::HeaderMalformed,
        Code::HeaderNotExposed,
        Code::HeadDiffers,
        Code::ContentEncoded,
        Code::DiffIdMismatch,
        Code::LayerCountMismatch,
        Code::HistoryMismatch,
        Code::PlatformMismatch,
        Code::PlatformUnstated,
        Code::OtherPlatform,
        Code::DuplicatePath,
        Code::ReadersDisagree,
        Code::TrailingBytes,
        Code::Truncated,
        Code::TooLarge,
        Code::OverLimit,
        Code::UnsupportedAlgorithm,
        Code::Malformed,
        Code::Ambiguous,
        Code::InvalidText,
        Code::UnsupportedKind,
        Code::DescriptorIncomplete,
        Code::DataMismatch,
        Code::FromData,
        Code::NotUnpacked,
        Code::NotFetched,
        Code::NotRecorded,
    ];

    /// Name, class and short words. The first is the word of the contract; the last stand on a badge.
    fn row(self) -> (&'static str, Class, &'static str) {
        use Class::{Failed, Notice, Unchecked};
        match self {
            Code::DigestMismatch => ("digest-mismatch", Failed, "wrong digest"),
            Code::SizeMismatch => ("size-mismatch", Failed, "wrong size"),
            Code::MediaTypeMismatch => ("media-type-mismatch", Failed, "media types differ"),
            Code::HeaderDigestMismatch => ("header-digest-mismatch", Failed, "header differs"),
            Code::HeaderMalformed => ("header-malformed", Notice, "header is no digest"),
            // The body was hashed all the same: a hidden header takes nothing from that proof.
            Code::HeaderNotExposed => ("header-not-exposed", Notice, "header hidden"),
            Code::HeadDiffers => ("head-differs", Notice, "HEAD and GET differ"),
            Code::ContentEncoded => ("content-encoded", Unchecked, "decoded on the way"),
            Code::DiffIdMismatch => ("diff-id-mismatch", Failed, "wrong diff ID"),
            Code::LayerCountMismatch => ("layer-count-mismatch", Failed, "layer counts differ"),
            Code::HistoryMismatch => ("history-mismatch", Notice, "history differs"),
            Code::PlatformMismatch => ("platform-mismatch", Failed, "platforms differ"),
            Code::PlatformUnstated => ("platform-unstated", Notice, "platform not stated"),
            Code::OtherPlatform => ("other-platform", Notice, "other platform"),
            Code::DuplicatePath => ("duplicate-path", Failed, "same path twice"),
            Code::ReadersDisagree => ("readers-disagree", Notice, "readers disagree"),
            Code::TrailingBytes => ("trailing-bytes", Notice, "bytes after the end"),
            Code::Truncated => ("truncated", Unchecked, "cut short"),
            Code::TooLarge => ("too-large", Failed, "too large"),
            // The contract has one name for both: whose limit it is, the verdict and the message say.
            Code::OverLimit => ("too-large", Unchecked, "over a limit here"),
            Code::UnsupportedAlgorithm => ("unsupported-algorithm", Unchecked, "algorithm unknown"),
            Code::Malformed => ("malformed", Failed, "malformed"),
            Code::Ambiguous => ("ambiguous", Failed, "ambiguous"),
            Code::InvalidText => ("invalid-text", Notice, "text is not Unicode"),
            Code::UnsupportedKind => ("unsupported-kind", Unchecked, "kind not read here"),
            Code::DescriptorIncomplete => ("descriptor-incomplete", Notice, "descriptor incomplete"),
            Code::DataMismatch => ("data-mismatch", Failed, "data differs"),
            Code::FromData => ("from-data", Notice, "from the descriptor"),
            Code::NotUnpacked => ("not-unpacked", Unchecked, "not unpacked"),
            Code::NotFetched => ("not-fetched", Unchecked, "not fetched"),
            Code::NotRecorded => ("not-recorded", Unchecked, "not in the recording"),
        }
    }

    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// What a finding of this kind does to a verdict.
    pub fn class(self) -> Class {
        self.row().1
    }

    /// Two or three words for a badge.
    pub fn short(self) -> &'static str {
        self.row().2
    }

    /// The best verdict that an object with such a finding can have.
    pub fn verdict(self) -> Verdict {
        match self.class() {
            Class::Failed => Verdict::Failed,
            Class::Unchecked => Verdict::Unchecked,
            Class::Notice => Verdict::Verified,
        }
    }
}

/// What a finding does to the verdict on its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A check did not hold.
    Failed,
    /// A check could not be made.
    Unchecked,
    /// The bytes are what they should be, and something about them deserves a word.
    Notice,
}

impl Class {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Failed => "failed",
            Class::Unchecked => "unchecked",
            Class::Notice => "notice",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_name_and_its_words_stand_once() {
        let all: BTreeSet<String> = Code::ALL.iter().map(|code| format!("{code:?}")).collect();
        assert_eq!(all.len(), Code::ALL.len(), "each code once");
        let mut names = BTreeSet::new();
        for code in Code::ALL {
            let shares = code == Code::OverLimit;
            assert!(names.insert(code.as_str()) != shares, "{code:?}");
            assert!(!code.short().is_empty() && code.short().len() < 24, "{code:?}");
        }
    }
}
