//! Where a copy of the page stands: as a whole document, or as an element in somebody's.

use std::cell::{Cell, RefCell};

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::Window;

use super::dom::{Painted, document};
use crate::view::address::{Address, file_name};

/// The two places.
pub(super) enum Place {
    /// The document is the page's own: so are the browser's address, its history and the title.
    Document(Window),
    /// The document is another's, and stays as it is.
    Element {
        /// What the element asks for.
        asked: RefCell<Address>,
        /// The address of the site that the page comes from; its recordings are there.
        site: String,
    },
}

impl Place {
    /// What is asked for here.
    pub(super) fn asked(&self) -> Address {
        match self {
            Place::Document(window) => Address::parse(&window.location().search().unwrap_or_default()),
            Place::Element { asked, .. } => asked.borrow().clone(),
        }
    }

    /// Puts another address in place of the one that is shown.
    pub(super) fn replace(&self, address: &Address) -> Painted {
        match self {
            Place::Document(window) => {
                let link = link(window, address)?;
                window.history()?.replace_state_with_url(&JsValue::NULL, "", Some(&link))
            }
            Place::Element { asked, .. } => {
                asked.replace(address.clone());
                Ok(())
            }
        }
    }

    /// Goes on to another address, from which the user may come back.
    pub(super) fn push(&self, address: &Address) -> Painted {
        match self {
            Place::Document(window) => {
                let link = link(window, address)?;
                window.history()?.push_state_with_url(&JsValue::NULL, "", Some(&link))
            }
            Place::Element { .. } => self.replace(address),
        }
    }

    /// Names the document.
    pub(super) fn set_title(&self, title: &str) -> Painted {
        if let Place::Document(_) = self {
            document()?.set_title(title);
        }
        Ok(())
    }

    /// Whether somebody else's document is around this, or is meant to be: one that may cover it, and watch what is typed.
    pub(super) fn is_framed(&self, address: &Address) -> Result<bool, JsValue> {
        Ok(match self {
            Place::Document(window) => address.is_embedded() || window.parent()?.as_ref() != Some(window),
            Place::Element { .. } => true,
        })
    }

    /// The address of a page of its own that shows the same.
    pub(super) fn alone(&self, address: &Address) -> Result<String, JsValue> {
        match self {
            Place::Document(window) => link(window, &address.alone()),
            Place::Element { site, .. } => Ok(format!("{site}{}", address.alone().to_query())),
        }
    }

    /// Tells the document that this one is framed in how high it would be. The height of a pull says whether the registry
    /// has the image: only a document of this one's own origin is told. Whoever names a recording knows
    /// its height already; a file that the user opened has no such name.
    pub(super) fn tell_height(&self, address: &Address, told: &Cell<i32>) -> Painted {
        let Place::Document(window) = self else { return Ok(()) };
        let is_open = address.recording.as_deref().is_some_and(|recording| file_name(recording).is_none());
        let (Some(frame), Some(body)) = (window.parent()?, document()?.body()) else { return Ok(()) };
        let height = body.scroll_height();
        // The browser keeps the address of another origin's document to itself.
        let is_own = frame.location().origin().is_ok();
        if frame == *window || !(is_open || is_own) || told.replace(height) == height {
            return Ok(());
        }
        let to = if is_open { "*".to_owned() } else { window.location().origin()? };
        let message = Object::new();
        Reflect::set(&message, &env!("CARGO_PKG_NAME").into(), &"height".into())?;
        Reflect::set(&message, &"height".into(), &height.into())?;
        frame.post_message(&message, &to)
    }

    /// What the addresses of recordings are relative to.
    pub(super) fn site(&self) -> Result<String, JsValue> {
        match self {
            Place::Document(_) => Ok(document()?.base_uri()?.unwrap_or_default()),
            Place::Element { site, .. } => Ok(site.clone()),
        }
    }
}

fn link(window: &Window, address: &Address) -> Result<String, JsValue> {
    Ok(format!("{}{}", window.location().pathname()?, address.to_query()))
}
