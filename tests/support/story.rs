//! A pull written down: its requests, then its objects with verdicts and findings.

use std::fmt::Write as _;

use registry_inspector::graph::{Graph, NodeId};
use registry_inspector::pull::{Options, Pull};
use registry_inspector::report::Report;
use registry_inspector::trace::{Entry, State};
use registry_inspector::transport::Transport;

/// Pulls `app:1` for linux/amd64, and writes down what happened.
pub(crate) fn story(transport: impl Transport) -> String {
    story_of("registry.example/app:1", Options::default(), transport)
}

/// Pulls, and writes down what happened.
pub(crate) fn story_of(reference: &str, options: Options, transport: impl Transport) -> String {
    let pull = Pull::new(reference.parse().unwrap(), options, transport, |_| {});
    pollster::block_on(pull.run()).unwrap();
    written(&pull)
}

/// What has happened in a pull so far, written down.
pub(crate) fn written<T: Transport>(pull: &Pull<T>) -> String {
    let mut out = String::new();
    for (at, entry) in pull.trace().entries.iter().enumerate() {
        writeln!(out, "{} {}", at + 1, request(entry)).unwrap();
    }
    out.push('\n');
    object(&mut out, &pull.graph(), NodeId(0), 0);
    let report = Report::new(pull);
    write!(out, "\n{}", report.verdict).unwrap();
    if let Some(problem) = report.problem {
        write!(out, " · {}: {}", problem.code, problem.message).unwrap();
    }
    out
}

fn request(entry: &Entry) -> String {
    let accept = entry.sent.iter().map(|(name, value)| match value.split(',').count() {
        _ if name == "Range" => format!(" {value}"),
        1 => " one type".to_owned(),
        5 => " all types".to_owned(),
        _ if value.contains("index") => " indexes".to_owned(),
        _ => " manifests".to_owned(),
    });
    let outcome = match (&entry.state, entry.status()) {
        (State::Failed { error, .. }, _) => error.to_string(),
        (_, Some(status)) => status.to_string(),
        (state, None) => format!("{state:?}"),
    };
    format!(
        "{:8} {} {}{}{} → {outcome}, {} B",
        entry.purpose.role.as_str(),
        entry.method,
        if entry.url.host() == "registry.example" { "" } else { entry.url.host() },
        short(entry.url.path()),
        accept.collect::<String>(),
        entry.read
    )
}

fn object(out: &mut String, graph: &Graph, id: NodeId, depth: usize) {
    let node = graph.get(id).unwrap();
    let platform = node.platform.as_ref().map(|p| format!(" {p}")).unwrap_or_default();
    let digest = node.digest.as_ref().map(|d| d.to_string()).unwrap_or_default();
    let wanted = if node.wanted { "" } else { " (not wanted)" };
    let indent = "  ".repeat(depth);
    let (kind, verdict) = (node.kind.as_str(), node.verdict().as_str());
    writeln!(out, "{indent}{kind}{platform} {} {verdict}{wanted}", short(&digest)).unwrap();
    for finding in node.findings.iter().filter(|_| node.wanted) {
        write!(out, "{indent}  ! {}: {}", finding.code.as_str(), short(&finding.message)).unwrap();
        if let Some((expected, actual)) = finding.expected.as_ref().zip(finding.actual.as_ref()) {
            write!(out, " [{} | {}]", short(expected), short(actual)).unwrap();
        }
        writeln!(out).unwrap();
    }
    for (child, _) in graph.children(id) {
        object(out, graph, child, depth + 1);
    }
}

/// Shortens every digest in a text.
fn short(text: &str) -> String {
    let mut parts = text.split("sha256:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let hex = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        write!(out, "sha256:{}{}", &part[..hex.min(8)], &part[hex..]).unwrap();
    }
    out
}
