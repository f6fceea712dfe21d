//! A pull in the page beside its peers.
//!
//! Peers: `skopeo copy` of the same image to a directory; in the same page, reading the same blobs and throwing them
//! away (the limit for any page), and hashing each as a whole with `crypto.subtle` (which must hold it in memory).

use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use e2e::{Browser, Tab};
use serde_json::Value;
use xtask::layout::{AMD64, Layout};
use xtask::registry::{Format, Options, Registry};
use xtask::scratch::Scratch;
use xtask::site::Site;
use xtask::tar;
use xtask::tools::{self, Tool};

use super::RUNS;

const LAYERS: u64 = 6;
const LAYER_BYTES: usize = 12 << 20;

/// Pulls one image by each, and prints times and ratios.
pub(crate) fn measure(site: &Site) -> Result<()> {
    println!("building an image of {LAYERS} layers, {} MiB each", LAYER_BYTES >> 20);
    let layout = Layout::new("bench")?;
    let layers: Vec<Vec<tar::Entry>> =
        (1..=LAYERS).map(|seed| vec![tar::Entry::file("data", noise(seed, LAYER_BYTES))]).collect();
    layout.add_image("bench", AMD64, &layers)?;
    let registry = Registry::start(&Options::default())?;
    registry.push(&layout, "bench:1", Format::Oci)?;
    let image = format!("{}/bench:1", registry.host());
    let skopeo = skopeo(&image)?;

    println!("pull and verify, milliseconds, medians of {RUNS}; ratios are this page to its peer");
    for browser in Browser::ALL {
        let tab = Tab::open(browser, &format!("{}/?recording=hello-world", site.origin()))?;
        let [page, discard, subtle] = in_page(tab, &image)?;
        println!("{browser}");
        println!("  this page                     {page:7.0}");
        for (peer, time) in [
            ("skopeo copy", skopeo),
            ("read and throw away", discard),
            ("whole blobs, crypto.subtle", subtle),
        ] {
            println!("  {peer:28}  {time:7.0}   ratio {:.2}", page / time);
        }
    }
    Ok(())
}

/// The median times of the page's own pull, of reading and throwing away, and of `crypto.subtle`.
fn in_page(mut tab: Tab, image: &str) -> Result<[f64; 3]> {
    tab.until_ended()?;
    let times = tab.eval(&format!(
        "(async () => {{
           const m = await import(new URL('pkg/registry_inspector.js', location.href)); await m.default();
           const median = async run => {{
             const times = [];
             for (let i = 0; i < {RUNS}; i++) {{
               const begun = performance.now(); await run(); times.push(performance.now() - begun);
             }}
             return times.sort((a, b) => a - b)[{RUNS} >> 1];
           }};
           const report = await m.inspect('{image}');
           const blobs = report.requests.map(r => r.url).filter(url => url.includes('/blobs/'));
           const get = url => fetch(url, {{ cache: 'no-store' }});
           const discard = async () => {{
             for (const url of blobs) {{
               const reader = (await get(url)).body.getReader();
               while (!(await reader.read()).done);
             }}
           }};
           const subtle = async () => {{
             for (const url of blobs) await crypto.subtle.digest('SHA-256', await (await get(url)).arrayBuffer());
           }};
           return [report.verdict, await median(() => m.inspect('{image}')), await median(discard), await median(subtle)];
         }})()"
    ))?;
    ensure!(times.get(0).and_then(Value::as_str) == Some("verified"), "the pull was not verified: {times}");
    let time = |at: usize| times.get(at).and_then(Value::as_f64).context("the page gave no time");
    Ok([time(1)?, time(2)?, time(3)?])
}

#[allow(clippy::disallowed_methods, reason = "measures on the host")]
fn skopeo(image: &str) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..RUNS {
        let scratch = Scratch::new("bench")?;
        let mut command = Command::new(tools::find(Tool::Skopeo)?);
        command.args(["--insecure-policy", "copy", "--quiet", "--src-tls-verify=false"]);
        command.arg(format!("docker://{image}")).arg(format!("dir:{}", scratch.path().display()));
        let begun = Instant::now();
        ensure!(command.status()?.success(), "skopeo copy failed");
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    times.get(RUNS / 2).copied().context("no run")
}

/// Bytes that do not compress, the same for each seed (xorshift).
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(next).flatten().take(length).collect()
}
