//! What the user does with files.

use std::rc::{Rc, Weak};

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, EventTarget};

use crate::browser::dom::{Root, element_at};
use crate::browser::listener::Listener;
use crate::browser::page::{Page, complain};
use crate::browser::wiring::{key, number_at};
use crate::layer::FileId;
use crate::pull::NoFile;
use crate::view::files::{FileStep, Order, Place, Which, step};
use crate::view::keys::paged;

/// The listeners.
pub(in crate::browser) fn listen(page: &Rc<Page>, root: &Root) -> Result<Vec<Listener>, JsValue> {
    let on = |target: &str, kind, react: fn(&Rc<Page>, &Event)| {
        let page: Weak<Page> = Rc::downgrade(page);
        Listener::new(&root.by_id::<EventTarget>(target)?, kind, move |event| {
            if let Some(page) = page.upgrade() {
                react(&page, &event);
            }
        })
    };
    Ok(vec![
        on("files-open", "click", |page, _| complain(page.parts.borrow_mut().files.list(Which::Image)))?,
        on("files-of", "change", which_chosen)?,
        on("files-search", "input", |page, _| complain(page.parts.borrow_mut().files.draw()))?,
        on("files-by-name", "click", |page, _| order(page, Order::Name))?,
        on("files-by-size", "click", |page, _| order(page, Order::Size))?,
        on("files-tree", "scroll", |page, _| {
            complain(page.parts.borrow_mut().files.scrolled());
        })?,
        on("files-tree", "click", row_clicked)?,
        on("files-tree", "keydown", row_key)?,
        on("files-points", "click", file_clicked)?,
        on("map-path", "click", file_clicked)?,
        on("map", "click", file_clicked)?,
        on("file-show", "click", content_wanted)?,
        on("file-save", "click", |page, _| complain(page.parts.borrow().files.file.save()))?,
    ])
}

fn file_at(event: &Event) -> Option<FileId> {
    number_at(event, "data-file").map(FileId)
}

fn which_chosen(page: &Rc<Page>, _: &Event) {
    let mut parts = page.parts.borrow_mut();
    let layer = parts.files.of.value().parse::<usize>().ok();
    let which = layer.and_then(|layer| layer.checked_sub(1)).map_or(Which::Image, Which::Layer);
    complain(parts.files.list(which));
}

fn order(page: &Rc<Page>, order: Order) {
    let mut parts = page.parts.borrow_mut();
    if let Some(listed) = parts.files.listed.as_mut() {
        listed.order = order;
    }
    complain(parts.files.draw());
}

fn row_clicked(page: &Rc<Page>, event: &Event) {
    let Some(id) = file_at(event) else { return };
    let expanded = element_at(event, "[aria-expanded]").and_then(|row| row.get_attribute("aria-expanded"));
    let mut parts = page.parts.borrow_mut();
    if let Some(expanded) = expanded {
        complain(parts.files.fold(id, expanded == "false"));
    }
    complain(parts.files.choose(id).map(|_| ()));
}

fn row_key(page: &Rc<Page>, event: &Event) {
    let (Some(key), Some(at)) = (key(event), file_at(event)) else { return };
    let mut parts = page.parts.borrow_mut();
    let places = parts.files.places();
    let found = step(&places, at, &key).or_else(|| {
        let from = places.iter().position(|place| place.id == at)?;
        let to = match key.as_str() {
            "PageDown" | "PageUp" => paged(from, places.len(), &key),
            key => {
                let files = parts.files.listed.as_ref()?.files.as_ref()?.merged();
                let name = |place: &Place| files.get(place.id).map_or("", |file| file.name.as_str());
                page.typed.borrow_mut().press(key, event.time_stamp(), from, &mut places.iter().map(name))?
            }
        };
        places.get(to).map(|place| FileStep::To(place.id))
    });
    let Some(step) = found else { return };
    event.prevent_default();
    complain(match step {
        FileStep::To(id) => parts.files.focus(id),
        FileStep::Fold(id, open) => parts.files.fold(id, open),
        FileStep::Choose(id) => parts.files.choose(id).map(|_| ()),
    });
}

fn file_clicked(page: &Rc<Page>, event: &Event) {
    let Some(id) = file_at(event) else { return };
    complain(page.parts.borrow_mut().files.choose(id).map(|_| ()));
}

fn content_wanted(page: &Rc<Page>, _: &Event) {
    let wanted = {
        let parts = page.parts.borrow();
        let listed = parts.files.listed.as_ref();
        listed.and_then(|listed| {
            let id = parts.files.file.shown()?;
            let (layer, entry) = listed.files.as_ref()?.content(id).ok()?;
            Some((listed.manifest, id, layer, entry))
        })
    };
    let (Some((manifest, id, layer, entry)), Some(pull)) = (wanted, page.pull()) else { return };
    let node = page.look(|scene| crate::view::history::layers_of(scene.graph, manifest).get(layer).copied());
    let Some(node) = node.flatten() else { return };
    complain(page.parts.borrow().files.file.wait());
    let page = Rc::clone(page);
    spawn_local(async move {
        let came = pull.file(node, &entry).await;
        let mut parts = page.parts.borrow_mut();
        // Another file may be looked at by now.
        if parts.files.file.shown() == Some(id) {
            complain(match came {
                Ok(bytes) => parts.files.file.fill(&entry, bytes),
                Err(NoFile::Aborted) => parts.files.file.refuse("it was stopped"),
                Err(NoFile::Because(why)) => parts.files.file.refuse(&why),
            });
        }
        drop(parts);
        page.dirty();
    });
}
