//! Indexes: which of their entries are pulled, and why the others are not.

use super::document::Only;
use super::{Failure, Layers, Pull};
use crate::graph::{Kind, Node, NodeId};
use crate::image::{Document, Index, Named, Platform};
use crate::transport::Transport;
use crate::verify::{Code, Finding};

/// How deep indexes may be nested.
const MAX_DEPTH: usize = 4;

/// How many indexes are opened in one pull: within that depth there may be as many as a registry likes.
const MAX_INDEXES: usize = 32;

/// How many entries that state no platform are told apart by their configs.
const MAX_UNSTATED: usize = 32;

impl<T: Transport> Pull<T> {
    /// Pulls what an index names for the wanted platform. Says whether that was found.
    pub(super) async fn open_index(&self, id: NodeId, index: &Index, depth: usize) -> Result<bool, Failure> {
        self.change(id, |node| node.kind = Kind::Index);
        let entries = &index.manifests;
        let read = || entries.iter().filter_map(|entry| entry.as_ref().ok());
        if read().any(|entry| entry.media_type.is_cache_config()) {
            return self.open_cache(id, entries).await.map(|()| true);
        }
        // An index that is fetched on demand may be for another platform, which the entry that names it states.
        let stated = self.with(id, |node| node.platform.clone()).flatten();
        let platforms = [Some(&self.options.platform), stated.as_ref()];
        let chosen = platforms.into_iter().flatten().find_map(|platform| platform.choose(entries));
        let chosen_platform = chosen.and_then(|(_, entry)| entry.platform.as_ref()).map(Platform::normalized);
        let nodes: Vec<NodeId> =
            entries.iter().map(|entry| self.add_entry(id, entry, chosen_platform.as_ref())).collect();
        if let Some(child) = chosen.and_then(|(at, _)| nodes.get(at)) {
            return self.pull_entry(*child, depth + 1, Only(false)).await;
        }

        // An entry that names no platform may hold the right one all the same: indexes within indexes first.
        let are = |what: fn(&Node) -> bool| {
            let fits = move |id: &NodeId| self.with(*id, what).unwrap_or_default();
            nodes.iter().copied().filter(fits).collect::<Vec<NodeId>>()
        };
        for child in are(|node| node.kind == Kind::Index && node.platform.is_none()) {
            if self.pull_entry(child, depth + 1, Only(false)).await? {
                return Ok(true);
            }
        }
        let images = are(|node| node.kind == Kind::Manifest && !node.is_attestation());
        if let [only] = images.as_slice() {
            return self.pull_entry(*only, depth + 1, Only(true)).await;
        }
        let unstated = |id: &NodeId| self.with(*id, |node| node.platform.is_none()).unwrap_or_default();
        let unstated: Vec<NodeId> = images.into_iter().filter(unstated).take(MAX_UNSTATED).collect();
        self.open_unstated(&unstated).await
    }

    /// Adds an entry that is not asked for, or not yet; with the platform of the one that is chosen.
    fn add_entry(&self, parent: NodeId, entry: &Named, chosen: Option<&Platform>) -> NodeId {
        let node = match entry {
            Ok(entry) => {
                let is_alike =
                    chosen.is_some() && entry.platform.as_ref().map(Platform::normalized).as_ref() == chosen;
                let reason = match (is_alike, &entry.platform) {
                    (true, _) => "not asked for: an entry before it is for the same platform",
                    (false, None) => "not asked for: its entry states no platform",
                    (false, Some(_)) => "not asked for: it is not for the chosen platform",
                };
                let mut node = Node::named(Kind::of_entry(&entry.media_type), entry, false);
                node.findings.push(Finding::new(Code::NotFetched, reason));
                node
            }
            Err(unfit) => Node::unfit(Kind::Unknown, unfit),
        };
        self.add(Some(parent), node)
    }

