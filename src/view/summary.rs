//! The strip above it all: the verdict in a sentence, and the numbers of the pull.

use std::collections::BTreeSet;

use super::badge::{Badge, Tone};
use super::listing::Heading;
use super::{Scene, Stage, waterfall::Waterfall, words};
use crate::graph::Node;
use crate::pull::Problem;
use crate::session::Waiting;
use crate::verify::Verdict;

/// The strip.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The verdict in the contract's word.
    pub verdict: &'static str,
    /// The verdict as a badge.
    pub badge: Badge,
    /// `3 of 4 objects verified, 1 not in the recording`.
    pub title: String,
    /// What that proves and what not.
    pub claim: Vec<Run>,
    /// Numbers with what they count.
    pub numbers: Vec<(String, String)>,
    /// How far the pull is, while it runs: what is there, and all that is known to come, in bytes.
    pub progress: Option<(f64, f64)>,
    /// The same for those who do not see it.
    pub announcement: String,
}

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// Words.
    Text(String),
    /// A name or digest.
    Code(String),
}

impl Summary {
    /// Sums up a pull.
    pub fn new(scene: &Scene<'_>) -> Summary {
        let wanted: Vec<&Node> =
            scene.graph.iter().map(|(_, node)| node).filter(|node| node.wanted).collect();
        // Without its image a pull has verified nothing that was asked for, however sound the index.
        let verdict = match (scene.graph.verdict(), scene.problem, scene.stage) {
            (Verdict::Verified, Some(_), _) | (Verdict::Verified, _, Stage::Running | Stage::Stopped) => {
                Verdict::Unchecked
            }
            (verdict, _, _) => verdict,
        };
        let title = match scene.problem {
            _ if scene.waiting.is_some() => waits(scene),
            Some(Problem::NoPlatform { wanted: platform, .. }) => {
                let platform = words::visible(&platform.to_string(), 80);
                format!("{}, but there is no image for {platform}", title(scene, &wanted))
            }
            Some(Problem::NoRoot { .. }) => "Nothing was pulled".to_owned(),
            _ => title(scene, &wanted),
        };
        Summary {
            verdict: verdict.as_str(),
            badge: badge(scene, verdict, &wanted),
            announcement: match scene.stage {
                _ if scene.state() == "failed" => format!("Failed: {title}."),
                Stage::Running => format!("Pulling {}: {title}", scene.reference),
                Stage::Done => format!("Done: {title}."),
                Stage::Stopped => format!("Stopped: {title}."),
            },
            title,
            claim: claim(scene).into_iter().chain(relayed(scene)).chain(refused(scene)).collect(),
            numbers: numbers(scene),
            progress: (scene.stage == Stage::Running).then(|| progress(&wanted)),
        }
    }
}

impl Summary {
    /// Sums up a list, under its heading.
    pub fn of_list(scene: &Scene<'_>, heading: &Heading) -> Summary {
        let is_running = scene.stage == Stage::Running;
        let title = if scene.waiting.is_some() { waits(scene) } else { heading.note.clone() };
        let (badge, is_claim) = match scene.problem {
            _ if is_running => (Badge::new(Tone::Busy, "running"), true),
            Some(_) => (Badge::new(Tone::Unchecked, "no list"), false),
            None => (Badge::new(Tone::Quiet, "a claim"), true),
        };
        let claim = is_claim.then(|| format!("A list is {}. Nothing in it is proven.", scene.word()));
        Summary {
            verdict: Verdict::Unchecked.as_str(),
            badge,
            announcement: format!("{}: {title}", heading.title),
            title,
            claim: claim.into_iter().map(Run::Text).chain(relayed(scene)).chain(refused(scene)).collect(),
            numbers: numbers(scene),
            progress: None,
        }
    }
}

/// The pause that the registry asked for.
fn waits(scene: &Scene<'_>) -> String {
    let Some(Waiting { seconds, is_stated }) = scene.waiting else { return String::new() };
    let seconds = words::count(seconds as usize, "second");
    match is_stated {
        true => format!("Waiting {seconds}: the registry answered 429, and asked for that"),
        false => format!(
            "Waiting {seconds}: the registry answered 429, and how long it asks to wait cannot be seen"
        ),
    }
}

fn badge(scene: &Scene<'_>, verdict: Verdict, wanted: &[&Node]) -> Badge {
    match (scene.stage, verdict) {
        (_, Verdict::Failed) => Badge::new(Tone::Failed, "failed"),
        (Stage::Running, _) => Badge::new(Tone::Busy, "running"),
        (Stage::Stopped, _) => Badge::new(Tone::Unchecked, "stopped"),
        (Stage::Done, Verdict::Verified) => Badge::new(Tone::Verified, "all verified"),
        (Stage::Done, _) if wanted.iter().any(|node| node.verdict() == Verdict::Verified) => {
            Badge::new(Tone::Unchecked, "partly checked")
        }
        (Stage::Done, _) => Badge::new(Tone::Unchecked, "nothing checked"),
    }
}

