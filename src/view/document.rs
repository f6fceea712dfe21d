//! A document's raw bytes as text, exactly as served, with the digests in it found and tied to their objects.

use super::which::Targets;
use super::{Scene, words};
use crate::digest::Digest;
use crate::graph::NodeId;

/// The most of a document that is drawn, in bytes: more than all but the longest have, and no more than a browser lays out in
/// a moment.
pub(super) const MOST: usize = 64 * 1024;

/// A document, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The text in pieces, in order; together they are the text.
    pub segments: Vec<Segment>,
    /// What the text does not show.
    pub note: Option<String>,
}

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Text as it is.
    Plain(String),
    /// A digest.
    Link {
        /// The digest as written.
        text: String,
        /// The object that it leads to, if that is one of the tree.
        to: Option<NodeId>,
    },
}

impl Text {
    /// Takes the document of an object apart.
    pub fn new(scene: &Scene<'_>, id: NodeId, raw: &[u8]) -> Text {
        let shown = raw.get(..MOST).unwrap_or(raw);
        // A cut within a character is not a fault of the document.
        let shown = match std::str::from_utf8(shown) {
            Err(error) if error.error_len().is_none() => shown.get(..error.valid_up_to()).unwrap_or(shown),
            _ => shown,
        };
        let text = String::from_utf8_lossy(shown);
        let not_text = std::str::from_utf8(shown).is_err();
        let note = if shown.len() < raw.len() {
            let (shown, all) = (words::grouped(shown.len() as u64), words::grouped(raw.len() as u64));
            Some(format!("The first {shown} of {all} bytes. All of them were checked."))
        } else if not_text {
            Some("Not all of these bytes are text: what is not is shown as \u{fffd}.".to_owned())
        } else {
            None
        };
        Text { segments: segments(scene, id, &text), note }
    }
}

fn segments(scene: &Scene<'_>, id: NodeId, text: &str) -> Vec<Segment> {
    let targets = Targets::new(scene, id);
    let mut segments = Vec::new();
    let (mut plain_from, mut from) = (0, 0);
    while let Some((start, end)) = next_digest(text, from) {
        from = end;
        let written = text.get(start..end).unwrap_or_default();
        let Ok(digest) = written.parse::<Digest>() else { continue };
        let to = targets.of(&digest);
        let plain = text.get(plain_from..start).unwrap_or_default();
        segments.extend((!plain.is_empty()).then(|| Segment::Plain(plain.to_owned())));
        segments.push(Segment::Link { text: written.to_owned(), to });
        plain_from = end;
    }
    let plain = text.get(plain_from..).unwrap_or_default();
    segments.extend((!plain.is_empty()).then(|| Segment::Plain(plain.to_owned())));
    segments
}

/// Where the next text begins and ends that looks like a digest of a known algorithm.
fn next_digest(text: &str, from: usize) -> Option<(usize, usize)> {
    let mut start = from;
    loop {
        start += text.get(start..)?.find("sha")?;
        let rest = text.get(start..)?;
        if let Some(value) = rest.strip_prefix("sha256:").or(rest.strip_prefix("sha512:")) {
            let length = value.bytes().take_while(u8::is_ascii_hexdigit).count();
            return Some((start, text.len() - value.len() + length));
        }
        start += "sha".len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::trace::Trace;
    use crate::view::samples::{at, image, scene, told};

    fn text(raw: &[u8], graph: &Graph) -> Text {
        let trace = Trace::default();
        Text::new(&scene(graph, &trace), at(2), raw)
    }

    fn joined(text: &Text) -> String {
        let piece = |segment: &Segment| match segment {
            Segment::Plain(text) | Segment::Link { text, .. } => text.clone(),
        };
        text.segments.iter().map(piece).collect()
    }

    #[test]
    fn digests_of_the_tree_are_links_and_all_else_is_text() {
        let graph = image(0);
        let (config, layer) = (Digest::sha256(b"config"), Digest::sha256(b"layer"));
        let stranger = Digest::sha256(b"stranger");
        let raw = format!("{{\"config\":\"{config}\", \"layers\": [\"{layer}\"], \"x\":\"{stranger}\"}}\n");
        let text = self::text(raw.as_bytes(), &graph);
        assert_eq!(
            text.segments,
            [
                Segment::Plain("{\"config\":\"".into()),
                Segment::Link { text: config.to_string(), to: Some(at(2)) },
                Segment::Plain("\", \"layers\": [\"".into()),
                Segment::Link { text: layer.to_string(), to: Some(at(3)) },
                Segment::Plain("\"], \"x\":\"".into()),
                Segment::Link { text: stranger.to_string(), to: None },
                Segment::Plain("\"}\n".into()),
            ]
        );
        assert_eq!((joined(&text), text.note), (raw, None));
    }

    #[test]
    fn a_diff_id_leads_to_its_layer() {
        let mut graph = image(0);
        told(&mut graph, at(2), &[]);
        let diff = Digest::sha256(b"diff").to_string();
        let link = Segment::Link { text: diff.clone(), to: Some(at(3)) };
        assert_eq!(text(diff.as_bytes(), &graph).segments, [link]);
    }

    #[test]
    fn what_only_looks_like_a_digest_is_text() {
        let graph = image(0);
        let config = Digest::sha256(b"config").to_string();
        for raw in
            ["", "sha256:", "sha256:abc", "sha512:sha256:", &format!("{config}0"), &config.to_uppercase()]
        {
            let text = self::text(raw.as_bytes(), &graph);
            assert!(!text.segments.iter().any(|s| matches!(s, Segment::Link { .. })), "{raw}");
            assert_eq!(joined(&text), *raw);
        }
        let bare = text(config.as_bytes(), &graph);
        assert_eq!(bare.segments, [Segment::Link { text: config, to: Some(at(2)) }]);
    }

    #[test]
    fn big_documents_and_bytes_that_are_no_text_say_so() {
        let graph = Graph::default();
        let big = "é".repeat(MOST);
        let text = self::text(big.as_bytes(), &graph);
        assert_eq!(joined(&text).len(), MOST);
        assert_eq!(
            text.note.as_deref(),
            Some("The first 65,536 of 131,072 bytes. All of them were checked.")
        );
        let odd = format!("x{big}");
        assert_eq!(joined(&self::text(odd.as_bytes(), &graph)).len(), MOST - 1, "no half character");
        let bytes = self::text(&[b'a', 0xff, b'b'], &graph);
        assert!(joined(&bytes) == "a\u{fffd}b" && bytes.note.is_some());
    }
}
