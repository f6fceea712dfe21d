//! What was measured, as it is printed and written.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use e2e::Browser;
use serde_json::Value;
use xtask::process::capture;
use xtask::tools::{self, Tool};

/// The text so far, and what became of the targets.
pub(crate) struct Book {
    text: String,
    targets: Vec<String>,
}

/// What a target asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Bound {
    /// `met`, or by how much it was missed.
    fn verdict(self, value: f64) -> String {
        let (bound, short) = match self {
            Bound::AtLeast(bound) => (bound, bound - value),
            Bound::AtMost(bound) => (bound, value - bound),
        };
        if short <= 0.0 {
            return "met".to_owned();
        }
        format!("missed by {} ({:.0}%)", figure(short), short / bound * 100.0)
    }
}

impl Book {
    /// Begins with the machine and the versions.
    pub(crate) fn new() -> Result<Book> {
        let mut book = Book { text: String::new(), targets: Vec::new() };
        book.say("# Results\n");
        book.say("Written by `cargo xtask bench`. All of it is from one run on one machine; only the ratios carry over to others.\n");
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let model = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = model.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
        let model = model.trim_start_matches([' ', '\t', ':']);
        book.say(&format!(
            "- machine: {cores} cores{}",
            if model.is_empty() { String::new() } else { format!(", {model}") }
        ));
        let system = capture(Command::new("uname").arg("-srm")).unwrap_or_default();
        book.say(&format!("- {}", system.trim()));
        for tool in [Tool::Chromium, Tool::Firefox, Tool::Registry, Tool::Skopeo, Tool::Umoci] {
            let path = tools::find(tool)?;
            let version = capture(Command::new(path).arg("--version")).unwrap_or_default();
            book.say(&format!("- {}", version.lines().next().unwrap_or_default()));
        }
        for (name, tool) in [("hash-wasm", Tool::HashWasm), ("@noble/hashes", Tool::NobleHashes)] {
            // A part that does not need it can be measured without it.
            let version = tools::find(tool).ok().and_then(|script| version(&script));
            book.say(&format!("- {name} {}", version.unwrap_or_else(|| "is not installed".to_owned())));
        }
        let rustc = capture(Command::new("rustc").arg("--version")).unwrap_or_default();
        book.say(&format!("- {}", rustc.trim()));
        Ok(book)
    }

    /// A line.
    pub(crate) fn say(&mut self, line: &str) {
        println!("{line}");
        self.text += line;
        self.text.push('\n');
    }

    /// A heading, and what stands below it.
    pub(crate) fn part(&mut self, title: &str, words: &str) {
        self.say(&format!("\n## {title}\n\n{words}\n"));
    }

    /// A table of times: each with the ratio of the first, this page's, to it.
    pub(crate) fn times(&mut self, what: &str, browser: Option<Browser>, rows: &[(&str, f64)]) {
        let of = browser.map(|browser| format!("{browser}")).unwrap_or_default();
        self.say(&format!("| {of} | {what} | this page to it |\n|---|---:|---:|"));
        let own = rows.first().map_or(0.0, |(_, time)| *time);
        for (name, time) in rows {
            self.say(&format!("| {name} | {time:.0} | {:.2} |", own / time));
        }
        self.say("");
    }

    /// A target: what is to hold, and the value that is held against it.
    pub(crate) fn target(&mut self, what: &str, value: f64, bound: Bound) {
        let (word, limit) = match bound {
            Bound::AtLeast(limit) => ("at least", limit),
            Bound::AtMost(limit) => ("at most", limit),
        };
        let line =
            format!("- {what}, {word} {}: {}, **{}**", figure(limit), figure(value), bound.verdict(value));
        self.say(&line);
        self.targets.push(line);
    }

    /// All targets once more, in one place.
    pub(crate) fn sum_up(&mut self) {
        let targets = std::mem::take(&mut self.targets);
        let missed = targets.iter().filter(|line| line.contains("**missed")).count();
        self.part("Targets", &format!("{} met, {missed} missed.", targets.len() - missed));
        targets.iter().for_each(|line| self.say(line));
    }

    /// Writes it all.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let file = folder.join("RESULTS.md");
        let text = self.text.trim_end().to_owned() + "\n";
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        println!("written to {}", file.display());
        Ok(())
    }
}

/// The middle of some values.
pub(crate) fn median(mut values: Vec<f64>) -> Result<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().context("nothing was measured")
}

/// A number as it is read: ratios to the hundredth, more than that without.
fn figure(value: f64) -> String {
    if value.abs() < 10.0 { format!("{value:.2}") } else { format!("{value:.0}") }
}

/// The version of the npm package that a script is of.
fn version(script: &Path) -> Option<String> {
    script.ancestors().skip(1).find_map(|folder| {
        let manifest = std::fs::read(folder.join("package.json")).ok()?;
        let manifest: Value = serde_json::from_slice(&manifest).ok()?;
        Some(manifest.get("version")?.as_str()?.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_or_says_by_how_much_it_is_missed() {
        for (value, bound, verdict) in [
            (0.6, Bound::AtMost(0.6), "met"),
            (0.75, Bound::AtMost(0.6), "missed by 0.15 (25%)"),
            (1.3, Bound::AtLeast(1.25), "met"),
            (1.0, Bound::AtLeast(1.25), "missed by 0.25 (20%)"),
            (75.0, Bound::AtMost(50.0), "missed by 25 (50%)"),
        ] {
            assert_eq!(bound.verdict(value), verdict, "{value} {bound:?}");
        }
    }
}
