//! Sending one request of the pull, following what redirects can be seen, and reading what comes.

use super::{Event, Failure, Pull};
use crate::endpoint::{Accept, Answer, read_head};
use crate::graph::NodeId;
use crate::http::{Request, ResponseHead, UrlError};
use crate::layer::Unpacked;
use crate::redact;
use crate::registry_error::RegistryErrors;
use crate::trace::{Purpose, Recorded, Role};
use crate::transport::{Blob, Piece, Sum, Transport, TransportError};
use crate::verify::{Check, Checked, Code, End, Expectation, Finding, check_encoding};

/// A redirect chain longer than this is not followed further.
const MAX_REDIRECTS: usize = 10;

/// How much of the body of a refusal is read, in bytes.
const MAX_REFUSAL: usize = 64 * 1024;

/// An answer, after redirects.
pub(super) struct Sent<'a, T: Transport> {
    /// The response that ended the chain.
    pub(super) response: Recorded<'a, T>,
    /// What its head comes to; never a redirect.
    pub(super) answer: Answer,
    /// The entry of the request that began the chain.
    pub(super) first: usize,
}

/// A body that was read and checked.
pub(super) struct Body {
    /// The result of the check.
    pub(super) checked: Checked,
    /// All of it, if it was to be kept and did come whole.
    pub(super) raw: Option<Vec<u8>>,
}

/// How the reading of one answer ended.
pub(super) enum Ended {
    /// It was all, or more than there may be; with the number of bytes that there should be by then, if it was said.
    Whole {
        /// From the first byte of the object on.
        announced: Option<u64>,
        /// What it came to, where the bytes were taken in elsewhere.
        sum: Option<Sum>,
    },
    /// It broke off; with what the transport said.
    Broken(String),
    /// What took the bytes in is gone; with what the transport said.
    Lost(String),
}

impl Ended {
    /// What it unpacked to, if it did, and what it means for the check.
    pub(super) fn apart(self) -> (Option<Box<Unpacked>>, End) {
        match self {
            Ended::Whole { announced, sum } => {
                (sum.and_then(|sum| sum.unpacked), End::Complete { announced })
            }
            Ended::Broken(detail) => (None, End::Interrupted(detail)),
            Ended::Lost(detail) => {
                (None, End::Interrupted(format!("the worker that read it ended: {detail}")))
            }
        }
    }
}

