//! Being let in: from a 401 to a token, or to what the user is to be asked for.

use super::{Area, Session};
use crate::auth::{Challenge, Demand, Grant, Held, Refusal, Token, is_private, known_realm};
use crate::http::{Field, Request, ResponseHead, Url};
use crate::registry_error::RegistryErrors;
use crate::trace::{Purpose, Role};
use crate::transport::{Piece, Transport, TransportError};

/// The most that the answer of a token server may have, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// What would be needed to be let in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Want {
    /// Credentials; for the registry itself, or for the token server that it names.
    Credentials {
        /// The token server.
        realm: Option<Url>,
        /// Why nobody in particular has a token, where the token server did not just refuse one.
        why: Option<String>,
    },
    /// Other credentials: these were refused.
    Others {
        /// The user that was refused.
        user: String,
        /// By whom, if by a token server.
        realm: Option<Url>,
        /// What was said.
        why: String,
    },
    /// The user's word that the credentials may go to one more recipient.
    Consent {
        /// The token server; `None` for the registry itself.
        realm: Option<Url>,
    },
    /// TLS: without it, no credentials go to this token server or relay, nor what they are exchanged for.
    Tls {
        /// The token server, or the relay.
        to: Url,
    },
    /// To see how: CORS hides `WWW-Authenticate`.
    Sight,
    /// Something else, in a sentence.
    Other(String),
}

impl Want {
    /// Why nobody is let in, where that is more than that a sign-in is wanted.
    pub(super) fn hindrance(&self) -> Option<String> {
        match self {
            Want::Credentials { why, .. } => why.clone(),
            Want::Others { why, .. } => Some(why.clone()),
            Want::Consent { realm: Some(realm) } => {
                Some(format!("nobody has agreed that the credentials go to {}", realm.origin()))
            }
            Want::Consent { realm: None } => {
                Some("nobody has agreed that the credentials go to the registry itself".to_owned())
            }
            Want::Tls { to } => Some(format!("without TLS, no credentials go to {}", to.origin())),
            Want::Sight => Some("WWW-Authenticate is hidden, or was not sent".to_owned()),
            Want::Other(why) => Some(why.clone()),
        }
    }
}

/// What one request has tried so far, so that nothing is tried twice.
#[derive(Debug, Default)]
pub(super) struct Tried {
    anonymous: bool,
    credentials: bool,
    another: bool,
    /// What went wrong with the token server when it was asked as nobody.
    fault: Option<String>,
}

/// Why there is no token.
struct NoToken {
    why: String,
    /// Whether the token server said no, and did nothing that it should not have done.
    is_refusal: bool,
}

/// What a 401 comes to.
enum Offer {
    Token(Demand),
    Basic,
    None(Want),
}

impl<T: Transport> Session<T> {
    /// After a 401: says whether it is worth to send the request again. `shown` is what it was sent with.
    pub(super) async fn admit(
        &self,
        head: &ResponseHead,
        area: &Area,
        shown: Option<&Grant>,
        tried: &mut Tried,
        sent: &dyn Fn(usize),
    ) -> Result<bool, TransportError> {
        let _turn = self.turn.take().await;
        let held = self.grant(area);
        let is_new = held.is_some_and(|held| shown.is_none_or(|shown| held.pass != shown.pass));
        if is_new && !std::mem::replace(&mut tried.another, true) {
            return Ok(true);
        }
        let Ok(front) = self.door.front.parse::<Url>() else { return Ok(false) };
        let offer = self.offer(head, area, &front);
        *self.demand.borrow_mut() = match &offer {
            Offer::Token(demand) => Some(demand.clone()),
            _ => None,
        };
        match offer {
            Offer::Token(demand) => {
                tried.anonymous |= shown.is_some_and(|shown| shown.held == Held::ByCredentials);
                // Without credentials, nobody has to agree.
                let by_nobody = demand.request(None).ok().filter(|_| !tried.anonymous);
                tried.anonymous = true;
                if let Some(request) = by_nobody {
                    match self.exchange(&request, &front, area, Held::Anonymously, sent).await? {
                        Ok(()) => return Ok(true),
                        Err(NoToken { why, is_refusal }) => {
                            tried.fault = Some(why).filter(|_| !is_refusal);
                        }
                    }
                }
                self.show_credentials(&demand, &front, area, tried, sent).await
            }
            Offer::Basic => Ok(self.show_basic(&front, area, tried)),
            Offer::None(want) => Ok(self.refuse(want)),
        }
    }

