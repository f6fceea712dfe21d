//! What is said when a pull could not be one: what happened, why as far as it is known, and what to do.

use super::{MAX_PLATFORMS, Scene, distinct, words};
use crate::image::Platform;
use crate::pull::Problem;
use crate::trace::{Entry, State};
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
}

impl Trouble {
    /// The reference does not parse.
    pub fn reference(text: &str, cause: &str) -> Trouble {
        Trouble {
            title: "This is not an image reference".to_owned(),
            cause: format!("“{text}”: {cause}."),
            advice: vec![
                "A reference is registry/repository:tag or registry/repository@digest, \
                 for example localhost:5000/app:1. The repository is in lower case."
                    .to_owned(),
            ],
            platforms: Vec::new(),
        }
    }

    /// The platform does not parse.
    pub fn platform(cause: &str) -> Trouble {
        Trouble {
            title: "This is not a platform".to_owned(),
            cause: format!("{cause}."),
            advice: vec!["For example linux/arm64/v8. Choose one from the list.".to_owned()],
            platforms: Vec::new(),
        }
    }

    /// The recording could not be had, or is none.
    pub fn recording(place: &str, cause: &str) -> Trouble {
        Trouble {
            title: "The recording cannot be replayed".to_owned(),
            cause: format!("{place}: {cause}."),
            advice: vec![
                "A recording is a HAR 1.2 file. One on another server can be read only if that server \
                 allows it (Access-Control-Allow-Origin)."
                    .to_owned(),
            ],
            platforms: Vec::new(),
        }
    }

    /// What kept a pull from being one.
    pub fn of(scene: &Scene<'_>) -> Option<Trouble> {
        match scene.problem? {
            Problem::NoPlatform { wanted, available } => Some(no_platform(wanted, available)),
            problem => Some(no_root(scene, &problem.to_string())),
        }
    }
}

fn no_platform(wanted: &Platform, available: &[Platform]) -> Trouble {
    let mut platforms = distinct(available.iter());
    let count = platforms.len();
    platforms.truncate(MAX_PLATFORMS);
    let (cause, advice) = match count {
        0 => ("The index names no platform at all.".to_owned(), Vec::new()),
        _ => {
            let which = if count > MAX_PLATFORMS { "one of the first" } else { "one of them" };
            let advice = format!("Choose {which}. The index itself is shown below.");
            (format!("The index has {}.", words::count(count, "other platform")), vec![advice])
        }
    };
    Trouble { title: format!("There is no image for {wanted}"), cause, advice, platforms }
}

fn no_root(scene: &Scene<'_>, cause: &str) -> Trouble {
    let last = scene.trace.entries.last();
    let (title, advice): (&str, &[&str]) = match last.map(outcome) {
        Some(Outcome::NoAnswer) if scene.host() == Some("registry-1.docker.io") => (
            "Docker Hub cannot be read from a web page",
            &["Docker Hub sends no CORS headers, so browsers keep its answers from pages. \
                 Replay a recording, or put a proxy that adds the headers in front."],
        ),
        Some(Outcome::NoAnswer) => (
            "The registry gave no answer that this page may read",
            &[
                "To allow pages, the registry must send Access-Control-Allow-Origin, and name \
                 Docker-Content-Digest in Access-Control-Expose-Headers.",
                "From an https page, a registry on plain http can be reached only on this machine.",
            ],
        ),
        Some(Outcome::NotRecorded) => (
            "The recording does not hold this image",
            &["Choose the image that was recorded, or inspect the registry itself."],
        ),
        Some(Outcome::Status(401)) => (
            "The registry wants a sign-in",
            &["Only what can be pulled without an account can be inspected so far."],
        ),
        Some(Outcome::Status(403)) => {
            ("Access is denied", &["The registry does not hand this out to everyone."])
        }
        Some(Outcome::Status(404)) => (
            "The registry does not have this",
            &["Check the repository and the tag. Some registries say this also of what is private."],
        ),
        Some(Outcome::Status(429)) => ("Too many requests", &["Wait a while, and try again."]),
        Some(Outcome::Status(500..)) => ("The registry failed", &["Try again later."]),
        _ => ("The image cannot be had", &["The requests below show how far it went."]),
    };
    Trouble {
        title: title.to_owned(),
        cause: format!("{}: {}.", scene.reference, words::redacted(cause).trim_end_matches('.')),
        advice: advice.iter().map(|line| (*line).to_owned()).collect(),
        platforms: Vec::new(),
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
    use crate::trace::{Role, Trace};
    use crate::view::samples::{entry, head, scene};

    #[test]
    fn a_pull_without_root_says_what_is_known() {
        let failed = |error| State::Failed { head: None, error };
        let silent =
            || failed(TransportError::NoResponse { detail: "x".into(), timings: Default::default() });
        let (example, hub) = ("https://r.example/v2/", "https://registry-1.docker.io/v2/");
        for (url, state, title) in [
            (example, silent(), "The registry gave no answer that this page may read"),
            (hub, silent(), "Docker Hub cannot be read from a web page"),
            (example, failed(TransportError::NotRecorded), "The recording does not hold this image"),
            (example, State::Done(head(Some(401), &[])), "The registry wants a sign-in"),
            (example, State::Done(head(Some(404), &[])), "The registry does not have this"),
            (example, State::Done(head(Some(503), &[])), "The registry failed"),
            (example, State::Done(head(Some(200), &[])), "The image cannot be had"),
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
        assert_eq!(Trouble::of(&super::Scene { problem: None, ..scene }), None);
    }
}
