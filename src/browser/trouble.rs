//! Paints what went wrong.

use wasm_bindgen::JsValue;
use web_sys::Element;

use super::dom::{Painted, Template, by_id, set, set_text, show};
use super::list::refill;
use crate::view::trouble::Trouble;

/// The panel's elements.
pub(super) struct TroublePanel {
    panel: Element,
    title: Element,
    cause: Element,
    advice: (Element, Template),
    platforms: (Element, Template),
    shown: Option<Trouble>,
}

impl TroublePanel {
    /// The panel in the page.
    pub(super) fn new() -> Result<TroublePanel, JsValue> {
        Ok(TroublePanel {
            panel: by_id("trouble")?,
            title: by_id("trouble-title")?,
            cause: by_id("trouble-cause")?,
            advice: (by_id("trouble-advice")?, Template::by_id("advice")?),
            platforms: (by_id("trouble-platforms")?, Template::by_id("platform-button")?),
            shown: None,
        })
    }

    /// Shows what went wrong, or nothing.
    pub(super) fn show(&mut self, trouble: Option<&Trouble>) -> Painted {
        if self.shown.as_ref() == trouble {
            return Ok(());
        }
        self.shown = trouble.cloned();
        if let Some(trouble) = trouble {
            set_text(&self.title, &trouble.title);
            set_text(&self.cause, &trouble.cause);
            let (list, template) = &self.advice;
            refill(list, template, &trouble.advice, |element, line| {
                set_text(element, line);
                Ok(())
            })?;
            let (group, template) = &self.platforms;
            show(group, !trouble.platforms.is_empty())?;
            refill(group, template, &trouble.platforms, |element, platform| {
                set(element, "data-platform", Some(platform))?;
                set_text(element, platform);
                Ok(())
            })?;
        }
        show(&self.panel, trouble.is_some())
    }
}
