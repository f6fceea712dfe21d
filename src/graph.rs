//! The objects of one pull: a tree of nodes, each an object as its parent's descriptor names it, with its verdict.
//!
//! One object may be named twice (the same layer in two places); each naming is a node of its own, for its size
//! and media type may differ, and with them the verdict.

use std::collections::HashMap;

use std::rc::Rc;

use crate::digest::Digest;
use crate::image::{Config, Descriptor, DocumentError, Platform};
use crate::layer::Unpacked;
use crate::media_type::MediaType;
use crate::verify::{Checked, Code, Finding, Verdict, check_descriptor};

/// The tree. Its root is the first node.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graph {
    nodes: Vec<Node>,
    /// The places of the nodes with a digest, by that digest: an image may have ten thousand layers.
    named: HashMap<String, Vec<usize>>,
}

/// A node's place in its graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub usize);

/// One object as something names it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Its digest; `None` for a root that could not be resolved. In a graph, [`Graph::set_digest`] sets it.
    pub digest: Option<Digest>,
    /// Its media type, as the descriptor says, or for a root as the registry does.
    pub media_type: Option<MediaType>,
    /// Its size in bytes, as the descriptor says, or for a root as it was read.
    pub size: Option<u64>,
    /// The platform that the index names it for.
    pub platform: Option<Platform>,
    /// For an attestation: the digest of the image that it describes, as the index says.
    pub describes: Option<Digest>,
    /// For a manifest: the type of artifact that it says it is; an image says none.
    pub artifact_type: Option<String>,
    /// What its descriptor has besides naming it, if anything.
    pub beside: Option<Box<Beside>>,
    /// Whether this pull asks for it. The manifests of other platforms stand in the tree, and are not asked for.
    pub wanted: bool,
    /// What names it.
    pub parent: Option<NodeId>,
    /// What it names.
    pub children: Vec<NodeId>,
    /// Its place among its parent's children of the same kind, counted from 0.
    pub ordinal: usize,
    /// Bytes read so far.
    pub read: u64,
    /// The digest of what was read, once all was.
    pub computed: Option<Digest>,
    /// Whether size and digest were proven.
    pub proven: bool,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The raw bytes of a manifest or config, exactly as served.
    pub raw: Option<Vec<u8>>,
    /// What an image's config says, where it parses.
    pub config: Option<Rc<Config>>,
    /// What a layer unpacked to, where it was unpacked.
    pub unpacked: Option<Rc<Unpacked>>,
    /// The requests that fetched it, as numbers of trace entries.
    pub requests: Vec<usize>,
}

/// What a descriptor has besides naming an object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beside {
    /// The object itself, where the right bytes stand in the descriptor.
    pub data: Option<Vec<u8>>,
    /// Where else the object can be had.
    pub urls: Vec<String>,
    /// What is odd about the descriptor. It stands among the object's findings, whatever comes of asking for that.
    pub findings: Vec<Finding>,
}

impl Beside {
    fn of(descriptor: &Descriptor) -> Beside {
        let findings = check_descriptor(descriptor);
        let is_right = !findings.iter().any(|finding| finding.code == Code::DataMismatch)
            && descriptor.digest.algorithm().hasher().is_some();
        let data = descriptor.data.clone().filter(|_| is_right);
        Beside { data, urls: descriptor.urls.clone(), findings }
    }
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An OCI index or Docker manifest list.
    Index,
    /// An image manifest.
    Manifest,
    /// A config.
    Config,
    /// A layer of an image.
    Layer,
    /// A blob of an artifact that is not an image.
    Blob,
    /// Not known: a root that was not resolved, or an entry of a type that is neither index nor manifest.
    Unknown,
}

impl Kind {
    /// The word of the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Index => "index",
            Kind::Manifest => "manifest",
            Kind::Config => "config",
            Kind::Layer => "layer",
            Kind::Blob => "blob",
            Kind::Unknown => "unknown",
        }
    }

    /// What an entry of an index is.
    pub fn of_entry(media_type: &MediaType) -> Kind {
        match media_type {
            m if m.is_index() => Kind::Index,
            m if m.is_manifest() => Kind::Manifest,
            m if m.is_layer() || m.is_image_config() || m.is_cache_config() => Kind::Blob,
            _ => Kind::Unknown,
        }
    }
}

impl Node {
    /// The root, before anything is known of it save what the reference may pin.
    pub fn root(digest: Option<Digest>) -> Node {
        Node {
            kind: Kind::Unknown,
            digest,
            media_type: None,
            size: None,
            platform: None,
            describes: None,
            artifact_type: None,
            beside: None,
            wanted: true,
            parent: None,
            children: Vec::new(),
            ordinal: 0,
            read: 0,
            computed: None,
            proven: false,
            findings: Vec::new(),
            raw: None,
            config: None,
            unpacked: None,
            requests: Vec::new(),
        }
    }

