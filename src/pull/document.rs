//! From the root down: a document of either kind, and what it leads to.

use std::future::Future;
use std::pin::Pin;

use super::fetch::{Body, Sent};
use super::resolve::{Resolved, hidden_digest};
use super::{Failure, Pull};
use crate::digest::Digest;
use crate::endpoint::{self, Accept, Answer};
use crate::graph::{Node, NodeId};
use crate::http::{Field, Method};
use crate::image::{Document, DocumentError, Foreign, Parsed};
use crate::media_type::MediaType;
use crate::trace::{Purpose, Role};
use crate::transport::Transport;
use crate::verify::{
    Check, Code, End, Expectation, MediaTypes, check_claims_on, check_faults, check_media_types,
    check_readable,
};

/// The most that is read of a manifest, in bytes: registries take no larger one (distribution specification, "Pushing
/// manifests").
pub(super) const MAX_DOCUMENT: usize = 4 * 1024 * 1024;

/// Whether an image is the only one that there is, and is taken whatever platform it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Only(pub(super) bool);

/// What the bytes of a manifest say.
type Read = Result<Parsed<Document>, DocumentError>;

impl<T: Transport> Pull<T> {
    /// Fetches the root by its digest, and all below it. Says whether the wanted platform was found.
    pub(super) async fn fetch_root(&self, root: NodeId, resolved: Resolved) -> Result<bool, Failure> {
        let Resolved { digest, body, claimed, .. } = resolved;
        let read = match (self.fetch_document(root).await, body) {
            (Ok(read), _) => read,
            // A client that asked for the tag alone left no request by digest in its recording; the body that came
            // with the tag is then held against the digest that came with it.
            (Err(Failure::Found(finding)), Some(body)) if claimed && finding.code == Code::NotRecorded => {
                let mut check = Check::new(Expectation { digest: Some(digest), size: None, limit: None });
                let _ = check.update(&body);
                let checked = check.finish(End::Complete { announced: None });
                let (raw, over) = self.budget.admit(Some(body));
                self.change(root, |node| {
                    node.absorb(checked);
                    node.raw = raw;
                    node.findings.extend(over);
                });
                None
            }
            // What came with the tag can be shown, though nothing proves it.
            (Err(Failure::Found(finding)), Some(body)) => {
                let read = body.len() as u64;
                let (raw, over) = self.budget.admit(Some(body));
                self.change(root, |node| {
                    (node.read, node.raw) = (read, raw);
                    node.findings.extend([finding].into_iter().chain(over));
                });
                None
            }
            (Err(failure), _) => return Err(failure),
        };
        self.open(root, 0, read, Only(true)).await
    }

    /// Fetches a manifest of either kind by digest, checks its bytes, and keeps them. What they say comes back, if they came.
    /// A registry may refuse one `Accept` and take the next; whom it does not let in at all is not asked again.
    pub(super) async fn fetch_document(&self, id: NodeId) -> Result<Option<Read>, Failure> {
        let Some((digest, _, said)) = self.identity(id) else { return Ok(None) };
        let is_root = self.with(id, |node| node.parent.is_none()).unwrap_or_default();
        let known = said.filter(|m| m.is_index() || m.is_manifest() || (!is_root && m.is_plain()));
        let role = match known.as_ref() {
            Some(media_type) if media_type.is_index() => Role::Index,
            _ => Role::Manifest,
        };
        let purpose = Purpose { digest: Some(digest.clone()), ..Purpose::of(role) };
        let ladder = known.map(Accept::Exactly).into_iter().chain(Accept::LADDER);
        let ask = async |accept: &Accept| {
            let repository = self.reference.repository();
            let request = endpoint::manifest(repository, Method::Get, digest.as_str(), accept);
            self.send(id, request, purpose.clone()).await
        };
        // What a registry converts whatever it is asked for, it has in no other form.
        let takes = |answer: &Answer, is_last: bool| {
            *answer == Answer::Found || (is_last && *answer == Answer::Converted)
        };
        match self.ask_each(ladder, ask, takes, "it was not asked for").await {
            Ok(sent) => self.read_document(id, sent).await,
            Err(failure) => self.document_in_descriptor(id, failure),
        }
    }

