//! One conversation with one registry: signs in where it has to, waits where it is told to, goes by a relay if there is
//! one, and writes down every request.
//!
//! `Authorization` goes to those alone whom its [`crate::auth::Pass`] names: what a redirect leads to never sees it, and
//! what it answers asks for no credentials.

mod access;
mod turn;

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;

use crate::auth::{Demand, Door, Grant, Held, Wallet, take_out};
use crate::endpoint;
use crate::http::{Request, ResponseHead, Url};
use crate::reference::Repository;
use crate::trace::{Purpose, Recorded, Recorder, Trace};
use crate::transport::{Blob, Transport, TransportError};

use access::Tried;
use turn::Turn;

pub use access::Want;

/// How often one request is sent again because the registry told it to wait.
const MAX_WAITS: u32 = 5;

/// The longest that is waited, in seconds: a limit that lasts for hours is told to the user instead.
const MAX_PAUSE: f64 = 300.0;

/// What is waited where the registry does not say it, or CORS hides it, in seconds; twice that the next time.
const USUAL_PAUSE: f64 = 2.0;

/// What of a registry is asked for: a repository, or the catalogue. A token is for one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// The repository's path; empty for the catalogue.
    pub name: String,
    /// The scope that a token has to have for it.
    pub scope: String,
}

impl Area {
    /// To read a repository.
    pub fn repository(repository: &Repository) -> Area {
        let name = repository.path().to_owned();
        Area { scope: format!("repository:{name}:pull"), name }
    }

    /// To list the repositories.
    pub fn catalogue() -> Area {
        Area { name: String::new(), scope: "registry:catalog:*".to_owned() }
    }
}

/// A pause that the registry asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waiting {
    /// How long, in seconds.
    pub seconds: f64,
    /// Whether the registry said how long.
    pub is_stated: bool,
}

/// One conversation with one registry.
pub struct Session<T> {
    recorder: Recorder<T>,
    door: Door,
    wallet: Rc<Wallet>,
    turn: Turn,
    /// What the last `Bearer` challenge came to.
    demand: RefCell<Option<Demand>>,
    want: RefCell<Option<Want>>,
    waiting: Cell<Option<Waiting>>,
}

impl<T: Transport> Session<T> {
    /// A conversation with the registry at an origin; through the relay at another one, if that is given.
    pub fn new(
        recorder: Recorder<T>,
        registry: String,
        relay: Option<Url>,
        wallet: Rc<Wallet>,
    ) -> Session<T> {
        let front = relay.map_or_else(|| registry.clone(), |relay| relay.origin().to_owned());
        let (turn, demand, want, waiting) = Default::default();
        Session { recorder, door: Door { registry, front }, wallet, turn, demand, want, waiting }
    }

