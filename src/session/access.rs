//! Being let in: from a 401 to a token, or to what the user is to be asked for.

use super::{Area, Session};
use crate::auth::{Challenge, Credentials, Demand, Grant, Held, Refusal, Secret, Token, known_realm};
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
    /// The user's word that the credentials may go to this token server, which is of another origin.
    Consent {
        /// The token server.
        realm: Url,
    },
    /// A token server with TLS: to this one no credentials go.
    Tls {
        /// The token server.
        realm: Url,
    },
    /// To see how: CORS hides `WWW-Authenticate`.
    Sight,
    /// Something else, in a sentence.
    Other(String),
}

/// What one request has tried so far, so that nothing is tried twice.
#[derive(Debug, Default)]
pub(super) struct Tried {
    anonymous: bool,
    credentials: bool,
    another: bool,
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
        shown: Option<&(Secret, Held)>,
        tried: &mut Tried,
        sent: &dyn Fn(usize),
    ) -> Result<bool, TransportError> {
        let _turn = self.turn.take().await;
        let held = self.wallet.grant(&self.front, &area.name, self.now());
        let is_new = held.is_some_and(|held| shown.is_none_or(|(header, _)| held.header != *header));
        if is_new && !std::mem::replace(&mut tried.another, true) {
            return Ok(true);
        }
        match self.offer(head, area) {
            Offer::Token(demand) => {
                *self.demand.borrow_mut() = Some(demand.clone());
                tried.anonymous |= shown.is_some_and(|(_, held)| *held == Held::ByCredentials);
                if !std::mem::replace(&mut tried.anonymous, true)
                    && self.exchange(&demand, area, None, sent).await?.is_ok()
                {
                    return Ok(true);
                }
                self.show_credentials(&demand, area, tried, sent).await
            }
            Offer::Basic => Ok(self.show_basic(area, tried)),
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
        let Some(demand) = demand else { return Ok(false) };
        let _turn = self.turn.take().await;
        self.show_credentials(&demand, area, tried, sent).await
    }

    fn offer(&self, head: &ResponseHead, area: &Area) -> Offer {
        let front: Result<Url, _> = self.front.parse();
        let credentials = self.wallet.credentials(&self.front);
        let (field, value) = head.headers.joined("www-authenticate");
        match (field, front) {
            (Field::NotExposed, Ok(front)) => {
                let named = credentials.as_ref().and_then(|credentials| credentials.realm.clone());
                let demand = |realm, service| Demand { realm, service, scope: area.scope.clone() };
                match (known_realm(front.host()), named) {
                    (_, Some(realm)) => Offer::Token(demand(realm, None)),
                    (Some((realm, service)), None) => Offer::Token(demand(realm, Some(service.to_owned()))),
                    (None, None) if credentials.is_some() => Offer::Basic,
                    (None, None) => Offer::None(Want::Sight),
                }
            }
            (Field::Present(_), Ok(front)) => match Challenge::parse_all(&value) {
                Ok(challenges) => choose(&challenges, &front, area),
                Err(fault) => {
                    Offer::None(Want::Other(format!("the registry's challenge does not parse: {fault}")))
                }
            },
            _ => {
                Offer::None(Want::Other("the registry answered 401 without saying how to sign in".to_owned()))
            }
        }
    }

    async fn show_credentials(
        &self,
        demand: &Demand,
        area: &Area,
        tried: &mut Tried,
        sent: &dyn Fn(usize),
    ) -> Result<bool, TransportError> {
        let realm = demand.realm.clone();
        let Some(credentials) = self.wallet.credentials(&self.front) else {
            return Ok(self.refuse(Want::Credentials { realm: Some(realm) }));
        };
        match credentials.may_go_to(&realm, &self.front) {
            Err(Refusal::Insecure) => return Ok(self.refuse(Want::Tls { realm })),
            Err(Refusal::NotAgreed) => return Ok(self.refuse(Want::Consent { realm })),
            Ok(()) => {}
        }
        let why = match std::mem::replace(&mut tried.credentials, true) {
            true => "the registry did not accept the token that they were exchanged for".to_owned(),
            false => match self.exchange(demand, area, Some(&credentials), sent).await? {
                Ok(()) => return Ok(true),
                Err(why) => why,
            },
        };
        Ok(self.refuse(Want::Others { user: credentials.user, realm: Some(realm), why }))
    }

    fn show_basic(&self, area: &Area, tried: &mut Tried) -> bool {
        let Some(credentials) = self.wallet.credentials(&self.front) else {
            return self.refuse(Want::Credentials { realm: None });
        };
        if std::mem::replace(&mut tried.credentials, true) {
            let why = "the registry did not accept them".to_owned();
            return self.refuse(Want::Others { user: credentials.user, realm: None, why });
        }
        let grant = Grant { header: credentials.basic(), held: Held::ByCredentials, ends: None };
        self.wallet.keep(&self.front, &area.name, grant);
        true
    }

    fn refuse(&self, want: Want) -> bool {
        *self.want.borrow_mut() = Some(want);
        false
    }

    /// Asks for a token, and keeps it; or says why there is none.
    async fn exchange(
        &self,
        demand: &Demand,
        area: &Area,
        credentials: Option<&Credentials>,
        sent: &dyn Fn(usize),
    ) -> Result<Result<(), String>, TransportError> {
        let purpose = Purpose::of(Role::Token);
        let request: Request = demand.request(credentials);
        let origin = request.url.origin().to_owned();
        let mut response = match self.recorder.send(&request, purpose, None).await {
            Ok(response) => response,
            Err((id, error)) => {
                sent(id);
                return match error {
                    TransportError::Aborted => Err(TransportError::Aborted),
                    error => Ok(Err(format!("the token server {origin} cannot be asked: {error}"))),
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
                return Ok(Err(format!("the answer of the token server {origin} is too long")));
            }
        }
        let status = response.head().status;
        if !matches!(status, None | Some(200..=299)) {
            let words = RegistryErrors::parse(&body).map(|errors| format!(": {errors}")).unwrap_or_default();
            let status = status.unwrap_or_default();
            return Ok(Err(format!("the token server {origin} answered {status}{words}")));
        }
        Ok(match Token::parse(&body) {
            Ok(Token { header, life }) => {
                let held = if credentials.is_some() { Held::ByCredentials } else { Held::Anonymously };
                let ends = self.now().map(|now| now + life * 1000.0);
                self.wallet.keep(&self.front, &area.name, Grant { header, held, ends });
                Ok(())
            }
            Err(error) => Err(error.to_string()),
        })
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
