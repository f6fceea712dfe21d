//! The manifest tree: a row for each object, in the order in which they are shown.

use std::collections::BTreeSet;

use super::badge::Badge;
use super::{Scene, Stage, words};
use crate::graph::{Graph, Kind, Node, NodeId};

/// Up to so many entries that were not asked for are shown without being folded away.
const FEW: usize = 3;

/// One object.
#[derive(Debug, Clone, PartialEq)]
pub struct TreeRow {
    /// Which.
    pub id: NodeId,
    /// What names it.
    pub parent: Option<NodeId>,
    /// How deep it stands, counted from 1.
    pub level: usize,
    /// Its place among its siblings as they are shown, counted from 1.
    pub position: usize,
    /// How many siblings there are, itself included.
    pub siblings: usize,
    /// Whether it stands with the entries that were not asked for.
    pub aside: bool,
    /// Whether what is below it is shown; `None` where there is nothing.
    pub expanded: Option<bool>,
    /// What it is: `linux/amd64`, `Config`, `Layer 1 of 3`.
    pub title: String,
    /// The same more closely: `Docker manifest list`.
    pub what: String,
    /// Digest and size, shortened.
    pub facts: String,
    /// The verdict.
    pub badge: Badge,
    /// The digest, whole; empty where it is not known.
    pub digest: String,
    /// The kind in the contract's word.
    pub kind: &'static str,
    /// The verdict in the contract's word.
    pub verdict: &'static str,
    /// Whether it is shown, and not folded away.
    pub shown: bool,
}

/// The entries of indexes that were not asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Others {
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
    closed: BTreeSet<NodeId>,
    others: Option<bool>,
}

impl Folds {
    /// Shows or hides what is below an object.
    pub fn set(&mut self, id: NodeId, expanded: bool) {
        if expanded {
            self.closed.remove(&id);
        } else {
            self.closed.insert(id);
        }
    }

    /// Shows the entries that were not asked for, or hides them again.
    pub fn turn_others(&mut self, graph: &Graph) {
        self.others = Some(!self.others_open(graph));
    }

    /// Unfolds whatever hides an object.
    pub fn reveal(&mut self, graph: &Graph, id: NodeId) {
        let aside = graph.get(id).is_some_and(|node| !node.wanted);
        for (above, _) in graph.ancestors(id) {
            self.set(above, true);
        }
        if aside {
            self.others = Some(true);
        }
    }

    fn expanded(&self, id: NodeId) -> bool {
        !self.closed.contains(&id)
    }

    fn others_open(&self, graph: &Graph) -> bool {
        self.others.unwrap_or_else(|| aside(graph).count() <= FEW)
    }
}

/// All rows, parents before children. Those that are folded away are among them.
pub fn rows(scene: &Scene<'_>, folds: &Folds) -> Vec<TreeRow> {
    let mut rows = Vec::new();
    // Depth first, and a stack in place of a recursion: a graph may be deep in ways that no pull makes it.
    let mut stack: Vec<(NodeId, usize, usize, usize)> =
        scene.graph.root().map(|root| (root, 1, 1, 1)).into_iter().collect();
    let others = folds.others_open(scene.graph);
    let mut hiding = BTreeSet::new();
    while let Some((id, level, position, siblings)) = stack.pop() {
        let Some(node) = scene.graph.get(id) else { continue };
        let hidden = node.parent.is_some_and(|parent| hiding.contains(&parent)) || (!node.wanted && !others);
        if hidden || !folds.expanded(id) {
            hiding.insert(id);
        }
        rows.push(TreeRow { shown: !hidden, ..row(scene, folds, (id, node), (level, position, siblings)) });
        let below = shown_order(scene.graph, id);
        let of = below.len();
        let below = below.into_iter().enumerate().map(|(at, child)| (child, level + 1, at + 1, of));
        stack.extend(below.rev());
    }
    rows
}

/// The rows that can be seen, and so be moved to.
pub fn visible(rows: &[TreeRow]) -> Vec<&TreeRow> {
    rows.iter().filter(|row| row.shown).collect()
}

