//! What the user does: one listener for each panel, and what follows.

use std::rc::{Rc, Weak};

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DragEvent, Element, Event, EventTarget, File, KeyboardEvent, MouseEvent};

use super::dom::{Painted, Root, attribute_at};
use super::listener::Listener;
use super::page::{History, Page, complain};
use super::parts::Parts;
use super::place::Place;
use super::share;
use crate::view::address::{self, Address};
use crate::view::keys::{self, Step};
use crate::view::{Scene, asked};

/// All listeners of the page, whose markup stands under `root`.
pub(super) fn listen(page: &Rc<Page>, root: &Root) -> Result<Vec<Listener>, JsValue> {
    let parts = page.parts.borrow();
    let requests = parts.requests.body();
    let on = |target: &EventTarget, kind, react: fn(&Rc<Page>, &Event)| {
        let page: Weak<Page> = Rc::downgrade(page);
        Listener::new(target, kind, move |event| {
            if let Some(page) = page.upgrade() {
                react(&page, &event);
            }
        })
    };
    let mut listeners = vec![
        on(parts.tree.host(), "scroll", |page, _| draw(page, |parts, scene| parts.tree.scrolled(scene)))?,
        on(parts.requests.panel(), "scroll", |page, _| {
            draw(page, |parts, scene| parts.requests.scrolled(scene));
        })?,
        on(parts.form.element(), "submit", submitted)?,
        on(parts.form.cancel(), "click", cancelled)?,
        on(&root.by_id::<EventTarget>("recordings")?, "click", recording_chosen)?,
        on(&root.by_id::<EventTarget>("again")?, "click", again)?,
        on(&root.by_id::<EventTarget>("image")?, "input", image_typed)?,
        on(&root.by_id::<EventTarget>("relay-remove")?, "click", |page, _| {
            complain(page.parts.borrow().form.remove_relay());
        })?,
        on(&root.by_id::<EventTarget>("trouble-platforms")?, "click", platform_chosen)?,
        on(requests, "click", request_clicked)?,
        on(requests, "keydown", request_key)?,
    ];
    if let Place::Document(window) = &page.place {
        let by_id = |id: &str| root.by_id::<EventTarget>(id);
        listeners.extend([
            on(window, "popstate", went_back)?,
            // A frame is told how high its page is now.
            on(window, "resize", |page, _| page.dirty())?,
            on(window, "beforeprint", |page, _| print(page, true))?,
            on(window, "afterprint", |page, _| print(page, false))?,
            on(&by_id("copy-link")?, "click", |page, _| share::copy_link(page))?,
            on(&by_id("export-har")?, "click", |page, _| share::export(page))?,
            on(&by_id("save-report")?, "click", |page, _| share::report(page))?,
            on(&by_id("open-file")?, "click", |page, _| page.parts.borrow().form.choose_file())?,
            on(&by_id("file")?, "change", file_chosen)?,
            on(window, "dragover", dragged)?,
            on(window, "dragleave", |page, _| page.show_drop(false))?,
            on(window, "drop", dropped)?,
        ]);
    }
    Ok(listeners)
}

