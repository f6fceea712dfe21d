//! Layers that are unpacked: which ones, what they should come to, and single files out of them.

use std::rc::Rc;

use super::fetch::Sent;
use super::{Failure, Layers, Pull};
use crate::digest::Algorithm;
use crate::endpoint::{self, Answer};
use crate::graph::{Kind, Node, NodeId};
use crate::image::Config;
use crate::layer::{Compression, Dispute, Entry, Index, Seek, Unpack, Unpacked, paths_through};
use crate::trace::{Purpose, Recorded, Role};
use crate::transport::{Answered, Blob, Extract, Transport, TransportError, Work};
use crate::verify::{Code, Finding, check_unpacked, disputed, mistaken_diff_id};

/// The most that a file may have to be taken out of its layer, in bytes: it is held in memory.
const MAX_FILE: u64 = 64 << 20;

/// Why a file's bytes are not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoFile {
    /// The caller stopped it.
    Aborted,
    /// In a sentence.
    Because(String),
}

impl<T: Transport> Pull<T> {
    /// What is to be done with the bytes of a blob. What is no layer of an image is not unpacked; what a layer is, its first
    /// bytes say, whatever its media type.
    pub(super) fn work(&self, id: NodeId) -> Work {
        let is_layer = self.with(id, |node| node.kind == Kind::Layer).unwrap_or_default();
        if self.options.layers != Layers::Unpack || !is_layer {
            return Work::Hash;
        }
        let at = self.with(id, |node| node.ordinal).unwrap_or_default();
        let config = self.config_of(id);
        let diff_id = config.as_ref().and_then(|config| config.rootfs.diff_ids.get(at));
        let algorithm = diff_id.map_or(Algorithm::Sha256, |diff_id| diff_id.algorithm().clone());
        Work::Unpack(Unpack { algorithm, limits: self.options.limits })
    }

    /// The config of a layer's image. One that is not the right config says nothing.
    fn config_of(&self, layer: NodeId) -> Option<Rc<Config>> {
        let graph = self.graph.borrow();
        let manifest = graph.get(layer)?.parent?;
        let mut proven = graph.children(manifest).filter(|(_, beside)| beside.proven);
        proven.find_map(|(_, beside)| beside.config.clone())
    }

    /// What is found of a layer whose bytes are the right ones; without `unpacked`, they could not be unpacked here.
    pub(super) fn check_layer(&self, id: NodeId, unpacked: Option<&Unpacked>) -> Vec<Finding> {
        let Some(unpacked) = unpacked else {
            let message = "it could not be unpacked: that takes a worker, and there is none";
            return vec![Finding::new(Code::NotUnpacked, message)];
        };
        let Some((packed, _, media_type)) = self.identity(id) else { return Vec::new() };
        let config = self.config_of(id);
        let diff_ids = config.as_ref().map(|config| config.rootfs.diff_ids.as_slice()).unwrap_or_default();
        let diff_id = self.with(id, |node| diff_ids.get(node.ordinal)).flatten();
        let mut findings = check_unpacked(unpacked, media_type.as_ref(), diff_id);
        for finding in &mut findings {
            let mistaken = mistaken_diff_id(finding, diff_ids, &packed);
            finding.message.push_str(&mistaken.unwrap_or_default());
        }
        findings
    }

    /// What is found of a blob that is not unpacked although layers are to be: it may be a layer, for the config that would say
    /// so could not be read.
    pub(super) fn check_blob(&self, id: NodeId) -> Option<Finding> {
        let graph = self.graph.borrow();
        let manifest = graph.get(id).filter(|node| node.kind == Kind::Blob)?.parent?;
        let is_open = |manifest: &Node| manifest.kind == Kind::Manifest && manifest.artifact_type.is_none();
        let is_read = graph.children(manifest).any(|(_, node)| node.kind == Kind::Config && node.proven);
        let message =
            "it was not unpacked: whether this is an image is not known, for its config could not be read";
        (self.options.layers == Layers::Unpack && graph.get(manifest).is_some_and(is_open) && !is_read)
            .then(|| Finding::new(Code::NotUnpacked, message))
    }

