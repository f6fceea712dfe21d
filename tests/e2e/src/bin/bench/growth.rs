//! How time and memory grow: with the number of layers, and with the length of one.

use anyhow::{Context as _, Result, ensure};
use e2e::{Browser, Layer, Sends, Streamed, Tab, image_of, noise};
use serde_json::Value;
use std::time::Duration;
use xtask::layout::Layout;
use xtask::registry::{Format, Options, Registry};
use xtask::site::Site;

use super::RUNS;
use super::book::{Book, Bound, median};

const LAYER_BYTES: usize = 100_000;

/// Prints the times of each browser.
pub(crate) fn measure(book: &mut Book, site: &Site) -> Result<()> {
    book.part(
        "Growth",
        "Pull and verify. Each layer of the first three has 100 kB, and comes from the registry; the single layers of the \
         others are streamed by a server of the benchmark's own. Medians of so many runs as stand in the table: a few \
         gibibytes take long. Memory is the most that any worker had in any of them.",
    );
    let registry = Registry::start(&Options::default())?;
    for layers in [10, 100, 1000] {
        registry.push(&many(layers)?, &format!("many:{layers}"), Format::Oci)?;
    }
    for browser in Browser::ALL {
        let mut tab =
            Tab::alone(browser, &format!("{}/?recording=hello-world", site.origin()))?.unwatched()?;
        tab.until_ended()?;
        book.say(&format!(
            "| {browser} | runs | ms | ms for each | worker's memory |\n|---|---:|---:|---:|---:|"
        ));
        let (mut per_layer, mut per_mebibyte, mut most) = (Vec::new(), Vec::new(), 0.0_f64);
        for layers in [10_u32, 100, 1000] {
            let image = format!("{}/many:{layers}", registry.host());
            let times = (0..RUNS).map(|_| pull(&mut tab, &image)).collect::<Result<Vec<_>>>()?;
            let (time, memory) = middle(times)?;
            let each = time / f64::from(layers);
            book.say(&format!(
                "| {layers} layers | {RUNS} | {time:.0} | {each:.1} a layer | {memory:.1} MB |"
            ));
            per_layer.push(each);
            most = most.max(memory);
        }
        for (length, name, runs) in [
            (1 << 20, "1 MiB", RUNS),
            (32 << 20, "32 MiB", RUNS),
            (256 << 20, "256 MiB", RUNS),
            (1 << 30, "1 GiB", 3),
            (4 << 30, "4 GiB", 1),
        ] {
            let server = Streamed::start(length, Sends::All)?;
            let image = format!("{}/app:1", server.host());
            let times = (0..runs).map(|_| pull(&mut tab, &image)).collect::<Result<Vec<_>>>()?;
            let (time, memory) = middle(times)?;
            let each = time / (length as f64 / f64::from(1 << 20));
            book.say(&format!(
                "| one layer of {name} | {runs} | {time:.0} | {each:.2} a MiB | {memory:.1} MB |"
            ));
            per_mebibyte.push(each);
            most = most.max(memory);
        }
        book.say("");
        // Linear: each costs no more among many than among fewer. The shortest is all beginning.
        if let [_, hundred, thousand] = per_layer.as_slice() {
            let what = format!("a layer among 1,000 in {browser}, times of one among 100");
            book.target(&what, thousand / hundred, Bound::AtMost(1.25));
        }
        if let [_, _, middle, _, longest] = per_mebibyte.as_slice() {
            let what = format!("a MiB of 4 GiB in {browser}, times of one of 256 MiB");
            book.target(&what, longest / middle, Bound::AtMost(1.25));
        }
        book.target(&format!("the worker's memory in {browser}, MB"), most, Bound::AtMost(33.5));
    }
    Ok(())
}

/// An image of so many small layers.
fn many(layers: usize) -> Result<Layout> {
    let layer = |at: usize| Layer::of(noise(at as u64, LAYER_BYTES));
    image_of(&(0..layers).map(layer).collect::<Vec<_>>())
}

/// One pull: its milliseconds, and the largest memory of a worker in megabytes.
fn pull(tab: &mut Tab, image: &str) -> Result<(f64, f64)> {
    tab.eval(&format!(
        "void (async () => {{
           globalThis.came = undefined;
           const m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default();
           const begun = performance.now();
           const report = await m.inspect('{image}');
           const time = performance.now() - begun;
           globalThis.came = [report.verdict, time, Math.max(...report.requests.map(r => r.workerMemory ?? 0)) / 1e6];
         }})()"
    ))?;
    tab.until_within(Duration::from_secs(300), "globalThis.came !== undefined")?;
    let came = tab.eval("came")?;
    ensure!(came.get(0).and_then(Value::as_str) == Some("verified"), "not verified: {came}");
    let number = |at: usize| came.get(at).and_then(Value::as_f64).context("no number");
    Ok((number(1)?, number(2)?))
}

fn middle(runs: Vec<(f64, f64)>) -> Result<(f64, f64)> {
    let (times, memory): (Vec<f64>, Vec<f64>) = runs.into_iter().unzip();
    Ok((median(times)?, memory.into_iter().fold(0.0, f64::max)))
}
