//! Manifests: their config and layers, and what the config says of them.

use std::rc::Rc;

use super::document::Only;
use super::{Failure, Pull};
use crate::graph::{Kind, Node, NodeId};
use crate::image::{Config, Manifest, Named, Parsed, Platform, is_config, parse_config};
use crate::media_type::MediaType;
use crate::trace::Role;
use crate::transport::Transport;
use crate::verify::{
    Code, Finding, check_asked, check_faults, check_layer_count, check_platform, check_readable, check_stated,
};

impl<T: Transport> Pull<T> {
    /// Pulls what a manifest names.
    pub(super) async fn open_manifest(
        &self,
        id: NodeId,
        manifest: &Manifest,
        only: Only,
    ) -> Result<(), Failure> {
        let layers = self.read_manifest(id, manifest).await?;
        if only == Only(true) {
            let stated = self.stated_by_config(id);
            let other = stated.and_then(|platform| check_asked(&self.options.platform, &platform));
            self.change(id, |node| node.note(other));
        }
        self.fetch_layers_of(&layers).await
    }

    /// Adds what a manifest names, and fetches the config. The layers come back, which are not asked for yet.
    pub(super) async fn read_manifest(
        &self,
        id: NodeId,
        manifest: &Manifest,
    ) -> Result<Vec<NodeId>, Failure> {
        self.change(id, |node| {
            node.kind = Kind::Manifest;
            node.artifact_type = manifest.artifact_type.clone();
        });
        let node = |kind, named: &Named| match named {
            Ok(named) => Node::named(kind, named, true),
            Err(unfit) => Node::unfit(kind, unfit),
        };
        let config = self.add(Some(id), node(Kind::Config, &manifest.config));
        let kind = if self.may_be_image(id, config) { Kind::Layer } else { Kind::Blob };
        let layers: Vec<NodeId> =
            manifest.layers.iter().map(|layer| self.add(Some(id), node(kind, layer))).collect();
        self.fetch_config(id, config).await?;
        Ok(layers)
    }

    /// Fetches a config, and holds what it says against the manifest, if it is an image's.
    pub(super) async fn fetch_config(&self, manifest: NodeId, config: NodeId) -> Result<(), Failure> {
        self.fetch_blob(config, Role::Config, None).await?;
        let by_type = self.may_be_image(manifest, config);
        let is_artifact = self.with(manifest, |node| node.artifact_type.is_some()).unwrap_or_default();
        // Some tools state another type, or none, and mean an image all the same.
        let by_bytes = |node: &Node| node.proven && node.raw.as_deref().is_some_and(is_config);
        if !by_type && (is_artifact || !self.with(config, by_bytes).unwrap_or_default()) {
            return Ok(());
        }
        let blobs: Vec<NodeId> = {
            let graph = self.graph();
            let parts = graph.children(manifest).filter(|(id, _)| *id != config);
            parts.map(|(id, _)| id).collect()
        };
        blobs.iter().for_each(|id| self.change(*id, |node| node.kind = Kind::Layer));
        self.check_config(manifest, config, blobs.len());
        Ok(())
    }

    /// What the config of a manifest says that its image is for; `None` where it is no image, or not the right config.
    pub(super) fn stated_by_config(&self, manifest: NodeId) -> Option<Platform> {
        let graph = self.graph();
        let mut proven = graph.children(manifest).filter(|(_, node)| node.proven);
        proven.find_map(|(_, node)| node.config.as_ref()).map(|config| config.platform())
    }

    /// Whether a manifest is an image's as far as it says so: it states no type of artifact, and the config's type is an
    /// image's. A config that cannot be read is taken for one.
    fn may_be_image(&self, manifest: NodeId, config: NodeId) -> bool {
        let is_artifact = self.with(manifest, |node| node.artifact_type.is_some()).unwrap_or_default();
        let by_type = |node: &Node| {
            node.digest.is_none() || node.media_type.as_ref().is_some_and(MediaType::is_image_config)
        };
        !is_artifact && self.with(config, by_type).unwrap_or_default()
    }

    fn check_config(&self, manifest: NodeId, config: NodeId, layers: usize) {
        let Some(raw) = self.with(config, |node| node.raw.clone()).flatten() else { return };
        let platform = self.with(manifest, |node| node.platform.clone()).flatten();
        let room = self.budget.document(&raw);
        let (parsed, findings) = match room.as_ref().map(|()| parse_config(&raw)) {
            Err(over) => (None, vec![over.clone()]),
            Ok(Ok(Parsed { value, faults })) => {
                let mut findings: Vec<Finding> = check_faults(&faults).collect();
                findings.extend(cross_check(&value, platform.as_ref(), layers));
                (Some(Rc::new(value)), findings)
            }
            Ok(Err(error)) => (None, vec![check_readable("the config", &error)]),
        };
        self.change(config, |node| {
            node.config = parsed;
            // Of bytes that are the wrong ones, nothing else is said: whatever is wrong with them follows from that.
            let is_wrong = node.computed.is_some() && !node.proven;
            node.findings.extend(findings.into_iter().filter(|_| !is_wrong));
        });
    }

    /// Takes an object that could not be fetched from its descriptor, where its bytes stand there and are the right ones, and
    /// gives them back; fails as the fetch did where they do not.
    pub(super) fn take_from_descriptor(&self, id: NodeId, failure: Failure) -> Result<Vec<u8>, Failure> {
        let Failure::Found(finding) = failure else { return Err(failure) };
        let data = |node: &Node| node.beside.as_ref()?.data.clone();
        let Some(data) = self.with(id, data).flatten() else { return Err(Failure::Found(finding)) };
        let message = format!(
            "its bytes are those in its descriptor, for it could not be fetched: {}",
            finding.message
        );
        self.change(id, |node| {
            node.read = data.len() as u64;
            node.computed = node.digest.clone();
            node.proven = true;
            node.note(Some(Finding::new(Code::FromData, message)));
        });
        Ok(data)
    }
}

fn cross_check(config: &Config, platform: Option<&Platform>, layers: usize) -> Vec<Finding> {
    let platform = platform.and_then(|platform| check_platform(platform, config));
    platform.into_iter().chain(check_stated(config)).chain(check_layer_count(layers, config)).collect()
}
