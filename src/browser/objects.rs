//! What the user does with objects: in the tree, and in their details.

use std::rc::{Rc, Weak};

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, EventTarget};

use super::dom::{Root, attribute_at, element_at};
use super::listener::Listener;
use super::page::{Page, complain};
use super::share;
use super::wiring::{is_plain, key, number_at, open_details};
use crate::graph::{Graph, NodeId};
use crate::view::Scene;
use crate::view::history::dockerfile;
use crate::view::keys::{self, TreeStep};
use crate::view::share::{DOCKERFILE_COPIED, DOCKERFILE_NOT_COPIED};
use crate::view::title::Title;
use crate::view::tree::{self, Folds, Spot};
use crate::view::which;

/// The listeners for the tree and the details.
pub(super) fn listen(page: &Rc<Page>, root: &Root) -> Result<Vec<Listener>, JsValue> {
    let on = |target: &EventTarget, kind, react: fn(&Rc<Page>, &Event)| {
        let page: Weak<Page> = Rc::downgrade(page);
        Listener::new(target, kind, move |event| {
            if let Some(page) = page.upgrade() {
                react(&page, &event);
            }
        })
    };
    let by_id = |id: &str| root.by_id::<EventTarget>(id);
    let parts = page.parts.borrow();
    Ok(vec![
        on(parts.tree.host(), "click", tree_clicked)?,
        on(parts.tree.host(), "keydown", tree_key)?,
        on(&by_id("others")?, "click", others_turned)?,
        on(&by_id("tree-expand")?, "click", |page, _| fold(page, |folds, _| folds.set_all(true)))?,
        on(&by_id("tree-collapse")?, "click", |page, _| fold(page, |folds, _| folds.set_all(false)))?,
        on(parts.details.panel(), "click", link_clicked)?,
        on(&by_id("copy-digest")?, "click", digest_wanted)?,
        on(&by_id("fetch-object")?, "click", object_wanted)?,
        on(&by_id("copy-dockerfile")?, "click", dockerfile_wanted)?,
        on(&by_id("document-text")?, "pointerover", digest_looked_at)?,
        on(&by_id("document-text")?, "focusin", digest_looked_at)?,
        on(&by_id("main")?, "pointerover", pointed_at)?,
        on(&by_id("main")?, "focusin", pointed_at)?,
    ])
}

fn tree_clicked(page: &Rc<Page>, event: &Event) {
    let Some(id) = node_at(event) else { return };
    match attribute_at(event, "data-do").as_deref() {
        Some("fold") => {
            let expanded =
                element_at(event, "[aria-expanded]").and_then(|item| item.get_attribute("aria-expanded"));
            fold(page, |folds, _| folds.set(id, expanded.as_deref() == Some("false")));
        }
        Some("copy") => copy(page, id),
        Some("fetch") => page.fetch(id),
        _ => page.select(Some(id), None),
    }
}

fn tree_key(page: &Rc<Page>, event: &Event) {
    let (Some(key), Some(at)) = (key(event), node_at(event)) else { return };
    let held = page.run.borrow();
    let found = held.as_ref().and_then(|run| {
        run.look(|scene| {
            let spots = tree::spots(scene.graph, &run.folds);
            let step = keys::in_tree(scene, &spots, at, &key);
            Some((step.or_else(|| typed(page, event, scene, &spots, at, &key))?, spots))
        })
    });
    drop(held);
    let Some((step, spots)) = found else { return };
    event.prevent_default();
    match step {
        TreeStep::To(id) => {
            page.select(Some(id), None);
            page.focus_object(id);
        }
        TreeStep::Fold(id, expanded) => fold(page, |folds, _| folds.set(id, expanded)),
        TreeStep::OpenBeside(id) => fold(page, |folds, _| folds.open_beside(&spots, id)),
        TreeStep::Open(id) => {
            page.select(Some(id), None);
            open_details(page, event);
        }
        TreeStep::Copy(id) => copy(page, id),
        TreeStep::Fetch(id) => page.fetch(id),
    }
}

/// Goes to an object by how its name begins.
fn typed(
    page: &Rc<Page>,
    event: &Event,
    scene: &Scene<'_>,
    spots: &[Spot],
    at: NodeId,
    key: &str,
) -> Option<TreeStep> {
    let shown = tree::visible(spots);
    let from = shown.iter().position(|spot| spot.id == at)?;
    let title = |spot: &&Spot| {
        let node = scene.graph.get(spot.id);
        node.map(|node| Title::of(scene, spot.id, node).title).unwrap_or_default()
    };
    let names: Vec<String> = shown.iter().map(title).collect();
    let mut names = names.iter().map(String::as_str);
    let found = page.typed.borrow_mut().press(key, event.time_stamp(), from, &mut names)?;
    shown.get(found).map(|spot| TreeStep::To(spot.id))
}

