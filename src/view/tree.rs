//! The manifest tree: a row for each object, in the order in which they are shown.

mod folds;
mod shape;

use std::cell::RefCell;
use std::rc::Rc;

use shape::Shape;

use super::badge::Badge;
use super::offer::Offer;
use super::title::Title;
use super::{Scene, history, words};
use crate::graph::{Graph, Kind, Node, NodeId};

pub use folds::{Folds, Others, others};

/// One object.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeRow {
    /// Where it stands.
    pub spot: Spot,
    /// Whether it was not asked for.
    pub aside: bool,
    /// What it is: `linux/amd64`, `Config`, `Layer 1 of 3`.
    pub title: String,
    /// The same more closely: `Docker manifest list`.
    pub what: String,
    /// Of a layer, the instruction that made it; empty where that cannot be told.
    pub instruction: String,
    /// The digest, shortened.
    pub short: String,
    /// The size, and what is below.
    pub facts: String,
    /// How much of the image a blob is.
    pub share: Option<Share>,
    /// The verdict.
    pub badge: Badge,
    /// Whether it can be fetched now.
    pub fetch: bool,
    /// The digest, whole; empty where it is not known.
    pub digest: String,
    /// The kind in the contract's word.
    pub kind: &'static str,
    /// The verdict in the contract's word.
    pub verdict: &'static str,
}

/// A part of all the bytes that a manifest names: its config and its layers, as their descriptors state their sizes. Only
/// what a manifest names has one: of the images that an index names, nobody knows the size before they are fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The length of the bar: `63%`. Never nothing, so that it can be seen.
    pub bar: String,
    /// The part in words: `63%`, `<1%`.
    pub words: String,
}

impl Share {
    /// The part that `size` is of `total`.
    pub fn new(size: u64, total: u64) -> Option<Share> {
        let percent =
            (u128::from(size) * 100 + u128::from(total) / 2).checked_div(u128::from(total))?.min(100);
        let words = if percent == 0 && size > 0 { "<1%".to_owned() } else { format!("{percent}%") };
        Some(Share { bar: format!("{}%", percent.max(1)), words })
    }
}

/// Where a row is to stand. What it says is put into words when it is drawn: of thousands, few are ever seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Which object.
    pub id: NodeId,
    /// What it stands under.
    pub parent: Option<NodeId>,
    /// How deep it stands, counted from 1.
    pub level: usize,
    /// Its place among its siblings as they are shown, counted from 1.
    pub position: usize,
    /// How many siblings there are, itself included.
    pub siblings: usize,
    /// Whether what is below it is shown; `None` where there is nothing.
    pub expanded: Option<bool>,
    /// Whether it is shown, and not folded away.
    pub shown: bool,
}

/// What the rows below one manifest have in common.
struct Family {
    total: u64,
    instructions: Vec<String>,
}

impl Family {
    fn of(scene: &Scene<'_>, manifest: NodeId) -> Family {
        Family { total: total(scene, manifest), instructions: history::instructions(scene.graph, manifest) }
    }
}

/// All objects, parents before children. Those that are folded away are among them.
pub fn spots(graph: &Graph, folds: &Folds) -> Vec<Spot> {
    let shape = Shape::new(graph);
    let mut spots = Vec::new();
    // Depth first, and a stack in place of a recursion: a graph may be deep in ways that no pull makes it.
    let place = |id| Place { id, level: 1, position: 1, siblings: 1, hidden: false, closed: false };
    let mut stack: Vec<Place> = graph.root().map(place).into_iter().collect();
    while let Some(Place { id, level, position, siblings, hidden, closed }) = stack.pop() {
        let Some(node) = graph.get(id) else { continue };
        let group = |id: NodeId| shape.group(graph, id, graph.get(id)?);
        let hidden = hidden || (closed && group(id).is_some());
        let expanded = folds.expanded(id, node);
        let below = shape.children(graph, id);
        let closed = node.kind == Kind::Index && {
            let others = below.iter().filter(|child| group(**child) == Some(id)).count();
            !folds.others_open(id, others)
        };
        spots.push(Spot {
            id,
            parent: shape.parent(id, node),
            level,
            position,
            siblings,
            expanded: (!below.is_empty()).then_some(expanded),
            shown: !hidden,
        });
        let siblings = below.len();
        stack.extend(below.into_iter().enumerate().rev().map(|(at, id)| Place {
            id,
            level: level + 1,
            position: at + 1,
            siblings,
            hidden: hidden || !expanded,
            closed,
        }));
    }
    spots
}

