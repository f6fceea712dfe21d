//! What is known of the registries that were signed in to: in memory, for as long as the page lives.

use std::cell::RefCell;

use super::{Credentials, Pass};

/// A registry, and the origin that is asked for it: its own, or a relay's. What was typed at one door opens no other: a
/// relay may stand before several registries, and a link may name another relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    /// The origin of the registry: `https://ghcr.io`.
    pub registry: String,
    /// The origin that requests go to.
    pub front: String,
}

impl Door {
    /// The relay, if one is asked in the registry's place.
    pub fn relay(&self) -> Option<&str> {
        (self.front != self.registry).then_some(&self.front)
    }
}

/// Credentials by door, and what they were exchanged for. There are few of either.
#[derive(Debug, Default)]
pub struct Wallet {
    credentials: RefCell<Vec<(Door, Credentials)>>,
    grants: RefCell<Vec<(Door, String, Grant)>>,
}

/// What a registry lets in.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// What is shown.
    pub pass: Pass,
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
    /// Who the user is at a door.
    pub fn credentials(&self, door: &Door) -> Option<Credentials> {
        let held = self.credentials.borrow();
        held.iter().find(|(other, _)| other == door).map(|(_, credentials)| credentials.clone())
    }

    /// Signs in at a door, in place of who was signed in before.
    pub fn sign_in(&self, door: &Door, credentials: Credentials) {
        self.forget(door);
        self.credentials.borrow_mut().push((door.clone(), credentials));
    }

    /// Forgets all that is known of a door.
    pub fn forget(&self, door: &Door) {
        self.credentials.borrow_mut().retain(|(other, _)| other != door);
        self.grants.borrow_mut().retain(|(other, ..)| other != door);
    }

    /// Those that are signed in to, each with its user.
    pub fn signed_in(&self) -> Vec<(Door, String)> {
        let held = self.credentials.borrow();
        held.iter().map(|(door, credentials)| (door.clone(), credentials.user.clone())).collect()
    }

    /// What lets in to an area of a registry, a repository or its catalogue, unless it has ended by `now`
    /// (milliseconds since the Unix epoch).
    pub fn grant(&self, door: &Door, area: &str, now: Option<f64>) -> Option<Grant> {
        let grants = self.grants.borrow();
        let (.., grant) = grants.iter().find(|(other, of, _)| of == area && other == door)?;
        let has_ended = grant.ends.zip(now).is_some_and(|(ends, now)| now >= ends);
        (!has_ended).then(|| grant.clone())
    }

    /// Keeps what lets in to an area, in place of what did before.
    pub fn keep(&self, door: &Door, area: &str, grant: Grant) {
        let mut grants = self.grants.borrow_mut();
        grants.retain(|(other, of, _)| of != area || other != door);
        grants.push((door.clone(), area.to_owned(), grant));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{Recipients, Secret};

    fn door(registry: &str, front: &str) -> Door {
        Door { registry: registry.into(), front: front.into() }
    }

    #[test]
    fn what_is_kept_is_found_until_it_ends_or_is_forgotten() {
        let (wallet, registry) = (Wallet::default(), door("https://r.example", "https://r.example"));
        let someone = |user: &str| Credentials::new(user, Secret::new("x"), Recipients::default());
        wallet.sign_in(&registry, someone("ada"));
        let to = Recipients::of(&"https://r.example/".parse().unwrap());
        let pass = Pass::new(Secret::new("Bearer a"), to);
        let grant = |ends| Grant { pass: pass.clone(), held: Held::ByCredentials, ends };
        wallet.keep(&registry, "a", grant(Some(1000.0)));
        wallet.keep(&registry, "b", grant(None));
        wallet.keep(&door("https://other.example", "https://other.example"), "a", grant(None));
        assert!(wallet.grant(&registry, "a", Some(999.0)).is_some());
        assert!(wallet.grant(&registry, "a", None).is_some(), "no clock, no end");
        assert_eq!(wallet.grant(&registry, "a", Some(1000.0)), None);
        assert!(wallet.grant(&registry, "b", Some(1e15)).is_some());
        assert_eq!(wallet.grant(&registry, "c", None), None);
        wallet.keep(&registry, "a", grant(Some(3000.0)));
        assert!(wallet.grant(&registry, "a", Some(2000.0)).is_some(), "the newer one counts");

        wallet.sign_in(&registry, someone("eve"));
        assert_eq!(wallet.grant(&registry, "b", None), None, "what was had as another is gone");
        assert_eq!(wallet.signed_in(), [(registry.clone(), "eve".to_owned())]);
        wallet.forget(&registry);
        assert_eq!((wallet.credentials(&registry), wallet.signed_in().len()), (None, 0));
        let other = door("https://other.example", "https://other.example");
        assert!(wallet.grant(&other, "a", None).is_some(), "others stay");
    }

    #[test]
    fn what_opens_one_door_opens_no_other() {
        let wallet = Wallet::default();
        let here = door("https://r.example", "https://relay.example");
        wallet.sign_in(&here, Credentials::new("ada", Secret::new("x"), Recipients::default()));
        assert_eq!(
            (here.relay(), wallet.credentials(&here).is_some()),
            (Some("https://relay.example"), true)
        );
        for (registry, front) in [
            ("https://r.example", "https://r.example"),
            ("https://r.example", "https://evil.example"),
            ("https://other.example", "https://relay.example"),
        ] {
            assert_eq!(wallet.credentials(&door(registry, front)), None, "{registry} at {front}");
        }
    }
}