    async fn read_document(&self, id: NodeId, mut sent: Sent<'_, T>) -> Result<Option<Read>, Failure> {
        let Some((digest, size, said)) = self.identity(id) else { return Ok(None) };
        let is_root = self.with(id, |node| node.parent.is_none()).unwrap_or_default();
        let expectation = Expectation { digest: Some(digest), size, limit: Some(MAX_DOCUMENT as u64) };
        let Body { checked, raw } = self.read(id, &mut sent.response, expectation, true).await?;
        let (raw, over) = self.budget.admit(raw);
        let head = sent.response.head();
        let response = endpoint::content_type(head);
        // A root has no descriptor: what the answer to the tag said is a word like the answer's own.
        let (descriptor, by_head) = if is_root { (None, said.as_ref()) } else { (said.as_ref(), None) };
        let read = raw.as_deref().map(|raw| Document::parse(raw, descriptor.or(response.as_ref())));
        let document = read.as_ref().and_then(|read| read.as_ref().ok()).map(|parsed| &parsed.value);
        let words = MediaTypes { descriptor, head: by_head, response: response.as_ref(), document };
        let claims =
            raw.as_deref().map(|raw| check_claims_on(&endpoint::claims(head), raw)).unwrap_or_default();
        let findings = raw.as_ref().map(|_| check_media_types(words)).unwrap_or_default();
        let is_hidden = is_root && matches!(endpoint::content_digest(head), Field::NotExposed);
        let own = document.and_then(Document::media_type).cloned();
        let is_signed = matches!(
            read,
            Some(Err(DocumentError::Unsupported { kind: Foreign::Schema1 { is_signed: true } }))
        );
        self.change(id, |node| {
            node.absorb(checked);
            claims.into_iter().chain(findings).chain(over).for_each(|finding| node.note(Some(finding)));
            node.note(is_hidden.then(hidden_digest));
            if is_signed {
                // Its digest is of other bytes than these: that they differ says nothing.
                let of_digest = |code| matches!(code, Code::DigestMismatch | Code::HeaderDigestMismatch);
                node.findings.retain(|finding| !of_digest(finding.code));
                node.proven = false;
            }
            if is_root {
                node.media_type = response.or(own).or(node.media_type.take());
            }
            node.raw = raw;
        });
        self.settle_role(read.as_ref(), sent.first);
        Ok(read)
    }

    /// A document that could not be fetched, where it stands in its descriptor.
    fn document_in_descriptor(&self, id: NodeId, failure: Failure) -> Result<Option<Read>, Failure> {
        let (data, over) = self.budget.admit(Some(self.take_from_descriptor(id, failure)?));
        self.change(id, |node| node.note(over));
        let Some(data) = data else { return Ok(None) };
        let said = self.with(id, |node| node.media_type.clone()).flatten();
        let read = Document::parse(&data, said.as_ref());
        self.change(id, |node| node.raw = Some(data));
        Ok(Some(read))
    }

    /// Pulls what the document at `id` names, which is read unless it was. Says whether the wanted platform was found.
    pub(super) fn open(
        &self,
        id: NodeId,
        depth: usize,
        read: Option<Read>,
        only: Only,
    ) -> Pin<Box<dyn Future<Output = Result<bool, Failure>> + '_>> {
        Box::pin(async move {
            match self.settle(id, read) {
                None => Ok(true),
                Some(Document::Index(index)) => self.open_index(id, &index, depth).await,
                Some(Document::Manifest(manifest)) => {
                    self.open_manifest(id, &manifest, only).await.map(|()| true)
                }
            }
        })
    }

    /// The document at `id`, with what is odd about it among its findings; `None` where there is none.
    pub(super) fn settle(&self, id: NodeId, read: Option<Read>) -> Option<Document> {
        let again = |node: &Node| Some(Document::parse(node.raw.as_ref()?, node.media_type.as_ref()));
        let (document, findings) = match read.or_else(|| self.with(id, again).flatten())? {
            Ok(Parsed { value, faults }) => (Some(value), check_faults(&faults).collect()),
            Err(error) => (None, vec![check_readable("the document", &error)]),
        };
        self.change(id, |node| findings.into_iter().for_each(|finding| node.note(Some(finding))));
        document
    }

    /// What a root turned out to be decides what its request was for.
    fn settle_role(&self, read: Option<&Read>, entry: usize) {
        let role = match read.and_then(|read| read.as_ref().ok()).map(|parsed| &parsed.value) {
            Some(Document::Index(_)) => Role::Index,
            Some(Document::Manifest(_)) => Role::Manifest,
            None => return,
        };
        self.session.recorder().set_role(entry, role);
    }

    /// Puts a failure on the object that it is about; only an abort goes on up.
    pub(super) fn note(&self, id: NodeId, failure: Failure) -> Result<(), Failure> {
        match failure {
            Failure::Aborted => Err(Failure::Aborted),
            Failure::Found(finding) | Failure::Lost(finding) => {
                self.change(id, |node| node.findings.push(finding));
                Ok(())
            }
        }
    }

    pub(super) fn identity(&self, id: NodeId) -> Option<(Digest, Option<u64>, Option<MediaType>)> {
        self.with(id, |node| Some((node.digest.clone()?, node.size, node.media_type.clone()))).flatten()
    }

    pub(super) fn with<R>(&self, id: NodeId, read: impl FnOnce(&Node) -> R) -> Option<R> {
        self.graph.borrow().get(id).map(read)
    }
}