    /// After a 403 to what anybody was let in with: the same by credentials.
    pub(super) async fn upgrade(
        &self,
        area: &Area,
        tried: &mut Tried,
        sent: &dyn Fn(usize),
    ) -> Result<bool, TransportError> {
        let demand = self.demand.borrow().clone();
        let (Some(demand), Ok(front)) = (demand, self.door.front.parse::<Url>()) else { return Ok(false) };
        let demand = Demand { scope: area.scope.clone(), ..demand };
        let _turn = self.turn.take().await;
        self.show_credentials(&demand, &front, area, tried, sent).await
    }

    fn offer(&self, head: &ResponseHead, area: &Area, front: &Url) -> Offer {
        let (field, value) = head.headers.joined("www-authenticate");
        match field {
            Field::NotExposed => {
                let credentials = self.wallet.credentials(&self.door);
                let named = credentials.as_ref().and_then(|credentials| credentials.realm.clone());
                let demand =
                    |realm, service| Demand { realm, service, scope: area.scope.clone(), beyond: None };
                match (known_realm(front.host()), named) {
                    (_, Some(realm)) => Offer::Token(demand(realm, None)),
                    (Some((realm, service)), None) => Offer::Token(demand(realm, Some(service.to_owned()))),
                    (None, None) if credentials.is_some() => Offer::Basic,
                    (None, None) => Offer::None(self.open_relay(front).unwrap_or(Want::Sight)),
                }
            }
            Field::Present(_) => match Challenge::parse_all(&value) {
                Ok(challenges) => choose(&challenges, front, area),
                Err(fault) => {
                    Offer::None(Want::Other(format!("the registry's challenge does not parse: {fault}")))
                }
            },
            Field::Absent | Field::NotRecorded => {
                Offer::None(Want::Other("it does not say how to sign in".to_owned()))
            }
        }
    }

    /// What is wanted of a relay without TLS on another machine: nothing secret is sent through it.
    fn open_relay(&self, front: &Url) -> Option<Want> {
        let is_open = self.door.relay().is_some() && !is_private(front);
        is_open.then(|| Want::Tls { to: front.clone() })
    }

    async fn show_credentials(
        &self,
        demand: &Demand,
        front: &Url,
        area: &Area,
        tried: &mut Tried,
        sent: &dyn Fn(usize),
    ) -> Result<bool, TransportError> {
        let realm = demand.realm.clone();
        // Before anything is typed.
        if !is_private(&realm) {
            return Ok(self.refuse(Want::Tls { to: realm }));
        }
        if let Some(want) = self.open_relay(front) {
            return Ok(self.refuse(want));
        }
        let Some(credentials) = self.wallet.credentials(&self.door) else {
            return Ok(self.refuse(Want::Credentials { realm: Some(realm), why: tried.fault.take() }));
        };
        let request = match demand.request(Some(&credentials)) {
            Ok(request) => request,
            Err(Refusal::Insecure) => return Ok(self.refuse(Want::Tls { to: realm })),
            Err(Refusal::NotAgreed) => return Ok(self.refuse(Want::Consent { realm: Some(realm) })),
        };
        let why = match std::mem::replace(&mut tried.credentials, true) {
            true => "the registry did not accept the token that they were exchanged for".to_owned(),
            false => match self.exchange(&request, front, area, Held::ByCredentials, sent).await? {
                Ok(()) => return Ok(true),
                Err(NoToken { why, .. }) => why,
            },
        };
        Ok(self.refuse(Want::Others { user: credentials.user, realm: Some(realm), why }))
    }

