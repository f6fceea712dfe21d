//! Paints the history of an image.

use wasm_bindgen::JsValue;
use web_sys::Element;

use super::dom::{Painted, Root, part, set, set_part, set_text, show};
use super::list::List;
use crate::view::history::{History, Step};

/// Its elements.
pub(super) struct HistoryPart {
    part: Element,
    note: Element,
    steps: List<Step>,
}

impl HistoryPart {
    /// The part in the page.
    pub(super) fn new(root: &Root) -> Result<HistoryPart, JsValue> {
        Ok(HistoryPart {
            part: root.by_id("history")?,
            note: root.by_id("history-note")?,
            steps: List::new(root.by_id("history-steps")?, fill)?,
        })
    }

    /// Shows a history, or none.
    pub(super) fn show(&mut self, history: Option<&History>) -> Painted {
        show(&self.part, history.is_some())?;
        let Some(History { steps, note }) = history else { return Ok(()) };
        show(&self.note, note.is_some())?;
        set_text(&self.note, note.as_deref().unwrap_or_default());
        self.steps.show(steps)
    }
}

fn fill(element: &Element, step: &Step) -> Painted {
    set_part(element, "instruction", &step.instruction)?;
    let link = part(element, "layer")?;
    show(&link, step.layer.is_some())?;
    if let Some((id, title)) = &step.layer {
        set_text(&link, title);
        set(&link, "data-select", Some(&id.0.to_string()))?;
    }
    set(element, "data-empty", step.layer.is_none().then_some(""))?;
    set_part(element, "made", step.made)?;
    show(&part(element, "stated")?, step.raw.is_some())?;
    set_part(element, "raw", step.raw.as_deref().unwrap_or_default())
}
