//! What a page needs of a registry, and what was seen of it.

use crate::doctor::{Cause, Observed, Probe, Sight};
use crate::view::badge::Tone;

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
