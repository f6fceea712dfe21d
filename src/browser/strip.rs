//! Paints the strip with the verdict, and says it aloud.

use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement, HtmlProgressElement};

use super::dom::{Painted, Root, set, set_badge, set_part, set_text, show};
use super::list::{List, Piece, rewrite};
use crate::view::summary::{Run, Summary};

/// The strip's elements.
pub(super) struct Strip {
    panel: HtmlElement,
    title: Element,
    badge: Element,
    claim: Element,
    progress: HtmlProgressElement,
    numbers: List<(String, String)>,
    live: Element,
    shown: Option<Summary>,
}

impl Strip {
    /// The strip in the page.
    pub(super) fn new(root: &Root) -> Result<Strip, JsValue> {
        Ok(Strip {
            panel: root.by_id("strip")?,
            title: root.by_id("strip-title")?,
            badge: root.by_id("strip-badge")?,
            claim: root.by_id("strip-claim")?,
            progress: root.by_id("strip-progress")?,
            numbers: List::new(
                root.by_id("strip-numbers")?,
                |element, (number, thing): &(String, String)| {
                    set_part(element, "number", number)?;
                    set_part(element, "thing", thing)
                },
            )?,
            live: root.by_id("live")?,
            shown: None,
        })
    }

    /// The strip itself.
    pub(super) fn panel(&self) -> &HtmlElement {
        &self.panel
    }

    /// Shows a summary, or none: then nothing is said aloud either, for what went wrong is an alert of its own.
    pub(super) fn show(&mut self, summary: Option<&Summary>) -> Painted {
        if self.shown.as_ref() == summary {
            return Ok(());
        }
        show(&self.panel, summary.is_some())?;
        self.shown = summary.cloned();
        set_text(&self.live, summary.map_or("", |summary| &summary.announcement));
        let Some(summary) = summary else { return Ok(()) };
        set(&self.panel, "data-verdict", Some(summary.verdict))?;
        set(&self.panel, "data-tone", Some(summary.badge.tone.as_str()))?;
        set_text(&self.title, &summary.title);
        set_badge(&self.badge, Some(&summary.badge))?;
        set_runs(&self.claim, &summary.claim)?;
        show(&self.progress, summary.progress.is_some())?;
        if let Some((value, most)) = summary.progress {
            self.progress.set_max(most);
            self.progress.set_value(value);
        }
        self.numbers.show(&summary.numbers)
    }
}

/// Puts a sentence into an element that holds the template for the names in it.
pub(super) fn set_runs(element: &Element, runs: &[Run]) -> Painted {
    let pieces = runs.iter().map(|run| match run {
        Run::Text(text) => Piece::Text(text.as_str()),
        Run::Code(text) => Piece::Marked(text),
    });
    rewrite(element, pieces, |code, text| {
        set_text(code, text);
        Ok(())
    })
}
