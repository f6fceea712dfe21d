//! What the doctor found: the cause in words, the proof, what the registry needs, and what mends it.

mod needs;
mod told;

use super::Scene;
use super::badge::Tone;
use super::remedy::{NO_REDIRECT, Remedy, from_this_machine, relays, remedies, without_tls};
use crate::doctor::{Cause, Diagnosis, Surroundings};
use crate::redact;
use crate::trace::{Entry, State};

pub use needs::{Need, needs};
pub use told::{Parties, steps, title, words};

/// The doctor's panel.
#[derive(Debug, Clone, PartialEq)]
pub struct Doctor {
    /// The stable name of the cause.
    pub code: &'static str,
    /// How it is marked.
    pub tone: Tone,
    /// The cause in a line.
    pub title: String,
    /// What it means; a sentence or two each.
    pub words: Vec<String>,
    /// The probes, in order.
    pub evidence: Vec<Evidence>,
    /// What a page needs of a registry, and whether it is there.
    pub needs: Vec<Need>,
    /// The command that tells more than a page can see.
    pub check: Option<String>,
    /// What to do about it; a sentence or two each.
    pub steps: Vec<String>,
    /// What can be written into the configuration.
    pub remedies: Vec<Remedy>,
}

/// One probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The number of its request in the trace, counted from 0.
    pub entry: usize,
    /// What it asked.
    pub asks: &'static str,
    /// What came of it.
    pub outcome: String,
}

impl Doctor {
    /// The panel, once there is a diagnosis.
    pub fn of(scene: &Scene<'_>) -> Option<Doctor> {
        let Diagnosis { cause, observed, evidence, here } = scene.diagnosis?;
        let cause = *cause;
        let parties = Parties::of(scene, here);
        let rows = evidence.iter().filter_map(|entry| Some((*entry, scene.trace.entries.get(*entry)?)));
        let rows =
            rows.map(|(at, entry)| Evidence { entry: at, asks: entry.purpose.asks, outcome: outcome(entry) });
        let blob = scene.trace.entries.iter().rev().find(|entry| entry.url.path().contains("/blobs/"));
        let needs = needs(cause, observed);
        Some(Doctor {
            code: cause.code(),
            tone: match cause {
                Cause::Works => Tone::Verified,
                Cause::WorkersRefused | Cause::HeadRefused | Cause::NotExposed => Tone::Unchecked,
                _ => Tone::Failed,
            },
            title: title(cause, &parties),
            words: words(cause, observed, &parties),
            evidence: rows.collect(),
            // Where nothing could be tried, nothing is known of any of them.
            needs: if needs.iter().all(|need| need.tone == Tone::Quiet) { Vec::new() } else { needs },
            check: check(cause, parties.front, parties.origin, blob),
            steps: steps(cause, &parties),
            remedies: mends(cause, scene, &parties),
        })
    }

    /// The cause in a line, where it is one that explains why there was no answer: then no other is to be supposed.
    pub fn explanation(scene: &Scene<'_>) -> Option<String> {
        let Diagnosis { cause, here, .. } = scene.diagnosis?;
        cause.explains_silence().then(|| title(*cause, &Parties::of(scene, here)))
    }
}

impl<'a> Parties<'a> {
    fn of(scene: &Scene<'a>, here: &'a Surroundings) -> Parties<'a> {
        let front = scene.front.unwrap_or_default();
        Parties { front, is_relay: scene.behind.is_some(), origin: &here.origin }
    }
}

/// What can be written into the configuration of who was asked, or be started beside it.
fn mends(cause: Cause, scene: &Scene<'_>, parties: &Parties<'_>) -> Vec<Remedy> {
    let headers = || match scene.behind {
        Some(registry) => relays(registry, None, parties.origin),
        None => remedies(parties.origin),
    };
    match cause {
        Cause::Works | Cause::Unreachable | Cause::WorkersRefused | Cause::HeadRefused => Vec::new(),
        Cause::MixedContent => without_tls(parties.front, parties.is_relay, parties.origin),
        Cause::LocalNetwork => vec![from_this_machine()],
        Cause::RedirectWithoutCors if scene.behind.is_none() => std::iter::once(Remedy {
            name: "CNCF distribution, without redirects",
            note: "In its config.yml: it then sends blobs by itself, and no other host has to be told anything.",
            text: NO_REDIRECT.to_owned(),
        })
        .chain(headers())
        .collect(),
        _ => headers(),
    }
}

