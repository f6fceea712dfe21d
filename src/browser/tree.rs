//! Paints the manifest tree.

use web_sys::{Element, HtmlElement};

use super::dom::{Painted, Template, aria, by_id, part, set, set_badge, set_part, set_text, show};
use crate::graph::NodeId;
use crate::view::tree::TreeRow;

/// The tree's elements.
pub(super) struct Tree {
    host: HtmlElement,
    template: Template,
    items: Vec<Option<Item>>,
}

/// The elements of one object. They are looked up while it has nothing below it: parts have the same names there.
struct Item {
    row: TreeRow,
    element: HtmlElement,
    own: Element,
    below: Element,
    aside: Element,
    others: Element,
    turn: Element,
}

impl Tree {
    /// The tree in the page.
    pub(super) fn new() -> Result<Tree, wasm_bindgen::JsValue> {
        Ok(Tree { host: by_id("tree")?, template: Template::by_id("tree-row")?, items: Vec::new() })
    }

    /// The element that holds the tree.
    pub(super) fn host(&self) -> &HtmlElement {
        &self.host
    }

    /// Takes every row away, before another pull.
    pub(super) fn clear(&mut self) {
        self.items.clear();
        self.host.set_text_content(None);
    }

    /// Shows these rows. `selected` is lit, and `focus` is where Tab leads.
    pub(super) fn show(
        &mut self,
        rows: &[TreeRow],
        selected: Option<NodeId>,
        focus: Option<NodeId>,
    ) -> Painted {
        for row in rows {
            self.show_row(row)?;
        }
        for item in self.items.iter().flatten() {
            let id = Some(item.row.id);
            set(&item.element, "aria-selected", aria(selected == id))?;
            set(&item.element, "tabindex", Some(if focus == id { "0" } else { "-1" }))?;
        }
        Ok(())
    }

    /// Moves the focus to a row, and brings it into view.
    pub(super) fn focus(&self, id: NodeId) -> Painted {
        match self.items.get(id.0).and_then(Option::as_ref) {
            Some(item) => item.element.focus(),
            None => Ok(()),
        }
    }

    fn show_row(&mut self, row: &TreeRow) -> Painted {
        let at = row.id.0;
        if self.items.len() <= at {
            self.items.resize_with(at + 1, || None);
        }
        let last = self.items.get(at).and_then(Option::as_ref);
        if last.is_some_and(|last| last.row == *row) {
            return Ok(());
        }
        let moved = last.is_none_or(|last| (last.row.parent, last.row.aside) != (row.parent, row.aside));
        let item = match self.items.get_mut(at).and_then(Option::take) {
            Some(item) => Item { row: row.clone(), ..item },
            None => Item::new(row.clone(), &self.template)?,
        };
        if moved {
            self.place(&item)?;
        }
        item.fill()?;
        if let Some(slot) = self.items.get_mut(at) {
            *slot = Some(item);
        }
        Ok(())
    }

    fn place(&self, item: &Item) -> Painted {
        let parent = item.row.parent.and_then(|parent| self.items.get(parent.0)).and_then(Option::as_ref);
        let group = match parent {
            Some(parent) if item.row.aside => &parent.aside,
            Some(parent) => &parent.below,
            None => &self.host,
        };
        group.append_child(&item.element).map(drop)
    }
}

impl Item {
    fn new(row: TreeRow, template: &Template) -> Result<Item, wasm_bindgen::JsValue> {
        let element = template.make()?;
        let find = |name| part(&element, name);
        Ok(Item {
            own: find("row")?,
            below: find("below")?,
            aside: find("aside")?,
            others: find("others")?,
            turn: find("turn")?,
            row,
            element: wasm_bindgen::JsCast::unchecked_into(element),
        })
    }

    fn fill(&self) -> Painted {
        let Item { row, element, own, .. } = self;
        set(element, "data-node", Some(&row.id.0.to_string()))?;
        set(element, "data-digest", Some(&row.digest))?;
        set(element, "data-kind", Some(row.kind))?;
        set(element, "data-verdict", Some(row.verdict))?;
        set(element, "aria-level", Some(&row.level.to_string()))?;
        set(element, "aria-posinset", Some(&row.position.to_string()))?;
        set(element, "aria-setsize", Some(&row.siblings.to_string()))?;
        set(element, "aria-expanded", row.expanded.and_then(aria))?;
        set(element, "aria-label", Some(&row.label))?;
        set_part(own, "title", &row.title)?;
        set_part(own, "what", &row.what)?;
        set_part(own, "facts", &row.facts)?;
        set_badge(&part(own, "badge")?, Some(&row.badge))?;
        self.fold()
    }

    fn fold(&self) -> Painted {
        let expanded = self.row.expanded == Some(true);
        let others = self.row.others.as_ref();
        show(&self.below, expanded)?;
        show(&self.others, expanded && others.is_some())?;
        show(&self.aside, expanded && others.is_none_or(|others| others.open))?;
        let Some(others) = others else { return Ok(()) };
        set(&self.turn, "aria-expanded", aria(others.open))?;
        // Tab leads from the tree to its buttons.
        set(&self.turn, "tabindex", Some("0"))?;
        set_text(&part(&self.turn, "count")?, &others.count);
        set_part(&self.others, "names", if others.open { "" } else { &others.names })
    }
}