impl<T: Transport> Pull<T> {
    /// Sends a request for the object at `node`, and follows the redirects that the transport lets be seen.
    pub(super) async fn send(
        &self,
        node: NodeId,
        request: Result<Request, UrlError>,
        purpose: Purpose,
    ) -> Result<Sent<'_, T>, Failure> {
        self.send_as(node, request, purpose, None).await
    }

    /// The same; for a blob, its bytes may be taken in where they arrive.
    pub(super) async fn send_as(
        &self,
        node: NodeId,
        request: Result<Request, UrlError>,
        mut purpose: Purpose,
        blob: Option<&Blob>,
    ) -> Result<Sent<'_, T>, Failure> {
        let mut request = request.map_err(|error| not_fetched(format!("cannot be asked for: {error}")))?;
        let (mut first, mut from) = (None, None);
        for _ in 0..=MAX_REDIRECTS {
            let noted = |id| self.change(node, |node| node.requests.push(id));
            let sent = self.session.send(&request, &purpose, &self.area, (from, blob), &noted).await;
            let response = sent.map_err(|error| no_answer(error, &request))?;
            let id = response.id();
            let first = *first.get_or_insert(id);
            match read_head(response.head(), &self.session.route(&request.url)) {
                Answer::Moved(target) => {
                    (request.url, from) = (target, Some(id));
                    purpose.role = Role::Redirect;
                }
                Answer::MovedNowhere(error) => {
                    return Err(not_fetched(format!("redirected to where nothing can be fetched: {error}")));
                }
                answer => return Ok(Sent { response, answer, first }),
            }
        }
        Err(not_fetched(format!("more than {MAX_REDIRECTS} redirects, one after the other")))
    }

    /// Reads a body to its end, or to where it is known to be wrong.
    pub(super) async fn read(
        &self,
        node: NodeId,
        response: &mut Recorded<'_, T>,
        expectation: Expectation,
        keep: bool,
    ) -> Result<Body, Failure> {
        let mut check = Check::new(expectation);
        let mut raw = keep.then(Vec::new);
        let size = check.expected_size();
        let (_, end) = self.read_into(node, response, &mut check, &mut raw).await?.apart();
        let checked = check_encoding(response.head(), size, check.finish(end));
        let cut_short = checked.findings.iter().any(|finding| finding.code == Code::Truncated);
        Ok(Body { checked, raw: raw.filter(|_| !cut_short) })
    }

    /// Reads what comes into a check, and into `raw` if it is to be kept.
    pub(super) async fn read_into(
        &self,
        node: NodeId,
        response: &mut Recorded<'_, T>,
        check: &mut Check,
        raw: &mut Option<Vec<u8>>,
    ) -> Result<Ended, Failure> {
        let before = check.read();
        let announced = response.head().headers.content_length().map(|rest| before.saturating_add(rest));
        loop {
            match response.piece().await {
                Ok(Some(piece)) => {
                    if let Some(node) = self.graph.borrow_mut().get_mut(node) {
                        node.read = node.read.saturating_add(piece.count());
                    }
                    (self.observer)(Event::Progress(node));
                    let fits = match &piece {
                        Piece::Bytes(bytes) => check.update(bytes),
                        Piece::TakenIn { count, .. } => check.count(*count),
                    };
                    if !fits {
                        *raw = None;
                        return Ok(Ended::Whole { announced: None, sum: None });
                    }
                    if let (Some(raw), Piece::Bytes(bytes)) = (raw.as_mut(), piece) {
                        raw.extend_from_slice(&bytes);
                    }
                }
                Ok(None) => {
                    let sum = response.sum();
                    let digests = sum.as_ref().map(|sum| (sum.digest.clone(), sum.also.clone()));
                    let (digest, also) = digests.unwrap_or_default();
                    check.computed(digest, also);
                    return Ok(Ended::Whole { announced, sum });
                }
                Err(TransportError::Aborted) => return Err(Failure::Aborted),
                Err(TransportError::NotRecorded) => {
                    let message = "the recording holds the head of the answer, and not its body";
                    return Err(Failure::Found(Finding::new(Code::NotRecorded, message)));
                }
                Err(error @ TransportError::Unreadable { .. }) => {
                    return Err(Failure::Found(Finding::new(Code::NotRecorded, error.to_string())));
                }
                Err(TransportError::Lost { detail }) => return Ok(Ended::Lost(detail)),
                Err(TransportError::Interrupted { detail }) => return Ok(Ended::Broken(detail)),
                Err(error) => return Ok(Ended::Broken(error.to_string())),
            }
        }
    }

    /// Reads a whole body that nothing is expected of; `None` if it grows over `limit` or breaks off.
    pub(super) async fn read_unchecked(
        &self,
        response: &mut Recorded<'_, T>,
        limit: usize,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let mut raw = Vec::new();
        loop {
            match response.piece().await {
                Ok(Some(Piece::Bytes(bytes))) => raw.extend_from_slice(&bytes),
                Ok(Some(Piece::TakenIn { .. })) => return Ok(None),
                Ok(None) => return Ok(Some(raw)),
                Err(TransportError::Aborted) => return Err(Failure::Aborted),
                Err(_) => return Ok(None),
            }
            if raw.len() > limit {
                return Ok(None);
            }
        }
    }

    /// Asks in one way after the other until an answer is taken, which `takes` says of it and of whether it is the last; a
    /// refusal that another way would meet as well ends it. Fails with the refusal that tells most, or with `none`.
    pub(super) async fn ask_each<'a>(
        &'a self,
        ways: impl IntoIterator<Item = Accept>,
        ask: impl AsyncFn(&Accept) -> Result<Sent<'a, T>, Failure>,
        takes: impl Fn(&Answer, bool) -> bool,
        none: &str,
    ) -> Result<Sent<'a, T>, Failure> {
        let mut refusals = Refusals::default();
        let mut ways = ways.into_iter().peekable();
        while let Some(accept) = ways.next() {
            let sent = match ask(&accept).await {
                Ok(sent) => sent,
                // That a browser may not ask in yet another way tells less than what was answered before.
                Err(failure) => return Err(refusals.or(failure)),
            };
            if takes(&sent.answer, ways.peek().is_none()) {
                return Ok(sent);
            }
            let is_final = sent.answer.is_final();
            refusals.add(self, sent).await?;
            if is_final {
                break;
            }
        }
        Err(refusals.or(not_fetched(none.to_owned())))
    }

    /// Who answered: the registry, or the store that it redirected to.
    fn whose(&self, sent: &Sent<'_, T>) -> String {
        let trace = self.trace();
        let origin = |id: usize| trace.entries.get(id).map(|entry| entry.url.origin().to_owned());
        let followed = sent.response.head().followed_to.as_ref().map(|url| url.origin().to_owned());
        let last = followed.or_else(|| origin(sent.response.id()));
        match last.filter(|last| Some(last) != origin(sent.first).as_ref()) {
            Some(store) => format!("{store}, to which the registry redirected,"),
            None => "the registry".to_owned(),
        }
    }

    /// What to say of an answer that is not the object, with the registry's own words where there are any.
    pub(super) async fn refusal(&self, mut sent: Sent<'_, T>) -> Failure {
        let body = match self.read_unchecked(&mut sent.response, MAX_REFUSAL).await {
            Err(failure) => return failure,
            Ok(body) => body.unwrap_or_default(),
        };
        let words = RegistryErrors::parse(&body).map(|errors| format!(": {errors}"));
        let is_first = sent.response.id() == sent.first;
        let hindrance = self.session.hindrance(sent.response.head()).filter(|_| is_first);
        let hindrance = hindrance.map(|hindrance| format!("; {hindrance}")).unwrap_or_default();
        let what = match sent.answer {
            Answer::Converted => "the registry converts this image to the deprecated schema 1, \
                 whose digest says nothing of the image"
                .to_owned(),
            _ => status_sentence(sent.response.head(), &self.whose(&sent)),
        };
        not_fetched(format!("{what}{}{hindrance}", words.unwrap_or_default()))
    }
}

