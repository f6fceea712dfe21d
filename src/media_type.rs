//! Media types of the documents and blobs of an image.
//!
//! The set is open: what is not known is kept as written and shown. OCI image specification, `media-types.md`;
//! Docker image manifest version 2, schema 2.

use std::fmt;

/// A media type without parameters, lower-cased.
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
    /// Reads a `Content-Type` value or a descriptor's `mediaType`; parameters are dropped.
    pub fn parse(text: &str) -> MediaType {
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match KNOWN.iter().find(|(_, name)| *name == essence) {
            Some((known, _)) => known.clone(),
            None => Other(essence),
        }
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

    /// Whether the name can stand in an `Accept` header without making a browser ask the registry first:
    /// one type, one subtype, and only characters that are CORS-safelisted.
    pub fn is_plain(&self) -> bool {
        let plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        self.as_str().split_once('/').is_some_and(|(kind, subtype)| plain(kind) && plain(subtype))
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
    fn parameters_and_case_do_not_matter_and_the_unknown_is_kept() {
        assert_eq!(MediaType::parse("Application/VND.OCI.Image.Index.v1+json; charset=utf-8"), OciIndex);
        assert_eq!(MediaType::parse("text/html").as_str(), "text/html");
        assert_eq!(MediaType::parse(""), Other(String::new()));
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
