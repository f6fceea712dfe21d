//! The one place where an `Authorization` header is made, and the origins that may see it.

use super::{Refusal, Secret};
use crate::http::{Request, Url};

const HEADER: &str = "Authorization";

/// The origins that something secret may go to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipients(Vec<String>);

impl Recipients {
    /// The origin of an address alone.
    pub fn of(url: &Url) -> Recipients {
        Recipients::default().and(url)
    }

    /// The same with the origin of another address.
    pub fn and(mut self, url: &Url) -> Recipients {
        if !self.include(url) {
            self.0.push(url.origin().to_owned());
        }
        self
    }

    /// Whether the origin of an address is one of them.
    pub fn include(&self, url: &Url) -> bool {
        self.0.iter().any(|origin| origin == url.origin())
    }
}

/// What may stand in `Authorization`, with the origins that may see it. No other type leads to the header, and
/// [`Pass::show`] asks each time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    value: Secret,
    to: Recipients,
}

impl Pass {
    pub(super) fn new(value: Secret, to: Recipients) -> Pass {
        Pass { value, to }
    }

    /// A user name and a password that are both empty: whether a header may be sent does not depend on what it says.
    pub fn of_nobody(to: &Url) -> Pass {
        Pass::new(Secret::new("Basic Og=="), Recipients::of(to))
    }

    /// Puts it into a request, in place of another; not where the request goes to somebody else.
    pub fn show(&self, request: &mut Request) -> Result<(), Refusal> {
        take_out(request);
        if !self.to.include(&request.url) {
            return Err(Refusal::NotAgreed);
        }
        request.headers.push((HEADER.to_owned(), self.value.reveal().to_owned()));
        Ok(())
    }
}

/// Takes out what a request shows, if it shows anything.
pub fn take_out(request: &mut Request) {
    request.headers.retain(|(name, _)| name != HEADER);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;

    #[test]
    fn a_pass_is_shown_to_its_recipients_alone() {
        let url = |text: &str| text.parse::<Url>().unwrap();
        let to = Recipients::of(&url("https://r.example/v2/")).and(&url("https://b.example:8443/"));
        let pass = Pass::new(Secret::new("Bearer a"), to);
        for (address, is_shown) in [
            ("https://r.example/v2/app/tags/list", true),
            ("https://R.Example:443/", true),
            ("https://r.example./", true),
            ("https://b.example:8443/", true),
            ("https://b.example/", false),
            ("http://r.example/", false),
            ("https://r.example.evil.example/", false),
            ("https://evil.example/?https://r.example/", false),
        ] {
            let mut request = Request {
                method: Method::Get,
                url: url(address),
                headers: vec![(HEADER.to_owned(), "Bearer of the request before".to_owned())],
            };
            let shown = pass.show(&mut request);
            let expected = is_shown.then_some((HEADER, "Bearer a"));
            let header = request.headers.first().map(|(name, value)| (name.as_str(), value.as_str()));
            assert_eq!((header, shown.is_ok()), (expected, is_shown), "{address}");
        }
    }
}
