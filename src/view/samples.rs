//! Small graphs and traces for the tests of the view.

use super::{Scene, Stage};
use crate::digest::Digest;
use crate::graph::{Graph, Kind, Node, NodeId};
use crate::http::{Headers, Method, ResponseHead, Visibility};
use crate::image::{Descriptor, parse_config};
use crate::media_type::MediaType;
use crate::pull::Layers;
use crate::trace::{Entry, Purpose, Role, State, Trace};

/// A scene of a pull that is done.
pub(crate) fn scene<'a>(graph: &'a Graph, trace: &'a Trace) -> Scene<'a> {
    Scene {
        graph,
        trace,
        layers: Layers::Verify,
        stage: Stage::Done,
        problem: None,
        reference: "registry.example/app:1",
        recorded: false,
        tag: Some("1"),
        front: Some("https://registry.example"),
        behind: None,
        want: None,
        waiting: None,
        diagnosis: None,
        beyond: None,
        claimant: None,
        framed: false,
    }
}

/// A request that waits for its answer.
pub(crate) fn entry(role: Role, url: &str) -> Entry {
    Entry {
        method: Method::Get,
        url: url.parse().unwrap(),
        sent: Vec::new(),
        purpose: Purpose::of(role),
        redirected_from: None,
        again: false,
        state: State::Waiting,
        read: 0,
        begin: Vec::new(),
        body: None,
        timings: Default::default(),
        memory: None,
    }
}

/// The head of a response whose headers are all known.
pub(crate) fn head(status: Option<u16>, headers: &[(&str, &str)]) -> ResponseHead {
    let list = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    ResponseHead { status, headers: Headers::new(list, Visibility::Complete), followed_to: None }
}

/// An object that was asked for.
pub(crate) fn node(kind: Kind, bytes: &[u8]) -> Node {
    let media_type = match kind {
        Kind::Index => "application/vnd.oci.image.index.v1+json",
        Kind::Manifest => "application/vnd.oci.image.manifest.v1+json",
        Kind::Config => "application/vnd.oci.image.config.v1+json",
        _ => "application/vnd.oci.image.layer.v1.tar+gzip",
    };
    let descriptor = Descriptor {
        media_type: MediaType::parse(media_type),
        digest: Digest::sha256(bytes),
        size: bytes.len() as u64,
        platform: None,
        annotations: Default::default(),
        artifact_type: None,
        urls: Vec::new(),
        data: None,
        other: Default::default(),
    };
    Node::named(kind, &descriptor, true)
}

/// The same, proven.
pub(crate) fn proven(mut node: Node) -> Node {
    node.proven = true;
    node.computed = node.digest.clone();
    node.read = node.size.unwrap_or_default();
    node
}

/// An index with `others` platforms that are not asked for, and one image with a config and a layer.
/// The nodes are, in order: index, manifest, the others, config, layer.
pub(crate) fn image(others: usize) -> Graph {
    let mut graph = Graph::default();
    let root = graph.add(None, proven(node(Kind::Index, b"index")));
    let platform = |text: &str| Some(text.parse().unwrap());
    let mut manifest = proven(node(Kind::Manifest, b"manifest"));
    manifest.platform = platform("linux/amd64");
    let manifest = graph.add(Some(root), manifest);
    for at in 0..others {
        let mut other = node(Kind::Manifest, format!("other {at}").as_bytes());
        other.platform = platform(&format!("linux/arm/v{at}"));
        other.wanted = false;
        graph.add(Some(root), other);
    }
    graph.add(Some(manifest), proven(node(Kind::Config, b"config")));
    graph.add(Some(manifest), proven(node(Kind::Layer, b"layer")));
    graph
}

/// Gives a config its say: one diff ID, and these instructions, each with whether it made no layer.
pub(crate) fn told(graph: &mut Graph, config: NodeId, history: &[(&str, bool)]) {
    let steps = history
        .iter()
        .map(|(by, empty)| serde_json::json!({ "created_by": by, "empty_layer": empty }))
        .collect::<Vec<_>>();
    let json = serde_json::json!({
        "os": "linux", "architecture": "amd64", "history": steps,
        "rootfs": { "diff_ids": [Digest::sha256(b"diff").to_string()] },
    });
    let raw = json.to_string().into_bytes();
    let node = graph.get_mut(config).unwrap();
    node.config = Some(std::rc::Rc::new(parse_config(&raw).unwrap().value));
    node.raw = Some(raw);
}

/// An attestation of the object with these bytes, named by `index`, and not asked for.
pub(crate) fn attest(graph: &mut Graph, index: NodeId, of: &[u8]) -> NodeId {
    let mut attestation = node(Kind::Manifest, &[of, b" attested"].concat());
    attestation.platform = Some("unknown/unknown".parse().unwrap());
    attestation.describes = Some(Digest::sha256(of));
    attestation.wanted = false;
    graph.add(Some(index), attestation)
}

/// The node at a place.
pub(crate) fn at(place: usize) -> NodeId {
    NodeId(place)
}
