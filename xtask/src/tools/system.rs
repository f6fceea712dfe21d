//! Tools that come with the system: browsers, the registry, the image tools. On Debian and Ubuntu apt-get installs them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::{Tool, all_on_path, is_program, is_root, on_path};
use crate::process::{capture, run};
use crate::scratch::Scratch;
use crate::step::timed;

/// Where a tool is looked for, and where it comes from.
struct Source {
    /// An environment variable that names the program outright.
    variable: &'static str,
    /// The names that it has on `PATH`, the preferred one first.
    names: &'static [&'static str],
    /// Debian's package.
    debian: &'static str,
    /// Whether Ubuntu has that package too: there, those of the browsers only point to snaps.
    on_ubuntu: bool,
    /// Where else to get it.
    elsewhere: &'static str,
}

fn source(tool: Tool) -> Option<Source> {
    Some(match tool {
        Tool::Chromium => Source {
            variable: "CHROME_BIN",
            names: &[
                "chromium",
                "chromium-browser",
                "google-chrome",
                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            ],
            debian: "chromium",
            on_ubuntu: false,
            elsewhere: "Chromium or Chrome, of the same major version as chromedriver",
        },
        Tool::Chromedriver => Source {
            variable: "CHROMEDRIVER",
            names: &["chromedriver"],
            debian: "chromium-driver",
            on_ubuntu: false,
            elsewhere: "chromedriver (https://googlechromelabs.github.io/chrome-for-testing/)",
        },
        Tool::Firefox => Source {
            variable: "FIREFOX_BIN",
            names: &["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"],
            debian: "firefox-esr",
            on_ubuntu: false,
            elsewhere: "Firefox (https://www.mozilla.org/firefox/), not as a snap",
        },
        Tool::Registry => Source {
            variable: "REGISTRY_BIN",
            names: &["docker-registry", "registry"],
            debian: "docker-registry",
            on_ubuntu: true,
            elsewhere: "the `registry` program (https://github.com/distribution/distribution/releases)",
        },
        Tool::Skopeo => Source {
            variable: "SKOPEO_BIN",
            names: &["skopeo"],
            debian: "skopeo",
            on_ubuntu: true,
            elsewhere: "skopeo (https://github.com/containers/skopeo/blob/main/install.md)",
        },
        Tool::Umoci => Source {
            variable: "UMOCI_BIN",
            names: &["umoci"],
            debian: "umoci",
            on_ubuntu: true,
            elsewhere: "umoci (https://github.com/opencontainers/umoci/releases)",
        },
        Tool::Buildah => Source {
            variable: "BUILDAH_BIN",
            names: &["buildah"],
            debian: "buildah",
            on_ubuntu: true,
            elsewhere: "buildah (https://github.com/containers/buildah/blob/main/install.md)",
        },
        Tool::Nginx => Source {
            variable: "NGINX_BIN",
            // Users other than root may not have its directory on their path.
            names: &["nginx", "/usr/sbin/nginx"],
            debian: "nginx-light",
            on_ubuntu: true,
            elsewhere: "nginx (https://nginx.org/en/download.html)",
        },
        Tool::Go => Source {
            variable: "GO_BIN",
            names: &["go", "/usr/local/go/bin/go"],
            debian: "golang-go",
            on_ubuntu: true,
            elsewhere: "Go (https://go.dev/dl/)",
        },
        _ => return None,
    })
}

/// The program where it is there. A variable that names a file that is no program is an error, not an absence.
pub(super) fn find(tool: Tool) -> Result<Option<PathBuf>> {
    let Some(source) = source(tool) else { return Ok(None) };
    if let Some(path) = std::env::var_os(source.variable).filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        if !is_program(&path) {
            bail!(
                "{} is set to {}, which is not a program; correct or unset it",
                source.variable,
                path.display()
            );
        }
        return Ok(Some(path));
    }
    match tool {
        Tool::Chromium => chromium(source.names),
        // Other programs are called `registry` too.
        Tool::Registry => Ok(all_on_path(source.names).find(|file| {
            capture(Command::new(file).arg("--version")).is_some_and(|text| text.contains("distribution"))
        })),
        _ => Ok(on_path(source.names)),
    }
}

