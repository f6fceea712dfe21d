//! The report on one pull, in the shape of the module's contract: plain data, ready to be serialised.
//!
//! JavaScript's numbers are exact up to 2^53 - 1. A size or an owner may be larger: it is written as text then.

use serde::{Serialize, Serializer};

use crate::graph::{Graph, NodeId};
use crate::layer::{Compression, Entry, shown};
use crate::pull::{Problem, Pull};
use crate::redact;
use crate::reference::Reference;
use crate::trace::{self, Trace};
use crate::transport::Transport;
use crate::verify;

/// Everything that a pull found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What was pulled.
    pub reference: ReportReference,
    /// `failed` if any object failed; `verified` only if all that the pull asked for were; else `unchecked`.
    pub verdict: &'static str,
    /// The tree of objects.
    pub root: ReportNode,
    /// The requests, in the order in which they were sent.
    pub requests: Vec<ReportRequest>,
    /// What kept the pull from being one, if anything did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ReportProblem>,
}

/// A reference, taken apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportReference {
    /// The normalised domain: `docker.io`.
    pub registry: String,
    /// The path: `library/hello-world`.
    pub repository: String,
    /// The tag, if it was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The digest, if it was stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The whole, with `:latest` where neither was stated.
    pub canonical: String,
}

/// One object.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportNode {
    /// The digest that names it; empty for a root that could not be resolved.
    pub digest: String,
    /// The media type that the descriptor states; empty where none is.
    pub media_type: String,
    /// The size that the descriptor states, in bytes; for a root, the bytes read.
    #[serde(serialize_with = "exact")]
    pub size: u64,
    /// `index`, `manifest`, `config`, `layer`, `blob` or `unknown`.
    pub kind: &'static str,
    /// `os/architecture/variant`, where the index states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Whether the pull asked for it; the manifests of other platforms are not asked for.
    pub wanted: bool,
    /// `verified`, `failed` or `unchecked`.
    pub verdict: &'static str,
    /// What the checks found.
    pub findings: Vec<ReportFinding>,
    /// The requests that fetched it, as places in the report's list.
    pub requests: Vec<usize>,
    /// What a layer unpacked to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpacked: Option<ReportUnpacked>,
    /// What it names.
    pub children: Vec<ReportNode>,
}

/// What a layer unpacked to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportUnpacked {
    /// `uncompressed`, `gzip` or `zstd`.
    pub compression: &'static str,
    /// The bytes of the tar.
    #[serde(serialize_with = "exact")]
    pub size: u64,
    /// How many entries the tar has.
    #[serde(serialize_with = "exact")]
    pub entries: u64,
    /// The digest of the tar; absent where it did not come to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff_id: Option<String>,
    /// The entries, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<ReportFile>>,
}

/// One entry of a layer's tar.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportFile {
    /// As written in the tar; bytes that are no UTF-8 stand as `\xNN`.
    pub path: String,
    /// `file`, `directory`, `symbolic link` and so on.
    pub kind: &'static str,
    /// The permission bits.
    pub mode: u32,
    /// The owner's number.
    #[serde(serialize_with = "exact_signed")]
    pub uid: i64,
    /// The group's number.
    #[serde(serialize_with = "exact_signed")]
    pub gid: i64,
    /// In bytes.
    #[serde(serialize_with = "exact")]
    pub size: u64,
    /// In seconds since 1970.
    #[serde(serialize_with = "exact_signed")]
    pub modified: i64,
    /// Where a link points to.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub link: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportFinding {
    /// The stable name.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
    /// What should have been.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportRequest {
    /// The method.
    pub method: &'static str,
    /// The address that was asked, without what may be secret in it.
    pub url: String,
    /// What it was for.
    pub role: &'static str,
    /// The status; `null` where it is not known.
    pub status: Option<u16>,
    /// From the first request's start to this one's, in milliseconds; `null` where it is not known.
    pub started_ms: Option<f64>,
    /// From the start to the head of the response, in milliseconds.
    pub wait_ms: Option<f64>,
    /// From the head to the end of the body, in milliseconds.
    pub receive_ms: Option<f64>,
    /// Bytes of the body that were read.
    #[serde(serialize_with = "exact")]
    pub bytes: u64,
    /// How large the memory of the worker had become that read it, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worker_memory: Option<u64>,
    /// Where it was sent on to, and how that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirected: Option<ReportRedirect>,
    /// The digest of the object that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// A redirect.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportRedirect {
    /// The address.
    pub to: String,
    /// `observed` where the response was seen, `inferred` where the browser followed it unseen.
    pub known: &'static str,
}

