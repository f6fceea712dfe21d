//! The path of trust: from the tag, which is a claim, down to the selected object, each link with its check.

use super::badge::{Badge, Tone};
use super::title::Title;
use super::{Scene, words};
use crate::graph::{Node, NodeId};
use crate::verify::Code;

/// The path to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The stops, from what is taken on trust to the object.
    pub stops: Vec<Stop>,
    /// What the whole path proves, in a sentence.
    pub sentence: String,
}

/// One stop on the path, and the link that leads to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The link from the stop before; the first has none.
    pub link: Option<Link>,
    /// What stands there: `Tag latest`, `Index`, `Layer 1 of 3`.
    pub title: String,
    /// Its digest or size, shortened.
    pub fact: String,
    /// What else is wrong with it, though its bytes are those that were named.
    pub fault: Option<String>,
    /// The object to show.
    pub id: NodeId,
    /// Whether it is the object that the path leads to.
    pub last: bool,
}

/// One link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What it is worth.
    pub kind: Worth,
    /// A sign before the words.
    pub shape: &'static str,
    /// The check in words.
    pub words: String,
    /// Whether a link before this one does not hold, so that it hangs on nothing.
    pub loose: bool,
}

/// What a link is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// Somebody says so.
    Claim,
    /// The user said so.
    Pinned,
    /// The hash of the bytes is the digest that names them.
    Equal,
    /// It is not.
    Differs,
    /// Nobody has looked.
    Unchecked,
}

impl Worth {
    /// The word that the stylesheet knows it by.
    pub fn as_str(self) -> &'static str {
        match self {
            Worth::Claim => "claim",
            Worth::Pinned => "pinned",
            Worth::Equal => "equal",
            Worth::Differs => "differs",
            Worth::Unchecked => "unchecked",
        }
    }

    fn shape(self) -> &'static str {
        match self {
            Worth::Claim => "?",
            Worth::Pinned => "=",
            Worth::Equal => "✓",
            Worth::Differs => "✗",
            Worth::Unchecked => "◐",
        }
    }

    /// Whether what is below stands on it.
    fn holds(self) -> bool {
        matches!(self, Worth::Claim | Worth::Pinned | Worth::Equal)
    }
}

impl Trust {
    /// The path to an object; `None` where there is no digest to begin with.
    pub fn of(scene: &Scene<'_>, id: NodeId) -> Option<Trust> {
        let root = scene.graph.root()?;
        let digest = scene.graph.get(root)?.digest.as_ref()?;
        let start = match scene.tag {
            Some(tag) => format!("Tag {}", words::visible(tag, 60)),
            None => "Reference".to_owned(),
        };
        let (worth, said) = match scene.tag {
            Some(_) => (Worth::Claim, "a claim"),
            None => (Worth::Pinned, "you named it"),
        };
        let stop = |link, title: &str, fact: String| Stop {
            link,
            title: title.to_owned(),
            fact,
            fault: None,
            id: root,
            last: false,
        };
        let link = Link { kind: worth, shape: worth.shape(), words: said.to_owned(), loose: false };
        let fact = if scene.tag.is_some() { "a name that can be moved" } else { "pins a digest" };
        let mut stops = vec![stop(None, &start, fact.to_owned()), stop(Some(link), "Digest", digest.short())];

        let mut path: Vec<NodeId> = scene.graph.ancestors(id).map(|(above, _)| above).collect();
        path.reverse();
        path.push(id);
        let mut loose = false;
        for step in path {
            let node = scene.graph.get(step)?;
            let stop = Stop::of(scene, step, node, loose, step == id);
            loose = loose || !stop.link.as_ref().is_some_and(|link| link.kind.holds());
            stops.push(stop);
        }
        let sentence = sentence(scene, &stops);
        Some(Trust { stops, sentence })
    }
}

impl Stop {
    fn of(scene: &Scene<'_>, id: NodeId, node: &Node, loose: bool, last: bool) -> Stop {
        let Title { title, .. } = Title::of(scene, id, node);
        let algorithm = node.digest.as_ref().map(|digest| digest.algorithm().to_string()).unwrap_or_default();
        let unequal = |code: Code| matches!(code, Code::DigestMismatch | Code::SizeMismatch | Code::TooLarge);
        let badge = Badge::of(scene, node);
        let (kind, said) = match () {
            () if node.proven => (Worth::Equal, format!("{algorithm} equal")),
            () if node.findings.iter().any(|finding| unequal(finding.code)) => {
                (Worth::Differs, badge.word.replace("failed: ", ""))
            }
            () => (Worth::Unchecked, badge.word.clone()),
        };
        let fact = match (node.parent, node.size) {
            // The digest of the root stands just above.
            (None, Some(size)) => words::bytes(size),
            _ => node.digest.as_ref().map(|digest| digest.short()).unwrap_or_default(),
        };
        let fault = (node.proven && badge.tone == Tone::Failed).then_some(badge.word);
        let link = Link { kind, shape: kind.shape(), words: said, loose };
        Stop { link: Some(link), title, fact, fault, id, last }
    }
}

