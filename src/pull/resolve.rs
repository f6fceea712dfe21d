//! From a tag to a digest. A tag proves nothing: what it points to is the registry's claim.

use super::fetch::{Body, Sent};
use super::{Failure, Pull};
use crate::digest::Digest;
use crate::endpoint::{self, Accept, Answer};
use crate::graph::NodeId;
use crate::http::{Field, Method};
use crate::media_type::MediaType;
use crate::trace::{Purpose, Recorded, Role};
use crate::transport::Transport;
use crate::verify::{Code, Expectation, Finding, check_claims_on};

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
                // Whoever has to sign in, or is to wait, has to for GET as well: no credentials are shown twice.
                Answer::Refused(401 | 429) => return Err(self.refusal(sent).await),
                // HEAD alone may be what is refused.
                _ => break,
            }
        }
        // The short ones first: they need no preflight, which may be what a registry does not answer.
        self.resolve_by_get(root, &Accept::LADDER).await
    }

    /// The way for registries that refuse `HEAD`, do not let its digest be seen, or do not have what it says.
    pub(super) async fn resolve_by_get(&self, root: NodeId, ladder: &[Accept]) -> Result<Resolved, Failure> {
        let ask = async |accept: &Accept| self.ask(root, Method::Get, accept).await;
        let is_found = |answer: &Answer, _| *answer == Answer::Found;
        let ways = ladder.iter().cloned();
        let mut sent = self.ask_each(ways, ask, is_found, "the registry has no such tag").await?;
        let claimed = self.claim(root, &sent);
        let media_type = endpoint::content_type(sent.response.head());
        let claims = endpoint::claims(sent.response.head());
        let body = self.read_tag(root, &mut sent.response).await?;
        // What comes is hashed: a wrong word on it is a finding, and leads nowhere.
        let wrong = check_claims_on(&claims, &body);
        let digest = claimed.filter(|_| wrong.is_empty());
        let is_claimed = digest.is_some();
        self.change(root, |node| wrong.into_iter().for_each(|finding| node.note(Some(finding))));
        let digest = digest.unwrap_or_else(|| Digest::sha256(&body));
        Ok(Resolved { digest, media_type, body: Some(body), claimed: is_claimed })
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

    /// The digest that the registry claims for the tag, if it can be seen, and is one.
    fn claim(&self, root: NodeId, sent: &Sent<'_, T>) -> Option<Digest> {
        let head = sent.response.head();
        if endpoint::content_digest(head) == Field::NotExposed {
            self.change(root, |node| node.note(Some(hidden_digest())));
        }
        endpoint::claims(head).single().cloned()
    }
}

/// What is said of a root whose registry's word on it cannot be seen.
pub(super) fn hidden_digest() -> Finding {
    let message = "Docker-Content-Digest is hidden by CORS, or was not sent: \
         the registry's own word on it could not be compared";
    Finding::new(Code::HeaderNotExposed, message)
}
