//! From the root down: indexes, the manifest of the platform, its config and layers.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use super::fetch::Body;
use super::resolve::{Resolved, hidden_digest};
use super::{Failure, Layers, Pull};
use crate::digest::Digest;
use crate::endpoint::{self, Accept, Answer};
use crate::graph::{Kind, Node, NodeId};
use crate::http::{Field, Method, ResponseHead};
use crate::image::{Config, Descriptor, Document, DocumentError, Index, Manifest, Named, parse_config};
use crate::media_type::MediaType;
use crate::trace::{Purpose, Role};
use crate::transport::Transport;
use crate::verify::{
    Check, Code, End, Expectation, Finding, MediaTypes, check_header_digest, check_layer_count,
    check_media_types, check_platform,
};

/// The most that a manifest or config may have, in bytes (distribution specification, "Pushing manifests").
pub(super) const MAX_DOCUMENT: usize = 4 * 1024 * 1024;

/// How deep indexes may be nested.
const MAX_DEPTH: usize = 4;

/// How many indexes are opened in one pull: within that depth there may be as many as a registry likes.
const MAX_INDEXES: usize = 32;

/// What the bytes of a manifest say.
type Parsed = Result<Document, DocumentError>;

impl<T: Transport> Pull<T> {
    /// Fetches the root by its digest, and all below it. Says whether the wanted platform was found.
    pub(super) async fn fetch_root(&self, root: NodeId, resolved: Resolved) -> Result<bool, Failure> {
        let Resolved { digest, body, claimed, .. } = resolved;
        let parsed = match (self.fetch_document(root).await, body) {
            (Ok(parsed), _) => parsed,
            // A client that asked for the tag alone left no request by digest in its recording; the body that came
            // with the tag is then held against the digest that came with it.
            (Err(Failure::Found(finding)), Some(body)) if claimed && finding.code == Code::NotRecorded => {
                let mut check = Check::new(Expectation { digest: Some(digest), size: None, limit: None });
                let _ = check.update(&body);
                let checked = check.finish(End::Complete { announced: None });
                let over = self.budget.document(&body).err();
                self.change(root, |node| {
                    node.absorb(checked);
                    node.raw = Some(body).filter(|_| over.is_none());
                    node.findings.extend(over);
                });
                None
            }
            // What came with the tag can be shown, though nothing proves it.
            (Err(Failure::Found(finding)), Some(body)) => {
                let over = self.budget.document(&body).err();
                self.change(root, |node| {
                    node.read = body.len() as u64;
                    node.raw = Some(body).filter(|_| over.is_none());
                    node.findings.extend([finding].into_iter().chain(over));
                });
                None
            }
            (Err(failure), _) => return Err(failure),
        };
        self.open(root, 0, parsed).await
    }

    /// Fetches a manifest of either kind by digest, checks its bytes, and keeps them. What they say comes back, if they came.
    async fn fetch_document(&self, id: NodeId) -> Result<Option<Parsed>, Failure> {
        let Some((digest, size, said)) = self.identity(id) else { return Ok(None) };
        let known = said.clone().filter(|m| m.is_index() || m.is_manifest());
        let role = match known.as_ref() {
            Some(media_type) if media_type.is_index() => Role::Index,
            _ => Role::Manifest,
        };
        let purpose = Purpose { digest: Some(digest.clone()), ..Purpose::of(role) };
        let mut ladder = known.map(Accept::Exactly).into_iter().chain(Accept::LADDER).peekable();
        while let Some(accept) = ladder.next() {
            let repository = self.reference.repository();
            let request = endpoint::manifest(repository, Method::Get, &digest.to_string(), &accept);
            let mut sent = self.send(id, request, purpose.clone()).await?;
            match sent.answer {
                Answer::Found => {
                    let limit = Some(MAX_DOCUMENT as u64);
                    let expectation = Expectation { digest: Some(digest.clone()), size, limit };
                    let Body { checked, raw } = self.read(id, &mut sent.response, expectation, true).await?;
                    let over = raw.as_deref().and_then(|raw| self.budget.document(raw).err());
                    let raw = raw.filter(|_| over.is_none());
                    let head = sent.response.head();
                    let parsed = raw.as_deref().map(|raw| Document::parse(raw, said.as_ref()));
                    let bytes = raw.as_deref().zip(parsed.as_ref());
                    let findings = bytes.map(|(raw, parsed)| check_head(head, raw, parsed, said.as_ref()));
                    self.change(id, |node| {
                        node.absorb(checked);
                        node.findings.extend(over);
                        findings.into_iter().flatten().for_each(|finding| node.note(Some(finding)));
                        let is_hidden = node.parent.is_none()
                            && matches!(endpoint::content_digest(head), Field::NotExposed);
                        node.note(is_hidden.then(hidden_digest));
                        node.raw = raw;
                    });
                    self.settle_role(parsed.as_ref(), sent.first);
                    return Ok(parsed);
                }
                // Some registries answer 404 for want of the right type to accept; an exact type was right.
                Answer::NotFound | Answer::Converted
                    if !matches!(accept, Accept::Exactly(_)) && ladder.peek().is_some() => {}
                _ => return Err(self.refusal(sent).await),
            }
        }
        Ok(None)
    }

