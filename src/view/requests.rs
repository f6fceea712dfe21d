//! The table of requests: a row for each, in the order in which they were sent.

mod outcome;

use super::badge::{Badge, Tone};
use super::filter::Filter;
use super::sort::Sort;
use super::{Scene, waterfall, words};
use crate::graph::NodeId;
use crate::http::{Method, Url};
use crate::media_type::MediaType;
use crate::redact;
use crate::trace::{Entry, Redirect, Role, State};

use outcome::outcome;
pub use outcome::{Outcome, OutcomeTone, redirect_sentence};

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestRow {
    /// The entry's number in the trace.
    pub id: usize,
    /// The number that is shown, counted from 1.
    pub number: String,
    /// Whether it follows a redirect that was seen.
    pub follows: bool,
    /// What it is for: `resolve tag`, `layer 2 of 3`.
    pub purpose: String,
    /// The method.
    pub method: &'static str,
    /// The host, where it is not the registry's; and the registry's, where a relay was asked in its place.
    pub host: Option<String>,
    /// The path, shortened.
    pub path: String,
    /// The whole address as it may be shown.
    pub url: String,
    /// The status in the contract's form: empty where it is not known.
    pub status: String,
    /// The status as it is shown.
    pub outcome: Outcome,
    /// The media type of the answer, in a few words.
    pub kind: String,
    /// How much was read.
    pub size: String,
    /// How long it took.
    pub time: String,
    /// The role in the contract's word.
    pub role: &'static str,
    /// The digest that was asked for; empty where there is none.
    pub digest: String,
    /// The object that it fetched.
    pub object: Option<NodeId>,
    /// The verdict on that object, on the request that brought its bytes.
    pub badge: Option<Badge>,
}

/// The rows of a scene. Each is put into words when it is asked for: of thousands, few are ever seen.
pub struct Rows<'a> {
    scene: &'a Scene<'a>,
    /// For each request, the object that it fetched.
    brought: Vec<Option<NodeId>>,
}

impl<'a> Rows<'a> {
    /// The rows of this scene.
    pub fn of(scene: &'a Scene<'a>) -> Rows<'a> {
        let mut brought = vec![None; scene.trace.entries.len()];
        for (id, node) in scene.graph.iter() {
            for request in &node.requests {
                // The first object that a request fetched counts.
                if let Some(object) = brought.get_mut(*request) {
                    *object = object.or(Some(id));
                }
            }
        }
        Rows { scene, brought }
    }

    /// The row of an entry of the trace.
    pub fn row(&self, id: usize) -> Option<RequestRow> {
        let entry = self.scene.trace.entries.get(id)?;
        Some(row(self.scene, id, entry, self.brought.get(id).copied().flatten()))
    }

    /// The entries that fit a filter, in the order of a column.
    pub fn found(&self, filter: &Filter, sort: Sort) -> Vec<usize> {
        let fits = |id: &usize| {
            filter.terms.is_empty() || self.row(*id).is_some_and(|row| filter.fits(self.scene, &row))
        };
        sort.order(self, (0..self.brought.len()).filter(fits).collect())
    }

    /// The scene that they are of.
    pub(super) fn scene(&self) -> &Scene<'a> {
        self.scene
    }
}

fn row(scene: &Scene<'_>, id: usize, entry: &Entry, object: Option<NodeId>) -> RequestRow {
    // A redirect names its host in what it is for.
    let elsewhere = scene.host() != Some(entry.url.host()) && entry.purpose.role != Role::Redirect;
    let own = elsewhere.then(|| entry.url.host().to_owned());
    RequestRow {
        id,
        number: (id + 1).to_string(),
        follows: entry.redirected_from.is_some(),
        purpose: if entry.again && entry.redirected_from.is_none() {
            purpose(entry) + ", again"
        } else {
            purpose(entry)
        },
        method: entry.method.as_str(),
        host: scene.relayed(entry).map(|url| format!("for {}", url.host())).or(own),
        path: match entry.redirect() {
            Some(Redirect::Inferred(url)) => format!("{} → {}", short_path(&entry.url), url.host()),
            _ => short_path(&entry.url),
        },
        url: redact::url(&entry.url).to_string(),
        status: entry.status().map(|status| status.to_string()).unwrap_or_default(),
        outcome: outcome(entry),
        kind: kind(entry),
        size: match (entry.method, &entry.state) {
            (Method::Head, _) | (_, State::Waiting | State::Failed { head: None, .. }) => "–".into(),
            _ => words::bytes(entry.read),
        },
        time: waterfall::total(&entry.timings).map_or_else(|| "–".into(), words::duration),
        role: entry.purpose.role.as_str(),
        digest: entry.purpose.digest.as_ref().map(ToString::to_string).unwrap_or_default(),
        object,
        badge: badge(scene, entry, object),
    }
}

/// What a request is for, in words.
pub(super) fn purpose(entry: &Entry) -> String {
    let what: String = match (entry.purpose.role, entry.purpose.ordinal) {
        (Role::Ping, _) => format!("probe: {}", entry.purpose.asks),
        (Role::Token, _) => "token".into(),
        (Role::Tag, _) => "resolve tag".into(),
        (Role::Index, _) => "index".into(),
        (Role::Manifest, _) => "manifest".into(),
        (Role::Config, _) => "config".into(),
        (Role::Layer, Some((number, of))) => format!("layer {number} of {of}"),
        (Role::Layer, None) => "layer".into(),
        (Role::Redirect, _) => format!("redirect to {}", entry.url.host()),
        (Role::Other, Some((page, _))) => format!("{}, page {page}", entry.purpose.asks),
        _ => "other".into(),
    };
    match entry.purpose.from {
        0 => what,
        from => format!("{what}, from byte {}", words::grouped(from)),
    }
}