/// What has yet to be looked at.
struct Place {
    id: NodeId,
    level: usize,
    position: usize,
    siblings: usize,
    /// Whether something above it is folded.
    hidden: bool,
    /// Whether the others beside it are.
    closed: bool,
}

/// Those that can be seen, and so be moved to.
pub fn visible(spots: &[Spot]) -> Vec<&Spot> {
    spots.iter().filter(|spot| spot.shown).collect()
}

/// Puts what stands somewhere into words.
pub struct Rows<'a> {
    scene: &'a Scene<'a>,
    /// That of the manifest that was last spoken of: the rows below one follow each other.
    family: RefCell<Option<(NodeId, Rc<Family>)>>,
}

impl<'a> Rows<'a> {
    /// Those of this scene.
    pub fn of(scene: &'a Scene<'a>) -> Rows<'a> {
        Rows { scene, family: RefCell::default() }
    }

    /// The row of an object.
    pub fn row(&self, spot: &Spot) -> Option<TreeRow> {
        let (scene, id) = (self.scene, spot.id);
        let node = scene.graph.get(id)?;
        let Title { title, what } = Title::of(scene, id, node);
        let family = self.family(node);
        let made = |family: &Rc<Family>| family.instructions.get(node.ordinal).cloned();
        let layers = family.as_ref().filter(|_| node.kind == Kind::Layer);
        Some(TreeRow {
            spot: *spot,
            aside: !node.wanted,
            title,
            what,
            instruction: layers.and_then(made).unwrap_or_default(),
            short: node.digest.as_ref().map(|digest| words::visible(&digest.short(), 60)).unwrap_or_default(),
            facts: facts(scene, id, node),
            share: family.zip(node.size).and_then(|(family, size)| Share::new(size, family.total)),
            badge: Badge::of(scene, node),
            fetch: Offer::of(scene, node).is_some(),
            digest: node.digest.as_ref().map(ToString::to_string).unwrap_or_default(),
            kind: node.kind.as_str(),
            verdict: node.verdict().as_str(),
        })
    }

    /// What a part of an image has in common with its siblings.
    fn family(&self, node: &Node) -> Option<Rc<Family>> {
        let is_part = matches!(node.kind, Kind::Config | Kind::Layer | Kind::Blob);
        let manifest = node.parent.filter(|_| is_part)?;
        if self.scene.graph.get(manifest)?.kind != Kind::Manifest {
            return None;
        }
        let mut held = self.family.borrow_mut();
        let last = held.take().filter(|(of, _)| *of == manifest);
        let (_, family) =
            held.insert(last.unwrap_or_else(|| (manifest, Rc::new(Family::of(self.scene, manifest)))));
        Some(Rc::clone(family))
    }
}

fn facts(scene: &Scene<'_>, id: NodeId, node: &Node) -> String {
    let size = node.size.map(unbroken);
    size.into_iter().chain(below(scene, id, node)).collect::<Vec<_>>().join(" · ")
}

/// What is below a document: `11 platforms, 2 attestations`, `3 layers, 28.4 MB below`.
pub(super) fn below(scene: &Scene<'_>, id: NodeId, node: &Node) -> Option<String> {
    let count = |fits: fn(&Node) -> bool| scene.graph.children(id).filter(|(_, child)| fits(child)).count();
    let counted = |number: usize, thing: &str| (number > 0).then(|| words::count(number, thing));
    let parts: Vec<Option<String>> = match node.kind {
        Kind::Index => {
            let attestations = count(Node::is_attestation);
            let platforms = count(|child| !child.is_attestation() && child.platform.is_some());
            let others = node.children.len() - attestations - platforms;
            let entries = if others == 1 { Some("1 entry".to_owned()) } else { None };
            let entries = entries
                .or_else(|| (others > 0).then(|| format!("{} entries", words::grouped(others as u64))));
            vec![counted(platforms, "platform"), counted(attestations, "attestation"), entries]
        }
        Kind::Manifest if !node.children.is_empty() => vec![
            counted(count(|child| child.kind == Kind::Layer), "layer"),
            counted(count(|child| child.kind == Kind::Blob), "blob"),
            Some(unbroken(total(scene, id)) + " below"),
        ],
        _ => Vec::new(),
    };
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A size that stays on one line: the number says nothing without its unit.
fn unbroken(size: u64) -> String {
    words::bytes(size).replace(' ', "\u{a0}")
}

/// All that a manifest names, in bytes.
pub(super) fn total(scene: &Scene<'_>, manifest: NodeId) -> u64 {
    scene.graph.children(manifest).filter_map(|(_, child)| child.size).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests;
