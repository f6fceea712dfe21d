//! The details of one object: what was expected, what came, and by which requests.

mod alone;
mod bytes;
mod exchange;
mod sides;

use super::badge::{Badge, notices};
use super::history::History;
use super::offer::Offer;
use super::title::Title;
use super::tree::{self, Share};
use super::trust::Trust;
use super::{Scene, which, words};
use crate::digest::Digest;
use crate::graph::{Kind, Node, NodeId};
use crate::layer::{Compression, Unpacked};
use crate::verify::{Code, Finding, Verdict};

pub use bytes::Bytes;
pub use exchange::{Exchange, Header};
pub use sides::{Marked, Sides};

/// One object, or a request that brought none.
#[derive(Debug, Clone, PartialEq)]
pub struct Details {
    /// Which.
    pub id: Option<NodeId>,
    /// What it is.
    pub title: String,
    /// The same more closely.
    pub what: String,
    /// The verdict; `None` where there is nothing to judge.
    pub badge: Option<Badge>,
    /// What the verdict says, in a sentence.
    pub sentence: String,
    /// The path that leads to it from what is taken on trust.
    pub trust: Option<Trust>,
    /// Expected and computed digest.
    pub digests: Sides,
    /// What its digest is of, who named it, and what it is not.
    pub which: Option<String>,
    /// Its digest.
    pub digest: Option<String>,
    /// What can be fetched.
    pub offer: Option<Offer>,
    /// What else is known, in order: what it is, and the value.
    pub facts: Vec<(&'static str, String)>,
    /// What names it.
    pub named_by: Option<NamedBy>,
    /// How its image came about.
    pub history: Option<History>,
    /// What the checks found.
    pub findings: Vec<FindingRow>,
    /// The requests that fetched it.
    pub exchanges: Vec<Exchange>,
    /// Its bytes; `None` for what was not read.
    pub bytes: Option<Bytes>,
}

/// What names an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedBy {
    /// The object above.
    pub id: NodeId,
    /// Its name.
    pub title: String,
    /// The place in it: `entry 1 of 11`.
    pub place: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingRow {
    /// The stable name.
    pub code: &'static str,
    /// What it does to the verdict: failed, unchecked, or a notice that takes nothing from a proof.
    pub class: &'static str,
    /// The sentence.
    pub message: String,
    /// The sides that were compared.
    pub sides: Sides,
}

impl Details {
    /// The details of an object; its document laid out anew, if `pretty`.
    pub fn new(scene: &Scene<'_>, id: NodeId, pretty: bool) -> Option<Details> {
        let node = scene.graph.get(id)?;
        let Title { title, what } = Title::of(scene, id, node);
        let text = |digest: &Option<crate::digest::Digest>| digest.as_ref().map(ToString::to_string);
        let findings = node.findings.iter().filter(|_| node.wanted);
        let exchanges = node.requests.iter().filter_map(|entry| Exchange::new(scene, *entry));
        Some(Details {
            id: Some(id),
            title,
            what,
            badge: Some(Badge::of(scene, node)),
            sentence: sentence(scene, node),
            trust: Trust::of(scene, id),
            // A digest that differs is told by its finding, with both sides.
            digests: match node.findings.iter().any(|finding| finding.code == Code::DigestMismatch) {
                true => Sides::default(),
                false => Sides::new(text(&node.digest), text(&node.computed)),
            },
            which: which::of_object(scene, id),
            digest: text(&node.digest),
            offer: Offer::of(scene, node),
            facts: facts(scene, id, node),
            history: History::of(scene, id),
            named_by: named_by(scene, id, node),
            findings: findings.map(|finding| FindingRow::of(scene, finding)).collect(),
            exchanges: exchanges.collect(),
            bytes: Bytes::of(scene, id, node, pretty),
        })
    }
}

impl FindingRow {
    fn of(scene: &Scene<'_>, finding: &Finding) -> FindingRow {
        let Finding { code, message, expected, actual } = finding.clone();
        let shown = |side: String| words::redacted(&side);
        FindingRow {
            code: code.as_str(),
            class: code.class().as_str(),
            message: scene.told(&message),
            sides: Sides::new(expected.map(shown), actual.map(shown)),
        }
    }
}

fn sentence(scene: &Scene<'_>, node: &Node) -> String {
    let algorithm = node.digest.as_ref().map(|digest| digest.algorithm().to_string()).unwrap_or_default();
    let read = words::grouped(node.read);
    match node.verdict() {
        Verdict::Verified => {
            let named_by = match (node.parent, scene.tag) {
                (Some(parent), _) => match scene.graph.get(parent).map(|parent| parent.kind) {
                    Some(Kind::Index) => "the digest that the index names".to_owned(),
                    _ => "the digest that the manifest names".to_owned(),
                },
                (None, Some(_)) => format!("the digest that {} claims for the tag", scene.speaker()),
                (None, None) => "the digest in the reference".to_owned(),
            };
            let notices = match notices(node) {
                0 => "",
                1 => " The notice below takes nothing from that.",
                _ => " The notices below take nothing from that.",
            };
            format!(
                "The {algorithm} of these {read} bytes equals {named_by}. Who served them does not matter.{notices}"
            )
        }
        Verdict::Failed => {
            let failed = node.findings.iter().filter(|finding| finding.code.verdict() == Verdict::Failed);
            match failed.count() {
                1 => "A check failed. This is not what was named.".to_owned(),
                n => format!("{n} checks failed. This is not what was named."),
            }
        }
        Verdict::Unchecked if !node.wanted => match node.is_attestation() {
            true => "Named in the index as a statement about an image, and not asked for in this pull.",
            false => "Named in the index for another platform, and not asked for in this pull.",
        }
        .to_owned(),
        Verdict::Unchecked => "Nothing is proven about these bytes.".to_owned(),
    }
}

/// The longest fact that is shown whole, in characters: a registry may write a megabyte for a platform.
const MAX_FACT: usize = 1000;

fn facts(scene: &Scene<'_>, id: NodeId, node: &Node) -> Vec<(&'static str, String)> {
    let size = match (node.size, node.read) {
        (Some(size), 0) => Some(format!("{} bytes expected", words::grouped(size))),
        (Some(size), read) => {
            Some(format!("{} of {} bytes read", words::grouped(read), words::grouped(size)))
        }
        (None, 0) => None,
        (None, read) => Some(format!("{} bytes read", words::grouped(read))),
    };
    [
        ("size", size),
        ("media type", node.media_type.as_ref().map(ToString::to_string)),
        ("platform", node.platform.as_ref().filter(|p| !p.is_unknown()).map(ToString::to_string)),
        ("describes", node.describes.as_ref().map(ToString::to_string)),
        ("names", tree::below(scene, id, node)),
        ("share", share(scene, node)),
        ("unpacks to", node.unpacked.as_deref().map(unpacked)),
        ("diff ID", which::diff_id(scene, id).map(|diff| known_diff_id(node, &diff))),
        ("chain ID", which::chain_id(scene, id).map(|chain| chain.to_string() + CHAINED)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, words::visible(&value?, MAX_FACT))))
    .collect()
}

