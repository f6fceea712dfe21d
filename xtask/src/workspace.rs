//! Where things are in this repository, and what its manifests say.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// The repository's root.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// A `cargo` command that runs in the repository's root: the same cargo that runs xtask.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Cargo's own view of this workspace.
#[derive(Debug)]
pub struct Workspace {
    metadata: Value,
    /// Where cargo builds; xtask keeps its own files in `xtask/` under it.
    pub target_dir: PathBuf,
}

impl Workspace {
    /// Asks cargo.
    pub fn read() -> Result<Workspace> {
        let output = cargo()
            .args(["metadata", "--format-version", "1", "--no-deps"])
            .stderr(Stdio::inherit())
            .output()
            .context("cannot run cargo; install it with rustup (https://rustup.rs)")?;
        if !output.status.success() {
            bail!("cargo cannot read the workspace at {}; its message is above", root().display());
        }
        let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata is not JSON")?;
        let target_dir = metadata.get("target_directory").and_then(Value::as_str);
        let target_dir = target_dir.context("cargo metadata names no target directory")?.into();
        Ok(Workspace { metadata, target_dir })
    }

    /// A directory of xtask's own under the target directory, created if it is missing.
    pub fn own_dir(&self, name: &str) -> Result<PathBuf> {
        let dir = self.target_dir.join("xtask").join(name);
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        Ok(dir)
    }

    /// What the manifest of a member says, as in cargo metadata; `None` where there is no such member.
    pub fn package(&self, name: &str) -> Option<&Value> {
        let packages = self.metadata.get("packages")?.as_array()?;
        packages.iter().find(|package| package.get("name").and_then(Value::as_str) == Some(name))
    }
}

/// The version of a dependency in Cargo.lock.
pub fn locked_version(dependency: &str) -> Result<String> {
    let path = root().join("Cargo.lock");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    locked_version_in(&text, dependency)
        .with_context(|| format!("{} has no package {dependency}", path.display()))
}

fn locked_version_in(lock: &str, dependency: &str) -> Option<String> {
    let name = format!("name = \"{dependency}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_version_is_the_one_of_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked_version_in(lock, "wasm"), None);
    }

    #[test]
    fn the_workspace_knows_its_members() {
        let workspace = Workspace::read().unwrap();
        assert!(workspace.package("registry-inspector").is_some());
        assert!(workspace.package("no-such-package").is_none());
    }

    #[test]
    fn the_build_library_is_in_step_with_the_crate() {
        let [library, crate_] =
            ["wasm-bindgen-cli-support", "wasm-bindgen"].map(|name| locked_version(name).unwrap());
        assert_eq!(
            library, crate_,
            "raise wasm-bindgen-cli-support in xtask/Cargo.toml together with wasm-bindgen"
        );
    }
}
