//! Blobs: several at a time, each read to its end, from where it broke off if need be.

use std::rc::Rc;

use super::fetch::{Ended, Sent};
use super::lanes::{batches, in_lanes};
use super::{Failure, Pull};
use crate::digest::{Algorithm, Claims, Digest};
use crate::endpoint::{self, Answer};
use crate::graph::{Kind, Node, NodeId};
use crate::http::Url;
use crate::layer::Unpacked;
use crate::redact;
use crate::trace::{Purpose, Role};
use crate::transport::{Answered, Blob, Transport, Work};
use crate::verify::{Check, Checked, Code, End, Expectation, Finding, check_claims, check_encoding};

/// A blob is asked for so many times at most, each time for what is still lacking.
const MAX_TRIES: usize = 5;

/// The most that is read of a config, in bytes. No specification has a limit: this one is a page's.
const MAX_CONFIG: u64 = 16 << 20;

/// How many addresses of a blob are named where it could not be fetched.
const MAX_URLS: usize = 4;

/// What came of reading a blob.
struct Read {
    checked: Checked,
    /// What the answer claimed.
    claims: Claims,
    raw: Option<Vec<u8>>,
    unpacked: Option<Box<Unpacked>>,
}

impl Read {
    fn of(checked: Checked) -> Read {
        Read { checked, claims: Claims::default(), raw: None, unpacked: None }
    }
}

impl<T: Transport> Pull<T> {
    /// Fetches the layers of one manifest, as many at a time as it is worth.
    pub(super) async fn fetch_layers(&self, layers: &[NodeId]) -> Result<(), Failure> {
        let at_once = self.session.recorder().at_once();
        let count = layers.len();
        let mut queue: Vec<(usize, NodeId)> = layers.iter().copied().enumerate().collect();
        // Of what has no size, it may be any.
        let size = |id: NodeId| self.with(id, |node| node.size).flatten().unwrap_or(u64::MAX);
        if at_once > 1 {
            // The largest first: none of them is then what all others wait for.
            queue.sort_by_key(|(at, id)| (std::cmp::Reverse(size(*id)), *at));
        }
        // Those that are named twice wait for the first to be read.
        let (again, first): (Vec<_>, Vec<_>) = {
            let graph = self.graph();
            let named_before = |(_, id): &(usize, NodeId)| {
                let Some(node) = graph.get(*id) else { return false };
                let alike = node.digest.iter().flat_map(|digest| graph.find_all(digest));
                let beside =
                    |other: NodeId| graph.get(other).is_some_and(|other| other.parent == node.parent);
                alike.into_iter().any(|other| other.0 < id.0 && beside(other))
            };
            queue.into_iter().partition(named_before)
        };
        let fetch = |(at, id): (usize, NodeId)| self.fetch_blob(id, Role::Layer, Some((at + 1, count)));
        in_lanes(at_once, batches(first, at_once, |(_, id)| size(*id)), fetch).await?;
        in_lanes(1, batches(again, 1, |_| 0), fetch).await?;
        self.check_paths(layers);
        Ok(())
    }

