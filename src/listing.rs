//! Lists that a registry keeps: the tags of a repository, and its repositories. They come in pages.
//!
//! Distribution specification, "Listing tags" (end-8); CNCF distribution, "Listing repositories" (`_catalog`).

mod link;
mod order;

use std::fmt;

use crate::json::{self, Part, Shape, Unfit};

pub use link::{LinkError, next};
pub use order::Key;

/// How many names are asked for at a time: the most that CNCF distribution gives of its catalogue.
pub const AT_ONCE: usize = 1000;

/// What is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The tags of a repository.
    Tags,
    /// The repositories of a registry.
    Repositories,
}

/// A list, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What is listed.
    pub kind: Kind,
    /// The names, in the order in which the registry gave them. Whatever it says may stand there.
    pub names: Vec<String>,
    /// How many pages have come.
    pub pages: usize,
    /// Whether there are no more.
    pub is_whole: bool,
    /// Why there are no more, if that is not because the list has ended.
    pub trouble: Option<String>,
    /// How much memory the names and the pages have taken, in bytes.
    pub held: usize,
}

/// The most that one list may take, in bytes: a registry may go on for ever.
const MOST_HELD: usize = 64 << 20;

/// What a name takes beside its text.
const NAME: usize = 64;

/// What a page takes beside its names and its headers.
const PAGE: usize = 16 << 10;

/// A list may not take more memory: what came so far is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let most = MOST_HELD >> 20;
        write!(f, "the list would take more than {most} MiB of memory, which is this inspector's own limit")
    }
}

impl std::error::Error for Full {}

impl Listing {
    /// A list of which nothing has come.
    pub fn new(kind: Kind) -> Listing {
        Listing { kind, names: Vec::new(), pages: 0, is_whole: false, trouble: None, held: 0 }
    }

    /// Adds a page, whose headers had so many bytes; says how many of its names are new.
    pub fn add(&mut self, names: Vec<String>, headers: usize) -> Result<usize, Full> {
        // A server that does not know `last` sends the same page for ever.
        let known = self.names.last().is_some_and(|last| names.last() == Some(last));
        let count = if known { 0 } else { names.len() };
        self.held += PAGE + headers;
        self.pages += usize::from(count > 0);
        for name in names.into_iter().take(count) {
            self.held += NAME + name.len();
            if self.held > MOST_HELD {
                return Err(Full);
            }
            self.names.push(name);
        }
        if self.held > MOST_HELD { Err(Full) } else { Ok(count) }
    }
}

/// Reads a page: `{"tags":[…]}` or `{"repositories":[…]}`; a repository without tags may have null there.
pub fn read_page(kind: Kind, body: &[u8]) -> Result<Vec<String>, String> {
    let value = json::parse(body).map_err(|error| error.to_string())?;
    names(kind, &Part::whole(&value)).map_err(|unfit| unfit.to_string())
}

fn names(kind: Kind, page: &Part<'_>) -> Result<Vec<String>, Unfit> {
    let (name, shape) = match kind {
        Kind::Tags => ("tags", Shape::Object(&[("name", Shape::Text), ("tags", Shape::Any)])),
        Kind::Repositories => ("repositories", Shape::Object(&[("repositories", Shape::Any)])),
    };
    // Null is an empty list.
    if page.value().get(name).is_none() {
        page.need(name)?;
    }
    shape.check_names(page)?;
    page.list(name)?.iter().map(|name| name.text().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages() {
        let read = |kind, body: &str| read_page(kind, body.as_bytes());
        assert_eq!(read(Kind::Tags, r#"{"name":"a","tags":["1","2"]}"#), Ok(vec!["1".into(), "2".into()]));
        assert_eq!(read(Kind::Tags, r#"{"name":"a","tags":null}"#), Ok(Vec::new()));
        assert_eq!(read(Kind::Repositories, r#"{"repositories":["a/b"]}"#), Ok(vec!["a/b".into()]));
        for body in [
            "<html>",
            "{}",
            r#"{"tags":"x"}"#,
            r#"{"tags":[1]}"#,
            "[]",
            r#"{"tags":["a"],"Tags":["b"]}"#,
            r#"{"Tags":["b"]}"#,
        ] {
            assert!(read(Kind::Tags, body).is_err(), "{body}");
        }
    }

    #[test]
    fn a_page_that_comes_again_adds_nothing() {
        let mut listing = Listing::new(Kind::Tags);
        let page = || vec!["a".to_owned(), "b".to_owned()];
        assert_eq!((listing.add(page(), 0), listing.add(page(), 0)), (Ok(2), Ok(0)));
        assert_eq!((listing.names.len(), listing.pages), (2, 1));
    }

    #[test]
    fn a_list_that_goes_on_for_ever_comes_to_its_end() {
        let filled = |length: usize, headers| {
            let mut listing = Listing::new(Kind::Tags);
            let page = |at: usize| vec!["x".repeat(length) + &at.to_string()];
            let pages = (100_000..).take_while(|at| listing.add(page(*at), headers).is_ok()).count();
            (pages, listing.names.len())
        };
        assert_eq!(filled(1 << 20, 0), (63, 63), "names of a mebibyte each");
        assert_eq!(filled(1, 0), (4078, 4078), "one short name a page");
        assert_eq!(filled(1, 1 << 20), (63, 63), "headers of a mebibyte each");
        let mut listing = Listing::new(Kind::Tags);
        let many = |count: usize| (0..count).map(|at| format!("{at:0>30}")).collect();
        assert_eq!((listing.add(many(700_000), 0), listing.names.len()), (Ok(700_000), 700_000));
        assert_eq!(listing.add(many(50_000), 0), Err(Full), "what has room of the next page is kept");
        assert!(listing.names.len() > 700_000 && Full.to_string().contains("64 MiB"));
    }
}
