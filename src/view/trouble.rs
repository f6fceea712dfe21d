//! What is said when a pull could not be one: what happened, why as far as it is known, and what to do.

use super::commands::{Command, without_browser};
use super::doctor::Doctor;
use super::remedy::{RELAY, Remedy, closed, relays};
use super::{MAX_PLATFORMS, Scene, distinct, words};
use crate::auth::{Door, known_realm};
use crate::image::Platform;
use crate::pull::Problem;
use crate::reference::Reference;
use crate::trace::{Entry, Role, State};
use crate::transport::TransportError;

/// One error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What happened.
    pub title: String,
    /// Why, as far as it is known.
    pub cause: String,
    /// What can be done; a sentence each.
    pub advice: Vec<String>,
    /// Platforms that can be had in place of the one that cannot.
    pub platforms: Vec<String>,
    /// What does the same without a browser.
    pub commands: Vec<Command>,
    /// Relays of one's own, for a registry that cannot be changed.
    pub relays: Vec<Remedy>,
    /// What the button says that tries it.
    pub again: &'static str,
    /// Whether it is the reference as it was typed that is at fault.
    pub is_typed: bool,
    /// The relay that the button agrees to, with its registry.
    pub agrees_to: Option<Door>,
}

impl Default for Trouble {
    fn default() -> Trouble {
        let (title, cause, advice, platforms) = Default::default();
        let (commands, relays) = Default::default();
        let (again, is_typed, agrees_to) = ("Try again", false, None);
        Trouble { title, cause, advice, platforms, commands, relays, again, is_typed, agrees_to }
    }
}

impl Trouble {
    /// The reference does not parse.
    pub fn reference(text: &str, cause: &str) -> Trouble {
        Trouble {
            title: "This is not an image reference".to_owned(),
            cause: format!("“{}”: {cause}.", words::redacted(text)),
            advice: vec![
                "A reference is registry/repository:tag or registry/repository@digest, \
                 for example localhost:5000/app:1. The repository is in lower case."
                    .to_owned(),
            ],
            is_typed: true,
            ..Trouble::default()
        }
    }

    /// The platform does not parse.
    pub fn platform(cause: &str) -> Trouble {
        Trouble {
            title: "This is not a platform".to_owned(),
            cause: format!("{cause}."),
            advice: vec!["For example linux/arm64/v8. Choose one from the list.".to_owned()],
            ..Trouble::default()
        }
    }

    /// The recording could not be had, or is none.
    pub fn recording(place: &str, cause: &str) -> Trouble {
        Trouble {
            title: "The recording cannot be replayed".to_owned(),
            cause: format!("{}: {}.", words::redacted(place), words::redacted(cause)),
            advice: vec![
                "A recording is a HAR 1.2 file. One on another server can be read only if that server \
                 allows it (Access-Control-Allow-Origin)."
                    .to_owned(),
            ],
            ..Trouble::default()
        }
    }

    /// The relay of the address is none.
    pub fn relay(text: &str, cause: &str) -> Trouble {
        Trouble {
            title: "This is not the address of a relay".to_owned(),
            cause: format!("“{}”: {cause}.", words::redacted(text)),
            advice: vec![format!("A relay is named by its origin, for example http://{RELAY}.")],
            ..Trouble::default()
        }
    }

    /// A link names a relay: said before anything goes through it.
    pub fn through_relay(door: Door) -> Trouble {
        let Door { registry, front } = &door;
        Trouble {
            title: "This link goes through a relay".to_owned(),
            cause: format!("It asks {front} in place of {registry}. Nothing was sent yet."),
            advice: vec![
                "A relay sees what is asked for, and whatever is sent to sign in. It can withhold an image, and say what \
                 it likes about a tag; it cannot alter what a digest names."
                    .to_owned(),
                "Go through it if it is yours, or if you trust whoever made it. Or remove it from the form, and the \
                 registry itself is asked."
                    .to_owned(),
            ],
            again: "Go through this relay",
            agrees_to: Some(door),
            ..Trouble::default()
        }
    }