    /// Fetches a blob and checks its bytes; those of a config are kept, and may not be many.
    pub(super) async fn fetch_blob(
        &self,
        id: NodeId,
        role: Role,
        ordinal: Option<(usize, usize)>,
    ) -> Result<(), Failure> {
        let Some((digest, size, _)) = self.identity(id) else { return Ok(()) };
        if self.copy_earlier(id) {
            return Ok(());
        }
        let limit = (role == Role::Config).then_some(MAX_CONFIG);
        let purpose = Purpose { digest: Some(digest.clone()), ordinal, ..Purpose::of(role) };
        let work = self.work(id);
        let expectation = Expectation { digest: Some(digest.clone()), size, limit };
        let read = self.read_blob(id, &digest, purpose, expectation, work.clone()).await;
        self.transport().forget(id.0);
        match read {
            Ok(Read { checked, claims, raw, unpacked }) => {
                // Of bytes that are the wrong ones, nothing else is said.
                let findings = match (&work, checked.proven) {
                    (Work::Unpack(_), true) => self.check_layer(id, unpacked.as_deref()),
                    (_, true) => self.check_blob(id).into_iter().collect(),
                    (_, false) => Vec::new(),
                };
                let computed = |algorithm: &Algorithm| {
                    let both = [&checked.computed, &checked.also].into_iter().flatten();
                    both.filter(|_| checked.proven).find(|digest| digest.algorithm() == algorithm).cloned()
                };
                let wrong = check_claims(&claims, computed);
                let over =
                    unpacked.as_deref().and_then(|unpacked| self.budget.files(&unpacked.listing).err());
                self.change(id, |node| {
                    node.absorb(checked);
                    node.raw = raw;
                    node.unpacked = unpacked.filter(|_| over.is_none()).map(|unpacked| Rc::from(*unpacked));
                    node.findings.extend(wrong.into_iter().chain(findings).chain(over));
                });
                Ok(())
            }
            Err(failure) => self.blob_in_descriptor(id, failure, &work),
        }
    }

    /// A blob that could not be fetched: it may stand in its descriptor, or be had elsewhere.
    fn blob_in_descriptor(&self, id: NodeId, failure: Failure, work: &Work) -> Result<(), Failure> {
        match self.take_from_descriptor(id, failure) {
            Ok(data) => {
                let is_unpacked = matches!(work, Work::Unpack(_));
                self.change(id, |node| {
                    node.raw = (node.kind == Kind::Config).then_some(data);
                    let message = "its bytes are those in its descriptor, which are not unpacked here";
                    node.note(is_unpacked.then(|| Finding::new(Code::NotUnpacked, message)));
                });
                Ok(())
            }
            Err(Failure::Found(mut finding)) => {
                let urls =
                    self.with(id, |node| node.beside.as_ref().map(|beside| beside.urls.clone())).flatten();
                if let Some(urls) = urls.filter(|urls| !urls.is_empty()) {
                    let parsed = urls.iter().filter_map(|url| url.parse::<Url>().ok());
                    let shown: Vec<String> =
                        parsed.take(MAX_URLS).map(|url| redact::url(&url).to_string()).collect();
                    let more = format!("; its descriptor names where else it is: {}", shown.join(", "));
                    finding.message.push_str(&more);
                }
                self.note(id, Failure::Found(finding))
            }
            Err(failure) => self.note(id, failure),
        }
    }