/// What the path proves.
fn sentence(scene: &Scene<'_>, stops: &[Stop]) -> String {
    let start = match scene.tag {
        Some(_) => "Only the first link is taken on trust",
        None => "Nothing is taken on trust",
    };
    let broken = stops.iter().find(|stop| stop.link.as_ref().is_some_and(|link| !link.kind.holds()));
    let Some(Stop { title, link: Some(link), last, .. }) = broken else {
        return format!(
            "{start}. Every other link was computed here, from the bytes that came: who served them does not matter."
        );
    };
    let below =
        if *last { "" } else { " What is below it may match its digest, but nothing vouches for it." };
    match link.kind {
        Worth::Differs => {
            format!("The chain breaks at {title}: these bytes are not the ones that were named above.{below}")
        }
        _ if scene.stage == super::Stage::Running => format!("So far the chain reaches to {title}.{below}"),
        _ => format!("The chain ends before {title}: nothing is proven about its bytes.{below}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::trace::Trace;
    use crate::verify::Finding;
    use crate::view::samples::{at, attest, image, scene};

    fn drawn(graph: &Graph, id: NodeId, tag: Option<&str>) -> (String, String) {
        let trace = Trace::default();
        let trust = Trust::of(&Scene { tag, ..scene(graph, &trace) }, id).unwrap();
        let stop = |stop: &Stop| match &stop.link {
            None => stop.title.clone(),
            Some(Link { kind, loose, words, .. }) => {
                let loose = if *loose { " (loose)" } else { "" };
                format!("—{}: {words}{loose}→ {}", kind.as_str(), stop.title)
            }
        };
        (trust.stops.iter().map(stop).collect::<Vec<_>>().join(" "), trust.sentence)
    }

    #[test]
    fn a_tag_is_a_claim_and_the_rest_is_proven() {
        let graph = image(0);
        let (path, sentence) = drawn(&graph, at(3), Some("1"));
        assert_eq!(
            path,
            "Tag 1 —claim: a claim→ Digest —equal: sha256 equal→ Index —equal: sha256 equal→ \
             linux/amd64 —equal: sha256 equal→ Layer 1 of 1"
        );
        assert!(sentence.starts_with("Only the first link is taken on trust."), "{sentence}");
        let (path, sentence) = drawn(&graph, at(0), None);
        assert_eq!(path, "Reference —pinned: you named it→ Digest —equal: sha256 equal→ Index");
        assert!(sentence.starts_with("Nothing is taken on trust."), "{sentence}");
    }

    #[test]
    fn what_was_not_read_ends_the_chain() {
        let mut graph = image(0);
        graph.get_mut(at(3)).unwrap().reset();
        graph.get_mut(at(3)).unwrap().findings.push(Finding::new(Code::NotRecorded, ""));
        let (path, sentence) = drawn(&graph, at(3), Some("1"));
        assert!(path.ends_with("—unchecked: not in the recording→ Layer 1 of 1"), "{path}");
        assert_eq!(sentence, "The chain ends before Layer 1 of 1: nothing is proven about its bytes.");
    }

    #[test]
    fn a_link_that_differs_breaks_the_chain_for_all_below() {
        let mut graph = image(0);
        let manifest = graph.get_mut(at(1)).unwrap();
        manifest.proven = false;
        manifest.findings.push(Finding::new(Code::DigestMismatch, ""));
        let (path, sentence) = drawn(&graph, at(3), Some("1"));
        assert!(
            path.ends_with("—differs: wrong digest→ linux/amd64 —equal: sha256 equal (loose)→ Layer 1 of 1"),
            "{path}"
        );
        assert!(
            sentence.starts_with("The chain breaks at linux/amd64:")
                && sentence.ends_with("nothing vouches for it.")
        );
    }

    #[test]
    fn bytes_that_are_the_right_ones_may_be_faulty_all_the_same() {
        let (mut graph, trace) = (image(0), Trace::default());
        graph.get_mut(at(2)).unwrap().findings.push(Finding::new(Code::PlatformMismatch, ""));
        let trust = Trust::of(&scene(&graph, &trace), at(2)).unwrap();
        let config = trust.stops.last().unwrap();
        assert_eq!(config.link.as_ref().unwrap().kind, Worth::Equal);
        assert_eq!(config.fault.as_deref(), Some("failed: platforms differ"));
    }

    #[test]
    fn the_path_is_that_of_the_documents_and_begins_with_a_digest() {
        let (mut graph, trace) = (image(0), Trace::default());
        let attestation = attest(&mut graph, at(0), b"manifest");
        let (path, _) = drawn(&graph, attestation, Some("1"));
        assert!(
            path.ends_with("→ Index —unchecked: not asked for→ Attestation"),
            "the index names it: {path}"
        );
        graph.get_mut(at(0)).unwrap().digest = None;
        assert_eq!(Trust::of(&scene(&graph, &trace), at(0)), None);
        assert_eq!(Trust::of(&scene(&Graph::default(), &trace), at(0)), None);
    }
}