/// What is to be known of a diff ID.
fn known_diff_id(node: &Node, stated: &Digest) -> String {
    let computed = node.unpacked.as_ref().map(|unpacked| unpacked.diff_id.as_ref());
    match computed {
        None => format!("{stated}, as the config states it; not checked until layers are unpacked"),
        Some(Some(computed)) if computed == stated => {
            format!("{stated}, as the config states it, and the digest of what this layer unpacks to")
        }
        Some(Some(_)) => {
            format!("{stated}, as the config states it; what this layer unpacks to has a different one")
        }
        Some(None) => format!("{stated}, as the config states it; the layer was not unpacked to its end"),
    }
}

fn unpacked(unpacked: &Unpacked) -> String {
    let packed = match unpacked.compression {
        None | Some(Compression::Plain) => "a tar that is not compressed".to_owned(),
        Some(compression) => format!("a tar, compressed with {compression}"),
    };
    let entries = unpacked.listing.count();
    let entries = format!("{} {}", words::grouped(entries), if entries == 1 { "entry" } else { "entries" });
    format!("{} bytes in {entries}: {packed}", words::grouped(unpacked.size))
}

/// What is to be known of a chain ID.
const CHAINED: &str = ", of this layer and those below it, computed from the diff IDs";

fn share(scene: &Scene<'_>, node: &Node) -> Option<String> {
    let manifest = node.parent.filter(|_| matches!(node.kind, Kind::Config | Kind::Layer | Kind::Blob))?;
    let total = tree::total(scene, manifest);
    let part = Share::new(node.size?, total)?;
    Some(format!("{} of the {} that the manifest names", part.words, words::bytes(total)))
}

