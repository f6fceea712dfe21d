//! A verdict as it is shown: shape, word and tone, so that no one needs to see the colour.

use super::{Scene, Stage, words};
use crate::graph::{Kind, Node};
use crate::pull::Layers;
use crate::trace::{Role, State};
use crate::verify::{Class, Code, Verdict};

/// One badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// Which colours it takes.
    pub tone: Tone,
    /// A sign before the word.
    pub shape: &'static str,
    /// The verdict, or the reason for there being none.
    pub word: String,
    /// What stands beside a verdict and takes nothing from it: `1 notice`. Empty where nothing does.
    pub note: String,
}

/// The colours of a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// A proof.
    Verified,
    /// A check that did not hold.
    Failed,
    /// Asked for, and not proven.
    Unchecked,
    /// Not asked for.
    Quiet,
    /// Being worked on.
    Busy,
}

impl Tone {
    /// The word that the stylesheet knows it by.
    pub fn as_str(self) -> &'static str {
        match self {
            Tone::Verified => "verified",
            Tone::Failed => "failed",
            Tone::Unchecked => "unchecked",
            Tone::Quiet => "quiet",
            Tone::Busy => "busy",
        }
    }
}

impl Badge {
    /// A badge with the sign of its tone.
    pub fn new(tone: Tone, word: impl Into<String>) -> Badge {
        let shape = match tone {
            Tone::Verified => "✓",
            Tone::Failed => "✗",
            Tone::Unchecked => "◐",
            Tone::Quiet => "○",
            Tone::Busy => "◌",
        };
        Badge { tone, shape, word: word.into(), note: String::new() }
    }

    /// The badge of one object.
    pub fn of(scene: &Scene<'_>, node: &Node) -> Badge {
        match node.verdict() {
            Verdict::Verified => {
                let note = match notices(node) {
                    0 => String::new(),
                    many => words::count(many, "notice"),
                };
                Badge { note, ..Badge::new(Tone::Verified, "verified") }
            }
            Verdict::Failed => {
                let codes = node.findings.iter().map(|finding| finding.code);
                let why = codes.filter(|code| code.class() == Class::Failed).map(Code::short).next();
                Badge::new(Tone::Failed, format!("failed: {}", why.unwrap_or_default()))
            }
            Verdict::Unchecked => unchecked(scene, node),
        }
    }
}

/// How many findings on an object take nothing from its verdict.
pub fn notices(node: &Node) -> usize {
    node.findings.iter().filter(|finding| finding.code.class() == Class::Notice).count()
}

fn unchecked(scene: &Scene<'_>, node: &Node) -> Badge {
    if !node.wanted {
        return Badge::new(Tone::Quiet, "not asked for");
    }
    match node.findings.iter().map(|finding| finding.code).find(|code| code.class() == Class::Unchecked) {
        Some(code) => Badge::new(Tone::Unchecked, reason(scene, node, code)),
        None if scene.stage == Stage::Running => Badge::new(Tone::Busy, progress(node)),
        None if scene.stage == Stage::Stopped => Badge::new(Tone::Unchecked, "stopped"),
        None => Badge::new(Tone::Unchecked, "not checked"),
    }
}

/// Why an object was not checked.
fn reason(scene: &Scene<'_>, node: &Node, code: Code) -> String {
    // What the doctor asks is about the registry, and not about this object.
    let mut asked = node.requests.iter().rev().filter_map(|entry| scene.trace.entries.get(*entry));
    let last = asked.find(|entry| entry.purpose.role != Role::Ping);
    match (code, last) {
        (Code::NotFetched, None)
            if scene.layers == Layers::Skip && matches!(node.kind, Kind::Layer | Kind::Blob) =>
        {
            "layers skipped".into()
        }
        (Code::NotFetched, Some(entry)) => match (entry.status(), &entry.state) {
            (Some(status @ 400..), _) => format!("refused: {status}"),
            (None, State::Failed { .. }) => "no answer".into(),
            _ => code.short().into(),
        },
        _ => code.short().into(),
    }
}

