//! What a pull found, in one line for each object that has something to tell.

use registry_inspector::graph::Node;
use registry_inspector::intake::Inline;
use registry_inspector::pull::{Options, Pull};
use registry_inspector::report::Report;
use registry_inspector::transport::Transport;

/// Pulls a reference, and tells its verdict and each object that has findings: `config 0 failed: malformed`.
pub(crate) fn found_of(reference: &str, options: Options, transport: impl Transport) -> Vec<String> {
    let pull = Pull::new(reference.parse().unwrap(), options, Inline::new(transport), |_| {});
    pollster::block_on(pull.run()).unwrap();
    let graph = pull.graph();
    let told = |node: &Node| {
        let codes: Vec<&str> = node.findings.iter().map(|finding| finding.code.as_str()).collect();
        let (kind, at, verdict) = (node.kind.as_str(), node.ordinal, node.verdict().as_str());
        format!("{kind} {at} {verdict}: {}", codes.join(" "))
    };
    let worth = graph.iter().filter(|(_, node)| node.wanted && !node.findings.is_empty());
    let verdict = Report::new(&pull).verdict.to_owned();
    std::iter::once(verdict).chain(worth.map(|(_, node)| told(node))).collect()
}

/// The same of `app:1`, without unpacking.
pub(crate) fn found(transport: impl Transport) -> Vec<String> {
    found_of("registry.example/app:1", Options::default(), transport)
}

/// Every message of a pull's findings, joined.
pub(crate) fn messages(options: Options, transport: impl Transport) -> String {
    let reference = "registry.example/app:1".parse().unwrap();
    let pull = Pull::new(reference, options, Inline::new(transport), |_| {});
    pollster::block_on(pull.run()).unwrap();
    let graph = pull.graph();
    let findings = graph.iter().flat_map(|(_, node)| &node.findings);
    findings.map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("\n")
}
