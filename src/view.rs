//! What the page shows, as plain rows, words and numbers. Nothing here draws, and nothing that draws decides.
//!
//! Each part reads a [`Scene`] and returns a value that a painter can compare with the last one: what did not
//! change is not painted again.

pub mod address;
pub mod asked;
pub mod badge;
pub mod choices;
pub mod commands;
pub mod content;
pub mod details;
pub mod doctor;
pub mod document;
pub mod explain;
pub mod files;
pub mod filter;
pub mod headers;
pub mod hex;
pub mod history;
pub mod json;
pub mod keys;
pub mod listing;
pub mod offer;
pub mod remedy;
pub mod requests;
pub mod share;
pub mod sign_in;
pub mod sort;
pub mod summary;
pub mod title;
pub mod tree;
pub mod trouble;
pub mod trust;
pub mod type_ahead;
pub mod walk;
pub mod waterfall;
pub mod which;
pub mod window;
pub mod words;

use std::collections::BTreeSet;

use crate::doctor::Diagnosis;
use crate::graph::{Graph, Kind, Node, NodeId};
use crate::http::Url;
use crate::image::Platform;
use crate::pull::{Layers, Problem};
use crate::session::{Waiting, Want};
use crate::trace::{Entry, Role, Trace};
use crate::transport::SUPPOSED;
use crate::verify::Verdict;
use doctor::Doctor;

use address::Claimant;

/// One pull at one moment, with all that the page says of it.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The objects.
    pub graph: &'a Graph,
    /// The requests.
    pub trace: &'a Trace,
    /// How deep the pull goes.
    pub layers: Layers,
    /// How far it is.
    pub stage: Stage,
    /// What kept it from being one.
    pub problem: Option<&'a Problem>,
    /// The reference in full.
    pub reference: &'a str,
    /// Whether a recording answers, and nothing goes to a network.
    pub recorded: bool,
    /// The tag that was resolved; `None` where the reference pins a digest.
    pub tag: Option<&'a str>,
    /// The origin that the registry's requests go to.
    pub front: Option<&'a str>,
    /// The registry's own origin, where a relay is asked in its place.
    pub behind: Option<&'a str>,
    /// What would be needed to be let in.
    pub want: Option<&'a Want>,
    /// The pause that is being waited.
    pub waiting: Option<Waiting>,
    /// Why the browser was refused, once the doctor has looked.
    pub diagnosis: Option<&'a Diagnosis>,
    /// What a challenge wants a token for beyond what is asked for.
    pub beyond: Option<&'a str>,
    /// Whose word all this is, where it is a recording's that does not come with the page.
    pub claimant: Option<&'a Claimant>,
    /// Whether the page stands inside another document.
    pub framed: bool,
}

/// How far a pull is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It runs.
    Running,
    /// It came to its end.
    Done,
    /// The user stopped it.
    Stopped,
}

impl Scene<'_> {
    /// The object to show while the user has chosen none: the first that failed, else the image's manifest,
    /// else the root.
    pub fn first_choice(&self) -> Option<NodeId> {
        let wanted = || self.graph.iter().filter(|(_, node)| node.wanted);
        let failed = wanted().find(|(_, node)| node.verdict() == Verdict::Failed);
        let manifest = || wanted().find(|(_, node)| node.kind == Kind::Manifest);
        failed.or_else(manifest).map(|(id, _)| id).or_else(|| self.graph.root())
    }

    /// The request to light for an object: the first that asked for it by digest, else the first of all.
    pub fn request_of(&self, id: NodeId) -> Option<usize> {
        let requests = self.graph.get(id)?.requests.as_slice();
        let role = |entry: &usize| self.trace.entries.get(*entry).map(|entry| entry.purpose.role);
        let by_digest = requests.iter().find(|entry| {
            role(entry).is_some_and(|role| !matches!(role, Role::Ping | Role::Token | Role::Tag))
        });
        by_digest.or(requests.first()).copied()
    }

    /// What the page's state is in the contract's word.
    pub fn state(&self) -> &'static str {
        match (self.stage, self.problem) {
            (Stage::Running, _) => "running",
            (Stage::Stopped, _) => "idle",
            (Stage::Done, Some(Problem::NoRoot { .. })) => "failed",
            (Stage::Done, _) => "done",
        }
    }

    /// The platforms that the index offers, each once; of a very long list, the first.
    pub fn platforms(&self) -> Vec<String> {
        let stated = self.graph.iter().filter_map(|(_, node): (_, &Node)| node.platform.as_ref());
        let mut platforms = distinct(stated.filter(|platform| !platform.is_unknown()));
        platforms.truncate(MAX_PLATFORMS);
        platforms
    }

    /// Who says what is not proven: `the registry`.
    pub fn speaker(&self) -> String {
        self.claimant.map_or("the registry".to_owned(), Claimant::to_string)
    }

    /// Whose word that is: `the registry's word`.
    pub fn word(&self) -> String {
        self.claimant.map_or("the registry's word".to_owned(), |claimant| format!("the word of {claimant}"))
    }

    /// A message of the pull as it is shown: with addresses redacted, and with the cause in place of all that it may be,
    /// once the cause is known.
    pub fn told(&self, message: &str) -> String {
        let explained = Doctor::explanation(self).filter(|_| message.contains(SUPPOSED));
        match explained {
            Some(cause) => words::redacted(&message.replace(SUPPOSED, &format!(". What was found: {cause}"))),
            None => words::redacted(message),
        }
    }

    /// The title of the document.
    pub fn page_title(&self) -> String {
        match self.reference {
            "" => "Registry inspector".to_owned(),
            reference => format!("{} · Registry inspector", words::marked(reference)),
        }
    }

    /// What the tree holds, beside its rows: `4 objects, 10 not asked for`.
    pub fn counts(&self) -> String {
        let wanted = self.graph.iter().filter(|(_, node)| node.wanted).count();
        let objects = words::count(wanted, "object");
        match self.graph.iter().count().saturating_sub(wanted) {
            0 => objects,
            others => format!("{objects}, {others} not asked for"),
        }
    }

    /// What a request would have asked the registry itself, where a relay was asked in its place.
    pub fn relayed(&self, entry: &Entry) -> Option<Url> {
        let behind = self.behind.filter(|_| self.front == Some(entry.url.origin()))?;
        Some(entry.url.with_origin(behind))
    }

    /// The host that the pull began at; the others are shown where they differ.
    pub fn host(&self) -> Option<&str> {
        self.trace.entries.first().map(|entry| entry.url.host())
    }
}

/// How many platforms are offered to choose from: an index may name tens of thousands.
const MAX_PLATFORMS: usize = 50;

/// Platforms as text, each once, in order.
fn distinct<'a>(platforms: impl Iterator<Item = &'a Platform>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    platforms.map(ToString::to_string).filter(|platform| seen.insert(platform.clone())).collect()
}

#[cfg(test)]
pub(crate) mod samples;