fn named_by(scene: &Scene<'_>, id: NodeId, node: &Node) -> Option<NamedBy> {
    let above = node.parent?;
    let parent = scene.graph.get(above)?;
    let place = match parent.kind {
        Kind::Index => {
            let at = parent.children.iter().position(|child| *child == id)?;
            format!("entry {} of {}", at + 1, parent.children.len())
        }
        _ => match node.kind {
            Kind::Config => "as its config".to_owned(),
            Kind::Layer => format!("as layer {}", node.ordinal + 1),
            _ => format!("as blob {}", node.ordinal + 1),
        },
    };
    let digest = parent.digest.as_ref().map(|digest| digest.short()).unwrap_or_default();
    let Title { title, .. } = Title::of(scene, above, parent);
    Some(NamedBy { id: above, title: format!("{title} {digest}"), place })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Trace;
    use crate::view::samples::{at, image, scene, told};

    #[test]
    fn an_object_says_who_names_it_and_what_is_proven() {
        let (graph, trace) = (image(10), Trace::default());
        let scene = scene(&graph, &trace);
        let manifest = Details::new(&scene, at(1), false).unwrap();
        assert_eq!(
            manifest.sentence,
            "The sha256 of these 8 bytes equals the digest that the index names. Who served them does not matter."
        );
        let named_by = manifest.named_by.unwrap();
        assert!(
            named_by.title.starts_with("Index sha256:") && named_by.place == "entry 1 of 11",
            "{named_by:?}"
        );
        let facts: Vec<&str> = manifest.facts.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(
            facts,
            [
                "8 of 8 bytes read",
                "application/vnd.oci.image.manifest.v1+json",
                "linux/amd64",
                "1 layer, 11\u{a0}B below"
            ]
        );
        assert_eq!(Details::new(&scene, at(13), false).unwrap().named_by.unwrap().place, "as layer 1");
        let other = Details::new(&scene, at(3), false).unwrap();
        assert!(
            other.sentence.starts_with("Named in the index for another platform")
                && other.findings.is_empty()
        );
        assert_eq!(Details::new(&scene, at(99), false), None);
    }

    #[test]
    fn a_layer_states_its_other_digests_and_who_says_so() {
        let (mut graph, trace) = (image(0), Trace::default());
        told(&mut graph, at(2), &[]);
        let layer = Details::new(&scene(&graph, &trace), at(3), false).unwrap();
        let fact = |name| layer.facts.iter().find(|(fact, _)| *fact == name).map(|(_, value)| value.as_str());
        let diff = Digest::sha256(b"diff");
        let stated = format!("{diff}, as the config states it; not checked until layers are unpacked");
        assert_eq!(fact("diff ID"), Some(stated.as_str()));
        assert!(fact("chain ID").is_some_and(|chain| chain.starts_with(&diff.to_string())));
        let (compression, diff_id) = (Some(Compression::Gzip), Some(diff.clone()));
        let unpacked = Unpacked { compression, diff_id, size: 2048, ..Unpacked::default() };
        graph.get_mut(at(3)).unwrap().unpacked = Some(unpacked.into());
        let layer = Details::new(&scene(&graph, &trace), at(3), false).unwrap();
        let fact = |name| layer.facts.iter().find(|(fact, _)| *fact == name).map(|(_, value)| value.as_str());
        let proven = format!("{diff}, as the config states it, and the digest of what this layer unpacks to");
        assert_eq!(fact("diff ID"), Some(proven.as_str()));
        assert_eq!(fact("unpacks to"), Some("2,048 bytes in 0 entries: a tar, compressed with gzip"));
        assert!(fact("share").is_some_and(|share| share.ends_with("that the manifest names")));
    }

    #[test]
    fn a_failure_shows_both_sides_once() {
        let (mut graph, trace) = (image(0), Trace::default());
        let layer = graph.get_mut(at(3)).unwrap();
        layer.computed = Some(Digest::sha256(b"other"));
        layer.findings.push(Finding {
            expected: Some("a1".into()),
            actual: Some("a2".into()),
            ..Finding::new(Code::DigestMismatch, "the digest of the bytes is not the expected one")
        });
        let details = Details::new(&scene(&graph, &trace), at(3), false).unwrap();
        assert_eq!(details.sentence, "A check failed. This is not what was named.");
        let finding = details.findings.first().unwrap();
        assert_eq!((finding.code, finding.class), ("digest-mismatch", "failed"));
        assert_eq!(finding.sides.actual.as_ref().unwrap().differs, "2");
        assert_eq!(details.digests, Sides::default(), "the finding has them");
    }
}
