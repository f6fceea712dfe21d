//! Paints what went wrong.

use wasm_bindgen::JsValue;
use web_sys::Element;

use super::doctor::remedies;
use super::dom::{Painted, Root, set, set_part, set_text, show};
use super::list::{List, refill};
use crate::view::commands::Command;
use crate::view::remedy::Remedy;
use crate::view::trouble::Trouble;

/// The panel's elements.
pub(super) struct TroublePanel {
    panel: Element,
    title: Element,
    cause: Element,
    advice: Element,
    platforms: Element,
    commands: (Element, List<Command>),
    relays: (Element, List<Remedy>),
    again: Element,
    shown: Option<Trouble>,
}

impl TroublePanel {
    /// The panel in the page.
    pub(super) fn new(root: &Root) -> Result<TroublePanel, JsValue> {
        Ok(TroublePanel {
            panel: root.by_id("trouble")?,
            title: root.by_id("trouble-title")?,
            cause: root.by_id("trouble-cause")?,
            advice: root.by_id("trouble-advice")?,
            platforms: root.by_id("trouble-platforms")?,
            commands: (
                root.by_id("trouble-commands")?,
                List::new(root.by_id("trouble-commands")?, |element, command: &Command| {
                    set_part(element, "tool", command.tool)?;
                    set_part(element, "line", &command.line)
                })?,
            ),
            relays: (root.by_id("trouble-relays")?, remedies(root.by_id("trouble-relays")?)?),
            again: root.by_id("again")?,
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
            refill(&self.advice, &trouble.advice, |element, line| {
                set_text(element, line);
                Ok(())
            })?;
            set_text(&self.again, trouble.again);
            show(&self.commands.0, !trouble.commands.is_empty())?;
            self.commands.1.show(&trouble.commands)?;
            show(&self.relays.0, !trouble.relays.is_empty())?;
            self.relays.1.show(&trouble.relays)?;
            show(&self.platforms, !trouble.platforms.is_empty())?;
            refill(&self.platforms, &trouble.platforms, |element, platform| {
                set(element, "data-platform", Some(platform))?;
                set_text(element, platform);
                Ok(())
            })?;
        }
        show(&self.panel, trouble.is_some())
    }
}
