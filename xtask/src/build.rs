//! The crate as a JavaScript module: `pkg/`, which is both what the page loads and the npm package.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::process::run;
use crate::tools::{self, Tool, WASM_TARGET};
use crate::workspace::{Workspace, cargo, locked_version, root};

/// The name of the crate's package.
pub const CRATE: &str = "registry-inspector";

/// The stem of the files in `pkg/`.
const STEM: &str = "registry_inspector";

/// The WebAssembly features that rustc's target turns on, and SIMD: what every browser of the last years has. wasm-opt
/// refuses a module that uses one that it was not told of. What is named alike is alike: put together, it takes gzip 3 kB
/// less. And nothing of Rust's is in the first kilobyte of memory, which is the far end of the stack.
const WASM_OPT: &[&str] = &[
    "-Os",
    "--low-memory-unused",
    "--reorder-functions-by-name",
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-simd",
];

/// Compiles the crate and makes `pkg/` from it; returns its path. What did not change is not made again.
pub fn pkg(workspace: &Workspace) -> Result<PathBuf> {
    let pkg = root().join("pkg");
    let own = workspace.own_dir("build")?;
    let wasm = compile(workspace, &own)?;
    let manifest = package_json(workspace)?;

    let stamp = stamp(&wasm, &manifest)?;
    let stamp_file = own.join("pkg.stamp");
    let made = ["_bg.wasm", ".js", ".d.ts"].map(|end| pkg.join(format!("{STEM}{end}")));
    if std::fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp)
        && made.iter().all(|file| file.is_file())
    {
        return Ok(pkg);
    }

    // Made beside, then put in place: an interrupted build leaves no half of a package.
    let staging = own.join("pkg");
    fresh_dir(&staging)?;
    bindgen(&wasm, &staging)?;
    optimise(&staging.join(format!("{STEM}_bg.wasm")), &own)?;
    std::fs::write(staging.join("package.json"), manifest)?;
    remove_dir(&pkg)?;
    std::fs::rename(&staging, &pkg).with_context(|| format!("cannot put {} in place", pkg.display()))?;
    std::fs::write(&stamp_file, stamp).with_context(|| format!("cannot write {}", stamp_file.display()))?;
    Ok(pkg)
}

/// An empty directory in the place of whatever was there.
pub(crate) fn fresh_dir(dir: &Path) -> Result<()> {
    remove_dir(dir)?;
    std::fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))
}

fn remove_dir(dir: &Path) -> Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}

fn compile(workspace: &Workspace, own: &Path) -> Result<PathBuf> {
    let mut command = cargo();
    command.args(["build", "--package", CRATE, "--lib", "--release", "--target", WASM_TARGET]);
    command.env("CARGO_ENCODED_RUSTFLAGS", without_machine_paths()?.join("\x1f"));
    run(&mut command, &own.join("cargo.txt"))?;
    Ok(workspace.target_dir.join(WASM_TARGET).join("release").join(format!("{STEM}.wasm")))
}

/// Flags that take the paths of this machine out of the module: it is then the same on each, and smaller. Where the
/// sources of the dependencies are, each panic would otherwise say in full.
fn without_machine_paths() -> Result<Vec<String>> {
    let given = std::env::var("RUSTFLAGS").unwrap_or_default();
    let mut flags: Vec<String> = given.split_whitespace().map(str::to_owned).collect();
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let sources = home.context("there is no home directory")?.join("registry/src");
    // xtask has dependencies of its own, so the directory is there.
    let entries =
        std::fs::read_dir(&sources).with_context(|| format!("cannot read {}", sources.display()))?;
    for entry in entries {
        let from = entry?.path();
        flags.push(format!("--remap-path-prefix={}=", from.display()));
    }
    Ok(flags)
}

fn bindgen(wasm: &Path, into: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(STEM).web(true)?.typescript(true).remove_producers_section(true);
    // `init()` without an argument finds the module beside the script.
    bindgen.omit_default_module_path(false);
    bindgen.generate(into).with_context(|| format!("wasm-bindgen cannot process {}", wasm.display()))
}

fn optimise(wasm: &Path, own: &Path) -> Result<()> {
    let optimised = own.join("optimised.wasm");
    let mut command = Command::new(tools::find(Tool::WasmOpt)?);
    command.args(WASM_OPT).arg(wasm).arg("--output").arg(&optimised);
    run(&mut command, &own.join("wasm-opt.txt"))?;
    std::fs::rename(&optimised, wasm).with_context(|| format!("cannot replace {}", wasm.display()))
}

/// The npm package's manifest; what it shares with Cargo.toml is taken from there.
fn package_json(workspace: &Workspace) -> Result<String> {
    let package =
        workspace.package(CRATE).with_context(|| format!("the workspace has no package {CRATE}"))?;
    let field = |name: &str| package.get(name).cloned().unwrap_or(Value::Null);
    let (js, types, wasm) = (format!("{STEM}.js"), format!("{STEM}.d.ts"), format!("{STEM}_bg.wasm"));
    let manifest = json!({
        "name": CRATE,
        "version": field("version"),
        "description": field("description"),
        "license": field("license"),
        "type": "module",
        "main": &js,
        "types": &types,
        // No condition for the types: TypeScript finds the .d.ts beside the .js.
        "exports": { ".": format!("./{js}"), (format!("./{wasm}")): format!("./{wasm}") },
        "files": [&wasm, &js, &types, format!("{wasm}.d.ts"), "snippets"],
        "sideEffects": ["./snippets/*"],
    });
    Ok(format!("{manifest:#}\n"))
}

/// What the package depends on, in one line: the module that cargo made, and how it is processed, which this file says.
fn stamp(wasm: &Path, manifest: &str) -> Result<String> {
    let bytes = std::fs::read(wasm).with_context(|| format!("cargo did not make {}", wasm.display()))?;
    let mut hasher = Sha256::new();
    for part in [&bytes, manifest.as_bytes(), include_bytes!("build.rs").as_slice()] {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    Ok(format!("{:x?} wasm-bindgen {}\n", hasher.finalize().as_slice(), locked_version("wasm-bindgen")?))
}
