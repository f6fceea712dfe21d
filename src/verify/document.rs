//! What documents say: of themselves, of each other, and what is odd about them.

use super::{Code, Finding};
use crate::image::{Config, Descriptor, Document, DocumentError, Fault, FaultKind, Platform};
use crate::media_type::MediaType;

/// Why a document, or a config, says nothing here.
pub fn check_readable(what: &str, error: &DocumentError) -> Finding {
    match error {
        DocumentError::Malformed(fault) if fault.is_limit => {
            Finding::new(Code::OverLimit, format!("{what} is not read: {error}"))
        }
        DocumentError::Unsupported { .. } => {
            Finding::new(Code::UnsupportedKind, format!("{what} is {error}"))
        }
        _ => Finding::new(Code::Malformed, format!("{what} does not parse: {error}")),
    }
}

/// What is odd about a document that was read.
pub fn check_faults(faults: &[Fault]) -> impl Iterator<Item = Finding> {
    faults.iter().map(|fault| {
        let code = match fault.kind {
            FaultKind::Malformed => Code::Malformed,
            FaultKind::Ambiguous => Code::Ambiguous,
            FaultKind::NotUnicode => Code::InvalidText,
            FaultKind::Incomplete => Code::DescriptorIncomplete,
        };
        Finding::new(code, fault.message.clone())
    })
}

/// What a descriptor lacks, and whether the object that stands in it is the one that it names. `descriptor.md`, "Properties".
pub fn check_descriptor(descriptor: &Descriptor) -> Vec<Finding> {
    let media_type = descriptor.media_type.as_str();
    let stated = match media_type {
        "" => Some("its descriptor states no mediaType".to_owned()),
        _ if !descriptor.media_type.is_well_formed() => {
            Some(format!("the mediaType of its descriptor is none: {media_type:?}"))
        }
        _ => None,
    };
    let unstated = descriptor.platform.as_ref().and_then(|platform| {
        let what = match (platform.architecture.is_empty(), platform.os.is_empty()) {
            (true, true) => "neither architecture nor os",
            (true, false) => "no architecture",
            (false, true) => "no os",
            (false, false) => return None,
        };
        Some(format!("the platform in its descriptor states {what}"))
    });
    let incomplete = stated.into_iter().chain(unstated);
    let incomplete = incomplete.map(|message| Finding::new(Code::DescriptorIncomplete, message));
    incomplete.chain(check_data(descriptor)).collect()
}

/// Holds the object in a descriptor against the descriptor. `descriptor.md`, "Embedded Content".
fn check_data(descriptor: &Descriptor) -> Option<Finding> {
    let data = descriptor.data.as_ref()?;
    if data.len() as u64 != descriptor.size {
        let message = "the data in its descriptor is not the object: it has another number of bytes";
        let (expected, actual) = (format!("{} bytes", descriptor.size), format!("{} bytes", data.len()));
        return Some(Finding::sides(Code::DataMismatch, message, expected, actual));
    }
    let mut hasher = descriptor.digest.algorithm().hasher()?;
    hasher.update(data);
    let actual = hasher.finish();
    let message = "the data in its descriptor is not the object: it has another digest";
    (actual != descriptor.digest)
        .then(|| Finding::sides(Code::DataMismatch, message, &descriptor.digest, actual))
}

/// The words on what a manifest is.
#[derive(Debug, Clone, Copy, Default)]
pub struct MediaTypes<'a> {
    /// The descriptor's; a root has none.
    pub descriptor: Option<&'a MediaType>,
    /// For a root, what the answer to `HEAD` said.
    pub head: Option<&'a MediaType>,
    /// The response's `Content-Type`.
    pub response: Option<&'a MediaType>,
    /// What was read, with its own `mediaType`.
    pub document: Option<&'a Document>,
}

