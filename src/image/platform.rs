//! Platforms, and the choice of one entry from an index.
//!
//! The rules are containerd's: names are normalised, and a CPU takes what older members of its family can run.

use std::fmt;
use std::str::FromStr;

use super::{Descriptor, Named};

/// What an image runs on. OCI `image-index.md`, "platform".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Platform {
    /// The CPU architecture, in Go's names: `amd64`, `arm64`.
    pub architecture: String,
    /// The operating system, in Go's names: `linux`, `windows`.
    pub os: String,
    /// The version that a Windows image needs: `10.0.17763.2452`.
    pub os_version: Option<String>,
    /// Features of the operating system that the image needs: `win32k`.
    pub os_features: Vec<String>,
    /// The variant of the CPU: `v7`.
    pub variant: Option<String>,
}

impl Platform {
    /// Other names and defaults put aside: `aarch64` and `arm64/v8` are `arm64`, `arm` is `arm/v7`,
    /// `amd64/v1` is `amd64`.
    pub fn normalized(&self) -> Platform {
        let os = match self.os.to_ascii_lowercase().as_str() {
            "macos" => "darwin".to_owned(),
            other => other.to_owned(),
        };
        let architecture = self.architecture.to_ascii_lowercase();
        let variant = self.variant.as_deref().unwrap_or_default().to_ascii_lowercase();
        let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
            ("i386", _) => ("386", String::new()),
            ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", String::new()),
            ("x86_64" | "x86-64", _) => ("amd64", variant),
            ("aarch64" | "arm64", "8" | "v8") => ("arm64", String::new()),
            ("aarch64", _) => ("arm64", variant),
            ("armhf", _) => ("arm", "v7".into()),
            ("armel", _) => ("arm", "v6".into()),
            ("arm", "" | "7") => ("arm", "v7".into()),
            ("arm", "5" | "6" | "8") => ("arm", format!("v{variant}")),
            _ => (architecture.as_str(), variant),
        };
        Platform {
            architecture: architecture.to_owned(),
            os,
            variant: (!variant.is_empty()).then_some(variant),
            os_version: self.os_version.clone(),
            os_features: self.os_features.clone(),
        }
    }

    /// Whether this names no platform at all, as the entries of attestations do.
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" && self.architecture == "unknown"
    }

    /// The entry of an index that a client on this platform takes: the best match, and the first of equals.
    pub fn choose<'a>(&self, entries: &'a [Named]) -> Option<(usize, &'a Descriptor)> {
        self.fallbacks().into_iter().find_map(|wanted| {
            let fits = |entry: &Descriptor| entry.platform.as_ref().is_some_and(|p| wanted.takes(p));
            let mut read =
                entries.iter().enumerate().filter_map(|(at, entry)| Some((at, entry.as_ref().ok()?)));
            read.find(|(_, entry)| fits(entry))
        })
    }

    /// This platform and those whose images it can run, best first.
    fn fallbacks(&self) -> Vec<Platform> {
        let this = self.normalized();
        let with = |architecture: &str, variant: Option<String>| Platform {
            architecture: architecture.to_owned(),
            variant,
            ..this.clone()
        };
        let version = this.variant.as_deref().and_then(|v| v.strip_prefix('v'));
        let mut list = vec![this.clone()];
        match this.architecture.as_str() {
            "amd64" => {
                let level: u8 = version.and_then(|v| v.parse().ok()).unwrap_or(1);
                list.extend((2..level).rev().map(|n| with("amd64", Some(format!("v{n}")))));
                list.extend((level > 1).then(|| with("amd64", None)));
                list.push(with("386", None));
            }
            "arm" => list.extend(older_arm(version).map(|v| with("arm", Some(v)))),
            "arm64" => {
                list.extend(older_arm64(version.unwrap_or("8")).into_iter().map(|v| with("arm64", v)));
                list.extend(
                    std::iter::once("v8".into()).chain(older_arm(Some("8"))).map(|v| with("arm", Some(v))),
                );
            }
            _ => {}
        }
        list
    }

    /// Whether an image for `offered` runs on exactly this (normalised) platform.
    fn takes(&self, offered: &Platform) -> bool {
        let offered = offered.normalized();
        self.os == offered.os
            && self.architecture == offered.architecture
            && self.variant == offered.variant
            && (self.os != "windows" || self.takes_windows(offered.os_version.as_deref()))
            && offered.os_features.iter().all(|feature| self.os_features.contains(feature))
    }

    /// A Windows image needs the host's own build: major, minor and build must agree, the revision may differ.
    fn takes_windows(&self, offered: Option<&str>) -> bool {
        let build = |version: &str| version.split('.').take(3).map(str::to_owned).collect::<Vec<_>>();
        match (self.os_version.as_deref(), offered) {
            (Some(wanted), Some(offered)) => build(wanted) == build(offered),
            _ => true,
        }
    }
}

