//! Paints the line that says which digest is pointed at.

use wasm_bindgen::JsValue;
use web_sys::Element;

use super::dom::{Painted, Root, set_part, show};

/// Its element.
pub(super) struct WhichPart(Element);

impl WhichPart {
    /// The line in the page.
    pub(super) fn new(root: &Root) -> Result<WhichPart, JsValue> {
        root.by_id("which").map(WhichPart)
    }

    /// Shows a line, or nothing.
    pub(super) fn show(&self, line: Option<&str>) -> Painted {
        set_part(&self.0, "line", line.unwrap_or_default())?;
        show(&self.0, line.is_some())
    }
}
