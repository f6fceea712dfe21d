//! The form: what is to be inspected, and how.

use std::cell::Cell;

use wasm_bindgen::JsValue;
use web_sys::{Element, File, HtmlElement, HtmlInputElement, HtmlSelectElement, NodeList};

use super::dom::{Painted, Root, set, set_text, show};
use super::list::List;
use crate::view::address::Address;
use crate::view::asked::Filled;
use crate::view::choices::{Choices, DEFAULT_LAYERS};

/// The form's elements.
pub(super) struct Form {
    element: HtmlElement,
    image: HtmlInputElement,
    platform: HtmlSelectElement,
    layers: HtmlSelectElement,
    cancel: Element,
    /// The line that names the relay, and the name in it.
    relay: (Element, Element),
    /// Whether the user took the relay out.
    is_direct: Cell<bool>,
    here: (Element, List<String>),
    common: List<String>,
    chips: NodeList,
    file: HtmlInputElement,
}

impl Form {
    /// The form in the page.
    pub(super) fn new(root: &Root) -> Result<Form, JsValue> {
        let options = |host: Element| {
            List::new(host, |element, platform: &String| {
                set(element, "value", Some(platform))?;
                set_text(element, platform);
                Ok(())
            })
        };
        let here: Element = root.by_id("platforms-here")?;
        Ok(Form {
            element: root.by_id("ask")?,
            image: root.by_id("image")?,
            platform: root.by_id("platform")?,
            layers: root.by_id("layers")?,
            cancel: root.by_id("cancel")?,
            relay: (root.by_id("relay-part")?, root.by_id("relay-name")?),
            is_direct: Cell::new(false),
            here: (here.clone(), options(here)?),
            common: options(root.by_id("platforms-common")?)?,
            file: root.by_id("file")?,
            chips: root.element().query_selector_all("#recordings [data-recording]")?,
        })
    }

    /// The form itself.
    pub(super) fn element(&self) -> &HtmlElement {
        &self.element
    }

    /// The button that stops a pull.
    pub(super) fn cancel(&self) -> &Element {
        &self.cancel
    }

    /// What it holds.
    pub(super) fn filled(&self) -> Filled {
        Filled {
            image: self.image.value(),
            platform: Choices::stated(&self.platform.value()),
            layers: Some(self.layers.value()).filter(|layers| layers != DEFAULT_LAYERS),
            is_direct: self.is_direct.get(),
        }
    }

    /// Names the relay that will be asked in the registry's place, if there is one.
    pub(super) fn show_relay(&self, relay: Option<&str>) -> Painted {
        set_text(&self.relay.1, relay.unwrap_or_default());
        show(&self.relay.0, relay.is_some())
    }

    /// Takes the relay out of what is asked for next.
    pub(super) fn remove_relay(&self) -> Painted {
        self.is_direct.set(true);
        self.image.focus()?;
        self.show_relay(None)
    }

    /// Lets the user choose a file.
    pub(super) fn choose_file(&self) {
        self.file.click();
    }

    /// The file that was chosen; the same one may be chosen again.
    pub(super) fn take_file(&self) -> Option<File> {
        let file = self.file.files().and_then(|files| files.get(0));
        self.file.set_value("");
        file
    }

    /// Fills the form from an address, and lights the recording that it names.
    pub(super) fn fill(&mut self, address: &Address, image: &str) -> Painted {
        self.image.set_value(image);
        self.is_direct.set(false);
        self.show_relay(address.relay.as_deref().filter(|relay| !relay.is_empty()))?;
        self.show_platforms(&Choices::new(address.platform.as_deref(), &[]), address.platform.as_deref())?;
        self.layers.set_value(address.layers.as_deref().unwrap_or(DEFAULT_LAYERS));
        for at in 0..self.chips.length() {
            let Some(chip) = self.chips.get(at) else { continue };
            let chip: Element = wasm_bindgen::JsCast::unchecked_into(chip);
            let current = chip.get_attribute("data-recording") == address.recording;
            set(&chip, "aria-current", current.then_some("true"))?;
        }
        Ok(())
    }

    /// Names the image in the box, once a recording has told which it is.
    pub(super) fn set_image(&self, image: &str) {
        self.image.set_value(image);
    }

    /// Offers the platforms of the image; what is chosen stays chosen.
    pub(super) fn offer(&mut self, platforms: &[String]) -> Painted {
        let chosen = self.platform.value();
        self.show_platforms(&Choices::new(Some(&chosen), platforms), Some(&chosen))
    }

    /// Says whether there is something to stop, and whether the reference was refused.
    pub(super) fn show_state(&self, running: bool, refused: bool) -> Painted {
        show(&self.cancel, running)?;
        set(&self.image, "aria-invalid", refused.then_some("true"))
    }

    fn show_platforms(&mut self, choices: &Choices, chosen: Option<&str>) -> Painted {
        self.here.1.show(&choices.here)?;
        show(&self.here.0, !choices.here.is_empty())?;
        self.common.show(&choices.common)?;
        self.platform.set_value(chosen.unwrap_or(Choices::DEFAULT));
        Ok(())
    }
}