    /// An object as `descriptor` names it.
    pub fn named(kind: Kind, descriptor: &Descriptor, wanted: bool) -> Node {
        let beside = Beside::of(descriptor);
        Node {
            kind,
            findings: beside.findings.clone(),
            beside: Some(beside).filter(|beside| *beside != Beside::default()).map(Box::new),
            media_type: Some(descriptor.media_type.clone()).filter(|m| !m.as_str().is_empty()),
            size: Some(descriptor.size),
            platform: descriptor.platform.clone(),
            describes: descriptor.describes(),
            wanted,
            ..Node::root(Some(descriptor.digest.clone()))
        }
    }

    /// What a document names in a way that cannot be read, and so cannot be fetched.
    pub fn unfit(kind: Kind, error: &DocumentError) -> Node {
        let message = format!("it cannot be asked for: {error}");
        Node { kind, findings: vec![Finding::new(Code::Malformed, message)], ..Node::root(None) }
    }

    /// Whether it is a statement about an image, and not itself one.
    pub fn is_attestation(&self) -> bool {
        self.describes.is_some() || self.platform.as_ref().is_some_and(Platform::is_unknown)
    }

    /// Forgets what came of asking for it, before it is asked for anew. The requests stay: they were made.
    pub fn reset(&mut self) {
        (self.wanted, self.read, self.computed, self.proven) = (true, 0, None, false);
        (self.raw, self.config, self.unpacked) = (None, None, None);
        self.findings = self.beside.as_ref().map(|beside| beside.findings.clone()).unwrap_or_default();
    }

    /// The sum of what is known.
    pub fn verdict(&self) -> Verdict {
        Verdict::from_findings(self.proven, &self.findings)
    }

    /// Takes note of a finding, once.
    pub fn note(&mut self, finding: Option<Finding>) {
        let is_new = |finding: &Finding| !self.findings.contains(finding);
        let new = finding.filter(is_new);
        self.findings.extend(new);
    }

    /// Takes over the result of reading the bytes.
    pub fn absorb(&mut self, checked: Checked) {
        self.read = checked.read;
        self.size = self.size.or(checked.computed.is_some().then_some(checked.read));
        self.computed = checked.computed;
        self.proven = checked.proven;
        self.findings.extend(checked.findings);
    }
}

impl Graph {
    /// Adds a node under `parent`, or as the root.
    pub fn add(&mut self, parent: Option<NodeId>, mut node: Node) -> NodeId {
        let id = NodeId(self.nodes.len());
        node.parent = parent;
        if let Some(parent) = parent {
            // The nearest of its kind is near: a long index must not take quadratic time.
            let siblings = self.get(parent).map(|parent| parent.children.as_slice()).unwrap_or_default();
            let mut alike =
                siblings.iter().rev().filter_map(|id| self.get(*id)).filter(|s| s.kind == node.kind);
            node.ordinal = alike.next().map_or(0, |sibling| sibling.ordinal + 1);
            if let Some(parent) = self.nodes.get_mut(parent.0) {
                parent.children.push(id);
            }
        }
        let digest = node.digest.clone();
        self.nodes.push(node);
        digest.into_iter().for_each(|digest| self.set_digest(id, digest));
        id
    }

    /// Says which digest a node has; a root learns it late, and may have to learn that it is another.
    pub fn set_digest(&mut self, id: NodeId, digest: Digest) {
        let Some(node) = self.nodes.get_mut(id.0) else { return };
        let old = node.digest.replace(digest.clone()).filter(|old| *old != digest);
        if let Some(places) = old.and_then(|old| self.named.get_mut(old.as_str())) {
            places.retain(|place| *place != id.0);
        }
        let places = self.named.entry(digest.as_str().to_owned()).or_default();
        if places.last() != Some(&id.0) {
            places.push(id.0);
        }
    }

    /// The root, once there is one.
    pub fn root(&self) -> Option<NodeId> {
        (!self.nodes.is_empty()).then_some(NodeId(0))
    }