    /// Reads several manifests whose entries state no platform, and their configs, which do; pulls the one that fits best.
    /// What is no image fits as it is, where no image does.
    async fn open_unstated(&self, manifests: &[NodeId]) -> Result<bool, Failure> {
        let mut offered = Vec::new();
        for id in manifests {
            self.change(*id, Node::reset);
            let manifest = match self.fetch_document(*id).await {
                Ok(parsed) => self.settle(*id, parsed),
                Err(failure) => {
                    self.note(*id, failure)?;
                    continue;
                }
            };
            let Some(Document::Manifest(manifest)) = manifest else { continue };
            let layers = self.read_manifest(*id, &manifest).await?;
            offered.push((*id, layers, self.stated_by_config(*id)));
        }
        let platforms: Vec<Option<&Platform>> = offered
            .iter()
            .map(|(.., platform)| platform.as_ref().filter(|platform| platform.is_stated()))
            .collect();
        let by_config = self.options.platform.choose_among(platforms.iter().copied());
        let chosen = by_config.or_else(|| offered.iter().position(|(.., platform)| platform.is_none()));
        for (at, (id, layers, platform)) in offered.iter().enumerate() {
            if Some(at) == chosen {
                self.fetch_layers_of(layers).await?;
                continue;
            }
            let reason = match platform {
                Some(platform) if platform.is_stated() => {
                    format!("not asked for: its config is for {platform}")
                }
                _ => "not asked for: its config states no platform".to_owned(),
            };
            self.leave(*id, layers, &reason);
        }
        Ok(chosen.is_some())
    }

    /// Leaves a manifest whose config was read to know what it is: it does not count, and its layers are not asked for.
    fn leave(&self, manifest: NodeId, layers: &[NodeId], reason: &str) {
        let below: Vec<NodeId> = self.graph().children(manifest).map(|(id, _)| id).collect();
        below.iter().chain([&manifest]).for_each(|id| self.change(*id, |node| node.wanted = false));
        for layer in layers {
            let finding = Finding::new(Code::NotFetched, reason);
            self.change(*layer, |node| node.findings.push(finding));
        }
    }

    /// A build cache: an index of blobs, that is of layers and of what BuildKit keeps of the build.
    async fn open_cache(&self, id: NodeId, entries: &[Named]) -> Result<(), Failure> {
        let node = |entry: &Named| match entry {
            Ok(entry) => Node::named(Kind::Blob, entry, true),
            Err(unfit) => Node::unfit(Kind::Blob, unfit),
        };
        let blobs: Vec<NodeId> = entries.iter().map(|entry| self.add(Some(id), node(entry))).collect();
        self.fetch_layers_of(&blobs).await
    }

    /// Fetches the layers of a manifest, if layers are wanted.
    pub(super) async fn fetch_layers_of(&self, layers: &[NodeId]) -> Result<(), Failure> {
        match self.options.layers {
            Layers::Verify | Layers::Unpack => self.fetch_layers(layers).await,
            Layers::Skip => {
                layers.iter().for_each(|layer| {
                    let finding = Finding::new(Code::NotFetched, "not asked for: layers are skipped");
                    self.change(*layer, |node| node.findings.push(finding));
                });
                Ok(())
            }
        }
    }

    /// How many indexes were read so far.
    fn opened_indexes(&self) -> usize {
        let graph = self.graph.borrow();
        graph.iter().filter(|(_, node)| node.kind == Kind::Index && node.raw.is_some()).count()
    }

    /// Fetches an entry of an index, and what it leads to. Says whether the wanted platform was found.
    pub(super) async fn pull_entry(&self, id: NodeId, depth: usize, only: Only) -> Result<bool, Failure> {
        self.change(id, Node::reset);
        let cycle = {
            let graph = self.graph.borrow();
            let digest = graph.get(id).and_then(|node| node.digest.clone());
            graph.ancestors(id).any(|(_, above)| above.digest == digest)
        };
        let refused = match () {
            () if cycle => {
                Some((Code::NotFetched, "not followed: it names an index that it is in itself".to_owned()))
            }
            () if depth > MAX_DEPTH => Some((
                Code::OverLimit,
                format!(
                    "not followed: indexes are nested more than {MAX_DEPTH} deep, which is a \
                     limit of this inspector"
                ),
            )),
            () if self.opened_indexes() >= MAX_INDEXES => Some((
                Code::OverLimit,
                format!(
                    "not followed: more than {MAX_INDEXES} indexes are nested, which is a limit \
                     of this inspector"
                ),
            )),
            () => None,
        };
        if let Some((code, message)) = refused {
            self.change(id, |node| node.findings.push(Finding::new(code, message)));
            // The platform was there, if the entry named it; what it led to was not.
            return Ok(self.with(id, |node| node.platform.is_some()).unwrap_or_default());
        }
        match self.fetch_document(id).await {
            Ok(parsed) => self.open(id, depth, parsed, only).await,
            Err(failure) => self.note(id, failure).map(|()| true),
        }
    }
}
