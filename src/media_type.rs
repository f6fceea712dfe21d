//! Media types of the documents and blobs of an image.
//!
//! The set is open: what is not known is kept as written and shown. OCI image specification, `media-types.md`;
//! Docker image manifest version 2, schema 2.

use std::fmt;

/// A media type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum MediaType {
    /// `application/vnd.oci.image.index.v1+json`
    OciIndex,
    /// `application/vnd.docker.distribution.manifest.list.v2+json`
    DockerManifestList,
    /// `application/vnd.oci.image.manifest.v1+json`
    OciManifest,
    /// `application/vnd.docker.distribution.manifest.v2+json`
    DockerManifest,
    /// `application/vnd.oci.image.config.v1+json`
    OciConfig,
    /// `application/vnd.docker.container.image.v1+json`
    DockerConfig,
    /// Anything else, as written.
    Other(String),
}

use MediaType::*;

const KNOWN: [(MediaType, &str); 6] = [
    (OciIndex, "application/vnd.oci.image.index.v1+json"),
    (DockerManifestList, "application/vnd.docker.distribution.manifest.list.v2+json"),
    (OciManifest, "application/vnd.oci.image.manifest.v1+json"),
    (DockerManifest, "application/vnd.docker.distribution.manifest.v2+json"),
    (OciConfig, "application/vnd.oci.image.config.v1+json"),
    (DockerConfig, "application/vnd.docker.container.image.v1+json"),
];

impl MediaType {
    /// Reads the `mediaType` of a document or descriptor, which is compared exactly.
    pub fn parse(text: &str) -> MediaType {
        match KNOWN.iter().find(|(_, name)| *name == text) {
            Some((known, _)) => known.clone(),
            None => Other(text.to_owned()),
        }
    }

    /// Reads a `Content-Type`: case does not matter, and parameters are dropped, as is a second one behind a comma. RFC 9110,
    /// section 8.3.1.
    pub fn of_header(value: &str) -> MediaType {
        MediaType::parse(&value.split([';', ',']).next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// The name as it stands on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            Other(name) => name,
            known => KNOWN.iter().find(|(k, _)| k == known).map_or("", |(_, name)| name),
        }
    }

    /// Whether this is an OCI index or a Docker manifest list.
    pub fn is_index(&self) -> bool {
        matches!(self, OciIndex | DockerManifestList)
    }

    /// Whether this is an image manifest, OCI or Docker schema 2.
    pub fn is_manifest(&self) -> bool {
        matches!(self, OciManifest | DockerManifest)
    }

    /// Whether this is the config of a runnable image. Artifacts put other documents, or none, in its place.
    pub fn is_image_config(&self) -> bool {
        matches!(self, OciConfig | DockerConfig)
    }

    /// Whether this is the deprecated Docker schema 1, which registries hand out when asked for too little.
    pub fn is_schema1(&self) -> bool {
        matches!(self, Other(name) if name.starts_with("application/vnd.docker.distribution.manifest.v1+"))
    }

    /// Whether this is the artifact manifest of OCI 1.1's release candidates.
    pub fn is_artifact_manifest(&self) -> bool {
        matches!(self, Other(name) if name == "application/vnd.oci.artifact.manifest.v1+json")
    }

    /// Whether this is what BuildKit keeps of a build in a cache. BuildKit, `cache/remotecache/v1/doc.go`.
    pub fn is_cache_config(&self) -> bool {
        matches!(self, Other(name) if name == "application/vnd.buildkit.cacheconfig.v0")
    }

    /// Whether this is the type of a layer, as images and build caches have them.
    pub fn is_layer(&self) -> bool {
        let prefixes = ["application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs."];
        matches!(self, Other(name) if prefixes.iter().any(|prefix| name.starts_with(prefix)))
    }

    /// Whether the name has the form of a media type: a type and a subtype. RFC 6838, section 4.2.
    pub fn is_well_formed(&self) -> bool {
        let restricted = |part: &str| {
            let mut bytes = part.bytes();
            bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
                && part.len() <= 127
                && bytes.all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        self.as_str().split_once('/').is_some_and(|(kind, subtype)| restricted(kind) && restricted(subtype))
    }

    /// Whether the name can stand in an `Accept` header without making a browser ask the registry first:
    /// one type, one subtype, only characters that are CORS-safelisted, and not more than 128 of them.
    pub fn is_plain(&self) -> bool {
        let plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        self.as_str().len() <= 128
            && self.as_str().split_once('/').is_some_and(|(kind, subtype)| plain(kind) && plain(subtype))
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_type_reads_back() {
        for (known, name) in KNOWN {
            assert_eq!(MediaType::parse(name), known);
            assert_eq!(known.as_str(), name);
            assert!(known.is_plain(), "{name}");
        }
    }

    #[test]
    fn parameters_and_case_do_not_matter_in_a_header_alone_and_the_unknown_is_kept() {
        let odd = "Application/VND.OCI.Image.Index.v1+json; charset=utf-8";
        assert_eq!(MediaType::of_header(odd), OciIndex);
        assert_eq!(MediaType::of_header("text/html, text/html").as_str(), "text/html");
        assert_eq!(MediaType::parse(odd).as_str(), odd);
        assert_eq!(MediaType::parse("text/html").as_str(), "text/html");
        assert_eq!(MediaType::parse(""), Other(String::new()));
    }

    #[test]
    fn forms() {
        for (name, is_one) in [
            ("application/vnd.oci.image.layer.v1.tar+gzip", true),
            ("a/b", true),
            ("Text/X", true),
            ("", false),
            ("application", false),
            ("a/b; c=d", false),
            (" a/b", false),
            ("a/b/c", false),
            ("+a/b", false),
        ] {
            assert_eq!(MediaType::parse(name).is_well_formed(), is_one, "{name:?}");
        }
    }

    #[test]
    fn only_plain_names_go_into_a_header() {
        for (name, plain) in [
            ("application/json", true),
            ("application", false),
            ("a/b\r\nx: y", false),
            ("a/b,c/d", false),
            ("a/(b)", false),
            ("/b", false),
        ] {
            assert_eq!(MediaType::parse(name).is_plain(), plain, "{name:?}");
        }
    }
}
