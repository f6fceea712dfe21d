//! A list of tags or of repositories: in order, searched, and each row a way on.

use std::rc::Rc;

use super::address::Address;
use super::{Scene, Stage, words};
use crate::listing::{Key, Kind, Listing};

/// What a list is ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// As versions are read, the newest first.
    #[default]
    Version,
    /// By name.
    Name,
    /// As the registry gave them.
    Given,
}

impl Order {
    /// All of them.
    pub const ALL: [Order; 3] = [Order::Version, Order::Name, Order::Given];
}

/// The names with what they are ordered by. What came is not looked at again.
#[derive(Debug, Default)]
pub struct Catalogue {
    names: Vec<(Rc<str>, Key)>,
    /// The places of the names in their order.
    ordered: Vec<usize>,
    order: Order,
}

impl Catalogue {
    /// Takes in what has come since; whether anything has.
    pub fn follow(&mut self, listing: &Listing, order: Order) -> bool {
        let is_other = listing.names.len() < self.names.len() || self.order != order;
        if listing.names.len() < self.names.len() {
            self.names.clear();
        }
        let fresh = listing.names.get(self.names.len()..).unwrap_or_default();
        if fresh.is_empty() && !is_other {
            return false;
        }
        self.names.extend(fresh.iter().map(|name| (Rc::from(name.as_str()), Key::of(name))));
        self.order = order;
        // What is in order already is put so again at no cost.
        if is_other {
            self.ordered.clear();
        }
        self.ordered.extend(self.ordered.len()..self.names.len());
        let at = |place: &usize| self.names.get(*place);
        match order {
            Order::Given => {}
            Order::Name => {
                self.ordered.sort_by(|a, b| at(a).map(|(name, _)| name).cmp(&at(b).map(|(name, _)| name)))
            }
            Order::Version => self.ordered.sort_by(|a, b| {
                let (a, b) = (at(a), at(b));
                b.map(|(_, key)| key)
                    .cmp(&a.map(|(_, key)| key))
                    .then_with(|| a.map(|(n, _)| n).cmp(&b.map(|(n, _)| n)))
            }),
        }
        true
    }

    /// The places of those that a search finds, in order. Upper case is the same as lower case.
    pub fn found(&self, search: &str) -> Vec<usize> {
        let search = search.to_ascii_lowercase();
        let fits = |place: &usize| self.name(*place).to_ascii_lowercase().contains(&search);
        if search.is_empty() {
            self.ordered.clone()
        } else {
            self.ordered.iter().copied().filter(fits).collect()
        }
    }

    /// The name at a place.
    pub fn name(&self, place: usize) -> Rc<str> {
        self.names.get(place).map(|(name, _)| Rc::clone(name)).unwrap_or_default()
    }
}

/// What stands above a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// `Tags of 127.0.0.1:5000/app`
    pub title: String,
    /// How many there are, and whether these are all.
    pub note: String,
    /// Why these may not be all.
    pub trouble: Option<String>,
}

impl Heading {
    /// The heading of a list, of which a search finds so many names.
    pub fn of(scene: &Scene<'_>, listing: &Listing, found: usize) -> Heading {
        let (title, thing, things) = match listing.kind {
            Kind::Tags => ("Tags", "tag", "tags"),
            Kind::Repositories => ("Repositories", "repository", "repositories"),
        };
        let all = listing.names.len();
        let counted = format!("{} {}", words::grouped(all as u64), if all == 1 { thing } else { things });
        let so_far = if scene.stage == Stage::Running { " so far" } else { "" };
        let pages = if listing.pages > 1 { format!(", in {} pages", listing.pages) } else { String::new() };
        let shown = if found < all { format!("{} of ", words::grouped(found as u64)) } else { String::new() };
        let note = match (&listing.trouble, all) {
            (Some(_), 0) => format!("No {things} could be listed"),
            (Some(_), _) => format!("{shown}{counted}{pages}; there may be more"),
            (None, _) => format!("{shown}{counted}{so_far}{pages}"),
        };
        let trouble = listing.trouble.as_ref().map(|why| scene.told(why)).map(|why| words::sentence(&why));
        Heading { title: format!("{title} of {}", scene.reference), note, trouble }
    }
}

/// Whether a listed name may be one: a tag has up to 128 characters, and a repository hardly more than 255. What is longer
/// leads nowhere.
pub fn is_name(name: &str) -> bool {
    name.len() <= 512
}

/// Where a row leads to: the pull of a tag, or the tags of a repository. `shown` is the address of the list.
pub fn leads_to(kind: Kind, shown: &Address, name: &str) -> Address {
    let kept = Address {
        platform: shown.platform.clone(),
        layers: shown.layers.clone(),
        relay: shown.relay.clone(),
        embed: shown.embed.clone(),
        theme: shown.theme.clone(),
        ..Address::default()
    };
    match kind {
        Kind::Tags => {
            let repository = shown.tags.as_deref().unwrap_or_default();
            Address { image: Some(format!("{repository}:{name}")), ..kept }
        }
        Kind::Repositories => {
            let registry = shown.repositories.as_deref().unwrap_or_default().trim_end_matches('/');
            Address { tags: Some(format!("{registry}/{name}")), ..kept }
        }
    }
}

