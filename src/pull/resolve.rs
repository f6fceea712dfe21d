//! From a tag to a digest. A tag proves nothing: what it points to is the registry's claim.

use super::fetch::{Sent, not_fetched};
use super::{Failure, Pull};
use crate::digest::Digest;
use crate::endpoint::{self, Accept, Answer};
use crate::graph::NodeId;
use crate::http::{Field, Method};
use crate::media_type::MediaType;
use crate::trace::{Purpose, Role};
use crate::transport::Transport;
use crate::verify::{Code, Finding};

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
        let tag = self.reference.tag().unwrap_or("latest").to_owned();
        for accept in [Accept::Indexes, Accept::Manifests] {
            let sent = match self.ask(root, Method::Head, &tag, &accept).await {
                Ok(sent) => sent,
                Err(Failure::Aborted) => return Err(Failure::Aborted),
                // A proxy may refuse HEAD in a way that a page cannot tell from a dead host.
                Err(Failure::Found(_)) => return self.resolve_by_get(root, &tag, &Accept::LADDER).await,
            };
            match sent.answer {
                Answer::Found => match self.claim(root, &sent) {
                    Some(digest) => {
                        let media_type = endpoint::content_type(sent.response.head());
                        return Ok(Resolved { digest, media_type, body: None, claimed: true });
                    }
                    None => return self.resolve_by_get(root, &tag, &[accept]).await,
                },
                Answer::NotFound | Answer::Converted => {}
                _ => return self.resolve_by_get(root, &tag, &Accept::LADDER).await,
            }
        }
        self.resolve_by_get(root, &tag, &[Accept::All]).await
    }

    /// The way for registries that refuse `HEAD`, or do not let its digest be seen.
    async fn resolve_by_get(&self, root: NodeId, tag: &str, ladder: &[Accept]) -> Result<Resolved, Failure> {
        let mut last = not_fetched("the registry has no such tag".into());
        for accept in ladder {
            let mut sent = self.ask(root, Method::Get, tag, accept).await?;
            match sent.answer {
                Answer::Found => {
                    let claimed = self.claim(root, &sent);
                    let media_type = endpoint::content_type(sent.response.head());
                    let body = self.read_unchecked(&mut sent.response, MAX_DOCUMENT).await?;
                    let broken =
                        || not_fetched("what the tag points to ended early, or is over 4 MiB".into());
                    let body = body.ok_or_else(broken)?;
                    let is_claimed = claimed.is_some();
                    let digest = claimed.unwrap_or_else(|| Digest::sha256(&body));
                    return Ok(Resolved { digest, media_type, body: Some(body), claimed: is_claimed });
                }
                Answer::NotFound | Answer::Converted => last = self.refusal(sent).await,
                _ => return Err(self.refusal(sent).await),
            }
        }
        Err(last)
    }

    async fn ask(
        &self,
        root: NodeId,
        method: Method,
        tag: &str,
        accept: &Accept,
    ) -> Result<Sent<'_, T>, Failure> {
        let request = endpoint::manifest(self.reference.repository(), method, tag, accept);
        let purpose = Purpose { role: Role::Tag, digest: None, ordinal: None };
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
                let message = "Docker-Content-Digest is hidden by CORS, or was not sent: \
                     the registry's own word on the tag could not be compared";
                self.change(root, |node| {
                    let noted = node.findings.iter().any(|f| f.code == Code::HeaderNotExposed);
                    node.findings.extend((!noted).then(|| Finding::new(Code::HeaderNotExposed, message)));
                });
                None
            }
            Field::Absent | Field::NotRecorded => None,
        }
    }
}
