//! Layers that are unpacked: which ones, what they should come to, and single files out of them.

use super::fetch::Sent;
use super::{Failure, Layers, Pull};
use crate::digest::{Algorithm, Digest};
use crate::endpoint::{self, Answer};
use crate::graph::{Kind, NodeId};
use crate::layer::{Compression, Dispute, Entry, Index, Seek, Unpack, Unpacked, paths_through};
use crate::trace::{Purpose, Recorded, Role};
use crate::transport::{Answered, Blob, Extract, Transport, TransportError, Work};
use crate::verify::{Code, Finding, check_unpacked, disputed};

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
    /// What is to be done with the bytes of a blob. What is no layer of an image, or no tar, is not unpacked.
    pub(super) fn work(&self, id: NodeId) -> Work {
        let named = self.with(id, |node| {
            let media_type = node.media_type.as_ref().filter(|_| node.kind == Kind::Layer)?;
            Compression::named_by(media_type)
        });
        if self.options.layers != Layers::Unpack || named.flatten().is_none() {
            return Work::Hash;
        }
        let algorithm = self.diff_id(id).map_or(Algorithm::Sha256, |diff_id| diff_id.algorithm().clone());
        Work::Unpack(Unpack { algorithm, limits: self.options.limits })
    }

    /// What the config says that a layer unpacks to. One that is not the right config says nothing.
    fn diff_id(&self, id: NodeId) -> Option<Digest> {
        let graph = self.graph.borrow();
        let layer = graph.get(id)?;
        let mut proven = graph.children(layer.parent?).filter(|(_, beside)| beside.proven);
        let config = proven.find_map(|(_, beside)| beside.config.clone())?;
        config.rootfs.diff_ids.get(layer.ordinal).cloned()
    }

    /// What is found of a layer whose bytes are the right ones; without `unpacked`, they could not be unpacked here.
    pub(super) fn check_layer(&self, id: NodeId, unpacked: Option<&Unpacked>) -> Vec<Finding> {
        let Some(unpacked) = unpacked else {
            let message = "it could not be unpacked: that takes a worker, and there is none";
            return vec![Finding::new(Code::NotUnpacked, message)];
        };
        let media_type = self.with(id, |node| node.media_type.clone()).flatten();
        check_unpacked(unpacked, media_type.as_ref(), self.diff_id(id).as_ref())
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
