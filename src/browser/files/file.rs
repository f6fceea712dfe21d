//! Paints one file: what is known of it, and its content once it was asked for.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, Element, HtmlAnchorElement, HtmlElement, Url};

use crate::browser::dom::{Painted, Root, document, set, set_lines, set_part, set_text, show};
use crate::browser::list::List;
use crate::layer::{Entry, FileId, shown};
use crate::view::content::Content;
use crate::view::files::{Files, file_facts};
use crate::view::words;

/// The elements.
pub(super) struct FilePart {
    part: HtmlElement,
    title: Element,
    facts: List<(&'static str, String)>,
    get: Element,
    save: Element,
    what: Element,
    text: Element,
    /// The image and its address in this browser. It is made only to be shown.
    image: List<String>,
    shown: Option<FileId>,
    bytes: Option<(String, Vec<u8>)>,
    address: Option<String>,
}

impl FilePart {
    pub(super) fn new(root: &Root) -> Result<FilePart, JsValue> {
        Ok(FilePart {
            part: root.by_id("one-file")?,
            title: root.by_id("file-title")?,
            facts: List::new(root.by_id("file-facts")?, |element, (name, value): &(&str, String)| {
                set_part(element, "name", name)?;
                set_part(element, "value", value)
            })?,
            get: root.by_id("file-show")?,
            save: root.by_id("file-save")?,
            what: root.by_id("file-what")?,
            text: root.by_id("file-text")?,
            image: List::new(root.by_id("file-image")?, |image, address: &String| {
                set(image, "src", Some(address))
            })?,
            shown: None,
            bytes: None,
            address: None,
        })
    }

    /// The file that is shown.
    pub(super) fn shown(&self) -> Option<FileId> {
        self.shown
    }

    /// Shows what is known of a file, or nothing.
    pub(super) fn show(&mut self, files: &Files, id: Option<FileId>) -> Painted {
        self.forget()?;
        self.shown = id;
        show(&self.part, id.is_some())?;
        let Some(id) = id else { return Ok(()) };
        set_text(&self.title, &format!("/{}", words::visible(&files.merged().path(id), 500)));
        self.facts.show(&file_facts(files, id))?;
        let content = files.content(id);
        show(&self.get, content.is_ok())?;
        set_text(&self.what, content.err().unwrap_or_default());
        Ok(())
    }

    /// Says that the content is on its way.
    pub(super) fn wait(&self) -> Painted {
        set_text(&self.what, "Fetching it from its layer…");
        show(&self.get, false)
    }

    /// Shows the content.
    pub(super) fn fill(&mut self, entry: &Entry, bytes: Vec<u8>) -> Painted {
        let name = entry.clean_path();
        let name = name.rsplit('/').next().unwrap_or_default();
        let Content { what, text, image } = Content::of(&bytes, name);
        let size = words::bytes(bytes.len() as u64);
        let words =
            format!("{size}, {what}. Fetched again from its layer, and not checked against a digest.");
        set_text(&self.what, &words);
        set_lines(&self.text, text.as_deref().unwrap_or_default())?;
        show(&self.text, text.is_some())?;
        self.address = image.map(|media_type| held(&bytes, media_type)).transpose()?;
        self.image.show(self.address.as_slice())?;
        show(&self.save, true)?;
        self.bytes = Some((shown(name), bytes));
        Ok(())
    }

    /// Says why there is no content.
    pub(super) fn refuse(&self, why: &str) -> Painted {
        set_text(&self.what, &format!("It could not be fetched: {}", words::redacted(why)));
        show(&self.get, true)
    }

    /// Hands the content over to the browser's downloads.
    pub(super) fn save(&self) -> Painted {
        let Some((name, bytes)) = &self.bytes else { return Ok(()) };
        let address = held(bytes, "application/octet-stream")?;
        let link: HtmlAnchorElement = document()?.create_element("a")?.unchecked_into();
        link.set_href(&address);
        link.set_download(name);
        link.click();
        Url::revoke_object_url(&address)
    }

    fn forget(&mut self) -> Painted {
        self.bytes = None;
        if let Some(address) = self.address.take() {
            Url::revoke_object_url(&address)?;
        }
        self.image.show(&[])?;
        for element in [&self.save, &self.text] {
            show(element, false)?;
        }
        set_text(&self.text, "");
        Ok(())
    }
}

/// An address in this browser alone for some bytes.
fn held(bytes: &[u8], media_type: &str) -> Result<String, JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type(media_type);
    let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(&Uint8Array::from(bytes)), &kind)?;
    Url::create_object_url_with_blob(&blob)
}
