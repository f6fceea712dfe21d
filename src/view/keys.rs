//! What a key does: in the tree as the ARIA tree pattern has it, in the table of requests as in a list.

use super::Scene;
use super::offer::Offer;
use super::tree::{Spot, visible};
use crate::graph::NodeId;

/// What is to happen in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeStep {
    /// Go there.
    To(NodeId),
    /// Show or hide what is below.
    Fold(NodeId, bool),
    /// Show what is below it and those beside it.
    OpenBeside(NodeId),
    /// Show the details.
    Open(NodeId),
    /// Copy the digest.
    Copy(NodeId),
    /// Fetch it.
    Fetch(NodeId),
}

/// What is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<T> {
    /// Go there.
    To(T),
    /// Show or hide what is below.
    Fold(T, bool),
    /// Show the details.
    Open(T),
}

/// A key in the tree, while `at` has the focus. `None`: the key means nothing here.
pub fn in_tree(scene: &Scene<'_>, spots: &[Spot], at: NodeId, key: &str) -> Option<TreeStep> {
    let shown = visible(spots);
    let place = shown.iter().position(|spot| spot.id == at)?;
    let spot = shown.get(place)?;
    let node = scene.graph.get(at)?;
    let to = |spot: Option<&&Spot>| spot.map(|spot| TreeStep::To(spot.id));
    match key {
        "ArrowDown" => to(shown.get(place + 1)),
        "ArrowUp" => to(place.checked_sub(1).and_then(|above| shown.get(above))),
        "PageDown" | "PageUp" => to(shown.get(paged(place, shown.len(), key))),
        "Home" => to(shown.first()),
        "End" => to(shown.last()),
        "ArrowRight" => match spot.expanded {
            Some(false) => Some(TreeStep::Fold(at, true)),
            Some(true) => to(shown.get(place + 1).filter(|next| next.parent == Some(at))),
            None => None,
        },
        "ArrowLeft" => match (spot.expanded, spot.parent) {
            (Some(true), _) => Some(TreeStep::Fold(at, false)),
            (_, parent) => parent.map(TreeStep::To),
        },
        "*" => Some(TreeStep::OpenBeside(at)),
        "c" => node.digest.is_some().then_some(TreeStep::Copy(at)),
        "f" => Offer::of(scene, node).map(|_| TreeStep::Fetch(at)),
        "Enter" | " " => Some(TreeStep::Open(at)),
        _ => None,
    }
}

/// A key in the table of requests, whose rows stand in this order, while the one at `at` has the focus.
pub fn in_table(order: &[usize], at: usize, key: &str) -> Option<Step<usize>> {
    let place = order.iter().position(|row| *row == at)?;
    let to = |place: Option<usize>| place.and_then(|place| order.get(place)).map(|row| Step::To(*row));
    match key {
        "ArrowDown" => to(Some(place + 1)),
        "ArrowUp" => to(place.checked_sub(1)),
        "PageDown" | "PageUp" => to(Some(paged(place, order.len(), key))),
        "Home" => to(Some(0)),
        "End" => to(order.len().checked_sub(1)),
        "Enter" | " " => Some(Step::Open(at)),
        _ => None,
    }
}

/// The place that a key for whole pages leads to, among so many rows: the pages are of ten.
pub fn paged(place: usize, count: usize, key: &str) -> usize {
    match key {
        "PageUp" => place.saturating_sub(10),
        _ => (place + 10).min(count.saturating_sub(1)),
    }
}

/// What an arrow means where text runs from right to left: what is drawn to the right there comes before.
pub fn mirrored(key: &str) -> &str {
    match key {
        "ArrowLeft" => "ArrowRight",
        "ArrowRight" => "ArrowLeft",
        other => other,
    }
}

/// What a key does that is pressed anywhere but in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anywhere {
    /// Go to the search.
    Search,
    /// Show the keys.
    Help,
}