    /// Notes where a path of one of these layers goes through what is no directory, in it or in one below.
    pub(super) fn check_paths(&self, layers: &[NodeId]) {
        let index = |id: &NodeId| {
            let unpacked = self.with(*id, |node| node.unpacked.clone()).flatten();
            unpacked.map(|unpacked| Index::new(&unpacked.listing)).unwrap_or_default()
        };
        let indexes: Vec<Index> = layers.iter().map(index).collect();
        let found = paths_through(&indexes);
        for (at, id) in layers.iter().enumerate() {
            let of_layer = found.iter().filter(|(layer, _)| *layer == at).map(|(_, dispute)| dispute.clone());
            let disputes: Vec<Dispute> = of_layer.collect();
            if !disputes.is_empty() {
                self.change(*id, |node| node.findings.extend(disputed(&disputes)));
            }
        }
    }

    /// Fetches the bytes of one file of a layer that was unpacked: from the last place before it at which decoding can begin,
    /// if the registry hands out ranges, and no further than to its end. They are not held against a digest: only a whole
    /// layer has one.
    pub async fn file(&self, layer: NodeId, entry: &Entry) -> Result<Vec<u8>, NoFile> {
        let read = self.read_file(layer, entry).await;
        self.transport().forget(layer.0);
        read
    }

    async fn read_file(&self, layer: NodeId, entry: &Entry) -> Result<Vec<u8>, NoFile> {
        let because = |why: String| Err(NoFile::Because(why));
        let place =
            self.with(layer, |node| Some((node.digest.clone()?, node.unpacked.clone()?, node.ordinal)));
        let Some((digest, unpacked, ordinal)) = place.flatten() else {
            return because("the layer was not unpacked".into());
        };
        if entry.is_sparse {
            return because("it is a sparse file, of which the layer holds only parts".into());
        }
        if entry.stored > MAX_FILE {
            return because(format!(
                "it has {} bytes, and {MAX_FILE} are the most that are fetched",
                entry.stored
            ));
        }
        let compression = unpacked.compression.unwrap_or(Compression::Plain);
        let of = self.with(layer, |node| node.parent).flatten();
        let count =
            of.map_or(0, |of| self.graph().children(of).filter(|(_, n)| n.kind == Kind::Layer).count());
        let ordinal = Some((ordinal + 1, count));
        let seek = match compression {
            Compression::Plain => Some(Seek { packed: entry.at, unpacked: entry.at }),
            _ => unpacked.seeks.iter().rev().find(|seek| seek.unpacked <= entry.at).copied(),
        };
        // Where other bytes come than were asked for, all of them are.
        for seek in [seek, None] {
            let Seek { packed: from, unpacked: before } = seek.unwrap_or(Seek { packed: 0, unpacked: 0 });
            let (after, length) = (entry.at.saturating_sub(before), entry.stored as usize);
            let work = Work::Extract(Extract { compression, at: entry.at, after, length });
            let blob = Blob { job: layer.0, algorithm: digest.algorithm().clone(), from, keep: 0, work };
            let request = endpoint::blob(self.reference.repository(), &digest, from);
            let purpose = Purpose { digest: Some(digest.clone()), ordinal, from, ..Purpose::of(Role::Layer) };
            let sent: Result<Sent<'_, T>, Failure> = self.send_as(layer, request, purpose, Some(&blob)).await;
            return match sent {
                Ok(Sent { response, .. }) if blob.answered(response.head()) == Some(Answered::Other) => {
                    continue;
                }
                Ok(Sent { response, answer: Answer::Found, .. }) => extracted(response).await,
                Err(Failure::Aborted) => Err(NoFile::Aborted),
                Err(Failure::Found(finding) | Failure::Lost(finding)) => because(finding.message),
                Ok(_) => because("the registry does not hand the layer out again".into()),
            };
        }
        because("the registry hands out other bytes than were asked for".into())
    }
}

/// Reads to the end of a stretch, and takes it.
async fn extracted<T: Transport>(mut response: Recorded<'_, T>) -> Result<Vec<u8>, NoFile> {
    let because = |why: String| Err(NoFile::Because(why));
    loop {
        match response.piece().await {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(TransportError::Aborted) => return Err(NoFile::Aborted),
            Err(error) => return because(error.to_string()),
        }
    }
    match response.sum().and_then(|sum| sum.extracted) {
        Some(Ok(bytes)) => Ok(bytes),
        Some(Err(fault)) => because(fault.message),
        None => because("that takes a worker, and there is none".into()),
    }
}