/// What a typed text asks to have listed: the repositories of a registry where it names no more than that, else the tags
/// of a repository, of which a tag or a digest is left out.
pub fn asked(typed: &str) -> Address {
    let typed = typed.trim().trim_end_matches('/');
    let bare = typed.split_once("://").map_or(typed, |(_, rest)| rest);
    let (host, port) = bare.rsplit_once(':').map_or((bare, None), |(host, port)| (host, Some(port)));
    // “alpine:3” is an image: a host has a dot, brackets, or a name that is known.
    let is_host = host == "localhost" || (host.contains('.') && !host.contains('@')) || host.ends_with(']');
    let is_port = port.is_none_or(|port| port.parse::<u16>().is_ok());
    if !bare.contains('/') && is_host && is_port {
        return Address { repositories: Some(typed.to_owned()), ..Address::default() };
    }
    let named = typed.split('@').next().unwrap_or_default();
    let without_tag = match named.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => named,
    };
    Address { tags: Some(without_tag.to_owned()), ..Address::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Graph;
    use crate::trace::Trace;
    use crate::transport::SUPPOSED;
    use crate::view::samples::scene;

    fn listing(names: &[&str]) -> Listing {
        let mut listing = Listing::new(Kind::Tags);
        listing.add(names.iter().map(|name| (*name).to_owned()).collect(), 0).unwrap();
        listing
    }

    #[test]
    fn names_are_ordered_and_found() {
        let mut catalogue = Catalogue::default();
        let mut list = listing(&["1.9", "latest", "1.10"]);
        let names = |catalogue: &Catalogue, search: &str| {
            catalogue.found(search).iter().map(|at| catalogue.name(*at).to_string()).collect::<Vec<_>>()
        };
        assert!(catalogue.follow(&list, Order::Version));
        assert_eq!(names(&catalogue, ""), ["1.10", "1.9", "latest"]);
        assert!(!catalogue.follow(&list, Order::Version), "nothing is new");
        assert!(catalogue.follow(&list, Order::Name));
        assert_eq!(names(&catalogue, ""), ["1.10", "1.9", "latest"]);
        assert!(catalogue.follow(&list, Order::Given));
        assert_eq!(names(&catalogue, ""), ["1.9", "latest", "1.10"]);
        assert_eq!(names(&catalogue, "LAT"), ["latest"]);
        list.add(vec!["2".into()], 0).unwrap();
        assert!(catalogue.follow(&list, Order::Version));
        assert_eq!(names(&catalogue, ""), ["2", "1.10", "1.9", "latest"]);
        assert!(catalogue.follow(&listing(&["a"]), Order::Version));
        assert_eq!(names(&catalogue, ""), ["a"], "another list");
    }

    #[test]
    fn the_heading_says_whether_these_are_all() {
        let (graph, trace) = (Graph::default(), Trace::default());
        let scene = Scene { reference: "r.example/app", ..scene(&graph, &trace) };
        let mut list = listing(&["1", "2"]);
        assert_eq!(Heading::of(&scene, &list, 2).title, "Tags of r.example/app");
        assert_eq!(Heading::of(&scene, &list, 1).note, "1 of 2 tags");
        list.add(vec!["3".into()], 0).unwrap();
        let running = Scene { stage: Stage::Running, ..scene };
        assert_eq!(Heading::of(&running, &list, 3).note, "3 tags so far, in 2 pages");
        list.trouble = Some("it broke".into());
        let broken = Heading::of(&scene, &list, 3);
        assert_eq!(broken.note, "3 tags, in 2 pages; there may be more");
        assert_eq!(broken.trouble.as_deref(), Some("It broke."));
        let one = Listing { names: vec!["a".into()], ..Listing::new(Kind::Repositories) };
        assert_eq!(Heading::of(&scene, &one, 1).note, "1 repository");
    }

    #[test]
    fn what_went_wrong_is_no_title() {
        let (graph, trace) = (Graph::default(), Trace::default());
        let scene = Scene { reference: "r.example/app", ..scene(&graph, &trace) };
        let why = format!("no response from https://r.example that can be read: x{SUPPOSED}");
        for (kind, note) in
            [(Kind::Tags, "No tags could be listed"), (Kind::Repositories, "No repositories could be listed")]
        {
            let heading =
                Heading::of(&scene, &Listing { trouble: Some(why.clone()), ..Listing::new(kind) }, 0);
            assert_eq!((heading.note.as_str(), heading.title.len() < 40), (note, true));
            assert!(heading.trouble.is_some_and(|trouble| trouble.contains("It may be that the host")));
        }
    }

    #[test]
    fn what_is_typed_says_what_is_listed() {
        for (typed, expected) in [
            ("localhost:5000", "?repositories=localhost:5000"),
            (" http://r.example/ ", "?repositories=http://r.example"),
            ("localhost", "?repositories=localhost"),
            ("localhost:5000/app:1", "?tags=localhost:5000/app"),
            ("localhost:5000/app", "?tags=localhost:5000/app"),
            ("alpine", "?tags=alpine"),
            ("alpine:3", "?tags=alpine"),
            ("[::1]:5000", "?repositories=%5B::1%5D:5000"),
            ("r.example/a@sha256:00", "?tags=r.example/a"),
        ] {
            assert_eq!(asked(typed).to_query(), expected, "{typed}");
        }
    }

    #[test]
    fn a_row_leads_on() {
        let shown = Address {
            tags: Some("r.example/app".into()),
            relay: Some("http://x".into()),
            ..Address::default()
        };
        assert_eq!(leads_to(Kind::Tags, &shown, "1").to_query(), "?image=r.example/app:1&relay=http://x");
        let shown = Address { repositories: Some("http://r.example/".into()), ..Address::default() };
        assert_eq!(leads_to(Kind::Repositories, &shown, "a/b").to_query(), "?tags=http://r.example/a/b");
    }
}
