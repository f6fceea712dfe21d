//! Paints the path of trust.

use wasm_bindgen::JsValue;
use web_sys::Element;

use super::dom::{Painted, Root, part, set, set_part, set_text, show};
use super::list::List;
use crate::view::trust::{Stop, Trust};

/// Its elements.
pub(super) struct TrustPart {
    part: Element,
    stops: List<Stop>,
    sentence: Element,
}

impl TrustPart {
    /// The part in the page.
    pub(super) fn new(root: &Root) -> Result<TrustPart, JsValue> {
        Ok(TrustPart {
            part: root.by_id("trust")?,
            stops: List::new(root.by_id("trust-stops")?, fill)?,
            sentence: root.by_id("trust-sentence")?,
        })
    }

    /// Shows a path, or none.
    pub(super) fn show(&mut self, trust: Option<&Trust>) -> Painted {
        show(&self.part, trust.is_some())?;
        let Some(Trust { stops, sentence }) = trust else { return Ok(()) };
        set_text(&self.sentence, sentence);
        self.stops.show(stops)
    }
}

fn fill(element: &Element, stop: &Stop) -> Painted {
    let link = stop.link.as_ref();
    set(element, "data-link", link.map(|link| link.kind.as_str()))?;
    set(element, "data-loose", link.filter(|link| link.loose).map(|_| ""))?;
    show(&part(element, "link")?, link.is_some())?;
    set_part(element, "shape", link.map_or("", |link| link.shape))?;
    set_part(element, "words", link.map_or("", |link| &link.words))?;
    let card = part(element, "stop")?;
    set(&card, "data-select", Some(&stop.id.0.to_string()))?;
    set(&card, "aria-current", stop.last.then_some("true"))?;
    set_part(element, "title", &stop.title)?;
    set_part(element, "fact", &stop.fact)?;
    let fault = part(element, "fault")?;
    show(&fault, stop.fault.is_some())?;
    set_text(&fault, stop.fault.as_deref().unwrap_or_default());
    Ok(())
}