/// The entries that were not asked for, where they are too many to be shown without being asked for.
pub fn others(graph: &Graph, folds: &Folds) -> Option<Others> {
    let others: Vec<&Node> = aside(graph).collect();
    let platforms = others.iter().filter_map(|node| node.platform.as_ref()).filter(|p| !p.is_unknown());
    let names: Vec<String> = platforms.map(ToString::to_string).collect();
    let thing = if names.len() == others.len() { "platforms" } else { "entries" };
    (others.len() > FEW).then(|| Others {
        open: folds.others_open(graph),
        count: format!("{} other {thing}", words::grouped(others.len() as u64)),
        names: words::list(&names, 4),
    })
}

fn aside(graph: &Graph) -> impl Iterator<Item = &Node> {
    graph.iter().map(|(_, node)| node).filter(|node| !node.wanted)
}

/// What is below an object: first what was asked for, then the rest.
fn shown_order(graph: &Graph, id: NodeId) -> Vec<NodeId> {
    let of = |wanted: bool| graph.children(id).filter(move |(_, node)| node.wanted == wanted);
    of(true).chain(of(false)).map(|(child, _)| child).collect()
}

fn row(
    scene: &Scene<'_>,
    folds: &Folds,
    (id, node): (NodeId, &Node),
    (level, position, siblings): (usize, usize, usize),
) -> TreeRow {
    let Title { title, what } = Title::of(scene, id, node);
    let badge = Badge::of(scene, node);
    let facts = facts(node);
    TreeRow {
        id,
        parent: node.parent,
        level,
        position,
        siblings,
        aside: !node.wanted,
        expanded: (!node.children.is_empty()).then(|| folds.expanded(id)),
        title,
        what,
        facts,
        badge,
        digest: node.digest.as_ref().map(ToString::to_string).unwrap_or_default(),
        kind: node.kind.as_str(),
        verdict: node.verdict().as_str(),
        shown: true,
    }
}

fn facts(node: &Node) -> String {
    let digest = node.digest.as_ref().map(|digest| digest.short());
    let size = node.size.map(words::bytes);
    let entries = node.children.len();
    let entries = (node.kind == Kind::Index && entries > 0).then(|| match entries {
        1 => "1 entry".to_owned(),
        _ => format!("{} entries", words::grouped(entries as u64)),
    });
    digest.into_iter().chain(size).chain(entries).collect::<Vec<_>>().join(" · ")
}

/// The name of an object, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Title {
    pub(super) title: String,
    pub(super) what: String,
}