/// What kept a pull from being one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportProblem {
    /// `no-root` or `no-platform`.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}

impl Report {
    /// The report on a pull, as far as it has come.
    pub fn new<T: Transport>(pull: &Pull<T>) -> Report {
        Report::of(pull, false)
    }

    /// The same with the files of unpacked layers.
    pub fn with_files<T: Transport>(pull: &Pull<T>) -> Report {
        Report::of(pull, true)
    }

    fn of<T: Transport>(pull: &Pull<T>, files: bool) -> Report {
        let (graph, trace) = (pull.graph(), pull.trace());
        let problem = pull.problem();
        // A pull that lacks its image has verified nothing that was asked for, however sound the index.
        let verdict = match (graph.verdict(), &problem) {
            (verify::Verdict::Verified, Some(_)) => verify::Verdict::Unchecked,
            (verdict, _) => verdict,
        };
        Report {
            reference: ReportReference::from(pull.reference()),
            verdict: verdict.as_str(),
            root: ReportNode::new(&graph, NodeId(0), files),
            requests: trace.entries.iter().map(reporter(&trace)).collect(),
            problem: problem.as_ref().map(ReportProblem::from),
        }
    }
}

impl From<&Reference> for ReportReference {
    fn from(reference: &Reference) -> ReportReference {
        ReportReference {
            registry: reference.repository().registry().to_owned(),
            repository: reference.repository().path().to_owned(),
            tag: reference.tag().map(str::to_owned),
            digest: reference.digest().map(ToString::to_string),
            canonical: reference.canonical(),
        }
    }
}

impl From<&Problem> for ReportProblem {
    fn from(problem: &Problem) -> ReportProblem {
        ReportProblem { code: problem.code(), message: redact::text(&problem.to_string()) }
    }
}

impl From<&verify::Finding> for ReportFinding {
    fn from(finding: &verify::Finding) -> ReportFinding {
        let verify::Finding { code, message, expected, actual } = finding.clone();
        let shown = |text: String| redact::text(&text);
        ReportFinding {
            code: code.as_str(),
            message: shown(message),
            expected: expected.map(shown),
            actual: actual.map(shown),
        }
    }
}

impl ReportNode {
    /// One node with all below it. Depth is bounded: indexes nest a few levels only.
    pub fn new(graph: &Graph, id: NodeId, files: bool) -> ReportNode {
        let text = |value: Option<String>| value.unwrap_or_default();
        let node = graph.get(id);
        let verdict = node.map_or(verify::Verdict::Unchecked, |node| node.verdict());
        ReportNode {
            digest: text(node.and_then(|n| n.digest.as_ref()).map(ToString::to_string)),
            media_type: text(node.and_then(|n| n.media_type.as_ref()).map(ToString::to_string)),
            size: node.and_then(|n| n.size).unwrap_or_default(),
            kind: node.map_or("unknown", |n| n.kind.as_str()),
            platform: node.and_then(|n| n.platform.as_ref()).map(ToString::to_string),
            wanted: node.is_some_and(|n| n.wanted),
            verdict: verdict.as_str(),
            findings: node.map(|n| n.findings.iter().map(ReportFinding::from).collect()).unwrap_or_default(),
            requests: node.map(|n| n.requests.clone()).unwrap_or_default(),
            unpacked: node.and_then(|n| n.unpacked.as_ref()).map(|unpacked| ReportUnpacked {
                compression: unpacked.compression.unwrap_or(Compression::Plain).as_str(),
                size: unpacked.size,
                entries: unpacked.listing.count(),
                diff_id: unpacked.diff_id.as_ref().map(ToString::to_string),
                files: files.then(|| unpacked.listing.entries().into_iter().map(ReportFile::from).collect()),
            }),
            children: graph.children(id).map(|(child, _)| ReportNode::new(graph, child, files)).collect(),
        }
    }
}

