//! How the objects stand in the view: as they name each other, save that an attestation stands under what it describes.

use crate::graph::{Graph, Kind, Node, NodeId};

/// The attestations that stand elsewhere than in their index. Empty where there are none, else with a place for each
/// node: a map of its own would weigh more on the page than these few numbers.
#[derive(Debug, Default)]
pub(super) struct Shape {
    above: Vec<Option<NodeId>>,
    below: Vec<Vec<NodeId>>,
}

impl Shape {
    /// Looks for the attestations.
    pub(super) fn new(graph: &Graph) -> Shape {
        let mut shape = Shape::default();
        for (id, node) in graph.iter() {
            let Some(image) = described(graph, node) else { continue };
            if shape.above.is_empty() {
                let count = graph.iter().count();
                shape.above.resize(count, None);
                shape.below.resize(count, Vec::new());
            }
            if let (Some(above), Some(below)) = (shape.above.get_mut(id.0), shape.below.get_mut(image.0)) {
                *above = Some(image);
                below.push(id);
            }
        }
        shape
    }

    /// What an object stands under.
    pub(super) fn parent(&self, id: NodeId, node: &Node) -> Option<NodeId> {
        self.moved(id).or(node.parent)
    }

    /// What stands under an object: first what was asked for, then the rest, and the attestations last.
    pub(super) fn children(&self, graph: &Graph, id: NodeId) -> Vec<NodeId> {
        let mut children = Vec::new();
        for wanted in [true, false] {
            let here = graph.children(id).filter(|(_, node)| node.wanted == wanted).map(|(child, _)| child);
            children.extend(here.filter(|child| self.moved(*child).is_none()));
        }
        children.extend(self.below.get(id.0).into_iter().flatten());
        children
    }

    /// The index among whose others an object stands, if it does.
    pub(super) fn group(&self, graph: &Graph, id: NodeId, node: &Node) -> Option<NodeId> {
        let index = node.parent.filter(|_| !node.wanted && self.moved(id).is_none())?;
        graph.get(index).filter(|index| index.kind == Kind::Index).map(|_| index)
    }

    fn moved(&self, id: NodeId) -> Option<NodeId> {
        self.above.get(id.0).copied().flatten()
    }
}

/// The image beside an attestation that it describes. An attestation of an attestation stays where it is: nothing may stand
/// under itself.
fn described(graph: &Graph, node: &Node) -> Option<NodeId> {
    let (index, digest) = (node.parent?, node.describes.as_ref()?);
    let image = |id: &NodeId| {
        let fits = |node: &Node| node.parent == Some(index) && node.digest.as_ref() == Some(digest);
        graph.get(*id).is_some_and(|node| fits(node) && !node.is_attestation())
    };
    // The first with this digest is nearly always the one.
    let first = graph.find(digest)?;
    if image(&first) {
        return Some(first);
    }
    graph.get(index)?.children.iter().copied().find(image)
}
