//! The way back from a recording's requests to the image that they pulled.

use crate::endpoint::manifest_target;
use crate::http::{Method, Url};
use crate::reference::{Reference, Scheme};

/// The reference that the first request for a manifest speaks of.
pub fn recorded_reference<'a>(urls: impl Iterator<Item = (Method, &'a Url)>) -> Option<Reference> {
    urls.filter_map(|(_, url)| {
        let target = manifest_target(url)?;
        let scheme = if url.scheme() == "http" { Scheme::Http } else { Scheme::Https };
        Reference::from_parts(scheme, url.host(), target.repository, target.reference).ok()
    })
    .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_manifest_names_the_image() {
        let urls: Vec<Url> = [
            "https://example.org/favicon.ico",
            "https://registry-1.docker.io/v2/",
            "https://registry-1.docker.io/v2/library/hello-world/manifests/latest",
            "https://registry-1.docker.io/v2/library/other/manifests/latest",
        ]
        .map(|url| url.parse().unwrap())
        .to_vec();
        let reference = recorded_reference(urls.iter().map(|url| (Method::Get, url))).unwrap();
        assert_eq!(reference.canonical(), "docker.io/library/hello-world:latest");
        assert_eq!(reference.repository().origin(), "https://registry-1.docker.io");
        assert_eq!(recorded_reference(std::iter::empty()), None);
    }
}