fn older_arm(version: Option<&str>) -> impl Iterator<Item = String> + use<> {
    let version: u8 = version.and_then(|v| v.parse().ok()).unwrap_or(5);
    (5..version).rev().map(|n| format!("v{n}"))
}

/// `v9.x` runs what `v9.0…x-1` and `v8.0…x+5` run; plain `v8` is written without a variant.
fn older_arm64(version: &str) -> Vec<Option<String>> {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    let (Ok(major), Ok(minor)) = (major.parse::<u8>(), minor.parse::<u8>()) else { return Vec::new() };
    let name = |major: u8, minor: u8| match (major, minor) {
        (8, 0) => None,
        (major, 0) => Some(format!("v{major}")),
        (major, minor) => Some(format!("v{major}.{minor}")),
    };
    match major {
        9 => {
            let nines = (0..minor).rev().map(|m| name(9, m));
            nines.chain((0..=minor.saturating_add(5)).rev().map(|m| name(8, m))).collect()
        }
        8 => (0..minor).rev().map(|m| name(8, m)).collect(),
        _ => Vec::new(),
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.os)?;
        if let Some(version) = &self.os_version {
            write!(f, "({version})")?;
        }
        write!(f, "/{}", self.architecture)?;
        self.variant.as_ref().map_or(Ok(()), |variant| write!(f, "/{variant}"))
    }
}

impl FromStr for Platform {
    type Err = PlatformError;

    /// Reads `os/architecture[/variant]`; the os may carry a version, as in `windows(10.0.17763)/amd64`.
    fn from_str(text: &str) -> Result<Platform, PlatformError> {
        let bad = || PlatformError { text: text.to_owned() };
        let parts: Vec<&str> = text.trim().split('/').collect();
        let (os, architecture, variant) = match parts.as_slice() {
            [os, architecture] => (*os, *architecture, None),
            [os, architecture, variant] => (*os, *architecture, Some(*variant)),
            _ => return Err(bad()),
        };
        let (os, os_version) = match os.strip_suffix(')').and_then(|os| os.split_once('(')) {
            Some((os, version)) => (os, Some(version)),
            None => (os, None),
        };
        let plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        };
        if ![Some(os), Some(architecture), variant, os_version].into_iter().flatten().all(plain) {
            return Err(bad());
        }
        Ok(Platform {
            architecture: architecture.to_owned(),
            os: os.to_owned(),
            os_version: os_version.map(str::to_owned),
            os_features: Vec::new(),
            variant: variant.map(str::to_owned),
        })
    }
}

/// A text that is not a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformError {
    /// The text.
    pub text: String,
}

impl fmt::Display for PlatformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not a platform: write os/architecture or os/architecture/variant, as in linux/arm64",
            self.text
        )
    }
}

