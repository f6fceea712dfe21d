//! Paints the details of the selected object.

use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement};

use super::dom::{
    Painted, Root, aria, part, set, set_badge, set_columns, set_lines, set_part, set_text, show,
};
use super::history::HistoryPart;
use super::list::{List, Piece, refill, rewrite};
use super::trust::TrustPart;
use crate::digest::Digest;
use crate::graph::NodeId;
use crate::view::details::{Bytes, Details, Exchange, FindingRow, Header, Marked, NamedBy, Sides};
use crate::view::document::Segment;
use crate::view::which::POINT;

/// The panel's elements.
pub(super) struct DetailsPanel {
    panel: HtmlElement,
    title: Element,
    what: Element,
    badge: Element,
    trust: TrustPart,
    sentence: Element,
    fetch: Element,
    copy: Element,
    digests: Element,
    which: Element,
    history: HistoryPart,
    facts: List<(&'static str, String)>,
    named_by: Element,
    findings: (Element, List<FindingRow>),
    exchanges: (Element, List<Exchange>),
    document: DocumentPart,
    shown: Option<Details>,
    lit: Option<usize>,
}

/// Where the document's text stands.
struct DocumentPart {
    part: Element,
    title: Element,
    pretty: HtmlElement,
    note: Element,
    which: Element,
    text: Element,
    shown: Option<Bytes>,
    /// Whether it is another one than before, and so to be read from its beginning.
    is_other: bool,
}

impl DetailsPanel {
    /// The panel in the page.
    pub(super) fn new(root: &Root) -> Result<DetailsPanel, JsValue> {
        let findings: Element = root.by_id("details-findings")?;
        let exchanges: Element = root.by_id("details-exchanges")?;
        Ok(DetailsPanel {
            panel: root.by_id("details")?,
            title: root.by_id("details-title")?,
            what: root.by_id("details-what")?,
            badge: root.by_id("details-badge")?,
            trust: TrustPart::new(root)?,
            sentence: root.by_id("details-sentence")?,
            fetch: root.by_id("fetch-object")?,
            copy: root.by_id("copy-digest")?,
            digests: root.by_id("details-digests")?,
            which: root.by_id("details-which")?,
            history: HistoryPart::new(root)?,
            facts: List::new(root.by_id("details-facts")?, |element, (name, value): &(&str, String)| {
                set_part(element, "name", name)?;
                set_part(element, "value", value)
            })?,
            named_by: root.by_id("details-named-by")?,
            findings: (findings.clone(), List::new(findings, fill_finding)?),
            exchanges: (root.by_id("exchanges-part")?, List::new(exchanges, fill_exchange)?),
            document: DocumentPart {
                part: root.by_id("details-document")?,
                title: root.by_id("document-title")?,
                pretty: root.by_id("document-pretty")?,
                note: root.by_id("document-note")?,
                which: root.by_id("document-which")?,
                text: root.by_id("document-text")?,
                shown: None,
                is_other: false,
            },
            shown: None,
            lit: None,
        })
    }

    /// The panel itself.
    pub(super) fn panel(&self) -> &HtmlElement {
        &self.panel
    }

    /// Whether documents are to be laid out anew.
    pub(super) fn is_pretty(&self) -> bool {
        self.document.pretty.get_attribute("aria-pressed").as_deref() == Some("true")
    }

    /// Lays documents out anew, or no longer.
    pub(super) fn turn_pretty(&self) -> Painted {
        set(&self.document.pretty, "aria-pressed", aria(!self.is_pretty()))
    }

    /// The button that does so.
    pub(super) fn pretty(&self) -> &HtmlElement {
        &self.document.pretty
    }

    /// The object that is shown, if it is one.
    pub(super) fn shown(&self) -> Option<NodeId> {
        self.shown.as_ref().and_then(|details| details.id)
    }