    /// Reads a blob; where the connection breaks, the rest of it is asked for.
    async fn read_blob(
        &self,
        id: NodeId,
        digest: &Digest,
        mut purpose: Purpose,
        expectation: Expectation,
        work: Work,
    ) -> Result<Read, Failure> {
        let is_kept = expectation.limit.is_some();
        let mut raw = is_kept.then(Vec::new);
        let mut blob = Blob { job: id.0, algorithm: digest.algorithm().clone(), from: 0, keep: 0, work };
        let mut check = Check::new(expectation);
        let (mut is_anew, mut furthest) = (false, 0);
        let mut broken: Option<End> = None;
        for tries in 1..=MAX_TRIES {
            purpose.from = blob.from;
            let request = endpoint::blob(self.reference.repository(), digest, blob.from);
            // The bytes of a document are wanted here.
            let taken_in = (!is_kept).then_some(&blob);
            let mut sent: Sent<'_, T> = match self.send_as(id, request, purpose.clone(), taken_in).await {
                Ok(sent) if sent.answer == Answer::Found => sent,
                Err(Failure::Lost(_)) if !is_anew => {
                    is_anew = true;
                    self.restart(id, &mut check, &mut raw, is_kept);
                    blob.from = 0;
                    continue;
                }
                other => match (other, broken) {
                    (Err(Failure::Aborted), _) => return Err(Failure::Aborted),
                    // That the rest is refused tells less than what broke.
                    (_, Some(end)) => return Ok(Read::of(check.finish(end))),
                    (Ok(sent), None) => return Err(self.refusal(sent).await),
                    (Err(failure), None) => return Err(failure),
                },
            };
            match blob.answered(sent.response.head()) {
                Some(Answered::Rest) => {}
                // None of these bytes is looked at. Whoever sends them once more is not asked again.
                Some(Answered::Other) if std::mem::replace(&mut is_anew, true) => {
                    return Ok(Read::of(check.finish(broken.unwrap_or(End::Complete { announced: None }))));
                }
                Some(Answered::Other) => {
                    self.restart(id, &mut check, &mut raw, is_kept);
                    blob.from = 0;
                    continue;
                }
                _ if blob.from > 0 => self.restart(id, &mut check, &mut raw, is_kept),
                _ => {}
            }
            let claims = endpoint::claims(sent.response.head());
            check.also_by(claims.beside(digest.algorithm()).as_ref());
            let ended = self.read_into(id, &mut sent.response, &mut check, &mut raw).await?;
            let head = sent.response.head().clone();
            drop(sent);
            let lacking = match &ended {
                Ended::Whole { announced, .. } => announced.is_some_and(|announced| check.read() < announced),
                Ended::Broken(_) => true,
                Ended::Lost(_) => !std::mem::replace(&mut is_anew, true),
            };
            let is_further = check.read() > furthest;
            furthest = furthest.max(check.read());
            if !lacking || tries == MAX_TRIES || !(is_further || matches!(ended, Ended::Lost(_))) {
                let (unpacked, end) = ended.apart();
                let size = check.expected_size();
                let checked = check_encoding(&head, size, check.finish(end));
                let raw = raw.filter(|_| checked.proven || checked.computed.is_some());
                return Ok(Read { checked, claims, raw, unpacked });
            }
            if matches!(ended, Ended::Lost(_)) {
                self.restart(id, &mut check, &mut raw, is_kept);
            }
            blob.from = check.read();
            broken = Some(ended.apart().1);
        }
        // Not reached: the last try returns.
        Ok(Read::of(check.finish(End::Complete { announced: None })))
    }

    fn restart(&self, id: NodeId, check: &mut Check, raw: &mut Option<Vec<u8>>, is_kept: bool) {
        check.restart();
        *raw = is_kept.then(Vec::new);
        self.change(id, |node| node.read = 0);
    }

    /// Where the same bytes were already fetched under another name, the result holds here too. What was asked for
    /// before, and is so again, takes over a proof alone.
    fn copy_earlier(&self, id: NodeId) -> bool {
        let graph = self.graph.borrow();
        let Some(this) = graph.get(id) else { return false };
        let holds = |node: &&Node| {
            let fetched = node.proven || (this.requests.is_empty() && !node.requests.is_empty());
            fetched && node.size == this.size
        };
        let others =
            this.digest.iter().flat_map(|digest| graph.find_all(digest)).filter(|other| *other != id);
        let Some(earlier) = others.filter_map(|other| graph.get(other)).find(holds) else { return false };
        let mut earlier = earlier.clone();
        drop(graph);
        if earlier.proven && matches!(self.work(id), Work::Unpack(_)) {
            // The diff ID is another one's.
            earlier.findings = self.check_layer(id, earlier.unpacked.as_deref());
        } else if let Some(beside) = &earlier.beside {
            // What is odd about the other's descriptor is that one's alone.
            earlier.findings.retain(|finding| !beside.findings.contains(finding));
        }
        self.change(id, |node| {
            let Node { read, computed, proven, raw, unpacked, requests, .. } = earlier;
            let findings = [std::mem::take(&mut node.findings), earlier.findings].concat();
            let requests = [std::mem::take(&mut node.requests), requests].concat();
            *node = Node { read, computed, proven, findings, raw, unpacked, requests, ..node.clone() };
        });
        true
    }
}