fn outcome(entry: &Entry) -> String {
    match (&entry.state, entry.status()) {
        (State::Failed { .. }, _) => "no answer that a page may see".to_owned(),
        (_, Some(status)) => format!("yes, answered {status}"),
        (State::Done(_) | State::Receiving(_), None) if entry.purpose.asks.contains("redirected") => {
            "redirected: the registry's own answer is fine".to_owned()
        }
        (State::Done(_) | State::Receiving(_), None) => "yes, though a page may not look into it".to_owned(),
        (State::Waiting, _) => "waiting".to_owned(),
    }
}

/// The command that shows what the browser hides; `blob` is the last request for one, if there was any.
pub fn check(cause: Cause, front: &str, origin: &str, blob: Option<&Entry>) -> Option<String> {
    let asked_by = format!("--header 'Origin: {origin}'");
    Some(match cause {
        Cause::Works | Cause::MixedContent | Cause::LocalNetwork | Cause::WorkersRefused => return None,
        Cause::HeadRefused => format!("curl --silent --head {asked_by} '{front}/v2/'"),
        Cause::Unreachable => format!("curl --verbose --output /dev/null '{front}/v2/'"),
        Cause::PreflightRefused { .. }
        | Cause::AuthorizationNotAllowed
        | Cause::Wildcard
        | Cause::AcceptNotAllowed => format!(
            "curl --silent --include --request OPTIONS {asked_by} --header 'Access-Control-Request-Method: GET' \
             --header 'Access-Control-Request-Headers: accept,authorization' '{front}/v2/'"
        ),
        Cause::NoAllowOriginOnBlobs | Cause::RedirectWithoutCors => {
            let line = redact::url(&blob?.url);
            format!("curl --silent --location --dump-header - --output /dev/null {asked_by} '{line}'")
        }
        _ => format!("curl --silent --include {asked_by} '{front}/v2/'"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Observed;
    use crate::graph::Graph;
    use crate::trace::Trace;
    use crate::view::samples::scene;

    fn told(cause: Cause, behind: Option<&str>) -> Doctor {
        let (graph, trace) = (Graph::default(), Trace::default());
        let here = Surroundings { origin: "https://page.example".into(), is_denied: false };
        let diagnosis = Diagnosis { cause, observed: Observed::default(), evidence: Vec::new(), here };
        let front = Some("http://r.example:5000");
        Doctor::of(&Scene { diagnosis: Some(&diagnosis), front, behind, ..scene(&graph, &trace) }).unwrap()
    }

    #[test]
    fn what_could_not_be_tried_is_not_listed() {
        let mixed = told(Cause::MixedContent, None);
        assert_eq!((mixed.evidence.len(), mixed.needs.len()), (0, 0));
        let names: Vec<&str> = mixed.remedies.iter().map(|remedy| remedy.name).collect();
        assert_eq!(names, ["A relay with TLS", "A tunnel to this machine", "This page, from this machine"]);
        let tunnel = mixed.remedies.get(1).map(|remedy| remedy.text.as_str());
        assert_eq!(tunnel, Some("ssh -N -L 5000:r.example:5000 user@host-in-that-network\n"));
    }

    #[test]
    fn what_a_relay_lacks_is_not_said_of_the_registry() {
        let mixed = told(Cause::MixedContent, Some("https://registry.example"));
        assert!(mixed.title.contains("a relay without TLS"), "{}", mixed.title);
        assert!(mixed.words.join(" ").contains("The registry itself was not asked"), "{:?}", mixed.words);
        let closed = told(Cause::NoAllowOrigin, Some("https://registry.example"));
        let names: Vec<&str> = closed.remedies.iter().map(|remedy| remedy.name).collect();
        assert_eq!(names, ["nginx, as a relay", "Caddy, as a relay"]);
    }
}