fn others_turned(page: &Rc<Page>, event: &Event) {
    if let Some(index) = number_at(event, "data-others") {
        fold(page, |folds, graph| folds.turn_others(graph, NodeId(index)));
    }
}

fn link_clicked(page: &Rc<Page>, event: &Event) {
    let to = number_at(event, "data-select").filter(|_| is_plain(event));
    if let Some(id) = to {
        event.prevent_default();
        open(page, NodeId(id));
    } else if attribute_at(event, "data-digest-alone").is_some() {
        // It leads nowhere: what it is stands above the document.
        event.prevent_default();
    }
}

fn digest_wanted(page: &Rc<Page>, _: &Event) {
    if let Some(id) = shown(page) {
        copy(page, id);
    }
}

fn object_wanted(page: &Rc<Page>, _: &Event) {
    let Some(id) = shown(page) else { return };
    page.fetch(id);
    // The button goes while something runs.
    complain(page.parts.borrow().details.panel().focus());
}

fn digest_looked_at(page: &Rc<Page>, event: &Event) {
    let (Some(id), Some(link)) = (shown(page), element_at(event, "a")) else { return };
    let digest = link.text_content().unwrap_or_default();
    let line = page.look(|scene| which::of_text(scene, id, &digest));
    page.parts.borrow().details.explain(&line.unwrap_or_default());
}

/// Says which digest it is that is pointed at, or has the focus, anywhere but in a document.
fn pointed_at(page: &Rc<Page>, event: &Event) {
    // A painter that moves the focus is not done yet.
    let Ok(parts) = page.parts.try_borrow() else { return };
    // Where nothing is pointed at, it is the one that has the focus.
    let focused = || element_at(event, "#main")?.query_selector(":is([data-which], .stop):focus").ok()?;
    let pointed = element_at(event, "[data-which], .stop, .node-facts .digest").or_else(focused);
    let line = pointed.and_then(|element| {
        let number = |name: &str| -> Option<usize> {
            element.closest(&format!("[{name}]")).ok()??.get_attribute(name)?.parse().ok()
        };
        let object = number("data-select").or_else(|| number("data-node")).map(NodeId);
        page.look(|scene| match object {
            Some(id) => which::of_object(scene, id),
            None => Some(which::of_text(scene, parts.details.shown()?, &element.text_content()?)),
        })
    });
    complain(parts.which.show(line.flatten().as_deref()));
}

/// Shows the details of an object, and goes there.
fn open(page: &Rc<Page>, id: NodeId) {
    page.select(Some(id), None);
    complain(page.parts.borrow().details.panel().focus());
}

/// Puts the digest of an object onto the clipboard.
fn copy(page: &Rc<Page>, id: NodeId) {
    let digest =
        page.look(|scene| scene.graph.get(id).and_then(|node| node.digest.as_ref()).map(ToString::to_string));
    let (Some(digest), Some(window)) = (digest.flatten(), web_sys::window()) else { return };
    let page = Rc::clone(page);
    spawn_local(async move {
        let words = match share::copy(&window, &digest).await {
            Ok(()) => which::COPIED,
            Err(_) => which::NOT_COPIED,
        };
        page.parts.borrow().tree.say(words);
    });
}

fn fold(page: &Rc<Page>, change: impl FnOnce(&mut Folds, &Graph)) {
    if let Some(run) = page.run.borrow_mut().as_mut() {
        let mut folds = std::mem::take(&mut run.folds);
        run.look(|scene| change(&mut folds, scene.graph));
        run.folds = folds;
    }
    page.dirty();
}

/// The object whose details are shown.
fn shown(page: &Rc<Page>) -> Option<NodeId> {
    page.parts.borrow().details.shown()
}

fn node_at(event: &Event) -> Option<NodeId> {
    number_at(event, "data-node").map(NodeId)
}

fn dockerfile_wanted(page: &Rc<Page>, _: &Event) {
    let text = page.look_selected(dockerfile).flatten();
    let (Some(text), Some(window)) = (text, web_sys::window()) else { return };
    let page = Rc::clone(page);
    spawn_local(async move {
        page.say(match share::copy(&window, &text).await {
            Ok(()) => DOCKERFILE_COPIED,
            Err(_) => DOCKERFILE_NOT_COPIED,
        });
    });
}
