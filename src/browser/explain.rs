//! Digest by hand: an editor over a document, with the digest of whatever stands in it.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use web_sys::{Element, Event, EventTarget, HtmlElement, HtmlTextAreaElement};

use super::details::fill_sides;
use super::dom::{Painted, Root, set, set_badge, set_text, show};
use super::listener::Listener;
use super::page::{Page, complain};
use crate::digest::Digest;
use crate::graph::NodeId;
use crate::view::Scene;
use crate::view::explain::{Explained, editable, laid_out, one_changed};

/// The editor's elements.
pub(super) struct Explain {
    part: HtmlElement,
    open: HtmlElement,
    refusal: Element,
    text: HtmlTextAreaElement,
    digests: Element,
    badge: Element,
    count: Element,
    sentence: Element,
    explained: Option<(NodeId, String, Digest)>,
}

impl Explain {
    /// The editor in the page.
    pub(super) fn new(root: &Root) -> Result<Explain, JsValue> {
        Ok(Explain {
            part: root.by_id("explain")?,
            open: root.by_id("explain-open")?,
            refusal: root.by_id("explain-refusal")?,
            text: root.by_id("explain-text")?,
            digests: root.by_id("explain-digests")?,
            badge: root.by_id("explain-badge")?,
            count: root.by_id("explain-count")?,
            sentence: root.by_id("explain-sentence")?,
            explained: None,
        })
    }

    /// Goes with the selected object: another one closes the editor.
    pub(super) fn follow(&mut self, scene: &Scene<'_>, id: Option<NodeId>) -> Painted {
        if self.explained.as_ref().is_some_and(|(explained, ..)| Some(*explained) != id) {
            self.close()?;
        }
        let raw = id.and_then(|id| scene.graph.get(id)).and_then(|node| node.raw.as_ref());
        show(&self.open, raw.is_some() && self.explained.is_none())?;
        let refusal = raw.and_then(|raw| editable(raw).err());
        set(&self.open, "aria-disabled", refusal.map(|_| "true"))?;
        show(&self.refusal, refusal.is_some())?;
        set_text(&self.refusal, refusal.unwrap_or_default());
        Ok(())
    }

    fn open(&mut self, scene: &Scene<'_>, id: NodeId) -> Painted {
        let Some(node) = scene.graph.get(id) else { return Ok(()) };
        let text = node.raw.as_deref().and_then(|raw| editable(raw).ok());
        let (Some(text), Some(digest)) = (text, node.digest.clone()) else { return Ok(()) };
        self.explained = Some((id, text.to_owned(), digest));
        show(&self.part, true)?;
        show(&self.open, false)?;
        self.write(text)?;
        self.text.focus()
    }

    fn close(&mut self) -> Painted {
        self.explained = None;
        show(&self.part, false)
    }

    fn write(&self, text: &str) -> Painted {
        self.text.set_value(text);
        self.read()
    }

    /// Computes the digest of what stands in the editor.
    fn read(&self) -> Painted {
        let Some((_, original, digest)) = &self.explained else { return Ok(()) };
        let explained = Explained::new(&self.text.value(), original, digest);
        fill_sides(&self.digests, &explained.digests)?;
        set_badge(&self.badge, Some(&explained.badge))?;
        set_text(&self.count, &explained.count);
        set_text(&self.sentence, &explained.sentence);
        Ok(())
    }
}

/// The listeners of the editor.
pub(super) fn listen(page: &Rc<Page>, root: &Root) -> Result<Vec<Listener>, JsValue> {
    let on = |id: &str, kind, react: fn(&Rc<Page>, &Event)| {
        let weak = Rc::downgrade(page);
        Listener::new(&root.by_id::<EventTarget>(id)?, kind, move |event| {
            if let Some(page) = weak.upgrade() {
                react(&page, &event);
            }
        })
    };
    Ok(vec![
        on("explain-open", "click", open)?,
        on("explain-text", "input", |page, _| complain(page.parts.borrow().explain.read()))?,
        on("explain-change", "click", |page, _| change(page, one_changed))?,
        on("explain-lay-out", "click", |page, _| change(page, laid_out))?,
        on("explain-reset", "click", |page, _| reset(page))?,
        on("explain-close", "click", |page, _| close(page))?,
    ])
}

fn open(page: &Rc<Page>, _: &Event) {
    let opened = page.look_selected(|scene, id| page.parts.borrow_mut().explain.open(scene, id));
    complain(opened.unwrap_or(Ok(())));
}

fn change(page: &Rc<Page>, change: fn(&str) -> String) {
    let explain = &page.parts.borrow().explain;
    complain(explain.write(&change(&explain.text.value())));
}

fn reset(page: &Rc<Page>) {
    let explain = &page.parts.borrow().explain;
    if let Some((_, original, _)) = &explain.explained {
        complain(explain.write(original));
    }
}

fn close(page: &Rc<Page>) {
    complain(page.parts.borrow_mut().explain.close());
    complain(page.paint());
    complain(page.parts.borrow().explain.open.focus());
}
