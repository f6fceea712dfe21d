//! What can be fetched on demand: the objects that a pull left out, or could not have.

use super::{Scene, Stage};
use crate::graph::{Kind, Node};
use crate::verify::{Code, Verdict};

/// One object that can be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What the button says.
    pub words: String,
}

impl Offer {
    /// What is offered for an object, if anything is.
    pub fn of(scene: &Scene<'_>, node: &Node) -> Option<Offer> {
        let unread = node.raw.is_none() && node.children.is_empty() && node.verdict() == Verdict::Unchecked;
        let idle = scene.stage != Stage::Running;
        // A recording says the same each time, and what cannot be read here cannot be the next time.
        let in_vain = |code| {
            matches!(code, Code::UnsupportedAlgorithm | Code::UnsupportedKind | Code::OverLimit)
                || (scene.recorded && node.wanted && code != Code::NotFetched)
        };
        let hopeless = node.findings.iter().any(|finding| in_vain(finding.code));
        if node.parent.is_none() || !unread || !idle || hopeless {
            return None;
        }
        let words = match (node.kind, &node.platform) {
            _ if !node.requests.is_empty() => "Try again".to_owned(),
            _ if node.is_attestation() => "Fetch this attestation".to_owned(),
            (_, Some(platform)) => {
                format!("Fetch {} as well", super::words::visible(&platform.to_string(), 40))
            }
            (Kind::Layer, None) => "Fetch this layer".to_owned(),
            (Kind::Index, None) => "Fetch this index".to_owned(),
            _ => "Fetch it".to_owned(),
        };
        Some(Offer { words })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::trace::Trace;
    use crate::verify::Finding;
    use crate::view::samples::{at, attest, image, scene};

    fn offered(graph: &Graph, place: usize) -> Option<String> {
        let trace = Trace::default();
        Offer::of(&scene(graph, &trace), graph.get(at(place)).unwrap()).map(|offer| offer.words)
    }

    #[test]
    fn what_was_left_out_is_offered_and_what_is_there_is_not() {
        let mut graph = image(1);
        let attestation = attest(&mut graph, at(0), b"manifest");
        assert_eq!(offered(&graph, 0), None, "the root is what was pulled");
        assert_eq!(offered(&graph, 1), None, "it was read");
        assert_eq!(offered(&graph, 2).as_deref(), Some("Fetch linux/arm/v0 as well"));
        assert_eq!(offered(&graph, attestation.0).as_deref(), Some("Fetch this attestation"));
        assert_eq!(offered(&graph, 4), None, "it is proven");
        let layer = graph.get_mut(at(4)).unwrap();
        layer.reset();
        layer.findings.push(Finding::new(Code::NotFetched, "skipped"));
        assert_eq!(offered(&graph, 4).as_deref(), Some("Fetch this layer"));
        graph.get_mut(at(4)).unwrap().requests.push(7);
        assert_eq!(offered(&graph, 4).as_deref(), Some("Try again"));
        graph.get_mut(at(4)).unwrap().findings.push(Finding::new(Code::DigestMismatch, ""));
        assert_eq!(offered(&graph, 4), None, "what failed is not wiped away");
    }

    #[test]
    fn nothing_is_offered_in_vain() {
        let (graph, trace) = (image(1), Trace::default());
        let scene = scene(&graph, &trace);
        let other = graph.get(at(2)).unwrap();
        let offered = |scene: &Scene<'_>, node: &Node| Offer::of(scene, node).is_some();
        assert!(!offered(&Scene { stage: Stage::Running, ..scene }, other));
        assert!(offered(&Scene { recorded: true, ..scene }, other), "the recording may hold it");
        let mut missing = other.clone();
        missing.wanted = true;
        missing.findings.push(Finding::new(Code::NotRecorded, ""));
        assert!(!offered(&Scene { recorded: true, ..scene }, &missing));
        let mut strange = other.clone();
        strange.findings.push(Finding::new(Code::UnsupportedAlgorithm, ""));
        assert!(!offered(&scene, &strange));
    }
}