    /// Pulls what the document at `id` names, which is read unless it was. Says whether the wanted platform was found.
    fn open(
        &self,
        id: NodeId,
        depth: usize,
        parsed: Option<Parsed>,
    ) -> Pin<Box<dyn Future<Output = Result<bool, Failure>> + '_>> {
        Box::pin(async move {
            let read = |node: &Node| Some(Document::parse(node.raw.as_ref()?, node.media_type.as_ref()));
            let document = match parsed.or_else(|| self.with(id, read).flatten()) {
                None => return Ok(true),
                Some(Ok(document)) => document,
                Some(Err(error)) => {
                    let finding =
                        Finding::new(Code::Malformed, format!("the document does not parse: {error}"));
                    self.change(id, |node| node.findings.push(finding));
                    return Ok(true);
                }
            };
            if let Some(property) = document.foreign_property() {
                let message =
                    format!("the document also has {property}: clients may take it for another kind");
                let finding = Finding::new(Code::MediaTypeMismatch, message);
                self.change(id, |node| node.findings.push(finding));
            }
            match document {
                Document::Index(index) => self.open_index(id, &index, depth).await,
                Document::Manifest(manifest) => self.open_manifest(id, &manifest).await.map(|()| true),
            }
        })
    }

    async fn open_index(&self, id: NodeId, index: &Index, depth: usize) -> Result<bool, Failure> {
        self.change(id, |node| node.kind = Kind::Index);
        let entries = &index.manifests;
        let nodes: Vec<NodeId> = entries.iter().map(|entry| self.add_entry(id, entry)).collect();
        // An index that is fetched on demand may be for another platform, which the entry that names it states.
        let stated = self.with(id, |node| node.platform.clone()).flatten();
        let chosen = [Some(&self.options.platform), stated.as_ref()]
            .into_iter()
            .flatten()
            .find_map(|platform| platform.choose(entries).map(|(at, _)| at));
        let without_platform = |index: bool| {
            let fits = move |entry: &Descriptor| {
                entry.platform.is_none()
                    && if index { entry.media_type.is_index() } else { entry.media_type.is_manifest() }
            };
            entries
                .iter()
                .enumerate()
                .filter(move |(_, entry)| entry.as_ref().is_ok_and(fits))
                .map(|(at, _)| at)
        };
        // An entry that names no platform may hold the right one all the same: indexes within indexes first.
        let candidates = chosen
            .map(|at| vec![at])
            .unwrap_or_else(|| without_platform(true).chain(without_platform(false).take(1)).collect());
        for at in candidates {
            let Some(child) = nodes.get(at).copied() else { continue };
            if self.pull_entry(child, depth + 1).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn add_entry(&self, parent: NodeId, entry: &Named) -> NodeId {
        let finding = || Finding::new(Code::NotFetched, "not asked for: it is not for the chosen platform");
        let node = match entry {
            Ok(entry) => {
                let named = Node::named(Kind::of_entry(&entry.media_type), entry, false);
                Node { findings: vec![finding()], ..named }
            }
            Err(unfit) => Node::unfit(Kind::Unknown, unfit),
        };
        self.add(Some(parent), node)
    }

    /// How many indexes were read so far.
    fn opened_indexes(&self) -> usize {
        let graph = self.graph.borrow();
        graph.iter().filter(|(_, node)| node.kind == Kind::Index && node.raw.is_some()).count()
    }

    /// Fetches an entry of an index, and what it leads to. Says whether the wanted platform was found.
    pub(super) async fn pull_entry(&self, id: NodeId, depth: usize) -> Result<bool, Failure> {
        self.change(id, Node::reset);
        let cycle = {
            let graph = self.graph.borrow();
            let digest = graph.get(id).and_then(|node| node.digest.clone());
            graph.ancestors(id).any(|(_, above)| above.digest == digest)
        };
        let refused = match () {
            () if cycle => Some("not followed: it names an index that it is in itself".to_owned()),
            () if depth > MAX_DEPTH => {
                Some(format!("not followed: indexes are nested more than {MAX_DEPTH} deep"))
            }
            () if self.opened_indexes() >= MAX_INDEXES => {
                Some(format!("not followed: more than {MAX_INDEXES} indexes are nested"))
            }
            () => None,
        };
        if let Some(message) = refused {
            self.change(id, |node| node.findings.push(Finding::new(Code::NotFetched, message)));
            // The platform was there, if the entry named it; what it led to was not.
            return Ok(self.with(id, |node| node.platform.is_some()).unwrap_or_default());
        }
        match self.fetch_document(id).await {
            Ok(parsed) => self.open(id, depth, parsed).await,
            Err(failure) => self.note(id, failure).map(|()| true),
        }
    }

    async fn open_manifest(&self, id: NodeId, manifest: &Manifest) -> Result<(), Failure> {
        self.change(id, |node| node.kind = Kind::Manifest);
        let is_image = manifest.config.as_ref().map_or(true, |config| config.media_type.is_image_config());
        let node = |kind, named: &Named| match named {
            Ok(named) => Node::named(kind, named, true),
            Err(unfit) => Node::unfit(kind, unfit),
        };
        let config = self.add(Some(id), node(Kind::Config, &manifest.config));
        let kind = if is_image { Kind::Layer } else { Kind::Blob };
        let layers: Vec<NodeId> =
            manifest.layers.iter().map(|layer| self.add(Some(id), node(kind, layer))).collect();

        self.fetch_blob(config, Role::Config, None).await?;
        if is_image {
            self.check_config(id, config, layers.len());
        }
        match self.options.layers {
            Layers::Verify | Layers::Unpack => self.fetch_layers(&layers).await?,
            Layers::Skip => layers.iter().for_each(|layer| {
                let finding = Finding::new(Code::NotFetched, "not asked for: layers are skipped");
                self.change(*layer, |node| node.findings.push(finding));
            }),
        }
        Ok(())
    }

    pub(super) fn check_config(&self, manifest: NodeId, config: NodeId, layers: usize) {
        let Some(raw) = self.with(config, |node| node.raw.clone()).flatten() else { return };
        let platform = self.with(manifest, |node| node.platform.clone()).flatten();
        let room = self.budget.document(&raw);
        let (parsed, findings) = match room.as_ref().map(|()| parse_config(&raw)) {
            Err(over) => (None, vec![over.clone()]),
            Ok(Ok(parsed)) => {
                let findings = cross_check(&parsed, platform.as_ref(), layers);
                (Some(Rc::new(parsed)), findings)
            }
            Ok(Err(error)) => {
                let message = format!("the config does not parse: {error}");
                (None, vec![Finding::new(Code::Malformed, message)])
            }
        };
        self.change(config, |node| {
            node.config = parsed;
            // Of bytes that are the wrong ones, nothing else is said: whatever is wrong with them follows from that.
            let is_wrong = node.computed.is_some() && !node.proven;
            node.findings.extend(findings.into_iter().filter(|_| !is_wrong));
        });
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

    /// What a root turned out to be decides what its request was for.
    fn settle_role(&self, parsed: Option<&Parsed>, entry: usize) {
        match parsed {
            Some(Ok(Document::Index(_))) => self.session.recorder().set_role(entry, Role::Index),
            Some(Ok(Document::Manifest(_))) => self.session.recorder().set_role(entry, Role::Manifest),
            _ => {}
        }
    }

    pub(super) fn identity(&self, id: NodeId) -> Option<(Digest, Option<u64>, Option<MediaType>)> {
        self.with(id, |node| Some((node.digest.clone()?, node.size, node.media_type.clone()))).flatten()
    }

    pub(super) fn with<R>(&self, id: NodeId, read: impl FnOnce(&Node) -> R) -> Option<R> {
        self.graph.borrow().get(id).map(read)
    }
}

/// What the head of an answer says, against the bytes that came with it.
fn check_head(head: &ResponseHead, raw: &[u8], parsed: &Parsed, said: Option<&MediaType>) -> Vec<Finding> {
    let header = match endpoint::content_digest(head) {
        Field::Present(value) => check_header_digest(value, raw),
        Field::Absent | Field::NotExposed | Field::NotRecorded => None,
    };
    let response = endpoint::content_type(head);
    // Where nobody said before what it is, the answer's own word may help to read it.
    let by_answer = match (parsed, said) {
        (Err(_), None) => Document::parse(raw, response.as_ref()).ok(),
        _ => None,
    };
    let document = parsed.as_ref().ok().or(by_answer.as_ref());
    let words = MediaTypes {
        descriptor: said,
        response: response.as_ref(),
        document: document.and_then(Document::media_type),
    };
    header.into_iter().chain(check_media_types(words)).collect()
}

fn cross_check(config: &Config, platform: Option<&crate::image::Platform>, layers: usize) -> Vec<Finding> {
    let platform = platform.and_then(|platform| check_platform(platform, config));
    platform.into_iter().chain(check_layer_count(layers, config)).collect()
}