impl From<Entry> for ReportFile {
    fn from(entry: Entry) -> ReportFile {
        let Entry { path, kind, mode, uid, gid, size, modified, link, .. } = entry;
        let (path, link) = (shown(&path), shown(&link));
        ReportFile { path, kind: kind.as_str(), mode, uid, gid, size, modified, link }
    }
}

/// How one entry is reported.
fn reporter(trace: &Trace) -> impl Fn(&trace::Entry) -> ReportRequest {
    let origin = trace.entries.iter().filter_map(|e| e.timings.started).reduce(f64::min);
    move |entry| ReportRequest {
        method: entry.method.as_str(),
        url: redact::url(&entry.url).to_string(),
        role: entry.purpose.role.as_str(),
        status: entry.status(),
        started_ms: entry.timings.started.zip(origin).map(|(started, origin)| started - origin),
        wait_ms: entry.timings.wait,
        receive_ms: entry.timings.receive,
        bytes: entry.read,
        worker_memory: entry.memory,
        redirected: entry.redirect().map(|redirect| ReportRedirect {
            to: redact::url(redirect.target()).to_string(),
            known: redirect.as_str(),
        }),
        digest: entry.purpose.digest.as_ref().map(ToString::to_string),
    }
}

/// One request of a trace, for those who follow a pull while it runs.
pub fn request(trace: &Trace, entry: usize) -> Option<ReportRequest> {
    trace.entries.get(entry).map(reporter(trace))
}

/// The largest number up to which JavaScript tells each from the next: `Number.MAX_SAFE_INTEGER`.
const MAX_EXACT: u64 = (1 << 53) - 1;

/// Writes a number, as text where JavaScript's numbers cannot hold it.
pub fn exact<S: Serializer>(value: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    if *value <= MAX_EXACT { serializer.serialize_u64(*value) } else { serializer.collect_str(value) }
}

/// The same for a number that may be lacking.
pub fn exact_if_any<S: Serializer>(value: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => exact(value, serializer),
        None => serializer.serialize_none(),
    }
}

/// The same for a number that may be below zero.
fn exact_signed<S: Serializer>(value: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.unsigned_abs() <= MAX_EXACT {
        serializer.serialize_i64(*value)
    } else {
        serializer.collect_str(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_javascript_cannot_hold_are_texts() {
        let file = |uid, size, modified| {
            let (path, link) = Default::default();
            ReportFile { path, kind: "file", mode: 0, uid, gid: 0, size, modified, link }
        };
        for (uid, modified, written) in [
            (
                MAX_EXACT as i64,
                -(MAX_EXACT as i64),
                r#""uid":9007199254740991,"gid":0,"size":0,"modified":-9007199254740991"#,
            ),
            (
                1 << 53,
                -(1 << 53),
                r#""uid":"9007199254740992","gid":0,"size":0,"modified":"-9007199254740992""#,
            ),
            (
                i64::MAX,
                i64::MIN,
                r#""uid":"9223372036854775807","gid":0,"size":0,"modified":"-9223372036854775808""#,
            ),
            (0, i64::MAX, r#""uid":0,"gid":0,"size":0,"modified":"9223372036854775807""#),
        ] {
            let text = serde_json::to_string(&file(uid, 0, modified)).unwrap();
            assert!(text.contains(written), "{text}");
        }
        let text = serde_json::to_string(&file(0, u64::MAX, 0)).unwrap();
        assert!(text.contains(r#""size":"18446744073709551615""#), "{text}");
    }
}
