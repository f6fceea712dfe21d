//! The rules that every painter rests on: text is text, and a listener goes with its value.

use std::cell::Cell;
use std::rc::Rc;

use registry_inspector::browser::dom::{Root, Template, document, set, set_part};
use registry_inspector::browser::listener::Listener;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, Event};

const MARKUP: &str =
    "<img src=x onerror=\"globalThis.painted = true\"><script>globalThis.painted = true</script>";

/// A list in the document, with the template of its rows as the page has them; it goes with its value.
struct InDocument(Element);

impl InDocument {
    fn list(id: &str) -> InDocument {
        let document = document().unwrap();
        let list = document.create_element("div").unwrap();
        list.set_id(id);
        let template = document.create_element("template").unwrap();
        let row = document.create_element("p").unwrap();
        let part = document.create_element("span").unwrap();
        part.set_attribute("data-part", "text").unwrap();
        row.append_child(&part).unwrap();
        let content: web_sys::HtmlTemplateElement = wasm_bindgen::JsCast::unchecked_into(template.clone());
        content.content().append_child(&row).unwrap();
        list.append_child(&template).unwrap();
        document.body().unwrap().append_child(&list).unwrap();
        InDocument(list)
    }
}

impl Drop for InDocument {
    fn drop(&mut self) {
        self.0.remove();
    }
}

#[wasm_bindgen_test]
fn what_a_registry_says_is_text_and_never_markup() {
    let list = InDocument::list("hostile");
    let row = Template::inside(&list.0).unwrap().make().unwrap();
    set_part(&row, "text", MARKUP).unwrap();
    set(&row, "data-digest", Some(MARKUP)).unwrap();
    list.0.append_child(&row).unwrap();
    assert_eq!(row.text_content().as_deref(), Some(MARKUP));
    assert_eq!(row.get_attribute("data-digest").as_deref(), Some(MARKUP));
    assert_eq!(row.query_selector_all("img, script").unwrap().length(), 0);
    let painted = js_sys::Reflect::get(&js_sys::global(), &"painted".into()).unwrap();
    assert!(painted.is_undefined());
}

#[wasm_bindgen_test]
fn a_page_without_its_markup_is_an_error_and_not_a_panic() {
    let element = document().unwrap().create_element("p").unwrap();
    assert!(Template::inside(&element).is_err());
    assert!(Root::under(element.clone()).by_id::<Element>("not-there").is_err());
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
