//! `cargo xtask test`: everything that must hold, from the format to the built site in real browsers.
//!
//! It stops at the first step that fails, with that step's output. Every runner's own count is read from its output and
//! held against the sources: a runner that finds no test, because of a misspelt gate or path, calls that a success.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::build::CRATE;
use crate::dist::{self, walk};
use crate::process::run_any;
use crate::step::Steps;
use crate::tools::{self, Tool, WASM_TARGET};
use crate::webdriver::Browser;
use crate::workspace::{Workspace, cargo, root};

/// The package of the end-to-end tests.
const E2E: &str = "e2e";

/// The one program that runs them.
const STORIES: &str = "stories";

/// How each of them begins: a function of the browser.
const STORY: &str = "(browser: Browser) -> Result<()> {";

/// Runs everything, and tells whether all of it held. The last line is the sum over all runners: `N passed, 0 failed`.
pub fn run() -> Result<bool> {
    let mut suite = Suite { workspace: Workspace::read()?, count: Count::default() };
    let passed = match suite.steps() {
        Ok(()) => true,
        Err(error) => {
            println!("\n{error:#}\n");
            // A step that is no test runner, or one that never got to its tests, counts as one.
            suite.count.failed = suite.count.failed.max(1);
            false
        }
    };
    println!("{} passed, {} failed", suite.count.passed, suite.count.failed);
    Ok(passed)
}

struct Suite {
    workspace: Workspace,
    count: Count,
}

impl Suite {
    fn steps(&mut self) -> Result<()> {
        let e2e = self.workspace.package(E2E).is_some();
        let mut steps = Steps::new(if e2e { 9 } else { 8 });
        steps.run("tools", || {
            tools::ensure_lints()?;
            tools::ensure(tools::TEST)
        })?;

        steps.run("format", || self.cargo("format", &["fmt", "--all", "--", "--check"]))?;
        let deny = ["--", "--deny", "warnings"];
        let host = [&["clippy", "--workspace", "--all-targets"], &deny[..]].concat();
        steps.run("lints on the host", || self.cargo("clippy-host", &host))?;
        let wasm = [
            "clippy",
            "--package",
            CRATE,
            "--all-features",
            "--lib",
            "--test",
            "browser",
            "--target",
            WASM_TARGET,
        ];
        steps.run("lints on wasm", || self.cargo("clippy-wasm", &[&wasm, &deny[..]].concat()))?;

        let native = ["test", "--workspace", "--no-fail-fast", "--exclude", E2E];
        let native = native.get(..if e2e { 5 } else { 3 }).unwrap_or_default();
        steps.run("native tests", || {
            self.cargo("native", native)?;
            // The stories are a step of their own, after the site that they read.
            let own = ["test", "--package", E2E, "--lib", "--bins"];
            if e2e { self.cargo("native-e2e", &own) } else { Ok(()) }
        })?;
        for browser in Browser::ALL {
            steps.run(format_args!("tests in {browser}"), || self.in_browser(browser))?;
        }
        steps.run("site", || dist::write(&self.workspace)?.check_weight())?;
        if e2e {
            steps.run("end-to-end tests", || self.end_to_end())?;
        }
        Ok(())
    }

    fn cargo(&mut self, name: &str, args: &[&str]) -> Result<()> {
        self.counted(name, cargo().args(args)).map(|_| ())
    }

    /// Runs a command and adds what its test runners report to the sum, also where it fails.
    fn counted(&mut self, name: &str, command: &mut Command) -> Result<Count> {
        let log = self.workspace.own_dir("log")?.join(format!("{name}.txt"));
        let (status, output) = run_any(command, &log)?;
        let count = Count::read(&output);
        self.count.passed += count.passed;
        self.count.failed += count.failed;
        if !status.success() || count.failed > 0 {
            bail!("{output}\n`{}` failed ({status})", crate::process::shown(command));
        }
        Ok(count)
    }

