//! Every program that the commands need: found where it is, or installed where that harms nobody.
//!
//! What can be built or downloaded goes to the project's own cache directory, one directory for each version, so that a
//! fresh clone on a warm machine is quick and the user's own `~/.cargo/bin` stays as it was. Browsers, the registry and
//! the image tools are system packages.

mod cached;
mod system;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail};

use crate::process::{capture, run};
use crate::scratch::Scratch;
use crate::step::timed;
use crate::workspace::{cargo, root};

/// The target that the page's module is compiled for.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program that a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// `wasm-opt` from binaryen: optimises the module.
    WasmOpt,
    /// Runs the browser tests.
    WasmPack,
    /// What wasm-pack runs them with; its version must be that of the wasm-bindgen crate.
    WasmBindgenTestRunner,
    /// Drives Firefox.
    Geckodriver,
    /// Drives Chromium.
    Chromedriver,
    /// Chromium, or Chrome, of chromedriver's version.
    Chromium,
    /// Firefox, or Firefox ESR.
    Firefox,
    /// The CNCF's distribution: the registry that the tests pull from.
    Registry,
    /// Pushes images into it.
    Skopeo,
    /// Makes them.
    Umoci,
    /// Makes them as well, in its own way.
    Buildah,
    /// Stands in front of it, as a proxy.
    Nginx,
    /// axe-core: finds what is wrong for assistive technology. A script, not a program.
    Axe,
    /// Go, with its standard library: the oracle of the reader of tars.
    Go,
    /// hash-wasm: a peer in the benchmark. A script.
    HashWasm,
    /// @noble/hashes: the same.
    NobleHashes,
}

/// What `serve` and `dist` need.
pub const BUILD: &[Tool] = &[Tool::WasmOpt];

/// What `test` needs.
pub const TEST: &[Tool] = &[
    Tool::WasmOpt,
    Tool::WasmPack,
    Tool::WasmBindgenTestRunner,
    Tool::Geckodriver,
    Tool::Chromedriver,
    Tool::Chromium,
    Tool::Firefox,
    Tool::Registry,
    Tool::Skopeo,
    Tool::Umoci,
    Tool::Buildah,
    Tool::Nginx,
    Tool::Axe,
];

/// What `differ` needs.
pub const ORACLE: &[Tool] = &[Tool::Go];

/// What the benchmark needs beside what the tests need.
pub const PEERS: &[Tool] = &[Tool::HashWasm, Tool::NobleHashes];

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Tool::WasmOpt => "wasm-opt",
            Tool::WasmPack => "wasm-pack",
            Tool::WasmBindgenTestRunner => "wasm-bindgen-test-runner",
            Tool::Geckodriver => "geckodriver",
            Tool::Chromedriver => "chromedriver",
            Tool::Chromium => "Chromium",
            Tool::Firefox => "Firefox",
            Tool::Registry => "the CNCF's registry",
            Tool::Skopeo => "skopeo",
            Tool::Umoci => "umoci",
            Tool::Buildah => "buildah",
            Tool::Nginx => "nginx",
            Tool::Axe => "axe-core",
            Tool::Go => "Go",
            Tool::HashWasm => "hash-wasm",
            Tool::NobleHashes => "@noble/hashes",
        })
    }
}

/// The program's path; fails where it is not there. Installs nothing.
pub fn find(tool: Tool) -> Result<PathBuf> {
    let found = match cached::Package::of(tool)? {
        Some(package) => package.find()?,
        None => system::find(tool)?,
    };
    found.with_context(|| format!("{tool} was not found on PATH; `cargo xtask test` installs it or says how"))
}

/// Installs what is missing of the wasm target and of `tools`, one line of progress for each; quick when nothing is.
pub fn ensure(tools: &[Tool]) -> Result<()> {
    ensure_wasm_target()?;
    let (mut packages, mut from_system) = (Vec::new(), Vec::new());
    for tool in tools {
        match cached::Package::of(*tool)? {
            Some(package) => packages.push(package),
            None if system::find(*tool)?.is_none() => from_system.push(*tool),
            None => {}
        }
    }
    // First, because it may end in a request to the user, which should not come after minutes of compiling.
    if !from_system.is_empty() {
        system::install(&from_system)?;
    }
    // An installer's word is not enough: each must be there now.
    from_system.into_iter().try_for_each(|tool| find(tool).map(|_| ()))?;
    packages.iter().try_for_each(cached::Package::ensure)
}

/// Whether this process has root's rights: Chromium then needs to be told to go without its sandbox.
pub fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| capture(Command::new("id").arg("-u")).as_deref() == Some("0"))
}

/// The first of `names` that is an executable file on `PATH`; an absolute name is looked up as it is.
fn on_path(names: &[&str]) -> Option<PathBuf> {
    all_on_path(names).next()
}

fn all_on_path(names: &[&str]) -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<PathBuf> = std::env::split_paths(&path).collect();
    // `join` keeps an absolute name as it is.
    let candidates: Vec<PathBuf> = names
        .iter()
        .filter_map(|name| dirs.iter().map(|dir| dir.join(name)).find(|file| is_program(file)))
        .collect();
    candidates.into_iter()
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

/// Installs rustfmt and clippy where the toolchain came without them.
pub fn ensure_lints() -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if capture(cargo().args([subcommand, "--version"])).is_none() {
            rustup(&["component", "add", component])?;
        }
    }
    Ok(())
}

fn ensure_wasm_target() -> Result<()> {
    let libdir = ["--print", "target-libdir", "--target", WASM_TARGET];
    let libdir = capture(Command::new("rustc").current_dir(root()).args(libdir)).unwrap_or_default();
    if libdir.is_empty() || !Path::new(&libdir).is_dir() {
        rustup(&["target", "add", WASM_TARGET])?;
    }
    Ok(())
}

fn rustup(args: &[&str]) -> Result<()> {
    let shown = args.join(" ");
    if on_path(&["rustup"]).is_none() {
        bail!(
            "rustup was not found; install it (https://rustup.rs), or do by hand what `rustup {shown}` would do"
        );
    }
    let scratch = Scratch::new("rustup")?;
    let mut command = Command::new("rustup");
    command.current_dir(root()).args(args);
    timed(format_args!("rustup {shown}"), || run(&mut command, &scratch.path().join("log.txt")))?;
    Ok(())
}