    /// The registry is one of those of which it is known that no page may read them; said before it is asked. `origin`
    /// is that of the page.
    pub fn closed(reference: &Reference, origin: &str) -> Option<Trouble> {
        let repository = reference.repository();
        let name = closed(repository)?;
        let realm = known_realm(repository.api_host());
        let realm = realm.as_ref().map(|(url, service)| (url.as_str(), *service));
        Some(Trouble {
            title: format!("{name} cannot be read from a web page"),
            cause: format!(
                "{}: as far as is known, {name} sends no CORS headers, so browsers do not let pages read its answers. No \
                 request was sent.",
                reference.canonical()
            ),
            advice: vec![
                "Replay a recording: one of those above, or a HAR file of your own.".to_owned(),
                format!(
                    "Or run a relay of your own, with one of the files below, and add relay=http://{RELAY} to the \
                     address of this page."
                ),
                "Or run one of the commands below, outside the browser.".to_owned(),
            ],
            commands: without_browser(reference),
            relays: relays(repository.origin(), realm, origin),
            again: "Ask it anyway",
            ..Trouble::default()
        })
    }

    /// What kept a pull from being one.
    pub fn of(scene: &Scene<'_>) -> Option<Trouble> {
        match scene.problem? {
            Problem::NoPlatform { wanted, available } => Some(no_platform(wanted, available)),
            problem => Some(no_root(scene, &problem.to_string())),
        }
    }
}

/// So much of a name that somebody else chose stands in a title, in characters.
const MOST_OF_A_NAME: usize = 80;

fn no_platform(wanted: &Platform, available: &[Platform]) -> Trouble {
    let mut platforms = distinct(available.iter());
    let count = platforms.len();
    platforms.truncate(MAX_PLATFORMS);
    let (cause, advice) = match count {
        0 => (
            "The index names no platform at all.".to_owned(),
            vec![
                "The index is shown below: fetch one of its entries from the tree, or name one by its digest."
                    .to_owned(),
            ],
        ),
        _ => {
            let which = if count > MAX_PLATFORMS { "one of the first" } else { "one of them" };
            let advice = format!("Choose {which}. The index itself is shown below.");
            (format!("The index has {}.", words::count(count, "other platform")), vec![advice])
        }
    };
    Trouble {
        title: format!("There is no image for {}", words::visible(&wanted.to_string(), MOST_OF_A_NAME)),
        cause,
        advice,
        platforms,
        ..Trouble::default()
    }
}

fn no_root(scene: &Scene<'_>, cause: &str) -> Trouble {
    let is_asked_for = |entry: &&Entry| !matches!(entry.purpose.role, Role::Ping | Role::Token);
    let asked = || scene.trace.entries.iter().rev().filter(is_asked_for);
    // A server that fails does not answer the preflight of the last way of asking either: that it failed is what there is to say.
    let failed = || asked().find(|entry| matches!(outcome(entry), Outcome::Status(500..)));
    let last = asked().next();
    let last = last.filter(|last| !matches!(outcome(last), Outcome::NoAnswer)).or_else(failed).or(last);
    // Once the cause is known, there is nothing left to suppose.
    let explanation = Doctor::explanation(scene);
    let cause = explanation.as_deref().unwrap_or(cause);
    let silent = match scene.behind {
        Some(_) => "The relay gave no answer that this page may read",
        None => "The registry gave no answer that this page may read",
    };
    let (title, advice): (&str, &[&str]) = match last.map(outcome) {
        Some(Outcome::NoAnswer) => {
            (silent, &["The cause and the fix are given below, as far as a page can find them out."])
        }
        Some(Outcome::NotRecorded) => (
            "The recording does not hold this image",
            &["Choose the image that was recorded, or inspect the registry itself."],
        ),
        Some(Outcome::Status(401)) => (
            "The registry requires a sign-in",
            &[
                "Sign in below, if that is offered; or check the name: some registries give this answer for what they do not have.",
            ],
        ),
        Some(Outcome::Status(403)) => ("Access is denied", &["The registry does not give this to everyone."]),
        Some(Outcome::Status(404)) => (
            "The registry does not have this",
            &["Check the repository and the tag. Some registries give this answer for private images too."],
        ),
        Some(Outcome::Status(429)) => ("Too many requests", &["Wait a while, and try again."]),
        Some(Outcome::Status(500..)) => ("The registry failed", &["Try again later."]),
        _ => ("The image could not be fetched", &["The requests below show how far it went."]),
    };
    let said = scene.claimant.map(|claimant| format!(" So says {claimant}.")).unwrap_or_default();
    Trouble {
        title: title.to_owned(),
        cause: format!("{}: {}.{said}", scene.reference, words::redacted(cause).trim_end_matches('.')),
        advice: advice.iter().map(|line| (*line).to_owned()).collect(),
        ..Trouble::default()
    }
}

