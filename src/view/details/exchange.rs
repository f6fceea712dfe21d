//! One request of an object with its answer: what was sent, what came, and what could not be seen.

use crate::http::{Field, ResponseHead, Visibility};
use crate::redact;
use crate::trace::{Entry, State};
use crate::view::badge::Badge;
use crate::view::commands::{Command, commands};
use crate::view::{Scene, headers, hex, json, requests, waterfall, words};

/// A request and its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// The entry's number in the trace.
    pub id: usize,
    /// `#3 manifest`.
    pub title: String,
    /// `GET https://… 200`.
    pub line: String,
    /// The headers that were set.
    pub sent: Vec<Header>,
    /// What is to be said of them.
    pub sent_note: &'static str,
    /// The headers that could be seen.
    pub received: Vec<Header>,
    /// What could not be seen, and what else is to be said.
    pub notes: Vec<String>,
    /// What came, where it is not the object: a refusal, mostly.
    pub body: Option<String>,
    /// The verdict on what came.
    pub check: Option<Badge>,
    /// The same with other tools.
    pub commands: Vec<Command>,
}

/// A header as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value, or what stands in its place.
    pub value: String,
    /// What it says, where that is worth a word.
    pub note: Option<String>,
}

impl Exchange {
    /// The exchange of one entry.
    pub fn new(scene: &Scene<'_>, id: usize) -> Option<Exchange> {
        let entry = scene.trace.entries.get(id)?;
        let status = entry.status().map_or_else(|| "no status known".to_owned(), |s| s.to_string());
        let status = if matches!(entry.state, State::Waiting) { "no answer yet".to_owned() } else { status };
        let header = |(name, value): (&str, &str)| Header {
            name: name.to_owned(),
            value: words::header(name, value),
            note: headers::explained(name, words::begin(value, 4096), entry.purpose.digest.as_ref()),
        };
        let sent = entry.sent.iter().map(|(name, value)| header((name, value))).collect::<Vec<_>>();
        let received = entry.head().map(|head| head.headers.iter().map(header).collect::<Vec<_>>());
        let named_by = scene.graph.fetched_by(id).and_then(|object| scene.graph.get(object)?.parent);
        let image = named_by.and_then(|image| scene.graph.get(image)?.digest.as_ref());
        let followed =
            entry.redirect().map(|redirect| words::sentence(&requests::redirect_sentence(&redirect)));
        let relayed = scene.relayed(entry).map(|url| {
            format!("Sent to the relay {} in place of {}.", entry.url.origin(), redact::url(&url))
        });
        let hidden = entry.head().map(hidden).unwrap_or_default();
        let failure = match &entry.state {
            State::Failed { error, .. } => Some(words::sentence(&scene.told(&error.to_string()))),
            _ => None,
        };
        Some(Exchange {
            id,
            title: format!("#{} {}", id + 1, requests::purpose(entry)),
            line: format!("{} {} → {status}", entry.method, redact::url(&entry.url)),
            sent_note: match (scene.recorded, sent.is_empty()) {
                (true, _) => "As replayed now; the original request headers are not shown.",
                (false, true) => "No headers were set; those that the browser adds itself are not listed.",
                (false, false) => "",
            },
            sent,
            received: said_once(received.unwrap_or_default()),
            notes: failure
                .into_iter()
                .chain(relayed)
                .chain(followed)
                .chain(time(entry))
                .chain(hidden)
                .collect(),
            body: body(entry),
            check: requests::badge(scene, entry, scene.graph.fetched_by(id)),
            commands: commands(entry, image),
        })
    }
}

/// Leaves out what the next header says again.
fn said_once(mut headers: Vec<Header>) -> Vec<Header> {
    for at in 1..headers.len() {
        if let Some([one, next]) = headers.get_mut(at - 1..=at)
            && one.note == next.note
            && one.name.eq_ignore_ascii_case(&next.name)
        {
            one.note = None;
        }
    }
    headers
}

/// Why headers may be missing from the list, and what is lost by it.
fn hidden(head: &ResponseHead) -> Vec<String> {
    match head.headers.visibility() {
        Visibility::Complete => Vec::new(),
        Visibility::CorsFiltered => {
            let unseen =
                headers::WANTED.iter().filter(|(name, _)| head.headers.get(name) == Field::NotExposed);
            let unseen: Vec<String> = unseen.map(|(name, loss)| format!("{name} ({loss})")).collect();
            let mut note = "Headers that this page may not read are not listed: \
                 the registry must name them in Access-Control-Expose-Headers."
                .to_owned();
            if !unseen.is_empty() {
                note += &format!(" It may have sent: {}.", unseen.join("; "));
            }
            vec![note]
        }
        Visibility::NotRecorded => vec!["The recording does not hold the headers of this answer.".to_owned()],
    }
}