impl Title {
    /// Names one object.
    pub(super) fn of(scene: &Scene<'_>, id: NodeId, node: &Node) -> Title {
        let what = node.media_type.as_ref().map(words::media_type).unwrap_or_default();
        let title = match (node.kind, &node.platform) {
            (Kind::Index, None) => "Index".to_owned(),
            (_, Some(platform)) if platform.is_unknown() => "Attestation".to_owned(),
            (_, Some(platform)) => platform.to_string(),
            (Kind::Manifest, None) => "Image manifest".to_owned(),
            (Kind::Config, None) => "Config".to_owned(),
            (Kind::Layer | Kind::Blob, None) => {
                let same_kind = |(_, sibling): &(NodeId, &Node)| sibling.kind == node.kind;
                let parent = node.parent.map(|parent| scene.graph.children(parent).filter(same_kind).count());
                let name = if node.kind == Kind::Layer { "Layer" } else { "Blob" };
                format!("{name} {} of {}", node.ordinal + 1, parent.unwrap_or(1))
            }
            (Kind::Unknown, None) if scene.graph.root() == Some(id) => match scene.tag {
                Some(tag) => format!("Tag {tag}"),
                None => "What the digest names".to_owned(),
            },
            (Kind::Unknown, None) => "Entry of another type".to_owned(),
        };
        let attestation = node.platform.as_ref().is_some_and(|platform| platform.is_unknown());
        let what = match (node.kind, &node.platform) {
            _ if attestation => "statement about an image, for no platform".to_owned(),
            (Kind::Manifest, Some(_)) => "image manifest".to_owned(),
            (Kind::Manifest, None) => match node.media_type.as_ref() {
                Some(media_type) => words::media_type(media_type).replace(" image manifest", ""),
                None => String::new(),
            },
            (Kind::Index, Some(_)) => format!("index, {what}"),
            (Kind::Unknown, _) if what.is_empty() => match scene.stage {
                Stage::Running => "not resolved yet".to_owned(),
                Stage::Done | Stage::Stopped => "not resolved".to_owned(),
            },
            _ => what,
        };
        Title { title, what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Trace;
    use crate::view::samples::{at, image, node, scene};

    fn titles(graph: &Graph) -> Vec<String> {
        let trace = Trace::default();
        rows(&scene(graph, &trace), &Folds::default())
            .iter()
            .map(|row| format!("{}, {}", row.title, row.what))
            .collect()
    }

    #[test]
    fn what_was_asked_for_comes_first_and_all_is_named() {
        assert_eq!(
            titles(&image(1)),
            [
                "Index, OCI index",
                "linux/amd64, image manifest",
                "Config, OCI config",
                "Layer 1 of 1, tar, gzip",
                "linux/arm/v0, image manifest",
            ]
        );
        let mut graph = Graph::default();
        graph.add(None, Node::root(None));
        assert_eq!(titles(&graph), ["Tag 1, not resolved"]);
        let mut attestation = node(Kind::Manifest, b"a");
        attestation.platform = Some("unknown/unknown".parse().unwrap());
        let mut graph = Graph::default();
        graph.add(None, attestation);
        assert_eq!(titles(&graph), ["Attestation, statement about an image, for no platform"]);
    }

    #[test]
    fn rows_say_where_they_stand() {
        let (graph, trace) = (image(10), Trace::default());
        let rows = rows(&scene(&graph, &trace), &Folds::default());
        let places: Vec<_> = rows.iter().take(5).map(|row| (row.level, row.position, row.siblings)).collect();
        assert_eq!(places, [(1, 1, 1), (2, 1, 11), (3, 1, 2), (3, 2, 2), (2, 2, 11)]);
        let index = &rows[0];
        assert!(index.facts.ends_with("… · 5 B · 11 entries"), "{}", index.facts);
        let others = others(&graph, &Folds::default()).unwrap();
        assert_eq!((others.open, others.count.as_str()), (false, "10 other platforms"));
        assert_eq!(others.names, "linux/arm/v0, linux/arm/v1, linux/arm/v2, linux/arm/v3 and 6 more");
        assert_eq!((rows[1].kind, rows[1].verdict, rows[1].expanded), ("manifest", "verified", Some(true)));
        assert_eq!(
            (rows[4].verdict, rows[4].aside, rows[4].badge.word.as_str()),
            ("unchecked", true, "not asked for")
        );
    }

    #[test]
    fn folding_hides_and_reveal_shows() {
        let (graph, trace) = (image(10), Trace::default());
        let scene = scene(&graph, &trace);
        let mut folds = Folds::default();
        let shown = |folds: &Folds| visible(&rows(&scene, folds)).len();
        assert_eq!(shown(&folds), 4, "many others are folded away");
        folds.turn_others(&graph);
        assert_eq!(shown(&folds), 14);
        folds.set(at(1), false);
        assert_eq!(shown(&folds), 12);
        folds.set(at(0), false);
        assert_eq!(shown(&folds), 1);
        let mut folds = Folds::default();
        folds.set(at(0), false);
        folds.reveal(&graph, at(5));
        assert_eq!(shown(&folds), 14, "one of the others");
        assert_eq!(image(2).children(at(0)).count(), 3);
        let few = image(2);
        let scene = Scene { graph: &few, ..scene };
        assert_eq!(visible(&rows(&scene, &Folds::default())).len(), 6, "a few others are simply shown");
        assert_eq!(others(&few, &Folds::default()), None);
    }
}