/// How much of an object is there.
fn progress(node: &Node) -> String {
    match (node.read, node.size) {
        (0, _) if node.requests.is_empty() => "waiting".into(),
        (0, _) => "asked for".into(),
        (read, Some(size)) if size > 0 => {
            format!("reading {}%", (u128::from(read) * 100 / u128::from(size)).min(100))
        }
        (read, _) => format!("read {}", words::bytes(read)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Trace;
    use crate::verify::Finding;
    use crate::view::samples::{entry, head, node, scene};

    #[test]
    fn every_reason_has_its_words() {
        let failed = |status| {
            let mut entry = entry(Role::Layer, "https://r/v2/a/blobs/x");
            entry.state = State::Done(head(Some(status), &[]));
            entry
        };
        let trace = Trace { entries: vec![failed(404)] };
        for (code, wanted, requests, layers, tone, word) in [
            (None, true, 0, Layers::Verify, Tone::Unchecked, "not checked"),
            (Some(Code::NotRecorded), true, 1, Layers::Verify, Tone::Unchecked, "not in the recording"),
            (Some(Code::Truncated), true, 1, Layers::Verify, Tone::Unchecked, "cut short"),
            (Some(Code::UnsupportedAlgorithm), true, 1, Layers::Verify, Tone::Unchecked, "algorithm unknown"),
            (Some(Code::NotFetched), true, 0, Layers::Skip, Tone::Unchecked, "layers skipped"),
            (Some(Code::NotFetched), true, 0, Layers::Verify, Tone::Unchecked, "not fetched"),
            (Some(Code::NotFetched), true, 1, Layers::Verify, Tone::Unchecked, "refused: 404"),
            (Some(Code::NotFetched), false, 0, Layers::Verify, Tone::Quiet, "not asked for"),
            (Some(Code::DigestMismatch), true, 1, Layers::Verify, Tone::Failed, "failed: wrong digest"),
            (Some(Code::Malformed), true, 1, Layers::Verify, Tone::Failed, "failed: malformed"),
            (Some(Code::DiffIdMismatch), true, 1, Layers::Unpack, Tone::Failed, "failed: wrong diff ID"),
            (Some(Code::DuplicatePath), true, 1, Layers::Unpack, Tone::Failed, "failed: same path twice"),
            (Some(Code::NotUnpacked), true, 1, Layers::Unpack, Tone::Unchecked, "not unpacked"),
        ] {
            let mut node = node(Kind::Layer, b"layer");
            node.wanted = wanted;
            node.requests = (0..requests).collect();
            node.findings = code.map(|code| Finding::new(code, "")).into_iter().collect();
            let graph = Default::default();
            let scene = Scene { layers, ..scene(&graph, &trace) };
            assert_eq!(Badge::of(&scene, &node), Badge::new(tone, word), "{code:?}");
        }
    }

    #[test]
    fn what_the_doctor_asked_is_no_reason() {
        let with = |role, state| crate::trace::Entry { state, ..entry(role, "https://r/v2/") };
        let error = crate::transport::TransportError::NoResponse {
            detail: String::new(),
            timings: Default::default(),
        };
        let silent = with(Role::Tag, State::Failed { head: None, error });
        let probe = with(Role::Ping, State::Done(head(Some(200), &[])));
        let (graph, trace) = (Default::default(), Trace { entries: vec![silent, probe] });
        let mut node = node(Kind::Manifest, b"m");
        (node.requests, node.findings) = (vec![0, 1], vec![Finding::new(Code::NotFetched, "")]);
        assert_eq!(Badge::of(&scene(&graph, &trace), &node).word, "no answer");
    }

    #[test]
    fn a_notice_stands_beside_the_verdict_and_is_no_part_of_it() {
        let (graph, trace) = Default::default();
        let mut node = node(Kind::Layer, b"layer");
        node.proven = true;
        for (codes, tone, word, note) in [
            (vec![], Tone::Verified, "verified", ""),
            (vec![Code::HeaderNotExposed], Tone::Verified, "verified", "1 notice"),
            (vec![Code::HeaderNotExposed, Code::TrailingBytes], Tone::Verified, "verified", "2 notices"),
            (vec![Code::TrailingBytes, Code::DuplicatePath], Tone::Failed, "failed: same path twice", ""),
        ] {
            node.findings = codes.into_iter().map(|code| Finding::new(code, "")).collect();
            let expected = Badge { note: note.into(), ..Badge::new(tone, word) };
            assert_eq!(Badge::of(&scene(&graph, &trace), &node), expected);
        }
    }

    #[test]
    fn nothing_is_verified_without_a_proof_and_progress_is_told() {
        let (graph, trace) = Default::default();
        let running = Scene { stage: Stage::Running, ..scene(&graph, &trace) };
        let mut node = node(Kind::Layer, b"layer");
        assert_eq!(Badge::of(&running, &node).word, "waiting");
        node.requests.push(0);
        assert_eq!(Badge::of(&running, &node).word, "asked for");
        node.read = 2;
        assert_eq!(Badge::of(&running, &node), Badge::new(Tone::Busy, "reading 40%"));
        let stopped = Scene { stage: Stage::Stopped, ..running };
        assert_eq!(Badge::of(&stopped, &node), Badge::new(Tone::Unchecked, "stopped"));
        node.proven = true;
        assert_eq!(Badge::of(&running, &node), Badge::new(Tone::Verified, "verified"));
    }
}