/// How many objects have which verdict; those without a proof with the reason.
fn title(scene: &Scene<'_>, wanted: &[&Node]) -> String {
    if scene.stage == Stage::Running && wanted.iter().all(|node| node.digest.is_none()) {
        return if wanted.is_empty() { "Starting".to_owned() } else { "Asking the registry".to_owned() };
    }
    let verified = wanted.iter().filter(|node| node.verdict() == Verdict::Verified).count();
    let objects = words::count(wanted.len(), "object");
    if verified == wanted.len() && verified > 0 && scene.stage == Stage::Done {
        return match verified {
            1 => "The one object is verified".to_owned(),
            2 => "Both objects are verified".to_owned(),
            _ => format!("All {objects} verified"),
        };
    }
    let mut others: Vec<(String, usize)> = Vec::new();
    for node in wanted.iter().filter(|node| node.verdict() != Verdict::Verified) {
        let badge = Badge::of(scene, node);
        if badge.tone == Tone::Busy {
            continue;
        }
        let word = if badge.tone == Tone::Failed { "failed".to_owned() } else { badge.word };
        match others.iter_mut().find(|(other, _)| *other == word) {
            Some((_, count)) => *count += 1,
            // What failed is said first.
            None if word == "failed" => others.insert(0, (word, 1)),
            None => others.push((word, 1)),
        }
    }
    let so_far = if scene.stage == Stage::Running { " so far" } else { "" };
    let counted = |(word, count): &(String, usize)| format!("{count} {word}");
    let parts: Vec<String> = match others.split_first() {
        Some(((word, count), rest)) if word == "failed" => {
            let lead = [format!("{count} of {objects} failed"), format!("{verified} verified{so_far}")];
            lead.into_iter().chain(rest.iter().map(counted)).collect()
        }
        _ => std::iter::once(format!("{verified} of {objects} verified{so_far}"))
            .chain(others.iter().map(counted))
            .collect(),
    };
    parts.join(", ")
}

fn claim(scene: &Scene<'_>) -> Vec<Run> {
    let (text, code) = (|text: &str| Run::Text(text.to_owned()), |code: &str| Run::Code(code.to_owned()));
    let root = scene.graph.root().and_then(|root| scene.graph.get(root));
    let Some(digest) = root.and_then(|node| node.digest.as_ref()).map(|digest| digest.short()) else {
        return match (scene.stage, scene.tag) {
            (Stage::Running, Some(tag)) => vec![text("Asking what "), code(tag), text(" points to.")],
            _ => Vec::new(),
        };
    };
    let proven = match scene.graph.verdict() {
        Verdict::Failed => "What is verified below is proven; what failed is not what was named.",
        _ => "From that digest down, every byte that was read is proven.",
    };
    match scene.tag {
        Some(tag) => vec![
            Run::Text(format!("{} says that ", words::first_upper(&scene.speaker()))),
            code(tag),
            text(" is "),
            code(&digest),
            text(&format!(": a claim, which nothing proves. {proven}")),
        ],
        None => vec![text("The reference pins "), code(&digest), text(&format!(". {proven}"))],
    }
}

/// Where a relay was asked in the registry's place, both addresses.
fn relayed(scene: &Scene<'_>) -> Vec<Run> {
    let Some((behind, front)) = scene.behind.zip(scene.front) else { return Vec::new() };
    let text = |text: &str| Run::Text(text.to_owned());
    let (behind, front) = (Run::Code(behind.to_owned()), Run::Code(front.to_owned()));
    vec![text(" Requests for "), behind, text(" went to the relay "), front, text(".")]
}

/// Where credentials were shown, what of a token nobody asked for.
fn refused(scene: &Scene<'_>) -> Option<Run> {
    let beyond = scene.beyond.filter(|_| scene.want.is_none())?;
    Some(Run::Text(format!(
        " The registry wanted a token that allows more, “{}”: it was not asked for.",
        words::visible(beyond, 200)
    )))
}

