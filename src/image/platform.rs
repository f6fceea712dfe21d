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
            ("aarch64" | "arm64", "8" | "v8" | "v8.0") => ("arm64", String::new()),
            ("aarch64" | "arm64", "9" | "9.0" | "v9.0") => ("arm64", "v9".into()),
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

    /// Whether os and architecture are stated.
    pub fn is_stated(&self) -> bool {
        !self.os.is_empty() && !self.architecture.is_empty()
    }

    /// The entry of an index that a client on this platform takes: the best match, and the first of equals.
    pub fn choose<'a>(&self, entries: &'a [Named]) -> Option<(usize, &'a Descriptor)> {
        let platforms = entries.iter().map(|entry| entry.as_ref().ok()?.platform.as_ref());
        let at = self.choose_among(platforms)?;
        Some((at, entries.get(at)?.as_ref().ok()?))
    }

    /// The place of the platform that fits this one best, among several; of equals the first. Of several builds of Windows the
    /// newest is taken, if this one states its own.
    pub fn choose_among<'a>(
        &self,
        offered: impl Iterator<Item = Option<&'a Platform>> + Clone,
    ) -> Option<usize> {
        self.fallbacks().into_iter().find_map(|wanted| {
            let offered = offered.clone().enumerate();
            let mut fits = offered
                .filter_map(|(at, offered)| Some((at, offered.filter(|offered| wanted.takes(offered))?)));
            if self.normalized().os != "windows" || self.os_version.is_none() {
                return fits.next().map(|(at, _)| at);
            }
            let version = |platform: &Platform| Build::of(platform.os_version.as_deref());
            fits.max_by_key(|(at, platform)| (version(platform), std::cmp::Reverse(*at))).map(|(at, _)| at)
        })
    }

    /// Whether an image for `other` runs on this platform.
    pub fn runs(&self, other: &Platform) -> bool {
        self.choose_among(std::iter::once(Some(other))).is_some()
    }

    /// This platform and those whose images it can run, best first.
    fn fallbacks(&self) -> Vec<Platform> {
        let this = self.normalized();
        let with = |architecture: &str, variant: Option<String>| Platform {
            architecture: architecture.to_owned(),
            variant,
            ..this.clone()
        };
        let variant = this.variant.as_deref();
        let version = variant.and_then(|v| v.strip_prefix('v'));
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
                let older = older_arm64(variant.unwrap_or("v8"));
                // A variant that does not exist runs nothing.
                let Some(older) = older else { return Vec::new() };
                list.extend(older.into_iter().map(|v| with("arm64", v)));
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
            && offered.os_features.iter().all(|feature| {
                // What Windows images ask for that every host has.
                (self.os == "windows" && feature == "win32k") || self.os_features.contains(feature)
            })
    }

    /// Up to Windows Server 2019 an image needs the host's own build; after that a host runs what was built since the last
    /// long-term release before it. The revision does not matter.
    fn takes_windows(&self, offered: Option<&str>) -> bool {
        /// Windows Server 2022 and 2025.
        const LONG_TERM: [u16; 2] = [20348, 26100];
        let host = Build::of(self.os_version.as_deref());
        if host == Build::default() || offered.is_none_or(str::is_empty) {
            return true;
        }
        let image = Build::of(offered);
        let [first, ..] = LONG_TERM;
        (host.major, host.minor) == (image.major, image.minor)
            && if host.build < first {
                image.build == host.build
            } else {
                let oldest =
                    LONG_TERM.into_iter().rev().find(|release| *release < host.build).unwrap_or(first);
                (oldest..=host.build).contains(&image.build)
            }
    }
}

/// A version of Windows, without its revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Build {
    major: u8,
    minor: u8,
    build: u16,
}

impl Build {
    /// Reads `10.0.17763.2452`; zeros where it is no version.
    fn of(version: Option<&str>) -> Build {
        let mut parts = version.unwrap_or_default().split('.');
        let mut read = || {
            let (major, minor, build) = (parts.next()?, parts.next()?, parts.next()?);
            Some(Build { major: major.parse().ok()?, minor: minor.parse().ok()?, build: build.parse().ok()? })
        };
        read().unwrap_or_default()
    }
}

fn older_arm(version: Option<&str>) -> impl Iterator<Item = String> + use<> {
    let version: u8 = version.and_then(|v| v.parse().ok()).unwrap_or(5);
    (5..version).rev().map(|n| format!("v{n}"))
}

