//! What the doctor found: the cause in words, the proof, what the registry needs, and what mends it.

use super::Scene;
use super::badge::Tone;
use super::remedy::{NO_REDIRECT, Remedy, remedies};
use crate::doctor::{Cause, Diagnosis, Observed, Probe, Sight};
use crate::redact;
use crate::trace::{Entry, State};

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

/// One thing that a page needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The header or the method.
    pub name: &'static str,
    /// What it is needed for.
    pub what_for: &'static str,
    /// `there`, `missing`, `not there` or `not tried`.
    pub word: &'static str,
    /// How that is marked.
    pub tone: Tone,
}

impl Doctor {
    /// The panel, once there is a diagnosis.
    pub fn of(scene: &Scene<'_>) -> Option<Doctor> {
        let Diagnosis { cause, observed, evidence, here } = scene.diagnosis?;
        let front = scene.front.unwrap_or_default();
        let rows = evidence.iter().filter_map(|entry| Some((*entry, scene.trace.entries.get(*entry)?)));
        let rows =
            rows.map(|(at, entry)| Evidence { entry: at, asks: entry.purpose.asks, outcome: outcome(entry) });
        let mends = !matches!(
            cause,
            Cause::Works
                | Cause::Unreachable
                | Cause::MixedContent
                | Cause::LocalNetwork
                | Cause::HeadRefused
        );
        let blob = scene.trace.entries.iter().rev().find(|entry| entry.url.path().contains("/blobs/"));
        Some(Doctor {
            code: cause.code(),
            tone: match cause {
                Cause::Works => Tone::Verified,
                Cause::HeadRefused | Cause::NotExposed => Tone::Unchecked,
                _ => Tone::Failed,
            },
            title: title(*cause).to_owned(),
            words: words(*cause, observed, front, &here.origin),
            evidence: rows.collect(),
            needs: needs(*cause, observed),
            check: check(*cause, front, &here.origin, blob),
            remedies: match cause {
                Cause::RedirectWithoutCors => std::iter::once(Remedy {
                    name: "CNCF distribution, without redirects",
                    note: "In its config.yml: it then sends blobs by itself, and no other host has to be told anything.",
                    text: NO_REDIRECT.to_owned(),
                })
                .chain(remedies(&here.origin))
                .collect(),
                _ if mends => remedies(&here.origin),
                _ => Vec::new(),
            },
        })
    }
}

/// A cause in a line.
pub fn title(cause: Cause) -> &'static str {
    match cause {
        Cause::MixedContent => "A page served over HTTPS may not ask a registry without TLS",
        Cause::LocalNetwork => "The browser does not let this page reach the local network",
        Cause::Unreachable => "Nothing there answers this browser",
        Cause::NoAllowOrigin => "The registry answers, but does not let this page read the answer",
        Cause::PreflightRefused { .. } => "The registry refuses the browser's preflight request",
        Cause::AuthorizationNotAllowed => "The registry does not let a page send Authorization",
        Cause::Wildcard => "The registry allows every header but Authorization",
        Cause::AcceptNotAllowed => "The registry does not let a page send Accept",
        Cause::NoAllowOriginOnBlobs => "The registry lets this page read all but blobs",
        Cause::RedirectWithoutCors => "Blobs are redirected to a host that does not let this page read them",
        Cause::HeadRefused => "The registry refuses HEAD",
        Cause::NotExposed => "The registry can be read, but hides a header that is needed",
        Cause::Works => "The registry can be read from this page",
    }
}

