//! The crate as a JavaScript module: `pkg/`, which is both what the page loads and the npm package. Beside it stands what
//! its workers load: the same crate again, with the worker's part alone; once with SIMD, and once without for browsers that
//! have none. Each browser loads one of the two.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::process::run;
use crate::step::timed;
use crate::tools::{self, Tool, WASM_TARGET};
use crate::workspace::{Workspace, cargo, locked_version, root};

/// The name of the crate's package.
pub const CRATE: &str = "registry-inspector";

/// The stem of the files in `pkg/`.
const STEM: &str = "registry_inspector";

/// The stem of the workers' module in `pkg/worker/`, and the scripts beside it.
const TAKE: &str = "take";
const SCRIPTS: &[(&str, &str)] = &[
    ("worker.js", include_str!("../../src/browser/worker/worker.js")),
    ("serve.js", include_str!("../../src/browser/worker/serve.js")),
];

/// One of the ways in which the crate is compiled.
struct Variant {
    /// For the folder that it is compiled in: what two of them make has one name, and cargo would make it anew each time.
    name: &'static str,
    /// What cargo is told beside the usual.
    arguments: &'static [&'static str],
    /// What rustc is told.
    flags: &'static [&'static str],
}

const PAGE_MODULE: Variant = Variant { name: "page", arguments: &[], flags: &[] };
const WORKER_ALONE: &[&str] = &["--no-default-features", "--features", "worker"];
const WORKER_MODULE: Variant =
    Variant { name: "worker", arguments: WORKER_ALONE, flags: &["-Ctarget-feature=+simd128"] };
const SCALAR_MODULE: Variant = Variant { name: "scalar", arguments: WORKER_ALONE, flags: &[] };

/// Where in the workers' folder the one without SIMD is.
pub const SCALAR: &str = "scalar";

/// The WebAssembly features that rustc's target turns on: what every browser of the last years has. wasm-opt refuses a module
/// that uses one that it was not told of, as SIMD where there is to be none. What is named alike is alike: put together, it takes gzip 3 kB
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
];

/// What is worth its loss of speed in the page's module alone, which takes in no layers: a function with one caller is put
/// into it only where that is small. Its module is then 7% lighter.
const FOR_WEIGHT: &[&str] = &["--one-caller-inline-max-function-size", "14"];

/// Compiles the crate and makes `pkg/` from it; returns its path. What did not change is not made again.
pub fn pkg(workspace: &Workspace) -> Result<PathBuf> {
    let pkg = root().join("pkg");
    let own = workspace.own_dir("build")?;
    let compiled = |what, variant| timed(what, || compile(workspace, &own, variant));
    let page = compiled("the page's module", &PAGE_MODULE)?;
    let worker = compiled("the workers' module", &WORKER_MODULE)?;
    let scalar = compiled("the workers' module without SIMD", &SCALAR_MODULE)?;
    let manifest = package_json(workspace)?;
    let stamp = stamp(&[&page, &worker, &scalar], &manifest)?;
    let stamp_file = own.join("pkg.stamp");
    let made = ["_bg.wasm", ".js", ".d.ts"].map(|end| pkg.join(format!("{STEM}{end}")));
    if std::fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp)
        && made.iter().all(|file| file.is_file())
    {
        return Ok(pkg);
    }

    // Made beside, then put in place: an interrupted build leaves no half of a package.
    let staging = own.join("pkg");
    timed("their bindings, and wasm-opt", || {
        fresh_dir(&staging)?;
        bindgen(&page, STEM, true, &staging)?;
        optimise(&staging.join(format!("{STEM}_bg.wasm")), FOR_WEIGHT, &own)?;
        write_worker(&worker, &["--enable-simd"], &own, &staging.join("worker"))?;
        write_worker(&scalar, &[], &own, &staging.join("worker").join(SCALAR))
    })?;
    std::fs::write(staging.join("package.json"), manifest)?;
    remove_dir(&pkg)?;
    std::fs::rename(&staging, &pkg).with_context(|| format!("cannot put {} in place", pkg.display()))?;
    std::fs::write(&stamp_file, stamp).with_context(|| format!("cannot write {}", stamp_file.display()))?;
    Ok(pkg)
}

/// What workers load, of one kind.
fn write_worker(wasm: &Path, features: &[&str], own: &Path, into: &Path) -> Result<()> {
    fresh_dir(into)?;
    bindgen(wasm, TAKE, false, into)?;
    optimise(&into.join(format!("{TAKE}_bg.wasm")), features, own)?;
    for (name, text) in SCRIPTS {
        std::fs::write(into.join(name), text)?;
    }
    Ok(())
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

fn compile(workspace: &Workspace, own: &Path, variant: &Variant) -> Result<PathBuf> {
    let target = workspace.target_dir.join(variant.name);
    let mut command = cargo();
    command.args(["build", "--package", CRATE, "--lib", "--release", "--target", WASM_TARGET]);
    command.args(variant.arguments).arg("--target-dir").arg(&target);
    let mut flags = without_machine_paths()?;
    flags.extend(variant.flags.iter().map(|flag| (*flag).to_owned()));
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    run(&mut command, &own.join("cargo.txt"))?;
    let made = target.join(WASM_TARGET).join("release").join(format!("{STEM}.wasm"));
    if !made.is_file() {
        bail!("cargo did not make {}", made.display());
    }
    Ok(made)
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

fn bindgen(wasm: &Path, stem: &str, types: bool, into: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(stem).web(true)?.typescript(types).remove_producers_section(true);
    // `init()` without an argument finds the module beside the script.
    bindgen.omit_default_module_path(false);
    bindgen.generate(into).with_context(|| format!("wasm-bindgen cannot process {}", wasm.display()))
}

fn optimise(wasm: &Path, more: &[&str], own: &Path) -> Result<()> {
    let optimised = own.join("optimised.wasm");
    let mut command = Command::new(tools::find(Tool::WasmOpt)?);
    command.args(WASM_OPT).args(more).arg(wasm).arg("--output").arg(&optimised);
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
        "files": [&wasm, &js, &types, format!("{wasm}.d.ts"), "snippets", "worker"],
        "sideEffects": ["./snippets/*", "./worker/**"],
    });
    Ok(format!("{manifest:#}\n"))
}

/// What the package depends on, in one line: the modules that cargo made, and how it is processed, which this file says.
fn stamp(modules: &[&Path], manifest: &str) -> Result<String> {
    let mut hasher = Sha256::new();
    let mut add = |part: &[u8]| {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    };
    for wasm in modules {
        add(&std::fs::read(wasm).with_context(|| format!("there is no {}", wasm.display()))?);
    }
    SCRIPTS.iter().for_each(|(_, text)| add(text.as_bytes()));
    add(manifest.as_bytes());
    add(include_bytes!("build.rs"));
    Ok(format!("{:x?} wasm-bindgen {}\n", hasher.finalize().as_slice(), locked_version("wasm-bindgen")?))
}
