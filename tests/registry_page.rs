//! `your-registry.html` says what the doctor says: the parts between its markers are made of the doctor's own words.
//!
//! To write them anew: `REGISTRY_PAGE=write cargo test --test registry_page`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test's helper may panic: that fails the test")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use registry_inspector::doctor::{Cause, Observed, Sight};
use registry_inspector::view::doctor::{Parties, check, needs, steps, title, words};
use registry_inspector::view::remedy::{Remedy, relays, remedies, without_tls};

const PAGE: &str = "https://page.example";
const REGISTRY: &str = "https://registry.example";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn needed() -> String {
    let mut html = "  <dl class=\"needed\">\n".to_owned();
    for need in needs(Cause::Works, &Observed::default()) {
        let (name, what_for) = (escaped(need.name), escaped(need.what_for));
        writeln!(html, "    <dt><code>{name}</code></dt><dd>{what_for}</dd>").unwrap();
    }
    html + "  </dl>\n"
}

fn causes() -> String {
    let mut html = String::new();
    // What holds for several causes is said under the first.
    let mut said = BTreeSet::new();
    for cause in Cause::ALL.into_iter().filter(|cause| *cause != Cause::Works) {
        let observed = Observed { digest: Sight::Hidden, challenge: Sight::Hidden, ..Observed::default() };
        let front = if cause == Cause::MixedContent { "http://registry.example" } else { REGISTRY };
        let parties = Parties { front, is_relay: false, origin: PAGE };
        let heading = format!("  <h3 id=\"{}\">{}</h3>\n", cause.code(), escaped(&title(cause, &parties)));
        let told = words(cause, &observed, &parties).into_iter().chain(steps(cause, &parties));
        let told = told.map(|line| format!("  <p>{}</p>\n", escaped(&line)));
        let command =
            check(cause, front, PAGE, None).map(|line| lines(&format!("Command: {}", cause.code()), &line));
        for part in std::iter::once(heading).chain(told).chain(command) {
            if said.insert(part.clone()) {
                html += &part;
            }
        }
    }
    html
}

fn lines(label: &str, text: &str) -> String {
    let text = escaped(text);
    format!("  <pre tabindex=\"0\" role=\"region\" aria-label=\"{label}\">{text}</pre>\n")
}

fn servers(remedies: Vec<Remedy>) -> String {
    let mut html = String::new();
    for Remedy { name, note, text } in remedies {
        writeln!(html, "  <h3>{}</h3>\n  <p>{}</p>", escaped(name), escaped(note)).unwrap();
        if !text.is_empty() {
            html += &lines(&format!("Configuration: {name}"), &text);
        }
    }
    html
}

/// The page with its parts made anew.
fn made(html: &str) -> String {
    let parts = [
        ("needs", needed()),
        ("causes", causes()),
        ("servers", servers(remedies(PAGE))),
        ("without-tls", servers(without_tls("http://registry.example:5000", false, PAGE))),
        ("relays", servers(relays("https://registry-1.docker.io", hub(), PAGE))),
    ];
    parts.into_iter().fold(html.to_owned(), |html, (name, part)| {
        let (begin, end) = (format!("<!-- {name} -->\n"), format!("  <!-- /{name} -->"));
        let (before, rest) = html.split_once(&begin).unwrap();
        let (_, after) = rest.split_once(&end).unwrap();
        format!("{before}{begin}{part}{end}{after}")
    })
}

fn hub() -> Option<(&'static str, &'static str)> {
    Some(("https://auth.docker.io/token", "registry.docker.io"))
}

#[test]
fn it_says_what_the_doctor_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/your-registry.html");
    let html = std::fs::read_to_string(&path).unwrap();
    let made = made(&html);
    if std::env::var("REGISTRY_PAGE").is_ok_and(|word| word == "write") {
        std::fs::write(&path, &made).unwrap();
    } else {
        let differ = |(left, right): &(&str, &str)| left != right;
        let first = html.lines().zip(made.lines()).find(differ);
        assert_eq!((first, html.len()), (None, made.len()), "write it anew: see the head of this file");
    }
}