/// The first Chromium that the chromedriver at hand can drive: it refuses other major versions than its own.
fn chromium(names: &[&str]) -> Result<Option<PathBuf>> {
    let browsers: Vec<PathBuf> = all_on_path(names).collect();
    let Some(driver) = find(Tool::Chromedriver)? else { return Ok(browsers.into_iter().next()) };
    let wanted = major(&driver);
    let versions: Vec<_> = browsers.iter().map(|browser| major(browser)).collect();
    if let Some((browser, _)) = browsers.iter().zip(&versions).find(|(_, version)| **version == wanted) {
        return Ok(Some(browser.clone()));
    }
    if browsers.is_empty() {
        return Ok(None);
    }
    let version = |version: &Option<u32>| version.map_or("unknown version".into(), |v| v.to_string());
    let found: Vec<String> =
        browsers.iter().zip(&versions).map(|(b, v)| format!("{} ({})", b.display(), version(v))).collect();
    bail!(
        "{} ({}) drives none of {}: install a Chromium of its major version, or set CHROME_BIN and CHROMEDRIVER",
        driver.display(),
        version(&wanted),
        found.join(", ")
    )
}

fn major(program: &Path) -> Option<u32> {
    major_in(&capture(Command::new(program).arg("--version"))?)
}

/// The first number that begins a dotted version: `Chromium 156.0.8078.79 built on …` gives 156.
fn major_in(text: &str) -> Option<u32> {
    text.split_whitespace().find_map(|word| word.split_once('.')?.0.parse().ok())
}

/// Installs through apt-get where there is one and the rights to use it; otherwise says what to do.
pub(super) fn install(tools: &[Tool]) -> Result<()> {
    let missing: Vec<Source> = tools.iter().filter_map(|tool| source(*tool)).collect();
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let Some(system) = Debianlike::of(&release).filter(|_| on_path(&["apt-get"]).is_some()) else {
        bail!("these are missing; install them, and run the command again:{}", list(&missing));
    };
    let (packaged, other): (Vec<_>, Vec<_>) =
        missing.into_iter().partition(|source| system == Debianlike::Debian || source.on_ubuntu);
    if !packaged.is_empty() {
        apt(&packaged.iter().map(|source| source.debian).collect::<Vec<_>>())?;
    }
    if !other.is_empty() {
        bail!("these are missing, and apt has no package of them; install them by hand:{}", list(&other));
    }
    Ok(())
}

fn list(sources: &[Source]) -> String {
    sources.iter().map(|s| format!("\n  {} (or set {} to its path)", s.elsewhere, s.variable)).collect()
}

fn apt(packages: &[&str]) -> Result<()> {
    let sudo: &[&str] = match () {
        () if is_root() => &[],
        () if capture(Command::new("sudo").args(["-n", "true"])).is_some() => &["sudo", "-n"],
        () => bail!(
            "these packages are missing, and installing them needs root. Run this, then the command again:\n  \
             sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
            packages.join(" ")
        ),
    };
    let scratch = Scratch::new("apt")?;
    let apt_get = |args: &[&str]| {
        let words = [sudo, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], args].concat();
        let (program, rest) = words.split_first().unwrap_or((&"apt-get", &[]));
        run(Command::new(program).args(rest), &scratch.path().join("log.txt"))
    };
    timed(format_args!("apt-get install {} (once, takes a minute)", packages.join(" ")), || {
        apt_get(&["update"])?;
        apt_get(&[&["install", "-y", "--no-install-recommends"], packages].concat())
    })?;
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Debianlike {
    Debian,
    Ubuntu,
}

impl Debianlike {
    /// Reads `/etc/os-release`; what derives from Ubuntu says so in `ID_LIKE`.
    fn of(release: &str) -> Option<Debianlike> {
        let words =
            release.lines().filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")));
        let words: Vec<&str> = words.flat_map(|value| value.trim_matches('"').split(' ')).collect();
        match () {
            () if words.contains(&"ubuntu") => Some(Debianlike::Ubuntu),
            () if words.contains(&"debian") => Some(Debianlike::Debian),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_debian_and_ubuntu() {
        for (release, expected) in [
            ("PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n", Some(Debianlike::Debian)),
            ("ID=ubuntu\nID_LIKE=debian\n", Some(Debianlike::Ubuntu)),
            ("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", Some(Debianlike::Ubuntu)),
            ("ID=raspbian\nID_LIKE=debian\n", Some(Debianlike::Debian)),
            ("ID=fedora\nVARIANT_ID=debian\n", None),
            ("", None),
        ] {
            assert_eq!(Debianlike::of(release), expected, "{release:?}");
        }
    }

    #[test]
    fn reads_major_versions() {
        for (text, expected) in [
            ("Chromium 156.0.8078.79 built on Debian GNU/Linux 12 (bookworm)", Some(156)),
            ("ChromeDriver 156.0.8078.79 (a21ce95c24ce-refs/branch-heads/8078@{#1704})", Some(156)),
            ("Google Chrome 9.1", Some(9)),
            ("no version", None),
        ] {
            assert_eq!(major_in(text), expected, "{text:?}");
        }
    }
}