    /// Scrolls to where another document begins. Whoever scrolls has the page laid out: not before all of it is painted.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.document.is_other) {
            self.document.text.set_scroll_top(0);
        }
    }

    /// Says what a digest in the document is.
    pub(super) fn explain(&self, line: &str) {
        set_text(&self.document.which, line);
    }

    /// Shows an object, or nothing. The exchange of the request that is lit is opened when it becomes so.
    pub(super) fn show(&mut self, details: Option<Details>, lit: Option<usize>) -> Painted {
        if self.shown != details {
            show(&self.panel, details.is_some())?;
            if let Some(details) = &details {
                self.fill(details)?;
            }
            self.shown = details;
        }
        if self.lit != lit {
            for (exchange, element) in self.exchanges.1.iter() {
                set(element, "open", (Some(exchange.id) == lit).then_some(""))?;
            }
            self.lit = lit;
        }
        Ok(())
    }

    fn fill(&mut self, details: &Details) -> Painted {
        if self.shown.as_ref().is_none_or(|shown| !shown.is_same(details)) {
            // Of another object nothing stays, what was opened included.
            self.exchanges.1.show(&[])?;
            // Where nothing was shown, nothing can have been scrolled.
            self.document.is_other = self.shown.is_some();
            self.explain(POINT);
            self.lit = None;
        }
        set_text(&self.title, &details.title);
        set_text(&self.what, &details.what);
        set_badge(&self.badge, details.badge.as_ref())?;
        set(&self.panel, "data-tone", details.badge.as_ref().map(|badge| badge.tone.as_str()))?;
        self.trust.show(details.trust.as_ref())?;
        set_text(&self.sentence, &details.sentence);
        show(&self.fetch, details.offer.is_some())?;
        set_text(&self.fetch, details.offer.as_ref().map_or("", |offer| &offer.words));
        show(&self.copy, details.digest.is_some())?;
        fill_sides(&self.digests, &details.digests)?;
        show(&self.which, details.which.is_some())?;
        set_part(&self.which, "line", details.which.as_deref().unwrap_or_default())?;
        self.history.show(details.history.as_ref())?;
        self.facts.show(&details.facts)?;
        self.fill_named_by(details.named_by.as_ref())?;
        show(&self.findings.0, !details.findings.is_empty())?;
        self.findings.1.show(&details.findings)?;
        show(&self.exchanges.0, !details.exchanges.is_empty())?;
        self.exchanges.1.show(&details.exchanges)?;
        set(&self.panel, "data-document", details.bytes.is_some().then_some(""))?;
        self.document.show(details.bytes.as_ref())
    }

    fn fill_named_by(&self, named_by: Option<&NamedBy>) -> Painted {
        show(&self.named_by, named_by.is_some())?;
        let Some(NamedBy { id, title, place }) = named_by else { return Ok(()) };
        let link = part(&self.named_by, "link")?;
        set_text(&link, title);
        set_link(&link, *id)?;
        set_part(&self.named_by, "place", place)
    }
}

impl DocumentPart {
    fn show(&mut self, bytes: Option<&Bytes>) -> Painted {
        if self.shown.as_ref() == bytes {
            return Ok(());
        }
        show(&self.part, bytes.is_some())?;
        set_text(&self.title, bytes.map_or("", |bytes| bytes.title));
        show(&self.pretty, bytes.is_some_and(|bytes| bytes.is_json))?;
        let text = bytes.map(|bytes| &bytes.text);
        let segments = text.map(|text| text.segments.as_slice()).unwrap_or_default();
        let pieces = segments.iter().map(|segment| match segment {
            Segment::Plain(text) => Piece::Text(text),
            Segment::Link { text, to } => Piece::Marked((text, *to)),
        });
        rewrite(&self.text, pieces, |element, (text, to)| {
            set_text(element, text);
            match to {
                Some(to) => set_link(element, to),
                None => set(element, "data-digest-alone", Some("")),
            }
        })?;
        let begin = match segments.first() {
            Some(Segment::Plain(text)) => text.as_str(),
            _ => "",
        };
        set_columns(&self.text, begin)?;
        let has_digests = segments.iter().any(|segment| matches!(segment, Segment::Link { .. }));
        show(&self.which, has_digests)?;
        let note = text.and_then(|text| text.note.as_deref());
        show(&self.note, note.is_some())?;
        set_text(&self.note, note.unwrap_or_default());
        self.shown = bytes.cloned();
        Ok(())
    }
}