/// A key anywhere on the page.
pub fn anywhere(key: &str) -> Option<Anywhere> {
    match key {
        "/" => Some(Anywhere::Search),
        "?" => Some(Anywhere::Help),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Trace;
    use crate::view::samples::{at, image, scene};
    use crate::view::tree::{Folds, spots};

    #[test]
    fn keys_of_the_tree() {
        // Rows as shown: 0 index, 1 manifest, 12 config, 13 layer; 2 to 11 are folded away.
        let (graph, trace) = (image(10), Trace::default());
        let many = scene(&graph, &trace);
        let all = (&many, spots(&graph, &Folds::default()));
        let mut folds = Folds::default();
        folds.set(at(1), false);
        let folded = (&many, spots(&graph, &folds));
        let graph = image(2);
        let two = scene(&graph, &trace);
        let two = (&two, spots(&graph, &Folds::default()));
        let (open, closed, few) = (&all, &folded, &two);
        for ((scene, spots), from, key, step) in [
            (open, 0, "ArrowDown", Some(TreeStep::To(at(1)))),
            (open, 13, "ArrowDown", None),
            (open, 12, "ArrowUp", Some(TreeStep::To(at(1)))),
            (open, 0, "ArrowUp", None),
            (open, 12, "Home", Some(TreeStep::To(at(0)))),
            (open, 0, "End", Some(TreeStep::To(at(13)))),
            (open, 0, "PageDown", Some(TreeStep::To(at(13)))),
            (open, 13, "PageUp", Some(TreeStep::To(at(0)))),
            (closed, 0, "End", Some(TreeStep::To(at(1)))),
            (open, 1, "ArrowRight", Some(TreeStep::To(at(12)))),
            (closed, 1, "ArrowRight", Some(TreeStep::Fold(at(1), true))),
            (open, 12, "ArrowRight", None),
            (open, 1, "ArrowLeft", Some(TreeStep::Fold(at(1), false))),
            (closed, 1, "ArrowLeft", Some(TreeStep::To(at(0)))),
            (open, 13, "ArrowLeft", Some(TreeStep::To(at(1)))),
            (open, 13, "Enter", Some(TreeStep::Open(at(13)))),
            (open, 13, " ", Some(TreeStep::Open(at(13)))),
            (open, 13, "x", None),
            (closed, 1, "*", Some(TreeStep::OpenBeside(at(1)))),
            (open, 13, "c", Some(TreeStep::Copy(at(13)))),
            (open, 13, "f", None),
            (few, 3, "f", Some(TreeStep::Fetch(at(3)))),
            (open, 5, "ArrowDown", None),
        ] {
            assert_eq!(in_tree(scene, spots, at(from), key), step, "{from} {key}");
        }
    }

    #[test]
    fn keys_of_the_table() {
        // Ordered by some column.
        let order = [4, 0, 7];
        for (from, key, step) in [
            (4, "ArrowDown", Some(Step::To(0))),
            (7, "ArrowDown", None),
            (4, "ArrowUp", None),
            (7, "ArrowUp", Some(Step::To(0))),
            (7, "Home", Some(Step::To(4))),
            (4, "End", Some(Step::To(7))),
            (4, "PageDown", Some(Step::To(7))),
            (0, "Enter", Some(Step::Open(0))),
            (0, "Tab", None),
            (1, "ArrowDown", None),
        ] {
            assert_eq!(in_table(&order, from, key), step, "{from} {key}");
        }
        assert_eq!(in_table(&[], 0, "End"), None);
        assert_eq!(
            [paged(25, 100, "PageUp"), paged(25, 100, "PageDown"), paged(0, 0, "PageDown")],
            [15, 35, 0]
        );
        assert_eq!(["ArrowLeft", "ArrowRight", "Home"].map(mirrored), ["ArrowRight", "ArrowLeft", "Home"]);
        assert_eq!(
            (anywhere("/"), anywhere("?"), anywhere("a")),
            (Some(Anywhere::Search), Some(Anywhere::Help), None)
        );
    }
}