impl std::error::Error for PlatformError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digest;

    fn platform(text: &str) -> Platform {
        text.parse().unwrap()
    }

    fn index(platforms: &str) -> Vec<Named> {
        let entry = |text: &str| Descriptor {
            media_type: crate::media_type::MediaType::OciManifest,
            digest: Digest::sha256(text.as_bytes()),
            size: 1,
            platform: (text != "-").then(|| platform(text)),
            annotations: Default::default(),
            artifact_type: None,
            other: Default::default(),
        };
        platforms.split_whitespace().map(entry).map(Ok).collect()
    }

    #[test]
    fn choice() {
        for (wanted, offered, chosen, why) in [
            ("linux/amd64", "linux/arm64 linux/amd64", Some(1), "the exact one"),
            ("linux/arm64", "linux/amd64 linux/arm64/v8", Some(1), "arm64 is arm64/v8"),
            ("linux/arm64/v8", "linux/arm64", Some(0), "and the other way round"),
            ("linux/aarch64", "linux/arm64", Some(0), "another name of the same"),
            ("linux/arm", "linux/arm/v5 linux/arm/v7", Some(1), "arm is arm/v7"),
            ("linux/arm", "linux/arm/v5 linux/arm/v6", Some(1), "then v6 before v5"),
            ("linux/arm/v8", "linux/arm/v5 linux/arm/v6 linux/arm/v7", Some(2), "v8 takes v7 first"),
            ("linux/arm/v6", "linux/arm/v7", None, "never a newer one"),
            ("linux/arm/v5", "linux/arm/v6", None, "v5 is the oldest"),
            ("linux/amd64", "linux/amd64/v2", None, "a plain amd64 cannot run v2"),
            ("linux/amd64/v3", "linux/amd64 linux/amd64/v2", Some(1), "v3 takes v2 first"),
            ("linux/amd64/v3", "linux/amd64/v1", Some(0), "v1 is plain amd64"),
            ("linux/amd64", "linux/386", Some(0), "amd64 runs 386"),
            ("linux/386", "linux/amd64", None, "not the other way round"),
            ("linux/arm64", "linux/arm/v6 linux/arm/v7", Some(1), "arm64 runs 32-bit arm, newest first"),
            ("linux/arm64/v9.1", "linux/arm64/v8.6 linux/arm64/v9", Some(1), "v9 is nearer than v8.6"),
            ("linux/arm64/v9.1", "linux/arm64/v8.7 linux/arm64/v8", Some(1), "v9.1 is v8.6 at most"),
            ("linux/s390x", "linux/amd64 -", None, "an entry without platform is not chosen by platform"),
            ("windows/amd64", "windows(10.0.17763.2452)/amd64", Some(0), "no version wanted: any"),
            (
                "windows(10.0.20348.1)/amd64",
                "windows(10.0.17763.2452)/amd64 windows(10.0.20348.469)/amd64",
                Some(1),
                "the build must agree, the revision need not",
            ),
            ("windows(10.0.9)/amd64", "windows(10.0.17763.2452)/amd64", None, "no such build"),
            ("linux/amd64", "linux/amd64 linux/amd64", Some(0), "the first of equals"),
        ] {
            let entries = index(offered);
            let found = platform(wanted).choose(&entries).map(|(at, _)| at);
            assert_eq!(found, chosen, "{wanted} from {offered}: {why}");
        }
    }

    #[test]
    fn features_must_be_there() {
        let mut entries = index("windows/amd64");
        entries[0].as_mut().unwrap().platform.as_mut().unwrap().os_features = vec!["win32k".into()];
        assert!(platform("windows/amd64").choose(&entries).is_none());
    }

    #[test]
    fn text_form() {
        for text in ["linux/amd64", "linux/arm/v7", "windows(10.0.17763.2452)/amd64"] {
            assert_eq!(platform(text).to_string(), text);
        }
        for text in ["", "linux", "linux/", "/amd64", "a/b/c/d", "linux/am d64", "linux(/amd64"] {
            assert!(text.parse::<Platform>().is_err(), "{text:?}");
        }
    }
}
