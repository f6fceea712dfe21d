//! What is said of the things that the user takes along, and what they are called.

use super::address::{Address, file_name as file_name_of};
use super::{Scene, words};
use crate::redact;
use crate::trace::Entry;

/// A link was copied.
pub const LINK_COPIED: &str = "Link copied";
/// The browser refused.
pub const LINK_NOT_COPIED: &str = "The browser did not allow it: copy the link from the address bar";
/// A Dockerfile was copied.
pub const DOCKERFILE_COPIED: &str = "Dockerfile copied";
/// The browser refused.
pub const DOCKERFILE_NOT_COPIED: &str = "The browser did not allow it: copy the steps by hand";
/// A command was copied.
pub const COMMAND_COPIED: &str = "Command copied";
/// The browser refused.
pub const COMMAND_NOT_COPIED: &str =
    "The browser did not allow it: the command is marked, to be copied by hand";
/// A recording from the user's computer is shown.
pub const FILE_HAS_NO_LINK: &str = "A file on your computer has no link that others could open";
/// A report was saved.
pub const REPORT_SAVED: &str = "Report saved";

/// The name of a file about this pull: `library-hello-world-latest.har`.
pub fn file_name(scene: &Scene<'_>, extension: &str) -> String {
    // The registry is left out; a digest is cut to what tells one from another.
    let path = scene.reference.split_once('/').map_or(scene.reference, |(_, path)| path);
    let kept = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '-' };
    let stem: String = path.chars().map(kept).take(80).collect();
    let stem = stem.trim_matches(['-', '.']);
    let stem = if stem.is_empty() { "pull" } else { stem };
    format!("{stem}.{extension}")
}

/// What a recording says of itself.
pub fn comment(scene: &Scene<'_>) -> String {
    format!("A pull of {}. Secrets are taken out. Large bodies may be left out.", scene.reference)
}

/// The address of the page as a report has it. What nobody knows here may be anybody's secret.
pub fn shown(address: &Address) -> Address {
    let shown = |value: &Option<String>| value.as_deref().map(redact::text);
    let recording = address.recording.as_deref().map(|recording| match file_name_of(recording) {
        Some(_) => recording.to_owned(),
        None => redact::address(recording),
    });
    Address {
        image: shown(&address.image),
        tags: shown(&address.tags),
        repositories: shown(&address.repositories),
        relay: shown(&address.relay),
        recording,
        rest: Vec::new(),
        ..address.clone()
    }
}

/// What is said of a recording that was saved.
pub fn exported(scene: &Scene<'_>) -> String {
    let lacking = |entry: &&Entry| entry.body.is_none() && entry.read > 0;
    match scene.trace.entries.iter().filter(lacking).count() {
        0 => "Recording saved".to_owned(),
        1 => "Recording saved, without one large body".to_owned(),
        some => format!("Recording saved, without {} large bodies", words::grouped(some as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::trace::Kept;
    use crate::trace::{Role, Trace};
    use crate::view::samples::{entry, scene};

    #[test]
    fn files_are_named_after_the_image() {
        let (graph, trace) = Default::default();
        for (reference, name) in [
            ("docker.io/library/hello-world:latest", "library-hello-world-latest.har"),
            ("[::1]:5000/a__b:1.0", "a__b-1.0.har"),
            ("registry.example/../..", "pull.har"),
            ("", "pull.har"),
        ] {
            assert_eq!(file_name(&Scene { reference, ..scene(&graph, &trace) }, "har"), name);
        }
        let long = format!("r.example/{}@sha256:0", "a".repeat(300));
        assert_eq!(file_name(&Scene { reference: &long, ..scene(&graph, &trace) }, "html").len(), 85);
    }

    #[test]
    fn an_address_in_a_report_keeps_no_secret() {
        for (query, expected) in [
            ("?image=r.example/a:1&select=sha256:00&step=2", "?image=r.example/a:1&select=sha256:00&step=2"),
            ("?recording=hello-world&debug=secret", "?recording=hello-world"),
            ("?recording=file:a%20b.har", "?recording=file:a%20b.har"),
            (
                "?recording=https://u:secret@h/a.har?sig%3Dsecret",
                "?recording=https://REDACTED@h/a.har?sig%3DREDACTED",
            ),
            ("?recording=a.har?sig%3Dsecret", "?recording=a.har?sig%3DREDACTED"),
            (
                "?image=https://u:secret@h/a&relay=http://u:secret@i",
                "?image=https://REDACTED@h/a&relay=http://REDACTED@i",
            ),
        ] {
            assert_eq!(shown(&Address::parse(query)).to_query(), expected);
        }
    }

    #[test]
    fn a_body_that_is_left_out_is_spoken_of() {
        let (graph, read) = (Graph::default(), |read| Entry { read, ..entry(Role::Layer, "https://r/v2/") });
        let kept = Entry { body: Some(Kept::Here(vec![1])), ..read(1) };
        let said = |entries: &[Entry]| {
            let trace = Trace { entries: entries.to_vec() };
            exported(&scene(&graph, &trace))
        };
        assert_eq!(said(&[kept.clone(), read(0)]), "Recording saved");
        assert_eq!(said(&[kept, read(9)]), "Recording saved, without one large body");
        assert_eq!(said(&[read(9), read(9)]), "Recording saved, without 2 large bodies");
    }
}
