//! How the objects stand in the view: as they name each other, save that an attestation stands under what it describes.

use std::collections::BTreeMap;

use crate::digest::Digest;
use crate::graph::{Graph, Kind, Node, NodeId};

/// The attestations that stand elsewhere than in their index.
#[derive(Debug, Default)]
pub(super) struct Shape {
    above: BTreeMap<NodeId, NodeId>,
    below: BTreeMap<NodeId, Vec<NodeId>>,
}

impl Shape {
    /// Looks at each index once, and only where there are attestations.
    pub(super) fn new(graph: &Graph) -> Shape {
        let mut shape = Shape::default();
        let mut images: BTreeMap<NodeId, BTreeMap<&Digest, NodeId>> = BTreeMap::new();
        for (id, node) in graph.iter() {
            let (Some(index), Some(describes)) = (node.parent, &node.describes) else { continue };
            let images = images.entry(index).or_insert_with(|| {
                // An attestation of an attestation stays where it is: nothing may stand under itself.
                let images = graph.children(index).filter(|(_, node)| !node.is_attestation());
                let mut first = BTreeMap::new();
                for (id, digest) in images.filter_map(|(id, node)| Some((id, node.digest.as_ref()?))) {
                    first.entry(digest).or_insert(id);
                }
                first
            });
            if let Some(image) = images.get(describes) {
                shape.above.insert(id, *image);
                shape.below.entry(*image).or_default().push(id);
            }
        }
        shape
    }

    /// What an object stands under.
    pub(super) fn parent(&self, id: NodeId, node: &Node) -> Option<NodeId> {
        self.above.get(&id).copied().or(node.parent)
    }

    /// What stands under an object: first what was asked for, then the rest, and the attestations last.
    pub(super) fn children(&self, graph: &Graph, id: NodeId) -> Vec<NodeId> {
        let here = |wanted: bool| {
            let fits = move |(child, node): &(NodeId, &Node)| {
                node.wanted == wanted && !self.above.contains_key(child)
            };
            graph.children(id).filter(fits).map(|(child, _)| child)
        };
        let attestations = self.below.get(&id).map(Vec::as_slice).unwrap_or_default();
        here(true).chain(here(false)).chain(attestations.iter().copied()).collect()
    }

    /// The index among whose others an object stands, if it does.
    pub(super) fn group(&self, graph: &Graph, id: NodeId, node: &Node) -> Option<NodeId> {
        let index = node.parent.filter(|_| !node.wanted && !self.above.contains_key(&id))?;
        graph.get(index).filter(|index| index.kind == Kind::Index).map(|_| index)
    }
}
