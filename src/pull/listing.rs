//! Listing, page by page.

use super::budget::fits;
use super::{Aborted, Failure, Problem, Pull};
use crate::endpoint::{self, Answer, read_head};
use crate::http::{Field, Request, ResponseHead, Url};
use crate::listing::{AT_ONCE, Kind, Listing, next, read_page};
use crate::session::Area;
use crate::trace::{Purpose, Role};
use crate::transport::{Transport, TransportError};
use crate::verify::{Code, Finding};

use super::fetch::Sent;

/// The most that one page may have, in bytes.
const MAX_PAGE: usize = 16 * 1024 * 1024;

impl<T: Transport> Pull<T> {
    /// The list, once it is asked for.
    pub fn listing(&self) -> Option<std::cell::Ref<'_, Listing>> {
        std::cell::Ref::filter_map(self.listing.borrow(), Option::as_ref).ok()
    }

    /// Lists what the registry keeps, to the end or to where it cannot go on.
    pub async fn list(&self, kind: Kind) -> Result<(), Aborted> {
        *self.listing.borrow_mut() = Some(Listing::new(kind));
        let ended = self.list_pages(kind).await;
        let failure = match ended {
            Ok(()) => None,
            Err(Failure::Aborted) => return Err(Aborted),
            Err(Failure::Found(finding) | Failure::Lost(finding)) => Some(finding.message),
        };
        if let Some(listing) = self.listing.borrow_mut().as_mut() {
            listing.is_whole = failure.is_none();
            listing.trouble = failure.clone();
            if let Some(cause) = failure.filter(|_| listing.names.is_empty()) {
                *self.problem.borrow_mut() = Some(Problem::NoRoot { cause });
            }
        }
        self.session.recorder().touch();
        Ok(())
    }

    async fn list_pages(&self, kind: Kind) -> Result<(), Failure> {
        let (area, asks) = match kind {
            Kind::Tags => (self.area.clone(), "tags"),
            Kind::Repositories => (Area::catalogue(), "repositories"),
        };
        let mut request = endpoint::list(self.reference.repository(), kind, None)
            .map_err(|error| super::fetch::not_fetched(error.to_string()))?;
        for page in 1.. {
            let purpose = Purpose { asks, ordinal: Some((page, 0)), ..Purpose::of(Role::Other) };
            let sent = self.session.send(&request, &purpose, &area, (None, None), &|_| {}).await;
            let response = sent.map_err(|error| match error {
                TransportError::Aborted => Failure::Aborted,
                error => super::fetch::no_answer(error, &request),
            })?;
            let (answer, first) = (read_head(response.head(), &request.url), response.id());
            let mut sent = Sent { response, answer, first };
            if sent.answer != Answer::Found {
                return Err(self.refusal(sent).await);
            }
            let Some(body) = self.read_unchecked(&mut sent.response, MAX_PAGE).await? else {
                let message = "the list ended early, or a page of it is over 16 MiB, which is this inspector's own limit";
                return Err(over_limit(message.into()));
            };
            if !fits(&body) {
                let message =
                    "a page of the list has more values than this inspector reads, by a limit of its own";
                return Err(over_limit(message.into()));
            }
            let names = read_page(kind, &body)
                .map_err(|why| super::fetch::not_fetched(format!("the list does not parse: {why}")))?;
            let head = sent.response.head().clone();
            drop(sent);
            let Some(following) = self.take_page(kind, &request, &head, names)? else {
                return Ok(());
            };
            request.url = following;
        }
        Ok(())
    }

    /// Adds a page; says where the list goes on.
    fn take_page(
        &self,
        kind: Kind,
        request: &Request,
        head: &ResponseHead,
        names: Vec<String>,
    ) -> Result<Option<Url>, Failure> {
        // More than were asked for are all: that registry knows no pages.
        let (is_full, last) = (names.len() == AT_ONCE, names.last().cloned());
        let mut held = self.listing.borrow_mut();
        let Some(listing) = held.as_mut() else { return Ok(None) };
        let headers = head.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        let added = listing.add(names, headers);
        drop(held);
        self.session.recorder().touch();
        if added.map_err(|full| over_limit(full.to_string()))? == 0 {
            return Ok(None);
        }
        let (field, link) = head.headers.joined("link");
        match field {
            Field::Present(_) => {
                // A relay may leave the registry's own origin in what it passes on: the list goes on at the relay then.
                let at = |origin: &str| next(&link, &request.url.with_origin(origin));
                let following = match at(self.session.registry()) {
                    Ok(Some(url)) => Ok(Some(url)),
                    Ok(None) | Err(_) => at(self.session.front()),
                };
                following.map_err(|error| super::fetch::not_fetched(error.to_string()))
            }
            // Where CORS hides it, a full page may not be the last: what follows its last name is asked for.
            Field::NotExposed if is_full => Ok(last.and_then(|last| {
                endpoint::list(self.reference.repository(), kind, Some(&last)).ok().map(|request| request.url)
            })),
            _ => Ok(None),
        }
    }
}

fn over_limit(message: String) -> Failure {
    Failure::Found(Finding::new(Code::OverLimit, message))
}
