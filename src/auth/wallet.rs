//! What is known of the registries that were signed in to: in memory, for as long as the page lives.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{Credentials, Secret};

/// Credentials by registry, and what they were exchanged for. A registry is an origin: `https://ghcr.io`.
#[derive(Debug, Default)]
pub struct Wallet {
    credentials: RefCell<BTreeMap<String, Credentials>>,
    grants: RefCell<BTreeMap<(String, String), Grant>>,
}

/// What a registry lets in.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// The value of `Authorization`.
    pub header: Secret,
    /// Whether credentials were shown for it.
    pub held: Held,
    /// When it ends, in milliseconds since the Unix epoch; `None` where it does not, or that is not known.
    pub ends: Option<f64>,
}

/// How a grant was had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// By anybody.
    Anonymously,
    /// By credentials.
    ByCredentials,
}

impl Wallet {
    /// Who the user is to a registry.
    pub fn credentials(&self, registry: &str) -> Option<Credentials> {
        self.credentials.borrow().get(registry).cloned()
    }

    /// Signs in to a registry, in place of who was signed in before.
    pub fn sign_in(&self, registry: &str, credentials: Credentials) {
        self.forget(registry);
        self.credentials.borrow_mut().insert(registry.to_owned(), credentials);
    }

    /// Forgets all that is known of a registry.
    pub fn forget(&self, registry: &str) {
        self.credentials.borrow_mut().remove(registry);
        self.grants.borrow_mut().retain(|(of, _), _| of != registry);
    }

    /// Those that are signed in to: registry and user.
    pub fn signed_in(&self) -> Vec<(String, String)> {
        let held = self.credentials.borrow();
        held.iter().map(|(registry, credentials)| (registry.clone(), credentials.user.clone())).collect()
    }

    /// What lets in to an area of a registry, a repository or its catalogue, unless it has ended by `now`
    /// (milliseconds since the Unix epoch).
    pub fn grant(&self, registry: &str, area: &str, now: Option<f64>) -> Option<Grant> {
        let grants = self.grants.borrow();
        let grant = grants.get(&(registry.to_owned(), area.to_owned()))?;
        let has_ended = grant.ends.zip(now).is_some_and(|(ends, now)| now >= ends);
        (!has_ended).then(|| grant.clone())
    }

    /// Keeps what lets in to an area.
    pub fn keep(&self, registry: &str, area: &str, grant: Grant) {
        self.grants.borrow_mut().insert((registry.to_owned(), area.to_owned()), grant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_found_until_it_ends_or_is_forgotten() {
        let (wallet, registry) = (Wallet::default(), "https://r.example");
        let someone = |user: &str| Credentials { user: user.into(), password: Secret::new("x"), realm: None };
        wallet.sign_in(registry, someone("ada"));
        let grant = |ends| Grant { header: Secret::new("Bearer a"), held: Held::ByCredentials, ends };
        wallet.keep(registry, "a", grant(Some(1000.0)));
        wallet.keep(registry, "b", grant(None));
        wallet.keep("https://other.example", "a", grant(None));
        assert!(wallet.grant(registry, "a", Some(999.0)).is_some());
        assert!(wallet.grant(registry, "a", None).is_some(), "no clock, no end");
        assert_eq!(wallet.grant(registry, "a", Some(1000.0)), None);
        assert!(wallet.grant(registry, "b", Some(1e15)).is_some());
        assert_eq!(wallet.grant(registry, "c", None), None);

        wallet.sign_in(registry, someone("eve"));
        assert_eq!(wallet.grant(registry, "b", None), None, "what was had as another is gone");
        assert_eq!(wallet.signed_in(), [(registry.to_owned(), "eve".to_owned())]);
        wallet.forget(registry);
        assert_eq!((wallet.credentials(registry), wallet.signed_in().len()), (None, 0));
        assert!(wallet.grant("https://other.example", "a", None).is_some(), "others stay");
    }
}
