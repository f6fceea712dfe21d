//! The doctor's rounds: a bounded series of probes, each a row of the trace, until the cause is settled.

use super::{Aborted, Pull};
use crate::auth::Pass;
use crate::doctor::{Diagnosis, Observed, Probe, Sight, Surroundings, is_local};
use crate::endpoint::{self, Accept};
use crate::graph::Kind;
use crate::http::{Field, Method, Request, ResponseHead, Url};
use crate::reference::is_loopback;
use crate::trace::{Purpose, Role, State};
use crate::transport::{Manner, Transport, TransportError};

/// What is asked from where layers are fetched.
const FROM_WORKER: &str = "may a worker read it, as layers are read?";

/// What a probe brought, with the number of its entry.
struct Rung {
    entry: usize,
    probe: Probe,
    head: Option<ResponseHead>,
}

impl<T: Transport> Pull<T> {
    /// Whether a request failed in the way that browsers do not explain.
    pub fn is_unexplained(&self) -> bool {
        let silent = |state: &State| {
            matches!(state, State::Failed { error: TransportError::NoResponse { .. }, head: None })
        };
        self.trace().entries.iter().any(|entry| silent(&entry.state))
    }

    /// What the doctor found, once it has looked.
    pub fn diagnosis(&self) -> Option<Diagnosis> {
        self.diagnosis.borrow().clone()
    }

    /// Finds out what keeps a page from reading this registry, if anything does.
    pub async fn diagnose(&self, here: &Surroundings) -> Result<(), Aborted> {
        let mut evidence = Vec::new();
        let observed = self.observe(here, &mut evidence).await?;
        let cause = observed.cause();
        let diagnosis = Diagnosis { cause, observed, evidence, here: here.clone() };
        *self.diagnosis.borrow_mut() = Some(diagnosis);
        self.session.recorder().touch();
        Ok(())
    }

    async fn observe(&self, here: &Surroundings, evidence: &mut Vec<usize>) -> Result<Observed, Aborted> {
        let mut seen = Observed::default();
        let Ok(front) = self.session.front().parse::<Url>() else { return Ok(seen) };
        let is_remote = !is_loopback(front.host());
        seen.is_mixed = here.origin.starts_with("https:") && front.scheme() == "http" && is_remote;
        seen.is_local = is_local(front.host());
        seen.is_denied = here.is_denied;
        if seen.settled().is_some() {
            return Ok(seen);
        }
        let Ok(base) = front.join("/v2/") else { return Ok(seen) };
        let ask = |headers: &[(&str, &str)]| {
            let headers =
                headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Request { method: Method::Get, url: base.clone(), headers }
        };
        let mut note = |rung: Rung| {
            evidence.push(rung.entry);
            rung.probe
        };
        seen.reach =
            note(self.probe(&ask(&[]), Manner::Opaque, "does anything answer, ignoring CORS?").await?);
        if seen.settled().is_some() {
            return Ok(seen);
        }
        let read = self.probe(&ask(&[]), Manner::Usual, "may a page read the simplest answer?").await?;
        seen.challenge = match (read.probe, &read.head) {
            (Probe::Answered(401), Some(head)) => sight(head, "www-authenticate"),
            _ => Sight::Unknown,
        };
        seen.read = note(read);
        if seen.settled().is_some() {
            return Ok(seen);
        }
        let pass = self.session.grant(&self.area).map(|grant| grant.pass);
        let mut with = ask(&[]);
        // It goes where the registry is asked, which is its recipient.
        let _ = pass.clone().unwrap_or_else(|| Pass::of_nobody(&front)).show(&mut with);
        seen.authorization = note(self.probe(&with, Manner::Usual, "may it send Authorization?").await?);
        let long = Accept::All.value().unwrap_or_default();
        let with = ask(&[("Accept", &long)]);
        seen.accept = note(self.probe(&with, Manner::Usual, "may it send a long Accept?").await?);
        if seen.accept == Probe::Refused {
            let words = "is a question without such headers allowed?";
            // Nothing is posted there: the address takes no such thing, and a page that is refused does not get to it.
            let request = Request { method: Method::Post, ..ask(&[]) };
            seen.preflight = note(self.probe(&request, Manner::Preflighted, words).await?);
        } else if seen.authorization == Probe::Refused {
            let with = ask(&[("X-Registry-Inspector", "probe")]);
            let words = "may it send a made-up header?";
            seen.made_up = note(self.probe(&with, Manner::Usual, words).await?);
        }
        let is_shut = pass.is_none() || seen.authorization == Probe::Refused;
        if !(seen.wants_sign_in() && is_shut) {
            self.observe_objects(&mut seen, pass.as_ref(), &mut note).await?;
        }
        if seen.blob == Probe::NotTried {
            seen.worker = note(self.probe(&ask(&[]), Manner::AsLayers, FROM_WORKER).await?);
        }
        Ok(seen)
    }

