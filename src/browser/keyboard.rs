//! What keys do on the page as a whole, and what buttons do in the panels of requests and details.

use std::rc::Rc;

use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, EventTarget, HtmlDialogElement, HtmlElement, MouseEvent, Window};

use super::dom::{Root, attribute_at, element_at, part, set_text};
use super::listener::Listener;
use super::page::{Page, complain};
use super::place::Place;
use super::{share, walk, wiring};
use crate::view::keys::{self, Anywhere};
use crate::view::share::{COMMAND_COPIED, COMMAND_NOT_COPIED};
use crate::view::sort::Column;

/// The listeners.
pub(super) fn listen(page: &Rc<Page>, root: &Root) -> Result<Vec<Listener>, JsValue> {
    let parts = page.parts.borrow();
    let on = |target: &EventTarget, kind, react: fn(&Rc<Page>, &Event)| {
        let weak = Rc::downgrade(page);
        Listener::new(target, kind, move |event| {
            if let Some(page) = weak.upgrade() {
                react(&page, &event);
            }
        })
    };
    let mut listeners = vec![
        on(parts.search.input(), "input", searched)?,
        on(parts.search.input(), "keydown", search_key)?,
        on(parts.search.terms(), "click", term_removed)?,
        on(parts.search.clear(), "click", |page, _| clear_search(page))?,
        on(parts.requests.table(), "click", column_pressed)?,
        on(parts.requests.table(), "mousemove", pointed)?,
        on(parts.requests.table(), "mouseleave", pointed)?,
        on(parts.details.panel(), "keydown", details_key)?,
        on(parts.details.panel(), "click", command_copied)?,
        on(parts.details.pretty(), "click", pretty_turned)?,
    ];
    if let Place::Document(window) = &page.place {
        let dialog: HtmlDialogElement = root.by_id("keys")?;
        listeners.extend([
            on(window, "keydown", key_anywhere)?,
            on(&root.by_id::<EventTarget>("keys-open")?, "click", |page, _| show_keys(page))?,
            on(&dialog, "click", |page, event| {
                let outside = event.target() == event.current_target();
                if outside || attribute_at(event, "data-close").is_some() {
                    page.keys().into_iter().for_each(|dialog| dialog.close());
                }
            })?,
        ]);
    }
    Ok(listeners)
}

fn searched(page: &Rc<Page>, _: &Event) {
    page.parts.borrow_mut().search.read();
    page.dirty();
}

fn search_key(page: &Rc<Page>, event: &Event) {
    match wiring::key(event).as_deref() {
        Some("Escape") => clear_search(page),
        Some("Enter" | "ArrowDown") => {
            event.prevent_default();
            let first = page.parts.borrow().requests.order().first().copied();
            first.into_iter().for_each(|first| page.focus_request(first));
        }
        _ => {}
    }
}

fn clear_search(page: &Rc<Page>) {
    page.parts.borrow_mut().search.remove(None);
    complain(page.parts.borrow().search.input().focus());
    page.dirty();
}

fn term_removed(page: &Rc<Page>, event: &Event) {
    let term = element_at(event, "button").and_then(|button| button.text_content());
    if term.is_some() {
        page.parts.borrow_mut().search.remove(term.as_deref());
        complain(page.parts.borrow().search.input().focus());
        page.dirty();
    }
}

fn column_pressed(page: &Rc<Page>, event: &Event) {
    if let Some(column) = attribute_at(event, "data-column").and_then(|name| Column::parse(&name)) {
        complain(page.parts.borrow_mut().requests.press(column));
        page.dirty();
    }
}

fn pointed(page: &Rc<Page>, event: &Event) {
    if let Some(event) = event.dyn_ref::<MouseEvent>() {
        complain(page.parts.borrow().requests.point(event));
    }
}

fn pretty_turned(page: &Rc<Page>, _: &Event) {
    complain(page.parts.borrow().details.turn_pretty());
    page.dirty();
}

/// Back to the row that the details were opened from, or else to that of what they show.
fn details_key(page: &Rc<Page>, event: &Event) {
    if wiring::key(event).as_deref() == Some("Escape") {
        let from = page.opened_from.borrow_mut().take().filter(|row| row.is_connected());
        match from {
            Some(row) => complain(row.focus()),
            None => page.focus_selected(),
        }
    }
}

fn key_anywhere(page: &Rc<Page>, event: &Event) {
    let typing = element_at(event, "input, textarea, select, dialog").is_some();
    let Some(key) = wiring::key(event).filter(|_| !typing) else { return };
    match keys::anywhere(&key) {
        Some(Anywhere::Search) => {
            event.prevent_default();
            complain(page.parts.borrow().search.input().focus());
        }
        Some(Anywhere::Help) => show_keys(page),
        None => walk::pressed_anywhere(page, event, &key),
    }
}

fn show_keys(page: &Rc<Page>) {
    complain(page.keys().map_or(Ok(()), |dialog| dialog.show_modal()));
}

/// Copies the command beside the button that was pressed.
fn command_copied(page: &Rc<Page>, event: &Event) {
    let Some(button) = element_at(event, "[data-part=\"copy\"]") else { return };
    let line = button.closest("[data-command]").ok().flatten().and_then(|row| part(&row, "line").ok());
    if let (Some(line), Some(window)) = (line, web_sys::window()) {
        spawn_local(copy(Rc::clone(page), window, button, line));
    }
}

async fn copy(page: Rc<Page>, window: Window, button: Element, line: Element) {
    match share::copy(&window, &line.text_content().unwrap_or_default()).await {
        Ok(()) => {
            set_text(&button, "Copied");
            page.say(COMMAND_COPIED);
        }
        // Marked, the text can be copied by hand.
        Err(_) => {
            let selection = window.get_selection().ok().flatten();
            complain(selection.map_or(Ok(()), |selection| selection.select_all_children(&line)));
            complain(line.unchecked_ref::<HtmlElement>().focus());
            page.say(COMMAND_NOT_COPIED);
        }
    }
}