    /// One node.
    pub fn get(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0)
    }

    /// One node, to be changed.
    pub fn get_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(id.0)
    }

    /// Every node, in the order in which they were found: parents before children.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Node)> {
        self.nodes.iter().enumerate().map(|(at, node)| (NodeId(at), node))
    }

    /// The children of a node, in the order of its document.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Node)> {
        let children = self.get(id).map(|node| node.children.as_slice()).unwrap_or_default();
        children.iter().filter_map(|child| Some((*child, self.get(*child)?)))
    }

    /// The nodes above a node, nearest first.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = (NodeId, &Node)> {
        let above = |id: NodeId| self.get(id).and_then(|node| node.parent);
        std::iter::successors(above(id), move |id| above(*id)).filter_map(|id| Some((id, self.get(id)?)))
    }

    /// The first node with this digest.
    pub fn find(&self, digest: &Digest) -> Option<NodeId> {
        self.find_all(digest).next()
    }

    /// Every node with this digest, in the order in which they were named.
    pub fn find_all(&self, digest: &Digest) -> impl Iterator<Item = NodeId> {
        self.named.get(digest.as_str()).into_iter().flatten().map(|at| NodeId(*at))
    }

    /// The first node that a request fetched.
    pub fn fetched_by(&self, entry: usize) -> Option<NodeId> {
        self.iter().find(|(_, node)| node.requests.contains(&entry)).map(|(id, _)| id)
    }

    /// The verdict on the whole pull: failed if any object failed; verified only if all that were asked for were.
    pub fn verdict(&self) -> Verdict {
        let of_wanted = self.nodes.iter().filter(|node| node.wanted).map(Node::verdict);
        of_wanted.max().unwrap_or(Verdict::Unchecked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Part;

    fn descriptor(bytes: &[u8]) -> Descriptor {
        let json = serde_json::json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": Digest::sha256(bytes).to_string(),
            "size": bytes.len(),
        });
        Descriptor::read(&Part::whole(&json)).unwrap()
    }

    fn proven(mut node: Node) -> Node {
        node.proven = true;
        node
    }

    #[test]
    fn the_whole_is_as_good_as_the_worst_that_was_wanted() {
        let mut graph = Graph::default();
        assert_eq!(graph.verdict(), Verdict::Unchecked, "nothing is verified by default");
        let root = graph.add(None, proven(Node::root(None)));
        assert_eq!(graph.verdict(), Verdict::Verified);
        graph.add(Some(root), Node::named(Kind::Manifest, &descriptor(b"other"), false));
        assert_eq!(graph.verdict(), Verdict::Verified, "another platform was not asked for");
        let layer = graph.add(Some(root), Node::named(Kind::Layer, &descriptor(b"a"), true));
        assert_eq!(graph.verdict(), Verdict::Unchecked);
        let finding = Finding::new(Code::DigestMismatch, "");
        graph.get_mut(layer).unwrap().findings.push(finding);
        assert_eq!(graph.verdict(), Verdict::Failed);
    }

    #[test]
    fn an_attestation_knows_what_it_describes() {
        let mut named = descriptor(b"a");
        let image = Digest::sha256(b"image");
        assert_eq!(Node::named(Kind::Manifest, &named, false).describes, None);
        named.annotations.insert("vnd.docker.reference.digest".into(), image.to_string());
        let node = Node::named(Kind::Manifest, &named, false);
        assert_eq!((node.describes.as_ref(), node.is_attestation()), (None, false), "the type is not stated");
        named.annotations.insert("vnd.docker.reference.type".into(), "attestation-manifest".into());
        let node = Node::named(Kind::Manifest, &named, false);
        assert_eq!((node.describes.as_ref(), node.is_attestation()), (Some(&image), true));
        named.annotations.insert("vnd.docker.reference.digest".into(), "<img>".into());
        assert_eq!(Node::named(Kind::Manifest, &named, false).describes, None, "no digest at all");
    }

    #[test]
    fn ways_through_the_tree() {
        let mut graph = Graph::default();
        let root = graph.add(None, Node::root(None));
        let manifest = graph.add(Some(root), Node::named(Kind::Manifest, &descriptor(b"m"), true));
        let config = graph.add(Some(manifest), Node::named(Kind::Config, &descriptor(b"c"), true));
        let first = graph.add(Some(manifest), Node::named(Kind::Layer, &descriptor(b"l"), true));
        let second = graph.add(Some(manifest), Node::named(Kind::Layer, &descriptor(b"l"), true));
        assert_eq!(graph.get(second).unwrap().ordinal, 1);
        assert_eq!(graph.find(&Digest::sha256(b"l")), Some(first));
        let ids = |nodes: Vec<(NodeId, &Node)>| nodes.into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(ids(graph.children(manifest).collect()), [config, first, second]);
        assert_eq!(ids(graph.ancestors(first).collect()), [manifest, root]);
        graph.get_mut(config).unwrap().requests.push(3);
        assert_eq!((graph.fetched_by(3), graph.fetched_by(4)), (Some(config), None));
    }
}