enum Outcome {
    NoAnswer,
    NotRecorded,
    Status(u16),
    Other,
}

fn outcome(entry: &Entry) -> Outcome {
    match (&entry.state, entry.status()) {
        (State::Failed { error: TransportError::NotRecorded, .. }, _) => Outcome::NotRecorded,
        (State::Failed { error: TransportError::NoResponse { .. }, .. }, _) => Outcome::NoAnswer,
        (_, Some(status)) => Outcome::Status(status),
        _ => Outcome::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::trace::Trace;
    use crate::view::samples::{entry, head, scene};

    #[test]
    fn a_pull_without_root_says_what_is_known() {
        let failed = |error| State::Failed { head: None, error };
        let silent =
            || failed(TransportError::NoResponse { detail: "x".into(), timings: Default::default() });
        let example = "https://r.example/v2/";
        for (url, state, title) in [
            (example, silent(), "The registry gave no answer that this page may read"),
            (example, failed(TransportError::NotRecorded), "The recording does not hold this image"),
            (example, State::Done(head(Some(401), &[])), "The registry requires a sign-in"),
            (example, State::Done(head(Some(404), &[])), "The registry does not have this"),
            (example, State::Done(head(Some(503), &[])), "The registry failed"),
            (example, State::Done(head(Some(200), &[])), "The image could not be fetched"),
        ] {
            let trace = Trace { entries: vec![Entry { state, ..entry(Role::Tag, url) }] };
            let (graph, problem) = (Graph::default(), Problem::NoRoot { cause: "because.".into() });
            let scene = Scene { problem: Some(&problem), ..scene(&graph, &trace) };
            let trouble = Trouble::of(&scene).unwrap();
            assert_eq!((trouble.title.as_str(), trouble.advice.is_empty()), (title, false));
            assert_eq!(trouble.cause, "registry.example/app:1: because.");
        }
    }

    #[test]
    fn a_server_that_fails_is_said_to_fail_whatever_came_of_the_preflight_after_that() {
        let silent = || State::Failed {
            head: None,
            error: TransportError::NoResponse { detail: "x".into(), timings: Default::default() },
        };
        for (status, title) in [
            (503, "The registry failed"),
            (404, "The registry gave no answer that this page may read"),
            (401, "The registry gave no answer that this page may read"),
        ] {
            let states = [State::Done(head(Some(status), &[])), silent()];
            let entries = states.map(|state| Entry { state, ..entry(Role::Tag, "https://r.example/v2/") });
            let trace = Trace { entries: entries.to_vec() };
            let (graph, problem) = (Graph::default(), Problem::NoRoot { cause: "because.".into() });
            let scene = Scene { problem: Some(&problem), ..scene(&graph, &trace) };
            assert_eq!(Trouble::of(&scene).unwrap().title, title, "{status}");
        }
    }

    #[test]
    fn a_missing_platform_offers_the_others_once() {
        let platform = |text: &str| text.parse::<Platform>().unwrap();
        let problem = Problem::NoPlatform {
            wanted: platform("plan9/mips"),
            available: ["linux/amd64", "linux/arm/v7", "linux/amd64"].map(platform).to_vec(),
        };
        let (graph, trace) = Default::default();
        let scene = Scene { problem: Some(&problem), ..scene(&graph, &trace) };
        let trouble = Trouble::of(&scene).unwrap();
        assert_eq!(trouble.title, "There is no image for plan9/mips");
        assert_eq!(trouble.platforms, ["linux/amd64", "linux/arm/v7"]);
        let problem = Problem::NoPlatform { wanted: platform("linux/amd64"), available: Vec::new() };
        let nothing = Trouble::of(&super::Scene { problem: Some(&problem), ..scene }).unwrap();
        assert_eq!((nothing.platforms.is_empty(), nothing.advice.len()), (true, 1), "there is a way on");
        assert_eq!(Trouble::of(&super::Scene { problem: None, ..scene }), None);
    }
}
