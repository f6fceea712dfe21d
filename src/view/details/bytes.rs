//! The bytes of an object: a document whole, a layer by its beginning.

use crate::graph::{Node, NodeId};
use crate::trace::{Entry, Kept};
use crate::view::document::{self, Segment, Text};
use crate::view::{Scene, hex, json, words};

/// The bytes of an object, as far as they are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes {
    /// What they are, and how they are shown.
    pub title: &'static str,
    /// The text.
    pub text: Text,
    /// Whether they can be reformatted.
    pub is_json: bool,
}

impl Bytes {
    /// The document, or the first bytes of a layer; `None` for what was not read.
    pub(super) fn of(scene: &Scene<'_>, id: NodeId, node: &Node, pretty: bool) -> Option<Bytes> {
        if let Some(raw) = &node.raw {
            let reformatted = reformatted(raw);
            let is_json = reformatted.is_some();
            return Some(match reformatted.filter(|_| pretty) {
                Some(text) => {
                    let title = "Document, reformatted: its digest is that of the bytes as served";
                    Bytes { title, text: Text::new(scene, id, text.as_bytes()), is_json }
                }
                None => {
                    let title = "Document, exactly as served";
                    Bytes { title, text: Text::new(scene, id, raw), is_json }
                }
            });
        }
        let entries = node.requests.iter().rev().filter_map(|entry| scene.trace.entries.get(*entry));
        let brought = entries.into_iter().find(|entry| !entry.begin.is_empty() && entry.head().is_some());
        let entry = brought.filter(|entry| entry.status().is_none_or(|status| status < 300))?;
        let segments = vec![Segment::Plain(hex::dump(&entry.begin))];
        let text = Text { segments, note: Some(cut(&entry.begin, entry)) };
        Some(Bytes { title: "Bytes, as served", text, is_json: false })
    }

    /// The answer to a request that asked for no object. A refusal stands with its request.
    pub(super) fn of_answer(entry: &Entry, pretty: bool) -> Option<Bytes> {
        let kept = entry.body.as_ref().and_then(Kept::bytes).unwrap_or(&entry.begin);
        let shown = kept.get(..document::MOST).unwrap_or(kept);
        if shown.is_empty() || entry.status().is_some_and(|status| status >= 300) {
            return None;
        }
        let reformatted = reformatted(shown);
        let is_json = reformatted.is_some();
        let (title, text) = match reformatted.filter(|_| pretty) {
            Some(text) => ("Answer, reformatted", text),
            None => ("Answer, exactly as served", String::from_utf8_lossy(shown).into_owned()),
        };
        let note = ((shown.len() as u64) < entry.read).then(|| cut(shown, entry));
        Some(Bytes { title, text: Text { segments: vec![Segment::Plain(text)], note }, is_json })
    }
}

/// JSON with an indentation, where the bytes are JSON, and not too many.
fn reformatted(raw: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(raw).ok().filter(|text| text.len() <= document::MOST);
    text.and_then(|text| json::indented(text, 2))
}

/// How much of an answer is shown.
fn cut(shown: &[u8], entry: &Entry) -> String {
    let (shown, all) = (words::grouped(shown.len() as u64), words::grouped(entry.read));
    format!("The first {shown} of {all} bytes.")
}
