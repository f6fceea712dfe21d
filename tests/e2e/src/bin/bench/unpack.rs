//! Unpacking in the page beside its peers, which have the image on disk already: they need no network.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use e2e::Browser;
use serde_json::Value;
use xtask::layout::digest_of;
use xtask::scratch::Scratch;
use xtask::tools::{self, Tool};

use super::book::{Book, Bound, median};
use super::image::Bench;
use super::{PATIENCE, RUNS, free};

/// Prints the times of each browser, and of the peers.
pub(crate) fn measure(book: &mut Book, dist: &Path, image: &Bench) -> Result<()> {
    book.part(
        "Unpack",
        "The same image, with its diff IDs and the list of its files; milliseconds, medians of five. The page pulls it from the registry as \
         well. `umoci unpack` reads it from disk and writes its files there; the baseline reads it from disk, and for each \
         layer runs `gunzip` into `sha256sum` and `tar -t`.",
    );
    let (umoci, baseline) = (timed(|| umoci(image))?, timed(|| baseline(image))?);
    for browser in Browser::ALL {
        let times = free::come(
            browser,
            dist,
            PATIENCE,
            &format!(
                "const times = []; let verdict;
                 for (let i = 0; i < {RUNS}; i++) {{
                   const begun = performance.now();
                   verdict = (await m.inspect('{}', {{ layers: 'unpack' }})).verdict;
                   times.push(performance.now() - begun);
                 }}
                 return [verdict, times.sort((a, b) => a - b)[{RUNS} >> 1]];",
                image.image()
            ),
        )?;
        ensure!(times.get(0).and_then(Value::as_str) == Some("verified"), "not verified: {times}");
        let own = times.get(1).and_then(Value::as_f64).context("no time")?;
        let rows = [
            ("this page, pull and unpack", own),
            ("umoci unpack", umoci),
            ("gunzip, sha256sum, tar -t", baseline),
        ];
        book.times("ms", Some(browser), &rows);
        let what = format!("pull and unpack in {browser}, times of umoci unpack");
        book.target(&what, own / umoci, Bound::AtMost(1.0));
    }
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "measures on the host")]
fn timed(run: impl Fn() -> Result<()>) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        run()?;
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    median(times)
}

fn umoci(image: &Bench) -> Result<()> {
    let scratch = Scratch::new("bundle")?;
    let mut command = Command::new(tools::find(Tool::Umoci)?);
    command.args(["unpack", "--rootless", "--image"]);
    command.arg(format!("{}:{}", image.layout.dir().display(), image.layout.tag()));
    command.arg(scratch.path().join("bundle")).stdout(Stdio::null()).stderr(Stdio::null());
    ensure!(command.status()?.success(), "umoci unpack failed");
    Ok(())
}

fn baseline(image: &Bench) -> Result<()> {
    let manifest = image.layout.document(&image.layout.digest()?)?;
    for layer in manifest.get("layers").and_then(Value::as_array).context("a manifest")? {
        let blob = image.layout.blob_path(&digest_of(layer)?);
        let script = "set -o pipefail; gunzip -c \"$1\" | tee >(sha256sum > /dev/null) | tar -t > /dev/null";
        let mut command = Command::new("bash");
        command.args(["-c", script, "bash"]).arg(blob);
        ensure!(command.status()?.success(), "the baseline failed");
    }
    Ok(())
}
