//! Fetching on demand: another platform, an attestation, a layer that was skipped, an object that could not be had.

use super::document::Only;
use super::{Aborted, Failure, Problem, Pull};
use crate::graph::{Kind, Node, NodeId};
use crate::trace::Role;
use crate::transport::Transport;
use crate::verify::Verdict;

impl<T: Transport> Pull<T> {
    /// Fetches one object into the same tree and trace, and of an entry of an index all that the pull fetches of its
    /// own. From then on it counts as asked for. Does nothing for the root, for what is checked already, and for a
    /// document that was read.
    pub async fn fetch(&self, id: NodeId) -> Result<(), Aborted> {
        let open = |node: &Node| {
            let unread = node.raw.is_none() && node.children.is_empty();
            node.parent.is_some() && unread && node.verdict() == Verdict::Unchecked
        };
        if !self.with(id, open).unwrap_or_default() {
            return Ok(());
        }
        let fetched = match self.with(id, |node| node.kind) {
            Some(kind @ (Kind::Config | Kind::Layer | Kind::Blob)) => self.fetch_part(id, kind).await,
            _ => {
                let depth = self.graph().ancestors(id).count();
                self.pull_entry(id, depth, Only(false)).await.map(|_found| ())
            }
        };
        self.settle_problem();
        match fetched {
            Err(Failure::Aborted) => Err(Aborted),
            Err(failure) => self.note(id, failure).map_err(|_aborted| Aborted),
            Ok(()) => Ok(()),
        }
    }

    /// Whether there is a proof, or a reason for there being none, for every object that was asked for. Not so while a
    /// pull runs, and after it was stopped.
    pub fn is_settled(&self) -> bool {
        let settled = |node: &Node| node.proven || !node.findings.is_empty();
        self.graph().iter().all(|(_, node)| !node.wanted || settled(node))
    }

    /// Fetches what a manifest names.
    async fn fetch_part(&self, id: NodeId, kind: Kind) -> Result<(), Failure> {
        self.change(id, Node::reset);
        let Some((manifest, at)) = self.with(id, |node| Some((node.parent?, node.ordinal))).flatten() else {
            return Ok(());
        };
        if kind == Kind::Config {
            return self.fetch_config(manifest, id).await;
        }
        let alike = self.graph().children(manifest).filter(|(_, node)| node.kind == kind).count();
        self.fetch_blob(id, Role::Layer, Some((at + 1, alike))).await
    }

    /// A platform is missing no longer, once the image of another was read.
    fn settle_problem(&self) {
        let image = |node: &Node| {
            node.wanted && node.kind == Kind::Manifest && !node.is_attestation() && node.raw.is_some()
        };
        let found = self.graph().iter().any(|(_, node)| image(node));
        self.problem.borrow_mut().take_if(|problem| found && matches!(problem, Problem::NoPlatform { .. }));
    }
}
