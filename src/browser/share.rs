//! What the user takes along: a link, a recording, a report.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, Element, HtmlAnchorElement, Url, Window};

use super::dom::{Painted, Root, document, set_text};
use super::page::{Page, complain};
use super::place::Place;
use super::{failure, printout};
use crate::har::{self, WriteOptions};
use crate::trace::Kept;
use crate::view::Scene;
use crate::view::{address, share};

/// Says what came of it, next to the buttons.
pub(super) struct Said(Element);

impl Said {
    /// The place in the page.
    pub(super) fn new(root: &Root) -> Result<Said, JsValue> {
        root.by_id("said").map(Said)
    }

    /// Says it.
    pub(super) fn say(&self, words: &str) {
        set_text(&self.0, words);
    }
}

/// Copies a link that shows what the page shows.
pub(super) fn copy_link(page: &Rc<Page>) {
    let (Place::Document(window), Some(address)) = (&page.place, page.shown()) else { return };
    if address.recording.as_deref().and_then(address::file_name).is_some() {
        return page.say(share::FILE_HAS_NO_LINK);
    }
    let location = window.location();
    let parts = location.origin().and_then(|origin| Ok(origin + &location.pathname()?));
    let Ok(link) = parts.map(|page| page + &address.to_query()) else { return };
    let (page, window) = (Rc::clone(page), window.clone());
    spawn_local(async move {
        page.say(match copy(&window, &link).await {
            Ok(()) => share::LINK_COPIED,
            Err(_) => share::LINK_NOT_COPIED,
        });
    });
}

/// Puts a text onto the clipboard. Browsers may refuse: without https, or without permission.
pub(super) async fn copy(window: &Window, text: &str) -> Result<(), JsValue> {
    if !window.is_secure_context() {
        return Err(JsValue::NULL);
    }
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.map(|_| ())
}

/// Saves the trace as a recording, with the bodies that workers kept.
pub(super) fn export(page: &Rc<Page>) {
    let page = Rc::clone(page);
    spawn_local(async move {
        let Some(pull) = page.pull() else { return };
        let mut trace = pull.trace().clone();
        for entry in &mut trace.entries {
            if let Some(Kept::Elsewhere(number)) = entry.body {
                entry.body = pull.transport().kept(number).await.map(Kept::Here);
            }
        }
        let written = page.look(|scene| {
            let scene = Scene { trace: &trace, ..*scene };
            let options = WriteOptions { secrets: false, comment: Some(share::comment(&scene)) };
            (share::file_name(&scene, "har"), har::write(&trace, &options), share::exported(&scene))
        });
        let Some((name, text, words)) = written else { return };
        match save(&name, "application/json", &text) {
            Ok(()) => page.say(&words),
            Err(error) => complain(Err(error)),
        }
    });
}

/// Saves what the page shows as a document that needs neither scripts nor this site.
pub(super) fn report(page: &Rc<Page>) {
    let page = Rc::clone(page);
    spawn_local(async move {
        let Some(name) = page.look(|scene| share::file_name(scene, "html")) else { return };
        let saved = printout::of(&page).await.and_then(|text| save(&name, "text/html", &text));
        match saved {
            Ok(()) => page.say(share::REPORT_SAVED),
            Err(error) => page.say(&failure::text(&error)),
        }
    });
}

/// Hands a file over to the browser's downloads.
fn save(name: &str, media_type: &str, text: &str) -> Painted {
    let kind = BlobPropertyBag::new();
    kind.set_type(media_type);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &kind)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document()?.create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address)
}
