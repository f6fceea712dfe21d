//! Paints the manifest tree: a flat list of rows, whose levels ARIA attributes tell.

use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement};

use super::dom::{Painted, Root, aria, part, set, set_badge, set_part, set_text, show};
use super::list::List;
use super::rows::Rows;
use crate::graph::NodeId;
use crate::view::Scene;
use crate::view::tree::{self, Others, Spot, TreeRow};
use crate::view::window::MANY;

/// The tree's elements.
pub(super) struct Tree {
    rows: Rows<Line, Shown>,
    others: (Element, List<Others>),
    said: Element,
}

/// What the user sees of a row beside its words.
#[derive(Clone, Copy, PartialEq)]
struct Marks {
    selected: bool,
    focus: bool,
    waits: bool,
}

/// Where a row stands.
type Line = (Spot, Marks);

/// What it says there.
type Shown = (TreeRow, Marks);

/// What puts rows into words.
fn words<'a>(scene: &'a Scene<'a>) -> impl Fn(&Line) -> Option<Shown> {
    let rows = tree::Rows::of(scene);
    move |(spot, marks)| Some((rows.row(spot)?, *marks))
}

impl Tree {
    /// The tree in the page.
    pub(super) fn new(root: &Root) -> Result<Tree, JsValue> {
        let host: HtmlElement = root.by_id("tree")?;
        Ok(Tree {
            rows: Rows::new(host.clone(), host, fill, |(spot, _): &Line| spot.id.0)?,
            others: (root.by_id("others")?, List::new(root.by_id("others")?, fill_others)?),
            said: root.by_id("tree-said")?,
        })
    }

    /// Draws what was scrolled into view.
    pub(super) fn scrolled(&mut self, scene: &Scene<'_>) -> Painted {
        self.rows.scrolled(&words(scene))
    }

    /// Draws every row for paper, or again those in view.
    pub(super) fn print(&mut self, on_paper: bool, scene: &Scene<'_>) -> Painted {
        self.rows.print(on_paper, &words(scene))
    }

    /// The element that holds the tree.
    pub(super) fn host(&self) -> &HtmlElement {
        self.rows.host()
    }

    /// Says what came of something that the user did with a row.
    pub(super) fn say(&self, words: &str) {
        set_text(&self.said, words);
    }

    /// Takes every row away, before another pull.
    pub(super) fn clear(&mut self) -> Painted {
        self.say("");
        self.rows.clear()
    }

    /// Shows what stands in these places. `selected` is lit, `focus` is where Tab leads, and what waits is greyed.
    pub(super) fn show(
        &mut self,
        scene: &Scene<'_>,
        spots: Vec<Spot>,
        selected: Option<NodeId>,
        focus: Option<NodeId>,
        waits: impl Fn(NodeId) -> bool,
    ) -> Painted {
        // What is folded away is in the document, save where there is much of it.
        let many = spots.len() > MANY;
        self.rows.show(marked(spots, many, selected, focus, &waits), &words(scene))
    }

    /// Shows a button for what was not asked for of each index.
    pub(super) fn show_others(&mut self, others: &[Others]) -> Painted {
        show(&self.others.0, !others.is_empty())?;
        self.others.1.show(others)
    }

    /// Brings a row into view; its element comes back.
    pub(super) fn reveal(&mut self, id: NodeId, scene: &Scene<'_>) -> Result<Option<HtmlElement>, JsValue> {
        self.rows.reveal(id.0, &words(scene))
    }
}

/// Places with what the user sees there; without those that are folded away, where there are many.
fn marked(
    spots: Vec<Spot>,
    many: bool,
    selected: Option<NodeId>,
    focus: Option<NodeId>,
    waits: &dyn Fn(NodeId) -> bool,
) -> Vec<Line> {
    let marks = |id| Marks { selected: selected == Some(id), focus: focus == Some(id), waits: waits(id) };
    let shown = spots.into_iter().filter(|spot| spot.shown || !many);
    shown.map(|spot| (spot, marks(spot.id))).collect()
}

fn fill(element: &Element, (row, marks): &Shown) -> Painted {
    let Marks { selected, focus, waits } = marks;
    let Spot { id, level, position, siblings, expanded, shown, .. } = row.spot;
    set(element, "aria-selected", aria(*selected))?;
    set(element, "tabindex", Some(if *focus { "0" } else { "-1" }))?;
    set(element, "data-waits", waits.then_some(""))?;
    set(element, "data-node", Some(&id.0.to_string()))?;
    set(element, "data-digest", Some(&row.digest))?;
    set(element, "data-kind", Some(row.kind))?;
    set(element, "data-verdict", Some(row.verdict))?;
    set(element, "data-aside", row.aside.then_some(""))?;
    set(element, "aria-level", Some(&level.to_string()))?;
    set(element, "aria-posinset", Some(&position.to_string()))?;
    set(element, "aria-setsize", Some(&siblings.to_string()))?;
    set(element, "aria-expanded", expanded.and_then(aria))?;
    show(element, shown)?;
    set_part(element, "title", &row.title)?;
    set_part(element, "what", &row.what)?;
    let instruction = part(element, "instruction")?;
    show(&instruction, !row.instruction.is_empty())?;
    set_text(&instruction, &row.instruction);
    set_part(element, "short", &row.short)?;
    show(&part(element, "copy")?, !row.digest.is_empty())?;
    set_part(element, "facts", &row.facts)?;
    show(&part(element, "share")?, row.share.is_some())?;
    if let Some(share) = &row.share {
        set(&part(element, "bar")?, "width", Some(&share.bar))?;
        set_part(element, "share-words", &share.words)?;
    }
    show(&part(element, "fetch")?, row.fetch)?;
    set_badge(&part(element, "badge")?, Some(&row.badge))
}

fn fill_others(element: &Element, others: &Others) -> Painted {
    let turn = part(element, "turn")?;
    set(&turn, "data-others", Some(&others.index.0.to_string()))?;
    set(&turn, "aria-expanded", aria(others.open))?;
    set_part(element, "count", &others.count)?;
    set_part(element, "names", &others.names)?;
    show(&part(element, "names")?, !others.open)
}