    /// The part for which there must be an image: a manifest, and a blob.
    async fn observe_objects(
        &self,
        seen: &mut Observed,
        pass: Option<&Pass>,
        note: &mut impl FnMut(Rung) -> Probe,
    ) -> Result<(), Aborted> {
        let repository = self.reference.repository();
        let digest = self.reference.digest().map(ToString::to_string);
        let named = digest.unwrap_or_else(|| self.reference.tag_or_default().to_owned());
        let authorized = |mut request: Request| {
            request.url = self.session.route(&request.url);
            // To whom it may not be shown, it is not.
            let _ = pass.map(|pass| pass.show(&mut request));
            request
        };
        for accept in [Accept::Indexes, Accept::Manifests] {
            let request = |method| endpoint::manifest(repository, method, &named, &accept).map(authorized);
            let (Ok(head), Ok(get)) = (request(Method::Head), request(Method::Get)) else { return Ok(()) };
            seen.head = note(self.probe(&head, Manner::Usual, "may it use HEAD?").await?);
            let rung = self.probe(&get, Manner::Usual, "may it read a manifest?").await?;
            if let (Probe::Answered(200), Some(head)) = (rung.probe, &rung.head) {
                seen.digest = sight(head, "docker-content-digest");
            }
            seen.get = note(rung);
            if seen.get != Probe::Answered(404) {
                break;
            }
        }
        let blob = self.graph.borrow().iter().find_map(|(_, node)| {
            let is_blob = node.wanted && matches!(node.kind, Kind::Config | Kind::Layer | Kind::Blob);
            node.digest.clone().filter(|_| is_blob)
        });
        let request = blob.and_then(|digest| endpoint::blob(repository, &digest, 0).ok()).map(authorized);
        let Some(request) = request else { return Ok(()) };
        seen.blob = note(self.probe(&request, Manner::Usual, "may it read a blob?").await?);
        if seen.blob == Probe::Refused {
            let words = "is the blob refused here, or where it is redirected to?";
            seen.unfollowed = note(self.probe(&request, Manner::Unfollowed, words).await?);
        } else {
            seen.worker = note(self.probe(&request, Manner::AsLayers, FROM_WORKER).await?);
        }
        Ok(())
    }

    /// Sends one probe. Of the answer, only the head is wanted.
    async fn probe(&self, request: &Request, manner: Manner, asks: &'static str) -> Result<Rung, Aborted> {
        let purpose = Purpose { asks, ..Purpose::of(Role::Ping) };
        let sent = self.session.recorder().probe(request, manner, purpose).await;
        let entry = sent.as_ref().map_or_else(|(entry, _)| *entry, |response| response.id());
        let root = self.graph.borrow().root();
        if let Some(root) = root {
            self.change(root, |node| node.requests.push(entry));
        }
        match sent {
            Ok(response) => {
                let probe = response.head().status.map_or(Probe::Opaque, Probe::Answered);
                Ok(Rung { entry, probe, head: Some(response.head().clone()) })
            }
            Err((_, TransportError::Aborted)) => Err(Aborted),
            Err(_) => Ok(Rung { entry, probe: Probe::Refused, head: None }),
        }
    }
}

fn sight(head: &ResponseHead, name: &str) -> Sight {
    match head.headers.get(name) {
        Field::Present(_) => Sight::Seen,
        Field::NotExposed => Sight::Hidden,
        Field::Absent | Field::NotRecorded => Sight::Unknown,
    }
}
