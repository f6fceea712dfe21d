//! The report: all that the page has to show, as one document without scripts, to be attached to a ticket.
//!
//! It is painted from what is shown now, into a blank page, so nothing that was shown before is in it.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, Element};

use super::dom::{Painted, Root, document, set, set_part, set_text, show};
use super::page::Page;
use super::parts::Parts;
use crate::view::share;

/// What means nothing in a document that nobody can operate.
const OPERATED: &str = "script, link, meta[http-equiv], template, noscript, form, dialog, input, #others, #broken, #trapped, [data-page-only]";

/// What says how something is operated, or how far it is scrolled.
const STATES: [&str; 7] = [
    "href",
    "aria-sort",
    "aria-describedby",
    "aria-expanded",
    "aria-readonly",
    "aria-selected",
    "data-windowed",
];

/// What a report may load: nothing. Its style stands in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The text of a report on what the page shows.
pub(super) async fn of(page: &Page) -> Result<String, JsValue> {
    let signal = AbortController::new()?.signal();
    let style = page.shelf.fetch("style.css", &signal).await;
    let style = style.map_err(|cause| JsValue::from(format!("style.css: {cause}")))?;
    let copy = page.blank()?;
    let theme = document()?.document_element().and_then(|shown| shown.get_attribute("data-theme"));
    set(&copy, "data-theme", theme.as_deref())?;
    let copied = Root::under(copy.clone());
    let from = paint(page, &copied)?;
    still(&copy)?;

    let printed: Element = copied.by_id("printed")?;
    let when = js_sys::Date::new_0().to_iso_string();
    set_part(&printed, "when", &String::from(when))?;
    set_part(&printed, "from", &from)?;
    show(&printed, true)?;

    let head = copy.query_selector("head")?.ok_or_else(|| js_sys::Error::new("the page has no head"))?;
    let policy = document()?.create_element("meta")?;
    set(&policy, "http-equiv", Some("Content-Security-Policy"))?;
    set(&policy, "content", Some(POLICY))?;
    let sheet = document()?.create_element("style")?;
    set_text(&sheet, &String::from_utf8_lossy(&style));
    head.append_with_node_2(&policy, &sheet)?;
    set_text(&head.query_selector("title")?.unwrap_or_else(|| head.clone()), &document()?.title());
    Ok(format!("<!doctype html>\n{}\n", copy.outer_html()))
}

/// Paints all there is into a blank page: every request, whatever is searched for; every object, whatever is folded away;
/// every name of a list; and no step of the walkthrough. The page's address comes back, as it may be shown.
fn paint(page: &Page, blank: &Root) -> Result<String, JsValue> {
    let location = document()?.location().ok_or_else(|| js_sys::Error::new("the document has no address"))?;
    let place = location.origin()? + &location.pathname()?;
    let held = page.run.borrow();
    let Some(run) = held.as_ref() else { return Ok(place) };
    Parts::new(blank)?.report(run, &page.parts.borrow(), &page.place)?;
    Ok(place + &share::shown(&run.address).to_query())
}

/// Takes out what can only be operated, and leaves what can be read.
fn still(copy: &Element) -> Painted {
    each(copy, OPERATED, |element| {
        element.remove();
        Ok(())
    })?;
    each(copy, "button", |button| {
        // A column's name is a button that sorts by it, and a path one that leads to a file; any other only does something.
        match button.closest("th, .points")? {
            Some(_) => {
                let name = button.text_content().unwrap_or_default();
                button.replace_with_with_str_1(&name)
            }
            None => {
                button.remove();
                Ok(())
            }
        }
    })?;
    // A tree or a grid is something to walk through; in a document it is a list or a table.
    for (operated, read) in
        [("tree", "list"), ("treeitem", "listitem"), ("grid", "table"), ("gridcell", "cell")]
    {
        each(copy, &format!("[role={operated}]"), |element| set(element, "role", Some(read)))?;
    }
    // A long text is scrolled, also by keys.
    each(copy, "[tabindex]:not(pre)", |element| element.remove_attribute("tabindex"))?;
    each(copy, "[aria-selected=true]", |row| set(row, "data-lit", Some("")))?;
    STATES
        .iter()
        .try_for_each(|state| each(copy, &format!("[{state}]"), |element| element.remove_attribute(state)))
}

fn each(under: &Element, selector: &str, change: impl Fn(&Element) -> Painted) -> Painted {
    let found = under.query_selector_all(selector)?;
    for at in 0..found.length() {
        if let Some(node) = found.get(at) {
            change(node.unchecked_ref())?;
        }
    }
    Ok(())
}