/// Draws some of what is shown anew.
fn draw(page: &Rc<Page>, draw: impl FnOnce(&mut Parts, &Scene<'_>) -> Painted) {
    page.look(|scene| complain(draw(&mut page.parts.borrow_mut(), scene)));
}

/// Paper shows every row.
fn print(page: &Rc<Page>, on_paper: bool) {
    draw(page, |parts, scene| parts.print(on_paper, scene));
}

fn submitted(page: &Rc<Page>, event: &Event) {
    event.prevent_default();
    let Some(shown) = page.shown() else { return };
    let standing = page.pull().map(|pull| pull.reference().typed()).or_else(|| shown.image.clone());
    let filled = page.parts.borrow().form.filled();
    page.go(asked::image(&filled, &shown, standing.as_deref()), History::Push);
}

/// A relay is for one registry: it goes with that one's name from the box, and comes back with it.
fn image_typed(page: &Rc<Page>, _: &Event) {
    let (Some(shown), parts) = (page.shown(), page.parts.borrow()) else { return };
    complain(parts.form.show_relay(asked::relay(&parts.form.filled(), &shown)));
}

fn cancelled(page: &Rc<Page>, _: &Event) {
    if let Some(run) = page.run.borrow().as_ref() {
        run.stop().turn();
    }
}

fn recording_chosen(page: &Rc<Page>, event: &Event) {
    let Some(recording) = attribute_at(event, "data-recording").filter(|_| is_plain(event)) else { return };
    event.prevent_default();
    let filled = page.parts.borrow().form.filled();
    page.go(asked::recording(recording, &filled, &page.shown().unwrap_or_default()), History::Push);
}

fn file_chosen(page: &Rc<Page>, _: &Event) {
    let file = page.parts.borrow().form.take_file();
    if let Some(file) = file {
        open_file(page, file);
    }
}

fn open_file(page: &Rc<Page>, file: File) {
    let recording = Some(address::of_file(&file.name()));
    page.shelf.open(file);
    page.go(Address { recording, ..Address::default() }, History::Push);
}

fn dragged(page: &Rc<Page>, event: &Event) {
    let Some(data) = event.dyn_ref().and_then(DragEvent::data_transfer) else { return };
    if data.types().includes(&"Files".into(), 0) {
        event.prevent_default();
        page.show_drop(true);
    }
}

fn dropped(page: &Rc<Page>, event: &Event) {
    page.show_drop(false);
    let files = event.dyn_ref().and_then(DragEvent::data_transfer).and_then(|data| data.files());
    if let Some(file) = files.and_then(|files| files.get(0)) {
        event.prevent_default();
        open_file(page, file);
    }
}

fn again(page: &Rc<Page>, _: &Event) {
    let agrees_to = page.run.borrow().as_ref().and_then(|run| run.trouble.as_ref()?.agrees_to.clone());
    page.relays.borrow_mut().extend(agrees_to);
    page.insists.set(true);
    if let Some(address) = shown_address(page) {
        go_from_trouble(page, address, History::Keep);
    }
}

/// Shows another pull. The button that asked for it goes, and so the focus is moved.
fn go_from_trouble(page: &Rc<Page>, address: Address, history: History) {
    page.go(address, history);
    complain(page.paint());
    complain(page.parts.borrow().strip.panel().focus());
}

fn platform_chosen(page: &Rc<Page>, event: &Event) {
    let Some(platform) = attribute_at(event, "data-platform") else { return };
    if let Some(mut address) = shown_address(page) {
        address.platform = Some(platform);
        go_from_trouble(page, address, History::Push);
    }
}

/// Goes to the details; Escape there leads back.
pub(super) fn open_details(page: &Rc<Page>, event: &Event) {
    page.opened_from.replace(event.target().and_then(|target| target.dyn_into().ok()));
    complain(page.parts.borrow().details.panel().focus());
}

fn request_clicked(page: &Rc<Page>, event: &Event) {
    if let Some(id) = number_at(event, "data-entry") {
        select_request(page, id);
    }
}

fn request_key(page: &Rc<Page>, event: &Event) {
    let (Some(key), Some(at)) = (key(event), number_at(event, "data-entry")) else { return };
    let order = page.parts.borrow().requests.order();
    let Some(step) = keys::in_table(&order, at, &key) else { return };
    event.prevent_default();
    match step {
        Step::To(id) => {
            select_request(page, id);
            page.focus_request(id);
        }
        Step::Open(id) | Step::Fold(id, _) => {
            select_request(page, id);
            open_details(page, event);
        }
    }
}

/// A request's object is shown with it; where it brought none, the request alone.
pub(super) fn select_request(page: &Rc<Page>, id: usize) {
    page.select(page.look(|scene| scene.graph.fetched_by(id)).flatten(), Some(id));
}

fn went_back(page: &Rc<Page>, _: &Event) {
    page.follow(page.place.asked());
}

/// The address of what is shown, with nothing selected in it and no step taken.
fn shown_address(page: &Page) -> Option<Address> {
    let mut address = page.run.borrow().as_ref().map(|run| run.address.clone())?;
    (address.select, address.step) = (None, None);
    Some(address)
}

/// The number in an attribute, from where an event happened outwards.
pub(super) fn number_at(event: &Event, attribute: &str) -> Option<usize> {
    attribute_at(event, attribute)?.parse().ok()
}

/// The key, unless it is held with others, which are the browser's. Where text runs from right to left, its arrows are
/// mirrored.
pub(super) fn key(event: &Event) -> Option<String> {
    let pressed: &KeyboardEvent = event.dyn_ref()?;
    if pressed.ctrl_key() || pressed.alt_key() || pressed.meta_key() {
        return None;
    }
    let key = pressed.key();
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let from_right = target.is_some_and(|target| target.matches(":dir(rtl)").unwrap_or_default());
    Some(if from_right { keys::mirrored(&key).to_owned() } else { key })
}

/// Whether a click is to be followed here, and not in another tab.
pub(super) fn is_plain(event: &Event) -> bool {
    let held =
        |event: &MouseEvent| event.ctrl_key() || event.meta_key() || event.shift_key() || event.button() != 0;
    !event.dyn_ref::<MouseEvent>().is_some_and(held)
}