fn numbers(scene: &Scene<'_>) -> Vec<(String, String)> {
    let entries = &scene.trace.entries;
    // Not collected: that would sort, which weighs more than it is worth here.
    let mut hosts = BTreeSet::new();
    hosts.extend(entries.iter().map(|entry| entry.url.host().to_owned()));
    let one = |count: usize, thing: &str| if count == 1 { thing.to_owned() } else { format!("{thing}s") };
    let read = entries.iter().map(|entry| entry.read).fold(0, u64::saturating_add);
    let span = Waterfall::new(scene.trace).span;
    [
        Some((words::grouped(entries.len() as u64), one(entries.len(), "request"))),
        Some((words::bytes(read), "read".to_owned())),
        Some((words::grouped(hosts.len() as u64), one(hosts.len(), "host"))),
        span.map(|span| (span.words, "in all".to_owned())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn progress(wanted: &[&Node]) -> (f64, f64) {
    let all =
        |part: fn(&Node) -> u64| wanted.iter().map(|node| part(node)).fold(0, u64::saturating_add) as f64;
    let total = all(|node| node.size.unwrap_or_default());
    let read = all(|node| node.read.min(node.size.unwrap_or(node.read)));
    (read.min(total), total.max(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::trace::{Role, Trace};
    use crate::verify::{Code, Finding};
    use crate::view::address::Claimant;
    use crate::view::samples::{at, entry, image, scene};

    fn with(graph: &mut Graph, place: usize, code: Code) {
        let node = graph.get_mut(at(place)).unwrap();
        (node.proven, node.read) = (false, 0);
        node.findings.push(Finding::new(code, ""));
    }

    fn summary(graph: &Graph, stage: Stage) -> Summary {
        let trace =
            Trace { entries: vec![entry(Role::Tag, "https://r/v2/"), entry(Role::Index, "https://r/v2/")] };
        Summary::new(&Scene { stage, ..scene(graph, &trace) })
    }

    #[test]
    fn the_verdict_in_a_sentence() {
        let mut graph = image(10);
        let all = summary(&graph, Stage::Done);
        assert_eq!((all.title.as_str(), all.verdict), ("All 4 objects verified", "verified"));
        assert_eq!((all.badge, all.progress), (Badge::new(Tone::Verified, "all verified"), None));
        with(&mut graph, 13, Code::NotRecorded);
        let part = summary(&graph, Stage::Done);
        assert_eq!(part.title, "3 of 4 objects verified, 1 not in the recording");
        assert_eq!((part.verdict, part.badge.word.as_str()), ("unchecked", "partly checked"));
        with(&mut graph, 12, Code::DigestMismatch);
        let failed = summary(&graph, Stage::Done);
        assert_eq!(failed.title, "1 of 4 objects failed, 2 verified, 1 not in the recording");
        assert_eq!((failed.verdict, failed.badge.word.as_str()), ("failed", "failed"));
        let claim = format!("{:?}", failed.claim);
        assert!(
            claim.contains("a claim, which nothing proves") && claim.contains("what failed is not"),
            "{claim}"
        );
    }

    #[test]
    fn a_recording_from_elsewhere_is_the_one_that_claims() {
        let (graph, trace) = (image(1), Trace::default());
        let claimant = Claimant { file: "a.har".into(), place: "https://example.org".into() };
        let says = |claimant| {
            format!("{:?}", Summary::new(&Scene { recorded: true, claimant, ..scene(&graph, &trace) }).claim)
        };
        assert!(says(None).contains("The registry says that "));
        let said = says(Some(&claimant));
        assert!(said.contains("The recording a.har from https://example.org says that "), "{said}");
        assert!(!said.contains("registry"), "{said}");
        let beyond = Scene { beyond: Some("repository:other:push"), ..scene(&graph, &trace) };
        assert!(format!("{:?}", Summary::new(&beyond).claim).contains("“repository:other:push”"));
    }

    #[test]
    fn nothing_is_promised_while_a_pull_runs() {
        let graph = image(0);
        let running = summary(&graph, Stage::Running);
        assert_eq!(
            (running.title.as_str(), running.verdict),
            ("4 of 4 objects verified so far", "unchecked")
        );
        assert_eq!(running.progress, Some((24.0, 24.0)));
        assert_eq!(running.announcement, "Pulling registry.example/app:1: 4 of 4 objects verified so far");
        assert_eq!(summary(&graph, Stage::Stopped).badge.word, "stopped");
        let empty = summary(&Graph::default(), Stage::Running);
        assert_eq!((empty.title.as_str(), empty.verdict), ("Starting", "unchecked"));
        assert_eq!(empty.progress, Some((0.0, 1.0)));
    }

    #[test]
    fn a_list_that_is_not_there_claims_nothing() {
        let (graph, trace) = (Graph::default(), Trace::default());
        let heading = Heading {
            title: "Tags of r/a".into(),
            note: "No tags could be listed".into(),
            trouble: Some("It broke.".into()),
        };
        let problem = Problem::NoRoot { cause: "it broke".into() };
        let failed = Summary::of_list(&Scene { problem: Some(&problem), ..scene(&graph, &trace) }, &heading);
        assert_eq!((failed.title.as_str(), failed.claim.len()), ("No tags could be listed", 0));
        assert_eq!(failed.badge, Badge::new(Tone::Unchecked, "no list"));
        assert_eq!(failed.announcement, "Tags of r/a: No tags could be listed");
        let listed = Summary::of_list(&scene(&graph, &trace), &heading);
        assert_eq!((listed.badge.word.as_str(), listed.claim.len()), ("a claim", 1));
    }

    #[test]
    fn numbers_are_of_the_requests() {
        let numbers = summary(&image(0), Stage::Done).numbers;
        let numbers: Vec<String> =
            numbers.iter().map(|(number, thing)| format!("{number} {thing}")).collect();
        assert_eq!(numbers, ["2 requests", "0 B read", "1 host"]);
    }
}