/// What is said where several ways of asking were refused: the first refusal that is more than "not there", else the last.
#[derive(Default)]
struct Refusals {
    told: Option<Finding>,
    is_more: bool,
}

impl Refusals {
    /// Takes note of a refusal.
    async fn add<T: Transport>(&mut self, pull: &Pull<T>, sent: Sent<'_, T>) -> Result<(), Failure> {
        let is_more = !matches!(sent.answer, Answer::NotFound | Answer::Converted);
        match pull.refusal(sent).await {
            Failure::Found(finding) if !self.is_more => {
                (self.told, self.is_more) = (Some(finding), is_more);
                Ok(())
            }
            Failure::Found(_) => Ok(()),
            failure => Err(failure),
        }
    }

    /// What was refused; where nothing was, or the caller stops the pull, the failure that came last.
    fn or(self, last: Failure) -> Failure {
        match (self.told, last) {
            (_, Failure::Aborted) => Failure::Aborted,
            (Some(finding), _) => Failure::Found(finding),
            (None, last) => last,
        }
    }
}

pub(super) fn not_fetched(message: String) -> Failure {
    Failure::Found(Finding::new(Code::NotFetched, message))
}

pub(super) fn no_answer(error: TransportError, request: &Request) -> Failure {
    match error {
        TransportError::Aborted => Failure::Aborted,
        TransportError::NotRecorded => {
            let url = redact::url(&request.url);
            let message = format!("the recording holds no answer to {} {url}", request.method);
            Failure::Found(Finding::new(Code::NotRecorded, message))
        }
        TransportError::Unreadable { .. } => {
            Failure::Found(Finding::new(Code::NotRecorded, error.to_string()))
        }
        TransportError::NoResponse { detail, .. } => {
            not_fetched(format!("no response from {} that can be read: {detail}", request.url.origin()))
        }
        TransportError::NotHere { detail, .. } => {
            let message = format!("no response from {} to a worker: {detail}", request.url.origin());
            Failure::Lost(Finding::new(Code::NotFetched, message))
        }
        TransportError::Lost { detail } => {
            let message = format!("the worker that was to read it ended: {detail}");
            Failure::Lost(Finding::new(Code::NotFetched, message))
        }
        TransportError::Interrupted { detail } => not_fetched(format!("the connection broke: {detail}")),
    }
}

fn status_sentence(head: &ResponseHead, who: &str) -> String {
    match head.status {
        Some(401) => format!("{who} answered 401: it requires a sign-in, and anonymous access is not enough"),
        Some(403) => format!("{who} answered 403: access is denied"),
        Some(404) => format!("{who} answered 404: it does not have this"),
        Some(429) => format!("{who} answered 429: too many requests, try again later"),
        Some(status @ 500..) => format!("{who} answered {status}: it failed, not the request"),
        Some(status) => format!("{who} answered {status}"),
        None => "the recording does not hold the status of the answer".into(),
    }
}
