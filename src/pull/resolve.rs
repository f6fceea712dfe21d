//! From a tag to a digest. A tag proves nothing: what it points to is the registry's claim.

use super::fetch::{Body, Sent, not_fetched};
use super::{Failure, Pull};
use crate::digest::Digest;
use crate::endpoint::{self, Accept, Answer};
use crate::graph::NodeId;
use crate::http::{Field, Method};
use crate::media_type::MediaType;
use crate::trace::{Purpose, Recorded, Role};
use crate::transport::Transport;
use crate::verify::{Code, Expectation, Finding, check_header_digest};

use super::document::MAX_DOCUMENT;

/// The root as the reference or the registry names it.
pub(super) struct Resolved {
    pub(super) digest: Digest,
    pub(super) media_type: Option<MediaType>,
    /// The body that came with the tag, where a `GET` had to be used.
    pub(super) body: Option<Vec<u8>>,
    /// Whether the digest is somebody's word, and not computed from that body.
    pub(super) claimed: bool,
}

impl<T: Transport> Pull<T> {
    /// Finds the digest of the root: the reference's own, or what the registry says of the tag.
    pub(super) async fn resolve(&self, root: NodeId) -> Result<Resolved, Failure> {
        if let Some(digest) = self.reference.digest() {
            return Ok(Resolved { digest: digest.clone(), media_type: None, body: None, claimed: true });
        }
        for accept in [Accept::Indexes, Accept::Manifests] {
            let sent = match self.ask(root, Method::Head, &accept).await {
                Ok(sent) => sent,
                Err(Failure::Aborted) => return Err(Failure::Aborted),
                // A proxy may refuse HEAD in a way that a page cannot tell from a dead host.
                Err(Failure::Found(_) | Failure::Lost(_)) => {
                    return self.resolve_by_get(root, &Accept::LADDER).await;
                }
            };
            match sent.answer {
                Answer::Found => match self.claim(root, &sent) {
                    Some(digest) => {
                        let media_type = endpoint::content_type(sent.response.head());
                        return Ok(Resolved { digest, media_type, body: None, claimed: true });
                    }
                    None => return self.resolve_by_get(root, &[accept]).await,
                },
                Answer::NotFound | Answer::Converted => {}
                // Who is not let in is not let in by GET either: nobody is asked twice, and no credentials are shown twice.
                Answer::Refused(401 | 403 | 429) => return Err(self.refusal(sent).await),
                _ => return self.resolve_by_get(root, &Accept::LADDER).await,
            }
        }
        self.resolve_by_get(root, &[Accept::All]).await
    }

    /// The way for registries that refuse `HEAD`, do not let its digest be seen, or do not have what it says.
    pub(super) async fn resolve_by_get(&self, root: NodeId, ladder: &[Accept]) -> Result<Resolved, Failure> {
        let mut last = not_fetched("the registry has no such tag".into());
        for accept in ladder {
            let mut sent = self.ask(root, Method::Get, accept).await?;
            match sent.answer {
                Answer::Found => {
                    let claimed = self.claim(root, &sent);
                    let media_type = endpoint::content_type(sent.response.head());
                    let body = self.read_tag(root, &mut sent.response).await?;
                    // What comes is hashed: a wrong word on it is a finding, and leads nowhere.
                    let word = claimed.as_ref().map(Digest::to_string).unwrap_or_default();
                    let wrong = check_header_digest(&word, &body);
                    let digest = claimed.filter(|_| wrong.is_none());
                    let is_claimed = digest.is_some();
                    self.change(root, |node| node.note(wrong));
                    let digest = digest.unwrap_or_else(|| Digest::sha256(&body));
                    return Ok(Resolved { digest, media_type, body: Some(body), claimed: is_claimed });
                }
                Answer::NotFound | Answer::Converted => last = self.refusal(sent).await,
                _ => return Err(self.refusal(sent).await),
            }
        }
        Err(last)
    }

    /// All that a tag points to. Its end and its size are checked; its digest is not known yet.
    async fn read_tag(&self, root: NodeId, response: &mut Recorded<'_, T>) -> Result<Vec<u8>, Failure> {
        let limit = Some(MAX_DOCUMENT as u64);
        let expectation = Expectation { digest: None, size: None, limit };
        let Body { mut checked, raw } = self.read(root, response, expectation, true).await?;
        // It is read once more, by its digest.
        self.change(root, |node| node.read = 0);
        match checked.findings.pop() {
            Some(finding) => Err(Failure::Found(finding)),
            None => Ok(raw.unwrap_or_default()),
        }
    }

    async fn ask(&self, root: NodeId, method: Method, accept: &Accept) -> Result<Sent<'_, T>, Failure> {
        let tag = self.reference.tag_or_default();
        let request = endpoint::manifest(self.reference.repository(), method, tag, accept);
        let purpose = Purpose::of(Role::Tag);
        let mut sent = self.send(root, request, purpose).await?;
        if method == Method::Head {
            // There is no body, and with its end the request is over.
            self.read_unchecked(&mut sent.response, 0).await?;
        }
        Ok(sent)
    }

    /// The digest that the registry claims for the tag, if it can be seen.
    fn claim(&self, root: NodeId, sent: &Sent<'_, T>) -> Option<Digest> {
        match endpoint::content_digest(sent.response.head()) {
            Field::Present(text) => text.trim().parse().ok(),
            Field::NotExposed => {
                self.change(root, |node| node.note(Some(hidden_digest())));
                None
            }
            Field::Absent | Field::NotRecorded => None,
        }
    }
}

/// What is said of a root whose registry's word on it cannot be seen.
pub(super) fn hidden_digest() -> Finding {
    let message = "Docker-Content-Digest is hidden by CORS, or was not sent: \
         the registry's own word on it could not be compared";
    Finding::new(Code::HeaderNotExposed, message)
}
