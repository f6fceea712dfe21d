//! The report: the page as it stands, as one document without scripts, to be attached to a ticket.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortController, Element};

use super::dom::{Painted, Root, document, set, set_part, set_text, show};
use super::page::Page;

/// What means nothing in a document that nobody can operate.
const OPERATED: &str =
    "script, link, meta[http-equiv], template, noscript, form, dialog, input, [data-page-only]";

/// What a report may load: nothing. Its style stands in it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The text of a report on what the page shows.
pub(super) async fn of(page: &Page) -> Result<String, JsValue> {
    let signal = AbortController::new()?.signal();
    let style = page.shelf.fetch("style.css", &signal).await;
    let style = style.map_err(|cause| JsValue::from(format!("style.css: {cause}")))?;
    let shown = document()?.document_element().ok_or_else(|| js_sys::Error::new("the document is empty"))?;
    let copy: Element = shown.clone_node_with_deep(true)?.unchecked_into();
    // All rows, also where the page draws only some.
    let copied = Root::under(copy.clone());
    page.parts.borrow().tree.rows().copy_into(&copied.by_id("tree")?)?;
    page.parts.borrow().requests.rows().copy_into(&copied.by_id("request-rows")?)?;
    still(&copy)?;

    let printed: Element = copied.by_id("printed")?;
    let when = js_sys::Date::new_0().to_iso_string();
    set_part(&printed, "when", &String::from(when))?;
    set_part(&printed, "from", &document()?.url()?)?;
    show(&printed, true)?;

    let head = copy.query_selector("head")?.ok_or_else(|| js_sys::Error::new("the page has no head"))?;
    let policy = document()?.create_element("meta")?;
    set(&policy, "http-equiv", Some("Content-Security-Policy"))?;
    set(&policy, "content", Some(POLICY))?;
    let sheet = document()?.create_element("style")?;
    set_text(&sheet, &String::from_utf8_lossy(&style));
    head.append_with_node_2(&policy, &sheet)?;
    Ok(format!("<!doctype html>\n{}\n", copy.outer_html()))
}

/// Takes out what can only be operated, and leaves what can be read.
fn still(copy: &Element) -> Painted {
    each(copy, OPERATED, |element| {
        element.remove();
        Ok(())
    })?;
    each(copy, "button", |button| {
        // A column's name is a button that sorts by it; elsewhere a button only does something.
        match button.closest("th")? {
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
    each(copy, "[href]", |link| link.remove_attribute("href"))?;
    each(copy, "[tabindex]", |element| element.remove_attribute("tabindex"))?;
    // A tree is something to walk through; in a document it is a list.
    each(copy, "[role=tree]", |tree| set(tree, "role", Some("list")))?;
    each(copy, "[role=treeitem]", |item| {
        set(item, "role", Some("listitem"))?;
        item.remove_attribute("aria-selected")
    })
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