/// A link that selects an object.
fn set_link(element: &Element, to: NodeId) -> Painted {
    set(element, "data-select", Some(&to.0.to_string()))
}

fn fill_finding(element: &Element, finding: &FindingRow) -> Painted {
    set(element, "data-code", Some(finding.code))?;
    set(element, "data-class", Some(finding.class))?;
    set_part(element, "class", finding.class)?;
    set_part(element, "code", finding.code)?;
    set_part(element, "message", &finding.message)?;
    fill_sides(&part(element, "sides")?, &finding.sides)
}

pub(super) fn fill_sides(element: &Element, sides: &Sides) -> Painted {
    fill_side(element, "expected", sides.expected.as_ref())?;
    fill_side(element, "actual", sides.actual.as_ref())?;
    show(element, sides.expected.is_some() || sides.actual.is_some())
}

fn fill_side(element: &Element, name: &str, side: Option<&Marked>) -> Painted {
    let value = part(element, name)?;
    show(&value, side.is_some())?;
    show(&part(element, &format!("{name}-name"))?, side.is_some())?;
    let Some(Marked { same, differs, rest }) = side else { return Ok(()) };
    set_pointed(&value, &format!("{same}{differs}{rest}"))?;
    set_part(&value, "same", same)?;
    set_part(&value, "differs", differs)?;
    show(&part(&value, "differs")?, !differs.is_empty())?;
    set_part(&value, "rest", rest)
}

fn fill_exchange(element: &Element, exchange: &Exchange) -> Painted {
    set(element, "data-entry-details", Some(&exchange.id.to_string()))?;
    set_part(element, "title", &exchange.title)?;
    set_part(element, "line", &exchange.line)?;
    refill(&part(element, "notes")?, &exchange.notes, |element, note| {
        set_text(element, note);
        Ok(())
    })?;
    set_part(element, "sent-note", exchange.sent_note)?;
    show(&part(element, "sent-note")?, !exchange.sent_note.is_empty())?;
    fill_headers(&part(element, "sent")?, &exchange.sent)?;
    show(&part(element, "received-name")?, !exchange.received.is_empty())?;
    fill_headers(&part(element, "received")?, &exchange.received)?;
    set_badge(&part(element, "check")?, exchange.check.as_ref())?;
    let body = part(element, "body")?;
    set_lines(&body, exchange.body.as_deref().unwrap_or_default())?;
    show(&part(element, "body-part")?, exchange.body.is_some())?;
    refill(&part(element, "commands")?, &exchange.commands, |element, command| {
        set_part(element, "tool", command.tool)?;
        set_part(element, "line", &command.line)?;
        set(&part(element, "copy")?, "aria-label", Some(&format!("Copy the {} command", command.tool)))
    })
}

fn fill_headers(element: &Element, headers: &[Header]) -> Painted {
    show(element, !headers.is_empty())?;
    refill(element, headers, |element, Header { name, value, note }| {
        set_part(element, "name", name)?;
        let shown = part(element, "value")?;
        set_text(&shown, value);
        set_pointed(&shown, value)?;
        set_part(element, "note", note.as_deref().unwrap_or_default())
    })
}

/// A text that is a digest can be pointed at, and gone to by Tab, to be told which it is.
fn set_pointed(element: &Element, text: &str) -> Painted {
    let is_digest = text.parse::<Digest>().is_ok();
    set(element, "data-which", is_digest.then_some(""))?;
    set(element, "tabindex", is_digest.then_some("0"))
}
