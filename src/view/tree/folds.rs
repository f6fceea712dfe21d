//! What is folded away in the tree, and what the others are that an index names.

use super::Spot;
use super::shape::Shape;
use crate::graph::{Graph, Kind, Node, NodeId};
use crate::view::words;

/// Up to so many entries that were not asked for are shown without being folded away.
const FEW: usize = 3;

/// The entries of one index that were not asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Others {
    /// The index.
    pub index: NodeId,
    /// Whether they are shown.
    pub open: bool,
    /// How many: `10 other platforms`.
    pub count: String,
    /// Which: `linux/arm/v5, linux/arm/v7 and 8 more`.
    pub names: String,
}

/// What the user has folded and unfolded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Folds {
    objects: Marks,
    others: Marks,
    all: Option<bool>,
}

/// What was said of single nodes, each in its place.
#[derive(Debug, Clone, Default, PartialEq)]
struct Marks(Vec<Option<bool>>);

impl Marks {
    fn set(&mut self, NodeId(at): NodeId, value: bool) {
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        if let Some(mark) = self.0.get_mut(at) {
            *mark = Some(value);
        }
    }

    fn get(&self, id: NodeId) -> Option<bool> {
        self.0.get(id.0).copied().flatten()
    }
}

impl Folds {
    /// Shows or hides what is below an object.
    pub fn set(&mut self, id: NodeId, expanded: bool) {
        self.objects.set(id, expanded);
    }

    /// Shows or hides all there is, and all that is still to come.
    pub fn set_all(&mut self, expanded: bool) {
        *self = Folds { all: Some(expanded), ..Folds::default() };
    }

    /// Shows what is below an object and those beside it.
    pub fn open_beside(&mut self, spots: &[Spot], id: NodeId) {
        let parent = spots.iter().find(|spot| spot.id == id).map(|spot| spot.parent);
        let closed = |spot: &&Spot| Some(spot.parent) == parent && spot.expanded == Some(false);
        spots.iter().filter(closed).for_each(|spot| self.set(spot.id, true));
    }

    /// Shows the entries of an index that were not asked for, or hides them again.
    pub fn turn_others(&mut self, graph: &Graph, index: NodeId) {
        let open = self.others_open(index, group(graph, &Shape::new(graph), index).count());
        self.others.set(index, !open);
    }

    /// Unfolds whatever hides an object.
    pub fn reveal(&mut self, graph: &Graph, id: NodeId) {
        let shape = Shape::new(graph);
        let mut at = Some(id);
        while let Some((id, node)) = at.and_then(|id| Some((id, graph.get(id)?))) {
            if let Some(index) = shape.group(graph, id, node) {
                self.others.set(index, true);
            }
            at = shape.parent(id, node);
            if let Some(above) = at {
                self.set(above, true);
            }
        }
    }

    pub(super) fn expanded(&self, id: NodeId, node: &Node) -> bool {
        // The root alone stays open: behind it is everything.
        let by_default = || match self.all {
            Some(all) => all || node.parent.is_none(),
            None => node.wanted,
        };
        self.objects.get(id).unwrap_or_else(by_default)
    }

    pub(super) fn others_open(&self, index: NodeId, count: usize) -> bool {
        self.others.get(index).or(self.all).unwrap_or(count <= FEW)
    }
}

/// The entries of each index that were not asked for, where they are too many to be shown without being asked for.
pub fn others(graph: &Graph, folds: &Folds) -> Vec<Others> {
    let shape = Shape::new(graph);
    let indexes = graph.iter().filter(|(_, node)| node.kind == Kind::Index && node.children.len() > FEW);
    let all = indexes.filter_map(|(index, _)| {
        let others: Vec<&Node> = group(graph, &shape, index).collect();
        let platforms = others.iter().filter_map(|node| node.platform.as_ref()).filter(|p| !p.is_unknown());
        let platforms: Vec<_> = platforms.collect();
        let thing = if platforms.len() == others.len() { "platforms" } else { "entries" };
        // Only those that are named are written out.
        let mut names: Vec<String> =
            platforms.iter().take(4).map(|platform| words::visible(&platform.to_string(), 40)).collect();
        names.resize(platforms.len(), String::new());
        (others.len() > FEW).then(|| Others {
            index,
            open: folds.others_open(index, others.len()),
            count: format!("{} other {thing}", words::grouped(others.len() as u64)),
            names: words::list(&names, 4),
        })
    });
    all.collect()
}

fn group<'a>(graph: &'a Graph, shape: &'a Shape, index: NodeId) -> impl Iterator<Item = &'a Node> {
    let others = graph.children(index).filter(|(id, node)| shape.group(graph, *id, node).is_some());
    others.map(|(_, node)| node)
}