/// The body of an answer that is not what was asked for.
fn body(entry: &Entry) -> Option<String> {
    let refused = entry.status().is_some_and(|status| status >= 300) && !entry.begin.is_empty();
    refused.then(|| match std::str::from_utf8(&entry.begin) {
        Ok(text) => redact::text(&json::indented(text, 2).unwrap_or_else(|| text.to_owned())),
        Err(_) => hex::dump(&entry.begin),
    })
}

fn time(entry: &Entry) -> Option<String> {
    let total = waterfall::total(&entry.timings)?;
    let wait = entry.timings.wait.map(|wait| format!("{} to the response headers", words::duration(wait)));
    let receive = entry.timings.receive.map(|receive| format!("{} for the body", words::duration(receive)));
    let phases: Vec<String> = wait.into_iter().chain(receive).collect();
    let worker = entry
        .memory
        .map(|memory| format!(" Read and hashed in a worker, in {} of memory.", words::bytes(memory)));
    let took = format!("Took {}: {}.", words::duration(total), phases.join(", "));
    Some(took + &worker.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::http::{Headers, Timings};
    use crate::trace::{Role, Trace};
    use crate::view::samples::{entry, head, scene};

    fn exchange(entry: Entry) -> Exchange {
        let (graph, trace) = (Graph::default(), Trace { entries: vec![entry] });
        Exchange::new(&scene(&graph, &trace), 0).unwrap()
    }

    #[test]
    fn secrets_are_not_shown_and_hidden_headers_are_spoken_of() {
        let mut entry = entry(Role::Manifest, "https://r.example/v2/a/manifests/1?sig=secret");
        entry.sent = vec![("Authorization".into(), "Bearer secret".into()), ("Accept".into(), "*/*".into())];
        let list = vec![
            ("content-type".to_owned(), "text/plain".to_owned()),
            ("set-cookie".into(), "secret".into()),
        ];
        entry.state = State::Done(ResponseHead {
            headers: Headers::new(list, Visibility::CorsFiltered),
            ..head(Some(200), &[])
        });
        entry.timings = Timings { started: Some(0.0), wait: Some(12.0), receive: Some(3.0) };
        let exchange = exchange(entry);
        assert!(!format!("{exchange:?}").contains("secret"), "{exchange:?}");
        assert_eq!(exchange.title, "#1 manifest");
        assert_eq!(exchange.line, "GET https://r.example/v2/a/manifests/1?sig=REDACTED → 200");
        assert_eq!(exchange.received.len(), 2);
        assert!(exchange.notes[1].contains("Access-Control-Expose-Headers"));
        assert!(exchange.notes[1].contains("It may have sent: Docker-Content-Digest (without it,"));
        assert_eq!(exchange.notes[0], "Took 15 ms: 12 ms to the response headers, 3 ms for the body.");
    }

    #[test]
    fn what_a_repeated_header_means_is_said_once() {
        let mut entry = entry(Role::Manifest, "https://r.example/v2/a/manifests/1");
        let list = [("access-control-allow-methods", "GET"), ("Access-Control-Allow-Methods", "HEAD")];
        entry.state = State::Done(head(Some(200), &[list[0], list[1], ("cache-control", "max-age=1")]));
        let noted: Vec<bool> = exchange(entry).received.iter().map(|header| header.note.is_some()).collect();
        assert_eq!(noted, [false, true, true]);
    }

    #[test]
    fn a_refusal_is_shown_in_the_registrys_words() {
        let mut refused = entry(Role::Manifest, "https://r.example/v2/a/manifests/1");
        refused.state = State::Done(head(Some(404), &[("content-type", "application/json")]));
        refused.begin = b"{\"errors\":[]}".to_vec();
        assert_eq!(exchange(refused.clone()).body.as_deref(), Some("{\n  \"errors\": []\n}"));
        refused.begin = vec![0xff];
        assert!(exchange(refused.clone()).body.unwrap().starts_with("00000000  ff"));
        refused.state = State::Done(head(Some(200), &[]));
        assert_eq!(exchange(refused).body, None, "the object's own bytes are shown with it");
    }

    #[test]
    fn redirects_and_recordings_say_what_is_known() {
        let mut moved = entry(Role::Layer, "https://r.example/v2/a/blobs/x");
        moved.state = State::Done(head(Some(307), &[("location", "https://cdn.example/x?verify=1")]));
        assert_eq!(
            exchange(moved).notes,
            ["Observed: the answer redirects to https://cdn.example/x?verify=REDACTED."]
        );
        let mut unknown = entry(Role::Redirect, "https://cdn.example/x");
        let headers = Headers::new(Vec::new(), Visibility::NotRecorded);
        unknown.state = State::Done(ResponseHead { headers, ..head(None, &[]) });
        let unknown = exchange(unknown);
        assert_eq!(unknown.line, "GET https://cdn.example/x → no status known");
        assert_eq!(unknown.notes, ["The recording does not hold the headers of this answer."]);
        assert!(unknown.sent_note.starts_with("No headers were set"));
    }
}
