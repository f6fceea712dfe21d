//! Tools that are installed into the project's cache directory, by cargo or by npm, each at one version.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Tool, on_path};
use crate::process::{capture, run};
use crate::scratch::Scratch;
use crate::step::timed;
use crate::workspace::locked_version;

/// A package at one version, for the sake of one program in it.
pub(super) struct Package {
    name: &'static str,
    version: String,
    installer: Installer,
    /// The program, or the script, relative to the directory that the package is installed into.
    program: &'static str,
    /// Whether it is a script for others to load, which cannot be run by itself.
    is_script: bool,
    /// The word of `--version` that must be the version; `None` where any version will do.
    version_word: Option<String>,
    /// How long a first install takes on a small machine.
    takes: &'static str,
}

enum Installer {
    /// With the package's own lock file or not, and at an optimisation level: less of it halves the wait.
    Cargo {
        locked: bool,
        opt_level: &'static str,
    },
    Npm,
}

impl Package {
    /// The package of a tool; `None` where the tool comes from the system.
    pub(super) fn of(tool: Tool) -> Result<Option<Package>> {
        let launcher = Installer::Cargo { locked: true, opt_level: "0" };
        Ok(Some(match tool {
            Tool::WasmOpt => Package {
                name: "binaryen",
                version: "132.0.0".into(),
                installer: Installer::Npm,
                program: "node_modules/.bin/wasm-opt",
                is_script: false,
                // wasm-opt only tells its major version.
                version_word: Some("132".into()),
                takes: "a few seconds",
            },
            Tool::WasmPack => Package {
                name: "wasm-pack",
                version: "0.15.1".into(),
                installer: launcher,
                program: "bin/wasm-pack",
                is_script: false,
                version_word: Some("0.15.1".into()),
                takes: "about a minute",
            },
            Tool::WasmBindgenTestRunner => {
                let version = locked_version("wasm-bindgen")?;
                Package {
                    name: "wasm-bindgen-cli",
                    version_word: Some(version.clone()),
                    version,
                    // Not locked: with the lock file of 0.2.130, a dependency could not be fetched. A little optimised,
                    // because it has work to do in every run.
                    installer: Installer::Cargo { locked: false, opt_level: "1" },
                    program: "bin/wasm-bindgen-test-runner",
                    is_script: false,
                    takes: "about a minute",
                }
            }
            Tool::Geckodriver => Package {
                name: "geckodriver",
                version: "0.37.1".into(),
                installer: launcher,
                program: "bin/geckodriver",
                is_script: false,
                version_word: None,
                takes: "about a minute",
            },
            Tool::Axe => Package {
                name: "axe-core",
                version: "4.14.1".into(),
                installer: Installer::Npm,
                program: "node_modules/axe-core/axe.min.js",
                is_script: true,
                version_word: None,
                takes: "a few seconds",
            },
            Tool::HashWasm => Package {
                name: "hash-wasm",
                version: "4.13.0".into(),
                installer: Installer::Npm,
                program: "node_modules/hash-wasm/dist/index.esm.min.js",
                is_script: true,
                version_word: None,
                takes: "a few seconds",
            },
            Tool::NobleHashes => Package {
                name: "@noble/hashes",
                version: "2.4.0".into(),
                installer: Installer::Npm,
                program: "node_modules/@noble/hashes/sha2.js",
                is_script: true,
                version_word: None,
                takes: "a few seconds",
            },
            _ => return Ok(None),
        }))
    }

    /// The program in the cache directory, or the same version of it on `PATH`.
    pub(super) fn find(&self) -> Result<Option<PathBuf>> {
        let cached = self.dir()?.join(self.program);
        if self.is_script {
            return Ok(Some(cached).filter(|script| script.is_file()));
        }
        let name = Path::new(self.program).file_name().and_then(|name| name.to_str()).unwrap_or(self.program);
        Ok([Some(cached), on_path(&[name])].into_iter().flatten().find(|program| self.runs(program)))
    }

    /// Installs it where `find` finds nothing.
    pub(super) fn ensure(&self) -> Result<()> {
        if self.find()?.is_some() {
            return Ok(());
        }
        let Package { name, version, takes, .. } = self;
        let label = format!("installing {name} {version} (once, takes {takes})");
        timed(label, || self.install())?;
        match self.find()? {
            Some(_) => Ok(()),
            None => bail!(
                "{name} {version} was installed into {}, but {} is not there, or does not run",
                self.dir()?.display(),
                self.program
            ),
        }
    }

    /// A program that runs and tells its version: what an interrupted install left does not.
    fn runs(&self, program: &Path) -> bool {
        let Some(text) = capture(Command::new(program).arg("--version")) else { return false };
        self.version_word.as_ref().is_none_or(|word| text.split_whitespace().any(|w| w == word))
    }

    /// Installs beside the final directory and renames: what is under the final name is whole.
    fn install(&self) -> Result<()> {
        let dir = self.dir()?;
        let partial = cache_dir()?.join(format!("{}.partial-{}", self.plain_name(), std::process::id()));
        std::fs::create_dir_all(&partial).with_context(|| format!("cannot create {}", partial.display()))?;
        let scratch = Scratch::new("install")?;
        let package = format!("{}@{}", self.name, self.version);
        let mut command = match self.installer {
            Installer::Cargo { locked, opt_level } => {
                let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
                command
                    .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", opt_level)
                    .env("CARGO_PROFILE_RELEASE_LTO", "off");
                command.arg("install").args(locked.then_some("--locked")).arg("--root");
                command
            }
            Installer::Npm => {
                let npm = on_path(&["npm"]).context(
                    "npm was not found; install Node.js 20 or later (https://nodejs.org) and run the command again",
                )?;
                let mut command = Command::new(npm);
                command.args(["install", "--no-audit", "--no-fund", "--prefix"]);
                command
            }
        };
        // Away from the repository, so that its cargo configuration does not apply to other people's crates.
        command.arg(&partial).arg(package).current_dir(&partial);
        if let Err(error) = run(&mut command, &scratch.path().join("log.txt")) {
            let _ = std::fs::remove_dir_all(&partial);
            return Err(error);
        }
        if dir.exists() {
            std::fs::remove_dir_all(&dir)
                .with_context(|| format!("cannot remove the broken {}", dir.display()))?;
        }
        std::fs::rename(&partial, &dir)
            .with_context(|| format!("cannot rename {} to {}", partial.display(), dir.display()))
    }

    fn dir(&self) -> Result<PathBuf> {
        Ok(cache_dir()?.join(format!("{}-{}", self.plain_name(), self.version)))
    }

    /// The name as one of a directory: a scope ends in a slash.
    fn plain_name(&self) -> String {
        self.name.replace('/', "-")
    }
}

/// `registry-inspector` under the platform's cache directory.
fn cache_dir() -> Result<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || {
        let home = variable("HOME").or_else(|| variable("USERPROFILE"));
        home.context(
            "neither XDG_CACHE_HOME nor HOME is set, so there is nowhere to install tools; set one of them",
        )
    };
    let base = match variable("XDG_CACHE_HOME").filter(|dir| dir.is_absolute()) {
        Some(dir) => dir,
        None if cfg!(target_os = "macos") => home()?.join("Library/Caches"),
        None => home()?.join(".cache"),
    };
    Ok(base.join("registry-inspector"))
}