    fn in_browser(&mut self, browser: Browser) -> Result<()> {
        let log = self.workspace.own_dir("log")?;
        let capabilities = log.join(format!("webdriver-{browser}.json"));
        std::fs::write(&capabilities, browser.capabilities()?.to_string())
            .with_context(|| format!("cannot write {}", capabilities.display()))?;
        let runner = tools::find(Tool::WasmBindgenTestRunner)?;

        let mut command = Command::new(tools::find(Tool::WasmPack)?);
        // wasm-pack looks for wasm-bindgen and its runner on PATH, and is not to download its own.
        command.args(["test", "--mode", "no-install", "--headless"]).env("PATH", with_dir_of(&runner)?);
        let [browser_flag, driver_flag] = match browser {
            Browser::Chromium => ["--chrome", "--chromedriver"],
            Browser::Firefox => ["--firefox", "--geckodriver"],
        };
        // The runner takes whichever driver's variable it finds first; wasm-pack sets the one that is meant.
        for driver in ["GECKODRIVER", "CHROMEDRIVER", "SAFARIDRIVER", "MSEDGEDRIVER"] {
            command.env_remove(driver).env_remove(format!("{driver}_REMOTE"));
        }
        command.env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities);
        // Seconds; its own 20 are few for a busy machine.
        command.env("WASM_BINDGEN_TEST_TIMEOUT", "120");
        command.arg(browser_flag).arg(driver_flag).arg(tools::find(browser.driver())?);
        command.arg(root()).args(["--test", "browser"]);

        let count = self.counted(&format!("browser-{browser}"), &mut command)?;
        let written =
            in_sources(&root().join("tests/browser"), |text| attributes_in(text, "wasm_bindgen_test"))?;
        if count.passed != written || written == 0 {
            bail!(
                "tests/browser has {written} #[wasm_bindgen_test] functions, and {browser} ran {}: is a module not \
                 listed in main.rs, or is there a cfg around one?",
                count.passed
            );
        }
        Ok(())
    }

    fn end_to_end(&mut self) -> Result<()> {
        let count = self.counted("e2e", cargo().args(["test", "--package", E2E, "--test", STORIES]))?;
        // Each story is written once, as a function of the browser, and runs in every browser.
        let stories = in_sources(&root().join("tests").join(E2E), |text| text.matches(STORY).count())?;
        let written = stories * Browser::ALL.len();
        if count.passed != written || written == 0 {
            bail!(
                "tests/{E2E} has {stories} stories, which makes {written} tests, and {} ran: is one ignored, or not \
                 in the list of those that run in both browsers?",
                count.passed
            );
        }
        Ok(())
    }
}

/// `PATH` with the directory of a program in front.
fn with_dir_of(program: &Path) -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = program.parent().map(PathBuf::from).into_iter().chain(std::env::split_paths(&path));
    std::env::join_paths(dirs).context("PATH cannot be extended")
}

/// How many tests ran, over any number of runners.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    passed: usize,
    failed: usize,
}

impl Count {
    /// Reads the line that libtest and wasm-bindgen's runner share: `test result: ok. 3 passed; 0 failed; …`.
    fn read(output: &str) -> Count {
        let mut count = Count::default();
        for line in output.lines().filter_map(|line| line.trim().strip_prefix("test result: ")) {
            let parts = line.split(['.', ';']).filter_map(|part| part.trim().split_once(' '));
            for (number, word) in parts {
                let number = number.parse().unwrap_or(0);
                match word {
                    "passed" => count.passed += number,
                    "failed" => count.failed += number,
                    _ => {}
                }
            }
        }
        count
    }
}

/// The sum of what `measure` finds in each Rust file under `dir`.
fn in_sources(dir: &Path, measure: impl Fn(&str) -> usize) -> Result<usize> {
    let mut number = 0;
    for file in walk(dir)?.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        number += measure(&text);
    }
    Ok(number)
}

/// How often an attribute of that name, such as `#[name]` or `#[path::name(…)]`, begins a line.
fn attributes_in(text: &str, name: &str) -> usize {
    let path =
        |line: &'_ str| Some(line.trim_start().strip_prefix("#[")?.split([']', '(']).next()?.to_owned());
    text.lines().filter_map(path).filter(|path| path.rsplit("::").next() == Some(name)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_every_runner() {
        let output = "running 2 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out\n\
                      test result: FAILED. 3 passed; 4 failed; 0 ignored; finished in 0.12s\n";
        assert_eq!(Count::read(output), Count { passed: 5, failed: 4 });
        assert_eq!(Count::read("no tests to run!\n"), Count::default());
    }

    #[test]
    fn counts_attributes_and_not_what_looks_like_them() {
        let text = "wasm_bindgen_test_configure!(run_in_browser);\nuse wasm_bindgen_test::wasm_bindgen_test;\n\
                    #[wasm_bindgen_test]\nfn a() {}\n    #[wasm_bindgen_test(unsupported = test)]\nasync fn b() {}\n\
                    // #[wasm_bindgen_test]\n#[wasm_bindgen_tests]\n#[wasm_bindgen_test::wasm_bindgen_test]\n";
        assert_eq!(attributes_in(text, "wasm_bindgen_test"), 3);
        assert_eq!(attributes_in("#[tokio::test(flavor = \"current_thread\")]\n#[cfg(test)]\n", "test"), 1);
    }
}
