//! Paints the strip with the verdict, and says it aloud.

use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlProgressElement};

use super::dom::{Painted, Template, by_id, set, set_badge, set_part, set_text, show};
use super::list::List;
use crate::view::summary::{Run, Summary};

/// The strip's elements.
pub(super) struct Strip {
    panel: Element,
    title: Element,
    badge: Element,
    claim: Element,
    runs: (Template, Template),
    progress: HtmlProgressElement,
    numbers: List<(String, String)>,
    live: Element,
    shown: Option<Summary>,
}

impl Strip {
    /// The strip in the page.
    pub(super) fn new() -> Result<Strip, JsValue> {
        Ok(Strip {
            panel: by_id("strip")?,
            title: by_id("strip-title")?,
            badge: by_id("strip-badge")?,
            claim: by_id("strip-claim")?,
            runs: (Template::by_id("run-text")?, Template::by_id("run-code")?),
            progress: by_id("strip-progress")?,
            numbers: List::new(
                by_id("strip-numbers")?,
                Template::by_id("number")?,
                |element, (number, thing)| {
                    set_part(element, "number", number)?;
                    set_part(element, "thing", thing)
                },
            ),
            live: by_id("live")?,
            shown: None,
        })
    }

    /// Shows a summary, or none.
    pub(super) fn show(&mut self, summary: Option<&Summary>) -> Painted {
        if self.shown.as_ref() == summary {
            return Ok(());
        }
        show(&self.panel, summary.is_some())?;
        self.shown = summary.cloned();
        let Some(summary) = summary else { return Ok(()) };
        set(&self.panel, "data-verdict", Some(summary.verdict))?;
        set(&self.panel, "data-tone", Some(summary.badge.tone.as_str()))?;
        set_text(&self.title, &summary.title);
        set_badge(&self.badge, Some(&summary.badge))?;
        self.claim.set_text_content(None);
        for run in &summary.claim {
            let (template, text) = match run {
                Run::Text(text) => (&self.runs.0, text),
                Run::Code(text) => (&self.runs.1, text),
            };
            let element = template.make()?;
            set_text(&element, text);
            self.claim.append_child(&element)?;
        }
        show(&self.progress, summary.progress.is_some())?;
        if let Some((value, most)) = summary.progress {
            self.progress.set_max(most);
            self.progress.set_value(value);
        }
        self.numbers.show(&summary.numbers)?;
        set_text(&self.live, &summary.announcement);
        Ok(())
    }
}