/// What an arm64 variant runs besides itself: `v9.x` all of `v9.0…x-1` and of `v8.0…x+5`, `v8.x` all of `v8.0…x-1`. The families
/// end at `v8.9` and `v9.7`; `None` for a variant that is in neither. Plain `v8` is written without a variant.
fn older_arm64(variant: &str) -> Option<Vec<Option<String>>> {
    const LAST: [(u8, u8); 2] = [(8, 9), (9, 7)];
    let (major, minor) = match variant.strip_prefix('v')?.split_once('.') {
        Some((major, minor)) => (major, minor.parse().ok().filter(|n: &u8| n.to_string() == minor)?),
        None => (variant.strip_prefix('v')?, 0),
    };
    let major = major.parse().ok().filter(|n: &u8| n.to_string() == major)?;
    let (_, last) =
        LAST.into_iter().find(|(family, _)| *family == major).filter(|(_, last)| minor <= *last)?;
    let name = |major: u8, minor: u8| match (major, minor) {
        (8, 0) => None,
        (major, 0) => Some(format!("v{major}")),
        (major, minor) => Some(format!("v{major}.{minor}")),
    };
    let own = (0..minor.min(last)).rev().map(move |minor| name(major, minor));
    let eights = (major == 9).then(|| (0..=(minor + 5).min(9)).rev().map(move |minor| name(8, minor)));
    Some(own.chain(eights.into_iter().flatten()).collect())
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
            urls: Vec::new(),
            data: None,
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
            ("linux/arm64/v9.7", "linux/arm64/v8.9", Some(0), "v9.7 is v8.9 at most"),
            ("linux/arm64/v8.9", "linux/arm64/v8.9 linux/arm64", Some(0), "the last of v8"),
            ("linux/arm64/v8.10", "linux/arm64 linux/arm64/v8.9", None, "there is no v8.10"),
            ("linux/arm64/v9.8", "linux/arm64", None, "and no v9.8"),
            ("linux/arm64/v10", "linux/arm64", None, "and no v10"),
            ("linux/arm64", "linux/arm64/v8.0", Some(0), "v8.0 is v8"),
            ("linux/arm64/v9", "linux/arm64/v9.0", Some(0), "v9.0 is v9"),
            ("linux/arm64/9.0", "linux/arm64/9", Some(0), "so are 9 and 9.0"),
            ("linux/s390x", "linux/amd64 -", None, "an entry without platform is not chosen by platform"),
            ("windows/amd64", "windows(10.0.17763.2452)/amd64", Some(0), "no version wanted: any"),
            (
                "windows(10.0.20348.1)/amd64",
                "windows(10.0.17763.2452)/amd64 windows(10.0.20348.469)/amd64",
                Some(1),
                "the build must agree, the revision need not",
            ),
            ("windows(10.0.26100)/amd64", "windows(10.0.20348.1)/amd64", Some(0), "2025 runs 2022"),
            ("windows(10.0.26100)/amd64", "windows(10.0.17763.1)/amd64", None, "and not 2019"),
            ("windows(10.0.25398)/amd64", "windows(10.0.22621)/amd64", Some(0), "built since 2022"),
            ("windows(10.0.26200)/amd64", "windows(10.0.25398)/amd64", None, "built before 2025"),
            ("windows(10.0.26200)/amd64", "windows(10.0.26100)/amd64", Some(0), "2025 itself"),
            ("windows(10.0.20348)/amd64", "windows(10.0.26100)/amd64", None, "never a newer one"),
            ("windows(10.0.17763)/amd64", "windows(10.0.20348)/amd64", None, "2019 wants its own build"),
            (
                "windows(10.0.26100)/amd64",
                "windows(10.0.20348)/amd64 windows(10.0.26100.1)/amd64 windows(10.0.25398)/amd64",
                Some(1),
                "the newest that runs",
            ),
            ("windows(10.0.26100)/amd64", "windows(11.0.26100)/amd64", None, "another major version"),
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
        let mut with = |feature: &str| {
            entries[0].as_mut().unwrap().platform.as_mut().unwrap().os_features = vec![feature.to_owned()];
            platform("windows/amd64").choose(&entries).is_some()
        };
        assert!(!with("other"));
        assert!(with("win32k"), "every Windows host has it");
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
