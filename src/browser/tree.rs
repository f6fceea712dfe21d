//! Paints the manifest tree: a flat list of rows, whose levels ARIA attributes tell.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement};

use super::dom::{Painted, Root, Template, aria, into_view, part, set, set_badge, set_part, set_text, show};
use super::list::List;
use crate::graph::NodeId;
use crate::view::tree::{Others, TreeRow};

/// The tree's elements.
pub(super) struct Tree {
    host: HtmlElement,
    template: Template,
    items: Vec<Option<Item>>,
    others: (Element, List<Others>),
    said: Element,
}

struct Item {
    row: TreeRow,
    element: HtmlElement,
}

impl Tree {
    /// The tree in the page.
    pub(super) fn new(root: &Root) -> Result<Tree, JsValue> {
        let host: HtmlElement = root.by_id("tree")?;
        Ok(Tree {
            template: Template::inside(&host)?,
            host,
            items: Vec::new(),
            others: (root.by_id("others")?, List::new(root.by_id("others")?, fill_others)?),
            said: root.by_id("tree-said")?,
        })
    }

    /// The element that holds the tree.
    pub(super) fn host(&self) -> &HtmlElement {
        &self.host
    }

    /// Says what came of something that the user did with a row.
    pub(super) fn say(&self, words: &str) {
        set_text(&self.said, words);
    }

    /// Takes every row away, before another pull.
    pub(super) fn clear(&mut self) -> Painted {
        self.items.clear();
        self.say("");
        self.template.clear_after()
    }

    /// Shows these rows. `selected` is lit, `focus` is where Tab leads, and what waits is greyed.
    pub(super) fn show(
        &mut self,
        rows: &[TreeRow],
        selected: Option<NodeId>,
        focus: Option<NodeId>,
        waits: impl Fn(NodeId) -> bool,
    ) -> Painted {
        let focused = self.host.query_selector(":scope > :focus")?;
        let mut next = self.template.next_element();
        for row in rows {
            let element = self.item(row)?;
            set(&element, "aria-selected", aria(selected == Some(row.id)))?;
            set(&element, "tabindex", Some(if focus == Some(row.id) { "0" } else { "-1" }))?;
            set(&element, "data-waits", waits(row.id).then_some(""))?;
            // What is in its place stays there, and keeps the focus.
            if next.as_ref() == Some(&*element) {
                next = element.next_element_sibling();
            } else {
                self.host.insert_before(&element, next.as_deref())?;
            }
        }
        // A row that was moved has lost it.
        match focused.filter(|row| !row.matches(":focus").unwrap_or_default()) {
            Some(row) => row.unchecked_into::<HtmlElement>().focus(),
            None => Ok(()),
        }
    }

    /// Shows a button for what was not asked for of each index.
    pub(super) fn show_others(&mut self, others: &[Others]) -> Painted {
        show(&self.others.0, !others.is_empty())?;
        self.others.1.show(others)
    }

    /// Brings a row into view.
    pub(super) fn reveal(&self, id: NodeId) {
        if let Some(item) = self.items.get(id.0).and_then(Option::as_ref) {
            into_view(&item.element);
        }
    }

    /// Moves the focus to a row, and brings it into view.
    pub(super) fn focus(&self, id: NodeId) -> Painted {
        match self.items.get(id.0).and_then(Option::as_ref) {
            Some(item) => item.element.focus(),
            None => Ok(()),
        }
    }

    /// The element of a row, filled anew if the row is another one than before.
    fn item(&mut self, row: &TreeRow) -> Result<HtmlElement, JsValue> {
        let at = row.id.0;
        if self.items.len() <= at {
            self.items.resize_with(at + 1, || None);
        }
        let known = self.items.get_mut(at).and_then(Option::as_mut);
        match known {
            Some(item) if item.row == *row => Ok(item.element.clone()),
            Some(item) => {
                item.row = row.clone();
                fill(&item.element, row)?;
                Ok(item.element.clone())
            }
            None => {
                let element: HtmlElement = self.template.make()?.unchecked_into();
                fill(&element, row)?;
                if let Some(slot) = self.items.get_mut(at) {
                    *slot = Some(Item { row: row.clone(), element: element.clone() });
                }
                Ok(element)
            }
        }
    }
}

fn fill(element: &Element, row: &TreeRow) -> Painted {
    set(element, "data-node", Some(&row.id.0.to_string()))?;
    set(element, "data-digest", Some(&row.digest))?;
    set(element, "data-kind", Some(row.kind))?;
    set(element, "data-verdict", Some(row.verdict))?;
    set(element, "data-aside", row.aside.then_some(""))?;
    set(element, "aria-level", Some(&row.level.to_string()))?;
    set(element, "aria-posinset", Some(&row.position.to_string()))?;
    set(element, "aria-setsize", Some(&row.siblings.to_string()))?;
    set(element, "aria-expanded", row.expanded.and_then(aria))?;
    show(element, row.shown)?;
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
