//! The custom element `<registry-inspector>`: walkthrough, tree and trace of one pull in any document, without a frame.
//!
//! Its attributes are the parameters of the page's address: `image`, `recording`, `platform`, `layers`, `select` and
//! `step`. A recording that is not a bundled one is relative to the document, as other addresses in it are.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement};

use super::dom::{Painted, Root, document};
use super::page::{Page, complain};
use super::place::Place;
use crate::http::Url;
use crate::view::address::{Address, recording_path};

#[wasm_bindgen(module = "/src/browser/element.js")]
extern "C" {
    fn define(
        name: &str,
        attributes: Vec<String>,
        came: &Closure<dyn FnMut(HtmlElement, String)>,
        changed: &Closure<dyn FnMut(HtmlElement)>,
        went: &Closure<dyn FnMut(HtmlElement)>,
    );

    #[wasm_bindgen(catch)]
    async fn furnish(element: &HtmlElement) -> Result<JsValue, JsValue>;
}

const ATTRIBUTES: [&str; 6] = ["image", "recording", "platform", "layers", "select", "step"];

/// What the class calls back, for as long as the module lives.
struct Callbacks {
    came: Closure<dyn FnMut(HtmlElement, String)>,
    changed: Closure<dyn FnMut(HtmlElement)>,
    went: Closure<dyn FnMut(HtmlElement)>,
}

thread_local! {
    static CALLBACKS: Callbacks = Callbacks {
        came: Closure::new(|element, site| spawn_local(async move { complain(open(element, site).await) })),
        changed: Closure::new(changed),
        went: Closure::new(|element| drop(take(&element))),
    };
    /// Every element that is in a document, with its page.
    static PAGES: RefCell<Vec<(HtmlElement, Rc<Page>)>> = const { RefCell::new(Vec::new()) };
}

/// Defines the element, where there are any: a worker has none.
#[wasm_bindgen(start)]
pub(super) fn define_element() {
    let attributes = ATTRIBUTES.map(str::to_owned).to_vec();
    CALLBACKS.with(|calls| {
        define("registry-inspector", attributes, &calls.came, &calls.changed, &calls.went);
    });
}

async fn open(element: HtmlElement, site: String) -> Painted {
    let root: Element = furnish(&element).await?.unchecked_into();
    if !element.is_connected() {
        return Ok(());
    }
    let asked = RefCell::new(asked(&element)?);
    let page = Page::new(&Root::under(root), Place::Element { asked, site })?;
    take(&element);
    PAGES.with(|pages| pages.borrow_mut().push((element, page)));
    Ok(())
}

fn changed(element: HtmlElement) {
    let page = PAGES.with(|pages| {
        let pages = pages.borrow();
        pages.iter().find(|(other, _)| *other == element).map(|(_, page)| Rc::clone(page))
    });
    // An element whose markup is still on its way reads its attributes when that is there.
    if let Some(page) = page {
        complain(asked(&element).map(|address| page.follow(address)));
    }
}

/// The page of an element, which has it no longer.
fn take(element: &HtmlElement) -> Option<Rc<Page>> {
    PAGES.with(|pages| {
        let mut pages = pages.borrow_mut();
        let at = pages.iter().position(|(other, _)| other == element)?;
        Some(pages.swap_remove(at).1)
    })
}

fn asked(element: &HtmlElement) -> Result<Address, JsValue> {
    let attribute = |name: &str| element.get_attribute(name);
    let recording = attribute("recording").map(|recording| match recording_path(&recording) == recording {
        true => here(&recording),
        false => Ok(recording),
    });
    Ok(Address {
        image: attribute("image"),
        platform: attribute("platform"),
        layers: attribute("layers"),
        recording: recording.transpose()?,
        tags: None,
        repositories: None,
        relay: None,
        select: attribute("select"),
        step: attribute("step"),
        embed: Some("1".to_owned()),
        theme: None,
        rest: Vec::new(),
    })
}

/// An address as the document has it.
fn here(address: &str) -> Result<String, JsValue> {
    let base: Option<Url> = document()?.base_uri()?.and_then(|base| base.parse().ok());
    // What is no address is refused where the recording is loaded.
    let joined = base.and_then(|base| base.join(address).ok()).map(|url| url.to_string());
    Ok(joined.unwrap_or_else(|| address.to_owned()))
}