    /// The requests so far. Not to be held across an await.
    pub fn trace(&self) -> Ref<'_, Trace> {
        self.recorder.trace()
    }

    /// What writes them down.
    pub fn recorder(&self) -> &Recorder<T> {
        &self.recorder
    }

    /// The registry, and the way to it.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// The origin of the registry.
    pub fn registry(&self) -> &str {
        &self.door.registry
    }

    /// The origin that is asked in the registry's place, if one is.
    pub fn relay(&self) -> Option<&str> {
        self.door.relay()
    }

    /// The origin that requests go to.
    pub fn front(&self) -> &str {
        &self.door.front
    }

    /// What keeps the user from being let in, where this head is the answer of the one who did not; no more than what a 401
    /// says of itself is `None`.
    pub fn hindrance(&self, head: &ResponseHead) -> Option<String> {
        let want = self.want.borrow();
        want.as_ref().filter(|_| head.status == Some(401) && self.is_from_front(head))?.hindrance()
    }

    /// What a token was demanded for beyond what is asked for here, where credentials are shown for it, or would be.
    pub fn beyond(&self) -> Option<String> {
        let beyond = self.demand.borrow().as_ref()?.beyond.clone()?;
        let is_known = self.want.borrow().is_some() || self.wallet.credentials(&self.door).is_some();
        is_known.then_some(beyond)
    }

    /// What lets in to an area at the moment.
    pub fn grant(&self, area: &Area) -> Option<Grant> {
        self.wallet.grant(&self.door, &area.name, self.now())
    }

    /// What would be needed to be let in, where that was refused last.
    pub fn want(&self) -> Option<Want> {
        self.want.borrow().clone()
    }

    /// The pause that is being waited.
    pub fn waiting(&self) -> Option<Waiting> {
        self.waiting.get()
    }

    /// Sends a request, for a blob perhaps, and does what it takes to have it answered. `sent` is told the number of
    /// each entry that comes of it; `hop` is the entry whose redirect is being followed.
    pub async fn send(
        &self,
        request: &Request,
        purpose: &Purpose,
        area: &Area,
        (hop, blob): (Option<usize>, Option<&Blob>),
        sent: &dyn Fn(usize),
    ) -> Result<Recorded<'_, T>, TransportError> {
        let mut routed = Request { url: self.route(&request.url), ..request.clone() };
        let is_own = hop.is_none() && routed.url.origin() == self.door.front;
        let (mut tried, mut waits) = (Tried::default(), 0);
        loop {
            take_out(&mut routed);
            let shown = self.grant(area).filter(|grant| is_own && grant.pass.show(&mut routed).is_ok());
            let answered = match blob {
                Some(blob) => self.recorder.send_blob(&routed, blob, purpose.clone(), hop).await,
                None => self.recorder.send(&routed, purpose.clone(), hop).await,
            };
            let response = answered.map_err(|(id, error)| {
                sent(id);
                error
            })?;
            sent(response.id());
            let status = response.head().status;
            let by_nobody = shown.as_ref().is_some_and(|grant| grant.held == Held::Anonymously);
            // What a redirect led to unseen is not whom the user would sign in to.
            let is_own = is_own && self.is_from_front(response.head());
            match status {
                Some(401) if is_own => {
                    if !self.admit(response.head(), area, shown.as_ref(), &mut tried, sent).await? {
                        return Ok(response);
                    }
                }
                // What anybody may not have, somebody may.
                Some(403) if is_own && by_nobody && self.wallet.credentials(&self.door).is_some() => {
                    if !self.upgrade(area, &mut tried, sent).await? {
                        return Ok(response);
                    }
                }
                Some(429) if waits < MAX_WAITS => {
                    let stated = endpoint::retry_after(response.head(), self.now());
                    let seconds = stated.unwrap_or(USUAL_PAUSE * f64::from(1_u32 << waits));
                    if seconds > MAX_PAUSE {
                        return Ok(response);
                    }
                    drop(response);
                    waits += 1;
                    self.pause(Waiting { seconds, is_stated: stated.is_some() }).await?;
                }
                _ => {
                    if is_own && status.is_some_and(|status| status < 400) {
                        self.want.take();
                    }
                    return Ok(response);
                }
            }
        }
    }

    /// Where a request for the registry really goes.
    pub fn route(&self, url: &Url) -> Url {
        let Door { registry, front } = &self.door;
        if url.origin() == registry { url.with_origin(front) } else { url.clone() }
    }

    fn is_from_front(&self, head: &ResponseHead) -> bool {
        head.followed_to.as_ref().is_none_or(|url| url.origin() == self.door.front)
    }

    async fn pause(&self, waiting: Waiting) -> Result<(), TransportError> {
        self.waiting.set(Some(waiting));
        self.recorder.touch();
        let waited = self.recorder.transport().pause(waiting.seconds * 1000.0).await;
        self.waiting.take();
        self.recorder.touch();
        waited
    }

    /// The latest moment that the trace knows, in milliseconds since the Unix epoch: nothing here has a clock.
    fn now(&self) -> Option<f64> {
        let trace = self.recorder.trace();
        let last = |entry: &crate::trace::Entry| {
            let times = entry.timings;
            Some(times.started? + times.wait.unwrap_or_default() + times.receive.unwrap_or_default())
        };
        let recent = trace.entries.iter().rev().take(8).filter_map(last);
        recent.fold(
            None,
            |latest, time| if latest.is_some_and(|latest| latest > time) { latest } else { Some(time) },
        )
    }
}