/// What a cause means for a registry at `front` and a page at `origin`; a sentence or two each.
pub fn words(cause: Cause, observed: &Observed, front: &str, origin: &str) -> Vec<String> {
    let lines: Vec<String> = match cause {
        Cause::MixedContent => vec![
            format!(
                "This page is {origin}, and {front} has no TLS. Browsers allow that only for this machine, and some for \
                 the local network once you agree."
            ),
            "Give the registry a certificate, or open this page from a server without TLS in the same network.".into(),
        ],
        Cause::LocalNetwork => vec![
            "A page from the internet may reach this machine and the local network only if you allow it.".into(),
            "Allow it in the settings that the browser has for this page, next to its address; then try again.".into(),
        ],
        Cause::Unreachable => {
            let has_tls = front.starts_with("https:");
            let untrusted = if has_tls { "the certificate may not be trusted, " } else { "" };
            let next = if has_tls {
                format!("If the certificate is the registry's own, open {front}/v2/ in a tab, accept it, and try again.")
            } else {
                "See whether the registry is running, and whether it listens on that port; then try again.".into()
            };
            vec![
                format!(
                    "Not even a request without CORS was answered. The name may not resolve, nothing may listen there, \
                     {untrusted}or an extension, a proxy or a permission of the browser may be in the way. A page cannot \
                     tell these apart; the command below can."
                ),
                next,
            ]
        }
        Cause::NoAllowOrigin => vec![
            format!(
                "The same address answers a request without CORS, so name, connection and certificate are fine. The answer has \
                 no Access-Control-Allow-Origin, or one that is not {origin}: a page cannot tell these apart; the command \
                 below can."
            ),
        ],
        Cause::PreflightRefused { wants_sign_in } => {
            let cause = if wants_sign_in {
                "A simple GET is answered, with 401. Before a page may send Authorization, the browser asks with OPTIONS, \
                 which carries no credentials, and the answer to that has to be a success. Most likely it is 401 as well: \
                 CNCF distribution does that with authentication switched on (distribution#4458). The status itself is \
                 hidden from pages."
            } else {
                "A simple GET is answered. A request that the browser has to ask for first, by OPTIONS, is not: the \
                 answer to OPTIONS has to be a success. Its status is hidden from pages."
            };
            vec![cause.into(), "Let a proxy in front answer OPTIONS by itself, without authentication.".into()]
        }
        Cause::AuthorizationNotAllowed => vec![
            "The registry requires a sign-in, and Access-Control-Allow-Headers does not name Authorization.".into(),
        ],
        Cause::Wildcard => vec![
            "A made-up header may be sent, but Authorization may not: Access-Control-Allow-Headers is *, and \
             that does not stand for Authorization, which has to be named (Fetch standard, “CORS \
             non-wildcard request-header name”)."
                .into(),
        ],
        Cause::AcceptNotAllowed => vec![
            "The image was not found under the media types that a page may name without a preflight. All types together are longer \
             than 128 bytes, and Access-Control-Allow-Headers does not name Accept."
                .into(),
        ],
        Cause::NoAllowOriginOnBlobs => vec![
            "Manifests have Access-Control-Allow-Origin, and blobs do not. zot does that, whatever its setting.".into(),
        ],
        Cause::RedirectWithoutCors => vec![
            "The registry redirects blobs to another host, as it does with a cloud's storage behind it. That host has to \
             send Access-Control-Allow-Origin too; the browser sends it “Origin: null”, so only * will do."
                .into(),
            "Or let the registry send blobs by itself.".into(),
        ],
        Cause::HeadRefused => vec!["Tags are asked for by GET instead. Nothing is lost but a request.".into()],
        Cause::NotExposed => {
            let digest = (observed.digest == Sight::Hidden).then_some(
                "Docker-Content-Digest is hidden: what the registry says of a tag is not known, only what it sends. \
                 Every digest is still computed.",
            );
            let challenge = (observed.challenge == Sight::Hidden).then_some(
                "WWW-Authenticate is hidden, or was not sent: the page cannot learn where to ask for a token. A token \
                 server can be typed in.",
            );
            digest.into_iter().chain(challenge).map(str::to_owned).collect()
        }
        Cause::Works if observed.wants_sign_in() => vec![
            "It requires a sign-in, and nothing stands in the way of that. What an image needs is checked after it.".into(),
        ],
        Cause::Works => vec!["Nothing stands between it and this page.".into()],
    };
    lines
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

/// What a page needs of a registry, and what was seen of it.
pub fn needs(cause: Cause, seen: &Observed) -> Vec<Need> {
    let sent = |probe: Probe| match probe {
        Probe::NotTried => None,
        Probe::Refused => Some(false),
        Probe::Opaque | Probe::Answered(_) => Some(true),
    };
    let seen_header = |sight: Sight| match sight {
        Sight::Unknown => None,
        Sight::Seen => Some(true),
        Sight::Hidden => Some(false),
    };
    let head = match seen.head {
        Probe::Answered(405 | 501 | 403) | Probe::Refused => Some(false),
        Probe::NotTried => None,
        _ => Some(true),
    };
    let asks_first = [seen.authorization, seen.accept, seen.made_up, seen.preflight];
    let options = if asks_first.iter().any(|probe| sent(*probe) == Some(true)) {
        Some(true)
    } else {
        sent(seen.preflight)
    };
    // Where the redirect could be had, it is the other host's answer that is refused.
    let blob = if seen.unfollowed == Probe::Opaque { Some(true) } else { sent(seen.blob) };
    let redirect = if seen.unfollowed == Probe::Opaque { Some(false) } else { None };
    let is_private = seen.wants_sign_in();
    [
        ("Access-Control-Allow-Origin", "to read any answer at all", sent(seen.read), true),
        ("Access-Control-Allow-Origin on blobs", "to read configs and layers", blob, true),
        (
            "the same where blobs are redirected to",
            "to read what a store sends",
            redirect,
            redirect.is_some(),
        ),
        ("OPTIONS, answered with success", "to be asked first, before a sign-in", options, is_private),
        ("Access-Control-Allow-Headers: Authorization", "to sign in", sent(seen.authorization), is_private),
        (
            "Access-Control-Allow-Headers: Accept",
            "to ask for all types at once, where one after the other is not enough",
            sent(seen.accept),
            cause == Cause::AcceptNotAllowed,
        ),
        ("HEAD", "to ask what a tag points to without fetching it", head, false),
        (
            "Access-Control-Expose-Headers: Docker-Content-Digest",
            "to compare the registry's own word with the bytes",
            seen_header(seen.digest),
            true,
        ),
        (
            "Access-Control-Expose-Headers: WWW-Authenticate",
            "to learn where to ask for a token",
            seen_header(seen.challenge),
            is_private,
        ),
    ]
    .into_iter()
    .map(|(name, what_for, is_there, is_needed)| {
        let (word, tone) = match (is_there, is_needed) {
            (Some(true), _) => ("there", Tone::Verified),
            (Some(false), true) => ("missing", Tone::Failed),
            (Some(false), false) => ("not there", Tone::Unchecked),
            (None, _) => ("not tried", Tone::Quiet),
        };
        Need { name, what_for, word, tone }
    })
    .collect()
}

/// The command that shows what the browser hides; `blob` is the last request for one, if there was any.
pub fn check(cause: Cause, front: &str, origin: &str, blob: Option<&Entry>) -> Option<String> {
    let asked_by = format!("--header 'Origin: {origin}'");
    Some(match cause {
        Cause::Works | Cause::MixedContent | Cause::LocalNetwork => return None,
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

    #[test]
    fn a_certificate_is_spoken_of_where_there_may_be_one() {
        for (front, has_tls) in [("https://r.example", true), ("http://localhost:5000", false)] {
            let told = words(Cause::Unreachable, &Observed::default(), front, "https://page.example");
            assert_eq!(told.join(" ").contains("certificate"), has_tls, "{front}: {told:?}");
            assert_eq!(told.len(), 2, "{front}");
        }
    }
}