/// The path with digests shortened and what goes without saying left out: `…/manifests/sha256:975f4b14…`.
pub(super) fn short_path(url: &Url) -> String {
    let segments: Vec<String> = url.path().split('/').skip(1).map(short_segment).collect();
    let tail = segments.get(segments.len().saturating_sub(2)..).unwrap_or_default().join("/");
    if segments.len() > 2 { format!("…/{tail}") } else { format!("/{tail}") }
}

/// Long hexadecimal becomes its first eight digits.
fn short_segment(segment: &str) -> String {
    let (algorithm, hex) = segment.split_once(':').map_or(("", segment), |(name, hex)| (name, hex));
    let is_digest = hex.len() >= 32 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    match hex.get(..8).filter(|_| is_digest) {
        Some(head) if algorithm.is_empty() => format!("{head}…"),
        Some(head) => format!("{algorithm}:{head}…"),
        None => segment.to_owned(),
    }
}

/// The media type of an answer.
fn kind(entry: &Entry) -> String {
    let stated = entry.head().and_then(|head| head.headers.get("content-type").value());
    let bare = stated.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    match bare {
        "" => String::new(),
        "application/octet-stream" => "bytes".to_owned(),
        bare => words::media_type(&MediaType::parse(bare)),
    }
}

pub(super) fn badge(scene: &Scene<'_>, entry: &Entry, object: Option<NodeId>) -> Option<Badge> {
    if matches!(entry.redirect(), Some(Redirect::Observed(_))) {
        return None;
    }
    if entry.purpose.role == Role::Tag {
        let answered = entry.status().is_some_and(|status| status < 300);
        return answered.then(|| Badge::new(Tone::Quiet, "a claim"));
    }
    if matches!(entry.purpose.role, Role::Token | Role::Ping) {
        return None;
    }
    object.and_then(|id| scene.graph.get(id)).map(|node| Badge::of(scene, node))
}

/// All rows.
#[cfg(test)]
pub(super) fn rows(scene: &Scene<'_>) -> Vec<RequestRow> {
    let rows = Rows::of(scene);
    rows.found(&Filter::default(), Sort::default()).into_iter().filter_map(|id| rows.row(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Headers, ResponseHead, Visibility};
    use crate::trace::Trace;
    use crate::view::samples::{at, entry, head, image, scene};

    const HEX: &str = "feb5d9fea6a5e9606aa995e879d862b825965ba48de054caab5ef356dc6b3412";

    #[test]
    fn paths_are_short() {
        for (path, expected) in [
            ("/v2/library/hello-world/manifests/latest".to_owned(), "…/manifests/latest"),
            (format!("/v2/a/blobs/sha256:{HEX}"), "…/blobs/sha256:feb5d9fe…"),
            (
                format!("/registry-v2/docker/registry/v2/blobs/sha256/fe/{HEX}/data?verify=1"),
                "…/feb5d9fe…/data",
            ),
            ("/v2/".to_owned(), "/v2/"),
            (String::new(), "/"),
        ] {
            let url = format!("https://registry.example{path}").parse().unwrap();
            assert_eq!(short_path(&url), expected);
        }
    }

    #[test]
    fn a_row_speaks_of_the_object_that_it_brought() {
        let mut graph = image(0);
        let mut tag = entry(Role::Tag, "https://r.example/v2/app/manifests/1");
        tag.method = Method::Head;
        tag.state = State::Done(head(Some(200), &[]));
        let mut moved = entry(Role::Layer, "https://r.example/v2/app/blobs/sha256:x");
        moved.state = State::Done(head(Some(307), &[("location", "https://cdn.example/x")]));
        moved.purpose.ordinal = Some((2, 3));
        let mut hop = entry(Role::Redirect, "https://cdn.example/x");
        hop.state = State::Done(ResponseHead {
            headers: Headers::new(Vec::new(), Visibility::NotRecorded),
            ..head(None, &[])
        });
        hop.redirected_from = Some(1);
        hop.read = 2_479;
        graph.get_mut(at(0)).unwrap().requests = vec![0];
        graph.get_mut(at(3)).unwrap().requests = vec![1, 2];
        let trace = Trace { entries: vec![tag, moved, hop] };
        let rows = rows(&scene(&graph, &trace));
        let words: Vec<_> = rows.iter().map(|row| (row.purpose.as_str(), row.size.as_str())).collect();
        assert_eq!(
            words,
            [("resolve tag", "–"), ("layer 2 of 3", "0 B"), ("redirect to cdn.example", "2,479 B")]
        );
        let badges: Vec<_> =
            rows.iter().map(|row| row.badge.as_ref().map(|badge| badge.word.as_str())).collect();
        assert_eq!(badges, [Some("a claim"), None, Some("verified")]);
        assert_eq!(rows[2].host, None, "it stands in the purpose");
        assert_eq!((rows[1].host.as_deref(), rows[2].follows, rows[2].object), (None, true, Some(at(3))));
        assert_eq!((rows[0].status.as_str(), rows[2].status.as_str()), ("200", ""));
    }

    #[test]
    fn a_relay_does_not_hide_whom_it_asks() {
        let graph = image(0);
        let asked = |url: &str| entry(Role::Layer, url);
        let trace =
            Trace { entries: vec![asked("http://127.0.0.1:5080/v2/a"), asked("https://cdn.example/x")] };
        let (front, behind) = (Some("http://127.0.0.1:5080"), Some("https://closed.example"));
        let rows = rows(&Scene { front, behind, ..scene(&graph, &trace) });
        let hosts: Vec<_> = rows.iter().map(|row| row.host.as_deref()).collect();
        assert_eq!(hosts, [Some("for closed.example"), Some("cdn.example")]);
    }
}