    fn show_basic(&self, front: &Url, area: &Area, tried: &mut Tried) -> bool {
        if let Some(want) = self.open_relay(front) {
            return self.refuse(want);
        }
        let Some(credentials) = self.wallet.credentials(&self.door) else {
            return self.refuse(Want::Credentials { realm: None, why: None });
        };
        let pass = match credentials.pass_to_registry(front, &self.door.registry) {
            Ok(pass) => pass,
            Err(Refusal::Insecure) => return self.refuse(Want::Tls { to: front.clone() }),
            Err(Refusal::NotAgreed) => return self.refuse(Want::Consent { realm: None }),
        };
        if std::mem::replace(&mut tried.credentials, true) {
            let why = "the registry did not accept them".to_owned();
            return self.refuse(Want::Others { user: credentials.user, realm: None, why });
        }
        self.wallet.keep(&self.door, &area.name, Grant { pass, held: Held::ByCredentials, ends: None });
        true
    }

    fn refuse(&self, want: Want) -> bool {
        *self.want.borrow_mut() = Some(want);
        false
    }

    /// Asks for a token, and keeps it; or says why there is none.
    async fn exchange(
        &self,
        request: &Request,
        front: &Url,
        area: &Area,
        held: Held,
        sent: &dyn Fn(usize),
    ) -> Result<Result<(), NoToken>, TransportError> {
        let fault = |why| Ok(Err(NoToken { why, is_refusal: false }));
        let origin = request.url.origin();
        let mut response = match self.recorder.send(request, Purpose::of(Role::Token), None).await {
            Ok(response) => response,
            Err((id, error)) => {
                sent(id);
                return match error {
                    TransportError::Aborted => Err(TransportError::Aborted),
                    error => fault(format!("the token server {origin} cannot be asked: {error}")),
                };
            }
        };
        sent(response.id());
        let mut body = Vec::new();
        while let Some(piece) = response.piece().await? {
            if let Piece::Bytes(bytes) = piece {
                body.extend_from_slice(&bytes);
            }
            if body.len() > MAX_ANSWER {
                return fault(format!("the answer of the token server {origin} is too long"));
            }
        }
        let status = response.head().status;
        if !matches!(status, None | Some(200..=299)) {
            let words = RegistryErrors::parse(&body).map(|errors| format!(": {errors}")).unwrap_or_default();
            let status = status.unwrap_or_default();
            let why = format!("the token server {origin} answered {status}{words}");
            return Ok(Err(NoToken { why, is_refusal: matches!(status, 401 | 403) }));
        }
        match Token::parse(&body, front) {
            Ok(Token { pass, life }) => {
                let ends = self.now().map(|now| now + life * 1000.0);
                self.wallet.keep(&self.door, &area.name, Grant { pass, held, ends });
                Ok(Ok(()))
            }
            Err(error) => fault(format!("the token server {origin} answered, but {error}")),
        }
    }
}

/// A token where one is offered, else the credentials themselves.
fn choose(challenges: &[Challenge], front: &Url, area: &Area) -> Offer {
    let of = |scheme| challenges.iter().find(|challenge| challenge.is(scheme));
    let basic = of("basic");
    match of("bearer").map(|bearer| Demand::of(bearer, front, &area.scope)) {
        Some(Ok(demand)) => Offer::Token(demand),
        Some(Err(_)) | None if basic.is_some() => Offer::Basic,
        Some(Err(error)) => Offer::None(Want::Other(error.to_string())),
        None => {
            let schemes: Vec<&str> = challenges.iter().map(Challenge::scheme).collect();
            let offered = if schemes.is_empty() { "nothing".to_owned() } else { schemes.join(", ") };
            Offer::None(Want::Other(format!(
                "the registry offers {offered}; this page knows Bearer and Basic"
            )))
        }
    }
}
