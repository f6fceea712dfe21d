//! The rules that every painter rests on: text is text, and a listener goes with its value.

use std::cell::Cell;
use std::rc::Rc;

use registry_inspector::browser::dom::{Template, document, set, set_part};
use registry_inspector::browser::listener::Listener;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, Event};

const MARKUP: &str =
    "<img src=x onerror=\"globalThis.painted = true\"><script>globalThis.painted = true</script>";

/// A `<template>` in the document, as the page has them; it goes with its value.
struct InDocument(Element);

impl InDocument {
    fn template(id: &str) -> InDocument {
        let document = document().unwrap();
        let template = document.create_element("template").unwrap();
        template.set_id(id);
        let row = document.create_element("p").unwrap();
        let part = document.create_element("span").unwrap();
        part.set_attribute("data-part", "text").unwrap();
        row.append_child(&part).unwrap();
        let content: web_sys::HtmlTemplateElement = wasm_bindgen::JsCast::unchecked_into(template.clone());
        content.content().append_child(&row).unwrap();
        document.body().unwrap().append_child(&template).unwrap();
        InDocument(template)
    }
}

impl Drop for InDocument {
    fn drop(&mut self) {
        self.0.remove();
    }
}

#[wasm_bindgen_test]
fn what_a_registry_says_is_text_and_never_markup() {
    let _template = InDocument::template("hostile");
    let row = Template::by_id("hostile").unwrap().make().unwrap();
    set_part(&row, "text", MARKUP).unwrap();
    set(&row, "data-digest", Some(MARKUP)).unwrap();
    document().unwrap().body().unwrap().append_child(&row).unwrap();
    assert_eq!(row.text_content().as_deref(), Some(MARKUP));
    assert_eq!(row.get_attribute("data-digest").as_deref(), Some(MARKUP));
    assert_eq!(row.query_selector_all("img, script").unwrap().length(), 0);
    let painted = js_sys::Reflect::get(&js_sys::global(), &"painted".into()).unwrap();
    assert!(painted.is_undefined());
    row.remove();
}

#[wasm_bindgen_test]
fn a_page_without_its_markup_is_an_error_and_not_a_panic() {
    assert!(Template::by_id("not-there").is_err());
    let element = document().unwrap().create_element("p").unwrap();
    assert!(set_part(&element, "not-there", "x").is_err());
}

#[wasm_bindgen_test]
fn a_listener_hears_until_it_is_dropped() {
    let element = document().unwrap().create_element("p").unwrap();
    let heard = Rc::new(Cell::new(0));
    let counted = Rc::clone(&heard);
    let listener = Listener::new(&element, "click", move |_| counted.set(counted.get() + 1)).unwrap();
    let click = || element.dispatch_event(&Event::new("click").unwrap()).unwrap();
    click();
    click();
    assert_eq!((heard.get(), Rc::strong_count(&heard)), (2, 2));
    drop(listener);
    click();
    assert_eq!((heard.get(), Rc::strong_count(&heard)), (2, 1), "and what it held is let go");
}