/// Holds the words on a manifest's media type against each other; those that are missing say nothing.
pub fn check_media_types(words: MediaTypes<'_>) -> Vec<Finding> {
    let MediaTypes { descriptor, head, response, document } = words;
    let own = document.and_then(Document::media_type);
    let differing = |code, message: &str, expected: Option<&MediaType>, actual: Option<&MediaType>| {
        let (expected, actual) = expected.zip(actual)?;
        (expected != actual).then(|| Finding::sides(code, message, expected, actual))
    };
    let mismatch = Code::MediaTypeMismatch;
    let pairs = [
        differing(mismatch, "the document's mediaType is not the descriptor's", descriptor, own),
        differing(
            mismatch,
            "the response's Content-Type is not the descriptor's media type",
            descriptor,
            response,
        ),
        // Only where no descriptor was there to compare both with.
        differing(
            mismatch,
            "the response's Content-Type is not the document's mediaType",
            own.filter(|_| descriptor.is_none()),
            response,
        ),
        differing(
            Code::HeadDiffers,
            "HEAD and GET differ on the Content-Type; that of GET counts",
            head,
            response,
        ),
    ];
    let kind = document.filter(|_| own.is_none()).and_then(|document| {
        let (whose, said) = match (descriptor, response) {
            (Some(descriptor), _) => ("descriptor's media type", descriptor),
            (None, response) => ("response's Content-Type", response?),
        };
        let message = format!("the document is of another kind than the {whose} says");
        let is = match document {
            Document::Index(_) => "an index, by its members",
            Document::Manifest(_) => "an image manifest, by its members",
        };
        (!document.is_a(said)).then(|| Finding::sides(mismatch, &message, said, is))
    });
    pairs.into_iter().flatten().chain(kind).collect()
}

/// Holds the index's word on the platform against the config's. What either leaves out is not compared: of the variant, many
/// configs do.
pub fn check_platform(index: &Platform, config: &Config) -> Option<Finding> {
    let said = config.platform();
    let (a, b) = (index.normalized(), said.normalized());
    let differ = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
    let stated = index.variant.is_some() && config.variant.is_some();
    let same = !differ(&a.os, &b.os)
        && !differ(&a.architecture, &b.architecture)
        && (!stated || a.architecture != b.architecture || a.variant == b.variant);
    let message = "the config is for another platform than the index says";
    (!same).then(|| Finding::sides(Code::PlatformMismatch, message, index, &said))
}

/// What the config does not state of its platform. `config.md`, "architecture" and "os".
pub fn check_stated(config: &Config) -> Option<Finding> {
    let what = match (config.os.is_empty(), config.architecture.is_empty()) {
        (true, true) => "os and architecture",
        (true, false) => "os",
        (false, true) => "architecture",
        (false, false) => return None,
    };
    Some(Finding::new(Code::PlatformUnstated, format!("the config does not state its {what}")))
}

/// An image that was taken although it is for another platform than the one that was asked for: there was no other. One that
/// does not state its platform is not said to be for another.
pub fn check_asked(asked: &Platform, image: &Platform) -> Option<Finding> {
    let is_stated = !image.os.is_empty() && !image.architecture.is_empty();
    let message = "the image is for another platform than was asked for, and there is no other";
    (is_stated && !asked.runs(image)).then(|| Finding::sides(Code::OtherPlatform, message, asked, image))
}

/// Holds the number of layers in the manifest against the config's diff IDs and history.
pub fn check_layer_count(layers: usize, config: &Config) -> Vec<Finding> {
    let diff_ids = config.rootfs.diff_ids.len();
    let history = config.history_layers().unwrap_or(layers);
    let differing = |code, count: usize, what: &str| {
        let message = format!("the config has another number of {what} than the manifest has layers");
        let (expected, actual) = (format!("{layers} layers"), format!("{count} {what}"));
        (count != layers).then(|| Finding::sides(code, &message, expected, actual))
    };
    let diff_ids = differing(Code::LayerCountMismatch, diff_ids, "diff IDs");
    let history = differing(Code::HistoryMismatch, history, "history entries that made a layer");
    diff_ids.into_iter().chain(history).collect()
}
