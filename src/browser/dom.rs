//! The few ways in which the page's markup is found, cloned and filled. Text goes in as text, never as markup.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Document, Element, HtmlElement, HtmlTemplateElement, Node, ScrollIntoViewOptions, ScrollLogicalPosition,
};

use crate::view::badge::Badge;
use crate::view::{hex, words};

/// The outcome of painting: it fails only where the markup and the painter do not agree.
pub type Painted = Result<(), JsValue>;

/// The page's document.
pub fn document() -> Result<Document, JsValue> {
    web_sys::window().and_then(|window| window.document()).ok_or_else(|| missing("document"))
}

/// What holds one copy of the page's markup: the document's own element, or one in a shadow tree. Ids are looked up
/// under it, so that several copies may stand in one document.
#[derive(Debug, Clone)]
pub struct Root(Element);

impl Root {
    /// The markup under an element.
    pub fn under(element: Element) -> Root {
        Root(element)
    }

    /// The element itself.
    pub fn element(&self) -> &Element {
        &self.0
    }

    /// The element with an id, as what it is to be.
    pub fn by_id<T: JsCast>(&self, id: &str) -> Result<T, JsValue> {
        let found = self.0.query_selector(&format!("#{id}"))?.ok_or_else(|| missing(id))?;
        let other = |_: Element| JsValue::from(js_sys::Error::new(&format!("#{id} is of another type")));
        found.dyn_into().map_err(other)
    }
}

/// The first element within `root` that is marked `data-part="name"`.
pub fn part(root: &Element, name: &str) -> Result<Element, JsValue> {
    root.query_selector(&format!("[data-part=\"{name}\"]"))?.ok_or_else(|| missing(name))
}

/// Sets a text, if it is another one. Whatever a registry writes, none of its characters is hidden or turns others round:
/// no text gets onto the page but by this file.
pub fn set_text(element: &Element, text: &str) {
    let text = words::marked(text);
    if element.text_content().as_deref() != Some(&text) {
        element.set_text_content(Some(&text));
    }
}

/// Adds a text after what an element holds, in the same way.
pub fn add_text(element: &Element, text: &str) -> Painted {
    element.append_with_str_1(&words::marked(text))
}

/// Sets a text that keeps its lines, and its columns where it is a view of bytes.
pub fn set_lines(element: &Element, text: &str) -> Painted {
    set_text(element, text);
    set_columns(element, text)
}

/// Says whether an element's text stands in columns.
pub fn set_columns(element: &Element, text: &str) -> Painted {
    set(element, "data-hex", hex::is_dump(text).then_some(""))
}

/// Sets the text of a part.
pub fn set_part(root: &Element, name: &str, text: &str) -> Painted {
    set_text(&part(root, name)?, text);
    Ok(())
}

/// Sets an attribute, if it has another value; `None` takes it away. Those that are read out or shown are texts as well.
pub fn set(element: &Element, name: &str, value: Option<&str>) -> Painted {
    let is_text = matches!(name, "title" | "aria-label");
    let value = value.map(|value| if is_text { words::marked(value) } else { value.into() });
    match value {
        Some(value) if element.get_attribute(name).as_deref() != Some(&value) => {
            element.set_attribute(name, &value)
        }
        None if element.has_attribute(name) => element.remove_attribute(name),
        _ => Ok(()),
    }
}

/// Shows an element, or hides it.
pub fn show(element: &Element, shown: bool) -> Painted {
    set(element, "hidden", (!shown).then_some(""))
}

/// Puts an element to a place: `left`, `12%`.
pub fn place_at(element: &HtmlElement, side: &str, place: &str) -> Painted {
    element.style().set_property(side, place)
}

/// Scrolls as little as it takes to see an element.
pub fn into_view(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// `"true"` or `"false"`, as ARIA writes it.
pub fn aria(value: bool) -> Option<&'static str> {
    Some(if value { "true" } else { "false" })
}

/// Fills a badge, or hides it.
pub fn set_badge(element: &Element, badge: Option<&Badge>) -> Painted {
    show(element, badge.is_some())?;
    let Some(badge) = badge else { return Ok(()) };
    set(element, "data-tone", Some(badge.tone.as_str()))?;
    set_part(element, "shape", badge.shape)?;
    set_part(element, "word", &badge.word)?;
    // Where there is room for it.
    match element.query_selector("[data-part=note]")? {
        Some(note) => {
            set_text(&note, &badge.note);
            show(&note, !badge.note.is_empty())
        }
        None => Ok(()),
    }
}

/// The element that an event happened in or under, if it carries an attribute: its value.
pub fn attribute_at(event: &web_sys::Event, name: &str) -> Option<String> {
    element_at(event, &format!("[{name}]"))?.get_attribute(name)
}

/// The nearest element, from where an event happened outwards, that a selector fits.
pub fn element_at(event: &web_sys::Event, selector: &str) -> Option<Element> {
    event.target()?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// A `<template>`, to be cloned. Each list has the template of its rows as a child, before the rows.
pub struct Template(HtmlTemplateElement);

impl Template {
    /// The template of a list's rows.
    pub fn inside(host: &Element) -> Result<Template, JsValue> {
        let found = host.query_selector(":scope > template")?.ok_or_else(|| missing("template"))?;
        Ok(Template(found.unchecked_into()))
    }

    /// Where the rows begin: what follows the template.
    pub fn next_element(&self) -> Option<Element> {
        self.0.next_element_sibling()
    }

    /// Takes away all that follows the template.
    pub fn clear_after(&self) -> Painted {
        while let Some(next) = self.0.next_sibling() {
            next.parent_node().map(|parent: Node| parent.remove_child(&next)).transpose()?;
        }
        Ok(())
    }

    /// A fresh copy of its first element.
    pub fn make(&self) -> Result<Element, JsValue> {
        let first = self.0.content().first_element_child().ok_or_else(|| missing(&self.0.id()))?;
        Ok(first.clone_node_with_deep(true)?.unchecked_into())
    }
}

fn missing(what: &str) -> JsValue {
    js_sys::Error::new(&format!("the page has no {what}")).into()
}
